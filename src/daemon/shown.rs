//! What has changed on the Board since somebody looked.

use std::sync::Arc;

use crate::core::{Approval, ApprovalId, Board, Rows, Session, SessionKey};

/// The rows as they were when changes were last asked for.
#[derive(Debug, Default)]
pub struct Shown {
    sessions: Rows<SessionKey, Session>,
    approvals: Rows<ApprovalId, Approval>,
}

impl Shown {
    /// All of a Board: nothing of it is news.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        Self { sessions: board.sessions.clone(), approvals: board.approvals.clone() }
    }

    /// Sessions and requests that are new or have changed since.
    pub fn news(&mut self, board: &Board) -> (Vec<Arc<Session>>, Vec<Arc<Approval>>) {
        let news = (board.sessions.changed_since(&self.sessions), board.approvals.changed_since(&self.approvals));
        *self = Self::of(board);
        news
    }
}
