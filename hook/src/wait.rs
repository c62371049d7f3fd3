//! `--wait`: holds a permission request until somebody decides, and survives a restart of the daemon.

use std::os::fd::BorrowedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use crate::http::Answer;
use crate::link::{Broken, Link, NoLink, Until};
use crate::{CONNECT, json, poll};

/// How long a request is held in all: a minute less than Claude Code waits.
pub const HOLD: Duration = Duration::from_secs(540);
/// The same for a sub-agent's request and for an MCP server's, whose terminal shows nothing meanwhile: a daemon that works lets go of it
/// after 120 s at most, and this is for one that hangs.
pub const SUBAGENT_HOLD: Duration = Duration::from_secs(130);
/// How long a daemon that has gone away may take to come back.
pub const OUTAGE: Duration = Duration::from_secs(10);

/// The pause between two attempts to reconnect.
const RETRY: Duration = Duration::from_millis(75);
/// A connection that has lasted this long ends an outage. A daemon that keeps dropping us at once does not.
const STEADY: Duration = Duration::from_secs(1);

/// How the waiting ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// With what to print, exactly.
    Decided(Vec<u8>),
    /// Without a decision: the dialog in the terminal stays.
    Silence,
    /// There was no daemon to begin with, or none came back: it may never have heard of the request.
    NoDaemon(NoLink),
}

/// How long the request in `payload` may be held. `entrypoint` is how the client was started: without a terminal
/// (`sdk…`) there is none that shows nothing.
pub fn longest(payload: &[u8], entrypoint: Option<&str>) -> Duration {
    let headless = entrypoint.is_some_and(|entrypoint| entrypoint.starts_with("sdk"));
    let hidden = json::has_text(payload, "agent_id") || json::has_text(payload, "mcp_server_name");
    if !headless && hidden { SUBAGENT_HOLD } else { HOLD }
}

/// Asks the daemon at `socket` until it decides, the `deadline` has passed or nobody listens.
/// Every attempt sends the same bytes and thus the same id: to the daemon they are one request.
pub fn hold(socket: &Path, request: &[u8], deadline: Instant) -> End {
    let listener = rustix::stdio::stdout();
    let mut link = match Link::connect(socket, CONNECT) {
        Ok(link) => Some(link),
        Err(why) => return End::NoDaemon(why),
    };
    let (mut outage, mut why): (Option<Instant>, _) = (None, NoLink::Absent(Errno::CONNRESET));
    loop {
        if let Some(link) = link.take() {
            let connected = Instant::now();
            let until = Until { deadline, listener: Some(listener) };
            match link.exchange(request, &until).map(Verdict::of) {
                Ok(Verdict::End(end)) => return end,
                Ok(Verdict::Again) | Err(Broken::Lost) => {}
                Err(Broken::TimedOut | Broken::Unheard | Broken::Garbled) => return End::Silence,
            }
            if connected.elapsed() >= STEADY {
                outage = None;
            }
        }
        let outage = *outage.get_or_insert_with(Instant::now);
        if outage.elapsed() >= OUTAGE {
            return End::NoDaemon(why);
        }
        if !pause(listener, deadline) {
            return End::Silence;
        }
        link = Link::connect(socket, CONNECT).map_err(|no_link| why = no_link).ok();
    }
}

enum Verdict {
    End(End),
    Again,
}

impl Verdict {
    /// A daemon that is going down answers 5xx: the next one will know more.
    fn of(answer: Answer) -> Self {
        match answer.status {
            200 if json::is_object(&answer.body) => Self::End(End::Decided(answer.body)),
            500..=599 => Self::Again,
            _ => Self::End(End::Silence),
        }
    }
}

/// Lets some time pass. `false`: there is no time left, or nobody listens any more.
fn pause(listener: BorrowedFd<'_>, deadline: Instant) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(listener, PollFlags::empty())];
    let heard = poll::until(&mut fds, deadline.min(Instant::now() + RETRY));
    // No events are asked for, so whatever is reported is the listener's end.
    heard == Ok(false) && Instant::now() < deadline
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(status: u16, body: &str) -> Option<End> {
        match Verdict::of(Answer { status, body: body.into() }) {
            Verdict::End(end) => Some(end),
            Verdict::Again => None,
        }
    }

    #[test]
    fn only_an_object_with_status_200_is_a_decision() {
        assert_eq!(end(200, "{\"a\":1}"), Some(End::Decided(b"{\"a\":1}".to_vec())));
        assert_eq!(end(200, ""), Some(End::Silence));
        assert_eq!(end(200, "allow"), Some(End::Silence));
        assert_eq!(end(200, "{\"behavior\":\"allow"), Some(End::Silence));
        assert_eq!(end(200, "{\"a\":1}{}"), Some(End::Silence));
        assert_eq!(end(201, "{}"), Some(End::Silence));
        assert_eq!(end(204, ""), Some(End::Silence));
        assert_eq!(end(409, "{}"), Some(End::Silence));
        assert_eq!(end(301, "{}"), Some(End::Silence));
    }

    #[test]
    fn only_what_hides_a_terminal_waits_for_a_shorter_time() {
        let (main, agent) = (br#"{"tool_input":{"agent_id":"a"}}"#, br#"{"agent_id":"a","agent_type":"Explore"}"#);
        let server = br#"{"hook_event_name":"Elicitation","mcp_server_name":"demo"}"#;
        for entrypoint in [None, Some("cli"), Some("claude-desktop")] {
            assert_eq!((longest(main, entrypoint), longest(agent, entrypoint)), (HOLD, SUBAGENT_HOLD));
            assert_eq!(longest(server, entrypoint), SUBAGENT_HOLD);
        }
        for entrypoint in ["sdk-cli", "sdk-py"] {
            assert_eq!((longest(main, Some(entrypoint)), longest(agent, Some(entrypoint))), (HOLD, HOLD));
        }
    }

    #[test]
    fn a_daemon_in_trouble_is_asked_again() {
        assert_eq!(end(503, "{}"), None);
    }
}
