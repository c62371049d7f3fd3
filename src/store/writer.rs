//! The thread that owns the writing connection.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::archive::Chore;
use super::copier::{Copier, checkpoint};
use super::{ApprovalRow, Batch, StoreError, Swept, rows};

/// The answer to a task: the number of each event, `None` for one that was not stored or is not known.
pub(super) type Answer = Result<Vec<Option<i64>>, StoreError>;

/// What the thread is told; it obeys in order.
pub(super) enum Message {
    Work(Work),
    /// Everything before it is to be on disk.
    Flush(oneshot::Sender<Result<(), StoreError>>),
    /// Nothing comes after it.
    Close(oneshot::Sender<Result<(), StoreError>>),
    #[cfg(test)]
    Sql(&'static str),
}

/// A task, where its answer goes, and its place in the queue.
pub(super) struct Work {
    pub task: Task,
    pub reply: oneshot::Sender<Answer>,
    pub place: Place,
}

/// Done inside a transaction.
pub(super) enum Task {
    Append(Batch),
    Find(String),
    Chore(Chore),
}

/// At most so many tasks are done in one transaction: the first of them waits for the last.
const GROUP: usize = 256;
/// And so many bytes.
const GROUP_BYTES: usize = 4 << 20;
/// The measure of the write-ahead log, in bytes; smaller for tests, so that they see it grow.
const UNIT: usize = if cfg!(test) { 1 << 20 } else { 4 << 20 };
/// So many bytes, about, and the log is copied into the database as soon as nobody writes.
const LAZY_BYTES: usize = UNIT;
/// Nobody writes: for so long.
const IDLE: Duration = Duration::from_millis(200);
/// So many, and it is copied beside the writing: that goes on for long.
const COPY_BYTES: usize = 16 * UNIT;
/// So many since, and the rest is copied, when the copier is done.
const REST_BYTES: usize = UNIT;
/// At so many it is copied at once, whoever waits.
const LOG_BYTES: usize = 48 * UNIT;
/// What a commit adds to the WAL beside the rows themselves: a handful of touched pages.
const COMMIT_BYTES: usize = 24 << 10;
/// And what a step of a chore adds: it has no rows, but touches pages all over the file.
const CHORE_BYTES: usize = 256 << 10;

/// The thread's own things.
pub(super) struct Writer {
    db: Connection,
    path: PathBuf,
    /// Whether `synchronous` is FULL just now.
    full_sync: bool,
    /// About how much the WAL has grown since it was last copied.
    grown: usize,
    /// About how much is in it.
    log: usize,
    /// The copier was told to copy it.
    copied: bool,
    copier: Copier,
}

impl Writer {
    pub(super) fn new(db: Connection, path: PathBuf) -> Self {
        Self { db, path, full_sync: false, grown: 0, log: 0, copied: false, copier: Copier::default() }
    }

    /// Works until told to close, or until nobody is left to tell it anything.
    pub(super) fn run(mut self, inbox: &Receiver<Message>) {
        while let Some(first) = self.next(inbox) {
            let (group, control) = gather(first, inbox);
            self.commit(group);
            match control {
                Some(Message::Flush(reply)) => drop(reply.send(self.checkpoint())),
                Some(Message::Close(reply)) => {
                    let done = self.checkpoint();
                    self.copier.finish();
                    // Before the answer: who hears it may open the file again.
                    drop(self.db);
                    drop(reply.send(done));
                    return;
                }
                #[cfg(test)]
                Some(Message::Sql(sql)) => self.db.execute_batch(sql).unwrap(),
                Some(Message::Work(_)) | None => self.checkpoint_if_due(),
            }
        }
    }

    /// The next message; while it waits for one, the log is copied. `None`: nobody is left.
    fn next(&mut self, inbox: &Receiver<Message>) -> Option<Message> {
        if self.log >= LAZY_BYTES {
            match inbox.recv_timeout(IDLE) {
                Err(RecvTimeoutError::Timeout) => self.warn_of(Self::checkpoint),
                message => return message.ok(),
            }
        }
        inbox.recv().ok()
    }

