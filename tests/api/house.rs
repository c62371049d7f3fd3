//! A house with both doors, where a core answers at once and remembers what it was asked.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ccmon::api::past::{AuditQuery, Format, Past, SessionQuery, Sink, Unanswered};
use ccmon::api::{self, About, Ask, Change, EventQuery, Held, History, Hub, Opens, Sight, StoredEvent, doors};
use ccmon::core::{
    Answer, Approval, ApprovalId, Board, Core, Decide, Hook, HookCall, Input, Limits, Origin, Raw, Refusal, SessionKey,
    Time,
};
use ccmon::rules::{Offers, Rule};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::fixed::Fixed;
use crate::lane;

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How many changes a watcher may lag behind.
pub const CHANGES: usize = 4;

pub struct House {
    pub directory: TempDir,
    pub router: axum::Router,
    pub hub: Hub,
    pub port: u16,
    pub token: String,
    pub stop: watch::Sender<bool>,
    /// What the engine was asked, in words.
    pub asked: Arc<Mutex<Vec<String>>>,
    pub engine: JoinHandle<()>,
}

impl House {
    pub fn open() -> Self {
        Self::with_changes(CHANGES)
    }

    /// One whose watchers may lag so many changes behind.
    pub fn with_changes(most: usize) -> Self {
        afford_both_ends();
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (inbox, asks) = mpsc::channel(64);
        let (board, picture) = watch::channel(Arc::new(Board::default()));
        let (changes, _) = broadcast::channel(most);
        let (tcp, token) = doors::bind_tcp(directory.path(), 0).expect("a free port");
        let port = tcp.local_addr().expect("an address").port();
        let about = About { program: "ccmon", socket: String::new(), port: Some(port), started: 7 };
        let hub = Hub {
            inbox,
            board: picture,
            changes: changes.clone(),
            history: Arc::new(Empty),
            journal: Arc::new(lane::Shelf::default()),
            jumps: Arc::new(Nowhere),
            rules: Arc::new(NoRules),
            settings: Arc::new(Fixed),
            notices: Arc::new(NoNotices),
            quiet: watch::channel(None).1,
            quieter: Arc::new(NoNotices),
            jobs: Arc::new(Fixed),
            house: Arc::new(Fixed),
            summaries: Arc::new(NoSummaries),
            cards: Arc::new(Fixed),
            opens: Opens::default(),
            sight: Sight::none(),
            about: about.into(),
        };
        let asked = Arc::default();
        let engine =
            Engine { core: Core::new(Limits::default()), board, changes, waiting: vec![], asked: Arc::clone(&asked) };
        let engine = tokio::spawn(engine.run(asks));

        let router = api::router(hub.clone(), Some(token));
        let (stop, stopped) = watch::channel(false);
        let unix = doors::bind_unix(&directory.path().join("door.sock")).expect("a socket");
        tokio::spawn(doors::serve_unix(unix, (&hub).into(), router.clone(), stopped.clone()));
        tokio::spawn(doors::serve_tcp(tcp, router.clone(), stopped));
        let token = std::fs::read_to_string(directory.path().join("token")).expect("a token");
        Self { directory, router, hub, port, token, stop, asked, engine }
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("door.sock")
    }

    pub async fn unix(&self) -> UnixStream {
        UnixStream::connect(self.socket()).await.expect("the door is open")
    }

    pub async fn tcp(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.expect("the door is open")
    }

    /// The lines that open the TCP door.
    pub fn key(&self) -> String {
        format!("Host: 127.0.0.1:{}\r\nAuthorization: Bearer {}", self.port, self.token)
    }

    /// A hook that waits, once the engine knows of it.
    pub async fn hold(&self, id: &str) -> UnixStream {
        let mut hook = self.unix().await;
        let context = json!({ "v": 1, "id": id }).to_string();
        let head = format!("POST /approval HTTP/1.1\r\nHost: ccmon\r\nCcmon-Context: {context}");
        hook.write_all(posted(&head, "{}").as_bytes()).await.expect("the door is open");
        let mut board = self.hub.board.clone();
        let there = board.wait_for(|board| board.approvals.contains_key(&ApprovalId(id.into())));
        tokio::time::timeout(PATIENCE, there).await.expect("in time").expect("an engine");
        hook
    }

    pub fn decision(&self, id: &str, decision: &str) -> String {
        let board = self.hub.board.borrow();
        let shown = board.approvals.get(&ApprovalId(id.into())).map(|a| a.shown.to_string());
        json!({ "decision": decision, "shown": shown }).to_string()
    }

