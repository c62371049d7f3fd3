//! Random lives: any interleaving of hooks, decisions, disconnects, restarts and time keeps the
//! invariants, after every step.

mod parts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use crate::core::*;
use parts::{approval_id, ask, conversation, decide, elicitation, judged, limits, mark, process, transcript, watched};

/// One thing that happens to a core. Small numbers, so that lives collide.
#[derive(Clone, Debug)]
enum Op {
    Hook { session: u8, process: bool, agent: Option<u8>, what: u8, call: u8 },
    Request { id: u8, session: u8, process: bool, agent: Option<u8>, call: u8, rule: u8 },
    Elicit { id: u8, session: u8, process: bool, call: u8 },
    HungUp { id: u8 },
    Decide { id: u8, right: bool, answer: u8 },
    Gone { session: u8 },
    Client { session: u8, status: u8 },
    Place { session: u8 },
    Mark { session: u8, what: u8 },
    Forget { session: u8 },
    Transcript { session: u8, talk: u8, interrupted: bool },
    Replayed { id: u8 },
    Jump { by_ms: i32 },
    Pass { ms: u32 },
    Limit { stuck: bool },
    Watched { popup: bool, untold: Option<u8>, terminal: Option<u8> },
    Filling { id: u8 },
    Tick,
    ReleaseAll,
    Restart,
}

fn op() -> impl Strategy<Value = Op> {
    let agent = || prop::option::weighted(0.3, 0..2u8);
    prop_oneof![
        5 => (0..3u8, any::<bool>(), agent(), 0..18u8, 0..4u8)
            .prop_map(|(session, process, agent, what, call)| Op::Hook { session, process, agent, what, call }),
        5 => (0..8u8, 0..3u8, any::<bool>(), agent(), 0..4u8, 0..5u8).prop_map(
            |(id, session, process, agent, call, rule)| Op::Request { id, session, process, agent, call, rule }),
        2 => (0..8u8, 0..3u8, any::<bool>(), 0..4u8)
            .prop_map(|(id, session, process, call)| Op::Elicit { id, session, process, call }),
        2 => (0..8u8).prop_map(|id| Op::HungUp { id }),
        3 => (0..8u8, prop::bool::weighted(0.8), 0..7u8)
            .prop_map(|(id, right, answer)| Op::Decide { id, right, answer }),
        1 => (0..3u8).prop_map(|session| Op::Gone { session }),
        3 => (0..3u8, 0..5u8).prop_map(|(session, status)| Op::Client { session, status }),
        1 => (0..3u8).prop_map(|session| Op::Place { session }),
        2 => (0..3u8, 0..6u8).prop_map(|(session, what)| Op::Mark { session, what }),
        1 => (0..3u8).prop_map(|session| Op::Forget { session }),
        2 => (0..3u8, 0..2u8, any::<bool>())
            .prop_map(|(session, talk, interrupted)| Op::Transcript { session, talk, interrupted }),
        1 => (0..8u8).prop_map(|id| Op::Replayed { id }),
        1 => any::<i32>().prop_map(|by_ms| Op::Jump { by_ms }),
        1 => any::<bool>().prop_map(|stuck| Op::Limit { stuck }),
        2 => (prop::bool::weighted(0.7), prop::option::weighted(0.5, 0..8u8), prop::option::weighted(0.3, 0..3u8))
            .prop_map(|(popup, untold, terminal)| Op::Watched { popup, untold, terminal }),
        2 => (0..8u8).prop_map(|id| Op::Filling { id }),
        4 => (0..200_000u32).prop_map(|ms| Op::Pass { ms }),
        3 => Just(Op::Tick),
        1 => Just(Op::ReleaseAll),
        1 => Just(Op::Restart),
    ]
}

