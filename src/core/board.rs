//! The Board: the one picture that every view draws. It changes only by folding Events, and
//! folding is total: an event about something unknown is ignored.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::session::{Call, Phase};
use super::{
    Approval, ApprovalId, Ask, Client, ClientStatus, Event, Evidence, Hook, HookCall, Kind, Note, Outcome, Placed,
    ProcessId, Session, SessionKey, Settled, State, Time,
};

/// How many settled requests, and how many ended sessions, stay on the Board. The store has all.
const RECENT: usize = 50;

/// Sessions and requests as they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// Every living session, and the ones that ended last.
    pub sessions: BTreeMap<SessionKey, Arc<Session>>,
    /// Every pending request, and the ones settled last.
    pub approvals: BTreeMap<ApprovalId, Arc<Approval>>,
    /// What is wrong with the daemon itself, in words.
    pub trouble: Option<String>,
}

impl Board {
    /// Pending requests, oldest first.
    #[must_use]
    pub fn pending(&self) -> Vec<&Arc<Approval>> {
        let mut pending: Vec<_> = self.approvals.values().filter(|a| a.is_pending()).collect();
        pending.sort_by(|a, b| (a.opened, &a.id).cmp(&(b.opened, &b.id)));
        pending
    }

    /// Settled requests, newest first.
    #[must_use]
    pub fn settled(&self) -> Vec<&Arc<Approval>> {
        let mut settled: Vec<_> = self.approvals.values().filter(|a| !a.is_pending()).collect();
        settled.sort_by_key(|a| std::cmp::Reverse(a.settled.as_ref().map(|s| s.at)));
        settled
    }

    /// The number on the badge.
    #[must_use]
    pub fn badge(&self) -> usize {
        self.approvals.values().filter(|a| a.is_pending()).count()
    }

    /// The living session of a process.
    #[must_use]
    pub fn of_process(&self, process: ProcessId) -> Option<&Arc<Session>> {
        self.sessions
            .get(&SessionKey::of_process(process))
            .or_else(|| self.sessions.values().find(|s| s.process == Some(process)))
    }

    /// The row that a hook call belongs to; a new key when there is none yet.
    #[must_use]
    pub fn key_for(&self, process: Option<ProcessId>, session_id: &str) -> SessionKey {
        if let Some(known) = process.and_then(|p| self.of_process(p)) {
            return known.key.clone();
        }
        let same = |s: &&Arc<Session>| s.session_id == session_id && s.state != State::Ended;
        let kin = self.sessions.values().filter(same);
        match process {
            None => kin.max_by_key(|s| s.last_activity).map(|s| s.key.clone()),
            Some(_) => kin.filter(|s| s.process.is_none()).map(|s| s.key.clone()).next(),
        }
        .unwrap_or_else(|| process.map_or_else(|| SessionKey::of_session(session_id), SessionKey::of_process))
    }

    pub(super) fn fold(&mut self, event: &Event) {
        match event {
            Event::Hook(call) => self.fold_hook(call),
            Event::Requested(call) => self.fold_request(call),
            Event::Noted { at, note } => self.fold_note(*at, note),
        }
    }

    fn fold_hook(&mut self, call: &HookCall) {
        let key = self.touch(call);
        self.update(&key, |session| session.observe(call));
    }

    fn fold_request(&mut self, call: &HookCall) {
        let Hook::Asked(ask) = &call.what else { return };
        let id = ApprovalId(call.id.as_str().into());
        if self.approvals.contains_key(&id) {
            return;
        }
        let key = self.touch(call);
        let mut tool_use = None;
        self.update(&key, |session| {
            session.approvals += 1;
            session.set_phase(Phase::Working, call.at, &format!("PermissionRequest {}", ask.tool));
            tool_use = session.claim(call, ask);
        });
        let Some(session) = self.sessions.get(&key) else {
            return;
        };
        let approval = Approval::open(id.clone(), session, call, ask, tool_use);
        self.approvals.insert(id, Arc::new(approval));
        self.refresh(&key, call.at);
    }

