//! The slow chores, step by step; whatever is queued meanwhile comes between two steps.

use rusqlite::OptionalExtension;

use super::archive::{Chore, used};
use super::rows::int;
use super::task::Task;
use super::{Reader, Store, StoreError, SummaryRow, Sweep, Swept};

impl Store {
    /// Stores a summary in place of the session's last one.
    pub async fn put_summary(&self, row: SummaryRow) -> Result<(), StoreError> {
        self.step(Chore::Summarize(row)).await.map(drop)
    }

    /// Deletes a session that has ended: its events, what can be searched of them, its summary, its row. Its requests
    /// stay. `false`: there is none of that key, or it lives.
    pub async fn forget(&self, key: &str) -> Result<bool, StoreError> {
        self.drop_session(key.to_owned(), &mut Swept::default()).await
    }

    /// Deletes what is not to be kept; [`Swept::more`] when that is more than [`Sweep::most`] rows.
    pub async fn sweep(&self, sweep: Sweep) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        while let Some(key) = self.look(&sweep, Reader::first_to_go).await? {
            swept.more = swept.rows() >= sweep.most as u64;
            if swept.more || !self.drop_session(key, &mut swept).await? {
                break;
            }
        }
        if let Some(before) = sweep.before
            && !swept.more
        {
            for key in self.look(&sweep, Reader::strays).await? {
                self.repeat(&Chore::Stray(key, before), sweep.most, &mut swept).await?;
            }
        }
        if let Some(before) = sweep.audit_before {
            self.repeat(&Chore::Unaudit(before), sweep.most, &mut swept).await?;
        }
        Ok(swept)
    }

    /// What there is to sweep: found beside the thread that writes, which has more to do.
    async fn look<T: Send + 'static>(
        &self,
        sweep: &Sweep,
        look: fn(&Reader, &Sweep) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (reader, sweep) = (self.reader(), *sweep);
        let found = tokio::task::spawn_blocking(move || look(&reader, &sweep)).await;
        found.unwrap_or(Err(StoreError::Closed))
    }

    /// The whole of it: half a session is of no use. `false`: it lives again.
    async fn drop_session(&self, key: String, swept: &mut Swept) -> Result<bool, StoreError> {
        let chore = Chore::Forget(key);
        loop {
            let step = self.step(chore.clone()).await?;
            swept.add(step);
            if !step.more {
                return Ok(step.sessions > 0);
            }
        }
    }

    /// Makes the file as small as what is in it, a little at a time. `true`: there is more to do.
    pub async fn tidy(&self) -> Result<bool, StoreError> {
        self.step(Chore::Tidy).await.map(|swept| swept.more)
    }

    /// Until there is no more of it, or so many rows are gone.
    async fn repeat(&self, chore: &Chore, most: usize, swept: &mut Swept) -> Result<(), StoreError> {
        while !swept.more {
            let step = self.step(chore.clone()).await?;
            swept.add(step);
            if !step.more {
                break;
            }
            swept.more = swept.rows() >= most as u64;
        }
        Ok(())
    }

    async fn step(&self, chore: Chore) -> Result<Swept, StoreError> {
        let answer = self.queue(Task::Chore(chore)).await?;
        let mut counts = answer.into_iter().map(|count| count.and_then(|count| u64::try_from(count).ok()));
        let mut next = || counts.next().flatten().unwrap_or_default();
        Ok(Swept { sessions: next(), events: next(), approvals: next(), more: next() > 0 })
    }
}

impl Swept {
    fn add(&mut self, step: Self) {
        self.sessions += step.sessions;
        self.events += step.events;
        self.approvals += step.approvals;
    }

    fn rows(&self) -> u64 {
        self.sessions + self.events + self.approvals
    }

    /// In the form of every answer of the writer.
    pub(super) fn answer(self) -> Vec<Option<i64>> {
        let counts = [self.sessions, self.events, self.approvals, self.more.into()];
        counts.map(|count| i64::try_from(count).ok()).into()
    }
}

pub(super) const ENDED_NOWHERE: &str = "WITH RECURSIVE seen (key) AS (
        SELECT min(session) FROM events
        UNION ALL
        SELECT (SELECT min(session) FROM events WHERE session > seen.key)
        FROM seen WHERE seen.key IS NOT NULL
    )
    SELECT key FROM seen WHERE key IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.key = seen.key)
        AND (SELECT at FROM events WHERE session = seen.key ORDER BY id LIMIT 1) < ?1";

pub(super) const ENDED_FIRST: &str =
    "SELECT key FROM sessions WHERE ended IS NOT NULL AND ended < ?1 ORDER BY ended LIMIT 1";

impl Reader {
    /// The session that ended first, if it is too old, or too much is stored.
    fn first_to_go(&self, sweep: &Sweep) -> Result<Option<String>, StoreError> {
        self.read(|db| {
            let full = sweep.max_bytes.is_some() && sweep.max_bytes < Some(used(db)?);
            let before = if full { u64::MAX } else { sweep.before.unwrap_or(0) };
            db.prepare_cached(ENDED_FIRST)?.query_row([int(before)], |row| row.get(0)).optional()
        })
    }

    /// The keys of sessions that have no row, but events that are too old.
    fn strays(&self, sweep: &Sweep) -> Result<Vec<String>, StoreError> {
        self.read(|db| {
            let mut keys = db.prepare_cached(ENDED_NOWHERE)?;
            keys.query_map([int(sweep.before.unwrap_or(0))], |row| row.get(0))?.collect()
        })
    }
}