/// A core, and what an outsider saw of it.
struct Life {
    core: Core,
    now: Time,
    events: Vec<Event>,
    decided: BTreeMap<ApprovalId, usize>,
    /// Requests that a hook waits for, and has not been answered about.
    waiting: BTreeSet<ApprovalId>,
    made: u32,
    /// The conversation that each session is in: `/clear` begins the other one.
    talks: [u8; 3],
}

impl Life {
    fn new() -> Self {
        Self {
            core: Core::new(limits(true)),
            now: Time(1_000_000_000_000),
            events: Vec::new(),
            decided: BTreeMap::new(),
            waiting: BTreeSet::new(),
            made: 0,
            talks: [0; 3],
        }
    }

    fn live(&mut self, op: &Op) {
        match op {
            Op::Pass { ms } => self.now = self.now.plus(u64::from(*ms)),
            Op::Restart => self.restart(),
            Op::Jump { by_ms } => {
                // The wall's clock is set: that is all there is to see of it.
                self.now = self.now.shifted(i64::from(*by_ms));
                let input = self.input(op);
                self.apply(input);
            }
            other => {
                let input = self.input(other);
                self.apply(input);
            }
        }
        self.check();
    }

    fn apply(&mut self, input: Input) {
        if let Input::Request(call) | Input::Judged(call, _) = &input {
            self.waiting.insert(ApprovalId(call.id.as_str().into()));
        }
        let watches = matches!(input, Input::Watched(_));
        let step = self.core.apply(self.now, input);
        for event in &step.events {
            if let Event::Noted { note: Note::Settled { approval, .. }, .. } = event {
                *self.decided.entry(approval.clone()).or_default() += 1;
                let known = &self.core.board().approvals[approval];
                assert!(!watches || known.hides_terminal, "who has a dialog of their own is kept");
            }
        }
        for effect in &step.effects {
            if let Effect::Answer(id, _) = effect {
                self.waiting.remove(id);
            }
        }
        if step.refused.is_some() {
            assert!(step.events.is_empty() && step.effects.is_empty(), "a refusal changes nothing");
        }
        self.events.extend(step.events);
    }

    fn restart(&mut self) {
        let mut core = Core::new(self.core.limits.clone());
        self.events.iter().cloned().for_each(|event| core.refold(event));
        core.resume(self.now);
        // Said again as soon as the daemon is up.
        core.apply(self.now, Input::Watched(self.core.watched.clone()));
        core.apply(self.now, Input::Listening);
        // An input that changes nothing: the living core forgets old things at its next one.
        let same = self.core.board().trouble.clone();
        self.core.apply(self.now, Input::Trouble(same));
        assert_eq!(core.board(), self.core.board(), "replay gives an equal Board");
        self.waiting.clear();
        self.core = core;
    }

    fn hang_up(&mut self, id: u8) -> Input {
        self.waiting.remove(&approval_id(id));
        Input::HungUp(approval_id(id))
    }

    fn input(&mut self, op: &Op) -> Input {
        match *op {
            Op::Hook { session, process, agent, what, call } => {
                Input::Hook(self.hook(session, process, agent, what, call))
            }
            Op::Request { id, session, process, agent, call, rule } => {
                let call = self.request(id, session, process, agent, call);
                if rule > 2 { Input::Request(call) } else { Input::Judged(call, Box::new(judged(rule))) }
            }
            Op::Elicit { id, session, process, call } => {
                let what = Hook::Elicited(elicitation(call));
                Input::Request(self.call(approval_id(id).to_string(), session, process, None, what))
            }
            Op::HungUp { id } => self.hang_up(id),
            Op::Decide { id, right, answer } => Input::Decide(decide(id, right, answer)),
            Op::Watched { popup, untold, terminal } => Input::Watched(watched(popup, untold, terminal)),
            Op::Filling { id } => Input::Filling(approval_id(id)),
            Op::Limit { stuck } => Input::Limit(limits(stuck)),
            Op::Gone { session } => Input::ProcessGone(process(session)),
            Op::Client { session, status } => Input::Client(self.client(session, status)),
            Op::Place { session } => Input::Placed(Placed {
                session: SessionKey::of_process(process(session)),
                cwd: "/p".into(),
                project: "p".into(),
                branch: Some("main".into()),
                worktree: None,
            }),
            Op::Forget { session } => Input::Forget(SessionKey::of_process(process(session))),
            Op::Mark { session, what } => Input::Mark(SessionKey::of_process(process(session)), mark(what)),
            Op::Transcript { session, talk, interrupted } => self.transcript(session, talk, interrupted),
            Op::Replayed { id } => Input::Replayed(approval_id(id)),
            Op::Jump { by_ms } => Input::ClockJumped { by_ms: i64::from(by_ms) },
            Op::ReleaseAll => Input::ReleaseAll,
            _ => Input::Tick,
        }
    }

