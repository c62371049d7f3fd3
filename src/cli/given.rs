//! What came with an answer, in lines: what was said, changed, remembered, and made.

use serde_json::Value;

use super::asking;
use super::output::{cut, field, visible};

/// More of what was edited is not told in a list.
const LONGEST: usize = 300;

/// What is told below a line of the audit log.
pub fn lines(approval: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let message = field(approval, "message");
    if !message.is_empty() {
        lines.push(format!("told: {message}"));
    }
    let of = |name: &str| approval.get(name).and_then(Value::as_object).into_iter().flatten();
    lines.extend(of("answers").map(|(question, said)| format!("answered: {} {}", visible(question), words(said))));
    lines.extend(of("edited").flat_map(|(name, new)| edited(name, approval["input"].get(name), new)));
    let remembered = approval.get("remembered").and_then(Value::as_array).into_iter().flatten();
    lines.extend(remembered.map(|one| format!("remembered: {}", permission(one))));
    if let Some(rule) = approval.get("made") {
        lines.push(format!("made: rule {} {}", rule["id"], field(rule, "name")));
    }
    let flags = [("interrupted", "the turn was stopped"), ("cancelled", "dismissed, not declined")];
    lines.extend(flags.iter().filter(|(name, _)| approval[*name] == true).map(|(_, words)| (*words).to_owned()));
    lines
}

/// A text or several of them.
fn words(said: &Value) -> String {
    let all: Vec<String> =
        said.as_array().map_or(std::slice::from_ref(said), Vec::as_slice).iter().map(asking::plain).collect();
    visible(&all.join(" · "))
}

/// Before and after, whole: one line each, whatever was in them.
fn edited(name: &str, old: Option<&Value>, new: &Value) -> [String; 2] {
    let told = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(asking::plain);
    let shown = |value: Option<&Value>| told(value).map_or_else(|| "nothing".to_owned(), |text| visible(&text));
    // `--json` and `--csv` have all of it.
    let shown = |value: Option<&Value>| cut(&shown(value), LONGEST);
    [
        format!("edited: {} was {}", visible(name), shown(old)),
        format!("        {} is  {}", visible(name), shown(Some(new))),
    ]
}

/// What Claude remembers, and where.
fn permission(one: &Value) -> String {
    let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
    let list = |name: &str| one.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let rule = |rule: &Value| match rule.get("ruleContent").and_then(Value::as_str) {
        Some(content) => format!("{}({})", field(rule, "toolName"), visible(content)),
        None => field(rule, "toolName"),
    };
    let what = match text("type") {
        "addRules" => {
            format!("{} {}", visible(text("behavior")), list("rules").iter().map(rule).collect::<Vec<_>>().join(", "))
        }
        "addDirectories" => format!("work in {}", list("directories").iter().map(words).collect::<Vec<_>>().join(", ")),
        "setMode" => format!("mode {}", visible(text("mode"))),
        _ => return visible(&one.to_string()),
    };
    let place = match text("destination") {
        "session" => "until the session ends",
        "localSettings" => "in .claude/settings.local.json",
        "projectSettings" => "in .claude/settings.json",
        "userSettings" => "in ~/.claude/settings.json",
        _ => return visible(&one.to_string()),
    };
    format!("{what}, {place}")
}
