//! What a hook of Claude Code told us, in exact terms. The tolerant reading of the wire is
//! `crate::claude::payload`; nothing here knows JSON field names.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Kind, ProcessId, Time};

/// One call of the hook: who called, where from, and what happened.
#[derive(Clone, Debug, PartialEq)]
pub struct HookCall {
    /// Made by the hook from kernel randomness; a retry or a spooled copy carries the same.
    pub id: String,
    /// When the hook process started. Never later than the moment it was received.
    pub at: Time,
    /// The process, terminal and machine it came from.
    pub origin: Origin,
    /// Claude's own name for the conversation; changes on `/clear`.
    pub session_id: String,
    /// Where Claude writes the conversation, unchecked.
    pub transcript: Option<String>,
    /// Claude's working directory; empty when the payload did not say.
    pub cwd: String,
    /// The prompt that led to it, by Claude Code's own name (2.1.329; older clients do not say).
    pub prompt_id: Option<String>,
    /// Permission mode: `default`, `auto`, `acceptEdits`, `plan`, …
    pub mode: Option<String>,
    /// Set when a sub-agent of the session, not its main thread, is speaking.
    pub agent: Option<Agent>,
    /// What happened.
    pub what: Hook,
    /// The bytes as they came, for the store.
    pub raw: Raw,
}

/// A hook call as received: kept so that history never depends on what this version understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Raw {
    /// The context that `ccmon-hook` added, one JSON object.
    pub context: Arc<str>,
    /// The payload that Claude Code wrote, one JSON object.
    pub payload: Arc<str>,
}

/// Where a hook call came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// The `claude` process, when the hook could name it.
    pub process: Option<ProcessId>,
    /// Its controlling terminal, such as `/dev/pts/3`.
    pub tty: Option<String>,
    /// Name of the machine.
    pub host: Option<String>,
    /// The terminal variables of its environment (`TMUX_PANE`, `WINDOWID`, …).
    pub env: BTreeMap<String, String>,
    /// Set when its process ids are not ours: another machine's, or a container's.
    pub away: Option<Away>,
}

/// A place whose process ids mean nothing here, and how we hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// The session's process among those of all machines, in characters that a [`super::SessionKey`] may have.
    pub id: String,
    /// How it is heard, in words: `ssh`, `a container`.
    pub through: String,
    /// The process here that it is heard through, while that is no hook itself.
    pub relay: Option<ProcessId>,
}

/// A sub-agent of a session.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Agent {
    /// Claude's id of it.
    pub id: String,
    /// Its type, such as `general-purpose`; empty for Claude's internal ones.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What happened in the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Hook {
    /// A conversation began, was resumed, forked, cleared or compacted (`source`).
    SessionStarted {
        /// `startup`, `resume`, `fork`, `clear` or `compact`.
        source: String,
        /// Model, where told.
        model: Option<String>,
        /// Title, where told.
        title: Option<String>,
    },
    /// A conversation ended: `clear` and `resume` leave the process running.
    SessionEnded {
        /// `clear`, `resume`, `prompt_input_exit` or `other`.
        reason: String,
    },
    /// The user typed a prompt, or Claude Code made one up (`synthetic`) when a background agent ended.
    Prompted {
        /// The prompt.
        text: String,
        /// Not typed by the user.
        synthetic: bool,
    },
    /// A tool is about to run, or to be asked for.
    ToolStarted {
        /// Claude's id of the call.
        call: String,
        /// Tool.
        tool: String,
        /// Its whole input.
        input: Arc<Value>,
    },
    /// A tool ran and ended, well or not.
    ToolEnded {
        /// Claude's id of the call.
        call: String,
        /// Tool.
        tool: String,
        /// Its whole input.
        input: Arc<Value>,
        /// It ended in an error.
        failed: bool,
    },
    /// All calls of one assistant message are settled, the denied ones too.
    BatchEnded {
        /// Claude's ids of the calls.
        calls: Vec<String>,
    },
    /// Claude wants to know whether a tool may run. Carries no call id.
    Asked(Ask),
    /// Claude's turn is over; `background` agents go on.
    Stopped {
        /// Claude's last message.
        message: Option<String>,
        /// Agents that go on in the background. Shells do not count: Claude's turn is over.
        background: usize,
    },
    /// The turn ended in an API error.
    Failed {
        /// What went wrong, as Claude Code says it.
        error: String,
    },
    /// A sub-agent began.
    AgentStarted,
    /// A sub-agent ended.
    AgentStopped,
    /// Claude's own notification, such as `idle_prompt`.
    Notified {
        /// Its type.
        kind: String,
    },
    /// Claude moved to another directory.
    Moved {
        /// The new directory.
        cwd: String,
    },
    /// The user chose another model.
    ModelSwitched {
        /// Its name.
        model: String,
    },
    /// An MCP server asks the user something. The client shows a dialog only once this hook has ended
    /// (2.1.329, measured: its status file says *busy* until then).
    Elicited(Ask),
    /// That dialog was answered. Nothing tells of one that a hook answered.
    ElicitationEnded,
    /// Any other event, by name; proves that the session lives.
    Other {
        /// Claude Code's name of the event.
        name: String,
    },
}

/// The question inside a `PermissionRequest` or an `Elicitation`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Tool, such as `Bash` or `mcp__server__tool`; [`ELICITATION`] when it is an MCP server that asks.
    pub tool: String,
    /// Its whole input; of an elicitation `server`, `message`, `mode`, and `schema` or `url`.
    pub input: Arc<Value>,
    /// What Claude offers to remember, as it came.
    pub suggestions: Arc<Value>,
    /// SHA-256, in hex, of tool, input, session and directory: the decision has to name it.
    pub shown: Arc<str>,
    /// How long the hook may be held, in milliseconds; the core's to say.
    pub hold_ms: u64,
}

/// What stands for the tool where an MCP server asks: it is none that a rule could name.
pub const ELICITATION: &str = "Elicitation";

impl Hook {
    /// What is asked, when somebody may answer it through us.
    #[must_use]
    pub fn asks(&self) -> Option<(Kind, &Ask)> {
        match self {
            Self::Asked(ask) => Some((Kind::of(&ask.tool), ask)),
            Self::Elicited(ask) => Some((Kind::Elicitation, ask)),
            _ => None,
        }
    }

    /// Claude Code's name of the event, where it is one we know.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::SessionStarted { .. } => "SessionStart",
            Self::SessionEnded { .. } => "SessionEnd",
            Self::Prompted { .. } => "UserPromptSubmit",
            Self::ToolStarted { .. } => "PreToolUse",
            Self::ToolEnded { failed: false, .. } => "PostToolUse",
            Self::ToolEnded { failed: true, .. } => "PostToolUseFailure",
            Self::BatchEnded { .. } => "PostToolBatch",
            Self::Asked(_) => "PermissionRequest",
            Self::Stopped { .. } => "Stop",
            Self::Failed { .. } => "StopFailure",
            Self::AgentStarted => "SubagentStart",
            Self::AgentStopped => "SubagentStop",
            Self::Notified { .. } => "Notification",
            Self::Moved { .. } => "CwdChanged",
            Self::ModelSwitched { .. } => "PostModelSwitch",
            Self::Elicited(_) => ELICITATION,
            Self::ElicitationEnded => "ElicitationResult",
            Self::Other { name } => name,
        }
    }
}
