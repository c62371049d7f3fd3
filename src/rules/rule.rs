//! A rule, as a person wrote it.

use serde::{Deserialize, Serialize};

/// How a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// This very text.
    Literal,
    /// `*` for anything; see [`super::Pattern`] for what that means of each tool.
    Glob,
    /// A regular expression that has to match the whole.
    Regex,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Action {
    /// Let it run.
    Allow,
    /// Do not let it run.
    Deny {
        /// Told to Claude as the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// Ask, whatever later rules say.
    Ask,
}

/// How long a rule is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "lasts")]
pub enum Lasts {
    /// For one decision.
    Once,
    /// For so many seconds since it was made, by the monotonic clock.
    Seconds {
        /// How many.
        seconds: u64,
    },
    /// While this process of Claude's runs.
    Session {
        /// Key of the session's row.
        session: String,
    },
    /// Until ccmon is started again.
    Restart,
    /// For ever.
    #[default]
    Forever,
}

/// One rule. The first that matches decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// The tool: `Bash`, `Edit`, `mcp__server__tool`, `mcp__server__*`, or `*` for all.
    pub tool: String,
    /// How the pattern is read.
    pub kind: Kind,
    /// What the tool's main input has to be. Empty matches nothing.
    pub pattern: String,
    /// Where: a glob over the working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// What it does.
    #[serde(flatten)]
    pub action: Action,
    /// For how long.
    #[serde(flatten)]
    pub lasts: Lasts,
    /// Only notes what it would have done.
    #[serde(default)]
    pub dry_run: bool,
    /// Whether it is in force at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// An allow may cover what is dangerous; only with a literal pattern.
    #[serde(default)]
    pub allow_high: bool,
}

impl Rule {
    /// A rule that lets it run, everywhere and for ever; called as its pattern is.
    #[must_use]
    pub fn allow(tool: &str, kind: Kind, pattern: &str) -> Self {
        Self {
            name: pattern.to_owned(),
            tool: tool.to_owned(),
            kind,
            pattern: pattern.to_owned(),
            cwd: None,
            action: Action::Allow,
            lasts: Lasts::Forever,
            dry_run: false,
            enabled: true,
            allow_high: false,
        }
    }

    /// The keys of its JSON.
    pub const KEYS: [&str; 13] = [
        "name",
        "tool",
        "kind",
        "pattern",
        "cwd",
        "action",
        "message",
        "lasts",
        "seconds",
        "session",
        "dry_run",
        "enabled",
        "allow_high",
    ];
}

fn yes() -> bool {
    true
}
