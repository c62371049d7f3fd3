//! A call that was decided before, as the audit log remembers it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::main_text;

/// One row of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The approval's id.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// Its whole input.
    pub input: Value,
    /// Where it would run.
    pub cwd: String,
    /// What came of it.
    pub outcome: PastOutcome,
    /// A person decided it, not a rule, and not the clock.
    pub by_human: bool,
    /// What was said to Claude.
    pub message: Option<String>,
    /// When it was asked: milliseconds since the Unix epoch.
    pub at: u64,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastOutcome {
    /// It ran.
    Allowed,
    /// It did not.
    Denied,
    /// Nobody said: it timed out, was withdrawn, or was answered with something else than yes or no.
    Other,
}

/// Longest text of a call in a list, in characters.
const SHOWN: usize = 200;

impl Past {
    /// The call in one short text: its main input, or the tool's name when it has none.
    #[must_use]
    pub fn shown(&self) -> String {
        shortened(main(&self.tool, &self.input).unwrap_or(&self.tool), SHOWN)
    }
}

/// The text of a call that people look at: its main input, and of an agent which kind.
#[must_use]
pub fn main<'a>(tool: &str, input: &'a Value) -> Option<&'a str> {
    match tool {
        "Agent" | "Task" => input.get("subagent_type")?.as_str(),
        _ => main_text(tool, input),
    }
}

/// At most `most` characters of a text; `…` for the rest.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_texts_end_at_a_character() {
        assert_eq!(shortened("äöü", 2), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
    }

    #[test]
    fn a_call_is_shown_by_its_main_input_or_its_tool() {
        assert_eq!(main("Grep", &json!({"pattern": "x", "path": "/p"})), Some("x"));
        assert_eq!(main("Bash", &json!({"command": 5})), None);
        assert_eq!(main("mcp__a__b", &json!({"command": "x"})), None);
    }
}
