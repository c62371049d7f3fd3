//! Requests: opened, held, and settled exactly once.

use std::sync::Arc;

use serde_json::Value;

use super::form;
use super::session::goes_on;
use super::{
    Answer, Approval, ApprovalId, Assessment, By, ClientStatus, Core, Decide, Effect, Event, Hook, HookCall, Input,
    Kind, Note, Outcome, Refusal, SessionKey, Settled, State, Step, Time,
};

/// How long a hook whose connection broke may take to come back before the request counts as
/// answered in the terminal. Claude kills the hook on No and Esc (2.1.329: within 0.1 s).
const HANG_UP_GRACE_MS: u64 = 300;
/// How long a hook may take to come back once the daemon listens again: it tries every 0.1 s.
const RESTART_GRACE_MS: u64 = 2_000;
/// How far apart two hooks of one elicitation begin, when ours was registered twice.
const TWIN_MS: u64 = 500;
/// The hook behind a pending approval.
#[derive(Debug)]
pub(super) struct Hold {
    /// When a hook that is not connected is given up.
    give_up: Option<Time>,
    /// It is about to come back: the daemon was away, not the hook.
    returning: bool,
    /// When the status file's word that no dialog is open is believed.
    pub(super) no_dialog: Option<Time>,
}

impl Hold {
    fn connected() -> Self {
        Self { give_up: None, returning: false, no_dialog: None }
    }

    /// The daemon was away, and nobody can come back to it yet.
    pub(super) fn away() -> Self {
        Self { give_up: None, returning: true, no_dialog: None }
    }

    pub(super) fn shift(&mut self, by_ms: i64) {
        self.give_up = self.give_up.map(|at| at.shifted(by_ms));
        self.no_dialog = self.no_dialog.map(|at| at.shifted(by_ms));
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.give_up.into_iter().chain(self.no_dialog).min()
    }
}

impl Settled {
    /// Settled by what happened, not by somebody's answer through ccmon.
    pub(super) fn by_nobody(outcome: Outcome, at: Time) -> Self {
        let by = match outcome {
            Outcome::TimedOut => By::Timeout,
            Outcome::SessionEnded => By::SessionEnded,
            _ => By::Terminal,
        };
        Self { outcome, by, at, answer: None, made: None }
    }
}

impl Core {
    pub(super) fn on_request(&mut self, now: Time, call: HookCall, step: &mut Step) {
        let id = ApprovalId(call.id.as_str().into());
        match self.board.approvals.get(&id).map(Arc::clone) {
            // Somebody else under an id that is not theirs: no answer, and no trace on the true one.
            Some(approval) if !is_same(&approval, &call) => {}
            Some(approval) => self.welcome_back(&approval, step),
            None if call.what.asks().is_none() => self.apply_as_hook(now, call, step),
            None if self.is_twin(&call) => step.effects.push(Effect::Answer(id, Answer::Release)),
            None => self.open(now, &id, call, step),
        }
    }

    /// A request that is known for what it is; a rule may answer it, before anybody sees it.
    pub(super) fn on_judged(&mut self, now: Time, call: HookCall, assessment: Assessment, step: &mut Step) {
        let id = ApprovalId(call.id.as_str().into());
        let new = !self.board.approvals.contains_key(&id);
        self.on_request(now, call, step);
        let opened = self.board.approvals.get(&id).filter(|approval| new && approval.is_pending());
        let Some(shown) = opened.map(|approval| approval.shown.to_string()) else {
            return;
        };
        let Assessment { mut known, answer } = assessment;
        let decide = answer.map(|answer| Decide { approval: id.clone(), shown, answer, by: By::Rule, made: None });
        let (decide, refused) = (decide.clone(), decide.and_then(|decide| self.refusal(now, &decide)).is_some());
        if refused {
            known.rule = None;
        }
        self.note(now, Note::Assessed { approval: id, known }, step);
        if let Some(decide) = decide.filter(|_| !refused) {
            self.on_decide(now, decide, step);
        }
    }

    /// Whether the id of this call is another request's: then nobody may wait under it.
    #[must_use]
    pub fn is_taken(&self, id: &ApprovalId, call: &HookCall) -> bool {
        self.board.approvals.get(id).is_some_and(|approval| !is_same(approval, call))
    }

