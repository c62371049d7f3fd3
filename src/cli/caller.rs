//! Where the user pressed the key: what the daemon has to know to bring a terminal before their eyes.

use std::process::Command;

use serde_json::{Map, Value, json};

use crate::locate::CALLERS;

/// The caller, as the API takes it. `client` names the client of tmux, when a key binding told: inside
/// tmux our own terminal is the pane's, not the client's.
#[must_use]
pub fn caller(client: Option<&str>) -> Value {
    let said = |name: &&str| Some(((*name).to_owned(), Value::String(std::env::var(name).ok()?)));
    let env: Map<String, Value> = CALLERS.iter().filter_map(said).collect();
    let inside = env.contains_key("TMUX");
    let popup = || client_of_popup().filter(|_| inside && !env.contains_key("TMUX_PANE"));
    let tty = client.map(str::to_owned).or_else(popup).or_else(|| own_terminal().filter(|_| !inside));
    json!({ "tty": tty, "env": env })
}

/// A popup of tmux is in no pane; tmux knows in which client it is.
fn client_of_popup() -> Option<String> {
    let told = Command::new("tmux").args(["display-message", "-p", "#{client_name}"]).output().ok()?;
    let name = String::from_utf8(told.stdout).ok()?.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

fn own_terminal() -> Option<String> {
    let name = rustix::termios::ttyname(std::io::stdin(), Vec::new()).ok()?;
    name.into_string().ok()
}
