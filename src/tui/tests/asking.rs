//! Deciding: nothing is sent that was not read.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::json;

use super::{Stage, request, with};
use crate::tui::ask::ARMING_MS;
use crate::tui::message::{Answer, Command, Message};
use crate::tui::model::Mode;

/// A screen whose selected session has the requests `a` and `b`.
fn asked() -> Stage {
    let mut stage = Stage::new(80, 24);
    stage.keys("j");
    stage
}

/// The same, with the pane opened by `key`, drawn, and armed.
fn armed(key: &str) -> Stage {
    let mut stage = asked();
    assert_eq!(stage.keys(key), []);
    stage.draw();
    stage.pass(ARMING_MS);
    stage
}

fn decide(id: &str, answer: Answer) -> [Command; 1] {
    [Command::Decide { id: id.into(), shown: format!("hash-{id}"), answer }]
}

fn is_asking(stage: &Stage) -> bool {
    matches!(stage.model.mode, Mode::Ask(_))
}

#[test]
fn approving_takes_two_keys_and_time_to_read() {
    let mut stage = asked();
    assert_eq!(stage.keys("aa"), []);
    stage.pass(10_000);
    assert_eq!(stage.keys("a"), [], "it was never drawn");
    stage.draw();
    stage.pass(ARMING_MS - 1);
    assert_eq!(stage.keys("a"), [], "too early");
    stage.pass(ARMING_MS - 1);
    assert_eq!(stage.press(KeyCode::Enter), [], "a key that came too early begins the wait anew");
    stage.pass(ARMING_MS);
    assert_eq!(stage.press(KeyCode::Enter), decide("a", Answer::Allow));
    assert!(!is_asking(&stage));
}

#[test]
fn a_key_that_is_held_down_decides_nothing() {
    let mut stage = asked();
    stage.keys("a");
    // Keyboards wait between a quarter and two thirds of a second before they repeat.
    for pause in [660, 30, 30, 700, 5_000] {
        stage.draw();
        stage.pass(pause);
        assert_eq!(stage.keys("a"), []);
    }
    assert!(is_asking(&stage));
}

#[test]
fn a_decision_is_sent_once() {
    let mut stage = armed("a");
    assert_eq!(stage.press(KeyCode::Enter), decide("a", Answer::Allow));
    assert_eq!(stage.keys("a"), []);
    assert_eq!((stage.status(), is_asking(&stage)), ("Your decision is on its way.", false));
    stage.tell(Message::Decided { id: "a".into(), result: Err("it was answered in the terminal".into()) });
    assert_eq!(stage.status(), "Not decided: it was answered in the terminal");
    stage.keys("a");
    assert!(is_asking(&stage), "what was refused can be tried again");
}

#[test]
fn leaving_decides_nothing() {
    let mut stage = armed("a");
    assert_eq!(stage.press(KeyCode::Esc), []);
    assert!(!is_asking(&stage));
}

#[test]
fn a_long_request_has_to_be_read_to_its_end() {
    let mut stage = asked();
    let command: String = (0..60).map(|n| format!("echo {n}\n")).collect();
    let long = with(request("long", "1-1", "Bash", &json!({ "command": command })), json!({ "opened": 0 }));
    stage.frame(json!({ "type": "approval_pending", "approval": long }));
    stage.keys("a");
    stage.draw();
    stage.pass(ARMING_MS);
    assert_eq!(stage.keys("a"), []);
    assert_eq!(stage.status(), "Read it to its end first.");
    stage.press(KeyCode::End);
    stage.draw();
    stage.pass(ARMING_MS);
    assert_eq!(stage.press(KeyCode::Enter), [], "what was jumped over was not read");
    for _ in 0..5 {
        stage.draw();
        stage.press(KeyCode::PageDown);
    }
    assert_eq!(stage.keys("a"), [], "the last page was not drawn yet");
    stage.draw();
    stage.pass(ARMING_MS);
    assert_eq!(stage.press(KeyCode::Enter), decide("long", Answer::Allow));
}

#[test]
fn a_terminal_without_room_decides_nothing() {
    let mut stage = asked();
    stage.tell(Message::Resize(80, 6));
    stage.keys("a");
    for _ in 0..20 {
        stage.draw();
        stage.pass(ARMING_MS);
        stage.press(KeyCode::PageDown);
        assert_eq!(stage.keys("a"), []);
    }
}

#[test]
fn other_lines_have_to_be_read_again() {
    let mut stage = armed("a");
    stage.tell(Message::Resize(60, 20));
    assert_eq!(stage.keys("a"), []);
    stage.draw();
    stage.pass(ARMING_MS);
    assert_eq!(stage.press(KeyCode::Enter), decide("a", Answer::Allow));
}

