//! A plan (`ExitPlanMode`), and a yes to it. Claude ignores a bare one: the plan itself is the answer.

use serde_json::{Value, json};

/// The mode from then on, until the session ends. Without one Claude goes back to whichever it had before the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Ask before each edit.
    #[default]
    Default,
    /// Let it edit without asking.
    AcceptEdits,
}

impl Mode {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Default => Self::AcceptEdits,
            Self::AcceptEdits => Self::Default,
        }
    }

    /// As Claude calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::AcceptEdits => "acceptEdits",
        }
    }

    /// What it means.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Default => "keeps asking before edits",
            Self::AcceptEdits => "edits without asking",
        }
    }
}

/// The plan's text, if Claude sent it along.
#[must_use]
pub fn text_of(input: &Value) -> Option<&str> {
    input.get("plan").and_then(Value::as_str)
}

/// A decision for the API: yes, to this text, in this mode.
#[must_use]
pub fn approved(text: Option<&str>, mode: Mode) -> Value {
    let input = text.map_or_else(|| json!({}), |text| json!({ "plan": text }));
    let mode = json!({ "type": "setMode", "mode": mode.name(), "destination": "session" });
    json!({ "decision": "allow", "updated_input": input, "updated_permissions": [mode] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_its_own_answer_and_names_a_mode() {
        let mode = |mode: &str| json!([{ "type": "setMode", "mode": mode, "destination": "session" }]);
        let yes = approved(text_of(&json!({ "plan": "# A", "planFilePath": "/p" })), Mode::AcceptEdits);
        let whole = json!({ "decision": "allow", "updated_input": { "plan": "# A" }, "updated_permissions": mode("acceptEdits") });
        assert_eq!(yes, whole);
        let none = approved(text_of(&json!({})), Mode::default());
        assert_eq!((&none["updated_input"], &none["updated_permissions"]), (&json!({}), &mode("default")));
    }
}
