//! What an answer held besides its yes or no, for the audit log: what was answered, changed, remembered, and made.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::core::{Answer, Approval, Kind, RuleRef};

/// What came with an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Given {
    /// What was answered: by question, or by what an MCP server calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<Map<String, Value>>,
    /// What ran instead: of the input only what is different, and null for what was taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited: Option<Map<String, Value>>,
    /// What Claude was told to remember, as it had offered that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remembered: Option<Vec<Value>>,
    /// The turn was stopped as well.
    #[serde(skip_serializing_if = "is_false")]
    pub interrupted: bool,
    /// An MCP server's question was dismissed, not declined.
    #[serde(skip_serializing_if = "is_false")]
    pub cancelled: bool,
    /// The rule that was made with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<RuleRef>,
}

impl Given {
    /// With the answer that settled a request; nothing with one that is pending.
    #[must_use]
    pub fn with(approval: &Approval) -> Self {
        let settled = approval.settled.as_ref();
        let made = settled.and_then(|settled| settled.made.clone());
        let given = match settled.and_then(|settled| settled.answer.as_ref()) {
            Some(Answer::Allow { updated_input, updated_permissions }) => Self {
                answers: updated_input.as_ref().and_then(|input| answers(approval, input)),
                edited: updated_input.as_ref().and_then(|input| edited(approval, input)),
                remembered: updated_permissions.clone().filter(|all| !all.is_empty()),
                ..Self::default()
            },
            Some(Answer::Accept { content }) => Self { answers: content.as_object().cloned(), ..Self::default() },
            Some(Answer::Deny { interrupt, .. }) => Self { interrupted: *interrupt, ..Self::default() },
            Some(Answer::Cancel) => Self { cancelled: true, ..Self::default() },
            Some(Answer::Decline | Answer::Release) | None => Self::default(),
        };
        Self { made, ..given }
    }
}

/// A question's input goes back with the answers in it.
fn answers(approval: &Approval, input: &Value) -> Option<Map<String, Value>> {
    input.get("answers").filter(|_| approval.kind == Kind::Question)?.as_object().cloned()
}

/// Both inputs whole would say the same twice: one may be a file of a megabyte.
fn edited(approval: &Approval, new: &Value) -> Option<Map<String, Value>> {
    let (old, new) = (approval.input.as_object()?, new.as_object()?);
    let own = |name: &str| approval.kind == Kind::Question && name == "answers";
    let changed = new.iter().filter(|(name, value)| old.get(*name) != Some(*value) && !own(name));
    let mut all: Map<String, Value> = changed.map(|(name, value)| (name.clone(), value.clone())).collect();
    // Of a plan Claude takes the text alone: what else was in it is not taken out.
    let gone = old.keys().filter(|name| approval.kind != Kind::Plan && !new.contains_key(*name));
    all.extend(gone.map(|name| (name.clone(), Value::Null)));
    (!all.is_empty()).then_some(all)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_false(flag: &bool) -> bool {
    !flag
}
