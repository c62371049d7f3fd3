//! KDE Plasma on Wayland: windows by process, through scripts that KWin runs.
//!
//! <https://develop.kde.org/docs/plasma/kwin/api/>: nobody but a script may ask for a window or raise
//! one. It is handed to KWin as a file, and its answer comes back as a call over the session bus. On
//! X11, KWin is an ordinary window manager for [`super::x11`].

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use serde_json::Value;
use zbus::MessageStream;
use zbus::message::Type;

use super::bus::{Bus, Object};
use super::socket::strange;
use super::window::{self, Window, Windows};
use super::{Desk, Entered, Missed, Seat, Terminal, View};

/// Runs in KWin 5.27 as well as 6, which call things differently. `WANTED` is what it raises, if
/// anything; `CALLER` is whom it answers.
const SCRIPT: &str = r#"(function () {
    var new_names = workspace.windowList !== undefined;
    var all = new_names ? workspace.windowList() : workspace.clientList();
    for (var i = 0; i < all.length; i++) {
        if (String(all[i].internalId) === "WANTED") {
            all[i].minimized = false;
            if (new_names) workspace.activeWindow = all[i]; else workspace.activeClient = all[i];
        }
    }
    var active = new_names ? workspace.activeWindow : workspace.activeClient;
    var told = [];
    for (var i = 0; i < all.length; i++) {
        var w = all[i];
        if (w.normalWindow) told.push({
            id: String(w.internalId), pid: w.pid, xid: w.windowId || 0, title: w.caption,
            focused: active ? String(active.internalId) === String(w.internalId) : false
        });
    }
    callDBus("CALLER", "/", "ccmon.Windows", "Told", JSON.stringify(told));
})();
"#;
/// Where scripts are handed in.
const SCRIPTING: Object<'_> =
    Object { service: "org.kde.KWin", path: "/Scripting", interface: "org.kde.kwin.Scripting" };

/// The desktop of KDE, on Wayland.
pub struct Kde;

impl Terminal for Kde {
    fn name(&self) -> &'static str {
        "KDE"
    }

    fn holds(&self, _seat: &Seat, desk: &Desk) -> bool {
        let kde = desk.var("XDG_CURRENT_DESKTOP").is_some_and(|names| names.split(':').any(|name| name == "KDE"));
        kde && desk.var("WAYLAND_DISPLAY").is_some()
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        window::enter(&mut KWin::connect(desk)?, seat)
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        KWin::connect(desk).map_or(View::Unknown, |mut kwin| window::view(&mut kwin, seat))
    }
}

/// A connection to KWin, and where files for it are put.
struct KWin {
    bus: Bus,
    directory: PathBuf,
}

/// A file that KWin reads; it goes when this does.
struct Script(PathBuf);

impl Drop for Script {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl KWin {
    fn connect(desk: &Desk) -> Result<Self, Missed> {
        let Some(directory) = desk.var("XDG_RUNTIME_DIR") else {
            return Err(Missed::new("XDG_RUNTIME_DIR is not known, where KWin is handed its scripts")
                .help("start `ccmon-tray` in the desktop session"));
        };
        Ok(Self { bus: Bus::connect(desk)?, directory: Path::new(directory).to_owned() })
    }

    /// Runs the script, which raises `wanted`, and gives the windows it tells of.
    fn run(&self, wanted: &str) -> Result<Vec<Window>, Missed> {
        let name = format!("ccmon-{}", random()?);
        let caller = self.bus.connection().unique_name().map(ToString::to_string).unwrap_or_default();
        let script = Script(self.directory.join(format!("{name}.js")));
        let text = SCRIPT.replace("WANTED", wanted).replace("CALLER", &caller);
        write(&script.0, &text).map_err(|error| Missed::new(format!("no script for KWin can be written: {error}")))?;
        let path = script.0.to_string_lossy();
        // Listening begins before the script runs: its call may come before the reply to `start`.
        let mut calls = MessageStream::from(self.bus.connection());
        let _: i32 = self.bus.call(SCRIPTING, "loadScript", &(&*path, &name))?;
        let told = self.bus.call(SCRIPTING, "start", &()).and_then(|()| self.told(&mut calls));
        let unloaded: Result<bool, _> = self.bus.call(SCRIPTING, "unloadScript", &name);
        drop(unloaded);
        told
    }

    /// What the script calls back, which only KWin's own process may do.
    fn told(&self, calls: &mut MessageStream) -> Result<Vec<Window>, Missed> {
        let kwin: String = self.owner()?;
        let told = self.bus.wait(async {
            while let Some(message) = calls.next().await {
                let message = message?;
                let header = message.header();
                let ours = header.member().is_some_and(|member| member == "Told");
                let by_kwin = header.sender().is_some_and(|sender| *sender == *kwin);
                if header.message_type() == Type::MethodCall && ours && by_kwin {
                    return message.body().deserialize::<String>();
                }
            }
            Err(zbus::Error::Failure("KWin's script did not answer".into()))
        })?;
        let all: Value = serde_json::from_str(&told).map_err(|_| strange("KWin"))?;
        Ok(all.as_array().ok_or_else(|| strange("KWin"))?.iter().filter_map(read).collect())
    }

    fn owner(&self) -> Result<String, Missed> {
        let bus = "org.freedesktop.DBus";
        let object = Object { service: bus, path: "/org/freedesktop/DBus", interface: bus };
        self.bus.call(object, "GetNameOwner", &SCRIPTING.service)
    }
}

impl Windows for KWin {
    fn list(&mut self) -> Result<Vec<Window>, Missed> {
        self.run("")
    }

    fn focus(&mut self, window: &Window) -> Result<(), Missed> {
        self.run(&window.id).map(drop)
    }
}

fn read(told: &Value) -> Option<Window> {
    let id = told["id"].as_str()?;
    // It becomes part of a script: a UUID is letters, digits and dashes in braces.
    let plain = id.chars().all(|mark| mark.is_ascii_alphanumeric() || "{}-".contains(mark));
    plain.then_some(())?;
    Some(Window {
        id: id.to_owned(),
        pid: u32::try_from(told["pid"].as_i64()?).ok()?,
        xid: told["xid"].as_u64().and_then(|id| u32::try_from(id).ok()).filter(|id| *id != 0),
        title: told["title"].as_str().unwrap_or_default().to_owned(),
        focused: told["focused"] == true,
    })
}

/// A new file that nobody else can read or have put there.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

fn random() -> Result<String, Missed> {
    let number = getrandom::u64().map_err(|error| Missed::new(format!("no randomness for a file's name: {error}")))?;
    Ok(format!("{number:016x}"))
}
