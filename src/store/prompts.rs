//! The prompts of a session.

use rusqlite::{OptionalExtension, params};

use super::rows::{EventRow, StoredEvent};
use super::{Reader, StoreError};

/// Where: from entry to entry in the index, no event is read but the one that is found.
pub(super) const PROMPT_BEFORE: &str = "INDEXED BY events_session
    WHERE session = ?1 AND id < ?2 AND kind = 'UserPromptSubmit' ORDER BY id DESC LIMIT 1";

impl Reader {
    /// The last prompt of a session before this event.
    pub fn prompt_before(&self, session: &str, before: i64) -> Result<Option<StoredEvent>, StoreError> {
        let sql = format!("SELECT {} FROM events {PROMPT_BEFORE}", EventRow::COLUMNS);
        self.read(|db| db.prepare_cached(&sql)?.query_row(params![session, before], StoredEvent::read).optional())
    }
}