    fn hook(&mut self, session: u8, known: bool, agent: Option<u8>, what: u8, call: u8) -> HookCall {
        self.made += 1;
        let (id, tool, input) = (format!("call-{call}"), "Bash".to_owned(), Arc::new(json!({ "command": call })));
        let what = match what {
            0 => Hook::SessionStarted { source: "startup".into(), model: None, title: None },
            1 => {
                self.talks[usize::from(session)] ^= 1;
                Hook::SessionEnded { reason: "clear".into() }
            }
            2 => Hook::SessionEnded { reason: "other".into() },
            3 => Hook::Prompted { text: "go".into(), synthetic: call == 0 },
            4 | 5 => Hook::ToolStarted { call: id, tool, input },
            6 => Hook::ToolEnded { call: id, tool, input, failed: false },
            7 => Hook::BatchEnded { calls: vec![id] },
            8 => Hook::Stopped { message: None, background: usize::from(call) },
            9 => Hook::Failed { error: "500".into() },
            10 => Hook::AgentStarted,
            11 => Hook::AgentStopped,
            12 => Hook::Asked(ask(call)),
            13 => Hook::Elicited(elicitation(call)),
            14 => Hook::ElicitationEnded,
            15 => Hook::ToolStarted { call: id, tool: "mcp__s__ask".into(), input },
            16 => Hook::ToolEnded { call: id, tool: "mcp__s__ask".into(), input, failed: true },
            _ => Hook::Other { name: "Tomorrow".into() },
        };
        self.call(format!("{:032}", 1_000 + self.made), session, known, agent, what)
    }

    fn request(&self, id: u8, session: u8, known: bool, agent: Option<u8>, call: u8) -> HookCall {
        self.call(approval_id(id).to_string(), session, known, agent, Hook::Asked(ask(call)))
    }

    /// Read when it was this conversation that the session was in, or still is.
    fn transcript(&self, session: u8, talk: u8, interrupted: bool) -> Input {
        let tells = Transcript {
            at: self.now.shifted(self.odd(9_000)),
            interrupted: interrupted.then(|| self.now.shifted(self.odd(9_000))),
            title: Some(conversation(session, talk)),
            ..Transcript::default()
        };
        let path = transcript(&conversation(session, talk));
        Input::Transcript { session: SessionKey::of_process(process(session)), path, tells }
    }

    fn talk(&self, session: u8) -> String {
        conversation(session, self.talks[usize::from(session)])
    }

    /// A number from `-range` to `range`, another one in each step.
    fn odd(&self, range: i64) -> i64 {
        i64::try_from(self.now.0 / 7 + u64::from(self.made) * 13).unwrap_or(0) % (2 * range) - range
    }

    fn call(&self, id: String, session: u8, known: bool, agent: Option<u8>, what: Hook) -> HookCall {
        HookCall {
            id,
            // Some were spooled.
            at: self.now.shifted(self.odd(4_000).min(0)),
            origin: Origin { process: known.then(|| process(session)), ..Origin::default() },
            session_id: self.talk(session),
            transcript: Some(transcript(&self.talk(session))),
            cwd: "/p".into(),
            prompt_id: None,
            mode: None,
            agent: agent.map(|n| Agent { id: format!("agent-{n}"), kind: "general-purpose".into() }),
            what,
            raw: Raw::default(),
        }
    }

