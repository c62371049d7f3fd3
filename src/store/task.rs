//! What the thread does for others, and how much of it may wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::archive::Chore;
use super::{ApprovalRow, Batch, StoreError, Swept, rows};

/// The answer to a task: the number of each event, `None` for one that was not stored or is not known.
pub(super) type Answer = Result<Vec<Option<i64>>, StoreError>;

/// A task, where its answer goes until there is one, and its place in the queue.
pub(super) struct Work {
    pub task: Task,
    pub reply: Option<oneshot::Sender<Answer>>,
    pub place: Place,
}

/// Done inside a transaction.
pub(super) enum Task {
    Append(Batch),
    Find(String),
    Chore(Chore),
}

/// What a step of a chore adds to the WAL: it has no rows, but touches pages all over the file.
const CHORE_BYTES: usize = 256 << 10;

impl Task {
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Append(batch) => batch.weight(),
            Self::Find(hook_id) => hook_id.len(),
            Self::Chore(chore) => chore.weight(),
        }
    }

    /// How much room there is for it, in parts of what there is for all: no flood of events keeps a request out, and
    /// none of either keeps a decision out.
    pub(super) fn room(&self) -> usize {
        match self.batch() {
            Some(batch) if batch.durable => 3,
            Some(batch) if batch.kept => 2,
            _ => 1,
        }
    }

    pub(super) fn batch(&self) -> Option<&Batch> {
        if let Self::Append(batch) = self { Some(batch) } else { None }
    }

    pub(super) fn batch_mut(&mut self) -> Option<&mut Batch> {
        if let Self::Append(batch) = self { Some(batch) } else { None }
    }

    /// Says that what had to be stored never will be.
    pub(super) fn mourn(&self, why: &str) {
        if let Some(batch) = self.batch().filter(|batch| batch.kept) {
            tracing::error!("{why}: the audit log will lack {} rows", batch.approvals.len());
        }
    }

    /// The session of which nothing is to be kept.
    pub(super) fn forgets(&self) -> Option<String> {
        if let Self::Chore(Chore::Forget(session)) = self { Some(session.clone()) } else { None }
    }

    pub(super) fn durable(&self) -> bool {
        self.batch().is_some_and(|batch| batch.durable)
    }

    /// Bytes of pages, about, that it changes beside its own.
    pub(super) fn touches(&self) -> usize {
        if matches!(self, Self::Chore(_)) { CHORE_BYTES } else { 0 }
    }

    pub(super) fn writes(&self) -> bool {
        !matches!(self, Self::Find(_))
    }

    pub(super) fn perform(&self, db: &Connection) -> rusqlite::Result<Vec<Option<i64>>> {
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
    pub bytes: usize,
}

/// So many tasks may wait,
const MOST_TASKS: usize = 10_000;
/// and so many bytes; one of any size may when nothing else does.
const MOST_BYTES: usize = 128 << 20;

impl Load {
    /// A place, unless too much is waiting for so much room.
    pub(super) fn place(self: &Arc<Self>, bytes: usize, room: usize) -> Option<Place> {
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
