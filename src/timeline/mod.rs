//! What a session did, as a person reads it: stored events become turns with what Claude did in them.
//!
//! [`turns`] is pure and total: whatever the payloads are, something sensible comes of them, and the
//! same events always give the same turns. It knows events by their names and fields, and no other room
//! but [`crate::core`]'s words for a tool call.
//!
//! Turns, and the items in them, are numbered by the events they begin with. So pages can be joined: what
//! stands on two of them has the same number on both, and the later page knows more of it.
#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]

mod agents;
mod approvals;
mod assemble;
mod build;
mod ends;
mod fields;
mod notices;
#[cfg(test)]
mod tests;
mod texts;
mod tools;

use serde::Serialize;
use serde_json::Value;

pub use texts::Texts;

/// A stored event.
#[derive(Clone, Copy, Debug)]
pub struct Happened<'a> {
    /// Its number.
    pub id: i64,
    /// When, ms since the Unix epoch.
    pub at: u64,
    /// Its name: Claude Code's, or `ccmon.…`.
    pub kind: &'a str,
    /// The id of the hook call; a request's is its approval's.
    pub hook: Option<&'a str>,
    /// What came with it: JSON, most likely.
    pub payload: &'a str,
}

/// From one prompt to the next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Turn {
    /// Number of the event it began with; 0 for what came before the first prompt.
    pub id: i64,
    /// When it began.
    pub at: u64,
    /// When it ended.
    pub ended: Option<u64>,
    /// What the user asked for; none when Claude Code itself began it.
    pub prompt: Option<String>,
    /// How it ended; none when that is not known, or nobody asked for anything.
    pub outcome: Option<Outcome>,
    /// What happened in it, oldest first.
    pub items: Vec<Item>,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Claude stopped by itself.
    Done,
    /// An error of the API ended it.
    Failed,
    /// The user, or the end of the session, cut it short.
    Interrupted,
    /// It has not.
    Open,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Number of the first event that told of it.
    pub id: i64,
    /// When it began.
    pub at: u64,
    /// When it ended; none for what has not, or takes no time.
    pub ended: Option<u64>,
    /// What sort of thing.
    pub kind: Kind,
    /// The tool.
    pub tool: Option<String>,
    /// In a line.
    pub preview: String,
    /// What the tool was given.
    pub input: Option<Value>,
    /// What was said.
    pub text: Option<String>,
    /// It ended in an error.
    pub failed: bool,
    /// Why it failed, or did not run.
    pub error: Option<String>,
    /// The sub-agent it is.
    pub agent: Option<Agent>,
    /// What was asked before it ran.
    pub approval: Option<Asked>,
    /// What the sub-agent did, oldest first.
    pub items: Vec<Item>,
}

/// What sort of thing an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A tool call.
    Tool,
    /// A sub-agent, with its own calls.
    Agent,
    /// What Claude said at the end.
    Message,
    /// A request whose call is not known.
    Approval,
    /// Anything else, in plain words.
    Notice,
}

/// A sub-agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Claude's id of it.
    pub id: String,
    /// Its type; empty for Claude's own.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Its id.
    pub id: String,
    /// What became of it; none when that is not known.
    pub outcome: Option<String>,
    /// Who settled it.
    pub by: Option<String>,
}

/// The turns that `events` tell of, oldest first. Of what ended before event `from` nothing is shown: such
/// events are only there to explain the later ones.
#[must_use]
pub fn turns(events: &[Happened<'_>], from: i64, texts: Texts) -> Vec<Turn> {
    let mut sorted: Vec<&Happened<'_>> = events.iter().collect();
    // Hooks run beside the session: what is heard of late happened when it happened.
    sorted.sort_by_key(|event| (event.at, event.id));
    let mut story = build::Story::new(texts);
    for event in sorted {
        story.take(event);
    }
    story.told_from(from)
}
