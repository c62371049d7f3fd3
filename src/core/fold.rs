//! Events folded into the Board. Total: an event about something unknown is ignored.

use std::sync::Arc;

use serde_json::Value;

use super::believe::STILL_BUSY;
use super::session::{Call, Phase, Turn};
use super::{
    Agent, Approval, ApprovalId, Ask, Board, Client, ClientStatus, Event, Evidence, Hook, HookCall, Kind, Note,
    Outcome, Placed, ProcessId, Session, SessionKey, Settled, State, Time,
};

/// How much later than its request the hook of a tool's start may be heard of.
const LATE_MS: u64 = 10_000;
/// How much later than its request's that hook may begin: it does not wait for it, and a busy machine starts the
/// one after the other.
const OVERTAKEN_MS: u64 = 500;

impl Board {
    pub(super) fn fold(&mut self, event: &Event) {
        match event {
            Event::Hook(call) => self.fold_hook(call),
            Event::Requested(call) => self.fold_request(call),
            Event::Noted { at, note } => self.fold_note(*at, note),
        }
    }

    fn fold_hook(&mut self, call: &HookCall) {
        let key = self.touch(call);
        let asked = self.asked_before(&key, call);
        self.update(&key, |session| {
            session.observe(call);
            match asked {
                Some((id, true)) => session.drop_call(&id),
                Some((id, false)) => session.calls.iter_mut().filter(|c| c.id == id).for_each(|c| c.asked = true),
                None => {}
            }
        });
    }

    /// A tool's start that arrives after the request that followed it, as its hook runs beside the session:
    /// tells the request which call it is about. The call's id, if so, and whether it was denied already.
    fn asked_before(&mut self, key: &SessionKey, call: &HookCall) -> Option<(String, bool)> {
        let Hook::ToolStarted { call: id, tool, input } = &call.what else {
            return None;
        };
        let about = |a: &&Arc<Approval>| {
            let same = a.agent == call.agent && a.tool == *tool && a.input == *input;
            // One that began later may be another of that server's, if that has any.
            let late = call.at > a.opened && self.calls_server(key, &a.input);
            let elicits = a.kind == Kind::Elicitation && is_of_server(tool, &a.input) && !late;
            a.session == *key && a.call.is_none() && (same || elicits)
        };
        let just = |a: &&Arc<Approval>| call.at <= a.opened.plus(OVERTAKEN_MS) && a.opened.since(call.at) < LATE_MS;
        let approval = self.approvals.values().filter(about).filter(just).min_by_key(|a| a.opened)?;
        let found = approval.id.clone();
        let approval = Arc::make_mut(self.approvals.get_mut(&found)?);
        approval.call = Some(id.clone());
        approval.agent.clone_from(&call.agent);
        Some((id.clone(), approval.is_denied()))
    }

    /// Whether a call of the server that elicits is under way.
    fn calls_server(&self, key: &SessionKey, input: &Value) -> bool {
        let session = self.sessions.get(key);
        session.is_some_and(|session| session.calls.iter().any(|call| is_of_server(&call.tool, input)))
    }

    fn fold_request(&mut self, call: &HookCall) {
        let Some((kind, ask)) = call.what.asks() else { return };
        let id = ApprovalId(call.id.as_str().into());
        if self.approvals.contains_key(&id) {
            return;
        }
        let key = self.touch(call);
        let mut about = None;
        self.update(&key, |session| {
            session.approvals += 1;
            session.set_phase(Phase::Working, call.at, &request_in_words(kind, &ask.tool, &ask.input));
            about = Some(session.about(call, kind, ask));
        });
        let (Some(session), Some(about)) = (self.sessions.get(&key), about) else {
            return;
        };
        let approval = Approval::open(id.clone(), session, call, about);
        self.approvals.insert(id, Arc::new(approval));
        self.refresh(&key, call.at);
    }

    fn fold_note(&mut self, at: Time, note: &Note) {
        match note {
            Note::Settled { approval, settled } => self.fold_settled(approval, settled),
            Note::ProcessGone(process) => self.fold_gone(at, *process),
            Note::Client(client) => self.fold_client(client),
            Note::Placed(placed) => self.fold_placed(placed),
            Note::Interrupted { session, evidence, since, by_user } => {
                self.update(session, |s| s.interrupt(evidence, *by_user, since.unwrap_or(at)));
            }
            Note::Dialog { session, asks } => self.update(session, |s| s.meet_dialog(*asks, at)),
            Note::DialogsGone { session } => self.update(session, Session::close_dialogs),
            Note::Busy { session, on: true } => self.update(session, |s| s.go_on(at, STILL_BUSY)),
            Note::Busy { session, on: false } => self.update(session, Session::stand_still),
            Note::Silent { session } => self.update(session, |s| s.fall_silent(at)),
            Note::Unheard { session } => self.update(session, |s| s.lose(at)),
            Note::Forgotten { session } => {
                self.update(session, |s| s.set_phase(Phase::Ended, at, "long silent, and its process is not known"));
            }
            Note::Removed { session } => {
                self.sessions.remove(session);
            }
            Note::Transcript { session, tells } => self.update(session, |s| s.read(tells)),
            Note::Marked { session, mark } => self.update(session, |s| s.mark(mark, at)),
            Note::ClockJumped { by_ms } => self.shift(*by_ms),
            Note::Assessed { approval, known } => {
                if let Some(approval) = self.approvals.get_mut(approval) {
                    Arc::make_mut(approval).known = Some(Arc::new(known.clone()));
                }
            }
            Note::Kept { approval, until } => {
                if let Some(approval) = self.approvals.get_mut(approval).filter(|a| a.is_pending()) {
                    Arc::make_mut(approval).expires = *until;
                }
            }
            Note::RulesPaused { paused } => self.rules_paused = *paused,
            Note::Refused { .. } => {}
            Note::Trouble { text } => self.trouble.clone_from(text),
        }
    }

