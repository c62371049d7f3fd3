//! One attack's world: a daemon with both doors, and what its owner knows.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::ccmon::Ccmon;
use crate::support::{PATIENCE, program, stdin_of, wait_until};

/// The user that everybody may become a victim of.
pub const NOBODY: u32 = 65_534;

/// A world that several cases share, made by the first of them.
pub type Shared = Arc<LazyLock<World, Box<dyn FnOnce() -> World + Send>>>;

/// A shared world.
pub fn shared(make: impl FnOnce() -> World + Send + 'static) -> Shared {
    Arc::new(LazyLock::new(Box::new(make)))
}

/// A daemon, its directory, its port and its token.
pub struct World {
    pub ccmon: Ccmon,
    pub port: u16,
    pub token: String,
    directory: TempDir,
}

impl World {
    /// A daemon with the usual settings.
    pub fn open() -> Self {
        Self::with("")
    }

    /// A daemon with these settings, that logs all it can.
    pub fn with(settings: &str) -> Self {
        let mut world = Self::closed();
        world.configure(settings);
        world.start();
        world
    }

    /// No daemon yet.
    pub fn closed() -> Self {
        // A short path: it is part of socket names, which may have 107 bytes.
        let directory = tempfile::Builder::new().prefix("s-").tempdir().expect("a temporary directory");
        let mut ccmon = Ccmon::new(directory.path(), directory.path(), &path());
        ccmon.set("CCMON_LOG", "trace");
        Self { ccmon, port: 0, token: String::new(), directory }
    }

    /// Settings for the next daemon.
    pub fn configure(&self, settings: &str) {
        fs::create_dir_all(self.at("config")).expect("a writable directory");
        fs::write(self.at("config/config.toml"), settings).expect("a writable directory");
    }

    /// Starts the daemon, and learns what its owner can.
    pub fn start(&mut self) {
        self.ccmon.start();
        let read = |name: &str| fs::read_to_string(self.at("state").join(name)).expect("a file");
        (self.port, self.token) = (read("port").trim().parse().expect("a port"), read("token"));
    }

    /// A path in its directory.
    pub fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// `PORT` and `TOKEN` as they are here.
    pub fn fill(&self, text: &str) -> String {
        text.replace("PORT", &self.port.to_string()).replace("TOKEN", &self.token)
    }

    /// Sends bytes to the port: what is answered.
    pub fn tcp(&self, text: &str) -> Answer {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the port is open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Answer::of(stream, self.fill(text).as_bytes())
    }

    /// Sends bytes to the socket.
    pub fn unix(&self, bytes: &[u8]) -> Answer {
        let stream = self.socket();
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Answer::of(stream, bytes)
    }

    /// A connection to the socket.
    pub fn socket(&self) -> UnixStream {
        UnixStream::connect(self.at("door.sock")).expect("the socket is open")
    }

    /// A request with the token, over TCP.
    pub fn keyed(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.tcp(&posted(&format!("{method} {path}"), "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN", &body))
    }

    /// A program that finds this daemon, and nothing else of this environment.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.env_clear().envs(Ccmon::variables(self.directory.path()));
        command.env("HOME", self.directory.path()).env("PATH", path()).stdin(Stdio::null());
        command
    }

    /// The command line, to its end.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        self.command(program("ccmon")).args(arguments).output().expect("ccmon starts")
    }

    /// The hook with a payload.
    pub fn hook(&self, arguments: &[&str], payload: &[u8]) -> Waiting {
        fed(self.command(program("ccmon-hook")).args(arguments), payload)
    }

    /// Reports an event by the hook.
    pub fn event(&self, payload: &Value) {
        let hook = Child::from(self.hook(&[], payload.to_string().as_bytes()));
        let ended = hook.wait_with_output().expect("the hook ends");
        assert!(ended.status.success() && ended.stdout.is_empty() && ended.stderr.is_empty(), "{ended:?}");
        self.ccmon.wait_for_spooled();
    }

    /// A hook that waits for an answer about this command, and the request as it stands.
    pub fn asks(&self, session: &str, command: &str) -> (Waiting, Value) {
        // Whatever an earlier case left is not this one.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let session = format!("{session}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let hook = self.hook(&["--wait"], asking(&session, command).to_string().as_bytes());
        let mine = |request: &Value| request["session_id"] == session.as_str();
        let there = || self.ccmon.pending().into_iter().find(mine);
        let request = wait_until(PATIENCE, there, || format!("{session} never asks: {:?}", self.ccmon.pending()));
        (hook, request)
    }

    /// How often an attempt from inside a session was put on record.
    pub fn refusals(&self) -> usize {
        self.ccmon.events().iter().filter(|kind| *kind == "ccmon.refused").count()
    }

    /// Who the daemon is.
    pub fn pid(&self) -> u32 {
        let health = self.ccmon.get("/healthz").expect("the daemon answers");
        u32::try_from(health["pid"].as_u64().expect("a process")).expect("a process")
    }

    /// Lets everybody into its directory and to its socket, as no sane person would.
    pub fn expose(&self) {
        for path in [self.directory.path().to_owned(), self.at("door.sock")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("ours");
        }
    }
}

