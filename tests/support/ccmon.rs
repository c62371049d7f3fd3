//! The real `ccmon`: its daemon, its installer and its API, all in directories of one test.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;

use super::{PATIENCE, http, program, wait_until};

/// A daemon with a state of its own; started and killed as the test likes.
pub struct Ccmon {
    directory: PathBuf,
    environment: Vec<(String, String)>,
    daemon: Option<Child>,
}

impl Ccmon {
    /// Prepares one below `directory`; nothing runs yet. `home` and `path` are what its children see.
    pub fn new(directory: &Path, home: &Path, path: &str) -> Ccmon {
        let mut environment = Self::variables(directory);
        environment.push(("HOME".to_owned(), home.display().to_string()));
        environment.push(("PATH".to_owned(), path.to_owned()));
        Ccmon { directory: directory.to_owned(), environment, daemon: None }
    }

    /// Sets a variable of what is started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// What hooks, CLI and daemon have to agree on.
    pub fn variables(directory: &Path) -> Vec<(String, String)> {
        let at = |name: &str| directory.join(name).display().to_string();
        let journal = Self::journal(directory).display().to_string();
        let variables = [
            ("CCMON_STATE_DIR", at("state")),
            ("CCMON_SOCKET", at("door.sock")),
            ("CCMON_CONFIG_DIR", at("config")),
            ("CCMON_JOURNAL_DIR", journal),
        ];
        variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// Where the daemon of this directory keeps what is on its way into the database: that has to be in memory.
    pub fn journal(directory: &Path) -> PathBuf {
        Path::new("/dev/shm").join(format!("ccmon-test{}", directory.display().to_string().replace('/', "-")))
    }

    /// Starts the daemon and waits until it answers.
    pub fn start(&mut self) {
        self.launch();
        let healthy = || self.get("/healthz").filter(|health| health["status"] == "ok");
        wait_until(PATIENCE, healthy, || format!("the daemon never answered\n{}", self.traces()));
    }

    /// Starts the daemon.
    pub fn launch(&mut self) {
        self.launch_by(&[]);
    }

    /// Starts the daemon through another program, which has to become it: these words, then its own.
    pub fn launch_by(&mut self, words: &[&str]) {
        let log = fs::File::create(self.directory.join("daemon.output")).expect("a writable directory");
        let errors = log.try_clone().expect("a second handle");
        let own = program("ccmon");
        let mut words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        words.extend([own.as_os_str(), OsStr::new("daemon")]);
        let mut command = self.environed(words[0]);
        let daemon = command.args(&words[1..]).stdin(Stdio::null()).stdout(log).stderr(errors).spawn();
        self.daemon = Some(daemon.expect("ccmon starts"));
    }

    /// The daemon's process.
    pub fn pid(&self) -> u32 {
        self.daemon.as_ref().expect("a running daemon").id()
    }

    /// Waits until a daemon that cannot go on has ended: how, and what it said.
    pub fn wait_for_end(&mut self) -> (ExitStatus, String) {
        let mut daemon = self.daemon.take().expect("a daemon");
        let ended = || daemon.try_wait().expect("a child of ours");
        let status = wait_until(PATIENCE, ended, || "it does not end".into());
        (status, fs::read_to_string(self.directory.join("daemon.output")).unwrap_or_default())
    }

    /// SIGKILL: no goodbye to anybody.
    pub fn kill(&mut self) {
        let mut daemon = self.daemon.take().expect("a running daemon");
        daemon.kill().expect("a child of ours");
        daemon.wait().expect("a child of ours");
    }

    /// `ccmon install` into these settings.
    pub fn install(&self, settings: &Path) {
        let hook = program("ccmon-hook");
        let settings_path = settings.to_str().expect("a path in UTF-8");
        let output = self.cli(&["install", "--settings", settings_path]);
        assert!(output.status.success(), "ccmon install: {output:?}");
        let written = fs::read_to_string(settings).expect("settings");
        assert!(written.contains(hook.to_str().expect("a path in UTF-8")), "the built hook is not in:\n{written}");
    }

    /// Runs `ccmon` with `arguments` to its end.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("ccmon starts")
    }

    /// The body of a GET; `None` when the daemon does not answer 200.
    pub fn get(&self, path: &str) -> Option<Value> {
        let (status, body) = http::ask(&self.socket(), "GET", path, None)?;
        (status == 200).then_some(body)
    }

