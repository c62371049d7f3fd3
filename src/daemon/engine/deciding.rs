//! Decisions of people, and the rules that they make with one.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::Engine;
use crate::api::RuleEdit;
use crate::core::{Answer, Approval, ApprovalId, By, Decide, Input, Refusal, RuleRef, Time};
use crate::rules::Rule;

impl Engine {
    pub(super) fn on_decide(
        &mut self,
        mut decide: Decide,
        rule: Option<Box<Rule>>,
        reply: oneshot::Sender<Result<Arc<Approval>, Refusal>>,
    ) {
        let id = decide.approval.clone();
        let now = self.now();
        match rule.map(|rule| self.remember(now, &decide, *rule)).transpose() {
            Ok(made) => decide.made = made,
            Err(refusal) => {
                self.note_refused(now, decide);
                let _ = reply.send(Err(refusal));
                return;
            }
        }
        self.answer(now, Input::Decide(decide), &id, reply);
    }

    /// Takes an input about one request, and answers with what became of it.
    pub(super) fn answer(
        &mut self,
        now: Time,
        input: Input,
        id: &ApprovalId,
        reply: oneshot::Sender<Result<Arc<Approval>, Refusal>>,
    ) {
        let step = self.core.apply(now, input);
        if let Some(refusal) = step.refused.clone() {
            // That somebody tried may be worth a note.
            self.absorb(step, |_| {});
            let _ = reply.send(Err(refusal));
            return;
        }
        let stands = self.core.board().approvals.get(id).cloned();
        self.absorb(step, move |_| {
            let _ = reply.send(stands.ok_or(Refusal::Unknown));
        });
    }

    /// That somebody tried may be worth a note, as it is of a decision alone.
    fn note_refused(&mut self, now: Time, decide: Decide) {
        if matches!(self.core.refusal(now, &decide), Some(Refusal::Elsewhere(_))) {
            let step = self.core.apply(now, Input::Decide(decide));
            self.absorb(step, |_| {});
        }
    }

    /// Makes the rule that comes with a decision, when that will be taken: there is none without the other.
    fn remember(&mut self, now: Time, decide: &Decide, rule: Rule) -> Result<RuleRef, Refusal> {
        if let Some(refusal) = self.core.refusal(now, decide) {
            return Err(refusal);
        }
        self.expire();
        let name = rule.name.clone();
        let edit = RuleEdit::Add { rule, position: None };
        let (ids, changes) = self.keeper.edit(edit, now.0).map_err(Refusal::BadRule)?;
        self.change_rules(changes);
        Ok(RuleRef { id: ids.first().copied().unwrap_or_default(), name })
    }

    /// One yes for several that ask the very same: each is decided on its own, once it is known that all can be.
    pub(super) fn on_allow_alike(
        &mut self,
        approvals: Vec<(ApprovalId, String)>,
        by: By,
        reply: oneshot::Sender<Result<Vec<Arc<Approval>>, Refusal>>,
    ) {
        let now = self.now();
        let answer = Answer::Allow { updated_input: None, updated_permissions: None };
        let decide = |(approval, shown)| Decide { approval, shown, answer: answer.clone(), by, made: None };
        let decisions: Vec<Decide> = approvals.into_iter().map(decide).collect();
        if let Err(refusal) = self.may_be_alike(now, &decisions) {
            decisions.into_iter().take(1).for_each(|decide| self.note_refused(now, decide));
            let _ = reply.send(Err(refusal));
            return;
        }
        let ids: Vec<ApprovalId> = decisions.iter().map(|decide| decide.approval.clone()).collect();
        let mut all = crate::core::Step::default();
        for decide in decisions {
            let step = self.core.apply(now, Input::Decide(decide));
            all.events.extend(step.events);
            all.effects.extend(step.effects);
        }
        let settled = ids.iter().filter_map(|id| self.core.board().approvals.get(id).cloned()).collect();
        self.absorb(all, move |_| {
            let _ = reply.send(Ok(settled));
        });
    }

    fn may_be_alike(&self, now: Time, decisions: &[Decide]) -> Result<(), Refusal> {
        let board = self.core.board();
        let first = decisions.first().and_then(|decide| board.approvals.get(&decide.approval));
        if let Some(refusal) = decisions.iter().find_map(|decide| self.core.refusal(now, decide)) {
            return Err(refusal);
        }
        let alike: BTreeSet<&ApprovalId> = first.into_iter().flat_map(|a| board.alike(a)).map(|a| &a.id).collect();
        let named: BTreeSet<&ApprovalId> = decisions.iter().map(|decide| &decide.approval).collect();
        let once = named.len() == decisions.len();
        if once && named.is_subset(&alike) { Ok(()) } else { Err(Refusal::NotAlike) }
    }
}
