//! What the API needs from the rest of the daemon. `crate::daemon` fills it in; nothing here
//! knows who answers.

mod adapters;
mod jumps;
mod rulebook;

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub use adapters::{
    Cards, Later, NoSummary, Notice, Notices, Quieter, Standing, Summaries, Summarized, Summary, Tested, Unsaid,
};
pub use jumps::{Caller, Going, Jumps, Went, Wish};
pub use rulebook::{RuleEdit, Rulebook, Trying, Weighing};

use super::open::Opens;
use super::stage::Sight;
use super::upkeep::{House, Jobs, Refused, Settings};
use crate::core::{Answer, Approval, ApprovalId, Board, By, Limits, Mark, Refusal, Session, SessionKey, Time, Watched};
use crate::rules::Rule;

use super::past::Past;

/// The API's way to the rest of the daemon. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    /// The engine's inbox.
    pub inbox: mpsc::Sender<Ask>,
    /// The picture as it stands.
    pub board: watch::Receiver<Arc<Board>>,
    /// What changes, for the WebSocket. A receiver that lags is sent a new snapshot.
    pub changes: broadcast::Sender<Change>,
    /// Reads of the store.
    pub history: Arc<dyn History>,
    /// Where events stand on their way there.
    pub journal: Arc<dyn Journal>,
    /// Ways to terminals.
    pub jumps: Arc<dyn Jumps>,
    /// The rules.
    pub rules: Arc<dyn Rulebook>,
    /// The user's settings.
    pub settings: Arc<dyn Settings>,
    /// Notifications.
    pub notices: Arc<dyn Notices>,
    /// Until when the user wants to be left alone,
    pub quiet: watch::Receiver<Option<Time>>,
    /// and who sets it.
    pub quieter: Arc<dyn Quieter>,
    /// Work that takes long.
    pub jobs: Arc<dyn Jobs>,
    /// Our own installation.
    pub house: Arc<dyn House>,
    /// Summaries of sessions.
    pub summaries: Arc<dyn Summaries>,
    /// What requests are shown with.
    pub cards: Arc<dyn Cards>,
    /// The way to whoever shows windows.
    pub opens: Opens,
    /// Between the popup and those who look around.
    pub sight: Sight,
    /// Told by `/healthz`.
    pub about: Arc<About>,
}

/// Who wants to hear that an event is stored, or what is wrong with it. Dropped, it says that the event is not: whoever
/// keeps it then tries again.
pub struct Reply(Box<dyn FnOnce(Result<(), String>) + Send>);

impl Reply {
    /// What is to be done with the answer.
    pub fn new(hear: impl FnOnce(Result<(), String>) + Send + 'static) -> Self {
        Self(Box::new(hear))
    }

    /// Gives the answer.
    pub fn send(self, answer: Result<(), String>) {
        (self.0)(answer);
    }
}

impl From<oneshot::Sender<Result<(), String>>> for Reply {
    fn from(sender: oneshot::Sender<Result<(), String>>) -> Self {
        // Whoever does not wait any more need not hear it.
        Self::new(|answer| drop(sender.send(answer)))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}

/// What is asked of the engine.
#[derive(Debug)]
pub enum Ask {
    /// A hook reports. Answered once the event is stored.
    Event {
        /// The context header, as it came.
        context: String,
        /// The body, as it came.
        payload: Vec<u8>,
        /// Who brought it, where the kernel tells.
        hook: Option<u32>,
        /// Which drain of the spool brought it: none of one drain is stored after one that could not be.
        spooled: Option<u64>,
        /// `Err` says what was wrong with it, in words, for a 400.
        reply: Reply,
    },
    /// Somebody wants to see all that was asked before this.
    Settle {
        /// When that is shown, and stored as far as it can be.
        reply: oneshot::Sender<()>,
    },
    /// A hook asks and waits. The sender is dropped when there is no decision.
    Approval {
        /// The context header, as it came.
        context: String,
        /// The body, as it came.
        payload: Vec<u8>,
        /// The hook's connection: two under one id are told apart by it.
        connection: u64,
        /// Its process, where the kernel tells.
        hook: Option<u32>,
        /// What the hook prints.
        reply: oneshot::Sender<Held>,
    },
    /// The connection of a waiting hook is gone.
    HungUp {
        /// The id the hook came with.
        approval: ApprovalId,
        /// Which of its connections.
        connection: u64,
    },
    /// Somebody answers a request.
    Decide {
        /// Which.
        approval: ApprovalId,
        /// Hash of what was shown.
        shown: String,
        /// The answer.
        answer: Answer,
        /// A rule to be made first; when it cannot be, nothing is decided.
        rule: Option<Box<Rule>>,
        /// Who.
        by: By,
        /// The request as it then stands, once that is durable.
        reply: oneshot::Sender<Result<Arc<Approval>, Refusal>>,
    },
    /// Somebody fills in what an MCP server asks for.
    Filling {
        /// Which request.
        approval: ApprovalId,
        /// The request as it then stands, once that is durable.
        reply: oneshot::Sender<Result<Arc<Approval>, Refusal>>,
    },
    /// Somebody allows several requests for the very same: all of them, or none.
    AllowAlike {
        /// Which, each with the hash of what was shown.
        approvals: Vec<(ApprovalId, String)>,
        /// Who.
        by: By,
        /// The requests as they then stand, once that is durable.
        reply: oneshot::Sender<Result<Vec<Arc<Approval>>, Refusal>>,
    },
    /// The user says something of a session.
    Mark {
        /// Which.
        session: SessionKey,
        /// What.
        mark: Mark,
        /// The session as it then stands, once that is durable.
        reply: oneshot::Sender<Result<Arc<Session>, Refusal>>,
    },
    /// The user wants nothing of an ended session to be kept.
    Forget {
        /// Which.
        session: SessionKey,
        /// Whether there was anything, once that is gone.
        reply: oneshot::Sender<Result<bool, Refusal>>,
    },
    /// The user changes the rules.
    Rules {
        /// How.
        edit: RuleEdit,
        /// Where.
        by: By,
        /// The numbers of the rules that were made or changed, once that is durable; or why not.
        reply: oneshot::Sender<Result<Vec<i64>, Refused>>,
    },
    /// The user set other limits: they count for every request after this.
    Limit(Limits),
    /// Other places are looked at, or none any more.
    Watched(Watched),
    /// Somebody tried to decide, or to change something, who may not; for the log of events.
    Refused {
        /// Which request, if it was one.
        approval: Option<ApprovalId>,
        /// Who and why, in words.
        why: String,
    },
    /// The user ends ccmon: let every hook go, so that the terminals ask.
    ReleaseAll {
        /// When that is done.
        reply: oneshot::Sender<()>,
    },
    /// Another daemon takes over: stop, and let the hooks reconnect.
    Shutdown,
}

/// What a waiting hook is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The JSON it prints.
    Print(String),
    /// Nothing: it prints nothing.
    Nothing,
    /// The request was not understood; in words, for a 400.
    Malformed(String),
}

