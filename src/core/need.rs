//! The order of need: pinned first, then who needs you, by state, then the longest waiting.

use std::sync::Arc;

use super::{Board, Session};

impl Board {
    /// Every session, those that need a human first: the order of every list, menu and key.
    #[must_use]
    pub fn by_need(&self) -> Vec<&Arc<Session>> {
        let mut sessions: Vec<_> = self.sessions.values().collect();
        let rank = |s: &Session| (!s.pinned, !s.needs_you, s.state, s.since);
        sessions.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.key.cmp(&b.key)));
        sessions
    }

    /// The sessions that need a human, the most urgent first.
    #[must_use]
    pub fn needing(&self) -> Vec<&Arc<Session>> {
        self.by_need().into_iter().filter(|session| session.needs_you).collect()
    }
}
