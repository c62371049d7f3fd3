//! Terminals: where a session's is, taking the user there, and knowing whether they look at it.
//!
//! A session sits in layers: a pane of a multiplexer, inside a tab of an emulator, inside a window of
//! the desktop. Each layer is one [`Terminal`], one file. [`land`] goes from the inside out, and every
//! step asks the layer again whether it did what it was told: *sent* is not *landed*.
//!
//! Everything here blocks, each step with a deadline; it knows nothing of sessions. Programs are run by
//! argument lists, never through a shell, and every name from outside is one argument.

mod bus;
mod command;
mod covers;
mod hyprland;
mod kde;
mod kitty;
mod konsole;
mod land;
mod niri;
mod open;
mod process;
mod screen;
mod socket;
mod sway;
mod tmux;
mod wezterm;
mod window;
mod x11;
mod zellij;

use std::collections::BTreeMap;
use std::fmt;

pub use covers::Area;
pub use land::{Landed, covers, follow, here, land, view};
pub use process::{ancestry, environment, name, named, sitting};

/// What a caller tells of its terminal and its desktop.
pub const CALLERS: [&str; 11] = [
    "TMUX",
    "TMUX_PANE",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "XDG_CURRENT_DESKTOP",
    "DBUS_SESSION_BUS_ADDRESS",
    "SWAYSOCK",
    "HYPRLAND_INSTANCE_SIGNATURE",
    "NIRI_SOCKET",
    "WINDOWID",
];

/// Whether a caller's word is taken: only what is local, and names no program to run.
#[must_use]
pub fn is_plain(name: &str, value: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let path = value.starts_with('/') && !value.contains('\0');
    match name {
        "DISPLAY" => {
            value.strip_prefix(':').is_some_and(|rest| rest.split('.').count() < 3 && rest.split('.').all(digits))
        }
        // Other transports start programs, or leave the machine.
        "DBUS_SESSION_BUS_ADDRESS" => {
            let local = value.starts_with("unix:path=/") || value.starts_with("unix:abstract=/");
            local && !value.contains(';')
        }
        "XDG_RUNTIME_DIR" => value == format!("/run/user/{}", rustix::process::getuid().as_raw()),
        "SWAYSOCK" | "NIRI_SOCKET" => path,
        "WINDOWID" => digits(value),
        _ => CALLERS.contains(&name),
    }
}

/// Whether a variable only tells of the terminal that somebody was started in.
#[must_use]
pub fn is_of_terminal(name: &str) -> bool {
    ["TMUX", "KITTY_", "WEZTERM_", "KONSOLE_", "ZELLIJ", "STY", "WINDOW"].iter().any(|prefix| name.starts_with(prefix))
}

/// Somebody who sits at a terminal: `claude` itself, or a client of a multiplexer that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// The process, while it lives on this machine.
    pub pid: Option<u32>,
    /// Its controlling terminal, such as `/dev/pts/3`.
    pub tty: Option<String>,
    /// The terminal variables of its environment (`TMUX_PANE`, `KITTY_WINDOW_ID`, `WINDOWID`, …).
    pub env: BTreeMap<String, String>,
}

/// The desktop on which a jump is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// Its variables: `DISPLAY`, `WAYLAND_DISPLAY`, `SWAYSOCK`, `DBUS_SESSION_BUS_ADDRESS`, `PATH`, …
    /// What programs are run with is this, and nothing of the daemon's own environment.
    pub env: BTreeMap<String, String>,
    /// The user's terminal program with its arguments; empty: the usual ones are tried.
    pub terminal: Vec<String>,
    /// Where the user pressed the key, when that was in a terminal.
    pub caller: Option<Seat>,
}

/// One layer: a multiplexer, an emulator, or a desktop's windows.
pub trait Terminal: Sync {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// Whether this seat is in it. Cheap: variables only.
    fn holds(&self, seat: &Seat, desk: &Desk) -> bool;

    /// Brings the seat into view, and makes sure.
    ///
    /// # Errors
    /// [`Missed`]: why not, and what would help.
    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed>;

    /// Whether the seat is in view now.
    fn view(&self, seat: &Seat, desk: &Desk) -> View;

    /// The seat of the window that has the focus; only desktops know of one.
    fn active(&self, _desk: &Desk) -> Option<Seat> {
        None
    }

    /// Calls `changed` whenever the focus goes to another window, for as long as that answers `true`.
    /// Returns at once where the desktop does not tell.
    fn follow(&self, _desk: &Desk, _changed: &mut dyn FnMut() -> bool) {}

    /// Where a window fills a monitor, in view; only some desktops tell.
    fn covers(&self, _desk: &Desk) -> Vec<Area> {
        Vec::new()
    }
}

/// What bringing a seat into view came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is in view of this terminal, which itself sits somewhere.
    Within {
        /// Where that is, in words, such as `tmux work %3`.
        place: String,
        /// Where the terminal sits.
        outer: Seat,
    },
    /// Its window has the focus: the outermost layer.
    Focused {
        /// Which window, in words.
        place: String,
    },
    /// Nobody looks at it; this command, run in a new terminal, would show it.
    Unattended {
        /// Where it is, in words.
        place: String,
        /// The command.
        argv: Vec<String>,
    },
}

/// What can be told of whether a seat is in view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// It cannot be told.
    Unknown,
    /// It is not.
    Hidden,
    /// It is in view of terminals that sit there: ask the next layer.
    Through(Vec<Seat>),
    /// It is, and it has the focus.
    Focused,
}

/// Why a terminal was not reached, and what would help.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// What happened.
    pub why: String,
    /// What would help, when something would.
    pub help: Option<String>,
}

impl Missed {
    /// For this reason.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: None }
    }

    /// With what would help.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.help {
            Some(help) => write!(f, "{}: {help}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

impl Seat {
    /// One of its variables, when it is there and says something.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl Desk {
    /// One of its variables, when it is there and says something.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
