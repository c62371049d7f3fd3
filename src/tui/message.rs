//! What the model is told, and what it asks for.

use crossterm::event::{KeyEvent, MouseEvent};
use serde_json::Value;

use super::wire::{Frame, Session};

/// Two clocks: one that people read, and one that never jumps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Ms since the Unix epoch.
    pub wall: u64,
    /// Ms since some moment.
    pub steady: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size.
    Resize(u16, u16),
    /// The daemon told something.
    Frame(Frame),
    /// The daemon cannot be reached, and why.
    Lost(String),
    /// Time went by.
    Tick,
    /// The screen shows what the model says.
    Drawn,
    /// A jump ended: what there is to say about it, or why it failed.
    Jumped(Result<String, String>),
    /// A decision was taken, or refused.
    Decided {
        /// On which request.
        id: String,
        /// Why it was not taken.
        result: Result<(), String>,
    },
    /// A smaller change was refused.
    Refused(String),
    /// What the store knows of ended sessions.
    Past(Vec<Session>),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Command {
    /// Take the user to a session's terminal.
    Jump { key: String },
    /// Answer a request with the hash of what was drawn; `deny` carries the reason, if it is one.
    Decide { id: String, shown: String, answer: Answer },
    /// Label a session; `None` takes the label away.
    Tag { key: String, text: Option<String> },
    /// Keep a session at the top, or no more.
    Pin { key: String, on: bool },
    /// Hide a session, or show it again.
    Dismiss { key: String, on: bool },
    /// The user looked at a session.
    Seen { key: String },
    /// Ask the store for sessions that ended.
    LoadPast,
    /// Fetch everything anew.
    Refresh,
    /// Draw every cell anew.
    Redraw,
    /// Leave.
    Quit,
}

/// What a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Let it run.
    Allow,
    /// Do not, and maybe tell why.
    Deny(Option<String>),
    /// Yes, and what goes with it: the decision as the API takes it.
    With(Value),
    /// The terminal shall ask.
    Release,
}
