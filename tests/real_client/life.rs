//! A whole life of a session, as ccmon tells it.

use std::process::Command;

use serde_json::json;

use crate::support::stage::Stage;

/// That these hooks, and of their kind no other, came in this order. That of a tool's start runs beside the session
/// (2.1.329), so it may come after what followed it: it is looked for only.
pub fn check_order(events: &[String], wanted: &[&str]) {
    let found: Vec<_> = events.iter().map(String::as_str).filter(|event| wanted.contains(event)).collect();
    assert_eq!(found, wanted);
    assert_eq!(events.iter().filter(|event| *event == "PreToolUse").count(), 1, "{events:?}");
}

#[test]
fn a_life_is_stored_in_order_and_ends() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    stage.ccmon.decide(&approval, json!({"decision": "allow"}));
    claude.wait_for_end_of("bash");

    let session = stage.ccmon.wait_for_state(&["done", "idle"]);
    assert_eq!(session["pid"], claude.pid());
    assert!(session["place"].as_str().is_some_and(|place| place.contains("tmux")), "{session:#}");
    assert_eq!(session["headless"], false);

    claude.exit();
    let events = stage.ccmon.wait_for_event("SessionEnd");
    let of_interest = ["SessionStart", "UserPromptSubmit", "PermissionRequest", "PostToolUse", "Stop", "SessionEnd"];
    check_order(&events, &of_interest);
    stage.ccmon.wait_for_state(&["ended"]);
}

#[test]
fn a_killed_client_ends_its_session_and_its_request() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    // No SessionEnd, no signal to the hook: only the process is gone.
    let killed = Command::new("kill").args(["-KILL", &claude.pid().to_string()]).status();
    assert!(killed.expect("kill starts").success());
    let settled = stage.ccmon.wait_for_settled(&approval["id"]);
    assert_eq!(settled["outcome"], "session_ended", "{settled:#}");
    stage.ccmon.wait_for_state(&["ended"]);
}
