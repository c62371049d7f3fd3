//! Rules answer the real client, or leave it its dialog.

use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::{Value, json};

use crate::support::claude::{Claude, DIALOG};
use crate::support::stage::Stage;
use crate::support::{PATIENCE, wait_until};

/// Plays a scene to its end, and nobody is there to press a key. Whether a dialog was drawn meanwhile: the
/// client waits a moment for its hooks, and for an edit it does not.
fn play_alone(claude: &Claude, scene: &str) -> bool {
    claude.play(scene);
    let (dialog, mut drawn) = (Regex::new(DIALOG).expect("a valid pattern"), false);
    let over = || {
        let screen = claude.screen();
        drawn |= dialog.is_match(&screen);
        screen.contains(&format!("DONE {scene}")).then_some(())
    };
    wait_until(PATIENCE, over, || format!("never the end of {scene}:\n{}", claude.screen()));
    assert!(!claude.shows(DIALOG), "the dialog is still there:\n{}", claude.screen());
    drawn
}

/// A request that a rule answered, before it was anybody else's.
fn check_by_rule(request: &Value, id: i64) {
    assert_eq!((&request["by"], &request["rule"]["id"]), (&json!("rule"), &json!(id)), "{request:#}");
}

/// A new rule: its number.
fn add(stage: &Stage, rule: &Value) -> i64 {
    let (status, view) = stage.ccmon.ask("POST", "/rules", rule);
    assert_eq!(status, 201, "{rule}: {view}");
    view["id"].as_i64().expect("a number")
}

/// A rule about `touch`.
fn touch(action: &str) -> Value {
    json!({ "name": "touch", "tool": "Bash", "kind": "glob", "pattern": "touch *", "action": action, "lasts": "forever" })
}

fn rules(stage: &Stage) -> Vec<Value> {
    stage.ccmon.get("/rules").expect("the rules")["rules"].as_array().expect("a list").clone()
}

/// The only request that there ever was.
fn only(stage: &Stage) -> Value {
    let all = stage.ccmon.get("/approvals?state=all").expect("the requests");
    let all = all["approvals"].as_array().expect("a list");
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0].clone()
}

/// The hooks of tool calls, in order; that of the start, which the session does not wait for, aside.
fn calls(stage: &Stage) -> Vec<String> {
    let of_calls = ["PermissionRequest", "PostToolUse"];
    stage.ccmon.events().into_iter().filter(|event| of_calls.contains(&event.as_str())).collect()
}

/// A busy machine may start the hook too late for the client's patience; for a while, not always. (With a hook for the
/// tool's start that the session waits for, it was drawn 17 times of 17.)
#[test]
fn an_allow_rule_answers_before_the_dialog_is_drawn() {
    let undrawn = || {
        let stage = Stage::new();
        add(&stage, &touch("allow"));
        (!play_alone(&stage.claude(), "bash") && stage.has("foo")).then_some(())
    };
    wait_until(2 * PATIENCE, undrawn, || "the dialog was drawn each time".into());
}

#[test]
fn an_allow_rule_answers_and_nobody_else_has_to() {
    let stage = Stage::new();
    let id = add(&stage, &touch("allow"));
    let claude = stage.claude();
    play_alone(&claude, "bash");
    assert!(stage.has("foo"));
    check_by_rule(&only(&stage), id);
    stage.ccmon.wait_for_event("PostToolUse");
    assert_eq!(calls(&stage), ["PermissionRequest", "PostToolUse"]);
    stage.ccmon.wait_for_state(&["done", "idle"]);
}

#[test]
fn a_rule_on_trial_leaves_the_dialog() {
    let stage = Stage::new();
    let mut rule = touch("allow");
    rule["dry_run"] = json!(true);
    let id = add(&stage, &rule);
    let claude = stage.claude();
    claude.play("bash");
    claude.wait_for(DIALOG);
    let request = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(request["trial"], json!([{ "id": id, "name": "touch", "decision": "allow" }]));
    assert!(!stage.has("foo"), "it ran before anybody allowed it");
    claude.say_yes();
    claude.wait_for_end_of("bash");
    assert!(stage.has("foo"));
    let settled = stage.ccmon.wait_for_settled(&request["id"]);
    assert_eq!((&settled["by"], &rules(&stage)[0]["matches"]), (&json!("terminal"), &json!(1)));
}

#[test]
fn a_deny_rule_tells_claude_why() {
    let stage = Stage::new();
    let mut rule = touch("deny");
    rule["message"] = json!("Write files with the \"Write\" tool.");
    let id = add(&stage, &rule);
    let claude = stage.claude();
    play_alone(&claude, "bash");
    check_by_rule(&only(&stage), id);
    let heard = stage.model.tool_results("bash#end");
    assert!(heard.iter().any(|text| text.contains("Write files with the \"Write\" tool.")), "{heard:?}");
    assert!(!stage.has("foo"));
    assert_eq!(only(&stage)["outcome"], "denied");
}

