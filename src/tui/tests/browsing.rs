//! Choosing, filtering, small changes, the mouse, and a daemon that comes and goes.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use serde_json::json;

use super::{Stage, session, with};
use crate::tui::message::{Command, Message};
use crate::tui::model::{Link, Mode};

fn mouse(kind: MouseEventKind, column: u16, row: u16) -> Message {
    Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

fn click(stage: &mut Stage, column: u16, row: u16) -> Vec<Command> {
    stage.tell(mouse(MouseEventKind::Down(MouseButton::Left), column, row))
}

#[test]
fn a_list_is_walked_from_need_to_need() {
    let mut stage = Stage::new(80, 24);
    let mut walked = vec![stage.selected().to_owned()];
    for _ in 0..7 {
        stage.press(KeyCode::Down);
        walked.push(stage.selected().to_owned());
    }
    assert_eq!(walked, ["2-2", "1-1", "3-3", "4-4", "6-6", "5-5", "7-7", "7-7"]);
    stage.keys("g");
    assert_eq!(stage.selected(), "2-2");
}

#[test]
fn columns_are_walked_up_down_and_sideways() {
    let mut stage = Stage::new(200, 50);
    stage.press(KeyCode::Down);
    stage.press(KeyCode::Right);
    assert_eq!(stage.selected(), "5-5");
    stage.keys("l");
    assert_eq!(stage.selected(), "7-7");
    stage.keys("lh");
    stage.press(KeyCode::Up);
    stage.press(KeyCode::Up);
    assert_eq!(stage.selected(), "6-6");
    stage.keys("hG");
    assert_eq!(stage.selected(), "4-4");
}

#[test]
fn keys_say_what_is_to_be_done_with_the_session() {
    let mut stage = Stage::new(80, 24);
    let key = || "2-2".to_owned();
    assert_eq!(stage.press(KeyCode::Enter), [Command::Jump { key: key() }]);
    assert_eq!(stage.keys("p"), [Command::Pin { key: key(), on: false }]);
    assert_eq!(stage.keys("x"), [Command::Dismiss { key: key(), on: true }]);
    assert_eq!(stage.keys("u"), [Command::Dismiss { key: key(), on: false }]);
    assert_eq!(stage.keys("u"), []);
    assert_eq!(stage.keys("r"), [Command::Refresh]);
    assert_eq!(stage.keys("q"), [Command::Quit]);
    stage.keys("tnew one");
    assert_eq!(stage.press(KeyCode::Enter), [Command::Tag { key: key(), text: Some("new one".into()) }]);
    stage.keys("t");
    assert_eq!(stage.press(KeyCode::Enter), [Command::Tag { key: key(), text: None }]);
    let control = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(stage.tell(Message::Key(control)), [Command::Quit]);
}

#[test]
fn looking_at_what_is_done_counts_as_seen() {
    let mut stage = Stage::new(80, 24);
    assert_eq!(stage.keys(" "), []);
    assert_eq!(stage.keys(" jjj"), []);
    assert_eq!(stage.selected(), "4-4");
    assert_eq!(stage.keys(" "), [Command::Seen { key: "4-4".into() }]);
}

#[test]
fn a_popup_leaves_once_the_jump_succeeded() {
    let mut stage = Stage::new(80, 24);
    stage.model.exit_after_jump = true;
    assert_eq!(stage.tell(Message::Jumped(Err("no terminal".into()))), []);
    assert_eq!(stage.status(), "no terminal");
    assert_eq!(stage.tell(Message::Jumped(Ok("Now at tmux".into()))), [Command::Quit]);
}

#[test]
fn the_filter_narrows_while_it_is_typed() {
    let mut stage = Stage::new(80, 24);
    stage.keys("/blue");
    assert_eq!(stage.selected(), "3-3");
    assert_eq!(stage.model.groups().iter().flatten().count(), 1);
    stage.press(KeyCode::Enter);
    assert!(matches!(stage.model.mode, Mode::Browse));
    stage.press(KeyCode::Esc);
    assert_eq!(stage.model.groups().iter().flatten().count(), 7);
    assert_eq!(stage.selected(), "3-3", "the selection is kept");
    stage.tell(Message::Paste("aaa".into()));
    assert_eq!(stage.model.filter(), "", "pasted text is no key");
}

#[test]
fn ended_sessions_come_from_the_daemon_and_the_store() {
    let mut stage = Stage::new(80, 24);
    assert_eq!(stage.keys("e"), [Command::LoadPast]);
    let past = [session("0-0", "ancient", "ended", 900_000), session("7-7", "blog", "ended", 1)];
    let past = past.map(|s| serde_json::from_value(s).expect("a session"));
    stage.tell(Message::Past(past.to_vec()));
    assert_eq!(stage.model.groups()[3], ["9-9", "0-0"]);
    assert_eq!(stage.keys("e"), []);
    assert!(stage.model.groups()[3].is_empty());
}

#[test]
fn the_selection_stays_with_its_session_and_then_with_its_place() {
    let mut stage = Stage::new(80, 24);
    stage.keys("jj");
    stage.frame(json!({ "type": "session_update", "session": session("3-3", "web-ui", "idle", 0) }));
    assert_eq!(stage.selected(), "3-3");
    let gone = with(session("3-3", "web-ui", "idle", 0), json!({ "dismissed": true }));
    stage.frame(json!({ "type": "session_update", "session": gone }));
    assert_eq!(stage.selected(), "7-7");
}

#[test]
fn a_restarted_daemon_is_told_of_and_changes_nothing_else() {
    let mut stage = Stage::new(80, 24);
    stage.keys("jj");
    stage.tell(Message::Lost("gone".into()));
    stage.pass(5_000);
    stage.tell(Message::Lost("still gone".into()));
    let absence = stage.model.absence().unwrap_or_default();
    assert_eq!(absence, "The daemon stopped answering at 08:00:00. This is how things stood then.");
    stage.frame(super::mixed());
    assert_eq!((stage.selected(), stage.status()), ("3-3", "Connected. This is how things stand now."));
    assert_eq!(stage.model.link, Link::Live);
}

#[test]
fn a_click_selects_and_a_second_one_jumps() {
    let mut stage = Stage::new(80, 24);
    assert_eq!(click(&mut stage, 5, 7), []);
    assert_eq!(stage.selected(), "3-3");
    stage.pass(100);
    assert_eq!(click(&mut stage, 70, 6), [Command::Jump { key: "3-3".into() }]);
    click(&mut stage, 5, 2);
    stage.pass(1_000);
    assert_eq!(click(&mut stage, 5, 2), [], "too slow for a double click");
    assert_eq!(click(&mut stage, 5, 7), [], "another row");
    assert_eq!(click(&mut stage, 5, 23), [], "no row");
}

#[test]
fn the_wheel_scrolls_what_it_is_over_and_selects_nothing() {
    let mut stage = Stage::new(80, 12);
    stage.tell(mouse(MouseEventKind::ScrollDown, 5, 5));
    assert_eq!((stage.model.scroll(0), stage.selected()), (3, "2-2"));
    stage.frame(json!({ "type": "session_update", "session": session("7-7", "blog", "idle", 1) }));
    assert_eq!(stage.model.scroll(0), 3, "news do not scroll it back");
    stage.keys("j");
    assert_eq!(stage.model.scroll(0), 3.min(stage.model.scroll(0)), "keys bring the selection into sight");
    stage.keys(" ");
    stage.tell(mouse(MouseEventKind::ScrollDown, 5, 5));
    assert_eq!(stage.model.detail_scroll(), 3);
}

#[test]
fn the_clock_wakes_only_for_what_changes() {
    let mut stage = Stage::empty(80, 24);
    assert_eq!(stage.model.wake(), None);
    stage.frame(json!({ "type": "snapshot", "sessions": [session("1-1", "p", "idle", 7_200)], "approvals": [] }));
    assert_eq!(stage.model.wake(), Some(3_600_000));
    stage.frame(json!({ "type": "session_update", "session": session("2-2", "p", "working", 5) }));
    assert_eq!(stage.model.wake(), Some(1_000));
}