    /// From now on, hooks can come back.
    pub(super) fn on_listening(&mut self, now: Time) {
        for hold in self.holds.values_mut().filter(|hold| hold.returning) {
            hold.give_up = Some(now.plus(RESTART_GRACE_MS));
        }
    }

    pub(super) fn on_hung_up(&mut self, now: Time, id: &ApprovalId) {
        if let Some(hold) = self.holds.get_mut(id) {
            hold.give_up = Some(now.plus(HANG_UP_GRACE_MS));
            hold.returning = false;
        }
    }

    pub(super) fn on_decide(&mut self, now: Time, decide: Decide, step: &mut Step) {
        if let Some(refusal) = self.refusal(now, &decide) {
            if let Refusal::Elsewhere(_) = refusal {
                self.on_refused(
                    now,
                    Some(decide.approval),
                    format!("{} tried: {refusal}", decide.by.place().unwrap_or_default()),
                    step,
                );
            }
            step.refused = Some(refusal);
            return;
        }
        let elicited = self.board.approvals.get(&decide.approval).is_some_and(|a| a.kind == Kind::Elicitation);
        let answer = match decide.answer {
            Answer::Deny { .. } if elicited => Answer::Decline,
            other => other,
        };
        let settled =
            Settled { outcome: answer.outcome(), by: decide.by, at: now, answer: Some(answer), made: decide.made };
        self.settle(now, &decide.approval, settled, step);
    }

    pub(super) fn on_tick(&mut self, now: Time, step: &mut Step) {
        for id in self.pending_where(|a, hold| a.expires <= now && hold.is_some()) {
            self.settle(now, &id, Settled::by_nobody(Outcome::TimedOut, now), step);
        }
        let due = |_: &Approval, hold: Option<&Hold>| hold.and_then(Hold::deadline).is_some_and(|at| at <= now);
        for id in self.pending_where(due) {
            let outcome = self.outcome_of_silence(&id, now);
            self.settle(now, &id, Settled::by_nobody(outcome, now), step);
        }
        self.believe_doubts(now, step);
    }

    /// What became of a request whose hook is gone, or whose dialog is. A hook that was killed, or gave
    /// up while nobody heard it, leaves its dialog behind: the status file still says *waiting*.
    fn outcome_of_silence(&self, id: &ApprovalId, now: Time) -> Outcome {
        let session = self.board.approvals.get(id).and_then(|a| self.board.sessions.get(&a.session));
        let stands = session.is_some_and(|session| session.client == Some(ClientStatus::Waiting));
        let answered = self.holds.get(id).and_then(|hold| hold.no_dialog).is_some_and(|at| at <= now);
        if stands && !answered { Outcome::Released } else { Outcome::AnsweredInTerminal }
    }

    /// A request that was stored before it was forgotten, and is sent again: nobody may answer it.
    pub(super) fn on_replayed(&mut self, now: Time, id: &ApprovalId, step: &mut Step) {
        self.settle(now, id, Settled::by_nobody(Outcome::Released, now), step);
    }

    /// Which pending requests a hook call shows to be settled, and how.
    pub(super) fn settled_by_hook(&mut self, call: &HookCall) -> Vec<(ApprovalId, Outcome)> {
        let key = self.board.key_of(call);
        let ended = matches!(call.what, Hook::SessionEnded { .. } | Hook::SessionStarted { .. });
        let outcome = if ended { Outcome::SessionEnded } else { Outcome::AnsweredInTerminal };
        let mut found = self.pending_where(|a, _| a.session == key && is_settled_by(a, call));
        if matches!(call.what, Hook::ToolEnded { .. }) {
            found.truncate(1);
        }
        found.into_iter().map(|id| (id, outcome)).collect()
    }

    pub(super) fn release_all(&mut self, now: Time, step: &mut Step) {
        for id in self.pending_where(|_, _| true) {
            self.settle(now, &id, Settled::by_nobody(Outcome::Released, now), step);
        }
    }

    /// Settles what is still pending of a session.
    pub(super) fn settle_all(
        &mut self,
        now: Time,
        key: &SessionKey,
        outcome: Outcome,
        which: impl Fn(&Approval) -> bool,
        step: &mut Step,
    ) {
        for id in self.pending_where(|a, _| a.session == *key && which(a)) {
            self.settle(now, &id, Settled::by_nobody(outcome, now), step);
        }
    }