/// One change, for whoever watches.
#[derive(Clone, Debug)]
pub enum Change {
    /// A session's row is new or different.
    Session(Arc<Session>),
    /// A session is kept no longer.
    Gone(SessionKey),
    /// An event was stored.
    Event(Arc<StoredEvent>),
    /// A request waits.
    Pending(Arc<Approval>),
    /// A request is settled.
    Resolved(Arc<Approval>),
    /// A rule is new, different, gone, or all are paused or resumed.
    Rules,
    /// What is wrong with the daemon itself, or that nothing is any more.
    Trouble(Option<String>),
    /// The user's settings are different.
    Settings,
    /// The user wants to be left alone until then, or no longer.
    Quiet(Option<Time>),
    /// Long work began, got further or ended, as the API's JSON.
    Job(Arc<Value>),
}

/// Facts about the running daemon.
#[derive(Clone, Debug)]
pub struct About {
    /// `ccmon` or `ccmon-tray`.
    pub program: &'static str,
    /// Path of the Unix socket.
    pub socket: String,
    /// TCP port, when that door is open.
    pub port: Option<u16>,
    /// When it started, ms since the Unix epoch.
    pub started: u64,
}

/// One stored event.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StoredEvent {
    /// Running number: the order in which the daemon learnt of it.
    pub id: i64,
    /// When it happened, ms since the Unix epoch.
    pub at: u64,
    /// Key of the session's row.
    pub session: String,
    /// Claude's id of the conversation.
    pub session_id: String,
    /// Claude Code's event name, or `ccmon.…` for what ccmon noticed itself.
    pub kind: String,
    /// The raw payload.
    pub payload: Box<serde_json::value::RawValue>,
}

impl StoredEvent {
    /// As it is told. Hooks may have said what is JSON and yet no value, such as 1e999: that is told as nothing.
    #[must_use]
    pub fn told(&self) -> Value {
        let payload: Value = serde_json::from_str(self.payload.get()).unwrap_or_default();
        let mut told = self.told_briefly();
        told["payload"] = payload;
        told
    }

    /// The same without its payload.
    #[must_use]
    pub fn told_briefly(&self) -> Value {
        let Self { id, at, session, session_id, kind, .. } = self;
        json!({ "id": id, "at": at, "session": session, "session_id": session_id, "kind": kind })
    }
}

/// Which events are wanted.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct EventQuery {
    /// Only those with a larger number (smaller, when descending).
    pub after_id: Option<i64>,
    /// At most this many; 100 unless told, 1,000 at most.
    pub limit: Option<u32>,
    /// Newest first.
    pub order: Order,
    /// Only of this conversation, or of this row.
    pub session_id: Option<String>,
}

/// Direction of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Oldest first.
    #[default]
    Asc,
    /// Newest first.
    Desc,
}

/// Where events stand until they are stored, so that their hooks need not wait for it.
pub trait Journal: Send + Sync {
    /// Keeps an event of this process, which is told at once that it is not lost; what is then to be told instead of the
    /// process. None when its hook has to wait until the event is stored.
    fn keep(&self, context: &str, payload: &[u8], hook: u32) -> Option<Reply>;

    /// Whether an event that was kept is still on its way into the store. One that could not be stored is not any more.
    fn is_behind(&self) -> bool;
}

/// Blocking reads of the store; called on a thread that may block.
pub trait History: Past {
    /// Stored events.
    ///
    /// # Errors
    /// When the store cannot be read; in words.
    fn events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, String>;

    /// Approvals as JSON objects of the API's shape, newest first.
    ///
    /// # Errors
    /// When the store cannot be read; in words.
    fn approvals(&self, limit: u32) -> Result<Vec<Value>, String>;

    /// One approval as a JSON object of the API's shape.
    ///
    /// # Errors
    /// When the store cannot be read; in words.
    fn approval(&self, id: &str) -> Result<Option<Value>, String>;

    /// Sessions that ended, newest first, as JSON objects of the API's shape.
    ///
    /// # Errors
    /// When the store cannot be read; in words.
    fn ended_sessions(&self, limit: u32) -> Result<Vec<Value>, String>;
}
