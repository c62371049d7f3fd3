//! Requests that hide their terminal's own dialog are held only while somebody can see the popup.

use std::collections::BTreeSet;

use super::{Approval, By, Core, Outcome, SessionKey, Settled, Step, Time};

/// Where a request can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Somebody would see a popup.
    pub popup: bool,
    /// Sessions whose terminal the user looks at: no popup comes for them.
    pub terminals: BTreeSet<SessionKey>,
}

impl Default for Watched {
    /// Nothing says otherwise.
    fn default() -> Self {
        Self { popup: true, terminals: BTreeSet::new() }
    }
}

impl Watched {
    /// Whether nobody sees this request: no popup, and no dialog in the terminal either.
    fn misses(&self, approval: &Approval) -> bool {
        approval.hides_terminal && (!self.popup || self.terminals.contains(&approval.session))
    }
}

impl Core {
    pub(super) fn on_watched(&mut self, now: Time, watched: Watched, step: &mut Step) {
        self.watched = watched;
        self.let_go_unseen(now, step);
    }

    /// Lets every request go that nobody can see, so that its terminal asks. After rules had their say.
    pub(super) fn let_go_unseen(&mut self, now: Time, step: &mut Step) {
        for id in self.pending_where(|approval, _| self.watched.misses(approval)) {
            let settled = Settled { by: By::Unseen, ..Settled::by_nobody(Outcome::Released, now) };
            self.settle(now, &id, settled, step);
        }
    }
}
