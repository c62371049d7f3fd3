//! Who watches over the WebSocket.

use std::sync::Arc;

use ccmon::api::{Change, Frames, StoredEvent};
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

#[tokio::test]
async fn what_comes_fast_is_told_together() {
    let house = House::with_changes(1_024);
    let mut frames = Frames::new(house.hub.clone(), false);
    let first = frames.next().await.expect("frames");
    assert_eq!((&first[0]["type"], &first[0]["started"]), (&"snapshot".into(), &7.into()));
    assert_eq!(first[0]["version"], env!("CARGO_PKG_VERSION"));
    let _hook = house.hold(ID).await;
    let session = house.hub.board.borrow().sessions.values().next().expect("a session").clone();
    frames.next().await.expect("the request");
    for number in 1..=200 {
        let mut changed = (*session).clone();
        changed.tag = Some(format!("tag {number}"));
        let _ = house.hub.changes.send(Change::Session(changed.into()));
        let _ = house.hub.changes.send(Change::Rules);
    }
    let told = frames.next().await.expect("frames");
    let kinds: Vec<_> = told.iter().map(|frame| frame["type"].as_str().expect("a type")).collect();
    assert_eq!(kinds, ["session_update", "rules"]);
    assert_eq!(told[0]["session"]["tag"], "tag 200", "the newest");

    // What a person waits for is not kept, nor does it overtake what came before it.
    let approval = house.hub.board.borrow().pending()[0].clone();
    let _ = house.hub.changes.send(Change::Session(session));
    let _ = house.hub.changes.send(Change::Pending(approval));
    let told = frames.next().await.expect("frames");
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[1]["type"], "approval_pending");
}

#[tokio::test]
async fn events_come_without_payloads_when_asked_so() {
    let house = House::open();
    let event = Arc::new(StoredEvent {
        id: 4,
        at: 5,
        session: "s-one".into(),
        session_id: "one".into(),
        kind: "Stop".into(),
        payload: serde_json::value::to_raw_value(&serde_json::json!({ "large": 1 })).expect("JSON"),
    });
    for (path, expected) in [("/ws?payloads=0", None), ("/ws", Some(1)), ("/ws?payloads=1", Some(1))] {
        let mut watcher = watch_at(&house, path).await;
        next(&mut watcher).await.expect("a frame");
        let _ = house.hub.changes.send(Change::Event(Arc::clone(&event)));
        let frame = next(&mut watcher).await.expect("a frame");
        assert_eq!((&frame["event"]["id"], &frame["event"]["kind"]), (&4.into(), &"Stop".into()), "{path}");
        assert_eq!(frame["event"].pointer("/payload/large").and_then(Value::as_u64), expected, "{path}");
    }
}

async fn watch(house: &House) -> WebSocketStream<UnixStream> {
    watch_at(house, "/ws").await
}

async fn watch_at(house: &House, path: &str) -> WebSocketStream<UnixStream> {
    tokio_tungstenite::client_async(format!("ws://ccmon{path}"), house.unix().await).await.expect("an upgrade").0
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