    /// The one place where a request is settled. The hook is told even when it is let go: it must
    /// not wait a second longer for nothing.
    pub(super) fn settle(&mut self, now: Time, id: &ApprovalId, settled: Settled, step: &mut Step) {
        if !self.board.approvals.get(id).is_some_and(|a| a.is_pending()) {
            return;
        }
        let answer = settled.answer.clone().unwrap_or(Answer::Release);
        self.holds.remove(id);
        let session = self.board.approvals.get(id).map(|a| a.session.clone());
        self.note(now, Note::Settled { approval: id.clone(), settled }, step);
        step.effects.push(Effect::Answer(id.clone(), answer));
        if let Some(session) = session {
            self.weigh(now, &session);
        }
    }

    fn open(&mut self, now: Time, id: &ApprovalId, call: HookCall, step: &mut Step) {
        let known = self.known(&call);
        self.happen(Event::Requested(call), step);
        self.holds.insert(id.clone(), Hold::connected());
        self.weigh(now, &known.key);
        self.look_around(&known, step);
        let Some(approval) = self.board.approvals.get(id) else {
            return;
        };
        if self.board.sessions.get(&approval.session).is_some_and(|s| s.state == State::Ended) {
            self.settle(now, id, Settled::by_nobody(Outcome::SessionEnded, now), step);
        } else if approval.expires <= now {
            self.settle(now, id, Settled::by_nobody(Outcome::TimedOut, now), step);
        }
    }

    /// A hook came back under the id of a request we know.
    fn welcome_back(&mut self, approval: &Approval, step: &mut Step) {
        match &approval.settled {
            None => {
                let hold = self.holds.entry(approval.id.clone()).or_insert_with(Hold::connected);
                (hold.give_up, hold.returning) = (None, false);
            }
            Some(settled) => {
                let answer = settled.answer.clone().unwrap_or(Answer::Release);
                step.effects.push(Effect::Answer(approval.id.clone(), answer));
            }
        }
    }

    /// `--wait` was installed for another event than `PermissionRequest`: report, and let go.
    fn apply_as_hook(&mut self, now: Time, call: HookCall, step: &mut Step) {
        let id = ApprovalId(call.id.as_str().into());
        *step = self.apply(now, Input::Hook(call));
        step.effects.push(Effect::Answer(id, Answer::Release));
    }

    /// The same question through a hook that was registered twice: one is pending already, and no
    /// other call like it is open.
    fn is_twin(&self, call: &HookCall) -> bool {
        let Some((kind, ask)) = call.what.asks() else {
            return false;
        };
        let key = self.board.key_of(call);
        let Some(session) = self.board.sessions.get(&key) else {
            return false;
        };
        let alike = |a: &&Arc<Approval>| a.session == key && a.tool == ask.tool && a.input == ask.input;
        if kind == Kind::Elicitation {
            // One call of a tool may ask any number of times: only the moment tells.
            let just = |a: &Approval| call.at.since(a.opened) < TWIN_MS;
            return self.board.pending().into_iter().any(|a| a.kind == kind && alike(&a) && just(a));
        }
        let same = |a: &&Arc<Approval>| alike(a) && a.agent == call.agent && a.call.is_some();
        let unasked = session
            .calls
            .iter()
            .any(|c| !c.asked && c.agent == call.agent && c.tool == ask.tool && c.input == ask.input);
        !unasked && self.board.pending().into_iter().any(|a| same(&a))
    }

    /// Why nobody at that place decides anything, if so.
    #[must_use]
    pub fn elsewhere(&self, by: By) -> Option<Refusal> {
        Refusal::elsewhere(&self.limits.decide_from, by)
    }

