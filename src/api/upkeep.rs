//! What the API needs for settings, long work and our own installation. `crate::daemon` fills it in, as the rest of
//! [`Hub`](super::Hub).

use std::pin::Pin;

use serde_json::{Map, Value};

/// The user's settings; on a thread that may block.
pub trait Settings: Send + Sync {
    /// As they are, as they would be, and what is wrong with the file.
    fn view(&self) -> Value;

    /// Sets some, by their dotted names, and sets back those that are null.
    ///
    /// # Errors
    /// Why not; nothing is changed then.
    fn change(&self, patch: &Map<String, Value>) -> Result<(), Refused>;
}

/// Why something was not done, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// What was asked cannot be.
    Unusable(String),
    /// It could be, but things stand in its way.
    Hindered(String),
}

/// What is done to Claude Code's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookEdit {
    /// Our hooks in, or out.
    pub install: bool,
    /// Whether permission requests are held for an answer, or only watched.
    pub hold: bool,
    /// Only say what would change.
    pub dry_run: bool,
}

/// A look at everything under way.
pub type Looking<'a> = Pin<Box<dyn Future<Output = Value> + Send + 'a>>;

/// Our own installation.
pub trait House: Send + Sync {
    /// What runs, and where it keeps things.
    fn about(&self) -> Value;

    /// How our hooks stand in Claude Code's settings. Blocks.
    ///
    /// # Errors
    /// In words, when it cannot be told where those settings are.
    fn hooks(&self) -> Result<Value, String>;

    /// Puts them in, or takes them out. Blocks.
    ///
    /// # Errors
    /// In words, when the file is better left alone; then it is as it was.
    fn edit_hooks(&self, edit: HookEdit) -> Result<Value, String>;

    /// Looks for whatever keeps ccmon from working; within a bounded time.
    fn doctor(&self) -> Looking<'_>;
}
