//! What the API needs for settings, long work and our own installation. `crate::daemon` fills it in, as the rest of
//! [`Hub`](super::Hub).

use std::pin::Pin;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::core::By;
use crate::rules::Rule;

/// The user's settings; on a thread that may block.
pub trait Settings: Send + Sync {
    /// As they are, as they would be, and what is wrong with the file.
    fn view(&self) -> Value;

    /// Sets some, by their dotted names, and sets back those that are null; for somebody at that place.
    ///
    /// # Errors
    /// Why not; nothing is changed then.
    fn change(&self, patch: &Map<String, Value>, by: By) -> Result<(), Refused>;
}

/// Why something was not done, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// What was asked cannot be.
    Unusable(String),
    /// It could be, but things stand in its way.
    Hindered(String),
    /// It could be, but not from there.
    Elsewhere(String),
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
    /// What runs, where it keeps things, and whether the welcome page is still to be shown. Blocks.
    fn about(&self) -> Value;

    /// Puts the welcome page away for good, or has it shown again. Blocks.
    ///
    /// # Errors
    /// In words, when that cannot be kept.
    fn put_welcome_away(&self, done: bool) -> Result<(), String>;

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

/// Told how far long work is; says whether it is to go on.
pub type Step = Arc<dyn Fn(u64) -> bool + Send + Sync>;

/// Work that takes long.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// What a rule would have said to the requests of the past.
    Replay(Box<Rule>),
    /// What is not kept any longer goes now.
    Purge,
    /// The database gives back what it does not need.
    Compact,
}

/// Work that goes on while its caller does other things. A job is JSON as the API has it.
pub trait Jobs: Send + Sync {
    /// Begins one. Called on the runtime.
    ///
    /// # Errors
    /// When too many run already.
    fn start(&self, work: Work) -> Result<Value, Refused>;

    /// Those that run, and the last that ended; newest first.
    fn list(&self) -> Vec<Value>;

    /// One of them.
    fn job(&self, id: u64) -> Option<Value>;

    /// Ends one at its next step; one that has ended stays as it is.
    fn cancel(&self, id: u64) -> Option<Value>;

    /// How much is kept of the past, and what went last. Blocks.
    ///
    /// # Errors
    /// In words, when the store cannot be read.
    fn retention(&self) -> Result<Value, String>;
}
