//! What is asked of the past: sessions, what they did, and what was decided. `crate::daemon` answers.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::core::{By, State};

/// Which sessions are wanted.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SessionQuery {
    /// Words in prompts, tool inputs and summaries.
    #[serde(deserialize_with = "given")]
    pub q: Option<String>,
    /// Active since then, ms since the Unix epoch,
    pub since: Option<u64>,
    /// and before then.
    pub until: Option<u64>,
    /// Only of this project.
    #[serde(deserialize_with = "given")]
    pub project: Option<String>,
    /// Only in this directory.
    #[serde(deserialize_with = "given")]
    pub cwd: Option<String>,
    /// Only those that asked for something, or only those that did not.
    pub approvals: Option<Approvals>,
    /// Only in this state.
    pub state: Option<State>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Where the page before ended.
    #[serde(deserialize_with = "given")]
    pub cursor: Option<String>,
}

/// Whether a session asked for anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approvals {
    /// It did.
    With,
    /// It did not.
    Without,
}

/// Which requests are wanted.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// Only with this outcome.
    pub decision: Option<Decision>,
    /// Only settled by them.
    pub by: Option<By>,
    /// Only for this tool.
    #[serde(deserialize_with = "given")]
    pub tool: Option<String>,
    /// Only of this project.
    #[serde(deserialize_with = "given")]
    pub project: Option<String>,
    /// Only of the session with this key.
    #[serde(deserialize_with = "given")]
    pub session: Option<String>,
    /// Asked since then, ms since the Unix epoch,
    pub since: Option<u64>,
    /// and before then.
    pub until: Option<u64>,
    /// Words in the input.
    #[serde(deserialize_with = "given")]
    pub q: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Where the page before ended.
    #[serde(deserialize_with = "given")]
    pub cursor: Option<String>,
}

/// What became of a request, or that nothing has yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as in core::Outcome")]
pub enum Decision {
    Allowed,
    Denied,
    Released,
    TimedOut,
    AnsweredInTerminal,
    SessionEnded,
    /// Nobody has decided yet.
    Pending,
}

impl Decision {
    /// Its name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Released => "released",
            Self::TimedOut => "timed_out",
            Self::AnsweredInTerminal => "answered_in_terminal",
            Self::SessionEnded => "session_ended",
            Self::Pending => "pending",
        }
    }
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Markdown.
    Md,
    /// One JSON document.
    Json,
    /// A table.
    Csv,
}

/// Takes the pieces of a file; says whether more is wanted.
pub type Sink<'a> = &'a mut dyn FnMut(Vec<u8>) -> bool;

/// What went wrong with a question about the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// It makes no sense; in words.
    Odd(String),
    /// The store cannot be read; in words.
    Broken(String),
}

/// Reads of the past, as JSON of the API's shape; on a thread that may block.
pub trait Past: Send + Sync {
    /// A page of sessions.
    ///
    /// # Errors
    /// See [`Unanswered`]; so with all of these.
    fn find(&self, query: &SessionQuery) -> Result<Value, Unanswered>;

    /// Every project with the number of its sessions.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn projects(&self) -> Result<Value, Unanswered>;

    /// Whether there is a session with this key.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn knows(&self, key: &str) -> Result<bool, Unanswered>;

    /// A session with its numbers; `session` is null when none with this key is stored.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn session(&self, key: &str) -> Result<Value, Unanswered>;

    /// The turns of so many events of a session, before that event.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn timeline(&self, key: &str, before: Option<i64>, limit: usize) -> Result<Value, Unanswered>;

    /// All that is stored of a session, piece by piece.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn export(&self, key: &str, format: Format, sink: Sink<'_>) -> Result<(), Unanswered>;

    /// A page of requests.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn audit(&self, query: &AuditQuery) -> Result<Value, Unanswered>;

    /// How many there are, and of what.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn audit_counts(&self, query: &AuditQuery) -> Result<Value, Unanswered>;

    /// All of them, piece by piece.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn export_audit(&self, query: &AuditQuery, format: Format, sink: Sink<'_>) -> Result<(), Unanswered>;

    /// What the last days add up to.
    ///
    /// # Errors
    /// See [`Unanswered`].
    fn insight(&self, days: u16) -> Result<Value, Unanswered>;
}

/// Longest text that is looked for, in bytes.
const LONGEST: usize = 4_096;

/// A text; one that is empty was not given, as forms send it.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.map(cut).filter(|text| !text.trim().is_empty()))
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}