    fn fold_settled(&mut self, id: &ApprovalId, settled: &Settled) {
        let Some(approval) = self.approvals.get_mut(id).filter(|a| a.is_pending()) else {
            return;
        };
        let approval = Arc::make_mut(approval);
        approval.settled = Some(settled.clone());
        let denied = approval.is_denied();
        let (key, kind, about) = (approval.session.clone(), approval.kind, approval.call.clone());
        // Nor does the end of an elicitation say whose it was.
        let agent = approval.agent.clone().filter(|_| kind != Kind::Elicitation);
        let waits_there = matches!(settled.outcome, Outcome::Released | Outcome::TimedOut);
        if let Some(session) = self.sessions.get_mut(&key).filter(|session| waits_there && !session.headless) {
            let session = Arc::make_mut(session);
            session.ask(State::awaiting(kind), agent, about, "the terminal asks", settled.at);
        } else if let Some((session, call)) = self.sessions.get_mut(&key).zip(about).filter(|_| denied) {
            Arc::make_mut(session).drop_call(&call);
        }
        self.refresh(&key, settled.at);
    }

    fn fold_gone(&mut self, at: Time, process: ProcessId) {
        let Some(key) = self.of_process(process).map(|s| s.key.clone()) else {
            return;
        };
        self.update(&key, |session| {
            if session.turn.phase != Phase::Ended {
                let text = format!("process {} exited without SessionEnd", process.pid);
                session.turn = Turn { phase: Phase::Ended, gone: true, floor: at, evidence: Evidence { text, at } };
            }
            session.turn.gone = true;
        });
    }

    fn fold_client(&mut self, client: &Client) {
        let key = self.key_for(Some(client.process), &client.session_id);
        if !self.sessions.contains_key(&key) {
            let mut fresh = Session::new(key.clone(), &client.session_id, &client.cwd, client.updated);
            fresh.started = client.started;
            self.sessions.insert(key.clone(), Arc::new(fresh));
        }
        if client.status == Some(ClientStatus::Waiting) {
            self.mark_waiting(&key);
        }
        self.update(&key, |session| session.believe(client));
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
        let unseen = |a: &&Arc<Approval>| a.session == *key && a.is_pending() && a.has_dialog() && !a.waiting_seen;
        let found: Vec<_> = self.approvals.values().filter(unseen).map(|a| a.id.clone()).collect();
        for id in found {
            if let Some(approval) = self.approvals.get_mut(&id) {
                Arc::make_mut(approval).waiting_seen = true;
            }
        }
    }

    /// Finds or makes the row of a hook call, and learns from it what every call tells.
    fn touch(&mut self, call: &HookCall) -> SessionKey {
        let key = self.key_of(call);
        if !self.sessions.contains_key(&key) {
            let fresh = Session::new(key.clone(), &call.session_id, &call.cwd, call.at);
            self.sessions.insert(key.clone(), Arc::new(fresh));
        }
        self.update(&key, |session| session.learn(call));
        key
    }

    /// The wall clock was set, or the machine slept: what waits, waits as long as before.
    fn shift(&mut self, by_ms: i64) {
        for session in self.sessions.values_mut() {
            Arc::make_mut(session).shift(by_ms);
        }
        for approval in self.approvals.values_mut().filter(|a| a.is_pending()) {
            let approval = Arc::make_mut(approval);
            approval.opened = approval.opened.shifted(by_ms);
            approval.expires = approval.expires.shifted(by_ms);
        }
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
        let (state, mut evidence) = session.shown(first.as_deref());
        if let Some(place) = session.whereabouts() {
            evidence.text = format!("{} ({place})", evidence.text);
        }
        let session = Arc::make_mut(session);
        if session.state != state {
            (session.state, session.seen) = (state, false);
            session.since = at.max(evidence.at);
            session.dismissed &= !state.needs_you();
        }
        session.evidence = evidence;
        let asks = matches!(state, State::AwaitingPermission | State::AwaitingAnswer);
        let known = session.seen || session.dismissed || session.headless || session.background;
        session.needs_you = asks || (state.needs_you() && !known);
    }
}

