//! kitty: the tab and the window in it, over its remote control.
//!
//! <https://sw.kovidgoyal.net/kitty/remote-control/>, kitty 0.26.5: it listens only when its
//! configuration says so, and then tells every child where in `KITTY_LISTEN_ON`.

use rustix::net::SocketAddrUnix;
use serde_json::Value;

use super::command::ask;
use super::socket::{self, strange};
use super::window::TITLE;
use super::{Desk, Entered, Missed, Seat, Terminal, View, process};

/// The emulator kitty.
pub struct Kitty;

impl Terminal for Kitty {
    fn name(&self) -> &'static str {
        "kitty"
    }

    fn holds(&self, seat: &Seat, _desk: &Desk) -> bool {
        number(seat).is_some() && process::hosted(seat, &["kitty"])
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        let id = number(seat).ok_or_else(|| Missed::new("KITTY_WINDOW_ID is no number"))?;
        let kitty = Remote::of(seat, desk)?;
        if !kitty.find(id)?.shown {
            kitty.ask(&["focus-window", "--match", &format!("id:{id}")])?;
        }
        let found = kitty.find(id)?;
        if !found.shown {
            return Err(Missed::new(format!("kitty was told to show its window {id}, and does not")));
        }
        Ok(Entered::Within { place: format!("kitty window {id}"), outer: found.outer(seat) })
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        let found = number(seat).map(|id| Remote::of(seat, desk)?.find(id));
        match found {
            Some(Ok(found)) if found.shown => View::Through(vec![found.outer(seat)]),
            Some(Ok(_)) => View::Hidden,
            _ => View::Unknown,
        }
    }
}

fn number(seat: &Seat) -> Option<u64> {
    seat.var("KITTY_WINDOW_ID")?.parse().ok()
}

/// A kitty that listens.
struct Remote<'a> {
    desk: &'a Desk,
    to: String,
}

/// What kitty says of one of its windows, which are parts of tabs of the desktop's windows.
struct Found {
    /// Whether it is the one that its tab shows, and its tab the one that is shown.
    shown: bool,
    /// The number of the desktop's window, on X11.
    platform: Option<u64>,
    /// What stands above that window while it is shown.
    title: String,
}

impl<'a> Remote<'a> {
    fn of(seat: &Seat, desk: &'a Desk) -> Result<Self, Missed> {
        let Some(address) = seat.var("KITTY_LISTEN_ON") else {
            return Err(Missed::new("kitty listens nowhere, so its tab is not selected")
                .help("put `allow_remote_control socket-only` and `listen_on unix:@kitty` into kitty.conf"));
        };
        match address.strip_prefix("unix:") {
            // Anybody may take an abstract name that is free.
            Some(name) if name.starts_with('@') => {
                let address = SocketAddrUnix::new_abstract_name(&name.as_bytes()[1..]);
                socket::listener("kitty", &address.map_err(|_| strange("kitty"))?).map(drop)?;
            }
            Some(path) => socket::is_ours("kitty", path)?,
            None => return Err(Missed::new(format!("kitty listens at {address}, which is no socket of this machine"))),
        }
        Ok(Self { desk, to: format!("--to={address}") })
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, Missed> {
        ask(self.desk, &[&["kitty", "@", &self.to][..], arguments].concat())
    }

    fn find(&self, id: u64) -> Result<Found, Missed> {
        let all: Value = serde_json::from_str(&self.ask(&["ls"])?).map_err(|_| strange("kitty"))?;
        for outer in list(&all) {
            for tab in list(&outer["tabs"]) {
                if let Some(window) = list(&tab["windows"]).find(|window| window["id"].as_u64() == Some(id)) {
                    let active = |thing: &Value, old: &str| thing["is_active"] == true || thing[old] == true;
                    let shown = active(tab, "is_active_tab") && active(window, "is_active_window");
                    let title = window["title"].as_str().unwrap_or_default().to_owned();
                    return Ok(Found { shown, platform: outer["platform_window_id"].as_u64(), title });
                }
            }
        }
        Err(Missed::new(format!("kitty's window {id} is gone")).help("the session has lost its terminal"))
    }
}

impl Found {
    /// Where kitty itself sits: in its desktop's window, which is another one after a tab was detached.
    fn outer(&self, seat: &Seat) -> Seat {
        let mut outer = seat.clone();
        outer.pid =
            seat.pid.and_then(process::host).map(|(pid, _)| pid).or_else(|| seat.var("KITTY_PID")?.parse().ok());
        if let Some(platform) = self.platform {
            outer.env.insert("WINDOWID".into(), platform.to_string());
        }
        outer.env.insert(TITLE.into(), self.title.clone());
        outer
    }
}

fn list(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().map_or(&[][..], Vec::as_slice).iter()
}
