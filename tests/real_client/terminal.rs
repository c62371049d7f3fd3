//! Somebody answers in the terminal, and ccmon has to notice.

use crate::support::stage::Stage;

#[test]
fn yes_in_the_terminal_settles_the_request() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    claude.say_yes();
    let settled = stage.ccmon.wait_for_settled(&approval["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    assert_eq!(settled["by"], "terminal");
    claude.wait_for_end_of("bash");
    assert!(stage.has("foo"));
    stage.ccmon.wait_for_state(&["done", "idle"]);
}

#[test]
fn yes_settles_the_request_at_once_however_long_the_command_runs() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("endless");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    claude.say_yes();
    // No hook tells this: the command never ends.
    let settled = stage.ccmon.wait_for_settled(&approval["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    claude.wait_for_status("busy");
    stage.ccmon.wait_for_state(&["working"]);

    // Nor does any hook tell that Escape ended it.
    claude.press(&["Escape"]);
    stage.ccmon.wait_for_state(&["done", "idle"]);
}

#[test]
fn no_in_the_terminal_settles_the_request() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    claude.say_no();
    let settled = stage.ccmon.wait_for_settled(&approval["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    assert!(!stage.has("foo"));
    stage.ccmon.wait_for_state(&["done", "idle"]);
}

#[test]
fn escape_in_the_terminal_settles_the_request() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    claude.answer("Escape");
    let settled = stage.ccmon.wait_for_settled(&approval["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    assert!(!stage.has("foo"));
    stage.ccmon.wait_for_state(&["done", "idle"]);
}