    /// All in one transaction; if that fails, each in its own, so that only the culprit does.
    fn commit(&mut self, group: Vec<Work>) {
        if group.is_empty() {
            return;
        }
        match self.attempt(&group) {
            Ok(answers) => {
                for (work, answer) in group.into_iter().zip(answers) {
                    work.answer(Ok(answer));
                }
            }
            // Asking again would only wait again, once for each.
            Err(error @ StoreError::Busy(_)) => {
                for work in group {
                    work.answer(Err(error.clone()));
                }
            }
            Err(error) if group.len() == 1 => {
                for work in group {
                    work.answer(Err(error.clone()));
                }
            }
            Err(_) => {
                for work in group {
                    let alone = self.attempt(std::slice::from_ref(&work));
                    work.answer(alone.map(|mut answers| answers.pop().unwrap_or_default()));
                }
            }
        }
    }

    /// The answers in order, all committed; or none of it.
    fn attempt(&mut self, group: &[Work]) -> Result<Vec<Vec<Option<i64>>>, StoreError> {
        self.transact(group).map_err(|error| StoreError::new(&self.path, &error))
    }

    fn transact(&mut self, group: &[Work]) -> rusqlite::Result<Vec<Vec<Option<i64>>>> {
        let writes = group.iter().any(|work| work.task.writes());
        if writes {
            self.sync_fully(group.iter().any(|work| work.task.durable()))?;
            let bytes = COMMIT_BYTES + group.iter().map(|w| w.place.bytes + w.task.touches()).sum::<usize>();
            self.grown += bytes;
            self.log += bytes;
        }
        // A writing transaction that begins as a reading one could find that it came too late.
        let behavior = if writes { TransactionBehavior::Immediate } else { TransactionBehavior::Deferred };
        let transaction = self.db.transaction_with_behavior(behavior)?;
        let answers = group.iter().map(|work| work.task.perform(&transaction)).collect::<rusqlite::Result<_>>()?;
        transaction.commit()?;
        Ok(answers)
    }

    /// FULL survives a power cut, NORMAL only the death of the process; the price is an `fsync`.
    fn sync_fully(&mut self, full: bool) -> rusqlite::Result<()> {
        if full != self.full_sync {
            let mode = if full { "FULL" } else { "NORMAL" };
            self.db.pragma_update(None, "synchronous", mode)?;
            self.full_sync = full;
        }
        Ok(())
    }

    /// Under a load that goes on, most of the log is copied aside, so that nobody waits for the disk. But
    /// what is written meanwhile is in it as well, and only a log of which nothing is left to copy begins
    /// anew: the rest, which is little when the copier has just been at it, is copied here. A copier that does
    /// not keep up is waited for.
    fn checkpoint_if_due(&mut self) {
        let rest = self.copied && self.copier.is_idle() && self.grown >= REST_BYTES;
        if rest || self.log >= LOG_BYTES {
            self.warn_of(Self::checkpoint);
        } else if !self.copied && self.grown >= COPY_BYTES {
            (self.copied, self.grown) = (true, 0);
            if !self.copier.copy(&self.path) {
                self.warn_of(Self::checkpoint);
            }
        }
    }

    /// Does what may fail without anybody waiting for it.
    fn warn_of(&mut self, what: fn(&mut Self) -> Result<(), StoreError>) {
        if let Err(error) = what(self) {
            tracing::warn!(%error, "the write-ahead log could not be copied into the database");
        }
    }

