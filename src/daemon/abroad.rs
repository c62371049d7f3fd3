//! The way to a session that runs elsewhere: the terminal here in which the user is connected to it.

use crate::core::{Session, State};
use crate::locate::{self, Seat};

/// Programs in whose terminal a container's shell may be.
const CLIENTS: [&str; 8] = ["docker", "podman", "nerdctl", "kubectl", "lxc", "incus", "nsenter", "machinectl"];

/// The seat here that leads to it, and what remains to be done there. Reads `/proc`.
///
/// # Errors
/// In words, when there is no such seat, or which one it is cannot be told.
pub fn way(session: &Session) -> Result<(Seat, Vec<String>), String> {
    let place = session.whereabouts().unwrap_or_default();
    if session.state == State::Ended {
        return Err(format!("this session, {place}, has ended: there is nothing to answer there"));
    }
    let relay = session.away.as_ref().and_then(|away| away.relay).map(|relay| relay.pid);
    let found = match (session.process, relay) {
        (Some(process), _) => outside(process.pid).map(|seat| (seat, None)).or_else(|| only_one(&CLIENTS)),
        (None, Some(relay)) => locate::sitting(relay).map(|seat| (seat, None)).or_else(|| only_one(&["ssh"])),
        (None, None) => None,
    };
    let Some((seat, doubt)) = found else {
        let help = "go to the terminal in which you are connected to it";
        return Err(format!("this session runs {place}, and that has no terminal here that could be told: {help}"));
    };
    // Only where the pane can be told; nothing is run over there.
    let pane = session.place.as_ref().filter(|_| session.env.contains_key("TMUX_PANE"));
    let there = pane.map(|pane| format!("over there it is in {pane}, which is not selected from here"));
    Ok((seat, doubt.into_iter().chain(there).collect()))
}

/// The first process above a container's that sits at a terminal of ours: `nsenter`, `unshare`, `bwrap`.
fn outside(pid: u32) -> Option<Seat> {
    let inside = namespace(pid)?;
    let above = locate::ancestry(pid).into_iter().skip_while(|pid| namespace(*pid) == Some(inside));
    above.take(1).find_map(locate::sitting)
}

fn namespace(pid: u32) -> Option<u64> {
    ccmon_hook::proc::namespace_of(&pid.to_string())
}

/// The only terminal in which one of these programs runs, and a word of doubt.
fn only_one(names: &[&str]) -> Option<(Seat, Option<String>)> {
    let found: Vec<_> = names.iter().flat_map(|name| locate::named(name)).collect();
    let [(pid, _)] = found[..] else { return None };
    let doubt = format!(
        "its connection has no terminal of its own: this is the only one here that runs {}",
        locate::name(pid)?
    );
    Some((locate::sitting(pid)?, Some(doubt)))
}
