//! What the daemon says, read tolerantly: a field that is missing is empty, and one that is new is
//! passed over. Text that is drawn on one line is made safe here, once.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::risk::{Risk, Trial};
use super::text::safe;

/// A frame of the WebSocket.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame {
    /// The picture as it stands.
    Snapshot {
        /// All rows.
        #[serde(default)]
        sessions: Vec<Session>,
        /// The pending requests, oldest first.
        #[serde(default)]
        approvals: Vec<Approval>,
        /// What is wrong with the daemon.
        #[serde(default, deserialize_with = "line")]
        trouble: String,
    },
    /// A row is new or different.
    SessionUpdate {
        /// The row.
        session: Box<Session>,
    },
    /// A row is kept no longer.
    SessionGone {
        /// Its key.
        key: String,
    },
    /// A request waits.
    ApprovalPending {
        /// The request.
        approval: Box<Approval>,
    },
    /// A request is settled.
    ApprovalResolved {
        /// The request.
        approval: Box<Approval>,
    },
    /// Anything else, such as events.
    #[serde(other)]
    Other,
}

/// Where a session stands, in the order of need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum State {
    AwaitingPermission,
    AwaitingAnswer,
    Failed,
    Stuck,
    Done,
    Working,
    #[default]
    Idle,
    Lost,
    Ended,
    /// One that a later daemon knows: shown among the idle ones.
    #[serde(other)]
    Unknown,
}

impl State {
    /// As people say it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::AwaitingPermission => "needs permission",
            Self::AwaitingAnswer => "needs an answer",
            Self::Failed => "failed",
            Self::Stuck => "stuck",
            Self::Done => "done",
            Self::Working => "working",
            Self::Idle => "idle",
            Self::Lost => "lost",
            Self::Ended => "ended",
            Self::Unknown => "unknown",
        }
    }
}

/// A session's row; see `core::Session`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "they are documented where they come from")]
pub struct Session {
    pub key: String,
    pub session_id: String,
    #[serde(deserialize_with = "line")]
    pub project: String,
    #[serde(deserialize_with = "line")]
    pub cwd: String,
    #[serde(deserialize_with = "line")]
    pub branch: String,
    #[serde(deserialize_with = "line")]
    pub worktree: String,
    #[serde(deserialize_with = "line")]
    pub model: String,
    #[serde(deserialize_with = "line")]
    pub mode: String,
    #[serde(deserialize_with = "text")]
    pub prompt: String,
    #[serde(deserialize_with = "text")]
    pub message: String,
    #[serde(deserialize_with = "line")]
    pub activity: String,
    #[serde(deserialize_with = "line")]
    pub title: String,
    #[serde(deserialize_with = "or_default")]
    pub started: u64,
    #[serde(deserialize_with = "or_default")]
    pub last_activity: u64,
    #[serde(deserialize_with = "or_default")]
    pub state: State,
    #[serde(deserialize_with = "or_default")]
    pub since: u64,
    #[serde(deserialize_with = "or_default")]
    pub evidence: Evidence,
    #[serde(deserialize_with = "or_default")]
    pub tools: u64,
    #[serde(deserialize_with = "or_default")]
    pub approvals: u64,
    #[serde(deserialize_with = "or_default")]
    pub tokens: u64,
    #[serde(deserialize_with = "line")]
    pub place: String,
    #[serde(deserialize_with = "line")]
    pub host: String,
    #[serde(deserialize_with = "line")]
    pub tag: String,
    #[serde(deserialize_with = "or_default")]
    pub pinned: bool,
    #[serde(deserialize_with = "or_default")]
    pub dismissed: bool,
    #[serde(deserialize_with = "or_default")]
    pub headless: bool,
    #[serde(deserialize_with = "or_default")]
    pub background: bool,
    #[serde(deserialize_with = "or_default")]
    pub unattended: bool,
    /// Whether it needs a human, when the daemon says so itself.
    #[serde(deserialize_with = "or_default")]
    pub needs_you: Option<bool>,
}

/// Why a state is believed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "they are documented where they come from")]
pub struct Evidence {
    #[serde(deserialize_with = "line")]
    pub text: String,
    #[serde(deserialize_with = "or_default")]
    pub at: u64,
}

/// What sort of answer a request wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Kind {
    #[default]
    Permission,
    Question,
    Plan,
    Elicitation,
    /// One that a later daemon knows: never approved from here.
    #[serde(other)]
    Unknown,
}

/// A request; see `api::view::ApprovalView`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "they are documented where they come from")]
pub struct Approval {
    pub id: String,
    pub session: String,
    #[serde(deserialize_with = "or_default")]
    pub kind: Kind,
    #[serde(deserialize_with = "line")]
    pub tool: String,
    pub input: Value,
    #[serde(deserialize_with = "line")]
    pub cwd: String,
    pub agent: Option<Agent>,
    #[serde(deserialize_with = "text")]
    pub prompt: String,
    #[serde(deserialize_with = "line")]
    pub mode: String,
    #[serde(deserialize_with = "or_default")]
    pub opened: u64,
    #[serde(deserialize_with = "or_default")]
    pub expires: u64,
    pub shown: String,
    #[serde(deserialize_with = "or_default")]
    pub hides_terminal: bool,
    #[serde(deserialize_with = "or_default")]
    pub headless: bool,
    #[serde(deserialize_with = "line")]
    pub project: String,
    /// How dangerous it is, when somebody looked.
    #[serde(deserialize_with = "or_default")]
    pub risk: Option<Risk>,
    /// Rules on trial that match it.
    #[serde(deserialize_with = "or_default")]
    pub trial: Vec<Trial>,
    #[serde(deserialize_with = "line")]
    pub outcome: String,
    #[serde(deserialize_with = "line")]
    pub by: String,
}

/// The sub-agent that asks.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// Its type, such as `general-purpose`.
    #[serde(rename = "type", deserialize_with = "line")]
    pub kind: String,
}

/// Text for one line: none is empty, and what must not be drawn is escaped.
pub(super) fn line<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(safe(&text(from)?))
}

/// Text as it came, for what is wrapped when it is drawn.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        _ => String::new(),
    })
}

/// A value that is null, or not of its type, counts as missing.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Default + serde::de::DeserializeOwned>(
    from: D,
) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_null_and_unknown_are_all_read() {
        let frame = json!({ "type": "session_update", "session": {
            "key": "1-2", "project": "a\u{1b}[2J", "branch": null, "state": "dreaming", "since": null, "new": {} } });
        let Ok(Frame::SessionUpdate { session }) = serde_json::from_value(frame) else {
            panic!("no session update");
        };
        assert_eq!((session.project.as_str(), session.state), ("a\\u{1b}[2J", State::Unknown));
        assert!(matches!(serde_json::from_value(json!({ "type": "weather" })), Ok(Frame::Other)));
    }
}