    fn client(&self, session: u8, status: u8) -> Client {
        let status = [ClientStatus::Idle, ClientStatus::Busy, ClientStatus::Waiting, ClientStatus::Shell]
            .get(usize::from(status))
            .copied();
        Client {
            process: process(session),
            session_id: self.talk(session),
            cwd: "/p".into(),
            status,
            name: None,
            headless: false,
            background: false,
            asks: (status == Some(ClientStatus::Waiting)).then_some(State::AwaitingPermission),
            transcript: None,
            started: self.now,
            place: None,
            // By a clock that need not be ours.
            updated: self.now.shifted(self.odd(9_000)),
        }
    }

    /// What has to hold after every step.
    fn check(&self) {
        let board = self.core.board();
        assert!(self.decided.values().all(|times| *times == 1), "one decision per request");
        let pending: BTreeSet<_> = board.pending().iter().map(|a| a.id.clone()).collect();
        assert_eq!(board.badge(), pending.len(), "the badge counts the undecided");
        assert!(pending.iter().all(|id| !self.decided.contains_key(id)), "the settled are not pending");
        let held: BTreeSet<_> = self.core.holds.keys().cloned().collect();
        assert_eq!(held, pending, "every pending request has its hold, and no other");
        assert!(self.waiting.is_subset(&pending), "no hook waits for a settled request");
        for approval in board.pending() {
            let session = board.sessions.get(&approval.session).expect("a request has its session");
            assert_ne!(session.state, State::Ended, "nothing is pending for an ended session");
            assert!(session.state.needs_you(), "who asks needs you");
        }
        for session in board.sessions.values() {
            let asks = pending.iter().any(|id| board.approvals[id].session == session.key);
            let awaits = matches!(session.state, State::AwaitingPermission | State::AwaitingAnswer);
            let dialog = session.dialog.is_some();
            assert!(!awaits || asks || dialog || !session.asked.is_empty(), "who awaits has asked");
            assert!(!awaits || session.needs_you, "who asks needs you, whatever is hidden");
            assert!(!session.needs_you || session.state.needs_you(), "only states that want somebody do");
            assert!(!session.evidence.text.is_empty(), "every state has its evidence");
            let told = session.title.as_ref();
            assert!(told.is_none_or(|title| *title == session.session_id), "a row tells of its own conversation");
            assert!(session.since <= self.now && session.evidence.at <= self.now, "nothing lies in the future");
        }
        let unseen = |id: &&ApprovalId| {
            let approval = &board.approvals[*id];
            let watched = &self.core.watched;
            let tells = watched.popup || watched.untold.as_ref().is_some_and(|untold| !untold.contains(*id));
            approval.hides_terminal && (!tells || watched.terminals.contains(&approval.session))
        };
        assert_eq!(pending.iter().find(unseen), None, "nobody waits with nothing on any screen");
        let due = self.core.deadline();
        assert!(pending.is_empty() || due.is_some(), "what is pending ends some day");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_life_keeps_the_invariants(ops in prop::collection::vec(op(), 1..80)) {
        let mut life = Life::new();
        ops.iter().for_each(|op| life.live(op));
        life.restart();
        life.check();
    }

    #[test]
    fn whatever_is_pending_is_settled_in_time(ops in prop::collection::vec(op(), 1..60)) {
        let mut life = Life::new();
        ops.iter().for_each(|op| life.live(op));
        // Nobody answers any more: calling back at each deadline has to come to an end.
        for _ in 0..200 {
            let Some(deadline) = life.core.deadline() else { break };
            life.now = life.now.max(deadline);
            life.live(&Op::Tick);
        }
        prop_assert_eq!(life.core.board().badge(), 0);
        prop_assert_eq!(life.core.deadline(), None);
        prop_assert!(life.waiting.is_empty());
    }
}