/// Something that runs, such as a hook that waits; it is killed when it is dropped.
pub struct Waiting(Option<Child>);

impl From<Child> for Waiting {
    fn from(child: Child) -> Self {
        Self(Some(child))
    }
}

impl From<Waiting> for Child {
    fn from(mut waiting: Waiting) -> Self {
        waiting.0.take().expect("it is taken once")
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(end);
    }
}

/// Starts something with this on its standard input.
pub fn fed(command: &mut Command, input: &[u8]) -> Waiting {
    let fed = command.stdin(stdin_of(input)).stdout(Stdio::piped()).stderr(Stdio::piped());
    Waiting(Some(fed.spawn().expect("it starts")))
}

/// A permission request.
pub fn asking(session: &str, command: &str) -> Value {
    json!({ "session_id": session, "cwd": "/p", "hook_event_name": "PermissionRequest", "tool_name": "Bash",
            "tool_input": { "command": command } })
}

/// A decision of somebody who looked.
pub fn decision(request: &Value, what: &str) -> Value {
    json!({ "decision": what, "shown": request["shown"] })
}

/// Where a request is decided.
pub fn decided_at(request: &Value) -> String {
    format!("/approvals/{}/decision", request["id"].as_str().expect("an id"))
}

/// A request with a JSON body.
pub fn posted(line: &str, lines: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\n{lines}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// A hook's own request, made by hand: with the context that hooks send.
pub fn reported(route: &str, payload: &[u8]) -> Vec<u8> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let id = format!("{:032x}", NEXT.fetch_add(1, Ordering::Relaxed));
    let context = json!({ "v": 1, "id": id, "started_ms": u64::try_from(now).unwrap_or_default(), "env": {} });
    let head = posted(&format!("POST {route}"), &format!("Host: ccmon\r\nCcmon-Context: {context}"), "");
    let head = head.replace("Content-Length: 0", &format!("Content-Length: {}", payload.len()));
    [head.as_bytes(), payload].concat()
}

/// A request without a body.
pub fn got(line: &str, lines: &str) -> String {
    format!("{line} HTTP/1.1\r\n{lines}\r\nConnection: close\r\n\r\n")
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// 0 when nothing did.
    pub status: u16,
    /// The headers, in small letters.
    pub head: String,
    /// The rest.
    pub body: String,
}

impl Answer {
    /// Sends, and reads until the other side closes.
    pub fn of(mut stream: impl Read + Write, bytes: &[u8]) -> Self {
        // Who refuses early may close before all is sent.
        let _ = stream.write_all(bytes);
        Self::read(stream)
    }

    /// Reads until the other side closes.
    pub fn read(mut stream: impl Read) -> Self {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let head = head.to_lowercase();
        let body = if head.contains("transfer-encoding: chunked") { joined(body) } else { body.to_owned() };
        Self { status, head, body }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// The pieces of a body, without their sizes.
fn joined(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Some(piece) = usize::from_str_radix(size, 16).ok().and_then(|size| rest.get(..size)) else { break };
        whole += piece;
        body = rest.get(piece.len() + 2..).unwrap_or_default();
    }
    whole
}

/// Whether we may become somebody else.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Why a case with a second user is not tried.
pub fn only_root() -> crate::suite::Verdict {
    crate::suite::Verdict::Skipped("only root can become somebody else".to_owned())
}

/// The same command, as another user.
pub fn as_nobody(command: &Command) -> Command {
    let nobody = NOBODY.to_string();
    let mut other = Command::new("setpriv");
    other.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]).arg(command.get_program());
    other.args(command.get_args()).env_clear();
    other.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    other
}

/// Where programs are looked for.
pub fn path() -> String {
    std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned())
}

/// Ends something, and waits for its end.
pub fn end(child: impl Into<Child>) {
    let mut child = child.into();
    let _ = child.kill();
    let _ = child.wait();
}

/// What a hook that waits says in the end; it is killed when it says nothing for so long.
pub fn said(child: impl Into<Child>, patience: Duration) -> (bool, Vec<u8>) {
    let mut child = child.into();
    let deadline = std::time::Instant::now() + patience;
    let mut ended = false;
    while !ended && std::time::Instant::now() < deadline {
        ended = child.try_wait().expect("a child of ours").is_some();
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    (ended, child.wait_with_output().expect("a child of ours").stdout)
}