    /// Waits until the engine was asked this.
    pub async fn was_asked(&self, what: &str) {
        let asked = async {
            while !self.asked.lock().expect("no panic").iter().any(|ask| ask.contains(what)) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.expect(what);
    }
}

/// Callers and doors share this process, so that it needs twice the descriptors.
fn afford_both_ends() {
    let limit = getrlimit(Resource::Nofile);
    let soft = limit.maximum.map_or(8_192, |hard| hard.min(8_192));
    if limit.current.is_some_and(|current| current < soft) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(soft), ..limit }).expect("no more than the hard limit");
    }
}

/// A POST with these lines and a JSON body.
pub fn posted(head: &str, body: &str) -> String {
    let length = body.len();
    format!("{head}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// A GET with these lines.
pub fn got(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n{lines}\r\nConnection: close\r\n\r\n")
}

/// Sends a request and reads the whole answer; its status and text.
pub async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> (u16, String) {
    // Who refuses early may close before all is sent.
    let _ = stream.write_all(request.as_bytes()).await;
    let answer = rest(stream).await;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    crate::openapi::is_documented(request, status);
    (status, answer)
}

/// Sends a request; the first that comes back.
pub async fn begins(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("the door is open");
    let mut answer = [0; 1_024];
    let read = tokio::time::timeout(PATIENCE, stream.read(&mut answer)).await.expect("in time").expect("an answer");
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

/// Everything that comes until the connection ends.
pub async fn rest(mut stream: impl AsyncRead + Unpin) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the connection ends");
    String::from_utf8_lossy(&answer).into_owned()
}

struct Engine {
    core: Core,
    board: watch::Sender<Arc<Board>>,
    changes: broadcast::Sender<Change>,
    waiting: Vec<(ApprovalId, oneshot::Sender<Held>)>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Engine {
    async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        while let Some(ask) = asks.recv().await {
            self.asked.lock().expect("no panic").push(format!("{ask:?}"));
            self.on_ask(ask);
            self.board.send_replace(Arc::new(self.core.board().clone()));
        }
    }

    fn on_ask(&mut self, ask: Ask) {
        match ask {
            Ask::Event { payload, reply, .. } => lane::answer(&payload, reply),
            Ask::Settle { reply } => std::mem::forget(reply),
            Ask::Approval { context, reply, .. } => self.open(&context, reply),
            Ask::Decide { approval, shown, answer, by, reply, .. } => {
                drop(reply.send(self.decide(Decide { approval, shown, answer, by, made: None })));
            }
            _ => {}
        }
    }

    fn open(&mut self, context: &str, reply: oneshot::Sender<Held>) {
        let context: Value = serde_json::from_str(context).expect("a context");
        let id = context["id"].as_str().expect("an id");
        self.core.apply(Time(1_000), Input::Request(request(id)));
        self.waiting.push((ApprovalId(id.into()), reply));
        let approval = Arc::clone(&self.core.board().approvals[&ApprovalId(id.into())]);
        let _ = self.changes.send(Change::Pending(approval));
    }

    fn decide(&mut self, decide: Decide) -> Result<Arc<Approval>, Refusal> {
        let (id, allowed) = (decide.approval.clone(), matches!(decide.answer, Answer::Allow { .. }));
        let step = self.core.apply(Time(2_000), Input::Decide(decide));
        if let Some(refusal) = step.refused {
            return Err(refusal);
        }
        let told = if allowed { Held::Print("yes".into()) } else { Held::Nothing };
        if let Some(index) = self.waiting.iter().position(|(waiting, _)| *waiting == id) {
            drop(self.waiting.swap_remove(index).1.send(told));
        }
        Ok(Arc::clone(&self.core.board().approvals[&id]))
    }
}

fn request(id: &str) -> HookCall {
    HookCall {
        id: id.into(),
        at: Time(1_000),
        origin: Origin::default(),
        session_id: format!("session-of-{id}"),
        transcript: None,
        cwd: "/p".into(),
        prompt_id: None,
        mode: None,
        agent: None,
        what: Hook::Asked(ccmon::core::Ask {
            tool: "Bash".into(),
            input: Arc::new(json!({ "command": "touch foo" })),
            suggestions: Arc::new(json!([])),
            shown: format!("shown-{id}").into(),
            hold_ms: 0,
        }),
        raw: Raw::default(),
    }
}

struct Empty;

/// No terminals here.
struct Nowhere;

impl api::Jumps for Nowhere {
    fn go(&self, _wish: api::Wish, _caller: api::Caller) -> api::Going<'_> {
        Box::pin(async { Err("there are no terminals here".to_owned()) })
    }
}

struct NoNotices;

impl api::Quieter for NoNotices {
    fn set(&self, _: Option<Time>) -> api::Later<'_, Result<(), String>> {
        Box::pin(async { Err("nobody keeps it here".into()) })
    }

    fn tomorrow(&self) -> Time {
        Time(0)
    }
}

