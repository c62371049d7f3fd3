//! What people see, reviewed like prose.

use crossterm::event::KeyCode;
use insta::assert_snapshot;
use serde_json::json;

use super::{Stage, request, session};
use crate::tui::ask::ARMING_MS;
use crate::tui::message::Message;

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 50)];

/// Compares the screen at both sizes after `keys`.
fn both(name: &str, prepare: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let mut stage = Stage::new(width, height);
        prepare(&mut stage);
        assert_snapshot!(format!("{name}_{width}x{height}"), stage.draw().backend());
    }
}

#[test]
fn nothing_yet() {
    for (width, height) in SIZES {
        let mut stage = Stage::empty(width, height);
        stage.frame(json!({ "type": "snapshot", "sessions": [], "approvals": [], "trouble": null }));
        assert_snapshot!(format!("empty_{width}x{height}"), stage.draw().backend());
    }
}

#[test]
fn a_bit_of_everything() {
    both("mixed", |_| ());
}

#[test]
fn one_session_in_detail() {
    both("detail", |stage| drop(stage.keys("j ")));
}

#[test]
fn before_approving() {
    both("confirm", |stage| {
        stage.keys("ja");
        stage.draw();
        stage.pass(ARMING_MS);
    });
}

#[test]
fn before_denying() {
    both("deny", |stage| drop(stage.keys("jdno: use the staging key")));
}

#[test]
fn filtered() {
    both("filter", |stage| drop(stage.keys("/server")));
}

#[test]
fn with_ended_ones() {
    both("ended", |stage| drop(stage.keys("e")));
}

#[test]
fn the_keys() {
    both("help", |stage| drop(stage.keys("?")));
}

#[test]
fn without_its_daemon() {
    both("disconnected", |stage| drop(stage.tell(Message::Lost("gone".into()))));
    let mut stage = Stage::empty(80, 24);
    let why = "no ccmon daemon is running (nobody answers at /run/x): start `ccmon-tray`";
    stage.tell(Message::Lost(why.into()));
    assert_snapshot!("never_connected_80x24", stage.draw().backend());
}

#[test]
fn a_long_request_says_how_much_is_unread() {
    let mut stage = Stage::new(80, 24);
    let content: String = (0..40).map(|n| format!("line {n}\n")).collect();
    let write = request("0", "7-7", "Write", &json!({ "file_path": "/srv/x", "content": content }));
    stage.frame(json!({ "type": "approval_pending", "approval": write }));
    stage.press(KeyCode::End);
    stage.keys("a");
    assert_snapshot!("unread_80x24", stage.draw().backend());
}

/// All the screen shows, cell by cell.
fn cells(stage: &mut Stage) -> String {
    let terminal = stage.draw();
    terminal.backend().buffer().content.iter().map(ratatui::buffer::Cell::symbol).collect()
}

#[test]
fn nothing_that_a_terminal_obeys_is_ever_drawn() {
    let nasty = "\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{200b}\u{7}\u{8}\r\u{fe0f}\u{e0041}";
    let mut hostile = session("1-1", nasty, "working", 5);
    for name in
        ["cwd", "branch", "worktree", "model", "mode", "prompt", "message", "activity", "title", "place", "host", "tag"]
    {
        hostile[name] = nasty.into();
    }
    hostile["evidence"]["text"] = nasty.into();
    let mut asked = request("x", "1-1", nasty, &json!({ nasty: nasty, "list": [nasty] }));
    asked["agent"] = json!({ "id": "1", "type": nasty });
    asked["cwd"] = nasty.into();
    let frame = json!({ "type": "snapshot", "sessions": [hostile], "approvals": [asked], "trouble": nasty });
    for (width, height) in SIZES {
        for keys in ["", " ", "a", "d", "t", "/x"] {
            let mut stage = Stage::empty(width, height);
            stage.frame(frame.clone());
            stage.keys(keys);
            stage.tell(Message::Paste(nasty.into()));
            let drawn = cells(&mut stage);
            let bad = drawn.chars().find(|c| nasty.contains(*c) && !c.is_ascii_graphic());
            assert_eq!(bad, None, "{keys:?} at {width}×{height}");
            stage.tell(Message::Refused(nasty.into()));
            assert!(!cells(&mut stage).contains('\u{1b}'));
        }
    }
}

#[test]
fn five_hundred_sessions_are_fluid() {
    let sessions: Vec<_> = (0..500).map(|n| session(&format!("{n}-0"), &format!("p{n}"), "working", n)).collect();
    let mut stage = Stage::empty(200, 50);
    stage.frame(json!({ "type": "snapshot", "sessions": sessions, "approvals": [] }));
    stage.keys("G");
    let drawn = cells(&mut stage);
    assert!(drawn.contains("p0 ") && !drawn.contains("p499 "), "the newest is last and in sight");
    let in_sight = super::super::layout::strips(&stage.model);
    let rows: usize = in_sight.iter().map(|strip| strip.in_sight(stage.model.scroll(strip.number)).count()).sum();
    assert!(rows < 20, "only what is in sight is drawn, not {rows}");
}
