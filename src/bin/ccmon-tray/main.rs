//! `ccmon-tray`: the tray applet. Hosts the daemon on a thread of its own, shows the badge, opens
//! the popup and the dashboard. The only program of ccmon that links GTK.
//!
//! The GTK thread never waits and tokio never runs on it: what happens arrives as a [`UserEvent`]
//! through the event loop's proxy, and what is asked leaves through the daemon's own channels.

mod app;
mod dashboard;
mod forward;
mod host;
#[path = "../../icons.rs"]
mod icons;
mod look;
mod manners;
mod menu;
mod page;
mod pages;
mod placement;
mod popup;
mod pulse;
mod save;
mod scheme;
mod screens;
mod tips;
mod tray;
mod webkit;
mod window;

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use ccmon::api::{Opening, Stage};
use ccmon::core::Board;
use ccmon::daemon::upgrade::{self, Successor};
use tokio::sync::Notify;

/// What reaches the GTK thread.
#[derive(Debug)]
pub enum UserEvent {
    /// The picture changed.
    Board(Arc<Board>),
    /// The desktop around the popup changed.
    Stage(Arc<Stage>),
    /// Monitors came, went or changed.
    Screens,
    /// The desktop looks different now.
    Looks,
    /// The popup's page says something.
    Page(String),
    /// The popup's page has taken in what it was told.
    Told,
    /// The process that drew the popup's page is dead.
    PageDied,
    /// The dashboard's page says something.
    Dashboard(String),
    /// A script for the dashboard's page, and who is told when it has run.
    ToDashboard(String, Arc<Notify>),
    /// Somebody wants something opened: a link, a notification, a shortcut, the command line.
    Open(Opening),
    /// Somebody starts it for the first time.
    Welcome,
    /// The popup's page wants this request in the dashboard.
    InDashboard(String),
    /// The tray icon was clicked.
    Clicked,
    /// A menu item was chosen.
    Chosen(String),
    /// A moment that was waited for has come.
    Wake,
    /// The daemon ended.
    Ended(End),
}

/// Why the daemon ended.
#[derive(Debug)]
pub enum End {
    /// Somebody asked it to, or ccmon was removed.
    Asked,
    /// Another program is installed where this one was.
    Replaced(Successor),
    /// By itself, for this reason.
    Failed(String),
}

/// The environment variable that keeps WebKit from the DMA-BUF renderer, whose start takes twice
/// as long for a window this small.
const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// The one that keeps GTK from loading OpenGL only to ask an X server for its visuals: on a screen where nobody has noted
/// them, that is 25 MB. Nothing here draws with it.
const VISUALS: (&str, &str) = ("GDK_GL", "disable");

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => start(),
        Some("--version") => {
            say(&format!("ccmon-tray {}", ccmon_hook::version(option_env!("CCMON_COMMIT"))), ExitCode::SUCCESS)
        }
        Some("--help" | "-h") => say(
            "ccmon-tray: the tray applet of ccmon. Takes no arguments; `ccmon --help` tells the rest.",
            ExitCode::SUCCESS,
        ),
        Some(other) => complain(&format!("unknown argument {other:?}: ccmon-tray takes none"), 2),
    }
}

fn start() -> ExitCode {
    ccmon::paths::own_what_we_make();
    if ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty())) {
        return complain(
            "there is no desktop here (neither DISPLAY nor WAYLAND_DISPLAY is set): `ccmon daemon` runs without one",
            1,
        );
    }
    if std::env::var_os(RENDERER).is_none() {
        return again();
    }
    upgrade::adopt();
    match app::run() {
        Ok(never) => match never {},
        Err(error) => complain(&format!("{error:#}"), 1),
    }
}

/// Starts over with the variable set: a program may not change its environment once it has threads.
fn again() -> ExitCode {
    let own = std::env::current_exe();
    let error = own.map_or_else(
        |error| error,
        |own| {
            let mut own = Command::new(own);
            own.args(std::env::args_os().skip(1)).env(RENDERER, "1");
            if std::env::var_os("WAYLAND_DISPLAY").is_none() && std::env::var_os(VISUALS.0).is_none() {
                own.env(VISUALS.0, VISUALS.1);
            }
            own.exec()
        },
    );
    complain(&format!("cannot start over: {error}"), 1)
}

fn say(text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
    code
}

fn complain(text: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr().lock(), "ccmon-tray: {text}");
    ExitCode::from(code)
}
