//! Zellij: the pane by its number, shown by the terminal that is attached.
//!
//! <https://zellij.dev/documentation/cli-actions>. Panes can be listed with their tabs, and tabs be gone
//! to by number, since 0.44. Tried with 0.45.1, where `focus-pane-id` does nothing for those attached:
//! within a tab the focus is moved on until it is there.

use serde_json::Value;

use super::command::ask;
use super::socket::strange;
use super::{Desk, Entered, Missed, Seat, Terminal, View, process};

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
        let [client] = &pane.clients()[..] else {
            return Err(Missed::new(format!("{place} is selected, but several terminals may be attached to it"))
                .help("Zellij does not tell them apart; detach the others, and attach as `zellij attach NAME`"));
        };
        Ok(Entered::Within { place, outer: client.clone() })
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        let Some(pane) = Pane::of(seat) else {
            return View::Unknown;
        };
        match pane.shown(desk) {
            Ok(shown) if !shown.contains(&pane.id) => View::Hidden,
            Ok(_) => Some(pane.clients()).filter(|all| all.len() == 1).map_or(View::Unknown, View::Through),
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

    /// The panes that have the focus, one for each client: lines of `1 terminal_3 COMMAND` below a heading.
    fn shown(&self, desk: &Desk) -> Result<Vec<u32>, Missed> {
        let told = self.ask(desk, &["list-clients"]).map_err(|missed| self.in_words(missed))?;
        let columns = told.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1));
        // A plugin's pane is nobody's terminal, but its client looks.
        Ok(columns
            .map(|pane| pane.strip_prefix("terminal_").and_then(|id| id.parse().ok()).unwrap_or(u32::MAX))
            .collect())
    }

    /// Goes to the tab of the pane, and then from pane to pane.
    fn show(&self, desk: &Desk) -> Result<(), Missed> {
        let told = self.ask(desk, &["list-panes", "--all", "--json"]).map_err(|missed| self.in_words(missed))?;
        let panes: Value = serde_json::from_str(&told).map_err(|_| strange("Zellij"))?;
        let panes: Vec<_> = panes.as_array().into_iter().flatten().filter(|pane| pane["is_plugin"] == false).collect();
        let own = panes.iter().find(|pane| pane["id"].as_u64() == Some(u64::from(self.id)));
        let Some(tab) = own.and_then(|pane| pane["tab_id"].as_u64()) else {
            return Err(
                Missed::new(format!("zellij pane {} is gone", self.id)).help("the session has lost its terminal")
            );
        };
        self.ask(desk, &["go-to-tab-by-id", &tab.to_string()])?;
        let beside = panes.iter().filter(|pane| pane["tab_id"].as_u64() == Some(tab)).count();
        for _ in 0..beside {
            if self.shown(desk)?.contains(&self.id) {
                return Ok(());
            }
            self.ask(desk, &["focus-next-pane"])?;
        }
        if self.shown(desk)?.contains(&self.id) {
            return Ok(());
        }
        Err(Missed::new(format!("zellij was told to show pane {}, and does not", self.id))
            .help("it may be hidden among the floating panes"))
    }

    fn in_words(&self, missed: Missed) -> Missed {
        if missed.why.contains("subcommand") || missed.why.contains("unexpected argument") {
            return Missed::new(format!("this Zellij cannot be told to show pane {}", self.id))
                .help("version 0.44 and newer can; go to its tab yourself");
        }
        missed
    }

    /// Those attached: processes called `zellij` that sit at a terminal. One that was called with another
    /// session's name is not; one that was called with none may be.
    fn clients(&self) -> Vec<Seat> {
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
        if named.is_empty() { unnamed } else { named }
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