    /// Any request with any answer: its status and its JSON.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = Some(body).filter(|body| !body.is_null());
        let answer = http::ask(&self.socket(), method, path, body);
        answer.unwrap_or_else(|| panic!("no answer to {method} {path}\n{}", self.traces()))
    }

    /// The undecided approvals, oldest first.
    pub fn pending(&self) -> Vec<Value> {
        list(self.get("/approvals"), "approvals")
    }

    /// Waits until exactly `count` approvals are undecided.
    pub fn wait_for_pending(&self, count: usize) -> Vec<Value> {
        let enough = || Some(self.pending()).filter(|pending| pending.len() == count);
        wait_until(PATIENCE, enough, || format!("never {count} pending\n{}", self.traces()))
    }

    /// An approval as it is now, decided or not.
    pub fn approval(&self, id: &Value) -> Value {
        let id = id.as_str().expect("an id");
        self.get(&format!("/approvals/{id}")).unwrap_or_else(|| panic!("no approval {id}\n{}", self.traces()))
    }

    /// Waits until an approval is settled.
    pub fn wait_for_settled(&self, id: &Value) -> Value {
        let settled = || Some(self.approval(id)).filter(|approval| approval["state"] == "settled");
        wait_until(PATIENCE, settled, || format!("{id} is never settled\n{}", self.traces()))
    }

    /// Decides an approval that was looked at; `decision` lacks only the proof of that.
    pub fn decide(&self, approval: &Value, mut decision: Value) -> Value {
        decision["shown"] = approval["shown"].clone();
        let path = format!("/approvals/{}/decision", approval["id"].as_str().expect("an id"));
        let answer = http::ask(&self.socket(), "POST", &path, Some(&decision));
        let (status, body) = answer.unwrap_or_else(|| panic!("no answer to {decision}\n{}", self.traces()));
        assert_eq!(status, 200, "{decision}: {body}");
        body
    }

    /// All sessions, ended ones too.
    pub fn sessions(&self) -> Vec<Value> {
        list(self.get("/sessions?include_ended=1"), "sessions")
    }

    /// Waits until the only session is in one of `states`.
    pub fn wait_for_state(&self, states: &[&str]) -> Value {
        let there = |session: &Value| states.iter().any(|state| session["state"] == *state);
        let reached = || match self.sessions().as_slice() {
            [only] if there(only) => Some(only.clone()),
            _ => None,
        };
        let report = || format!("never {states:?}: {:?}\n{}", self.sessions(), self.traces());
        wait_until(PATIENCE, reached, report)
    }

    /// Waits until the session of this process is in `state` and the reason given for it contains `why`.
    pub fn wait_for_reason(&self, pid: u32, state: &str, why: &str) -> Value {
        let told = |s: &Value| s["evidence"]["text"].as_str().is_some_and(|text| text.contains(why));
        let reached = || self.sessions().into_iter().find(|s| s["pid"] == pid && s["state"] == state && told(s));
        let report = || format!("never {state} because of {why:?}: {:#?}\n{}", self.sessions(), self.traces());
        wait_until(PATIENCE, reached, report)
    }

    /// Waits until the daemon, if one runs, has stored what stands in the journal, and what hooks left in the spool. On
    /// a busy machine it may answer a hook later than that waits, and then hears of the event from there.
    pub fn wait_for_spooled(&self) {
        let spool = self.directory.join("state/spool");
        let left = || {
            let files = fs::read_dir(&spool).into_iter().flatten().flatten();
            files.filter(|file| file.path().extension().is_some_and(|end| end == "event")).count()
        };
        let taken = || (self.daemon.is_none() || (left() == 0 && !self.is_behind())).then_some(());
        wait_until(PATIENCE, taken, || format!("{} events stay in the spool\n{}", left(), self.traces()));
    }

    /// Whether anything stands in the journal: an empty slot takes no memory.
    pub fn is_behind(&self) -> bool {
        let places = fs::read_dir(Self::journal(&self.directory)).into_iter().flatten().flatten();
        let files = places.flat_map(|place| fs::read_dir(place.path()).into_iter().flatten().flatten());
        files.filter_map(|file| file.metadata().ok()).any(|file| file.blocks() > 0)
    }

    /// The names of all stored events, oldest first.
    pub fn events(&self) -> Vec<String> {
        let events = list(self.get("/events?order=asc&limit=1000"), "events");
        events.iter().map(|event| event["kind"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits until the stored events include `last`.
    pub fn wait_for_event(&self, last: &str) -> Vec<String> {
        let arrived = || Some(self.events()).filter(|events| events.iter().any(|event| event == last));
        wait_until(PATIENCE, arrived, || format!("no {last} in {:?}\n{}", self.events(), self.traces()))
    }

    /// Waits until an event of this kind is stored; what the newest of them told.
    pub fn wait_for_payload(&self, kind: &str) -> Value {
        let events = || list(self.get("/events?order=desc&limit=1000"), "events");
        let told = || events().into_iter().find(|event| event["kind"] == kind).map(|event| event["payload"].clone());
        wait_until(PATIENCE, told, || format!("no {kind} in {:?}\n{}", self.events(), self.traces()))
    }

    /// Waits until the daemon has stored that the client's status file says `status`.
    pub fn wait_for_client_status(&self, status: &str) {
        let said = |event: &Value| event["kind"] == "ccmon.client" && event["payload"]["status"] == status;
        let events = || list(self.get("/events?order=asc&limit=1000"), "events");
        let stored = || events().iter().any(said).then_some(());
        wait_until(PATIENCE, stored, || format!("never told {status}\n{}", self.traces()));
    }

    /// Where the daemon listens.
    pub fn socket(&self) -> PathBuf {
        self.directory.join("door.sock")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.environed(program("ccmon").as_os_str());
        command.args(arguments);
        command
    }

    fn environed(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Everything that may explain a failure.
    pub fn traces(&self) -> String {
        let mut traces = format!("--- approvals\n{:#}\n", self.get("/approvals?state=all").unwrap_or_default());
        for name in ["daemon.output", "state/daemon.log", "state/hook-errors.log"] {
            if let Ok(text) = fs::read_to_string(self.directory.join(name)) {
                traces += &format!("--- {name}\n{text}\n");
            }
        }
        traces
    }
}

impl Drop for Ccmon {
    fn drop(&mut self) {
        if self.daemon.is_some() {
            self.kill();
        }
        // There is none, where no daemon ran.
        let _ = fs::remove_dir_all(Self::journal(&self.directory));
    }
}

fn list(answer: Option<Value>, name: &str) -> Vec<Value> {
    answer.and_then(|answer| answer[name].as_array().cloned()).unwrap_or_default()
}
