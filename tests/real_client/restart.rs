//! The daemon dies and comes back, or never comes.

use serde_json::json;

use crate::life::check_order;
use crate::support::claude::DIALOG;
use crate::support::stage::Stage;

#[test]
fn a_killed_daemon_loses_no_pending_request() {
    let mut stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let before = stage.ccmon.wait_for_pending(1).remove(0);

    stage.ccmon.kill();
    stage.ccmon.start();
    let after = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(after["id"], before["id"]);
    claude.wait_for(DIALOG);

    stage.ccmon.decide(&after, json!({"decision": "allow"}));
    claude.wait_for_end_of("bash");
    assert!(stage.has("foo"));
}

#[test]
fn yes_in_the_terminal_while_the_daemon_is_down_is_noticed_afterwards() {
    let mut stage = Stage::new();
    let claude = stage.claude();
    claude.play("endless");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    stage.ccmon.wait_for_client_status("waiting");
    // It is shown before it is stored.
    stage.ccmon.wait_for_event("PermissionRequest");

    stage.ccmon.kill();
    claude.say_yes();
    claude.wait_for_status("busy");
    stage.ccmon.start();
    let settled = stage.ccmon.wait_for_settled(&approval["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    stage.ccmon.wait_for_state(&["working"]);
}

#[test]
fn events_while_the_daemon_is_down_arrive_once_and_in_order() {
    let mut stage = Stage::new();
    let claude = stage.claude();
    stage.ccmon.wait_for_event("SessionStart");

    stage.ccmon.kill();
    claude.play("read");
    claude.wait_for_end_of("read");
    claude.wait_for_status("idle");
    stage.ccmon.start();
    stage.ccmon.wait_for_event("Stop");
    claude.exit();

    let events = stage.ccmon.wait_for_event("SessionEnd");
    let of_interest = ["SessionStart", "UserPromptSubmit", "PostToolUse", "Stop", "SessionEnd"];
    check_order(&events, &of_interest);
}

#[test]
fn without_a_daemon_the_client_works_as_if_ccmon_did_not_exist() {
    let stage = Stage::without_daemon();
    let claude = stage.claude();
    claude.play("bash");
    claude.say_yes();
    claude.wait_for_end_of("bash");
    assert!(stage.has("foo"));
    claude.wait_for_status("idle");
    assert!(!claude.shows("(?i)hook|ccmon"), "{}", claude.screen());
    claude.exit();
    assert!(!claude.shows("(?i)hook|ccmon"), "{}", claude.screen());
}

#[test]
fn a_session_goes_on_as_if_without_ccmon_when_its_program_is_removed() {
    let stage = Stage::new();
    let hook = stage.own_hook();
    let claude = stage.claude();
    stage.ccmon.wait_for_event("SessionStart");

    // As a package is removed: the settings still name the program.
    std::fs::remove_file(&hook).expect("a file of ours");
    claude.play("bash");
    claude.say_yes();
    claude.wait_for_end_of("bash");
    assert!(stage.has("foo"));
    claude.wait_for_status("idle");
    assert!(!claude.shows("(?i)hook|ccmon|not found"), "{}", claude.screen());
    claude.exit();
    assert!(!claude.shows("(?i)hook|ccmon|not found"), "{}", claude.screen());
    let heard = stage.ccmon.events();
    assert!(!heard.iter().any(|kind| kind == "UserPromptSubmit"), "the hook ran: {heard:?}");
}
