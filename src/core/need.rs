//! The order of need: pinned first, then by state, then the longest waiting.

use std::sync::Arc;

use super::{Board, Session};

impl Board {
    /// Every session, those that need a human first: the order of every list, menu and key.
    #[must_use]
    pub fn by_need(&self) -> Vec<&Arc<Session>> {
        let mut sessions: Vec<_> = self.sessions.values().collect();
        sessions.sort_by(|a, b| (!a.pinned, a.state, a.since, &a.key).cmp(&(!b.pinned, b.state, b.since, &b.key)));
        sessions
    }
}
