//! sway: windows by process, over the protocol of i3.
//!
//! sway-ipc(7), 1.7: messages have a header of `i3-ipc`, the length and the type of what follows, both
//! 32 bits in the machine's order. On X11, i3 itself is an ordinary window manager for [`super::x11`].

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use serde_json::Value;

use super::socket::{self, LONGEST, lost, strange};
use super::window::{self, Window, Windows};
use super::{Area, Desk, Entered, Missed, Seat, Terminal, View};

const MAGIC: &[u8; 6] = b"i3-ipc";
/// Type of a message that runs commands.
const RUN_COMMAND: u32 = 0;
/// Type of a message that asks for events.
const SUBSCRIBE: u32 = 2;
/// Type of a message that asks for all containers.
const GET_TREE: u32 = 4;

/// The compositor sway.
pub struct Sway;

impl Terminal for Sway {
    fn name(&self) -> &'static str {
        "sway"
    }

    fn holds(&self, _seat: &Seat, desk: &Desk) -> bool {
        desk.var("SWAYSOCK").is_some()
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        window::enter(&mut Ipc::connect(desk)?, seat)
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        Ipc::connect(desk).map_or(View::Unknown, |mut ipc| window::view(&mut ipc, seat))
    }

    fn active(&self, desk: &Desk) -> Option<Seat> {
        window::active(&mut Ipc::connect(desk).ok()?)
    }

    fn follow(&self, desk: &Desk, changed: &mut dyn FnMut() -> bool) {
        // Without sway there is nobody who could look at anything.
        let _ = Ipc::connect(desk).map(|ipc| ipc.follow(changed));
    }

    fn covers(&self, desk: &Desk) -> Vec<Area> {
        let mut found = Vec::new();
        if let Ok(tree) = Ipc::connect(desk).and_then(|mut ipc| ipc.ask(GET_TREE, "")) {
            collect_covers(&tree, &mut found);
        }
        found
    }
}

struct Ipc(UnixStream);

impl Ipc {
    fn connect(desk: &Desk) -> Result<Self, Missed> {
        socket::connect("sway", desk.var("SWAYSOCK").unwrap_or_default()).map(Self)
    }

    fn ask(&mut self, kind: u32, what: &str) -> Result<Value, Missed> {
        let answer = self.exchange(kind, what.as_bytes()).map_err(|error| lost("sway", &error))?;
        serde_json::from_slice(&answer).map_err(|_| strange("sway"))
    }

    /// Waits for other windows to get the focus, until sway is gone or nobody wants to know.
    fn follow(mut self, changed: &mut dyn FnMut() -> bool) -> std::io::Result<()> {
        self.exchange(SUBSCRIBE, br#"["window"]"#)?;
        self.0.set_read_timeout(None)?;
        loop {
            let event: Value = serde_json::from_slice(&self.read()?)?;
            if event["change"] == "focus" && !changed() {
                return Ok(());
            }
        }
    }

    fn exchange(&mut self, kind: u32, what: &[u8]) -> std::io::Result<Vec<u8>> {
        let length = u32::try_from(what.len()).map_err(std::io::Error::other)?;
        self.0.write_all(&[&MAGIC[..], &length.to_ne_bytes(), &kind.to_ne_bytes(), what].concat())?;
        self.read()
    }

    /// The next answer or event.
    fn read(&mut self) -> std::io::Result<Vec<u8>> {
        let (mut magic, mut length, mut kind) = ([0; 6], [0; 4], [0; 4]);
        self.0.read_exact(&mut magic)?;
        self.0.read_exact(&mut length)?;
        self.0.read_exact(&mut kind)?;
        let length = u64::from(u32::from_ne_bytes(length));
        if magic != *MAGIC || length > LONGEST {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let mut answer = Vec::new();
        Read::by_ref(&mut self.0).take(length).read_to_end(&mut answer)?;
        Ok(answer)
    }
}

impl Windows for Ipc {
    fn list(&mut self) -> Result<Vec<Window>, Missed> {
        let mut found = Vec::new();
        collect(&self.ask(GET_TREE, "")?, &mut found);
        Ok(found)
    }

    fn focus(&mut self, window: &Window) -> Result<(), Missed> {
        let told = self.ask(RUN_COMMAND, &format!("[con_id={}] focus", window.id))?;
        let done = told.as_array().is_some_and(|all| all.iter().all(|one| one["success"] == true));
        if done { Ok(()) } else { Err(Missed::new(format!("sway does not focus container {}: {told}", window.id))) }
    }
}

/// All windows below a container: those that a process made.
fn collect(container: &Value, found: &mut Vec<Window>) {
    let pid = container["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
    if let (Some(pid), Some(id)) = (pid, container["id"].as_u64()) {
        found.push(Window {
            id: id.to_string(),
            pid,
            xid: container["window"].as_u64().and_then(|id| u32::try_from(id).ok()),
            title: container["name"].as_str().unwrap_or_default().to_owned(),
            focused: container["focused"] == true,
        });
    }
    children(container).for_each(|child| collect(child, found));
}

/// All containers that fill their output and are in view. A workspace always says that it does.
fn collect_covers(container: &Value, found: &mut Vec<Area>) {
    let holds_windows = matches!(container["type"].as_str(), Some("con" | "floating_con"));
    if holds_windows && container["fullscreen_mode"] != 0 && in_view(container) {
        let side = |name: &str| container["rect"][name].as_i64().and_then(|side| i32::try_from(side).ok());
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| side(name).unwrap_or(0));
        return found.push(Area { x, y, width, height });
    }
    children(container).for_each(|child| collect_covers(child, found));
}

/// Whether any window in it is seen: its workspace is shown, and it is no hidden tab.
fn in_view(container: &Value) -> bool {
    container["visible"] == true || children(container).any(in_view)
}

fn children(container: &Value) -> impl Iterator<Item = &Value> {
    ["nodes", "floating_nodes"].into_iter().flat_map(|kind| container[kind].as_array().into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_in_view_covers_an_output() {
        let window = |full: u8, visible: bool, x: i32| {
            json!({ "type": "con", "pid": 1, "id": 2, "fullscreen_mode": full, "visible": visible, "nodes": [],
                "rect": { "x": x, "y": 0, "width": 800, "height": 600 } })
        };
        let workspace = |inside| json!({ "type": "workspace", "fullscreen_mode": 1, "nodes": inside });
        let tree = json!({ "type": "root", "nodes": [
            { "type": "output", "nodes": [workspace([window(1, false, 0), window(0, false, 0)])] },
            { "type": "output", "nodes": [workspace([window(1, true, 800), window(0, true, 800)])] },
        ] });
        let mut found = Vec::new();
        collect_covers(&tree, &mut found);
        assert_eq!(found, [Area { x: 800, y: 0, width: 800, height: 600 }]);
    }
}
