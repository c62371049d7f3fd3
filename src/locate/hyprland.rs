//! Hyprland: windows by process, over its command socket.
//!
//! <https://wiki.hypr.land/IPC/>: one request for each connection, `j/` before it asks for JSON, and
//! what dispatches a command answers `ok`, or why not.

use serde_json::Value;

use super::socket::{self, strange};
use super::window::{self, Window, Windows};
use super::{Desk, Entered, Missed, Seat, Terminal, View};

/// The compositor Hyprland.
pub struct Hyprland;

impl Terminal for Hyprland {
    fn name(&self) -> &'static str {
        "Hyprland"
    }

    fn holds(&self, _seat: &Seat, desk: &Desk) -> bool {
        desk.var("HYPRLAND_INSTANCE_SIGNATURE").is_some()
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        window::enter(&mut Instance::of(desk)?, seat)
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        Instance::of(desk).map_or(View::Unknown, |mut instance| window::view(&mut instance, seat))
    }

    fn active(&self, desk: &Desk) -> Option<Seat> {
        window::active(&mut Instance::of(desk).ok()?)
    }
}

/// A running Hyprland: where it listens.
struct Instance(String);

impl Instance {
    fn of(desk: &Desk) -> Result<Self, Missed> {
        let signature = desk.var("HYPRLAND_INSTANCE_SIGNATURE").unwrap_or_default();
        // It is part of a path.
        if signature.contains('/') || signature.starts_with('.') {
            return Err(Missed::new("HYPRLAND_INSTANCE_SIGNATURE names no instance of Hyprland"));
        }
        let runtime = desk.var("XDG_RUNTIME_DIR").unwrap_or("/run/user");
        let usual = format!("{runtime}/hypr/{signature}/.socket.sock");
        // Before 0.40.
        let old = format!("/tmp/hypr/{signature}/.socket.sock");
        let there = |path: &String| std::path::Path::new(path).exists();
        Ok(Self(Some(old).filter(|old| !there(&usual) && there(old)).unwrap_or(usual)))
    }

    fn ask(&self, question: &str) -> Result<String, Missed> {
        socket::ask("Hyprland", &self.0, question.as_bytes())
    }

    fn json(&self, question: &str) -> Result<Value, Missed> {
        serde_json::from_str(&self.ask(question)?).map_err(|_| strange("Hyprland"))
    }
}

impl Windows for Instance {
    fn list(&mut self) -> Result<Vec<Window>, Missed> {
        let all = self.json("j/clients")?;
        // With no active window, an empty object.
        let active = address(&self.json("j/activewindow")?);
        let windows = all.as_array().ok_or_else(|| strange("Hyprland"))?.iter();
        Ok(windows.filter_map(|told| read(told, active)).collect())
    }

    fn focus(&mut self, window: &Window) -> Result<(), Missed> {
        let told = self.ask(&format!("dispatch focuswindow address:{}", window.id))?;
        if told.trim() == "ok" {
            return Ok(());
        }
        Err(Missed::new(format!("Hyprland does not focus window {}: {}", window.id, told.trim())))
    }
}

fn read(told: &Value, active: Option<u64>) -> Option<Window> {
    let id = address(told)?;
    Some(Window {
        id: format!("{id:#x}"),
        // -1 while a window has no client.
        pid: u32::try_from(told["pid"].as_i64()?).ok()?,
        xid: None,
        title: told["title"].as_str().unwrap_or_default().to_owned(),
        focused: active == Some(id),
    })
}

fn address(told: &Value) -> Option<u64> {
    u64::from_str_radix(told["address"].as_str()?.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixListener;

    use super::*;

    /// Answers as Hyprland does, and stops after so many requests.
    fn hyprland(listener: &UnixListener, requests: usize) {
        let pid = std::process::id();
        let mut active = "0x55d0c0ffee10".to_owned();
        for stream in listener.incoming().take(requests) {
            let mut stream = stream.expect("a connection");
            let mut bytes = [0; 256];
            let length = stream.read(&mut bytes).expect("a request");
            let answer = match std::str::from_utf8(&bytes[..length]).expect("text") {
                "j/clients" => format!(
                    r#"[{{"address":"0x55d0c0ffee10","pid":-1,"title":"a"}},
                        {{"address":"0x55d0c0ffee20","pid":{pid},"title":"b","workspace":{{"id":2}}}}]"#
                ),
                "j/activewindow" => format!(r#"{{"address":"{active}"}}"#),
                "dispatch focuswindow address:0x55d0c0ffee20" => {
                    active = "0x55d0c0ffee20".to_owned();
                    "ok".to_owned()
                }
                other => format!("unknown request: {other}"),
            };
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
    }

    #[test]
    fn a_window_is_found_by_its_process_and_focused() {
        let directory = tempfile::tempdir().expect("a directory");
        let instance = directory.path().join("hypr/v0.40_1");
        std::fs::create_dir_all(&instance).expect("a directory");
        let listener = UnixListener::bind(instance.join(".socket.sock")).expect("a socket");
        let mut desk = Desk::default();
        desk.env.insert("XDG_RUNTIME_DIR".into(), directory.path().to_string_lossy().into());
        desk.env.insert("HYPRLAND_INSTANCE_SIGNATURE".into(), "v0.40_1".into());
        let seat = Seat { pid: Some(std::process::id()), ..Seat::default() };
        std::thread::scope(|scope| {
            // List, focus, list; then twice the view.
            scope.spawn(|| hyprland(&listener, 2 + 1 + 2 + 2));
            let entered = Hyprland.enter(&seat, &desk).expect("it is entered");
            assert_eq!(entered, Entered::Focused { place: "window 0x55d0c0ffee20".into() });
            assert_eq!(Hyprland.view(&seat, &desk), View::Focused);
        });
    }

    #[test]
    fn a_signature_is_no_path() {
        let mut desk = Desk::default();
        desk.env.insert("HYPRLAND_INSTANCE_SIGNATURE".into(), "../../tmp/evil".into());
        assert!(Hyprland.enter(&Seat::default(), &desk).is_err());
    }
}
