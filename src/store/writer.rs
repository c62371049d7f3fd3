//! The thread that owns the writing connection.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::copier::{Copier, checkpoint};
use super::late::Late;
use super::task::{Task, Work};
use super::{Line, StoreError, open};

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

/// At most so many tasks are done in one transaction: the first of them waits for the last.
const GROUP: usize = 256;
/// And so many bytes.
const GROUP_BYTES: usize = 4 << 20;
/// The measure of the write-ahead log, in bytes; smaller for tests, so that they see it grow.
const UNIT: usize = if cfg!(test) { 1 << 20 } else { 4 << 20 };
/// So many bytes, about, and the log is brought to the disk beside the writing: a decision waits for all of it.
const SYNC_BYTES: usize = UNIT;
/// So many bytes, about, and the log is copied into the database as soon as nobody writes.
const LAZY_BYTES: usize = UNIT;
/// Nobody writes: for so long.
const IDLE: Duration = Duration::from_millis(200);
/// So many, and it is copied beside the writing: that goes on for long.
const COPY_BYTES: usize = 12 * UNIT;
/// At so many it is copied at once, whoever waits.
const LOG_BYTES: usize = 48 * UNIT;
/// What a commit adds to the WAL beside the rows themselves: a handful of touched pages.
const COMMIT_BYTES: usize = 24 << 10;

/// The thread's own things.
pub(super) struct Writer {
    db: Connection,
    path: PathBuf,
    /// Whether `synchronous` is FULL just now.
    full_sync: bool,
    /// About how much the WAL has grown since it was last copied.
    grown: usize,
    /// About how much of that is not on the disk.
    unsynced: usize,
    /// About how much is in it.
    log: usize,
    /// The copier was told to copy it.
    copied: bool,
    copier: Copier,
    /// What waits to be stored later.
    late: Late,
    /// Why nothing can be stored just now.
    trouble: watch::Sender<Option<StoreError>>,
}

impl Writer {
    pub(super) fn new(db: Connection, path: PathBuf) -> Self {
        let (late, trouble) = (Late::default(), watch::Sender::default());
        Self {
            db,
            path,
            full_sync: false,
            grown: 0,
            unsynced: 0,
            log: 0,
            copied: false,
            copier: Copier::default(),
            late,
            trouble,
        }
    }

    /// Tells why nothing can be stored.
    pub(super) fn trouble(&self) -> watch::Sender<Option<StoreError>> {
        self.trouble.clone()
    }

    /// Works until told to close, or until nobody is left to tell it anything.
    pub(super) fn run(mut self, inbox: &Receiver<Message>) {
        while let Some(first) = self.next(inbox) {
            let (group, control) = gather(first, inbox);
            let forgotten: Vec<_> = group.iter().filter_map(|work| work.task.forgets()).collect();
            self.commit(group);
            forgotten.iter().for_each(|session| self.late.forget(session));
            match control {
                Some(Message::Flush(reply)) => drop(reply.send(self.checkpoint())),
                Some(Message::Close(reply)) => return self.end(Some(reply)),
                #[cfg(test)]
                Some(Message::Sql(sql)) => self.db.execute_batch(sql).unwrap(),
                Some(Message::Work(_)) | None => self.checkpoint_if_due(),
            }
        }
        self.end(None);
    }

    /// A last attempt at what waits, and lets go of the file.
    fn end(mut self, reply: Option<oneshot::Sender<Result<(), StoreError>>>) {
        self.catch_up();
        self.late.give_up();
        let done = self.checkpoint();
        self.copier.finish();
        // Before the answer: who hears it may open the file again.
        drop(self.db);
        reply.map(|reply| reply.send(done));
    }

