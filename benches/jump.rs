//! What `ccmon next` costs beyond the calls of tmux that every way to a pane has to make.
//!
//! Two servers of tmux, one as the screen of the other's client; two sessions that need somebody, visited in
//! turn. Both are run by tmux, as for a key; the floor is a script with the same two calls of tmux. `cargo bench --no-default-features
//! --bench jump`; `CCMON_BENCH_ROUNDS` sets the number of rounds.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CCMON: &str = env!("CARGO_BIN_EXE_ccmon");
const CLIENT: &str = "#{client_name} #{client_pid} #{client_activity} #{session_id} #{pane_id} #{client_control_mode}";

fn main() -> io::Result<()> {
    let stage = Stage::set()?;
    let rounds = std::env::var("CCMON_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let (mut floor, mut next) = (Vec::new(), Vec::new());
    let socket = stage.socket("tmux").display().to_string();
    for round in 0..rounds + 5 {
        let pane = &stage.panes[round % 2];
        let look = format!("list-clients -F '{CLIENT}'");
        let first = format!("tmux -S {socket} display-message -p -t {pane} '#{{session_id}}' \\; {look}");
        let go = format!("select-window -t {pane} \\; select-pane -t {pane} \\; switch-client -c {}", stage.client);
        floor.push(stage.run(&format!("{first} >/dev/null; tmux -S {socket} {go} -t {pane} \\; {look} >/dev/null"))?);
        next.push(stage.run(&format!("{CCMON} next --client {}", stage.client))?);
    }
    let (floor, next) = (median(&mut floor, 5), median(&mut next, 5));
    println!("two calls of tmux   {:>8.2} ms", millis(floor));
    println!("ccmon next          {:>8.2} ms", millis(next));
    println!("beyond              {:>8.2} ms (promised: at most 30)", millis(next.saturating_sub(floor)));
    Ok(())
}

/// The median, the first few left out.
fn median(times: &mut Vec<Duration>, warm_up: usize) -> Duration {
    times.drain(..warm_up);
    times.sort();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A daemon, two servers of tmux, and two sessions whose terminals ask.
struct Stage {
    directory: tempfile::TempDir,
    daemon: Child,
    client: String,
    panes: Vec<String>,
}

impl Stage {
    fn set() -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut stage = Self { daemon: Command::new("true").spawn()?, directory, client: String::new(), panes: vec![] };
        let log = std::fs::File::create(stage.directory.path().join("log"))?;
        stage.daemon = stage.command(CCMON).arg("daemon").stdout(log.try_clone()?).stderr(log).spawn()?;
        stage.wait_for(|stage| stage.command(CCMON).arg("status").output().is_ok_and(|done| done.status.success()));
        stage.tmux(&["new-session", "-d", "-s", "here", "sleep 1000"])?;
        let attach = format!("TMUX= tmux -S {} attach -t here", stage.socket("tmux").display());
        stage.tmux_on("screen", &["new-session", "-d", "-x", "120", "-y", "40", &attach])?;
        stage.wait_for(|stage| stage.tmux(&["list-clients"]).is_ok_and(|clients| !clients.is_empty()));
        stage.client = stage.tmux(&["list-clients", "-F", "#{client_name}"])?;
        for session in ["one", "two"] {
            let told =
                stage.tmux(&["new-session", "-dP", "-F", "#{pane_id} #{pane_pid}", "-s", session, "sleep 1000"])?;
            let (pane, pid) = told.split_once(' ').expect("two words");
            stage.ask(session, pane, pid)?;
            stage.panes.push(pane.to_owned());
        }
        Ok(stage)
    }

    /// A session that goes on asking in its terminal, however often it is visited.
    fn ask(&self, session: &str, pane: &str, pid: &str) -> io::Result<()> {
        let payload = format!(
            r#"{{"session_id":"{session}","cwd":"/p","hook_event_name":"PermissionRequest","tool_name":"Bash","tool_input":{{"command":"make"}}}}"#
        );
        let hook = Path::new(CCMON).with_file_name("ccmon-hook");
        let hook = if hook.is_file() { hook } else { PathBuf::from("target/hook-static/ccmon-hook") };
        let mut command = self.command(hook.to_str().expect("a path in UTF-8"));
        let server = self.tmux(&["display-message", "-p", "#{pid}"])?;
        command.env("TMUX", format!("{},{server},0", self.socket("tmux").display()));
        let mut hook = command.env("TMUX_PANE", pane).env("CLAUDE_PID", pid).stdin(Stdio::piped()).spawn()?;
        hook.stdin.take().expect("a pipe").write_all(payload.as_bytes())?;
        hook.wait().map(drop)
    }

    /// How long tmux takes to run a command, as it does for a key: below the server, where callers are believed.
    fn run(&self, command: &str) -> io::Result<Duration> {
        let script = self.socket("script");
        let set = |name: &str, value: &str| format!("export {name}={}\n", self.socket(value).display());
        let set = set("CCMON_SOCKET", "door") + &set("CCMON_STATE_DIR", "state");
        std::fs::write(&script, format!("{set}{command}\n"))?;
        let begun = Instant::now();
        self.tmux(&["run-shell", &format!("sh {}", script.display())])?;
        Ok(begun.elapsed())
    }

    fn socket(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("HOME", self.directory.path()).env("CCMON_STATE_DIR", self.socket("state"));
        command.env("CCMON_SOCKET", self.socket("door")).env("CCMON_CONFIG_DIR", self.socket("config"));
        command.stdin(Stdio::null());
        command
    }

    fn tmux(&self, arguments: &[&str]) -> io::Result<String> {
        self.tmux_on("tmux", arguments)
    }

    fn tmux_on(&self, server: &str, arguments: &[&str]) -> io::Result<String> {
        let mut command = Command::new("tmux");
        command.args(["-f", "/dev/null", "-S"]).arg(self.socket(server)).args(arguments);
        let done = command.env_remove("TMUX").env_remove("TMUX_PANE").output()?;
        assert!(done.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }

    fn wait_for(&self, mut there: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !there(self) {
            assert!(Instant::now() < deadline, "never ready");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for server in ["tmux", "screen"] {
            let _ = Command::new("tmux").arg("-S").arg(self.socket(server)).arg("kill-server").output();
        }
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
