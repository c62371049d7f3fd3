//! The slow chores, step by step; whatever is queued meanwhile comes between two steps.

use super::archive::Chore;
use super::writer::Task;
use super::{Reader, Store, StoreError, SummaryRow, Sweep, Swept};

impl Store {
    /// Stores a summary in place of the session's last one.
    pub async fn put_summary(&self, row: SummaryRow) -> Result<(), StoreError> {
        self.step(Chore::Summarize(row)).await.map(drop)
    }

    /// Deletes a session that has ended: its events, what can be searched of them, its summary, its row. Its requests
    /// stay. `false`: there is none of that key, or it lives.
    pub async fn forget(&self, key: &str) -> Result<bool, StoreError> {
        loop {
            let swept = self.step(Chore::Forget(key.to_owned())).await?;
            if !swept.more {
                return Ok(swept.sessions > 0);
            }
        }
    }

    /// Deletes what is not to be kept; [`Swept::more`] when that is more than [`Sweep::most`] rows.
    pub async fn sweep(&self, sweep: Sweep) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        if let Some(before) = sweep.before {
            self.repeat(&Chore::Expire(before), sweep.most, &mut swept).await?;
        }
        if let Some(bytes) = sweep.max_bytes {
            self.repeat(&Chore::Shrink(bytes), sweep.most, &mut swept).await?;
        }
        if let Some(before) = sweep.before
            && !swept.more
        {
            let reader = self.reader();
            // It looks at all sessions, which is nothing for the thread that writes.
            let keys = tokio::task::spawn_blocking(move || reader.strays(before)).await;
            for key in keys.unwrap_or(Err(StoreError::Closed))? {
                self.repeat(&Chore::Stray(key, before), sweep.most, &mut swept).await?;
            }
        }
        if let Some(before) = sweep.audit_before {
            self.repeat(&Chore::Unaudit(before), sweep.most, &mut swept).await?;
        }
        Ok(swept)
    }

    /// Makes the file as small as what is in it, a little at a time. `true`: there is more to do.
    pub async fn tidy(&self) -> Result<bool, StoreError> {
        self.step(Chore::Tidy).await.map(|swept| swept.more)
    }

    /// Until there is no more of it, or so many rows are gone.
    async fn repeat(&self, chore: &Chore, most: usize, swept: &mut Swept) -> Result<(), StoreError> {
        while !swept.more {
            let step = self.step(chore.clone()).await?;
            swept.sessions += step.sessions;
            swept.events += step.events;
            swept.approvals += step.approvals;
            if !step.more {
                break;
            }
            swept.more = swept.events + swept.approvals + swept.sessions >= most as u64;
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

impl Reader {
    /// The keys of sessions that have no row, but events from before then.
    fn strays(&self, before: u64) -> Result<Vec<String>, StoreError> {
        self.read(|db| {
            let mut keys = db.prepare_cached(ENDED_NOWHERE)?;
            keys.query_map([super::rows::int(before)], |row| row.get(0))?.collect()
        })
    }
}
