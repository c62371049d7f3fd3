//! What the routes need of the rules.

use std::sync::Arc;

use serde_json::Value;

use super::Later;
use crate::api::upkeep::Step;
use crate::rules::{Offers, Rule};

/// A change of the rules.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleEdit {
    /// A new one.
    Add {
        /// What it says.
        rule: Rule,
        /// Its place; the last, unless told.
        position: Option<usize>,
    },
    /// Another text or place for one.
    Change {
        /// Its number.
        id: i64,
        /// Keys of its JSON with their new values; `null` takes one away.
        patch: serde_json::Map<String, Value>,
        /// Its new place.
        position: Option<usize>,
    },
    /// One less.
    Remove(i64),
    /// None counts, until they are resumed.
    Pause(bool),
    /// Many.
    Import {
        /// The rules.
        rules: Vec<Rule>,
        /// In place of all that there are.
        instead: bool,
    },
}

/// A call, as somebody who tries the rules gives it.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trying {
    /// The tool; Bash unless told.
    #[serde(default)]
    pub tool: Option<String>,
    /// Its whole input,
    #[serde(default)]
    pub input: Option<Value>,
    /// or a command for Bash.
    #[serde(default)]
    pub command: Option<String>,
    /// Where it would run; nowhere known unless told.
    #[serde(default)]
    pub cwd: String,
    /// Key of the session that would make it.
    #[serde(default)]
    pub session: String,
}

/// A call that waits for an answer, or one that somebody would let run instead of it.
#[derive(Clone, Debug)]
pub struct Weighing {
    /// The tool.
    pub tool: String,
    /// Its whole input.
    pub input: Arc<Value>,
    /// Where it would run.
    pub cwd: String,
    /// Key of the session that makes it.
    pub session: String,
}

/// Reading of the rules, and of the audit log with them; on a thread that may block.
pub trait Rulebook: Send + Sync {
    /// The rules as they stand.
    fn list(&self) -> Value;

    /// One of them.
    fn rule(&self, id: i64) -> Option<Value>;

    /// The rules that last for ever, as TOML.
    fn export(&self) -> String;

    /// What the rules would say to a call, and why.
    ///
    /// # Errors
    /// In words.
    fn test(&self, trying: Trying) -> Result<Value, String>;

    /// What a rule would have said to the requests of the past; up to where `step`, told how many were looked at,
    /// ends it.
    ///
    /// # Errors
    /// In words.
    fn replay(&self, rule: Rule, step: Step) -> Result<Value, String>;

    /// What there is to say about a rule that somebody writes, at that place among the others, and how
    /// the last requests fare with it.
    ///
    /// # Errors
    /// In words.
    fn preview(&self, rule: Rule, position: Option<usize>) -> Result<Value, String>;

    /// Rules that would have saved questions.
    ///
    /// # Errors
    /// In words.
    fn suggest(&self) -> Result<Value, String>;

    /// What rules could be made of a call while it waits; within the time that a look may take, and not at all
    /// when too many others ask such things.
    fn offers(&self, weighing: Weighing) -> Later<'_, Result<Offers, String>>;

    /// The danger of a call that somebody would let run instead, as JSON; as soon, or not at all.
    fn assess(&self, weighing: Weighing) -> Later<'_, Result<Value, String>>;

    /// A rule that would decide as that request was decided; none when there is no such request.
    ///
    /// # Errors
    /// In words.
    fn promote(&self, approval: &str) -> Result<Option<Rule>, String>;
}