    fn fold_note(&mut self, at: Time, note: &Note) {
        match note {
            Note::Settled { approval, settled } => self.fold_settled(approval, settled),
            Note::Refused { .. } => {}
            Note::ProcessGone(process) => self.fold_gone(at, *process),
            Note::Client(client) => self.fold_client(at, client),
            Note::Placed(placed) => self.fold_placed(placed),
            Note::Interrupted { session } => {
                self.update(session, |s| {
                    s.set_phase(Phase::Idle, at, "interrupted: its status file says idle");
                });
            }
            Note::ClockJumped { by_ms } => {
                for approval in self.approvals.values_mut().filter(|a| a.is_pending()) {
                    let approval = Arc::make_mut(approval);
                    approval.opened = approval.opened.shifted(*by_ms);
                    approval.expires = approval.expires.shifted(*by_ms);
                }
            }
            Note::Trouble { text } => self.trouble.clone_from(text),
        }
    }

    fn fold_settled(&mut self, id: &ApprovalId, settled: &Settled) {
        let Some(approval) = self.approvals.get_mut(id).filter(|a| a.is_pending()) else {
            return;
        };
        let approval = Arc::make_mut(approval);
        approval.settled = Some(settled.clone());
        let (key, kind) = (approval.session.clone(), approval.kind);
        let waits_there = matches!(settled.outcome, Outcome::Released | Outcome::TimedOut);
        self.update(&key, |session| {
            if waits_there && !session.headless {
                session.asked = Some(State::awaiting(kind));
                session.turn.evidence = Evidence { text: "the terminal asks".into(), at: settled.at };
            }
        });
    }

    fn fold_gone(&mut self, at: Time, process: ProcessId) {
        let Some(key) = self.of_process(process).map(|s| s.key.clone()) else {
            return;
        };
        self.update(&key, |session| {
            if session.turn.phase != Phase::Ended {
                let text = format!("process {} exited without SessionEnd", process.pid);
                session.set_phase(Phase::Ended, at, &text);
            }
            session.turn.gone = true;
        });
    }

    fn fold_client(&mut self, at: Time, client: &Client) {
        let key = self.key_for(Some(client.process), &client.session_id);
        if !self.sessions.contains_key(&key) {
            let fresh = Session::new(key.clone(), &client.session_id, &client.cwd, at);
            self.sessions.insert(key.clone(), Arc::new(fresh));
        }
        if client.status == Some(ClientStatus::Waiting) {
            self.mark_waiting(&key);
        }
        self.update(&key, |session| session.believe(client, at));
    }

    fn fold_placed(&mut self, placed: &Placed) {
        self.update(&placed.session, |session| {
            if session.cwd == placed.cwd {
                session.project.clone_from(&placed.project);
                session.branch.clone_from(&placed.branch);
                session.worktree.clone_from(&placed.worktree);
            }
        });
    }

    /// The dialog of the main thread's requests is on the terminal's screen.
    fn mark_waiting(&mut self, key: &SessionKey) {
        for approval in self.approvals.values_mut() {
            if approval.session == *key && approval.is_pending() && approval.agent.is_none() && !approval.waiting_seen {
                Arc::make_mut(approval).waiting_seen = true;
            }
        }
    }

    /// Finds or makes the row of a hook call, and learns from it what every call tells.
    fn touch(&mut self, call: &HookCall) -> SessionKey {
        let key = self.key_for(call.origin.process, &call.session_id);
        if !self.sessions.contains_key(&key) {
            let fresh = Session::new(key.clone(), &call.session_id, &call.cwd, call.at);
            self.sessions.insert(key.clone(), Arc::new(fresh));
        }
        self.update(&key, |session| session.learn(call));
        key
    }

