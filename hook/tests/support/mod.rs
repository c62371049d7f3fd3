//! A private place for one test, a stand-in for the daemon, and the real hook.
#![allow(dead_code)] // Every test binary uses its own part of this.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ccmon_hook::spool::{self, Record};

/// The program under test.
pub const HOOK: &str = env!("CARGO_BIN_EXE_ccmon-hook");
/// What the tests send where nothing depends on it.
pub const PAYLOAD: &str = r#"{"hook_event_name":"Stop","session_id":"s-1","note":"a } in a string"}"#;
/// Longer than anything that should end may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A directory of its own for one test, removed afterwards.
pub struct Place {
    /// The directory.
    pub root: PathBuf,
}

impl Place {
    /// Makes it.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ccmon-hook-{}-{count}", std::process::id());
        let root = std::env::temp_dir().join(name);
        fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    /// The state directory, which the hook makes.
    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    /// Where the daemon would listen.
    pub fn socket(&self) -> PathBuf {
        self.root.join("daemon.sock")
    }

    /// What the spool holds, read as the daemon reads it.
    pub fn spooled(&self) -> Vec<Record> {
        let entries = spool::list(&self.state()).unwrap();
        entries.iter().map(|entry| spool::read(entry).unwrap()).collect()
    }

    /// The error log, empty when there is none.
    pub fn errors(&self) -> String {
        fs::read_to_string(self.state().join("hook-errors.log")).unwrap_or_default()
    }

    /// The hook, with this place's state and socket and nothing else in its environment.
    pub fn hook(&self) -> Command {
        self.hook_at(Path::new(HOOK))
    }

    /// The same, run through another program.
    pub fn hook_at(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin");
        command.env("CCMON_STATE_DIR", self.state()).env("CCMON_SOCKET", self.socket());
        command
    }

    /// Runs the hook with `payload` on a standard input that closes behind it.
    pub fn run(&self, args: &[&str], payload: &[u8]) -> Finished {
        let mut running = Running::start(self.hook().args(args));
        running.give(payload);
        running.close_stdin();
        running.finish()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// A hook that has ended.
pub struct Finished {
    /// How.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it complained.
    pub stderr: Vec<u8>,
    /// How long it took.
    pub took: Duration,
}

impl Finished {
    /// Asserts what must be true of every run without a decision.
    pub fn assert_silent(&self) {
        assert!(self.status.success(), "{}", self.status);
        assert_eq!(String::from_utf8_lossy(&self.stdout), "");
        assert_eq!(String::from_utf8_lossy(&self.stderr), "");
    }

    /// Asserts a clean run that printed exactly this.
    pub fn assert_printed(&self, text: &str) {
        assert!(self.status.success(), "{}", self.status);
        assert_eq!(String::from_utf8_lossy(&self.stdout), text);
        assert_eq!(String::from_utf8_lossy(&self.stderr), "");
    }
}

/// A hook that runs. Killed if the test gives up on it.
pub struct Running {
    /// The process.
    pub child: Child,
    begun: Instant,
    readers: Vec<JoinHandle<Vec<u8>>>,
}

impl Running {
    /// Starts it with pipes for standard input, output and error.
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::start_as_is(command)
    }

    /// Starts it with whatever the command says.
    pub fn start_as_is(command: &mut Command) -> Self {
        let begun = Instant::now();
        Self { child: command.spawn().unwrap(), begun, readers: Vec::new() }
    }

    /// Writes to its standard input. A hook that has stopped reading is the test's business elsewhere.
    pub fn give(&mut self, bytes: &[u8]) {
        let _ = self.child.stdin.as_mut().unwrap().write_all(bytes);
    }

    /// Ends its standard input.
    pub fn close_stdin(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Finished {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        self.readers.extend(stdout.map(collect));
        self.readers.extend(stderr.map(collect));
        let status = self.wait();
        let took = self.begun.elapsed();
        let mut read = self.readers.drain(..).map(|reader| reader.join().unwrap());
        let (stdout, stderr) = (read.next().unwrap_or_default(), read.next().unwrap_or_default());
        drop(read);
        Finished { status, stdout, stderr, took }
    }

    /// Waits for its end, and no longer than [`PATIENCE`].
    pub fn wait(&mut self) -> ExitStatus {
        let mut ended = None;
        until("the hook has ended", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// Looks again and again until `condition` holds.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// What the hook asked.
#[derive(Debug)]
pub struct Request {
    /// Such as `POST /event HTTP/1.1`.
    pub line: String,
    /// The `Ccmon-Context` header.
    pub context: String,
    /// The payload.
    pub body: Vec<u8>,
}

impl Request {
    /// The id in the context.
    pub fn id(&self) -> &str {
        let (_, rest) = self.context.split_once("\"id\":\"").unwrap();
        &rest[..32]
    }
}

/// Listens like the daemon; the test answers by hand.
pub struct Daemon {
    socket: PathBuf,
    requests: Receiver<(Request, UnixStream)>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Daemon {
    /// Begins to listen in `place`.
    pub fn listen(place: &Place) -> Self {
        let socket = place.socket();
        let _ = fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let (sender, requests) = mpsc::channel();
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let request = read_request(&stream);
                let _ = request.map(|request| sender.send((request, stream)));
            }
        });
        Self { socket, requests, stopping, thread: Some(thread) }
    }

    /// The next request, and the connection to answer on.
    pub fn next(&self) -> (Request, UnixStream) {
        self.requests.recv_timeout(PATIENCE).expect("a request")
    }

    /// Answers the next request with these bytes, then closes.
    pub fn answer(&self, bytes: &[u8]) -> Request {
        let (request, mut stream) = self.next();
        stream.write_all(bytes).unwrap();
        request
    }

    /// Asserts that nobody asks, now that the hook has ended.
    pub fn assert_unasked(&self) {
        assert!(self.requests.try_recv().is_err(), "the daemon was asked");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = UnixStream::connect(&self.socket);
        let _ = self.thread.take().map(JoinHandle::join);
        let _ = fs::remove_file(&self.socket);
    }
}

fn read_request(mut stream: &UnixStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(request) = parse_request(&bytes) {
            return Some(request);
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
        }
    }
}

fn parse_request(bytes: &[u8]) -> Option<Request> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let length: usize = header("Content-Length:").parse().unwrap();
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    let line = head.lines().next().unwrap().to_owned();
    Some(Request { line, context: header("Ccmon-Context:"), body })
}

/// A complete answer.
pub fn http(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Whether this test may become another user.
pub fn can_change_user() -> bool {
    use std::os::unix::fs::MetadataExt;
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    root && Path::new("/usr/bin/setpriv").exists()
}

/// The hook as the user `nobody`, in a place which that user owns.
pub fn hook_as_nobody(place: &Place) -> Command {
    use std::os::unix::fs::{PermissionsExt, chown};
    let copy = place.root.join("ccmon-hook");
    // By another process: it would be busy while a child of another test is just starting.
    let installed = Command::new("install").arg("-m755").arg(HOOK).arg(&copy).status().unwrap();
    assert!(installed.success());
    fs::set_permissions(&place.root, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(place.state()).unwrap();
    chown(place.state(), Some(65534), Some(65534)).unwrap();
    let mut command = place.hook_at(Path::new("/usr/bin/setpriv"));
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(&copy);
    command
}
