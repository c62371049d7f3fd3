//! Decisions as callers send them: understood completely, or refused.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::problem::Problem;
use crate::core::Answer;
use crate::rules::{Action, Rule};

/// An answer, and what its giver was looking at.
#[derive(Debug, PartialEq)]
pub struct Decision {
    pub shown: String,
    pub answer: Answer,
    /// A rule to be made with it.
    pub rule: Option<Box<Rule>>,
}

/// What a body may say. Anything else is refused: with `updated_input` misspelt, the original input would run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    shown: String,
    decision: Verdict,
    /// Instead of the tool's whole input, and an object like that.
    updated_input: Option<Map<String, Value>>,
    updated_permissions: Option<Vec<Value>>,
    message: Option<String>,
    #[serde(default)]
    interrupt: bool,
    rule: Option<Map<String, Value>>,
    /// What is entered for an MCP server, by the names of its schema.
    content: Option<Map<String, Value>>,
    /// Dismiss an MCP server's question, instead of declining it.
    #[serde(default)]
    cancel: bool,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Allow,
    Deny,
    Release,
}

impl Decision {
    /// Reads a request's body.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let body: Body = serde_json::from_slice(body).map_err(|error| {
            let status = if error.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
            no_decision(status, &error)
        })?;
        let changes = body.updated_input.is_some() || body.updated_permissions.is_some() || body.rule.is_some();
        let words = body.message.is_some() || body.interrupt;
        let (allows, denies) = (changes || body.content.is_some(), words || body.cancel);
        let misplaced = (allows && body.decision != Verdict::Allow) || (denies && body.decision != Verdict::Deny);
        if misplaced || (changes && body.content.is_some()) || (words && body.cancel) {
            let why =
                "`updated_…`, `rule` or `content` go with `allow`, `message` and `interrupt`, or `cancel`, with `deny`";
            return Err(no_decision(StatusCode::UNPROCESSABLE_ENTITY, &why));
        }
        let rule = body.rule.map(rule).transpose()?.map(Box::new);
        let answer = match body.decision {
            Verdict::Deny if body.cancel => Answer::Cancel,
            Verdict::Allow if body.content.is_some() => {
                Answer::Accept { content: Value::Object(body.content.unwrap_or_default()) }
            }
            Verdict::Allow => Answer::Allow {
                updated_input: body.updated_input.map(Value::Object),
                updated_permissions: body.updated_permissions,
            },
            Verdict::Deny => Answer::Deny { message: body.message, interrupt: body.interrupt },
            Verdict::Release => Answer::Release,
        };
        Ok(Self { shown: body.shown, answer, rule })
    }
}

/// A rule that goes with a yes says yes too, and counts.
fn rule(keys: Map<String, Value>) -> Result<Rule, Problem> {
    let rule = super::rules::rule(super::rules::known_keys(keys)?)?;
    if rule.action == Action::Allow && rule.enabled && !rule.dry_run {
        return Ok(rule);
    }
    Err(no_decision(StatusCode::UNPROCESSABLE_ENTITY, &"a rule that is made with it lets run, and is in force"))
}

fn no_decision(status: StatusCode, why: &dyn std::fmt::Display) -> Problem {
    Problem::new(status, format!("this is no decision: {why}"))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Answer, u16> {
        let read = Decision::read(body.to_string().as_bytes());
        read.map(|decision| decision.answer).map_err(|problem| problem.into_response().status().as_u16())
    }

    #[test]
    fn each_verdict_takes_what_goes_with_it() {
        let allow =
            json!({ "shown": "h", "decision": "allow", "updated_input": { "a": 1 }, "updated_permissions": [] });
        let answer = Answer::Allow { updated_input: Some(json!({ "a": 1 })), updated_permissions: Some(vec![]) };
        assert_eq!(read(&allow), Ok(answer));
        let plain = json!({ "shown": "h", "decision": "allow", "updated_input": null });
        assert_eq!(read(&plain), Ok(Answer::Allow { updated_input: None, updated_permissions: None }));
        let deny = json!({ "shown": "h", "decision": "deny", "message": "no", "interrupt": true });
        assert_eq!(read(&deny), Ok(Answer::Deny { message: Some("no".into()), interrupt: true }));
        assert_eq!(read(&json!({ "shown": "h", "decision": "release" })), Ok(Answer::Release));
        let accept = json!({ "shown": "h", "decision": "allow", "content": { "name": "Ada" } });
        assert_eq!(read(&accept), Ok(Answer::Accept { content: json!({ "name": "Ada" }) }));
        assert_eq!(read(&json!({ "shown": "h", "decision": "deny", "cancel": true })), Ok(Answer::Cancel));
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for body in [
            json!({ "shown": "h", "decision": "allow", "updatedInput": { "a": 1 } }),
            json!({ "shown": "h", "decision": "allow", "update_input": { "a": 1 } }),
            json!({ "shown": "h", "decision": "allow", "updated_input": "ls" }),
            json!({ "shown": "h", "decision": "allow", "updated_input": [] }),
            json!({ "shown": "h", "decision": "allow", "message": "but" }),
            json!({ "shown": "h", "decision": "deny", "updated_input": {} }),
            json!({ "shown": "h", "decision": "release", "interrupt": true }),
            json!({ "shown": "h", "decision": "release", "why": "x" }),
            json!({ "shown": "h", "decision": "allow", "content": [] }),
            json!({ "shown": "h", "decision": "allow", "content": {}, "updated_input": {} }),
            json!({ "shown": "h", "decision": "allow", "cancel": true }),
            json!({ "shown": "h", "decision": "deny", "content": {} }),
            json!({ "shown": "h", "decision": "deny", "cancel": true, "message": "no" }),
            json!({ "shown": "h", "decision": "maybe" }),
            json!({ "decision": "allow" }),
            json!({ "shown": "h" }),
        ] {
            assert_eq!(read(&body), Err(422), "{body}");
        }
        let twice = br#"{"shown":"h","decision":"deny","decision":"allow"}"#;
        assert!(Decision::read(twice).is_err());
    }
}
