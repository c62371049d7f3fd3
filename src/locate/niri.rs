//! niri: windows by process, over its JSON socket.
//!
//! <https://yalter.github.io/niri/IPC.html>: a request is a line of JSON, and so is the reply, which is
//! `{"Ok": …}` or `{"Err": "why"}`. Older versions take one request for each connection.

use serde_json::{Value, json};

use super::socket::{self, strange};
use super::window::{self, Window, Windows};
use super::{Desk, Entered, Missed, Seat, Terminal, View};

/// The compositor niri.
pub struct Niri;

impl Terminal for Niri {
    fn name(&self) -> &'static str {
        "niri"
    }

    fn holds(&self, _seat: &Seat, desk: &Desk) -> bool {
        desk.var("NIRI_SOCKET").is_some()
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        window::enter(&mut Ipc::of(desk), seat)
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        window::view(&mut Ipc::of(desk), seat)
    }

    fn active(&self, desk: &Desk) -> Option<Seat> {
        window::active(&mut Ipc::of(desk))
    }
}

/// Where niri listens.
struct Ipc(String);

impl Ipc {
    fn of(desk: &Desk) -> Self {
        Self(desk.var("NIRI_SOCKET").unwrap_or_default().to_owned())
    }

    fn ask(&self, request: &Value) -> Result<Value, Missed> {
        let told = socket::ask("niri", &self.0, format!("{request}\n").as_bytes())?;
        let mut told: Value = serde_json::from_str(&told).map_err(|_| strange("niri"))?;
        if let Some(why) = told["Err"].as_str() {
            return Err(Missed::new(format!("niri says: {why}")));
        }
        match told["Ok"].take() {
            Value::Null => Err(strange("niri")),
            answer => Ok(answer),
        }
    }
}

impl Windows for Ipc {
    fn list(&mut self) -> Result<Vec<Window>, Missed> {
        let told = self.ask(&json!("Windows"))?;
        let windows = told["Windows"].as_array().ok_or_else(|| strange("niri"))?;
        Ok(windows.iter().filter_map(read).collect())
    }

    fn focus(&mut self, window: &Window) -> Result<(), Missed> {
        let id: u64 = window.id.parse().map_err(|_| strange("niri"))?;
        self.ask(&json!({ "Action": { "FocusWindow": { "id": id } } })).map(drop)
    }
}

fn read(told: &Value) -> Option<Window> {
    Some(Window {
        id: told["id"].as_u64()?.to_string(),
        // Null while it is not known.
        pid: u32::try_from(told["pid"].as_i64()?).ok()?,
        xid: None,
        title: told["title"].as_str().unwrap_or_default().to_owned(),
        focused: told["is_focused"] == true,
    })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixListener;

    use super::*;

    /// Answers as niri does, and stops after so many requests.
    fn niri(listener: &UnixListener, requests: usize) {
        let pid = std::process::id();
        let mut focused = 1;
        for stream in listener.incoming().take(requests) {
            let mut stream = stream.expect("a connection");
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).expect("a request");
            let answer = match line.trim() {
                r#""Windows""# => json!({ "Ok": { "Windows": [
                    { "id": 1, "title": null, "app_id": null, "pid": null, "workspace_id": 1, "is_focused": focused == 1 },
                    { "id": 7, "title": "b", "app_id": "foot", "pid": pid, "workspace_id": 2, "is_focused": focused == 7 },
                ] } }),
                r#"{"Action":{"FocusWindow":{"id":7}}}"# => {
                    focused = 7;
                    json!({ "Ok": "Handled" })
                }
                other => json!({ "Err": format!("error parsing request: {other}") }),
            };
            writeln!(stream, "{answer}").expect("an answer");
        }
    }

    #[test]
    fn a_window_is_found_by_its_process_and_focused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("niri.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let mut desk = Desk::default();
        desk.env.insert("NIRI_SOCKET".into(), path.to_string_lossy().into());
        let seat = Seat { pid: Some(std::process::id()), ..Seat::default() };
        std::thread::scope(|scope| {
            // List, focus, list; then the view, and what niri refuses.
            scope.spawn(|| niri(&listener, 1 + 1 + 1 + 1 + 1));
            let entered = Niri.enter(&seat, &desk).expect("it is entered");
            assert_eq!(entered, Entered::Focused { place: "window 7".into() });
            assert_eq!(Niri.view(&seat, &desk), View::Focused);
            let refused = Ipc::of(&desk).focus(&Window { id: "8".into(), ..Window::default() }).expect_err("no window");
            assert!(refused.why.starts_with("niri says: error parsing"), "{refused}");
        });
    }
}
