//! How a session's row takes in what a hook told.

use std::collections::BTreeMap;

use serde_json::Value;

use super::session::{Asked, Call, Phase, Turn, goes_on};
use super::{Agent, Ask, Evidence, Hook, HookCall, Session, SessionKey, State, Time};

/// Characters of a prompt, a message or an activity that a row keeps; the store has the whole.
const EXCERPT: usize = 2_000;
/// The reason for the state of a row that nothing was told about yet.
pub(super) const FIRST_SEEN: &str = "first seen";
/// Calls of one session whose ends may be heard of before their starts: some run side by side.
const OVERTAKEN: usize = 16;
/// Open calls remembered per session; a client that never ends them must not grow us.
const OPEN_CALLS: usize = 64;
/// Prompts of one session that are remembered: what runs in the background may ask long after the next one.
const PROMPTS: usize = 8;

impl Session {
    pub(super) fn new(key: SessionKey, session_id: &str, cwd: &str, at: Time) -> Self {
        Self {
            key,
            session_id: session_id.to_owned(),
            project: base_name(cwd),
            cwd: cwd.to_owned(),
            started: at,
            last_activity: at,
            since: at,
            turn: Turn { evidence: Evidence { text: FIRST_SEEN.into(), at }, ..Turn::default() },
            ..Self::default()
        }
    }

    /// What every hook call tells, whatever it is about.
    pub(super) fn learn(&mut self, call: &HookCall) {
        self.process = self.process.or(call.origin.process);
        (self.stuck, self.lost) = (None, None);
        if call.at >= self.last_activity {
            self.last_activity = call.at;
            self.learn_news(call);
        }
        self.host = call.origin.host.clone().or(self.host.take());
        self.tty = call.origin.tty.clone().or(self.tty.take());
        self.learn_where(call);
        if !call.origin.env.is_empty() {
            self.env.clone_from(&call.origin.env);
            self.headless |= self.env.get("CLAUDE_CODE_ENTRYPOINT").is_some_and(|e| e.starts_with("sdk"));
            self.place = self.place.take().or_else(|| place_of(&self.env, call.origin.tty.as_deref()));
        }
    }

    /// A project of another machine is called by both names, as `scp` does: here may be one like it.
    fn learn_where(&mut self, call: &HookCall) {
        self.away = call.origin.away.clone().or(self.away.take());
        if self.away.is_some() {
            let host = self.host.as_deref().unwrap_or("elsewhere");
            self.project = format!("{host}:{}", base_name(&self.cwd));
        }
    }

    /// The connection it was heard through is gone: that says nothing of the session itself.
    pub(super) fn lose(&mut self, at: Time) {
        let last = &self.turn.evidence.text;
        let text = format!("its connection is gone, the last that was heard: {last}");
        self.lost = Some(Evidence { text, at });
    }

    /// What only the latest call tells: one that was spooled may be of an older conversation.
    fn learn_news(&mut self, call: &HookCall) {
        self.converse(&call.session_id);
        // A sub-agent may have a directory and a mode of its own.
        if call.agent.is_none() {
            self.move_to(&call.cwd);
            self.moved_at = call.at;
            self.mode = call.mode.clone().or(self.mode.take());
        }
        self.transcript = call.transcript.clone().or(self.transcript.take());
    }

    /// Another conversation in the same process: nothing of the old one is true of it.
    pub(super) fn converse(&mut self, session_id: &str) {
        if self.session_id == session_id {
            return;
        }
        self.session_id = session_id.to_owned();
        (self.prompt, self.message, self.title, self.tokens, self.transcript) = (None, None, None, None, None);
        self.guessed = false;
        self.calls.clear();
        self.asked.clear();
        self.dialog = None;
    }

