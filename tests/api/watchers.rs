//! Who watches over the WebSocket.

use std::sync::Arc;

use ccmon::api::Change;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::house::{CHANGES, House, PATIENCE};

const ID: &str = "00000000000000000000000000000003";

#[tokio::test]
async fn a_watcher_that_lagged_is_shown_the_whole_picture_and_nothing_older() {
    let house = House::open();
    let mut watcher = watch(&house).await;
    assert_eq!(next(&mut watcher).await.expect("a frame")["type"], "snapshot");
    let _hook = house.hold(ID).await;
    assert_eq!(next(&mut watcher).await.expect("a frame")["type"], "approval_pending");
    let approval = house.hub.board.borrow().pending()[0].clone();
    // All in one moment: the watcher sees none of them come.
    for _ in 0..=CHANGES {
        let _ = house.hub.changes.send(Change::Pending(Arc::clone(&approval)));
    }
    let snapshot = next(&mut watcher).await.expect("a frame");
    assert_eq!((&snapshot["type"], &snapshot["approvals"][0]["id"]), (&"snapshot".into(), &ID.into()));
    let _ = house.hub.changes.send(Change::Resolved(approval));
    assert_eq!(next(&mut watcher).await.expect("a frame")["type"], "approval_resolved");
}

#[tokio::test]
async fn watching_ends_with_the_daemon() {
    let house = House::open();
    let mut watcher = watch(&house).await;
    next(&mut watcher).await.expect("a frame");
    house.stop.send_replace(true);
    house.engine.abort();
    assert_eq!(next(&mut watcher).await, None);
}

#[tokio::test]
async fn a_big_message_ends_the_watching() {
    use futures_util::SinkExt;
    let house = House::open();
    let mut watcher = watch(&house).await;
    watcher.send(Message::Text("hello".into())).await.expect("small talk is not listened to");
    next(&mut watcher).await.expect("a frame");
    let _ = watcher.send(Message::Text("x".repeat(1 << 20).into())).await;
    assert_eq!(next(&mut watcher).await, None);
}

#[tokio::test]
async fn one_that_never_reads_holds_nobody_up() {
    let house = House::open();
    let silent = watch(&house).await;
    let mut watcher = watch(&house).await;
    next(&mut watcher).await.expect("a frame");
    let _hook = house.hold(ID).await;
    next(&mut watcher).await.expect("a frame");
    let approval = house.hub.board.borrow().pending()[0].clone();
    for _ in 0..5_000 {
        let _ = house.hub.changes.send(Change::Pending(Arc::clone(&approval)));
        assert_eq!(next(&mut watcher).await.expect("a frame")["approval"]["id"], ID);
    }
    drop(silent);
}

async fn watch(house: &House) -> WebSocketStream<UnixStream> {
    tokio_tungstenite::client_async("ws://ccmon/ws", house.unix().await).await.expect("an upgrade").0
}

/// The next frame; `None` when there will be none.
async fn next(watcher: &mut WebSocketStream<UnixStream>) -> Option<Value> {
    loop {
        match tokio::time::timeout(PATIENCE, watcher.next()).await.expect("in time") {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).ok(),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return None,
        }
    }
}
