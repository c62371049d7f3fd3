//! *Always allow*: what Claude suggested is written where it was said, and is not asked again.

use serde_json::{Value, json};

use super::dialogs::{answered, asked, unasked};
use crate::support::stage::Stage;

/// The client's rules that allow, in a file of settings; none where there is no file.
fn allowed(stage: &Stage, file: &str) -> Vec<String> {
    let text = stage.read(file).unwrap_or_default();
    let settings: Value = serde_json::from_str(&text).unwrap_or_default();
    let rules = settings["permissions"]["allow"].as_array().cloned().unwrap_or_default();
    rules.iter().map(|rule| rule.as_str().unwrap_or_default().to_owned()).collect()
}

/// Echoes all that was suggested, and it was this.
fn echoed(approval: &Value, kind: &str, destination: &str) -> Value {
    let suggestions = &approval["suggestions"];
    let told = (&suggestions[0]["type"], &suggestions[0]["destination"]);
    assert_eq!(told, (&json!(kind), &json!(destination)), "{approval:#}");
    json!({ "decision": "allow", "updated_permissions": suggestions })
}

#[test]
fn a_rule_is_written_where_it_was_said() {
    let stage = Stage::new();
    let claude = stage.claude();
    let files = ["project/.claude/settings.local.json", "project/.claude/settings.json", "home/.claude/settings.json"];
    let usual = stage.read(files[2]);

    answered(&stage, &claude, "npm", |a| echoed(a, "addRules", "localSettings"));
    assert_eq!(files.map(|file| allowed(&stage, file)), [vec!["Bash(npm run *)".to_owned()], vec![], vec![]]);
    unasked(&stage, &claude, "npm");

    // For this session: nothing is written, and nothing asked again.
    answered(&stage, &claude, "read_elsewhere", |a| echoed(a, "addRules", "session"));
    assert_eq!(files.map(|file| allowed(&stage, file).len()), [1, 0, 0]);
    unasked(&stage, &claude, "read_elsewhere");
    assert_eq!(stage.read(files[2]), usual, "its own settings, with our hooks, are as they were");
}

#[test]
fn what_was_not_suggested_is_refused_and_the_dialog_stands() {
    let stage = Stage::new();
    let claude = stage.claude();
    let approval = asked(&stage, &claude, "npm");
    let mut wider = approval["suggestions"].clone();
    wider[0]["rules"][0]["ruleContent"] = json!("*");
    let body = json!({ "shown": approval["shown"], "decision": "allow", "updated_permissions": wider });
    let path = format!("/approvals/{}/decision", approval["id"].as_str().expect("an id"));
    let (status, answer) = stage.ccmon.ask("POST", &path, &body);
    assert_eq!(status, 422, "{answer}");
    assert_eq!(stage.ccmon.pending().len(), 1);
    claude.say_no();
    stage.ccmon.wait_for_settled(&approval["id"]);
}

#[test]
fn a_mode_is_changed_for_this_session() {
    let stage = Stage::new();
    let claude = stage.claude();
    answered(&stage, &claude, "write", |a| echoed(a, "setMode", "session"));
    claude.wait_for("accept edits on");
    unasked(&stage, &claude, "write_more");
    assert!(stage.has("new.txt") && stage.has("more.txt"));
}

#[test]
fn a_directory_is_added_for_this_session() {
    let stage = Stage::new();
    let claude = stage.claude();
    answered(&stage, &claude, "bash", |a| echoed(a, "addDirectories", "session"));
    assert!(stage.has("foo"));
    claude.wait_for("accept edits on");
    unasked(&stage, &claude, "write");
}