    /// What this hook call says about the turn.
    pub(super) fn observe(&mut self, call: &HookCall) {
        let (at, floor) = (call.at, self.turn.floor);
        self.asked.retain(|asked| asked.evidence.at > at || !asked.is_answered_by(call));
        match &call.what {
            Hook::SessionStarted { source, model, title } => {
                // A late one may be of the conversation before.
                if call.session_id == self.session_id {
                    self.name(model.as_ref(), title.as_ref(), at);
                }
                self.start(source, at);
            }
            Hook::SessionEnded { reason } => self.end(reason, at),
            Hook::Prompted { text, synthetic } => {
                if !synthetic {
                    self.prompted(call, text);
                }
                self.set_phase(Phase::Working, at, "UserPromptSubmit");
            }
            Hook::ToolStarted { call: id, tool, input } => {
                self.begin(call, id, tool, input);
                self.set_phase(Phase::Working, at, &format!("PreToolUse {tool}"));
            }
            Hook::ToolEnded { call: id, tool, .. } => {
                self.finish(id);
                self.set_phase(Phase::Working, at, &format!("{} {tool}", call.what.name()));
            }
            Hook::BatchEnded { calls } => {
                calls.iter().for_each(|id| self.finish(id));
                self.activity = self.under_way();
            }
            Hook::Stopped { message, background } => self.stop(message.as_deref(), *background, at),
            Hook::Failed { error } if call.agent.is_none() => {
                self.set_phase(Phase::Failed, at, &format!("StopFailure: {}", excerpt(error)));
            }
            Hook::Moved { cwd } if call.agent.is_none() && at >= self.moved_at => self.move_to(cwd),
            Hook::ModelSwitched { model } => self.name(Some(model), None, at),
            Hook::Asked(ask) => self.ask_unheld(ask, call),
            Hook::Elicited(_) => self.ask(State::AwaitingAnswer, call.agent.clone(), None, "Elicitation", at),
            Hook::AgentStarted => self.set_phase(Phase::Working, at, "SubagentStart"),
            Hook::AgentStopped => {
                self.calls.retain(|c| c.agent.is_none() || c.agent != call.agent);
                self.activity = self.under_way();
            }
            Hook::ElicitationEnded
            | Hook::Failed { .. }
            | Hook::Moved { .. }
            | Hook::Notified { .. }
            | Hook::Other { .. } => {}
        }
        if call.agent.is_none() && self.turn.floor > floor {
            self.main_floor = self.turn.floor;
        }
    }

    /// The user's own prompt. A late one is of an earlier turn, and what was asked then may still be at work.
    fn prompted(&mut self, call: &HookCall, text: &str) {
        let text = excerpt(text);
        if let Some(id) = call.prompt_id.as_ref().filter(|id| self.prompts.iter().all(|(known, _)| known != *id)) {
            if self.prompts.len() == PROMPTS {
                self.prompts.remove(0);
            }
            self.prompts.push((id.clone(), text.clone()));
        }
        if call.session_id == self.session_id && call.at >= self.prompted_at {
            (self.prompt, self.prompted_at, self.guessed) = (Some(text), call.at, false);
        }
    }

    /// The user's prompt that led to this call, if that is known: an agent may be at one of long ago.
    pub(super) fn prompt_of(&self, call: &HookCall) -> Option<String> {
        let id = call.prompt_id.as_ref();
        let found = id.and_then(|id| self.prompts.iter().find(|(known, _)| known == id));
        match found {
            Some((_, text)) => Some(text.clone()),
            None if id.is_some() && call.agent.is_some() => None,
            None => self.prompt.clone(),
        }
    }

    /// A call that was denied never runs: no hook need say so.
    pub(super) fn drop_call(&mut self, id: &str) {
        self.calls.retain(|call| call.id != id);
        self.activity = self.under_way();
    }

    /// What runs now, in words.
    fn under_way(&self) -> Option<String> {
        self.calls.last().map(Call::in_words)
    }

    fn ask_unheld(&mut self, ask: &Ask, call: &HookCall) {
        self.set_phase(Phase::Working, call.at, "PermissionRequest");
        let about = self.claim(call, ask);
        let text = format!("PermissionRequest {}, not held", ask.tool);
        self.ask(State::awaiting(super::Kind::of(&ask.tool)), call.agent.clone(), about, &text, call.at);
    }

    /// The terminal asks, and nobody else.
    pub(super) fn ask(&mut self, state: State, agent: Option<Agent>, call: Option<String>, text: &str, at: Time) {
        if self.asked.len() == OPEN_CALLS {
            self.asked.remove(0);
        }
        self.asked.push(Asked { state, agent, call, evidence: Evidence { text: text.to_owned(), at } });
    }

    /// A signal older than the last one, such as one that was spooled, changes nothing any more.
    pub(super) fn set_phase(&mut self, phase: Phase, at: Time, why: &str) {
        self.activity = self.under_way();
        if self.turn.gone || at < self.turn.floor {
            return;
        }
        self.turn = Turn { phase, gone: false, floor: at, evidence: Evidence { text: why.to_owned(), at } };
        self.resting = None;
    }

    /// The model and the title that a conversation begins with.
    fn name(&mut self, model: Option<&String>, title: Option<&String>, at: Time) {
        if model.is_some() && at >= self.model_at {
            (self.model, self.model_at) = (model.cloned(), at);
        }
        self.title = title.cloned().or(self.title.take());
    }

    fn start(&mut self, source: &str, at: Time) {
        if source != "compact" {
            self.set_phase(Phase::Idle, at, &format!("SessionStart {source}"));
        }
    }