    /// Why a decision would not be taken now, if so.
    #[must_use]
    pub fn refusal(&self, now: Time, decide: &Decide) -> Option<Refusal> {
        let Some(approval) = self.board.approvals.get(&decide.approval) else {
            return Some(Refusal::Unknown);
        };
        if let Some(settled) = &approval.settled {
            return Some(Refusal::Settled(Box::new(settled.clone())));
        }
        // The terminal may always be left to ask: that decides nothing.
        let decides = decide.answer != Answer::Release;
        if let Some(elsewhere) = self.elsewhere(decide.by).filter(|_| decides) {
            return Some(elsewhere);
        }
        if *approval.shown != *decide.shown {
            return Some(Refusal::Changed);
        }
        let heard = self.holds.get(&decide.approval).is_some_and(|hold| hold.give_up.is_none() || hold.returning);
        if !heard || approval.expires <= now {
            return Some(Refusal::Gone);
        }
        misfit(approval, &decide.answer)
    }

    pub(super) fn pending_where(&self, which: impl Fn(&Approval, Option<&Hold>) -> bool) -> Vec<ApprovalId> {
        let matching = |a: &&&Arc<Approval>| which(a, self.holds.get(&a.id));
        self.board.pending().iter().filter(matching).map(|a| a.id.clone()).collect()
    }
}

/// Why this is no answer to what is asked.
fn misfit(approval: &Approval, answer: &Answer) -> Option<Refusal> {
    let elicited = approval.kind == Kind::Elicitation;
    match answer {
        Answer::Accept { content } if elicited => form::fault(&approval.input, content).map(Refusal::Content),
        Answer::Decline | Answer::Cancel | Answer::Deny { message: None, interrupt: false } if elicited => None,
        Answer::Allow { .. } | Answer::Deny { .. } if elicited => Some(Refusal::NeedsContent),
        Answer::Accept { .. } | Answer::Decline | Answer::Cancel => Some(Refusal::NoForm),
        Answer::Allow { updated_input: None, .. } if approval.kind != Kind::Permission => Some(Refusal::NeedsInput),
        Answer::Allow { updated_permissions, .. } => {
            let offered = updated_permissions.iter().flatten().all(|wish| is_offered(approval, wish));
            (!offered).then_some(Refusal::NotOffered)
        }
        Answer::Deny { .. } | Answer::Release => None,
    }
}

/// Whether `call` shows that this request of its session was answered.
fn is_settled_by(approval: &Approval, call: &HookCall) -> bool {
    // A sub-agent's elicitation does not say whose it is (2.1.329): its call does, if that is known.
    let unknown = approval.kind == Kind::Elicitation && approval.call.is_none();
    let main_thread = approval.agent.is_none() && !unknown;
    // A call that was spooled may arrive long after it was made.
    let later = call.at >= approval.opened;
    match &call.what {
        Hook::ToolEnded { call: id, tool, input, .. } => match &approval.call {
            Some(known) => known == id,
            None => {
                later && !unknown && approval.agent == call.agent && approval.tool == *tool && approval.input == *input
            }
        },
        Hook::BatchEnded { calls } => approval.call.as_ref().is_some_and(|id| calls.contains(id)),
        Hook::Prompted { synthetic, .. } => later && main_thread && !synthetic,
        Hook::Stopped { .. } | Hook::Failed { .. } => later && main_thread && call.agent.is_none(),
        Hook::AgentStopped => later && approval.agent.is_some() && approval.agent == call.agent,
        Hook::SessionEnded { reason } => !goes_on(reason) || approval.session_id == call.session_id,
        Hook::SessionStarted { .. } => later && approval.session_id != call.session_id,
        _ => false,
    }
}

/// Whether this is the request that we know under its id: the hash covers id, session, directory, tool and input.
fn is_same(approval: &Approval, call: &HookCall) -> bool {
    call.what.asks().is_some_and(|(_, ask)| ask.shown == approval.shown)
}

/// Whether Claude offered to remember this. A plan may also change the mode, as Claude's own
/// dialog does.
fn is_offered(approval: &Approval, wish: &Value) -> bool {
    let offered = approval.suggestions.as_array().is_some_and(|all| all.contains(wish));
    let mode = wish.as_object().is_some_and(|keys| keys.len() == 3)
        && wish.get("type").and_then(Value::as_str) == Some("setMode")
        && wish.get("destination").and_then(Value::as_str) == Some("session")
        && matches!(wish.get("mode").and_then(Value::as_str), Some("acceptEdits" | "default"));
    offered || (approval.kind == Kind::Plan && mode)
}
