//! From an answer to what the hook prints (`PermissionRequest` and `Elicitation`, measured with 2.1.329).

use serde_json::{Value, json};

use crate::core::Answer;

/// Told to Claude when the user gave no reason.
const NO_REASON: &str = "The user denied this.";

/// What the hook prints; `None` when it prints nothing, so that the terminal's dialog stands, or comes: an
/// elicitation's is drawn only then. With `-p` nothing is *denied*, or *cancel* (measured with 2.1.329).
#[must_use]
pub fn print(answer: &Answer) -> Option<String> {
    let decision = match answer {
        Answer::Release => return None,
        Answer::Allow { updated_input, updated_permissions } => {
            allow(updated_input.as_ref(), updated_permissions.as_deref())
        }
        Answer::Deny { message, interrupt } => deny(message.as_deref(), *interrupt),
        Answer::Accept { content } => return Some(elicitation("accept", Some(content))),
        Answer::Decline => return Some(elicitation("decline", None)),
        Answer::Cancel => return Some(elicitation("cancel", None)),
    };
    Some(json!({ "hookSpecificOutput": { "hookEventName": "PermissionRequest", "decision": decision } }).to_string())
}

/// Without the wrapper the client takes no notice of it, and draws its dialog (measured with 2.1.329).
fn elicitation(action: &str, content: Option<&Value>) -> String {
    let mut output = json!({ "hookEventName": "Elicitation", "action": action });
    if let Some(content) = content {
        output["content"] = content.clone();
    }
    json!({ "hookSpecificOutput": output }).to_string()
}

fn allow(input: Option<&Value>, permissions: Option<&[Value]>) -> Value {
    let mut decision = json!({ "behavior": "allow" });
    if let Some(input) = input {
        decision["updatedInput"] = input.clone();
    }
    if let Some(permissions) = permissions {
        decision["updatedPermissions"] = json!(permissions);
    }
    decision
}

fn deny(message: Option<&str>, interrupt: bool) -> Value {
    let reason = message.filter(|m| !m.trim().is_empty()).unwrap_or(NO_REASON);
    let mut decision = json!({ "behavior": "deny", "message": reason });
    if interrupt {
        decision["interrupt"] = json!(true);
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(answer: &Answer) -> Value {
        let printed: Value = serde_json::from_str(&print(answer).unwrap()).unwrap();
        assert_eq!(printed["hookSpecificOutput"]["hookEventName"], "PermissionRequest");
        printed["hookSpecificOutput"]["decision"].clone()
    }

    #[test]
    fn each_answer_prints_what_the_client_takes() {
        let allow = Answer::Allow { updated_input: None, updated_permissions: None };
        assert_eq!(decision(&allow), json!({ "behavior": "allow" }));
        let edited = Answer::Allow { updated_input: Some(json!({"command":"ls"})), updated_permissions: Some(vec![]) };
        let printed = json!({ "behavior": "allow", "updatedInput": {"command":"ls"}, "updatedPermissions": [] });
        assert_eq!(decision(&edited), printed);
        let deny = Answer::Deny { message: Some("no".into()), interrupt: true };
        assert_eq!(decision(&deny), json!({ "behavior": "deny", "message": "no", "interrupt": true }));
        let silent = Answer::Deny { message: None, interrupt: false };
        assert_eq!(decision(&silent), json!({ "behavior": "deny", "message": NO_REASON }));
        assert_eq!(print(&Answer::Release), None);
    }

    #[test]
    fn an_mcp_server_hears_one_of_three_actions() {
        let printed = |answer: Answer| serde_json::from_str::<Value>(&print(&answer).unwrap()).unwrap();
        let output =
            |action: &str| json!({ "hookSpecificOutput": { "hookEventName": "Elicitation", "action": action } });
        let mut accepted = output("accept");
        accepted["hookSpecificOutput"]["content"] = json!({ "name": "Ada" });
        assert_eq!(printed(Answer::Accept { content: json!({ "name": "Ada" }) }), accepted);
        assert_eq!(printed(Answer::Decline), output("decline"));
        assert_eq!(printed(Answer::Cancel), output("cancel"));
    }
}
