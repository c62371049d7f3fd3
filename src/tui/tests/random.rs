//! Random lives: nothing panics, and the selection is always somebody who is listed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use serde_json::json;

use super::{Stage, request, session, with};
use crate::tui::message::{Command, Message};
use crate::tui::model::Mode;

#[derive(Clone, Debug)]
enum Happening {
    Key(KeyCode, KeyModifiers),
    Click(u16, u16),
    Wheel(bool, u16, u16),
    Resize(u16, u16),
    Session(u8, usize, bool),
    Asked(u8, u8),
    Settled(u8),
    Snapshot,
    Lost,
    Pass(u64),
    Draw,
    Paste(String),
}

fn happenings() -> impl Strategy<Value = Happening> {
    let letters = "jkhlgGadxupterq?/ nq12".chars().map(KeyCode::Char);
    let others = [KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Backspace, KeyCode::Delete]
        .into_iter()
        .chain([KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right, KeyCode::Home, KeyCode::End])
        .chain([KeyCode::PageUp, KeyCode::PageDown, KeyCode::F(1)]);
    let codes: Vec<_> = letters.chain(others).collect();
    let modifiers = prop_oneof![9 => Just(KeyModifiers::NONE), 1 => Just(KeyModifiers::CONTROL)];
    prop_oneof![
        20 => (prop::sample::select(codes), modifiers).prop_map(|(code, modifiers)| Happening::Key(code, modifiers)),
        2 => (0..210u16, 0..60u16).prop_map(|(x, y)| Happening::Click(x, y)),
        2 => (any::<bool>(), 0..210u16, 0..60u16).prop_map(|(up, x, y)| Happening::Wheel(up, x, y)),
        1 => (0..210u16, 0..60u16).prop_map(|(w, h)| Happening::Resize(w, h)),
        3 => (0..12u8, 0..9usize, any::<bool>()).prop_map(|(key, state, hidden)| Happening::Session(key, state, hidden)),
        2 => (0..6u8, 0..12u8).prop_map(|(id, key)| Happening::Asked(id, key)),
        1 => (0..6u8).prop_map(Happening::Settled),
        1 => Just(Happening::Snapshot),
        1 => Just(Happening::Lost),
        2 => (0..1_000u64).prop_map(Happening::Pass),
        3 => Just(Happening::Draw),
        1 => any::<String>().prop_map(Happening::Paste),
    ]
}

const STATES: [&str; 9] =
    ["awaiting_permission", "awaiting_answer", "failed", "stuck", "done", "working", "idle", "ended", "new"];

fn happen(stage: &mut Stage, happening: Happening) -> Vec<Command> {
    let mouse = |kind, column, row| Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    match happening {
        Happening::Key(code, modifiers) => return stage.tell(Message::Key(KeyEvent::new(code, modifiers))),
        Happening::Click(x, y) => return stage.tell(mouse(MouseEventKind::Down(MouseButton::Left), x, y)),
        Happening::Wheel(true, x, y) => return stage.tell(mouse(MouseEventKind::ScrollUp, x, y)),
        Happening::Wheel(false, x, y) => return stage.tell(mouse(MouseEventKind::ScrollDown, x, y)),
        Happening::Resize(width, height) => return stage.tell(Message::Resize(width, height)),
        Happening::Lost => return stage.tell(Message::Lost("gone".into())),
        Happening::Paste(text) => return stage.tell(Message::Paste(text)),
        Happening::Pass(ms) => stage.pass(ms),
        Happening::Draw => drop(stage.draw()),
        Happening::Snapshot => stage.frame(super::mixed()),
        Happening::Session(key, state, dismissed) => {
            let session = session(&format!("{key}-{key}"), &format!("p{key}\u{1b}é日"), STATES[state], 5);
            let session = with(session, json!({ "dismissed": dismissed }));
            stage.frame(json!({ "type": "session_update", "session": session }));
        }
        Happening::Asked(id, key) => {
            let input =
                json!({ "command": "x ".repeat(usize::from(id) * 900), "\u{7}": [1, { "deep": "\t\u{202e}" }] });
            let approval = request(&id.to_string(), &format!("{key}-{key}"), "Bash", &input);
            stage.frame(json!({ "type": "approval_pending", "approval": approval }));
        }
        Happening::Settled(id) => {
            let approval = request(&id.to_string(), "1-1", "Bash", &json!({}));
            stage.frame(json!({ "type": "approval_resolved", "approval": approval }));
        }
    }
    vec![]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_selection_is_listed_and_nothing_unread_is_decided(
        width in 0..210u16, height in 0..60u16, life in prop::collection::vec(happenings(), 0..60),
    ) {
        let mut stage = Stage::new(width, height);
        for happening in life {
            let asked = match &stage.model.mode {
                Mode::Ask(ask) => Some((ask.approval().clone(), ask.armed_at())),
                _ => None,
            };
            for command in happen(&mut stage, happening) {
                if let Command::Decide { id, shown, .. } = command {
                    let (approval, armed) = asked.clone().expect("decided without a pane");
                    prop_assert_eq!((id, shown), (approval.id, approval.shown));
                    prop_assert!(armed.is_some_and(|at| at <= stage.now.steady));
                }
            }
            let listed: Vec<&String> = stage.model.groups().iter().flatten().collect();
            let selected = stage.selected().to_owned();
            prop_assert!(listed.is_empty() || listed.contains(&&selected), "{selected} of {listed:?}");
        }
        stage.draw();
    }
}
