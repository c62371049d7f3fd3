//! The memory: `SQLite` on a thread of its own.
//!
//! [`Store::append`] queues a [`Batch`] and never waits; the [`Commit`] it returns is ready when the
//! batch is on disk. The thread commits together whatever waits together; another copies the
//! write-ahead log. [`Store::reader`] reads beside them. This room knows rows, not what they mean: it imports no other room.
//! Of a payload it knows but where a prompt and a tool's input stand, because their words are searched.
//!
//! Payloads lie packed in the file (`pack`); words are indexed in the transaction that stores them (`words`, `search`);
//! what is over is forgotten in small steps between two batches (`archive`, `retention`).
//!
//! One process at a time opens the file; its lock is the daemon's business.

mod approvals;
mod archive;
mod audit;
mod clauses;
mod copier;
mod error;
mod guard;
mod late;
mod migrations;
mod open;
mod pack;
mod plans;
mod prompts;
mod query;
mod reader;
mod retention;
mod rows;
mod rules;
mod search;
mod sessions;
mod snippet;
mod task;
#[cfg(test)]
mod tests;
mod words;
mod writer;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

pub use approvals::ApprovalRow;
pub use archive::{SummaryRow, Sweep, Swept};
pub use audit::{AuditCounts, AuditFilter, InsightRow};
pub use error::{OpenError, StoreError};
pub use late::Line;
pub use plans::Plan;
pub use reader::{EventQuery, EventsOf, Reader, Sizes};
pub use rows::{EventRow, SessionRow, StoredEvent};
pub use rules::{RuleChanges, RuleRow};
pub use sessions::{FoundSession, Hit, HitKind, Page, SessionFilter, SessionStats};

use task::{Answer, Load, Task, Work};
use writer::{Message, Writer};

/// What belongs together: stored whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// What happened, added in this order.
    pub events: Vec<EventRow>,
    /// Approvals, each in place of what was stored under its id before.
    pub approvals: Vec<ApprovalRow>,
    /// Sessions, each in place of what was stored under its key before.
    pub sessions: Vec<SessionRow>,
    /// What becomes of rules and settings.
    pub rules: RuleChanges,
    /// Whether it has to survive a power cut, not only our own death. Costs an `fsync`.
    pub durable: bool,
    /// Whether it is stored later, when it cannot be stored now: then whatever comes after it waits for it. Who awaits
    /// the [`Commit`] hears of the failure at once all the same.
    pub kept: bool,
    /// What it must not overtake, beside what is kept.
    pub line: Option<Line>,
}

impl Batch {
    /// Whether there is nothing to be stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.approvals.is_empty() && self.sessions.is_empty() && self.rules.is_empty()
    }
}

/// The open store; a handle to its thread. Clones are the same store.
///
/// [`Store::close`] ends the thread; so does dropping the last handle, but then nobody hears when.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
}

/// What opening came to.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Where the old database is, if it was damaged: the user has to be told.
    pub set_aside: Option<PathBuf>,
    /// Whether there was nothing in it.
    pub fresh: bool,
}

#[derive(Debug)]
struct Shared {
    tell: Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
    load: Arc<Load>,
    trouble: watch::Sender<Option<StoreError>>,
    reader: Reader,
}

impl Store {
    /// Opens the database at `path`, creating it if there is none, bringing it to this version's
    /// format if it is older, and setting it aside for a fresh one if it is damaged.
    ///
    /// Its directory has to be there, ours, and closed to others. Blocks: it belongs at the start.
    pub fn open(path: &Path) -> Result<Opened, OpenError> {
        let found = open::open(path)?;
        let reader = Reader::new(&found.path);
        let writer = Writer::new(found.db, found.path);
        let trouble = writer.trouble();
        let (tell, thread) = writer::start(writer).map_err(|error| OpenError::io(path, error))?;
        Ok(Opened {
            store: Self {
                shared: Arc::new(Shared {
                    tell,
                    thread: Mutex::new(Some(thread)),
                    load: Arc::default(),
                    trouble,
                    reader,
                }),
            },
            set_aside: found.set_aside,
            fresh: found.fresh,
        })
    }

    /// Closes a store that turned out to be damaged, renames its file, and opens a fresh one in its place.
    ///
    /// # Errors
    /// When the file cannot be renamed, or the fresh one cannot be opened.
    pub async fn begin_anew(self, damage: &StoreError) -> Result<Opened, OpenError> {
        let path = self.shared.reader.path().to_owned();
        if let Err(error) = self.close().await {
            tracing::warn!(%error, "a damaged database was closed");
        }
        let aside = open::set_aside(&path, damage)?;
        Ok(Opened { set_aside: Some(aside), ..Self::open(&path)? })
    }

    /// Queues the batch, after everything queued before it; never waits.
    ///
    /// It is stored whether or not anybody awaits the [`Commit`].
    pub fn append(&self, batch: Batch) -> Commit {
        self.queue(Task::Append(batch))
    }

    /// Why what is appended cannot be stored just now; `None` while it can.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<StoreError>> {
        self.shared.trouble.subscribe()
    }

    /// Whether an event of this hook call is stored, or queued before this question.
    pub async fn knows(&self, hook_id: &str) -> Result<bool, StoreError> {
        let found = self.queue(Task::Find(hook_id.to_owned())).await?;
        Ok(found.iter().any(Option::is_some))
    }

    /// Waits until everything queued so far is committed and in the database itself.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let (reply, done) = oneshot::channel();
        self.send(Message::Flush(reply));
        done.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Does what [`Store::flush`] does, then lets go of the file. Whatever is asked of this store,
    /// its clones and its readers afterwards is [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        self.shared.reader.close();
        let (reply, done) = oneshot::channel();
        self.send(Message::Close(reply));
        let closed = done.await.unwrap_or(Err(StoreError::Closed));
        let thread = self.thread().take();
        // It has answered, or is gone: there is nothing left to wait for.
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            return Err(StoreError::Closed);
        }
        closed
    }

    /// For reading, beside the writing.
    pub fn reader(&self) -> Reader {
        self.shared.reader.clone()
    }

    fn queue(&self, task: Task) -> Commit {
        let (reply, commit) = oneshot::channel();
        match self.shared.load.place(task.weight(), task.room()) {
            Some(place) => self.send(Message::Work(Work { task, reply: Some(reply), place })),
            None => {
                self.turn_away(&task);
                drop(reply.send(Err(StoreError::Overloaded)));
            }
        }
        Commit(commit)
    }

    /// There is no room for it.
    fn turn_away(&self, task: &Task) {
        task.mourn("too much waits to be stored");
        let Some(batch) = task.batch().filter(|batch| !batch.is_empty()) else {
            return;
        };
        batch.line.iter().for_each(Line::tear);
        self.shared.trouble.send_if_modified(|now| now.replace(StoreError::Overloaded) != Some(StoreError::Overloaded));
    }

    fn send(&self, message: Message) {
        // A thread that is gone drops the message, and with it the reply: that reads as closed.
        drop(self.shared.tell.send(message));
    }

    fn thread(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A batch on its way. Ready with the number of each of its events, in order; `None` for one whose
/// hook call was stored before.
#[derive(Debug)]
#[must_use = "only this tells whether the batch was stored"]
pub struct Commit(oneshot::Receiver<Answer>);

impl Future for Commit {
    type Output = Result<Vec<Option<i64>>, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(context);
        answer.map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
    }
}
