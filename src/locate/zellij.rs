//! Zellij: the pane by its number, shown by the terminal that is attached.
//!
//! <https://zellij.dev/documentation/cli-actions>. Panes can be listed with their tabs, and tabs be gone
//! to by number, since 0.44. Tried with 0.45.1, where `focus-pane-id` does nothing for those attached:
//! within a tab the focus is moved on until it is there.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::command::ask;
use super::socket::strange;
use super::{Desk, Entered, Missed, Seat, Terminal, View, process};

/// How long an action may take to be seen.
const SETTLING: Duration = Duration::from_millis(500);
/// How long it may list nobody while somebody is attached.
const SILENCE: Duration = Duration::from_secs(4);
/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// The multiplexer Zellij.
pub struct Zellij;

impl Terminal for Zellij {
    fn name(&self) -> &'static str {
        "Zellij"
    }

    fn holds(&self, seat: &Seat, _desk: &Desk) -> bool {
        Pane::of(seat).is_some() && process::hosted(seat, &["zellij"])
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        let pane = Pane::of(seat).ok_or_else(|| Missed::new("ZELLIJ_SESSION_NAME or ZELLIJ_PANE_ID is unusable"))?;
        let place = format!("zellij {} pane {}", pane.session, pane.id);
        let shown = pane.shown(desk)?;
        if shown.is_empty() {
            let argv = ["zellij", "attach", pane.session].map(str::to_owned).to_vec();
            return Ok(Entered::Unattended { place, argv });
        }
        if !shown.contains(&pane.id) {
            pane.show(desk)?;
        }
        let (clients, _) = pane.clients();
        let [client] = &clients[..] else {
            let why = format!("{place} is selected, but {} terminals may be attached to it", clients.len());
            return Err(Missed::new(why)
                .help("Zellij does not tell them apart; detach all but one, attached as `zellij attach NAME`"));
        };
        // The user pressed the key in this session, and only one terminal shows it.
        let callers = desk.caller.as_ref().and_then(Pane::of);
        if callers.is_some_and(|caller| caller.session == pane.session) {
            return Ok(Entered::Focused { place });
        }
        Ok(Entered::Within { place, outer: client.clone() })
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        let Some(pane) = Pane::of(seat) else {
            return View::Unknown;
        };
        match pane.shown(desk) {
            Ok(shown) if !shown.contains(&pane.id) => View::Hidden,
            Ok(_) => Some(pane.clients().0).filter(|all| all.len() == 1).map_or(View::Unknown, View::Through),
            Err(_) => View::Unknown,
        }
    }
}

/// A pane of a session.
struct Pane<'a> {
    session: &'a str,
    id: u32,
}

impl<'a> Pane<'a> {
    fn of(seat: &'a Seat) -> Option<Self> {
        // A name that looks like an option would be taken for one.
        let session = seat.var("ZELLIJ_SESSION_NAME").filter(|name| !name.starts_with('-'))?;
        Some(Self { session, id: seat.var("ZELLIJ_PANE_ID")?.parse().ok()? })
    }

    fn ask(&self, desk: &Desk, arguments: &[&str]) -> Result<String, Missed> {
        ask(desk, &[&["zellij", "--session", self.session, "action"][..], arguments].concat())
    }

