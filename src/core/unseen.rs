//! Requests that hide their terminal's own dialog are held only while something tells somebody of them.

use std::collections::BTreeSet;

use super::{Approval, ApprovalId, By, Core, Kind, Note, Outcome, Refusal, SessionKey, Settled, Step, Time};

/// By less than so much it is not worth a word that somebody still fills something in, in milliseconds.
const WORTH_MS: u64 = 10_000;

/// Where a request can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// A popup comes by itself, and somebody would see it.
    pub popup: bool,
    /// Those that the popup shows because somebody asked for them.
    pub shown: BTreeSet<ApprovalId>,
    /// Where no popup comes by itself, notifications tell of requests: of all but these. `None` where they
    /// tell of none, or a popup comes.
    pub untold: Option<BTreeSet<ApprovalId>>,
    /// Sessions whose terminal the user looks at: no popup comes for them.
    pub terminals: BTreeSet<SessionKey>,
}

impl Default for Watched {
    /// Nothing says otherwise.
    fn default() -> Self {
        Self { popup: true, shown: BTreeSet::new(), untold: None, terminals: BTreeSet::new() }
    }
}

impl Watched {
    /// Whether the user has this request before their eyes: in the popup, or in the terminal that they look at.
    #[must_use]
    pub fn sees(&self, approval: &Approval) -> bool {
        self.popup || self.shown.contains(&approval.id) || self.terminals.contains(&approval.session)
    }

    /// Whether nobody learns of this request: no popup, no notification, and no dialog in the terminal either.
    fn misses(&self, approval: &Approval) -> bool {
        approval.hides_terminal && !self.shown.contains(&approval.id) && !self.tells(approval)
    }

    /// Whether something tells of it by itself. For a terminal that is looked at nothing does.
    fn tells(&self, approval: &Approval) -> bool {
        let told = self.untold.as_ref().is_some_and(|untold| !untold.contains(&approval.id));
        !self.terminals.contains(&approval.session) && (self.popup || told)
    }
}

impl Core {
    pub(super) fn on_watched(&mut self, now: Time, watched: Watched, step: &mut Step) {
        self.watched = watched;
        self.let_go_unseen(now, step);
    }

    /// Who fills in what an MCP server asks for has from now on as long as there was at first, and no longer than any hook
    /// is held: a form takes time, and its terminal asks only once nobody is at it here.
    pub(super) fn on_filling(&mut self, now: Time, id: &ApprovalId, step: &mut Step) {
        let Some(approval) = self.board.approvals.get(id) else {
            step.refused = Some(Refusal::Unknown);
            return;
        };
        if let Some(settled) = &approval.settled {
            step.refused = Some(Refusal::Settled(Box::new(settled.clone())));
            return;
        }
        let longest = approval.opened.plus(self.limits.hold_ms);
        let until = now.plus(self.limits.subagent_hold_ms).min(longest);
        let more = until.since(approval.expires);
        if approval.kind == Kind::Elicitation && (more >= WORTH_MS || (more > 0 && until == longest)) {
            self.note(now, Note::Kept { approval: id.clone(), until }, step);
        }
    }

    /// Lets every request go that nobody can see, so that its terminal asks. After rules had their say.
    pub(super) fn let_go_unseen(&mut self, now: Time, step: &mut Step) {
        for id in self.pending_where(|approval, _| self.watched.misses(approval)) {
            let settled = Settled { by: By::Unseen, ..Settled::by_nobody(Outcome::Released, now) };
            self.settle(now, &id, settled, step);
        }
    }
}