    /// All of the log: while the copier is at it, nobody else could.
    fn checkpoint(&mut self) -> Result<(), StoreError> {
        if !self.copier.is_idle() {
            self.copier.finish();
        }
        (self.copied, self.grown, self.log) = (false, 0, 0);
        checkpoint(&self.db).map_err(|error| StoreError::new(&self.path, &error))
    }
}

/// What is waiting, up to a bound, and what came after it that is not work.
fn gather(first: Message, inbox: &Receiver<Message>) -> (Vec<Work>, Option<Message>) {
    let mut group = Vec::new();
    let mut bytes = 0;
    let mut next = Ok(first);
    loop {
        match next {
            Ok(Message::Work(work)) => {
                bytes += work.place.bytes;
                group.push(work);
            }
            Ok(control) => return (group, Some(control)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return (group, None),
        }
        if group.len() >= GROUP || bytes >= GROUP_BYTES {
            return (group, None);
        }
        next = inbox.try_recv();
    }
}

impl Work {
    /// Makes room first: who hears the answer may send the next one at once.
    fn answer(self, answer: Answer) {
        drop(self.place);
        // Nobody has to wait for it.
        drop(self.reply.send(answer));
    }
}

impl Task {
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Append(batch) => batch.weight(),
            Self::Find(hook_id) => hook_id.len(),
            Self::Chore(chore) => chore.weight(),
        }
    }

    pub(super) fn durable(&self) -> bool {
        matches!(self, Self::Append(batch) if batch.durable)
    }

    /// Bytes of pages, about, that it changes beside its own.
    fn touches(&self) -> usize {
        if matches!(self, Self::Chore(_)) { CHORE_BYTES } else { 0 }
    }

    fn writes(&self) -> bool {
        !matches!(self, Self::Find(_))
    }

    fn perform(&self, db: &Connection) -> rusqlite::Result<Vec<Option<i64>>> {
        match self {
            Self::Append(batch) => batch.store(db),
            Self::Find(hook_id) => Ok(vec![rows::find_event(db, hook_id)?]),
            Self::Chore(chore) => chore.step(db).map(Swept::answer),
        }
    }
}

impl Batch {
    fn store(&self, db: &Connection) -> rusqlite::Result<Vec<Option<i64>>> {
        for approval in &self.approvals {
            approval.put(db)?;
        }
        for session in &self.sessions {
            session.put(db)?;
        }
        self.rules.store(db)?;
        self.events.iter().map(|event| event.insert(db)).collect()
    }

    fn weight(&self) -> usize {
        self.events.iter().map(rows::EventRow::weight).sum::<usize>()
            + self.approvals.iter().map(ApprovalRow::weight).sum::<usize>()
            + self.sessions.iter().map(rows::SessionRow::weight).sum::<usize>()
            + self.rules.weight()
    }
}

/// How much is waiting.
#[derive(Debug, Default)]
pub(super) struct Load {
    tasks: AtomicUsize,
    bytes: AtomicUsize,
}

/// A place in the queue; given back when dropped.
pub(super) struct Place {
    load: Arc<Load>,
    bytes: usize,
}

/// So many tasks may wait,
const MOST_TASKS: usize = 10_000;
/// and so many bytes; one of any size may when nothing else does.
const MOST_BYTES: usize = 128 << 20;

impl Load {
    /// A place, unless too much is waiting. Decisions have as much room again to themselves:
    /// no flood of events keeps one out.
    pub(super) fn place(self: &Arc<Self>, bytes: usize, durable: bool) -> Option<Place> {
        let room = if durable { 2 } else { 1 };
        let tasks = self.tasks.fetch_add(1, Ordering::Relaxed);
        let waiting = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let place = Place { load: Arc::clone(self), bytes };
        let fits = tasks < MOST_TASKS * room && waiting < MOST_BYTES * room;
        fits.then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.load.tasks.fetch_sub(1, Ordering::Relaxed);
        self.load.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Starts the thread.
pub(super) fn start(writer: Writer) -> std::io::Result<(Sender<Message>, std::thread::JoinHandle<()>)> {
    let (tell, inbox) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().name("store".to_owned()).spawn(move || writer.run(&inbox))?;
    Ok((tell, thread))
}
