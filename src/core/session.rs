//! Sessions: one row per running `claude` process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Agent, Away, Time};

/// A process, told apart from a later one with the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId {
    /// Process id.
    pub pid: u32,
    /// Start time in clock ticks since boot (`/proc/PID/stat`, field 22).
    pub start: u64,
}

/// Key of a row: `PID-START`, or `s-SESSION_ID` when no process is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionKey(pub Arc<str>);

impl SessionKey {
    /// The key of a process's row.
    #[must_use]
    pub fn of_process(process: ProcessId) -> Self {
        Self(format!("{}-{}", process.pid, process.start).into())
    }

    /// The key of a row whose process is not known.
    #[must_use]
    pub fn of_session(session_id: &str) -> Self {
        Self(format!("s-{session_id}").into())
    }
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a session is doing, as shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A permission request is undecided.
    AwaitingPermission,
    /// Claude asked a question or presented a plan.
    AwaitingAnswer,
    /// The turn ended in an API error.
    Failed,
    /// Working, but silent for longer than the user allows.
    Stuck,
    /// Claude stopped, and nobody has looked since.
    Done,
    /// Prompt submitted, tools or agents running.
    Working,
    /// Stopped and seen, or idle since the start.
    #[default]
    Idle,
    /// Another machine's, and the connection it was heard through is gone: it may well go on.
    Lost,
    /// The process or the conversation is over.
    Ended,
}

impl State {
    /// A human is wanted in this state, unless they know already: see [`Session::needs_you`].
    #[must_use]
    pub fn needs_you(self) -> bool {
        self <= Self::Done
    }
}

/// Why a state is believed: the signal, and when it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// In words, such as `PermissionRequest Bash, hook still waiting`.
    pub text: String,
    /// When the signal came.
    pub at: Time,
}

/// One running, or ended, `claude` process.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Session {
    /// Key of the row.
    pub key: SessionKey,
    /// Claude's current name for the conversation.
    pub session_id: String,
    /// The process, when known.
    #[serde(flatten)]
    pub process: Option<ProcessId>,
    /// Name of the git root, else of the directory.
    pub project: String,
    /// Working directory.
    pub cwd: String,
    /// Git branch.
    pub branch: Option<String>,
    /// Name of the linked worktree, if it is one.
    pub worktree: Option<String>,
    /// Model, as Claude Code names it.
    pub model: Option<String>,
    /// Permission mode.
    pub mode: Option<String>,
    /// The user's last prompt.
    pub prompt: Option<String>,
    /// Claude's last message.
    pub message: Option<String>,
    /// What runs now, such as `Bash: cargo test`.
    pub activity: Option<String>,
    /// Title of the conversation.
    pub title: Option<String>,
    /// First seen.
    pub started: Time,
    /// Last sign of life.
    pub last_activity: Time,
    /// The state shown.
    pub state: State,
    /// Since when it has been in that state.
    pub since: Time,
    /// Why that state is believed.
    pub evidence: Evidence,
    /// Tool calls so far.
    pub tools: u32,
    /// Requests so far.
    pub approvals: u32,
    /// Where its terminal is, in words.
    pub place: Option<String>,
    /// Machine it runs on.
    pub host: Option<String>,
    /// The user's own label.
    pub tag: Option<String>,
    /// Kept at the top by the user.
    pub pinned: bool,
    /// Hidden by the user until it needs them again.
    pub dismissed: bool,
    /// The user has looked since it came into this state.
    pub seen: bool,
    /// A human is needed, and does not know it yet. What asks always needs one; a session that nobody
    /// sits at (`claude -p`, `--bg`) otherwise never does.
    pub needs_you: bool,
    /// `claude -p`: there is no terminal to fall back to.
    pub headless: bool,
    /// `claude --bg`: it runs on its own, without a terminal.
    pub background: bool,
    /// Tokens in Claude's context after its last message, as the transcript tells.
    pub tokens: Option<u64>,
    /// Set when it runs where process ids are not ours.
    #[serde(skip)]
    pub away: Option<Away>,
    /// The connection it was heard through is gone; since when.
    #[serde(skip)]
    pub(super) lost: Option<Evidence>,
    /// Its controlling terminal, for jumping.
    #[serde(skip)]
    pub tty: Option<String>,
    /// The terminal variables, for jumping.
    #[serde(skip)]
    pub env: BTreeMap<String, String>,
    /// Where Claude writes the conversation.
    #[serde(skip)]
    pub transcript: Option<String>,
    /// What the signals add up to, requests aside.
    #[serde(skip)]
    pub(super) turn: Turn,
    /// Calls that began and have not ended.
    #[serde(skip)]
    pub(super) calls: Vec<Call>,
    /// Ids of calls whose end was heard of before their start, the last few.
    #[serde(skip)]
    pub(super) overtaken: Vec<String>,
    /// Questions that the terminal was left to ask.
    #[serde(skip)]
    pub(super) asked: Vec<Asked>,
    /// A dialog that the client's own status file tells of, and no hook did.
    #[serde(skip)]
    pub(super) dialog: Option<Asked>,
    /// The user's last prompts, each by the id that Claude Code names it by in the hooks of what it led to.
    #[serde(skip)]
    pub(super) prompts: Vec<(String, String)>,
    /// When its prompt was given, if a hook told of it.
    #[serde(skip)]
    pub(super) prompted_at: Time,
    /// When a hook named its directory last.
    #[serde(skip)]
    pub(super) moved_at: Time,
    /// Its prompt is what the transcript says, not a hook.
    #[serde(skip)]
    pub(super) guessed: bool,
    /// When a hook named its model last.
    #[serde(skip)]
    pub(super) model_at: Time,
    /// When a hook of the main thread, not of a sub-agent, last told of the turn; its requests aside.
    #[serde(skip)]
    pub(super) main_floor: Time,
    /// Background agents that the last Stop left at work.
    #[serde(skip)]
    pub(super) agents: usize,
    /// Silent for too long; since when.
    #[serde(skip)]
    pub(super) stuck: Option<Evidence>,
    /// What the client's own status file said last.
    #[serde(skip)]
    pub client: Option<ClientStatus>,
    /// When it said so, by its own word.
    #[serde(skip)]
    pub(super) client_at: Time,
    /// What it waits for, as it says.
    #[serde(skip)]
    pub(super) client_asks: Option<State>,
    /// How it stood when the file alone said that it works: `/compact` and `/rename` do that, and a Stop that another
    /// hook forbids, or takes long to think about.
    #[serde(skip)]
    pub(super) resting: Option<Rest>,
}