impl api::Notices for NoNotices {
    fn test(&self, _: api::Notice) -> api::Later<'_, Result<api::Tested, api::Unsaid>> {
        Box::pin(async { Err(api::Unsaid::Nobody("there is no desktop here".to_owned())) })
    }
}

struct NoSummaries;

impl api::Summaries for NoSummaries {
    fn look(&self, _: SessionKey) -> api::Later<'_, Result<api::Summarized, api::NoSummary>> {
        Box::pin(async { Err(api::NoSummary::Unknown) })
    }

    fn ask(&self, _: SessionKey) -> api::Later<'_, Result<api::Summarized, api::NoSummary>> {
        Box::pin(async { Err(api::NoSummary::Off) })
    }
}

struct NoRules;

impl api::Rulebook for NoRules {
    fn list(&self) -> Value {
        json!({ "rules": [], "paused": false, "broken": null })
    }

    fn rule(&self, _: i64) -> Option<Value> {
        None
    }

    fn export(&self) -> String {
        String::new()
    }

    fn test(&self, _: api::Trying) -> Result<Value, String> {
        Err("there are no rules here".to_owned())
    }

    fn replay(&self, _: Rule, _: api::Step) -> Result<Value, String> {
        Err("there is no past here".to_owned())
    }

    fn preview(&self, _: Rule, _: Option<usize>) -> Result<Value, String> {
        Ok(json!({ "lints": [], "samples": [] }))
    }

    fn suggest(&self) -> Result<Value, String> {
        Ok(json!({ "suggestions": [] }))
    }

    fn offers(&self, _: api::Weighing) -> api::Later<'_, Result<Offers, String>> {
        Box::pin(async { Ok(Offers::default()) })
    }

    fn assess(&self, _: api::Weighing) -> api::Later<'_, Result<Value, String>> {
        Box::pin(async { Err("nobody looks here".to_owned()) })
    }

    fn promote(&self, _: &str) -> Result<Option<Rule>, String> {
        Ok(None)
    }
}

impl Past for Empty {
    fn find(&self, _: &SessionQuery) -> Result<Value, Unanswered> {
        Ok(json!({ "sessions": [] }))
    }

    fn projects(&self) -> Result<Value, Unanswered> {
        Ok(json!({ "projects": [] }))
    }

    fn knows(&self, _: &str) -> Result<bool, Unanswered> {
        Ok(false)
    }

    fn session(&self, _: &str) -> Result<Value, Unanswered> {
        Ok(json!({}))
    }

    fn timeline(&self, _: &str, _: Option<i64>, _: usize) -> Result<Value, Unanswered> {
        Ok(json!({ "turns": [] }))
    }

    fn export(&self, _: &str, _: Format, _: Sink<'_>) -> Result<(), Unanswered> {
        Ok(())
    }

    fn audit(&self, _: &AuditQuery) -> Result<Value, Unanswered> {
        Ok(json!({ "approvals": [] }))
    }

    fn audit_counts(&self, _: &AuditQuery) -> Result<Value, Unanswered> {
        Ok(json!({ "total": 0 }))
    }

    fn export_audit(&self, _: &AuditQuery, _: Format, _: Sink<'_>) -> Result<(), Unanswered> {
        Ok(())
    }

    fn insight(&self, _: u16) -> Result<Value, Unanswered> {
        Ok(json!({}))
    }
}

impl History for Empty {
    fn events(&self, _: &EventQuery) -> Result<Vec<StoredEvent>, String> {
        Ok(vec![])
    }

    fn approvals(&self, _: u32) -> Result<Vec<Value>, String> {
        Ok(vec![])
    }

    fn approval(&self, _: &str) -> Result<Option<Value>, String> {
        Ok(None)
    }

    fn ended_sessions(&self, _: u32) -> Result<Vec<Value>, String> {
        Ok(vec![])
    }
}
