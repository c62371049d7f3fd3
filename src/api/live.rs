//! The WebSocket: the whole picture first, then what changes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::problem::Problem;
use super::view::approval_view;
use super::{Change, Hub};
use crate::core::Board;

/// Most watchers at once.
const WATCHERS: usize = 64;
/// A watcher that takes longer to accept a frame is let go.
const SEND: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether it is still there.
const PING: Duration = Duration::from_secs(30);
/// Nothing of a watcher is listened to.
const LARGEST_MESSAGE: usize = 1_024;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// `GET /ws`.
pub async fn upgrade(State(hub): State<Hub>, upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(error) => return Problem::new(error.status(), error.body_text()).into_response(),
    };
    let Some(seat) = Seat::take() else {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many watch already: close some").into_response();
    };
    let limited = upgrade.max_message_size(LARGEST_MESSAGE).max_frame_size(LARGEST_MESSAGE);
    limited.on_upgrade(move |socket| watch(socket, hub, seat))
}

struct Seat;

impl Seat {
    fn take() -> Option<Self> {
        let taken = OPEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < WATCHERS).then_some(n + 1));
        taken.is_ok().then_some(Self)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn watch(mut socket: WebSocket, hub: Hub, _seat: Seat) {
    let mut changes = hub.changes.subscribe();
    let mut pings = tokio::time::interval(PING);
    let first = snapshot(&hub);
    if !send(&mut socket, first).await {
        return;
    }
    loop {
        let going_on = tokio::select! {
            change = changes.recv() => match change {
                Ok(change) => send(&mut socket, told(&hub, &change)).await,
                // Too slow to see every change: the picture as it is, and nothing older after it.
                Err(RecvError::Lagged(_)) => {
                    changes = changes.resubscribe();
                    send(&mut socket, snapshot(&hub)).await
                }
                Err(RecvError::Closed) => false,
            },
            _ = pings.tick() => send_message(&mut socket, Message::Ping(Bytes::new())).await,
            heard = socket.recv() => matches!(heard, Some(Ok(message)) if !matches!(message, Message::Close(_))),
            // The hub is ours too, so its channels never close by themselves; the engine's end does.
            () = hub.inbox.closed() => false,
        };
        if !going_on {
            return;
        }
    }
}

async fn send(socket: &mut WebSocket, frame: Value) -> bool {
    send_message(socket, Message::Text(frame.to_string().into())).await
}

async fn send_message(socket: &mut WebSocket, message: Message) -> bool {
    matches!(tokio::time::timeout(SEND, socket.send(message)).await, Ok(Ok(())))
}

fn told(hub: &Hub, change: &Change) -> Value {
    frame(&hub.board.borrow(), change)
}

fn snapshot(hub: &Hub) -> Value {
    let board = hub.board.borrow().clone();
    let pending: Vec<_> = board.pending().into_iter().map(|approval| approval_view(&board, approval)).collect();
    let sessions: Vec<_> = board.by_need();
    json!({ "type": "snapshot", "now": now(), "sessions": sessions, "approvals": pending, "trouble": board.trouble,
        "rules_paused": board.rules_paused })
}

fn frame(board: &Board, change: &Change) -> Value {
    match change {
        Change::Session(session) => json!({ "type": "session_update", "session": session }),
        Change::Gone(key) => json!({ "type": "session_gone", "key": key }),
        Change::Event(event) => json!({ "type": "event", "event": event }),
        Change::Pending(approval) => {
            json!({ "type": "approval_pending", "approval": approval_view(board, approval) })
        }
        Change::Resolved(approval) => {
            json!({ "type": "approval_resolved", "approval": approval_view(board, approval) })
        }
        Change::Rules => json!({ "type": "rules", "paused": board.rules_paused }),
        Change::Trouble(trouble) => json!({ "type": "trouble", "trouble": trouble }),
        Change::Settings => json!({ "type": "settings" }),
        Change::Job(job) => json!({ "type": "job", "job": job }),
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
