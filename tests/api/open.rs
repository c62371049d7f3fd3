//! Asking for windows: who shows them is told, and nothing is ever decided.

use ccmon::api::{Open, Opening};
use ccmon::core::{ApprovalId, Board};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;

use crate::house::{House, ask, posted};

const ID: &str = "00000000000000000000000000000003";

/// A house where a request waits, and somebody shows windows.
async fn asked() -> (House, Receiver<Opening>) {
    let house = House::open();
    let windows = house.hub.opens.subscribe();
    drop(house.hold(ID).await);
    (house, windows)
}

async fn open(house: &House, body: &Value) -> (u16, String) {
    ask(house.unix().await, &posted("POST /open HTTP/1.1\r\nHost: ccmon", &body.to_string())).await
}

fn board(house: &House) -> std::sync::Arc<Board> {
    house.hub.board.borrow().clone()
}

#[tokio::test]
async fn what_is_wanted_reaches_the_windows_and_decides_nothing() {
    let (house, mut windows) = asked().await;
    let key = board(&house).sessions.keys().next().expect("a session").clone();
    let session_id = format!("session-of-{ID}");
    for (body, what) in [
        (json!({ "approval": ID }), Open::Approval(ApprovalId(ID.into()))),
        (json!({ "session": key.to_string() }), Open::Session(key.clone())),
        (json!({ "session": session_id }), Open::Session(key)),
        (json!({ "next": true }), Open::Next),
        (json!({ "popup": true }), Open::Popup),
        (json!({ "dashboard": true }), Open::Dashboard),
    ] {
        assert_eq!(open(&house, &body).await.0, 204, "{body}");
        assert_eq!(windows.try_recv(), Ok(Opening::from(what)), "{body}");
    }
    let pending = board(&house).pending().len();
    assert!(pending == 1 && !house.asked.lock().expect("no panic").iter().any(|ask| ask.starts_with("Decide")));
}

#[tokio::test]
async fn the_leave_to_take_the_focus_goes_along() {
    let (house, mut windows) = asked().await;
    let leave = "xfce4-panel/ccmon/4711-0-host_TIME123456";
    assert_eq!(open(&house, &json!({ "dashboard": true, "activation": leave })).await.0, 204);
    assert_eq!(windows.try_recv(), Ok(Opening { what: Open::Dashboard, leave: Some(leave.into()) }));
    assert_eq!(open(&house, &json!({ "dashboard": true, "activation": null })).await.0, 204);
    assert_eq!(windows.try_recv(), Ok(Open::Dashboard.into()));
    for odd in [json!(""), json!("a b"), json!("a\nb"), json!("x".repeat(513)), json!(7)] {
        assert_eq!(open(&house, &json!({ "dashboard": true, "activation": odd })).await.0, 422, "{odd}");
    }
    assert!(windows.try_recv().is_err());
}

#[tokio::test]
async fn what_is_not_there_or_makes_no_sense_opens_nothing() {
    let (house, mut windows) = asked().await;
    for (body, status) in [
        (json!({ "approval": "0".repeat(32) }), 404),
        (json!({ "approval": "../../x" }), 404),
        (json!({ "approval": "a".repeat(1_000_000) }), 404),
        (json!({ "session": "no-such" }), 404),
        (json!({ "session": "a\u{0}b" }), 404),
        (json!({ "session": "" }), 404),
        (json!({}), 422),
        (json!({ "next": false }), 422),
        (json!({ "next": "yes" }), 422),
        (json!({ "approval": ID, "decision": "allow" }), 422),
        (json!({ "next": true, "popup": true }), 422),
        (json!({ "settings": true }), 422),
        (json!([]), 422),
    ] {
        let (said, answer) = open(&house, &body).await;
        assert_eq!(said, status, "{answer}");
    }
    assert!(windows.try_recv().is_err());
}

#[tokio::test]
async fn where_nobody_shows_windows_it_is_said_what_to_do() {
    let (house, windows) = asked().await;
    drop(windows);
    let (status, answer) = open(&house, &json!({ "approval": ID })).await;
    assert!(status == 409 && answer.contains("ccmon-tray"), "{answer}");
    assert_eq!(open(&house, &json!({ "approval": "0".repeat(32) })).await.0, 404, "which is the worse");
}
