//! Sessions as Claude Code plays them: what was recorded, again and again, from processes that live.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ccmon_hook::http::{self, Answer};
use ccmon_hook::link::{Link, Until};
use ccmon_hook::proc::{self, Stat};

/// One turn as Claude Code 2.1.329 reported it: a prompt, six tools, one of them asked about and two of a
/// sub-agent, and the end.
const TURN: &str = include_str!("../data/turn.jsonl");
/// The names that stand in the record, and are each session's own when it is played.
pub const SESSION_ID: &str = "e8fa1f50-1ab9-49a0-b236-a4fabc4ef73b";
const CALL_ID: &str = "toolu_";
const PROJECT: &str = "/home/dev/proj";

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The payloads that a session sends, one after the other, and then from the first again.
pub type Script = Arc<[String]>;

/// What plays the `claude` processes: the daemon watches them, so they have to live.
pub struct Cast {
    children: Vec<Child>,
    scripts: Vec<Script>,
}

impl Cast {
    /// So many processes that sleep, and play the recorded turn.
    pub fn hire(count: usize) -> io::Result<Self> {
        Self::of(count, vec![turn()])
    }

    /// The same for other scripts, which are dealt out in turn.
    pub fn of(count: usize, scripts: Vec<Script>) -> io::Result<Self> {
        let mut cast = Self { children: Vec::new(), scripts };
        for _ in 0..count {
            cast.children.push(Command::new("sleep").arg("infinity").stdin(Stdio::null()).spawn()?);
        }
        Ok(cast)
    }

    /// A session for each.
    pub fn sessions(&self) -> Vec<Session> {
        let scripts = self.scripts.iter().cycle();
        self.children.iter().zip(scripts).map(|(child, script)| Session::of(child.id(), script)).collect()
    }
}

/// The recorded turn.
fn turn() -> Script {
    static LINES: LazyLock<Script> = LazyLock::new(|| TURN.lines().map(str::to_owned).collect());
    Arc::clone(&LINES)
}

impl Drop for Cast {
    fn drop(&mut self) {
        for child in &mut self.children {
            // One that has ended needs no end.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A session that is being played.
pub struct Session {
    id: String,
    pid: u32,
    start: u64,
    script: Script,
    turn: usize,
    line: usize,
}

/// What a hook would send.
pub struct Event {
    /// `Ccmon-Context`.
    pub context: String,
    /// What Claude Code hands over.
    pub payload: String,
    /// Whether the hook waits for an answer. The session's next event settles it.
    pub asks: bool,
}

impl Session {
    fn of(pid: u32, script: &Script) -> Self {
        let start = Stat::read(pid).map_or(0, |stat| stat.start);
        Self { script: Arc::clone(script), ..Self::named(pid, start) }
    }

    /// One whose process need not live, because nobody looks.
    pub fn named(pid: u32, start: u64) -> Self {
        Self { id: format!("e8fa1f50-1ab9-49a0-b236-{pid:012}"), pid, start, script: turn(), turn: 0, line: 0 }
    }

    /// As payloads name it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The next event of its endless turns.
    pub fn next(&mut self) -> Event {
        let script = Arc::clone(&self.script);
        let line = &script[self.line];
        let event = self.say(line);
        self.line += 1;
        if self.line == script.len() {
            (self.turn, self.line) = (self.turn + 1, 0);
        }
        event
    }

    /// One recorded payload, with this session's names in it.
    pub fn say(&self, line: &str) -> Event {
        let calls = format!("{CALL_ID}{}_", self.turn);
        let project = format!("{PROJECT}-{}", self.pid % 20);
        let payload = line.replace(SESSION_ID, &self.id).replace(CALL_ID, &calls).replace(PROJECT, &project);
        Event { context: self.context(), payload, asks: line.contains(r#""PermissionRequest""#) }
    }

    /// The next event of a hook that only reports.
    pub fn report(&mut self) -> Event {
        let event = self.next();
        if event.asks { self.report() } else { event }
    }

    fn context(&self) -> String {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let (number, now) = (NUMBER.fetch_add(1, Ordering::Relaxed), now_ms());
        // As far from each other as random ones: an index of them is written to all over.
        let id = u128::from(now << 24 | number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let (Self { pid, start, .. }, here) = (self, here());
        format!(
            r#"{{"v":1,"id":"{id:032x}","started_ms":{now},"pid":{pid},"start":{start},"tty":"/dev/pts/3",{here},"env":{{"TMUX":"/tmp/tmux-1000/default,2041,0","TMUX_PANE":"%{pid}","TERM_PROGRAM":"tmux","DISPLAY":":0","CLAUDE_CODE_ENTRYPOINT":"cli","CLAUDE_PROJECT_DIR":"{PROJECT}"}}}}"#
        )
    }
}

impl Event {
    /// Sends it as the hook does, on a connection of its own; the status of the answer, 0 without one.
    pub fn send(&self, socket: &Path) -> u16 {
        self.ask(socket).map_or(0, |answer| answer.status)
    }

    /// The same, for who wants to hear what is said.
    pub fn ask(&self, socket: &Path) -> Option<Answer> {
        let path = if self.asks { "/approval" } else { "/event" };
        let request = http::request(path, &self.context, self.payload.as_bytes());
        let link = Link::connect(socket, PATIENCE).ok()?;
        link.exchange(&request, &Until::deadline(Instant::now() + PATIENCE)).ok()
    }
}

/// That it is this machine and these processes, in the hook's words: a daemon looks longer at what comes from elsewhere.
fn here() -> &'static str {
    static HERE: LazyLock<String> = LazyLock::new(|| {
        let system = rustix::system::uname();
        let (host, boot) = (system.nodename().to_string_lossy(), proc::boot().unwrap_or_default());
        format!(r#""host":"{host}","boot":"{boot}","pids":{}"#, proc::pid_namespace().unwrap_or_default())
    });
    &HERE
}

/// The wall's time.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
