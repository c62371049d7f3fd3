//! What the routes need of the rules.

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
        patch: serde_json::Map<String, serde_json::Value>,
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
    pub input: Option<serde_json::Value>,
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

/// Reading of the rules, and of the audit log with them; on a thread that may block.
pub trait Rulebook: Send + Sync {
    /// The rules as they stand.
    fn list(&self) -> serde_json::Value;

    /// One of them.
    fn rule(&self, id: i64) -> Option<serde_json::Value>;

    /// The rules that last for ever, as TOML.
    fn export(&self) -> String;

    /// What the rules would say to a call, and why.
    ///
    /// # Errors
    /// In words.
    fn test(&self, trying: Trying) -> Result<serde_json::Value, String>;

    /// What a rule would have said to the requests of the past; up to where `step`, told how many were looked at,
    /// ends it.
    ///
    /// # Errors
    /// In words.
    fn replay(&self, rule: Rule, step: Step) -> Result<serde_json::Value, String>;

    /// What there is to say about a rule that somebody writes, at that place among the others, and how
    /// the last requests fare with it.
    ///
    /// # Errors
    /// In words.
    fn preview(&self, rule: Rule, position: Option<usize>) -> Result<serde_json::Value, String>;

    /// Rules that would have saved questions.
    ///
    /// # Errors
    /// In words.
    fn suggest(&self) -> Result<serde_json::Value, String>;

    /// What rules could be made of a call while it waits; within the time that a look may take.
    fn offers(&self, trying: Trying) -> Later<'_, Result<Offers, String>>;

    /// The danger of a call that somebody would let run instead, as JSON; within the time that a look may take.
    fn assess(&self, trying: Trying) -> Later<'_, Result<serde_json::Value, String>>;

    /// A rule that would decide as that request was decided; none when there is no such request.
    ///
    /// # Errors
    /// In words.
    fn promote(&self, approval: &str) -> Result<Option<Rule>, String>;
}
