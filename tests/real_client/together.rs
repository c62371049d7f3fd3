//! Two requests of one session: an answer settles the one it was meant for.

use regex::Regex;
use serde_json::{Value, json};

use crate::support::claude::{Claude, DIALOG};
use crate::support::stage::Stage;

#[test]
fn commands_one_after_the_other_are_two_requests() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("pair");
    let first = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(first["input"]["command"], "touch first");

    claude.say_yes();
    let settled = stage.ccmon.wait_for_settled(&first["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    let second = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(second["input"]["command"], "touch second");
    assert!(stage.has("first"));
    assert!(!stage.has("second"));

    stage.ccmon.decide(&second, json!({"decision": "allow"}));
    claude.wait_for_end_of("pair");
    assert!(stage.has("second"));
}

#[test]
fn yes_to_the_first_dialog_leaves_the_other_request_alone() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("reads");
    let pending = stage.ccmon.wait_for_pending(2);
    let (asked, other) = by_dialog(&claude, pending);

    claude.say_yes();
    let settled = stage.ccmon.wait_for_settled(&asked["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    claude.wait_for("2 of 2");
    assert_eq!(stage.ccmon.approval(&other["id"])["state"], "pending");
    stage.ccmon.wait_for_state(&["awaiting_permission"]);

    claude.say_yes();
    let settled = stage.ccmon.wait_for_settled(&other["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    claude.wait_for_end_of("reads");
}

#[test]
fn allowing_one_leaves_the_other_request_alone() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("reads");
    let pending = stage.ccmon.wait_for_pending(2);
    let (asked, other) = by_dialog(&claude, pending);

    stage.ccmon.decide(&asked, json!({"decision": "allow"}));
    claude.wait_for("2 of 2");
    assert_eq!(stage.ccmon.approval(&other["id"])["state"], "pending");
    let answer = stage.ccmon.decide(&other, json!({"decision": "allow"}));
    assert_eq!(answer["outcome"], "allowed");
    claude.wait_for_end_of("reads");
}

#[test]
fn escape_ends_both() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("reads");
    let pending = stage.ccmon.wait_for_pending(2);
    claude.wait_for("1 of 2");

    claude.answer("Escape");
    for approval in pending {
        let settled = stage.ccmon.wait_for_settled(&approval["id"]);
        assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    }
    stage.ccmon.wait_for_state(&["done", "idle"]);
}

/// The request whose dialog is on the screen, and the other one: the client shows two in any order.
fn by_dialog(claude: &Claude, mut pending: Vec<Value>) -> (Value, Value) {
    claude.wait_for("1 of 2");
    claude.wait_for(DIALOG);
    let screen = claude.screen();
    let path = Regex::new(r"(?s).*Read\(.*?(one|two)\.txt\)").expect("a valid pattern");
    let shown = path.captures(&screen).unwrap_or_else(|| panic!("which file?\n{screen}"))[1].to_owned();
    let is_shown = |approval: &Value| approval["input"]["file_path"].to_string().contains(&shown);
    let at = pending.iter().position(is_shown).unwrap_or_else(|| panic!("{shown} is not pending"));
    let asked = pending.remove(at);
    (asked, pending.remove(0))
}
