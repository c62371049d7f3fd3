//! A new terminal window, for what nobody looks at.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Desk, Missed};

/// A program that cannot open a terminal says so by then.
const AT_ONCE: Duration = Duration::from_millis(150);
/// Programs that open the user's terminal, and what comes before the command.
/// <https://gitlab.freedesktop.org/terminal-wg/specifications>, and Debian's alternatives.
const USUAL: [&[&str]; 2] = [&["xdg-terminal-exec"], &["x-terminal-emulator", "-e"]];

/// Opens a terminal that runs `argv`; the configured one, else the usual ones.
///
/// # Errors
/// When there is no desktop, or none of them starts.
pub fn terminal(desk: &Desk, argv: &[String]) -> Result<(), Missed> {
    if desk.var("DISPLAY").is_none() && desk.var("WAYLAND_DISPLAY").is_none() {
        return Err(Missed::new("there is no desktop here to open a terminal on")
            .help("attach to it in a terminal of your own, or start `ccmon-tray` in the desktop session"));
    }
    let candidates = candidates(desk);
    for prefix in &candidates {
        if start(desk, prefix, argv) {
            return Ok(());
        }
    }
    let tried: Vec<_> = candidates.iter().filter_map(|prefix| prefix.first().cloned()).collect();
    Err(Missed::new(format!("no terminal program starts (tried {})", tried.join(", ")))
        .help("name yours as `terminal` in the [jump] section of config.toml"))
}

fn candidates(desk: &Desk) -> Vec<Vec<String>> {
    if !desk.terminal.is_empty() {
        return vec![desk.terminal.clone()];
    }
    let owned = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect();
    // `$TERMINAL` is one program's name, and all of those take -e.
    let named = desk.var("TERMINAL").map(|name| vec![name.to_owned(), "-e".to_owned()]);
    let [standard, debian] = USUAL;
    [Some(owned(standard)), named, Some(owned(debian))].into_iter().flatten().collect()
}

/// Starts it on its own: it lives on when ccmon ends.
fn start(desk: &Desk, prefix: &[String], argv: &[String]) -> bool {
    let Some((program, arguments)) = prefix.split_first() else {
        return false;
    };
    let mut command = Command::new(program);
    command.args(arguments).args(argv).env_clear().envs(&desk.env);
    // Inside a multiplexer, the multiplexer would refuse to attach.
    for inner in ["TMUX", "TMUX_PANE", "STY", "WINDOW", "ZELLIJ", "ZELLIJ_SESSION_NAME", "ZELLIJ_PANE_ID"] {
        command.env_remove(inner);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    // Many start a server of their own and end well at once; one that fails at once opened nothing.
    std::thread::sleep(AT_ONCE);
    if matches!(child.try_wait(), Ok(Some(status)) if !status.success()) {
        return false;
    }
    std::thread::spawn(move || child.wait());
    true
}
