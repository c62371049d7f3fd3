//! Approvals: what Claude asked, and how it was settled.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Agent, SessionKey, Time};
use crate::rules::risk::Risk;

/// Id of an approval: the hook's own, 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApprovalId(pub Arc<str>);

impl fmt::Display for ApprovalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What sort of answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// May this tool run?
    Permission,
    /// `AskUserQuestion`: which of these?
    Question,
    /// `ExitPlanMode`: is this plan good?
    Plan,
    /// An MCP server asks the user something.
    Elicitation,
}

impl Kind {
    /// The kind that a `PermissionRequest` for `tool` is.
    #[must_use]
    pub fn of(tool: &str) -> Self {
        match tool {
            "AskUserQuestion" => Self::Question,
            "ExitPlanMode" => Self::Plan,
            _ => Self::Permission,
        }
    }
}

/// One request that a hook holds open, or held.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Approval {
    /// The hook's id.
    pub id: ApprovalId,
    /// The row it belongs to.
    pub session: SessionKey,
    /// Claude's id of the conversation, as it was then.
    pub session_id: String,
    /// What sort of answer is wanted.
    pub kind: Kind,
    /// The tool that wants to run.
    pub tool: String,
    /// Its whole input.
    pub input: Arc<Value>,
    /// Where it would run.
    pub cwd: String,
    /// The sub-agent that asks, if it is one.
    pub agent: Option<Agent>,
    /// The user's prompt that led here.
    pub prompt: Option<String>,
    /// What Claude offers to remember.
    pub suggestions: Arc<Value>,
    /// Permission mode.
    pub mode: Option<String>,
    /// The tool call it is about, when a `PreToolUse` told.
    pub call: Option<String>,
    /// When the hook began to wait.
    pub opened: Time,
    /// When the hook will be let go undecided.
    pub expires: Time,
    /// Hash of what is shown; a decision has to name it.
    pub shown: Arc<str>,
    /// The terminal shows nothing while the hook waits (sub-agents, elicitations).
    pub hides_terminal: bool,
    /// The client's own status file said `waiting` since this was opened.
    #[serde(skip)]
    pub waiting_seen: bool,
    /// What is known of its danger, and by the rules.
    pub known: Option<Arc<Assessed>>,
    /// How it ended, or `None` while it is pending.
    pub settled: Option<Settled>,
}

/// What is known of a request before anybody looks at it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Assessed {
    /// Its danger.
    pub risk: Risk,
    /// The rule that decided it.
    #[serde(default)]
    pub rule: Option<RuleRef>,
    /// Rules on trial that would have.
    #[serde(default)]
    pub trial: Vec<Trial>,
    /// Why the rules decided as they did, or did not; in words.
    #[serde(default)]
    pub reasons: Vec<String>,
}

/// A rule, as the audit log names it: it may be gone when somebody reads that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// Its number.
    pub id: i64,
    /// What it was called.
    pub name: String,
}

/// What a rule on trial would have decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The rule's number.
    pub id: i64,
    /// What it was called.
    pub name: String,
    /// `allow`, `deny` or `ask`.
    pub decision: String,
}

/// What is known of a request, and what the rules answer to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assessment {
    /// What is known.
    pub known: Assessed,
    /// A rule's answer, when one decides.
    pub answer: Option<Answer>,
}

impl Approval {
    /// Nobody has decided yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.settled.is_none()
    }
}

/// How an approval ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// What became of the request.
    pub outcome: Outcome,
    /// Who settled it.
    pub by: By,
    /// When.
    pub at: Time,
    /// What the hook is told; `None` when it is told nothing.
    pub answer: Option<Answer>,
    /// The rule that was made with the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<RuleRef>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Allowed through ccmon.
    Allowed,
    /// Denied through ccmon.
    Denied,
    /// Handed to the terminal on request.
    Released,
    /// Nobody answered in time; handed to the terminal.
    TimedOut,
    /// Answered where Claude asked it.
    AnsweredInTerminal,
    /// The session ended first.
    SessionEnded,
}

/// Who settled a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A click or key in the popup.
    Popup,
    /// The tray's dashboard window.
    Dashboard,
    /// A browser, or another caller over TCP.
    Web,
    /// The command line.
    Cli,
    /// The terminal interface.
    Tui,
    /// A button of a desktop notification.
    Notification,
    /// A rule.
    Rule,
    /// Nobody: time ran out.
    Timeout,
    /// Nobody: neither a popup nor a notification told of it, and the terminal showed nothing meanwhile.
    Unseen,
    /// The user, in Claude's own terminal.
    Terminal,
    /// Nobody: the session was gone.
    SessionEnded,
}

impl By {
    /// Where a person decides: its name, and in words. None where nobody does.
    #[must_use]
    pub fn place(self) -> Option<&'static str> {
        match self {
            Self::Popup => Some("the popup"),
            Self::Dashboard => Some("the dashboard's window"),
            Self::Web => Some("a browser"),
            Self::Cli => Some("the command line"),
            Self::Tui => Some("the terminal interface"),
            Self::Notification => Some("a notification"),
            _ => None,
        }
    }
}

/// What somebody answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum Answer {
    /// Let it run.
    Allow {
        /// Replaces the tool's whole input.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_input: Option<Value>,
        /// What Claude shall remember: only what it offered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_permissions: Option<Vec<Value>>,
    },
    /// Do not let it run.
    Deny {
        /// Told to Claude as the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// Stop the turn as well.
        #[serde(default)]
        interrupt: bool,
    },
    /// Give an MCP server what it asks for.
    Accept {
        /// What is entered, by the names of its schema.
        content: Value,
    },
    /// Do not give it to the server.
    Decline,
    /// Neither: the server's question is dismissed.
    Cancel,
    /// Let the hook go without an answer: the terminal asks.
    Release,
}

impl Answer {
    /// The outcome this answer leads to.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Allow { .. } | Self::Accept { .. } => Outcome::Allowed,
            Self::Deny { .. } | Self::Decline | Self::Cancel => Outcome::Denied,
            Self::Release => Outcome::Released,
        }
    }
}
