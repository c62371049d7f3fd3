//! What could not be stored when it was its turn: it waits here, in order, and goes before whatever comes later.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::task::Work;
use super::{Batch, StoreError};
use crate::pauses::Pauses;

/// How many batches wait; the audit log has a gap where there are more, as it has when the process ends first.
const MOST: usize = 1_000;

/// Batches that belong together though they are not stored together: once one of them could not be stored, none that
/// was appended after it is.
#[derive(Clone, Debug, Default)]
pub struct Line(Arc<AtomicBool>);

impl Line {
    pub(super) fn is_broken(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn tear(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Line {}

/// The queue.
#[derive(Default)]
pub(super) struct Late {
    /// What happened first comes first. Each keeps its place among all that may wait.
    waiting: VecDeque<Work>,
    /// Why the first could not be stored.
    why: Option<StoreError>,
    pauses: Pauses,
    pause: Option<Duration>,
}

impl Late {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Why whatever comes now has to wait, if it has to.
    pub(super) fn why(&self) -> Option<&StoreError> {
        self.why.as_ref().filter(|_| !self.is_empty())
    }

    /// How long to wait before the next attempt, when nothing comes before that.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.pause.filter(|_| !self.is_empty())
    }

    /// Adds one behind the others.
    pub(super) fn add(&mut self, work: Work, why: StoreError) {
        if self.waiting.len() >= MOST {
            work.task.mourn("too much waits to be stored");
            return;
        }
        if self.is_empty() {
            self.pause = self.pauses.after(false);
            self.why = Some(why);
        }
        self.waiting.push_back(work);
    }

    /// The first ones, so many at most, and about so many bytes.
    pub(super) fn take(&mut self, most: usize, bytes: usize) -> Vec<Work> {
        let mut sum = 0;
        let fits = |work: &&Work| {
            let first = sum == 0;
            sum += work.place.bytes;
            first || sum <= bytes
        };
        let some = self.waiting.iter().take(most).take_while(fits).count();
        self.waiting.drain(..some).collect()
    }

    /// Back where they were.
    pub(super) fn put_back(&mut self, some: Vec<Work>) {
        some.into_iter().rev().for_each(|work| self.waiting.push_front(work));
    }

    /// The first could not be stored again.
    pub(super) fn failed(&mut self, why: StoreError) {
        self.why = Some(why);
    }

    /// The pause is over: the next one is longer.
    pub(super) fn has_paused(&mut self) {
        self.pause = self.pauses.after(false);
    }

    /// All are stored.
    pub(super) fn is_done(&mut self) {
        (self.pause, self.why) = (self.pauses.after(true), None);
    }

    /// Nothing of a session that has ended is to be stored any more. Its requests are.
    pub(super) fn forget(&mut self, session: &str) {
        let rows = self.batches().rev().flat_map(|batch| batch.sessions.iter().rev());
        let lives = rows.filter(|row| row.key == session).map(|row| row.ended.is_none()).next();
        if lives == Some(true) {
            return;
        }
        for work in &mut self.waiting {
            if let Some(batch) = work.task.batch_mut() {
                batch.events.retain(|event| event.session != session);
                batch.sessions.retain(|row| row.key != session);
            }
        }
    }

    /// Nobody tries again.
    pub(super) fn give_up(&mut self) {
        self.waiting.drain(..).for_each(|work| work.task.mourn("ccmon ends before it could be stored"));
    }

    fn batches(&self) -> impl DoubleEndedIterator<Item = &Batch> {
        self.waiting.iter().filter_map(|work| work.task.batch())
    }
}

impl StoreError {
    /// Whether the same may be stored later: it says something of the disk, and nothing of what was to be stored.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Full(_) | Self::ReadOnly(_) | Self::Busy(_) | Self::Io { .. })
    }
}
