//! What the routes need of notifications and summaries.

use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::card::{Card, Window};
use crate::core::{Approval, Board, SessionKey, Time};

/// A sort of thing that is said on the desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A permission waits.
    Approval,
    /// A question or a plan waits.
    Question,
    /// Claude stopped.
    Finished,
    /// A turn ended in an API error.
    Failed,
    /// A working session is silent.
    Stuck,
}

/// A notification that was sent for a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// Name of who shows it.
    pub server: String,
    /// Its version.
    pub version: String,
    /// It shows buttons.
    pub actions: bool,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
}

/// Why a notification could not be sent, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsaid {
    /// The user wants none.
    Silenced(String),
    /// Nobody shows any.
    Nobody(String),
}

/// What will be there in a while.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Notifications.
pub trait Notices: Send + Sync {
    /// Sends one of a sort, as the settings say.
    fn test(&self, sort: Notice) -> Later<'_, Result<Tested, Unsaid>>;
}

/// Who keeps the user's word that they want to be left alone.
pub trait Quieter: Send + Sync {
    /// Until then; no longer, when there is no time. The error says what of it cannot be kept.
    fn set(&self, until: Option<Time>) -> Later<'_, Result<(), String>>;

    /// When tomorrow begins, by the user's quiet hours.
    fn tomorrow(&self) -> Time;
}

/// A summary of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// What it says: text that a model wrote.
    pub text: String,
    /// When it was written, ms since the Unix epoch.
    pub at: u64,
    /// The model that wrote it.
    pub model: Option<String>,
    /// What that cost.
    pub cost_usd: Option<f64>,
    /// The last event it knows of.
    pub event: i64,
}

/// Where the summary of a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The settings want none.
    Off,
    /// There is none yet.
    None,
    /// One is being written.
    Running,
    /// It is there.
    Ready,
    /// The last one could not be written.
    Failed,
}

/// The summary of a session, as far as there is one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summarized {
    /// The last one that was written.
    pub summary: Option<Summary>,
    /// Whether another is on its way.
    pub state: Standing,
    /// Why it could not be written, in words.
    pub error: Option<String>,
}

/// Why there is no answer about a summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSummary {
    /// No such session.
    Unknown,
    /// The settings want none.
    Off,
    /// Something is broken, in words.
    Broken(String),
}

/// Summaries of sessions.
pub trait Summaries: Send + Sync {
    /// What there is.
    fn look(&self, session: SessionKey) -> Later<'_, Result<Summarized, NoSummary>>;

    /// Has one written, unless the last is fresh, and waits for it, but not for ever.
    fn ask(&self, session: SessionKey) -> Later<'_, Result<Summarized, NoSummary>>;
}

/// What requests are shown with.
pub trait Cards: Send + Sync {
    /// That of one on the Board, with these rows of its diff; without any, nothing of what files hold. What cannot be
    /// found out in time is left out.
    fn card<'a>(&'a self, board: &'a Board, approval: &'a Approval, window: Option<Window>) -> Later<'a, Card>;
}
