//! What the hook costs a session: the run time of the whole process, beside that of `/bin/true`.
//!
//! All rows take turns, so that whatever else the machine does hits them alike; the ratio of the medians
//! is what counts. Build the released hook first (`packaging/build-hook`), then
//! `cargo bench --no-default-features --bench hook`. The daemon is the real one, with a database of its
//! own; the stand-in is a bare socket that answers at once: what lies between is the daemon's work.
//! `CCMON_BENCH_ROUNDS` sets the number of rounds.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

mod support;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::daemon::Daemon;
use support::{median, setting, verdict};

const HOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/hook-static/ccmon-hook");

const CCMON: &str = env!("CARGO_BIN_EXE_ccmon");

/// As Claude Code sends it before a tool runs.
const PAYLOAD: &str = r#"{"session_id":"e8fa1f50-1ab9-49a0-b236-a4fabc4ef73b","transcript_path":"/home/dev/.claude/projects/-home-dev-proj/e8fa1f50-1ab9-49a0-b236-a4fabc4ef73b.jsonl","cwd":"/home/dev/proj","permission_mode":"default","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"rm -rf node_modules","description":"Remove node_modules"},"tool_use_id":"toolu_221e214f0970483587"}"#;

/// As Claude Code sends it when it asks for what the daemon has a rule for.
const ASKED: &str = r#"{"session_id":"e8fa1f50-1ab9-49a0-b236-a4fabc4ef73b","transcript_path":"/home/dev/.claude/projects/-home-dev-proj/e8fa1f50-1ab9-49a0-b236-a4fabc4ef73b.jsonl","cwd":"/home/dev/proj","permission_mode":"default","hook_event_name":"PermissionRequest","tool_name":"Bash","tool_input":{"command":"git status --short | head -20","description":"Look"},"permission_suggestions":[]}"#;

const DECISION: &str =
    r#"{"hookSpecificOutput":{"hookEventName":"PermissionRequest","decision":{"behavior":"allow"}}}"#;

fn main() -> io::Result<()> {
    if !Path::new(HOOK).is_file() {
        println!("{HOOK} is missing: run packaging/build-hook first");
        return Ok(());
    }
    let stage = Stage::set()?;
    let mut rows = stage.rows();
    for round in 0..setting("CCMON_BENCH_ROUNDS", 300) + WARM_UP {
        for row in &mut rows {
            let took = stage.time(row)?;
            if round >= WARM_UP {
                row.times.push(took);
            }
        }
    }
    report(&mut rows);
    Ok(())
}

const WARM_UP: u64 = 10;

/// One line of the table.
struct Row {
    name: &'static str,
    command: Vec<String>,
    /// The file that the hook reads.
    payload: &'static str,
    socket: PathBuf,
    /// At most this many times `/bin/true`, where a promise was made.
    target: Option<f64>,
    times: Vec<Duration>,
}

/// The directory with the payload, the state and the stand-in's socket: the daemon's own, removed with it.
struct Stage {
    dir: PathBuf,
    daemon: Daemon,
}

impl Stage {
    fn set() -> io::Result<Self> {
        let daemon = Daemon::start(&std::env::temp_dir())?;
        let dir = daemon.dir.join("hook");
        fs::create_dir_all(dir.join("state/spool"))?;
        fs::write(dir.join("event"), PAYLOAD)?;
        fs::write(dir.join("asked"), ASKED)?;
        daemon.run(&["rules", "add", "git status*"])?;
        let listener = UnixListener::bind(dir.join("daemon.sock"))?;
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A hook that goes away early is its own row's trouble.
                let _ = serve(stream);
            }
        });
        Ok(Self { dir, daemon })
    }

    fn rows(&self) -> Vec<Row> {
        let (stand_in, up) = (self.dir.join("daemon.sock"), self.daemon.socket());
        let row = |name, command: &[&str], socket: &Path, target| Row {
            name,
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            payload: "event",
            socket: socket.to_owned(),
            target,
            times: Vec::new(),
        };
        let absent = self.dir.join("absent.sock");
        vec![
            row("/bin/true", &["/bin/true"], &up, None),
            row("event, bare socket", &[HOOK], &stand_in, None),
            row("event, daemon up", &[HOOK], &up, Some(1.3)),
            row("event, no daemon (spooled)", &[HOOK], &absent, Some(1.5)),
            row("sh -c /bin/true", &["/bin/sh", "-c", "/bin/true"], &up, None),
            row("sh -c event, daemon up", &["/bin/sh", "-c", HOOK], &up, Some(2.5)),
            // Always the stand-in: the real daemon would ask a person.
            row("--wait, decided at once", &[HOOK, "--wait"], &stand_in, Some(1.8)),
            Row { payload: "asked", ..row("--wait, decided by a rule", &[HOOK, "--wait"], &up, Some(2.0)) },
            row("ccmon status", &[CCMON, "status"], &up, Some(3.0)),
        ]
    }

    /// From before the fork until the process has been waited for.
    fn time(&self, row: &Row) -> io::Result<Duration> {
        let mut command = Command::new(&row.command[0]);
        command
            .args(&row.command[1..])
            // Cargo's own, in which the loader of `/bin/true` would search: that made the floor twice as dear.
            .env_remove("LD_LIBRARY_PATH")
            .env("CCMON_SOCKET", &row.socket)
            .env("CCMON_STATE_DIR", self.dir.join("state"))
            // As the client does, which is played by us: its hooks need not look for it among all their parents.
            .env("CLAUDE_PID", std::process::id().to_string())
            .stdin(File::open(self.dir.join(row.payload))?)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let begin = Instant::now();
        let status = command.spawn()?.wait()?;
        let took = begin.elapsed();
        assert!(status.success(), "{}: {status}", row.name);
        for file in fs::read_dir(self.dir.join("state/spool"))? {
            fs::remove_file(file?.path())?;
        }
        Ok(took)
    }
}

/// Answers one request: an event is acknowledged, an approval decided.
fn serve(mut stream: UnixStream) -> io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while !request.ends_with(PAYLOAD.as_bytes()) {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..length]);
    }
    if request.starts_with(b"POST /approval ") {
        let length = DECISION.len();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{DECISION}")
    } else {
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
    }
}

fn report(rows: &mut [Row]) {
    let base = median(&mut rows[0].times);
    println!("{:<30} {:>10} {:>8}   target", "", "median", "ratio");
    for row in rows {
        let median = median(&mut row.times);
        let ratio = median.as_secs_f64() / base.as_secs_f64();
        let target = row.target.map_or(String::new(), |target| verdict(&format!("<= {target:.2}"), ratio <= target));
        println!("{:<30} {:>7} us {ratio:>8.2}   {target}", row.name, median.as_micros());
    }
}