    /// Changes one row, and works out its state anew.
    fn update(&mut self, key: &SessionKey, change: impl FnOnce(&mut Session)) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let session = Arc::make_mut(session);
        change(session);
        let at = session.turn.evidence.at;
        self.refresh(key, at);
    }

    /// The shown state: requests first, then dialogs left to the terminal, then the turn.
    fn refresh(&mut self, key: &SessionKey, at: Time) {
        let asks = self.approvals.values().filter(|a| a.session == *key && a.is_pending());
        let first = asks.min_by_key(|a| (State::awaiting(a.kind), a.opened, a.id.clone())).cloned();
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let (state, evidence) = match (&first, session.asked) {
            _ if session.turn.phase == Phase::Ended => (State::Ended, session.turn.evidence.clone()),
            (Some(ask), _) => (State::awaiting(ask.kind), ask.evidence()),
            (None, Some(asked)) => (asked, session.turn.evidence.clone()),
            (None, None) => (session.turn.phase.state(), session.turn.evidence.clone()),
        };
        let session = Arc::make_mut(session);
        if session.state != state {
            session.state = state;
            session.since = at.max(evidence.at);
        }
        session.evidence = evidence;
    }

    /// Forgets what is long settled or ended.
    pub(super) fn trim(&mut self) {
        self.trim_settled();
        self.trim_ended();
    }

    fn trim_settled(&mut self) {
        let surplus: Vec<_> = self.settled().into_iter().skip(RECENT).map(|a| a.id.clone()).collect();
        for id in surplus {
            self.approvals.remove(&id);
        }
    }

    fn trim_ended(&mut self) {
        let mut ended: Vec<_> = self.sessions.values().filter(|s| s.state == State::Ended).collect();
        ended.sort_by_key(|s| std::cmp::Reverse(s.since));
        let surplus: Vec<_> = ended.into_iter().skip(RECENT).map(|s| s.key.clone()).collect();
        for key in surplus {
            self.sessions.remove(&key);
        }
    }
}

impl Approval {
    fn open(id: ApprovalId, session: &Session, call: &HookCall, ask: &Ask, tool_use: Option<String>) -> Self {
        Self {
            id,
            session: session.key.clone(),
            session_id: call.session_id.clone(),
            kind: Kind::of(&ask.tool),
            tool: ask.tool.clone(),
            input: Arc::clone(&ask.input),
            cwd: call.cwd.clone(),
            agent: call.agent.clone(),
            prompt: session.prompt.clone(),
            suggestions: Arc::clone(&ask.suggestions),
            mode: call.mode.clone(),
            call: tool_use,
            opened: call.at,
            expires: call.at.plus(ask.hold_ms),
            shown: Arc::clone(&ask.shown),
            hides_terminal: call.agent.is_some() && !session.headless,
            // The file may say so a moment before the hook runs (2.1.329: from 25 ms before to 43 after).
            waiting_seen: call.agent.is_none() && session.client == Some(ClientStatus::Waiting),
            settled: None,
        }
    }

    fn evidence(&self) -> Evidence {
        Evidence { text: format!("PermissionRequest {}, hook still waiting", self.tool), at: self.opened }
    }
}

impl State {
    /// The state of a session that asks for this.
    pub(super) fn awaiting(kind: Kind) -> Self {
        match kind {
            Kind::Permission => Self::AwaitingPermission,
            Kind::Question | Kind::Plan => Self::AwaitingAnswer,
        }
    }
}

impl Phase {
    fn state(self) -> State {
        match self {
            Self::Idle => State::Idle,
            Self::Working => State::Working,
            Self::Done => State::Done,
            Self::Failed => State::Failed,
            Self::Ended => State::Ended,
        }
    }
}

impl Session {
    /// The open call that a request is about: the first one like it that nobody asked about yet.
    fn claim(&mut self, call: &HookCall, ask: &Ask) -> Option<String> {
        let like = |c: &&mut Call| !c.asked && c.agent == call.agent && c.tool == ask.tool && c.input == ask.input;
        let found = self.calls.iter_mut().find(like)?;
        found.asked = true;
        Some(found.id.clone())
    }
}
