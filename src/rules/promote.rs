//! A rule from one decision: drafted as narrowly as can be, on trial, for a person to widen.

use super::input;
use super::past::{self, Past, PastOutcome};
use super::risk::Place;
use super::{Action, Kind, Rule};

/// Tools that are given the path of one file.
const FILES: [&str; 5] = ["Read", "Edit", "MultiEdit", "Write", "NotebookEdit"];

/// Longest generated name before its folder, in characters.
const LONGEST: usize = 40;

/// Drafts the rule that decides this very call, where it ran, as it was decided. It is on trial: it only
/// notes what it would have done. `None` when no rule can speak about such a call (a question to the user).
///
/// `place` is where the call ran: rules compare the real path of a file.
#[must_use]
pub fn promote(past: &Past, place: &Place) -> Option<Rule> {
    let pattern = match input::main(&past.tool, &past.input, place) {
        Some(text) => text,
        // A file that is gone has no real path any more: what was written is the best there is.
        None if FILES.contains(&past.tool.as_str()) => {
            past::main(&past.tool, &past.input).filter(|text| text.starts_with('/'))?.to_owned()
        }
        None => return None,
    };
    let action = match past.outcome {
        PastOutcome::Allowed => Action::Allow,
        PastOutcome::Denied => Action::Deny { message: past.message.clone().filter(|text| !text.is_empty()) },
        PastOutcome::Other => Action::Ask,
    };
    let name = name(&past.tool, &pattern, &action, &past.cwd);
    let cwd = Some(&past.cwd).filter(|cwd| !cwd.is_empty()).map(|cwd| globset::escape(cwd));
    Some(Rule { name, cwd, action, dry_run: true, ..Rule::allow(&past.tool, Kind::Literal, &pattern) })
}

/// What people would call a rule: `git status in ccmon`, `deny edit main.rs in ccmon`.
#[must_use]
pub fn name(tool: &str, pattern: &str, action: &Action, cwd: &str) -> String {
    let last = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let what = match tool {
        "Bash" => pattern.trim_end_matches('*').to_owned(),
        "Read" | "Edit" | "MultiEdit" | "Write" | "NotebookEdit" | "Grep" | "Glob" => {
            format!("{} {}", tool.to_lowercase(), last(pattern.trim_end_matches("/*")))
        }
        "WebFetch" => format!("fetch from {pattern}"),
        "WebSearch" => format!("search for {pattern}"),
        "Agent" | "Task" => format!("agent {pattern}"),
        _ => tool.trim_start_matches("mcp__").replace("__", " "),
    };
    let verb = match action {
        Action::Allow => "",
        Action::Deny { .. } => "deny ",
        Action::Ask => "ask for ",
    };
    let folder = last(cwd);
    let place = if folder.is_empty() { String::new() } else { format!(" in {}", words(&folder, LONGEST)) };
    format!("{verb}{}{place}", words(&what, LONGEST))
}

/// The first words of a text, without what cannot be shown.
fn words(text: &str, most: usize) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() || super::shell::gate::check(c.encode_utf8(&mut [0; 4])).is_err() { ' ' } else { c })
        .collect();
    let mut kept = String::new();
    for word in plain.split_whitespace() {
        if !kept.is_empty() && kept.chars().count() + 1 + word.chars().count() > most {
            return format!("{kept} …");
        }
        kept = format!("{kept}{}{word}", if kept.is_empty() { "" } else { " " });
    }
    past::shortened(&kept, most)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::rules::risk::Risk;
    use crate::rules::{Call, Decision, Table, shell};

    fn past(tool: &str, input: Value) -> Past {
        Past {
            id: "1".into(),
            tool: tool.into(),
            input,
            cwd: "/home/me/[x] ccmon".into(),
            outcome: PastOutcome::Allowed,
            by_human: true,
            message: None,
            at: 0,
        }
    }

    fn place() -> Place {
        let real = [("src/a.rs".to_owned(), "/home/me/[x] ccmon/src/a.rs".to_owned())].into();
        Place { cwd: "/home/me/[x] ccmon".into(), real, ..Place::default() }
    }

    #[test]
    fn a_draft_decides_the_very_call_and_no_other_place() {
        let calls = [
            past("Bash", json!({"command": "cd src && git log 'a b' | head -3"})),
            past("Edit", json!({"file_path": "src/a.rs"})),
            past("WebFetch", json!({"url": "https://docs.rs/regex"})),
            past("mcp__github__search", json!({"q": "x"})),
        ];
        for past in calls {
            let mut rule = promote(&past, &place()).unwrap();
            assert!(rule.dry_run && rule.kind == Kind::Literal, "{rule:?}");
            rule.dry_run = false;
            let (table, risk) = (Table::new(&[rule]).unwrap(), Risk { automatic: true, ..Risk::default() });
            let line = past::main(&past.tool, &past.input).map(shell::parse);
            let mut place = place();
            let decides = |place: &Place| {
                let call =
                    Call { tool: &past.tool, input: &past.input, line: line.as_ref(), place, session: "", risk: &risk };
                table.judge(&call).decision == Decision::Allow
            };
            assert!(decides(&place), "{past:?}");
            place.cwd = "/home/me/x ccmon".into();
            assert!(!decides(&place), "{past:?}");
        }
    }

    #[test]
    fn it_says_what_was_said() {
        let mut denied = past("Bash", json!({"command": "git push"}));
        (denied.outcome, denied.message) = (PastOutcome::Denied, Some("not on a Friday".into()));
        let rule = promote(&denied, &place()).unwrap();
        assert_eq!(rule.action, Action::Deny { message: Some("not on a Friday".into()) });
        denied.outcome = PastOutcome::Other;
        assert_eq!(promote(&denied, &place()).unwrap().action, Action::Ask);
        assert_eq!(promote(&past("AskUserQuestion", json!({"questions": []})), &place()), None);
        assert_eq!(promote(&past("Bash", json!({"command": ""})), &place()), None);
        assert_eq!(promote(&past("Grep", json!({"pattern": "/x", "path": "/gone"})), &place()), None);
        assert_eq!(promote(&past("Read", json!({"file_path": "/gone"})), &place()).unwrap().pattern, "/gone");
    }

    #[test]
    fn names_are_words() {
        let name = |tool: &str, pattern: &str| super::name(tool, pattern, &Action::Allow, "/home/me/ccmon");
        assert_eq!(name("Bash", "git status"), "git status in ccmon");
        assert_eq!(name("Bash", "echo a\nb\u{202e}c"), "echo a b c in ccmon");
        assert_eq!(
            name("Bash", "cargo nextest run --workspace --all-features --all"),
            "cargo nextest run --workspace … in ccmon"
        );
        assert_eq!(name("Edit", "/home/me/ccmon/src/main.rs"), "edit main.rs in ccmon");
        assert_eq!(name("Edit", "/home/me/ccmon/src/*"), "edit src in ccmon");
        assert_eq!(name("WebFetch", "docs.rs"), "fetch from docs.rs in ccmon");
        assert_eq!(name("mcp__github__search", "mcp__github__search"), "github search in ccmon");
        let deny = Action::Deny { message: None };
        assert_eq!(super::name("Bash", "git push", &deny, ""), "deny git push");
    }
}