    fn begin(&mut self, call: &HookCall, id: &str, tool: &str, input: &std::sync::Arc<Value>) {
        if self.calls.iter().any(|c| c.id == id) {
            return;
        }
        self.tools += 1;
        if self.overtaken.iter().any(|ended| ended == id) {
            return;
        }
        if self.calls.len() == OPEN_CALLS {
            self.calls.remove(0);
        }
        self.calls.push(Call {
            id: id.to_owned(),
            agent: call.agent.clone(),
            tool: tool.to_owned(),
            input: std::sync::Arc::clone(input),
            asked: false,
        });
    }

    /// A call has ended; of one that has not begun, the hook of its start is still on its way.
    fn finish(&mut self, id: &str) {
        let before = self.calls.len();
        self.calls.retain(|c| c.id != id);
        if self.calls.len() == before && !self.overtaken.iter().any(|ended| ended == id) {
            if self.overtaken.len() == OVERTAKEN {
                self.overtaken.remove(0);
            }
            self.overtaken.push(id.to_owned());
        }
    }

    fn stop(&mut self, message: Option<&str>, agents: usize, at: Time) {
        if at < self.main_floor {
            return;
        }
        self.message = message.map(excerpt);
        self.agents = agents;
        if agents > 0 {
            let agents = if agents == 1 { "1 agent goes".into() } else { format!("{agents} agents go") };
            return self.set_phase(Phase::Working, at, &format!("Stop, {agents} on in the background"));
        }
        if at >= self.turn.floor {
            self.calls.clear();
        }
        self.set_phase(Phase::Done, at, "Stop");
    }

    fn end(&mut self, reason: &str, at: Time) {
        self.calls.clear();
        (self.agents, self.dialog) = (0, None);
        self.asked.clear();
        let text = format!("SessionEnd {reason}");
        if goes_on(reason) {
            self.set_phase(Phase::Idle, at, &text);
        } else if self.turn.gone {
            // Its process was seen to be gone before its last word was heard.
            self.turn.evidence = Evidence { text, at };
        } else {
            self.set_phase(Phase::Ended, at, &text);
        }
    }

    pub(super) fn move_to(&mut self, cwd: &str) {
        if cwd.is_empty() || self.cwd == cwd {
            return;
        }
        self.cwd = cwd.to_owned();
        self.project = base_name(cwd);
        (self.branch, self.worktree) = (None, None);
    }
}

impl Asked {
    /// Whether this call shows that the terminal asks no more: another call's end says nothing of it.
    fn is_answered_by(&self, call: &HookCall) -> bool {
        let same = self.agent == call.agent;
        match &call.what {
            Hook::ToolEnded { call: id, .. } => self.call.as_ref().map_or(same, |about| about == id),
            Hook::BatchEnded { calls } => self.call.as_ref().map_or(same, |about| calls.contains(about)),
            Hook::ToolStarted { .. } => same && self.call.is_none(),
            Hook::SessionStarted { source, .. } => source != "compact",
            Hook::Prompted { synthetic, .. } => self.agent.is_none() && !synthetic,
            Hook::Stopped { .. } | Hook::Failed { .. } | Hook::AgentStopped | Hook::ElicitationEnded => same,
            Hook::SessionEnded { .. } => true,
            _ => false,
        }
    }
}

impl Call {
    fn in_words(&self) -> String {
        activity(&self.tool, &self.input)
    }
}

/// A tool call in a line, such as `Bash: cargo test` or `Edit: src/lib.rs`.
#[must_use]
pub fn activity(tool: &str, input: &Value) -> String {
    let main = ["command", "file_path", "notebook_path", "url", "pattern", "query", "description"];
    let text = main.iter().find_map(|key| input.get(key)?.as_str());
    let line = text.and_then(|t| t.lines().next()).unwrap_or_default();
    let short: String = line.chars().take(120).collect();
    if short.is_empty() { tool.to_owned() } else { format!("{tool}: {short}") }
}

/// Where a terminal is, in words, from the variables of its environment.
fn place_of(env: &BTreeMap<String, String>, tty: Option<&str>) -> Option<String> {
    let named = |name: &str, key: &str| env.get(key).map(|value| format!("{name} {value}"));
    named("tmux", "TMUX_PANE")
        .or_else(|| named("zellij", "ZELLIJ_SESSION_NAME"))
        .or_else(|| named("screen", "STY"))
        .or_else(|| named("kitty window", "KITTY_WINDOW_ID"))
        .or_else(|| named("WezTerm pane", "WEZTERM_PANE"))
        .or_else(|| tty.map(str::to_owned))
}

fn base_name(path: &str) -> String {
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("/").to_owned()
}

/// As much of a text as a row keeps.
#[must_use]
pub fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).collect()
}
