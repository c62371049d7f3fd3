//! The heart: sessions and approvals as a pure state machine.
//!
//! [`Core::apply`] takes an [`Input`] and the time, and answers with the [`Event`]s that happened,
//! already folded into the [`Board`], and the [`Effect`]s to be done. [`Core::deadline`] says when to
//! call again. Nothing here reads a clock, a file, a socket, the environment or a random number;
//! `.clippy.toml` names what is forbidden and why.
#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]

mod approval;
mod believe;
mod board;
mod event;
mod fold;
pub mod form;
mod hook;
mod need;
mod observe;
mod rows;
mod session;
mod settle;
#[cfg(test)]
mod tests;
mod time;
mod unseen;
mod weigh;

use std::collections::BTreeMap;

pub use approval::{Answer, Approval, ApprovalId, Assessed, Assessment, By, Kind, Outcome, RuleRef, Settled, Trial};
pub use board::Board;
pub use event::{Client, Decide, Effect, Event, Input, Mark, Note, Placed, Refusal, Transcript};
pub use hook::{Agent, Ask, Away, ELICITATION, Hook, HookCall, Origin, Raw};
pub use observe::{activity, excerpt};
pub use rows::Rows;
pub use session::{ClientStatus, Evidence, ProcessId, Session, SessionKey, State};
pub use time::Time;
pub use unseen::Watched;

use settle::Hold;
use weigh::Doubt;

/// What the user may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a hook is held, in milliseconds. Claude Code itself gives up after 600 s.
    pub hold_ms: u64,
    /// How long a sub-agent's hook, or an MCP server's question, is held, in milliseconds: the terminal shows
    /// nothing meanwhile.
    pub subagent_hold_ms: u64,
    /// After how much silence a working session counts as stuck, in milliseconds; never, unless said.
    pub stuck_ms: Option<u64>,
    /// From where people may decide; from anywhere, when that is empty.
    pub decide_from: Vec<By>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { hold_ms: 540_000, subagent_hold_ms: 120_000, stuck_ms: None, decide_from: Vec::new() }
    }
}

/// What came of one input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// What happened, in order; to be stored before any effect is performed.
    pub events: Vec<Event>,
    /// What is to be done.
    pub effects: Vec<Effect>,
    /// Why a decision was not taken.
    pub refused: Option<Refusal>,
}

/// Owner of the [`Board`].
#[derive(Debug, Default)]
pub struct Core {
    limits: Limits,
    board: Board,
    /// The hooks behind the pending approvals: what a Board does not show and a restart forgets.
    holds: BTreeMap<ApprovalId, Hold>,
    /// What status files began to say, and is not believed yet.
    doubts: BTreeMap<SessionKey, Doubt>,
    /// What each status file said last: it is read more often than it changes.
    clients: BTreeMap<ProcessId, Client>,
    /// Where requests can be seen now; nothing of an earlier life.
    watched: Watched,
    /// Nothing can have come to be forgotten since it was last looked for.
    tidy: bool,
}

impl Core {
    /// A core that has seen nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Folds an event of an earlier life. Call [`Core::resume`] after the last.
    pub fn refold(&mut self, mut event: Event) {
        self.allot(&mut event);
        self.board.fold(&event);
    }

    /// Goes on at `now` after a restart: every pending request waits for its hook to come back, once
    /// [`Input::Listening`] says that it can. Says what has to be watched again.
    pub fn resume(&mut self, now: Time) -> Vec<Effect> {
        self.board.trim();
        self.board.clamp(now);
        for approval in self.board.pending() {
            self.holds.insert(approval.id.clone(), Hold::away());
        }
        let living = self.board.sessions.values().filter(|s| s.state != State::Ended);
        living.flat_map(|s| watches(s)).collect()
    }