#[test]
fn a_danger_that_becomes_known_is_read_before_anything_is_decided() {
    let mut stage = asked();
    let plain = with(request("a", "1-1", "Bash", &json!({ "command": "make" })), json!({ "opened": 0 }));
    stage.frame(json!({ "type": "approval_pending", "approval": plain }));
    stage.keys("a");
    stage.draw();
    stage.pass(ARMING_MS);
    let risk = json!({ "level": "medium", "findings": [{ "level": "medium", "text": "Builds the project." }] });
    stage.frame(json!({ "type": "approval_pending", "approval": with(plain, json!({ "risk": risk })) }));
    assert_eq!(stage.keys("a"), []);
    let drawn = stage.draw().backend().to_string();
    assert!(drawn.contains("Medium risk") && drawn.contains("· Builds the project."), "{drawn}");
    stage.pass(ARMING_MS);
    assert_eq!(stage.press(KeyCode::Enter), decide("a", Answer::Allow));
}

#[test]
fn what_changes_under_the_hand_is_not_decided() {
    let mut stage = armed("a");
    let changed = with(request("a", "1-1", "Bash", &json!({ "command": "rm -rf /" })), json!({ "shown": "other" }));
    stage.frame(json!({ "type": "approval_pending", "approval": changed }));
    assert_eq!(stage.keys("a"), []);
    stage.draw();
    stage.pass(ARMING_MS);
    let expected = Command::Decide { id: "a".into(), shown: "other".into(), answer: Answer::Allow };
    assert_eq!(stage.press(KeyCode::Enter), [expected]);
}

#[test]
fn what_was_settled_elsewhere_says_so_and_takes_no_key_for_another() {
    let mut stage = armed("a");
    let settled = json!({ "outcome": "answered_in_terminal", "by": "terminal", "state": "settled" });
    let settled = with(request("a", "1-1", "Bash", &json!({})), settled);
    stage.frame(json!({ "type": "approval_resolved", "approval": settled }));
    stage.draw();
    stage.pass(10 * ARMING_MS);
    // Whoever was about to press, or types a reason, must not meet the next request.
    assert_eq!(stage.keys("use cargo check instead xqa"), []);
    assert_eq!(stage.press(KeyCode::Enter), []);
    assert!(
        is_asking(&stage)
            && stage.draw().backend().to_string().contains("Answered in the terminal: Bash in api-server")
    );
    stage.press(KeyCode::Esc);
    assert!(!is_asking(&stage));
}

#[test]
fn without_a_daemon_nothing_is_sent() {
    let mut stage = armed("a");
    stage.tell(Message::Lost("gone".into()));
    assert_eq!(stage.keys("a"), []);
    assert_eq!(stage.status(), "ccmon is not answering: nothing was sent.");
    stage.press(KeyCode::Esc);
    stage.keys("a");
    assert!(!is_asking(&stage));
}

#[test]
fn denying_may_tell_why() {
    let mut stage = armed("d");
    assert_eq!(stage.keys("not a q"), [], "letters are text here");
    assert_eq!(stage.press(KeyCode::Enter), decide("a", Answer::Deny(Some("not a q".into()))));
    assert_eq!(armed("d").press(KeyCode::Enter), decide("a", Answer::Deny(None)));
}

#[test]
fn pasted_text_decides_nothing() {
    let mut stage = armed("a");
    assert_eq!(stage.tell(Message::Paste("a\na\n".into())), []);
    assert!(is_asking(&stage));
    let mut stage = armed("d");
    assert_eq!(stage.tell(Message::Paste("first\nsecond\n".into())), []);
    assert_eq!(stage.press(KeyCode::Enter), decide("a", Answer::Deny(Some("first second".into()))));
}

#[test]
fn a_request_is_handed_over_to_its_terminal_once() {
    let mut stage = asked();
    assert_eq!(stage.press(KeyCode::Char('o')), decide("a", Answer::Release));
    assert_eq!(stage.press(KeyCode::Char('o')), []);
    assert_eq!(stage.status(), "Your decision is on its way.");
}

#[test]
fn the_focused_request_is_the_one_decided() {
    let mut stage = asked();
    stage.press(KeyCode::Tab);
    stage.keys("a");
    stage.draw();
    stage.pass(ARMING_MS);
    assert_eq!(stage.press(KeyCode::Enter), decide("b", Answer::Allow));
    stage.press(KeyCode::Tab);
    assert_eq!(stage.model.focused().map(|(number, _)| number), Some(0), "they go round");
}

#[test]
fn a_key_with_a_modifier_is_not_that_key() {
    let mut stage = asked();
    stage.tell(Message::Key(KeyEvent::new(KeyCode::Char('a'), KeyModifiers::CONTROL)));
    stage.tell(Message::Key(KeyEvent::new(KeyCode::Char('a'), KeyModifiers::ALT)));
    assert!(!is_asking(&stage));
    let mut stage = armed("a");
    assert_eq!(stage.tell(Message::Key(KeyEvent::new(KeyCode::Char('a'), KeyModifiers::CONTROL))), []);
}
