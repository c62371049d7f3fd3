//! Where the user pressed the key: what the daemon has to know to bring a terminal before their eyes.

use serde_json::{Map, Value, json};

use crate::locate::CALLERS;

/// The caller, as the API takes it. `client` names the client of tmux, when a key binding told: inside
/// tmux our own terminal is the pane's, not the client's.
#[must_use]
pub fn caller(client: Option<&str>) -> Value {
    let said = |name: &&str| Some(((*name).to_owned(), Value::String(std::env::var(name).ok()?)));
    let env: Map<String, Value> = CALLERS.iter().filter_map(said).collect();
    let tty = client.map(str::to_owned).or_else(|| own_terminal().filter(|_| !env.contains_key("TMUX")));
    json!({ "tty": tty, "env": env })
}

fn own_terminal() -> Option<String> {
    let name = rustix::termios::ttyname(std::io::stdin(), Vec::new()).ok()?;
    name.into_string().ok()
}
