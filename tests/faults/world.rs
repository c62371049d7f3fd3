//! A daemon, its directory, and hooks that are counted.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ledger::{Ledger, NUMBER, Said, Stored};
use crate::support::ccmon::Ccmon;
use crate::support::{PATIENCE, http, program, stdin_of, wait_until};

/// A request that is answered later than this will never be: a case needs far less for all of its own.
const STUCK: Duration = Duration::from_secs(180);

/// Where hooks run: all that they need, whatever becomes of the daemon.
pub struct Room {
    directory: PathBuf,
    ledger: Mutex<Ledger>,
    next: AtomicU64,
}

/// A room, and the daemon in it.
pub struct World {
    /// Where hooks run.
    pub room: Arc<Room>,
    /// The daemon.
    pub ccmon: Ccmon,
    _directory: TempDir,
}

/// A hook that waits.
pub struct Waiting {
    number: u64,
    /// Taken when it is waited for.
    hook: Option<Child>,
}

impl World {
    /// An empty one; no daemon runs yet.
    pub fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("ccmon-faults-").tempdir().expect("a temporary directory");
        let path = std::env::var("PATH").expect("a PATH");
        let ccmon = Ccmon::new(directory.path(), directory.path(), &path);
        let room = Room { directory: directory.path().to_owned(), ledger: Mutex::default(), next: AtomicU64::new(1) };
        Self { room: Arc::new(room), ccmon, _directory: directory }
    }

    /// One whose daemon answers.
    pub fn with_daemon() -> Self {
        let mut world = Self::new();
        world.ccmon.start();
        world
    }

    /// Starts the daemon, and waits until it answers, in trouble or not.
    pub fn start(&mut self) {
        self.ccmon.launch();
        self.wait_for_answer();
    }

    /// Waits until the daemon answers: what it says of itself. Hundreds of events may have been spooled, which a daemon
    /// that is built for tests takes in first.
    pub fn wait_for_answer(&self) -> Value {
        wait_until(4 * PATIENCE, || self.ccmon.get("/healthz"), || format!("it never answers\n{}", self.ccmon.traces()))
    }

    /// Waits until nothing is left in the spool, and holds what was sent against what is stored.
    pub fn settle(&mut self) -> String {
        self.settle_without(0)
    }

    /// The same, where so many events were lost as was said.
    pub fn settle_without(&mut self, lost: usize) -> String {
        let room = Arc::clone(&self.room);
        // What could not be stored goes from the journal into the spool.
        let drained = || (!self.ccmon.is_behind() && room.spooled().is_empty()).then_some(());
        // The longest pause before what failed is tried again is a minute.
        wait_until(3 * PATIENCE, drained, || format!("the spool is never drained\n{}", self.ccmon.traces()));
        let stored = Stored::read(&room.state());
        let faults = room.ledger().faults(&stored, lost);
        assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), self.ccmon.traces());
        self.ccmon.kill();
        room.check();
        room.ledger().summary()
    }
}

