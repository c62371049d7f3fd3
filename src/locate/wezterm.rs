//! WezTerm: the pane, over its command line.
//!
//! <https://wezterm.org/cli/cli/>: `activate-pane` since 20230326, `list-clients` tells which pane each
//! of its windows' programs has in focus. Which instance is meant is told by `WEZTERM_UNIX_SOCKET`.

use serde_json::Value;

use super::command::ask;
use super::socket::{self, strange};
use super::{Desk, Entered, Missed, Seat, Terminal, View, process};

/// Programs that make its terminals, as their names are cut: the window itself, or its server.
const HOSTS: [&str; 2] = ["wezterm-gui", "wezterm-mux-ser"];

/// The emulator WezTerm.
pub struct WezTerm;

impl Terminal for WezTerm {
    fn name(&self) -> &'static str {
        "WezTerm"
    }

    fn holds(&self, seat: &Seat, _desk: &Desk) -> bool {
        number(seat).is_some() && process::hosted(seat, &HOSTS)
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        let pane = number(seat).ok_or_else(|| Missed::new("WEZTERM_PANE is no number"))?;
        let instance = Instance::of(seat, desk)?;
        instance.ask(&["activate-pane", "--pane-id", &pane.to_string()])?;
        let looking = instance.looking_at(pane)?;
        let Some(client) = looking.first() else {
            return Err(Missed::new(format!("WezTerm was told to show pane {pane}, and no window of it does"))
                .help("when it runs on a server of WezTerm's, connect a window to that first"));
        };
        Ok(Entered::Within { place: format!("WezTerm pane {pane}"), outer: outer(seat, *client) })
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        let looking = number(seat).map(|pane| Instance::of(seat, desk)?.looking_at(pane));
        match looking {
            Some(Ok(clients)) if clients.is_empty() => View::Hidden,
            Some(Ok(clients)) => View::Through(clients.into_iter().map(|client| outer(seat, client)).collect()),
            _ => View::Unknown,
        }
    }
}

fn number(seat: &Seat) -> Option<u64> {
    seat.var("WEZTERM_PANE")?.parse().ok()
}

/// The seat of one of its windows' programs. `WINDOWID` was its first window's, which may be another.
fn outer(seat: &Seat, client: u32) -> Seat {
    Seat { pid: Some(client), tty: None, env: seat.env.clone() }
}

/// The environment in which `wezterm cli` talks to the right instance.
struct Instance(Desk);

impl Instance {
    fn of(seat: &Seat, desk: &Desk) -> Result<Self, Missed> {
        let Some(path) = seat.var("WEZTERM_UNIX_SOCKET") else {
            return Err(Missed::new("WEZTERM_UNIX_SOCKET is missing, so it is not known which WezTerm it is"));
        };
        socket::is_ours("WezTerm", path)?;
        let mut desk = desk.clone();
        desk.env.insert("WEZTERM_UNIX_SOCKET".into(), path.into());
        Ok(Self(desk))
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, Missed> {
        ask(&self.0, &[&["wezterm", "cli", "--no-auto-start"][..], arguments].concat())
    }

    /// The programs that show a pane, the one used last first.
    fn looking_at(&self, pane: u64) -> Result<Vec<u32>, Missed> {
        let told = self.ask(&["list-clients", "--format", "json"])?;
        let all: Value = serde_json::from_str(&told).map_err(|_| strange("WezTerm"))?;
        let looking = all.as_array().ok_or_else(|| strange("WezTerm"))?.iter();
        let looking = looking.filter(|client| client["focused_pane_id"].as_u64() == Some(pane));
        let idle = |client: &Value| (client["idle_time"]["secs"].as_u64(), client["idle_time"]["nanos"].as_u64());
        let pid = |client: &Value| u32::try_from(client["pid"].as_u64()?).ok();
        let mut found: Vec<_> = looking.filter_map(|client| Some((idle(client), pid(client)?))).collect();
        found.sort_unstable();
        // Connected over ssh, a client's number means nothing here.
        let known = found.into_iter().map(|(_, pid)| pid).filter(|pid| process::name(*pid).is_some());
        Ok(known.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::path::Path;

    use super::super::command::fake;
    use super::*;

    /// Answers as `wezterm cli` does, and keeps the pane in a file. `$PPID` lives, and is this process.
    const SCRIPT: &str = r#"#!/bin/sh
[ "$WEZTERM_UNIX_SOCKET" = "$(dirname "$0")/gui-sock-1" ] && [ "$1 $2" = "cli --no-auto-start" ] || exit 1
pane="$(dirname "$0")/pane"
case "$3" in
activate-pane) [ "$4" = --pane-id ] && echo "$5" > "$pane" ;;
list-clients) echo '[{"username":"a","hostname":"b","pid":999999999,"idle_time":{"secs":0,"nanos":1},"focused_pane_id":'"$(cat "$pane")"'},
  {"username":"a","hostname":"b","pid":'"$PPID"',"idle_time":{"secs":3,"nanos":1},"workspace":"default","focused_pane_id":'"$(cat "$pane")"'}]' ;;
esac
"#;

    fn stage(directory: &Path) -> (Seat, Desk) {
        let desk = fake::program(directory, "wezterm", SCRIPT);
        std::fs::write(directory.join("pane"), "1").expect("a pane");
        let socket = directory.join("gui-sock-1").to_string_lossy().into_owned();
        let pairs = [("WEZTERM_PANE", "4".to_owned()), ("WEZTERM_UNIX_SOCKET", socket)];
        let seat = Seat { env: pairs.map(|(name, value)| (name.to_owned(), value)).into(), ..Seat::default() };
        (seat, desk)
    }

    #[test]
    fn a_pane_is_activated_and_its_window_found() {
        let directory = tempfile::tempdir().expect("a directory");
        let (seat, desk) = stage(directory.path());
        assert!(WezTerm.enter(&seat, &desk).is_err(), "nobody listens");
        let _listener = UnixListener::bind(directory.path().join("gui-sock-1")).expect("a socket");
        assert_eq!(WezTerm.view(&seat, &desk), View::Hidden);
        let Ok(Entered::Within { place, outer }) = WezTerm.enter(&seat, &desk) else { panic!("it is not entered") };
        assert_eq!((&*place, outer.pid), ("WezTerm pane 4", Some(std::process::id())));
        assert_eq!(WezTerm.view(&seat, &desk), View::Through(vec![outer]));
    }

    #[test]
    fn what_was_started_in_it_is_not_in_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let (seat, desk) = stage(directory.path());
        assert!(WezTerm.holds(&seat, &desk));
        let elsewhere = Seat { pid: Some(std::process::id()), ..seat };
        assert!(!WezTerm.holds(&elsewhere, &desk), "no process above is WezTerm");
    }
}