    /// The panes that have the focus, one for each client; none when nobody is attached. It lists nobody
    /// now and then (0.45.1), which is believed only when there is no client of that session.
    fn shown(&self, desk: &Desk) -> Result<Vec<u32>, Missed> {
        let begun = Instant::now();
        loop {
            let shown = self.listed(desk)?;
            let (clients, named) = self.clients();
            let patience = if named { SILENCE } else { SETTLING };
            if !shown.is_empty() || clients.is_empty() {
                return Ok(shown);
            }
            if begun.elapsed() >= patience {
                let silent = format!("zellij does not tell which pane of {} is looked at", self.session);
                return if named { Err(Missed::new(silent).help("try again")) } else { Ok(shown) };
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// What it lists: lines of `1 terminal_3 COMMAND` below a heading.
    fn listed(&self, desk: &Desk) -> Result<Vec<u32>, Missed> {
        let told = self.ask(desk, &["list-clients"]).map_err(|missed| self.in_words(missed))?;
        let columns = told.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1));
        // A plugin's pane is nobody's terminal, but its client looks.
        let number = |pane: &str| pane.strip_prefix("terminal_").and_then(|id| id.parse().ok());
        Ok(columns.map(|pane| number(pane).unwrap_or(u32::MAX)).collect())
    }

    /// Goes to the tab of the pane, and then from pane to pane.
    fn show(&self, desk: &Desk) -> Result<(), Missed> {
        let panes = self.panes(desk)?;
        let own = panes.iter().find(|pane| pane["id"].as_u64() == Some(u64::from(self.id)));
        let Some(tab) = own.and_then(|pane| pane["tab_id"].as_u64()) else {
            return Err(
                Missed::new(format!("zellij pane {} is gone", self.id)).help("the session has lost its terminal")
            );
        };
        let beside = panes.iter().filter(|pane| pane["tab_id"].as_u64() == Some(tab)).count();
        let mut now = self.step(desk, &["go-to-tab-by-id", &tab.to_string()], &self.shown(desk)?)?;
        for _ in 0..beside {
            if now.contains(&self.id) {
                return Ok(());
            }
            now = self.step(desk, &["focus-next-pane"], &now)?;
        }
        if now.contains(&self.id) {
            return Ok(());
        }
        Err(Missed::new(format!("zellij was told to show pane {}, and does not", self.id))
            .help("it may be hidden among the floating panes"))
    }

    /// All panes that are no plugins. Its answer is empty now and then, too.
    fn panes(&self, desk: &Desk) -> Result<Vec<Value>, Missed> {
        let begun = Instant::now();
        loop {
            let told = self.ask(desk, &["list-panes", "--all", "--json"]).map_err(|missed| self.in_words(missed))?;
            match serde_json::from_str::<Vec<Value>>(&told) {
                Ok(panes) => return Ok(panes.into_iter().filter(|pane| pane["is_plugin"] == false).collect()),
                Err(_) if told.trim().is_empty() && begun.elapsed() < SETTLING => std::thread::sleep(PAUSE),
                Err(_) => return Err(strange("Zellij")),
            }
        }
    }

    /// Does something, and waits until it is seen: an action may be answered before it is done.
    fn step(&self, desk: &Desk, action: &[&str], before: &[u32]) -> Result<Vec<u32>, Missed> {
        self.ask(desk, action)?;
        let deadline = Instant::now() + SETTLING;
        loop {
            let now = self.shown(desk)?;
            // Nothing changes when there is nothing to do.
            if now != before || now.contains(&self.id) || Instant::now() >= deadline {
                return Ok(now);
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn in_words(&self, missed: Missed) -> Missed {
        if missed.why.contains("subcommand") || missed.why.contains("unexpected argument") {
            return Missed::new(format!("this Zellij cannot be told to show pane {}", self.id))
                .help("version 0.44 and newer can; go to its tab yourself");
        }
        missed
    }

    /// Those attached: processes called `zellij` that sit at a terminal. One that was called with another
    /// session's name is not; one that was called with none may be. Also whether they were called with it.
    fn clients(&self) -> (Vec<Seat>, bool) {
        let mut named = Vec::new();
        let mut unnamed = Vec::new();
        for (pid, _) in process::named("zellij") {
            let arguments = process::arguments(pid);
            let given = session_of(&arguments);
            match given {
                Some(name) if name == self.session => named.push(process::seat(pid, None)),
                Some(_) => {}
                None => unnamed.push(process::seat(pid, None)),
            }
        }
        if named.is_empty() { (unnamed, false) } else { (named, true) }
    }
}

/// The session that a client was called with: `zellij attach NAME`, `zellij -s NAME` and so on.
fn session_of(arguments: &[String]) -> Option<&str> {
    let mut rest = arguments.iter().skip(1).map(String::as_str);
    while let Some(argument) = rest.next() {
        if matches!(argument, "attach" | "a" | "-s" | "--session") {
            return rest.find(|argument| !argument.starts_with('-'));
        }
        if let Some(name) = argument.strip_prefix("--session=") {
            return Some(name);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::command::fake;
    use super::*;

    fn desk(directory: &std::path::Path, script: &str) -> Desk {
        fake::program(directory, "zellij", &format!("#!/bin/sh\n{script}\n"))
    }

    fn seat(session: &str) -> Seat {
        let pairs = [("ZELLIJ_SESSION_NAME", session), ("ZELLIJ_PANE_ID", "7")];
        Seat { env: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), ..Seat::default() }
    }

    #[test]
    fn an_old_version_says_that_it_is_old() {
        let directory = tempfile::tempdir().expect("a directory");
        // 0.40.1 knows no `list-clients`.
        let script = "echo \"error: The subcommand 'list-clients' wasn't recognized\" >&2; exit 2";
        let missed = Zellij.enter(&seat("old"), &desk(directory.path(), script)).expect_err("it cannot");
        assert!(missed.why.contains("cannot be told to show pane 7") && missed.help.is_some(), "{missed}");
    }

    #[test]
    fn nobody_attached_is_attached_to() {
        let directory = tempfile::tempdir().expect("a directory");
        let script = "[ \"$1 $2 $3 $4\" = '--session ccmon test action list-clients' ] && echo 'CLIENT_ID ZELLIJ_PANE_ID RUNNING_COMMAND'";
        let entered = Zellij.enter(&seat("ccmon test"), &desk(directory.path(), script)).expect("an answer");
        let argv = ["zellij", "attach", "ccmon test"].map(str::to_owned).to_vec();
        assert_eq!(entered, Entered::Unattended { place: "zellij ccmon test pane 7".into(), argv });
        assert!(!Zellij.holds(&seat("--config=/tmp/evil"), &Desk::default()), "a name that is an option");
    }

    #[test]
    fn a_client_is_told_by_what_it_was_called_with() {
        let named = |text: &str| {
            let arguments: Vec<_> = text.split(' ').map(str::to_owned).collect();
            session_of(&arguments).map(str::to_owned)
        };
        assert_eq!(named("zellij attach work").as_deref(), Some("work"));
        assert_eq!(named("zellij a -c work").as_deref(), Some("work"));
        assert_eq!(named("zellij --session work --layout x").as_deref(), Some("work"));
        assert_eq!(named("zellij --session=work").as_deref(), Some("work"));
        assert_eq!(named("zellij"), None);
        assert_eq!(named("zellij attach"), None);
    }
}