impl Room {
    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.directory.join("state")
    }

    /// Makes the state directory as the daemon would.
    pub fn make_state(&self) -> PathBuf {
        let state = self.state();
        fs::create_dir_all(&state).expect("a writable directory");
        fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).expect("a directory of ours");
        state
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.state().join("ccmon.db")
    }

    /// Where it keeps everything.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The books.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A program of ours that finds this room's daemon, and nothing else.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        command.env_clear().envs(Ccmon::variables(&self.directory)).env("HOME", &self.directory);
        command
    }

    /// The number of the next payload.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A hook that reports this payload, under a number of its own; it has to end quietly.
    pub fn report(&self, payload: &Value) -> u64 {
        let number = self.number();
        let begun = Instant::now();
        let ended = self.hook(&[], payload, number).wait_with_output().expect("a child of ours");
        self.ended(number, &ended, begun.elapsed());
        number
    }

    /// A plain event.
    pub fn report_prompt(&self, session: &str) -> u64 {
        self.report(
            &json!({ "session_id": session, "cwd": "/p", "hook_event_name": "UserPromptSubmit", "prompt": "go on" }),
        )
    }

    /// A hook that asks for what the payload says, and waits.
    pub fn ask(&self, payload: &Value) -> Waiting {
        let number = self.number();
        let mut payload = payload.clone();
        // Otherwise two that ask the same at once would be one.
        payload["tool_input"][NUMBER] = number.into();
        Waiting { number, hook: Some(self.hook(&["--wait"], &payload, number)) }
    }

    /// A hook that asks for a command.
    pub fn ask_command(&self, session: &str) -> Waiting {
        self.ask(
            &json!({ "session_id": session, "cwd": "/p", "hook_event_name": "PermissionRequest", "tool_name": "Bash",
                          "tool_input": { "command": "touch foo" } }),
        )
    }

    /// Waits for the end of a hook that waits, which has to come; what it printed.
    pub fn heard(&self, mut waiting: Waiting) -> Said {
        let number = waiting.number;
        let is_over = || waiting.hook.as_mut().expect("a hook").try_wait().expect("a child of ours");
        wait_until(STUCK, is_over, || format!("request {number} is stuck"));
        let hook = waiting.hook.take().expect("a hook");
        let ended = hook.wait_with_output().expect("a child of ours");
        let said = Said::read(&ended.stdout);
        let mut ledger = self.ledger();
        match &said {
            Ok(said) => drop(ledger.said.insert(number, said.clone())),
            Err(odd) => ledger.broken.push(format!("request {number} printed {odd}")),
        }
        drop(ledger);
        self.ended(number, &Output { stdout: Vec::new(), ..ended }, Duration::ZERO);
        said.unwrap_or(Said::Nothing)
    }

    fn hook(&self, arguments: &[&str], payload: &Value, number: u64) -> Child {
        let mut payload = payload.clone();
        payload[NUMBER] = number.into();
        let mut command = self.command("ccmon-hook");
        let payload = stdin_of(payload.to_string().as_bytes());
        command.args(arguments).stdin(payload).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the hook starts")
    }

    fn ended(&self, number: u64, ended: &Output, took: Duration) {
        let mut ledger = self.ledger();
        ledger.sent.push(number);
        ledger.slowest = ledger.slowest.max(took);
        if !ended.status.success() || !ended.stdout.is_empty() || !ended.stderr.is_empty() {
            ledger.broken.push(format!("hook {number}: {ended:?}"));
        }
    }

    /// One request to the daemon; `None` when it does not answer.
    pub fn ask_daemon(&self, method: &str, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
        http::ask(&self.directory.join("door.sock"), method, path, body)
    }

    /// Says yes to a request, or no with this reason, and remembers what it is told. `false`: not settled by this.
    pub fn decide(&self, approval: &Value, deny: Option<&str>) -> bool {
        let id = approval["id"].as_str().unwrap_or_default();
        let verdict = if deny.is_some() { "deny" } else { "allow" };
        let body = json!({ "shown": approval["shown"], "decision": verdict, "message": deny });
        let Some((200, settled)) = self.ask_daemon("POST", &format!("/approvals/{id}/decision"), Some(&body)) else {
            return false;
        };
        let said = Said::of(settled["outcome"].as_str(), settled["message"].as_str());
        self.ledger().told.extend(said.map(|said| (id.to_owned(), said)));
        true
    }

    /// The files in the spool.
    pub fn spooled(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.state().join("spool")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "event")).collect()
    }

    /// What hooks complained about.
    pub fn complaints(&self) -> String {
        fs::read_to_string(self.state().join("hook-errors.log")).unwrap_or_default()
    }

    /// How many events hooks said that they lost.
    pub fn said_to_be_lost(&self) -> usize {
        self.complaints().matches("an event was lost").count()
    }

    /// Whether the database, as a crash left it, is sound.
    pub fn check(&self) {
        self.copy();
        self.check_copy();
    }

    /// Takes a copy of the database as a crash left it: looking at the file itself would mend it.
    pub fn copy(&self) {
        let copy = self.directory.join("copy");
        let _ = fs::remove_dir_all(&copy);
        fs::create_dir(&copy).expect("a writable directory");
        for end in ["", "-wal"] {
            let file = format!("ccmon.db{end}");
            // Without a log there is none to copy.
            let _ = fs::copy(self.state().join(&file), copy.join(&file));
        }
    }

    /// Whether that copy is sound.
    pub fn check_copy(&self) {
        let db = rusqlite::Connection::open(self.directory.join("copy/ccmon.db")).expect("a copy");
        let said: Result<String, _> = db.query_row("PRAGMA integrity_check", [], |row| row.get(0));
        assert_eq!(said.as_deref(), Ok("ok"));
    }
}

impl Waiting {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.hook.as_ref().map_or(0, Child::id)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // When a case fails in between.
        if let Some(mut hook) = self.hook.take() {
            let _ = hook.kill();
            let _ = hook.wait();
        }
    }
}

/// The wall's time.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