impl Session {
    /// Where it runs and how that is heard, when that is not simply here.
    #[must_use]
    pub fn whereabouts(&self) -> Option<String> {
        let Away { through, .. } = self.away.as_ref()?;
        Some(format!("on {}, heard through {through}", self.host.as_deref().unwrap_or("another machine")))
    }

    /// Its process is known to be gone.
    pub(super) fn is_gone(&self) -> bool {
        self.turn.gone
    }

    /// Claude's config directory, from where it writes the conversation:
    /// `<config>/projects/<slug>/<session id>.jsonl`.
    #[must_use]
    pub fn config_dir(&self) -> Option<String> {
        let (config, _) = self.transcript.as_ref()?.rsplit_once("/projects/")?;
        config.starts_with('/').then(|| config.to_owned())
    }
}

/// A question that only the terminal asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) state: State,
    /// The sub-agent it is for.
    pub(super) agent: Option<Agent>,
    /// The call it is about, where that is known.
    pub(super) call: Option<String>,
    pub(super) evidence: Evidence,
}

/// Where a turn stands, requests aside, and the signal that said so.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Turn {
    pub(super) phase: Phase,
    /// The process is gone: whatever a late hook says, nothing works any more.
    pub(super) gone: bool,
    /// When the last hook spoke of it: older ones are late. A file's word does not make a hook late.
    pub(super) floor: Time,
    pub(super) evidence: Evidence,
}

/// A turn that stands still, and what the user had done about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rest {
    pub(super) turn: Turn,
    pub(super) since: Time,
    pub(super) seen: bool,
    pub(super) dismissed: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Idle,
    Working,
    Done,
    Failed,
    Ended,
}

impl Phase {
    /// The turn is over, and the process goes on.
    pub(super) fn rests(self) -> bool {
        matches!(self, Self::Idle | Self::Done | Self::Failed)
    }
}

/// A tool call under way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) agent: Option<Agent>,
    pub(super) tool: String,
    pub(super) input: Arc<Value>,
    pub(super) asked: bool,
}

/// What the client's own `sessions/PID.json` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    /// At the prompt.
    Idle,
    /// At the prompt, with a shell in the background (2.1.329 says `shell`).
    Shell,
    /// Working.
    Busy,
    /// A dialog is open in the terminal.
    Waiting,
}

/// Whether the process goes on after a `SessionEnd` for this reason.
pub(super) fn goes_on(reason: &str) -> bool {
    matches!(reason, "clear" | "resume")
}
