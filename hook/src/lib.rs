//! The program that Claude Code runs at every hook event. It carries the payload from standard input
//! to the daemon, and with `--wait` brings a decision back.
//!
//! It cannot hurt the session it runs in: every step has a deadline, nothing but a decision reaches
//! standard output, and it ends with exit code 0 whatever happens.
//!
//! - [`json`] cuts one JSON value out of standard input, without parsing it
//! - [`context`] says where the hook ran, in one line; [`proc`] finds the `claude` above it
//! - [`paths`] says where the daemon's socket and files are (the daemon asks the same functions)
//! - [`link`] talks to the daemon, in the words of [`http`]
//! - [`wait`] holds a permission request until somebody decides
//! - [`spool`] keeps events for a daemon that is away; the daemon reads them back with it
//! - [`errors`] writes `hook-errors.log`, the only place where the hook complains; [`private`] opens such files safely

pub mod context;
pub mod errors;
pub mod http;
pub mod json;
pub mod link;
pub mod paths;
pub mod private;
pub mod proc;
pub mod spool;
pub mod wait;

mod poll;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use context::Context;
use link::{Link, NoLink, Until};

/// How long a daemon may take to accept the connection.
pub const CONNECT: Duration = Duration::from_millis(50);
/// How long an event may take in all, from connecting to the acknowledgement.
pub const ACKNOWLEDGE: Duration = Duration::from_millis(200);

/// The same where an ssh may carry it there and back: a second is the way around the world, some times.
pub const ACKNOWLEDGE_FAR: Duration = Duration::from_secs(1);

/// How long Claude Code may take to hand over an event's payload (its shortest hook timeout is 1.5 s).
const EVENT_STDIN: Duration = Duration::from_secs(1);
/// The same for a permission request, which has time and matters more.
const WAIT_STDIN: Duration = Duration::from_secs(5);

/// The mode bits that others must not have.
const PRIVATE: rustix::fs::Mode = rustix::fs::Mode::RWXG.union(rustix::fs::Mode::RWXO);

/// The version, with the commit that a program was built from.
///
/// Only the programs' own small crates read `CCMON_COMMIT`, which the package's build sets: a library that did would be
/// compiled anew for each commit.
#[must_use]
pub fn version(commit: Option<&str>) -> String {
    format!("{} (commit {})", env!("CARGO_PKG_VERSION"), commit.unwrap_or("unknown"))
}

/// Runs the hook with its arguments (without the program's name), built from this commit. Returns normally under every
/// fault.
pub fn run(args: impl Iterator<Item = OsString>, commit: Option<&str>) {
    std::panic::set_hook(Box::new(|_| {}));
    // The last resort: there is no known way to panic, and if there is one it must stay silent.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| hook(args, commit)));
}

fn hook(args: impl Iterator<Item = OsString>, commit: Option<&str>) {
    let started = Instant::now();
    // The daemon's own summarizer runs `claude`; reporting that would be an endless circle.
    if std::env::var_os("CCMON_SUMMARIZER").is_some_and(|value| value == "1") {
        return;
    }
    match mode(args) {
        Mode::Version => print(format!("ccmon-hook {}\n", version(commit)).as_bytes()),
        Mode::Event => event(started),
        Mode::Wait => wait(started),
    }
}

enum Mode {
    Event,
    Wait,
    Version,
}

/// Unknown arguments are ignored: a newer settings.json must not break an older hook.
fn mode(args: impl Iterator<Item = OsString>) -> Mode {
    let mut mode = Mode::Event;
    for arg in args {
        if arg == "--version" {
            return Mode::Version;
        } else if arg == "--wait" {
            mode = Mode::Wait;
        }
    }
    mode
}

fn event(started: Instant) {
    let places = Places::find();
    let Some(payload) = places.read_stdin(started + EVENT_STDIN) else {
        return;
    };
    let Some(context) = Context::gather() else {
        return;
    };
    let delivered = places.socket.as_deref().is_some_and(|socket| {
        let request = http::request("/event", &context.json, &payload);
        deliver(socket, &request).unwrap_or_else(|why| {
            places.note_if_strange(&why);
            false
        })
    });
    if !delivered {
        places.spool(&context, &payload);
    }
}

/// Whether the daemon has seen the event. A 4xx also counts: it will never want this one.
fn deliver(socket: &Path, request: &[u8]) -> Result<bool, NoLink> {
    let far = std::env::var_os("SSH_CONNECTION").is_some();
    let deadline = Instant::now() + if far { ACKNOWLEDGE_FAR } else { ACKNOWLEDGE };
    let link = Link::connect(socket, CONNECT)?;
    let answer = link.exchange(request, &Until::deadline(deadline));
    Ok(answer.is_ok_and(|answer| matches!(answer.status, 200..=299 | 400..=499)))
}

fn wait(started: Instant) {
    let places = Places::find();
    let Some(payload) = places.read_stdin(started + WAIT_STDIN) else {
        return;
    };
    let Some(context) = Context::gather() else {
        return;
    };
    let Some(socket) = places.socket.as_deref() else {
        return places.spool(&context, &payload);
    };
    let request = http::request("/approval", &context.json, &payload);
    let entrypoint = std::env::var("CLAUDE_CODE_ENTRYPOINT").ok();
    let deadline = started + wait::longest(&payload, entrypoint.as_deref());
    match wait::hold(socket, &request, deadline) {
        wait::End::Decided(decision) => print(&decision),
        wait::End::Silence => {}
        wait::End::NoDaemon(why) => {
            places.note_if_strange(&why);
            // So that the history knows of it. Nothing of a stranger's making is worth a trace.
            if !matches!(why, NoLink::Foreign { .. }) {
                places.spool(&context, &payload);
            }
        }
    }
}

/// Writes to standard output, past std's line buffer: a decision is one piece. A closed one is nobody's loss.
fn print(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match rustix::io::write(rustix::stdio::stdout(), bytes) {
            Ok(0) => return,
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) if poll::writable(rustix::stdio::stdout()) => {}
            Err(_) => return,
        }
    }
}

/// Where the daemon listens and where its files are, as far as the environment tells.
struct Places {
    socket: Option<PathBuf>,
    state: Option<PathBuf>,
}

impl Places {
    fn find() -> Self {
        let state = paths::state_dir();
        let socket = paths::socket_path();
        Self { socket, state }
    }

    fn read_stdin(&self, deadline: Instant) -> Option<Vec<u8>> {
        match json::read_value(rustix::stdio::stdin(), deadline) {
            Ok(payload) => Some(payload),
            Err(why) => {
                if let Some(message) = why.message() {
                    self.note(message);
                }
                None
            }
        }
    }

    fn spool(&self, context: &Context, payload: &[u8]) {
        let Some(state) = self.state.as_deref() else {
            return;
        };
        // Exact modes whatever the umask, also for the directories above.
        rustix::process::umask(PRIVATE);
        if let Err(error) = spool::store(state, context, payload) {
            self.note(&format!("an event was lost: {error}"));
        }
    }

    /// An absent daemon is ordinary; one that is somebody else's, or unreachable by name, is not.
    fn note_if_strange(&self, why: &NoLink) {
        if !matches!(why, NoLink::Absent(_)) {
            self.note(&why.to_string());
        }
    }

    fn note(&self, message: &str) {
        if let Some(state) = self.state.as_deref() {
            rustix::process::umask(PRIVATE);
            errors::note(state, message);
        }
    }
}
