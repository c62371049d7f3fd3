//! Lands at a process's terminal and prints what came of it as JSON, for tests/desktop/jump.
//!
//! `land PID [--view] [NAME=VALUE]…`: the desk is this program's own environment; `--view` only
//! looks, `--follow` says when another window gets the focus; the rest overrides variables of the seat.

use std::process::ExitCode;

use ccmon::locate::{self, Desk, Seat, land, view};
use ccmon_hook::context::VARIABLES;

#[allow(clippy::print_stdout)]
fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let Some(pid) = arguments.first().and_then(|pid| pid.parse().ok()) else {
        return ExitCode::FAILURE;
    };
    let seat = seat(pid, &arguments[1..]);
    let desk = Desk { env: std::env::vars().collect(), terminal: vec!["xterm".into(), "-e".into()], caller: None };
    if arguments.iter().any(|argument| argument == "--follow") {
        println!("following");
        locate::follow(&desk, || {
            println!("changed");
            true
        });
        return ExitCode::SUCCESS;
    }
    let told = if arguments.iter().any(|argument| argument == "--view") {
        serde_json::json!({ "view": view(&seat, &desk) })
    } else {
        match land(&seat, &desk) {
            Ok(landed) => serde_json::json!({ "landed": landed.place, "notes": landed.notes }),
            Err(missed) => serde_json::json!({ "missed": missed.why, "help": missed.help }),
        }
    };
    println!("{told}");
    ExitCode::SUCCESS
}

/// The seat of a process, as its environment tells.
fn seat(pid: u32, arguments: &[String]) -> Seat {
    let bytes = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let own = text.split('\0').chain(arguments.iter().map(String::as_str)).filter_map(|entry| entry.split_once('='));
    let known = own.filter(|(name, _)| VARIABLES.contains(name));
    Seat { pid: Some(pid), tty: None, env: known.map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
}
