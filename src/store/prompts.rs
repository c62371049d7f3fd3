//! The prompts of a session, and the starts of its sub-agents.

use rusqlite::{OptionalExtension, params};

use super::reader::limit;
use super::rows::{EventRow, StoredEvent};
use super::{Reader, StoreError};

/// Where: from entry to entry in the index, no event is read but the one that is found.
pub(super) const PROMPT_BEFORE: &str = "INDEXED BY events_session
    WHERE session = ?1 AND id < ?2 AND kind = 'UserPromptSubmit' ORDER BY id DESC LIMIT 1";

/// Likewise.
pub(super) const AGENTS_BETWEEN: &str = "INDEXED BY events_session
    WHERE session = ?1 AND id > ?2 AND id < ?3
        AND (kind = 'SubagentStart' OR (kind = 'PreToolUse' AND tool IN ('Agent', 'Task')))
    ORDER BY id DESC LIMIT ?4";

impl Reader {
    /// The last so many starts of sub-agents of a session between two events, and of the calls that start them; the
    /// oldest first.
    pub fn agents_between(
        &self,
        session: &str,
        after: i64,
        before: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let sql = format!("SELECT {} FROM events {AGENTS_BETWEEN}", EventRow::COLUMNS);
        let found = self.page_of_events(&sql, params![session, after, before, limit(most)])?;
        Ok(found.into_iter().rev().collect())
    }

    /// The last prompt of a session before this event.
    pub fn prompt_before(&self, session: &str, before: i64) -> Result<Option<StoredEvent>, StoreError> {
        let sql = format!("SELECT {} FROM events {PROMPT_BEFORE}", EventRow::COLUMNS);
        self.read(|db| db.prepare_cached(&sql)?.query_row(params![session, before], StoredEvent::read).optional())
    }
}