impl Session {
    fn shown(&self, first: Option<&Approval>) -> (State, Evidence) {
        let turn = &self.turn;
        if turn.phase == Phase::Ended {
            return (State::Ended, turn.evidence.clone());
        }
        if let Some(lost) = &self.lost {
            return (State::Lost, lost.clone());
        }
        if let Some(approval) = first {
            return (State::awaiting(approval.kind), approval.evidence());
        }
        let first = self.asked.iter().min_by_key(|asked| (asked.state, asked.evidence.at));
        if let Some(terminal) = first.or(self.dialog.as_ref()) {
            return (terminal.state, terminal.evidence.clone());
        }
        match (&self.stuck, turn.phase) {
            (Some(silence), Phase::Working) => (State::Stuck, silence.clone()),
            (_, phase) => (phase.state(), turn.evidence.clone()),
        }
    }
}

impl Approval {
    fn open(id: ApprovalId, session: &Session, call: &HookCall, about: About) -> Self {
        let About { kind, ask, agent, call: tool_use } = about;
        let elicited = kind == Kind::Elicitation;
        Self {
            id,
            session: session.key.clone(),
            session_id: call.session_id.clone(),
            kind,
            tool: ask.tool.clone(),
            input: Arc::clone(&ask.input),
            cwd: call.cwd.clone(),
            prompt: session.prompt_of(call),
            suggestions: Arc::clone(&ask.suggestions),
            mode: call.mode.clone(),
            call: tool_use,
            opened: call.at,
            expires: call.at.plus(ask.hold_ms),
            shown: Arc::clone(&ask.shown),
            hides_terminal: (agent.is_some() || elicited) && !session.headless,
            // The file may say so a moment before the hook runs (2.1.329: from 25 ms before to 43 after).
            known: None,
            waiting_seen: agent.is_none() && !elicited && session.client == Some(ClientStatus::Waiting),
            agent,
            settled: None,
        }
    }

    fn evidence(&self) -> Evidence {
        let what = request_in_words(self.kind, &self.tool, &self.input);
        Evidence { text: format!("{what}, hook still waiting"), at: self.opened }
    }

    /// Its call does not run.
    fn is_denied(&self) -> bool {
        let outcome = self.settled.as_ref().map(|settled| settled.outcome);
        outcome == Some(Outcome::Denied) && self.kind != Kind::Elicitation
    }

    /// It is on the terminal's screen as well while the hook waits.
    pub(super) fn has_dialog(&self) -> bool {
        self.agent.is_none() && self.kind != Kind::Elicitation
    }
}

impl State {
    /// The state of a session that asks for this.
    pub(super) fn awaiting(kind: Kind) -> Self {
        match kind {
            Kind::Permission => Self::AwaitingPermission,
            Kind::Question | Kind::Plan | Kind::Elicitation => Self::AwaitingAnswer,
        }
    }
}

impl Phase {
    pub(super) fn state(self) -> State {
        match self {
            Self::Idle => State::Idle,
            Self::Working => State::Working,
            Self::Done => State::Done,
            Self::Failed => State::Failed,
            Self::Ended => State::Ended,
        }
    }
}

/// What a request asks, whose it is, and the tool call it is about.
struct About<'a> {
    kind: Kind,
    ask: &'a Ask,
    agent: Option<Agent>,
    call: Option<String>,
}

fn request_in_words(kind: Kind, tool: &str, input: &Value) -> String {
    match kind {
        Kind::Elicitation => format!("Elicitation of {}", server(input)),
        _ => format!("PermissionRequest {tool}"),
    }
}

fn server(input: &Value) -> &str {
    input.get("server").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a tool belongs to the MCP server that elicits: Claude Code writes `_` for what no tool's name may have.
fn is_of_server(tool: &str, input: &Value) -> bool {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let server: String = server(input).chars().map(plain).collect();
    let rest = tool.strip_prefix("mcp__").and_then(|rest| rest.strip_prefix(server.as_str()));
    rest.is_some_and(|rest| rest.starts_with("__"))
}

impl Session {
    fn about<'a>(&mut self, call: &HookCall, kind: Kind, ask: &'a Ask) -> About<'a> {
        let (agent, about) = match kind {
            Kind::Elicitation => self.elicits(ask),
            _ => (call.agent.clone(), self.claim(call, ask)),
        };
        About { kind, ask, agent, call: about }
    }

    /// The call during which a server elicits, and whose it is, which the hook does not tell (2.1.329): known
    /// when only one of that server's is open.
    fn elicits(&self, ask: &Ask) -> (Option<Agent>, Option<String>) {
        let mut open = self.calls.iter().filter(|c| is_of_server(&c.tool, &ask.input));
        match (open.next(), open.next()) {
            (Some(call), None) => (call.agent.clone(), Some(call.id.clone())),
            _ => (None, None),
        }
    }

    /// The open call that a request is about: the first one like it that nobody asked about yet.
    pub(super) fn claim(&mut self, call: &HookCall, ask: &Ask) -> Option<String> {
        let like = |c: &&mut Call| !c.asked && c.agent == call.agent && c.tool == ask.tool && c.input == ask.input;
        let found = self.calls.iter_mut().find(like)?;
        found.asked = true;
        Some(found.id.clone())
    }
}