    /// The picture that every view draws.
    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// When to call [`Core::apply`] with [`Input::Tick`], at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let expiries = self.board.approvals.values().filter(|a| a.is_pending()).map(|a| a.expires);
        let holds = self.holds.values().filter_map(Hold::deadline);
        let doubts = self.doubts.values().map(|doubt| doubt.until());
        expiries.chain(holds).chain(doubts).chain(self.silence()).min()
    }

    /// Takes one input.
    pub fn apply(&mut self, now: Time, input: Input) -> Step {
        let mut step = Step::default();
        // Not later: what is settled in a step has to be there when the step is stored.
        if !self.tidy {
            self.tidy_up(now, &mut step);
        }
        match input {
            Input::Hook(call) => self.on_hook(now, call, &mut step),
            Input::Request(call) => {
                self.on_request(now, call, &mut step);
                self.let_go_unseen(now, &mut step);
            }
            Input::Judged(call, assessment) => {
                self.on_judged(now, call, *assessment, &mut step);
                self.let_go_unseen(now, &mut step);
            }
            Input::Watched(watched) => self.on_watched(now, watched, &mut step),
            Input::PauseRules(paused) if paused != self.board.rules_paused => {
                self.note(now, Note::RulesPaused { paused }, &mut step);
            }
            Input::Listening => self.on_listening(now),
            Input::HungUp(id) => self.on_hung_up(now, &id),
            Input::Decide(decide) => self.on_decide(now, decide, &mut step),
            Input::Filling(id) => self.on_filling(now, &id, &mut step),
            Input::Refuse { approval, why } => self.on_refused(now, approval, why, &mut step),
            Input::ReleaseAll => self.release_all(now, &mut step),
            Input::ProcessGone(process) => self.on_process_gone(now, process, &mut step),
            Input::Client(client) => self.on_client(now, client, &mut step),
            Input::Transcript { session, path, tells } => self.on_transcript(now, session, &path, tells, &mut step),
            Input::Forget(session) => self.on_forget(now, session, &mut step),
            Input::Mark(session, mark) => self.on_mark(now, session, mark, &mut step),
            Input::Replayed(id) => self.on_replayed(now, &id, &mut step),
            Input::Placed(placed) => self.on_placed(now, placed, &mut step),
            Input::ClockJumped { by_ms } => self.on_clock_jumped(now, by_ms, &mut step),
            Input::Trouble(text) if text != self.board.trouble => {
                self.note(now, Note::Trouble { text }, &mut step);
            }
            Input::Trouble(_) | Input::PauseRules(_) => {}
            Input::Limit(limits) => self.limits = limits,
            Input::Tick => self.on_tick(now, &mut step),
        }
        step
    }

    /// Forgets what is long over, and sessions that nobody would tell the end of.
    fn tidy_up(&mut self, now: Time, step: &mut Step) {
        self.board.trim();
        self.tidy = true;
        for session in self.board.surplus() {
            self.note(now, Note::Forgotten { session }, step);
        }
    }

    fn on_hook(&mut self, now: Time, call: HookCall, step: &mut Step) {
        let known = self.known(&call);
        let settled = self.settled_by_hook(&call);
        self.happen(Event::Hook(call), step);
        for (id, outcome) in settled {
            self.settle(now, &id, Settled::by_nobody(outcome, now), step);
        }
        self.weigh(now, &known.key);
        self.look_around(&known, step);
    }

    fn on_refused(&mut self, now: Time, approval: Option<ApprovalId>, why: String, step: &mut Step) {
        let meant = approval.as_ref().and_then(|id| self.board.approvals.get(id));
        let session = meant.map(|approval| approval.session.clone());
        self.note(now, Note::Refused { approval, session, why }, step);
    }

    fn on_process_gone(&mut self, now: Time, process: ProcessId, step: &mut Step) {
        self.clients.remove(&process);
        self.lose_those_through(now, process, step);
        // One that said goodbye is gone all the same: a late hook of it must not raise it again.
        let Some(session) = self.board.of_process(process).filter(|s| !s.is_gone()) else {
            return;
        };
        let key = session.key.clone();
        self.doubts.remove(&key);
        step.effects.push(Effect::Unfollow(key.clone()));
        self.note(now, Note::ProcessGone(process), step);
        self.settle_all(now, &key, Outcome::SessionEnded, |_| true, step);
    }

    /// What is heard through this process is heard no more. Questions are left to their terminals, over there.
    fn lose_those_through(&mut self, now: Time, relay: ProcessId, step: &mut Step) {
        let lost: Vec<_> = self.board.heard_through(relay).map(|session| session.key.clone()).collect();
        for session in lost {
            self.settle_all(now, &session, Outcome::Released, |_| true, step);
            self.note(now, Note::Unheard { session }, step);
        }
    }

    fn on_placed(&mut self, now: Time, placed: Placed, step: &mut Step) {
        let known = self.board.sessions.get(&placed.session);
        let news = known.is_some_and(|s| {
            (&s.project, &s.branch, &s.worktree) != (&placed.project, &placed.branch, &placed.worktree)
        });
        if news {
            self.note(now, Note::Placed(placed), step);
        }
    }

    fn on_clock_jumped(&mut self, now: Time, by_ms: i64, step: &mut Step) {
        self.holds.values_mut().for_each(|hold| hold.shift(by_ms));
        self.doubts.values_mut().for_each(|doubt| doubt.shift(by_ms));
        self.note(now, Note::ClockJumped { by_ms }, step);
    }

    /// Asks for what a new session, a new process or a new directory makes necessary.
    fn look_around(&mut self, before: &Known, step: &mut Step) {
        let Some(session) = self.board.sessions.get(&before.key) else {
            return;
        };
        if session.state == State::Ended {
            step.effects.push(Effect::Unfollow(before.key.clone()));
            return;
        }
        if before.process != session.process {
            step.effects.extend(session.process.map(Effect::Watch));
        }
        let relay = session.away.as_ref().and_then(|away| away.relay);
        if before.relay != relay {
            step.effects.extend(relay.map(Effect::Watch));
        }
        // Paths over there are none of ours.
        if session.away.is_some() {
            return;
        }
        // Between the two, Claude may have gone to another branch.
        let told = |told: fn(&Hook) -> bool| matches!(step.events.first(), Some(Event::Hook(call)) if told(&call.what));
        let turn = told(|what| matches!(what, Hook::Prompted { .. } | Hook::Stopped { .. }));
        let ran = told(|what| matches!(what, Hook::ToolEnded { tool, .. } if tool == "Bash"));
        let moved = before.cwd.as_deref() != Some(session.cwd.as_str());
        if (turn || ran || moved) && !session.cwd.is_empty() {
            step.effects.push(Effect::Place(session.key.clone(), session.cwd.clone()));
        }
        if before.cwd.is_none() {
            step.effects.extend(session.config_dir().map(Effect::WatchConfig));
        }
        // Claude Code names it before it makes it, with the first prompt.
        let again = turn && session.tokens.is_none();
        self.follow_transcript(&before.key, before.transcript.as_deref().filter(|_| !again), step);
    }

    /// Asks to follow a session's transcript when it is another than `before`, and that one no more.
    fn follow_transcript(&self, key: &SessionKey, before: Option<&str>, step: &mut Step) {
        let session = self.board.sessions.get(key).filter(|s| s.state != State::Ended);
        let current = session.and_then(|s| s.transcript.clone());
        if current.as_deref() != before {
            step.effects.push(match current {
                Some(path) => Effect::Follow(key.clone(), path),
                None => Effect::Unfollow(key.clone()),
            });
        }
    }

    fn on_mark(&mut self, now: Time, session: SessionKey, mark: Mark, step: &mut Step) {
        let Some(known) = self.board.sessions.get(&session) else {
            step.refused = Some(Refusal::NoSession);
            return;
        };
        let news = match &mark {
            Mark::Tag(tag) => known.tag != *tag,
            Mark::Pin(on) => known.pinned != *on,
            Mark::Dismiss(on) => known.dismissed != *on,
            Mark::Seen(_) => !known.seen && matches!(known.state, State::Done | State::Failed | State::Stuck),
        };
        if news {
            self.note(now, Note::Marked { session, mark }, step);
        }
    }

    /// What is not on the Board may still be stored: that is no refusal.
    fn on_forget(&mut self, now: Time, session: SessionKey, step: &mut Step) {
        match self.board.sessions.get(&session).map(|s| s.state) {
            Some(State::Ended) => self.note(now, Note::Removed { session }, step),
            Some(_) => step.refused = Some(Refusal::Lives),
            None => {}
        }
    }

    fn known(&self, call: &HookCall) -> Known {
        let key = self.board.key_of(call);
        let session = self.board.sessions.get(&key);
        Known {
            process: session.and_then(|s| s.process),
            relay: session.and_then(|s| s.away.as_ref()?.relay),
            cwd: session.map(|s| s.cwd.clone()),
            // What has ended is not followed: when it goes on, that begins anew.
            transcript: session.filter(|s| s.state != State::Ended).and_then(|s| s.transcript.clone()),
            key,
        }
    }

    fn note(&mut self, at: Time, note: Note, step: &mut Step) {
        self.happen(Event::Noted { at, note }, step);
    }

    fn happen(&mut self, mut event: Event, step: &mut Step) {
        self.allot(&mut event);
        self.board.fold(&event);
        self.tidy &= self.leaves_all_needed(&event);
        step.events.push(event);
    }

    /// Whether it is sure that this event, folded, left nothing to forget: nothing is settled by it, and its row goes
    /// on and would tell its end. Looking for that is to walk through all rows, and nearly all events are such.
    fn leaves_all_needed(&self, event: &Event) -> bool {
        let (Event::Hook(call) | Event::Requested(call)) = event else {
            return false;
        };
        let row = self.board.sessions.get(&self.board.key_of(call));
        row.is_some_and(|session| session.process.is_some() && session.state != State::Ended)
    }

    /// Says how long a request may be held.
    fn allot(&self, event: &mut Event) {
        let Event::Requested(call) = event else {
            return;
        };
        let headless = call.origin.env.get("CLAUDE_CODE_ENTRYPOINT").is_some_and(|e| e.starts_with("sdk"));
        let elicited = matches!(call.what, Hook::Elicited(_));
        if let Hook::Asked(ask) | Hook::Elicited(ask) = &mut call.what {
            let hidden = (call.agent.is_some() || elicited) && !headless;
            ask.hold_ms = if hidden { self.limits.subagent_hold_ms } else { self.limits.hold_ms };
        }
    }
}

/// What was known of a session before an input.
struct Known {
    key: SessionKey,
    process: Option<ProcessId>,
    relay: Option<ProcessId>,
    cwd: Option<String>,
    transcript: Option<String>,
}

/// What a session that was there before a restart needs again.
fn watches(session: &Session) -> Vec<Effect> {
    if let Some(away) = &session.away {
        return session.process.into_iter().chain(away.relay).map(Effect::Watch).collect();
    }
    let config = session.config_dir().map(Effect::WatchConfig);
    let follow = session.transcript.clone().map(|path| Effect::Follow(session.key.clone(), path));
    let place = (!session.cwd.is_empty()).then(|| Effect::Place(session.key.clone(), session.cwd.clone()));
    session.process.map(Effect::Watch).into_iter().chain(config).chain(follow).chain(place).collect()
}