#[test]
fn paused_rules_leave_the_dialog_at_once() {
    let stage = Stage::new();
    add(&stage, &touch("allow"));
    let claude = stage.claude();
    play_alone(&claude, "bash");
    assert_eq!(stage.ccmon.ask("POST", "/rules/pause", &Value::Null).0, 200);
    claude.play("bash");
    claude.wait_for(DIALOG);
    let request = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(request["rule"], Value::Null);

    // Resumed, they answer what comes, not what waits.
    assert_eq!(stage.ccmon.ask("POST", "/rules/resume", &Value::Null).0, 200);
    assert_eq!(stage.ccmon.pending().len(), 1);
    stage.ccmon.decide(&request, json!({ "decision": "deny" }));
    claude.wait_for_status("idle");
    assert!(!claude.shows(DIALOG), "the dialog is still there");
}

#[test]
fn a_rule_for_this_session_ends_with_it() {
    let stage = Stage::new();
    let claude = stage.claude();
    let session = stage.ccmon.wait_for_state(&["idle"]);
    let mut rule = touch("allow");
    (rule["lasts"], rule["session"]) = (json!("session"), session["key"].clone());
    add(&stage, &rule);
    play_alone(&claude, "bash");
    assert_eq!(rules(&stage).len(), 1);

    claude.exit();
    stage.ccmon.wait_for_state(&["ended"]);
    assert_eq!(rules(&stage), Vec::<Value>::new());
    let next = stage.claude();
    next.play("bash");
    next.wait_for(DIALOG);
    assert_eq!(stage.ccmon.wait_for_pending(1).remove(0)["rule"], Value::Null);
    next.say_no();
}

#[test]
fn a_rule_for_a_folder_lets_files_be_edited_there_and_nowhere_else() {
    let stage = Stage::new();
    let claude = stage.claude();
    let session = stage.ccmon.wait_for_state(&["idle"]);
    let project = session["cwd"].as_str().expect("a folder");
    let folder = json!({ "name": "edit here", "tool": "Edit", "kind": "glob", "pattern": format!("{project}/**"),
                         "action": "allow", "lasts": "forever" });
    let id = add(&stage, &folder);
    play_alone(&claude, "edit");
    let edited = fs::read_to_string(Path::new(project).join("hello.txt")).expect("a file");
    assert_eq!(edited, "goodbye world\n");
    assert_eq!(only(&stage)["tool"], "Edit");
    check_by_rule(&only(&stage), id);

    claude.play("edit_elsewhere");
    for tool in ["Read", "Edit"] {
        let asked = || stage.ccmon.pending().into_iter().find(|request| request["tool"] == tool);
        let request = wait_until(PATIENCE, asked, || format!("nobody asks for {tool}:\n{}", claude.screen()));
        assert_eq!(request["rule"], Value::Null);
        stage.ccmon.decide(&request, json!({ "decision": "allow" }));
    }
    claude.wait_for_end_of("edit_elsewhere");
}

#[test]
fn a_rule_for_a_host_denies_a_fetch() {
    let stage = Stage::new();
    let host = json!({ "name": "no docs", "tool": "WebFetch", "kind": "glob", "pattern": "*.example.org",
                       "action": "deny", "message": "The docs are in doc/.", "lasts": "forever" });
    add(&stage, &host);
    let claude = stage.claude();
    play_alone(&claude, "fetch");
    let heard = stage.model.tool_results("fetch#end");
    assert!(heard.iter().any(|text| text.contains("The docs are in doc/.")), "{heard:?}");
}

#[test]
fn a_rule_for_a_tool_of_a_server_is_for_that_tool() {
    let stage = Stage::new();
    let rule = json!({ "name": "read", "tool": "mcp__demo__read", "kind": "glob", "pattern": "*", "action": "allow",
                       "lasts": "forever" });
    add(&stage, &rule);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mcp-demo.sh");
    let servers = json!({ "mcpServers": { "demo": { "command": "/bin/sh", "args": [script] } } });
    let claude = stage.claude_with(&["--strict-mcp-config", "--mcp-config", &servers.to_string()]);
    claude.play("mcp");
    let request = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!((&request["tool"], &request["rule"]), (&json!("mcp__demo__write"), &Value::Null));
    let heard = stage.model.tool_results("mcp#1");
    assert!(heard.iter().any(|text| text.contains("The demo was called.")), "{heard:?}");
    assert_eq!(rules(&stage)[0]["matches"], 1);
    stage.ccmon.decide(&request, json!({ "decision": "deny" }));
    claude.wait_for_end_of("mcp");
}

#[test]
fn without_a_terminal_a_rule_answers_what_would_be_denied() {
    let stage = Stage::new();
    add(&stage, &touch("allow"));
    let printed = stage.print("bash").finish();
    assert!(printed.contains("DONE bash"), "{printed}");
    assert!(stage.has("foo"));
    assert_eq!(only(&stage)["by"], "rule");
}
