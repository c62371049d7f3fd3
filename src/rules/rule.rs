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
    /// For so many seconds, and no longer than that process runs.
    SessionSeconds {
        /// Key of the session's row.
        session: String,
        /// How many.
        seconds: u64,
    },
    /// Until ccmon is started again.
    Restart,
    /// For ever.
    #[default]
    Forever,
}

impl Lasts {
    /// The only session that it is for, if it is for one.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        match self {
            Self::Session { session } | Self::SessionSeconds { session, .. } => Some(session),
            Self::Once | Self::Seconds { .. } | Self::Restart | Self::Forever => None,
        }
    }

    /// After how many seconds it ends by itself, if it does.
    #[must_use]
    pub fn seconds(&self) -> Option<u64> {
        match self {
            Self::Seconds { seconds } | Self::SessionSeconds { seconds, .. } => Some(*seconds),
            Self::Once | Self::Session { .. } | Self::Restart | Self::Forever => None,
        }
    }
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

    /// A rule that lets everything of one session run for a while, as far as a rule may: nothing of high risk,
    /// nothing that asks the user something, and nothing that is not known for what it is.
    #[must_use]
    pub fn session_wide(name: &str, session: &str, seconds: u64) -> Self {
        let lasts = Lasts::SessionSeconds { session: session.to_owned(), seconds };
        Self { name: name.to_owned(), lasts, ..Self::allow("*", Kind::Glob, "*") }
    }

    /// Whether it is such a rule. It stands behind all others: those that deny or ask are not to be hidden by it.
    #[must_use]
    pub fn is_session_wide(&self) -> bool {
        let any = self.tool == "*" && self.kind == Kind::Glob && self.pattern == "*";
        any && self.action == Action::Allow && self.lasts.session().is_some()
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