    /// The next message. While it waits for one, the log is copied, and what could not be stored is tried again.
    /// `None`: nobody is left.
    fn next(&mut self, inbox: &Receiver<Message>) -> Option<Message> {
        loop {
            let idle = (self.log >= LAZY_BYTES).then_some(IDLE);
            let pause = [idle, self.late.pause()].into_iter().flatten().min();
            let Some(pause) = pause else {
                return inbox.recv().ok();
            };
            match inbox.recv_timeout(pause) {
                // Who comes next would have to wait for a copier that is still at it.
                Err(RecvTimeoutError::Timeout) if idle == Some(pause) => {
                    if self.copier.is_idle() {
                        self.warn_of(Self::checkpoint);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.late.has_paused();
                    self.catch_up();
                }
                message => return message.ok(),
            }
        }
    }

    /// All in one transaction; if that fails, each in its own, so that only the culprit does. What could not be
    /// stored before is stored before it.
    fn commit(&mut self, group: Vec<Work>) {
        if group.iter().any(|work| work.task.batch().is_some()) {
            self.catch_up();
        }
        if group.iter().all(|work| self.hindrance(&work.task).is_none()) {
            match self.attempt(&group) {
                Ok(answers) => return self.stored(group, answers),
                // Asking again would only wait again, once for each.
                Err(error) if group.len() == 1 || matches!(error, StoreError::Busy(_)) => {
                    return group.into_iter().for_each(|work| self.refuse(work, &error));
                }
                Err(_) => {}
            }
        }
        for work in group {
            match self.hindrance(&work.task).map_or_else(|| self.attempt(std::slice::from_ref(&work)), Err) {
                Ok(answers) => self.stored(vec![work], answers),
                Err(error) => self.refuse(work, &error),
            }
        }
    }

    /// Why this cannot be stored now, even if the file would take it: something that comes before it is not.
    fn hindrance(&self, task: &Task) -> Option<StoreError> {
        let batch = task.batch()?;
        let torn = batch.line.as_ref().is_some_and(Line::is_broken);
        self.late.why().cloned().or_else(|| torn.then_some(StoreError::Behind))
    }

    /// Stores what waits, in its order. The first alone: while that fails, nothing else is tried.
    fn catch_up(&mut self) {
        let mut most = 1;
        while !self.late.is_empty() {
            let some = self.late.take(most, GROUP_BYTES);
            match self.attempt(&some) {
                Ok(_) => most = (most * 2).min(GROUP),
                Err(error) if some.len() > 1 => {
                    tracing::debug!(%error, "not all of what waits can be stored at once");
                    self.late.put_back(some);
                    most = 1;
                }
                Err(error) if error.passes() => {
                    self.late.put_back(some);
                    self.tell(Some(&error));
                    return self.late.failed(error);
                }
                Err(error) => some.iter().for_each(|work| work.task.mourn(&error.to_string())),
            }
            if self.late.is_empty() {
                self.late.is_done();
                self.tell(None);
            }
        }
    }

    /// Says that it is done.
    fn stored(&self, group: Vec<Work>, answers: Vec<Vec<Option<i64>>>) {
        // One with nothing in it says nothing of the disk.
        if group.iter().filter_map(|work| work.task.batch()).any(|batch| !batch.is_empty()) {
            self.tell(None);
        }
        for (mut work, answer) in group.into_iter().zip(answers) {
            let reply = work.reply.take();
            // First: who hears the answer may send the next one at once.
            drop(work);
            // Nobody has to wait for it.
            reply.map(|reply| reply.send(Ok(answer)));
        }
    }

    /// Says that it is not done; what has to be stays here.
    fn refuse(&mut self, mut work: Work, error: &StoreError) {
        let reply = work.reply.take();
        let batch = work.task.batch_mut();
        if let Some(line) = batch.as_ref().and_then(|batch| batch.line.as_ref()) {
            line.tear();
        }
        if batch.as_ref().is_some_and(|batch| !batch.is_empty()) && !matches!(error, StoreError::Behind) {
            self.tell(Some(error));
        }
        match batch.filter(|batch| batch.kept && error.passes()) {
            Some(batch) => {
                // It may be a decision that somebody has heard by then.
                batch.durable = true;
                self.late.add(work, error.clone());
            }
            None => drop(work),
        }
        reply.map(|reply| reply.send(Err(error.clone())));
    }

    fn tell(&self, trouble: Option<&StoreError>) {
        let differs = self.trouble.borrow().as_ref() != trouble;
        if differs {
            self.trouble.send_replace(trouble.cloned());
        }
    }

    /// The answers in order, all committed; or none of it.
    fn attempt(&mut self, group: &[Work]) -> Result<Vec<Vec<Option<i64>>>, StoreError> {
        self.transact(group).map_err(|error| {
            let error = StoreError::new(&self.path, &error);
            if let StoreError::Corrupt { detail, .. } = &error {
                open::note_damage(&self.path, detail);
            }
            error
        })
    }

    fn transact(&mut self, group: &[Work]) -> rusqlite::Result<Vec<Vec<Option<i64>>>> {
        let writes = group.iter().any(|work| work.task.writes());
        if writes {
            let durable = group.iter().any(|work| work.task.durable());
            self.sync_fully(durable)?;
            let bytes = COMMIT_BYTES + group.iter().map(|w| w.place.bytes + w.task.touches()).sum::<usize>();
            self.grown += bytes;
            self.log += bytes;
            self.unsynced = if durable { 0 } else { self.unsynced + bytes };
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
    /// anew: the rest, which is little as long as the copier has just been at it, is copied here. A copier that does
    /// not keep up is waited for.
    fn checkpoint_if_due(&mut self) {
        let rest = self.copied && self.copier.is_idle();
        if rest || self.log >= LOG_BYTES {
            self.warn_of(Self::checkpoint);
        } else if !self.copied && self.grown >= COPY_BYTES {
            (self.copied, self.grown, self.unsynced) = (true, 0, 0);
            if !self.copier.copy(&self.path) {
                self.warn_of(Self::checkpoint);
            }
        } else if self.unsynced >= SYNC_BYTES {
            self.unsynced = 0;
            self.copier.sync(&self.path);
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
        (self.copied, self.grown, self.unsynced, self.log) = (false, 0, 0, 0);
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

/// Starts the thread.
pub(super) fn start(writer: Writer) -> std::io::Result<(Sender<Message>, std::thread::JoinHandle<()>)> {
    let (tell, inbox) = std::sync::mpsc::channel();
    let fails = Fails(writer.trouble());
    let work = move || {
        let _fails = fails;
        writer.run(&inbox);
    };
    let thread = std::thread::Builder::new().name("store".to_owned()).spawn(work)?;
    Ok((tell, thread))
}

/// Tells that nothing will be stored any more, should the thread fail.
struct Fails(watch::Sender<Option<StoreError>>);

impl Drop for Fails {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.send_replace(Some(StoreError::Closed));
        }
    }
}
