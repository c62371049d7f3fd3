//! The WebSocket: sends the frames of [`super::frames`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::Hub;
use super::frames::Frames;
use super::problem::Problem;

/// Most watchers at once.
const WATCHERS: usize = 64;
/// A watcher that takes longer to accept a frame is let go.
const SEND: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether it is still there.
const PING: Duration = Duration::from_secs(30);
/// Nothing of a watcher is listened to.
const LARGEST_MESSAGE: usize = 1_024;

static OPEN: AtomicUsize = AtomicUsize::new(0);

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    payloads: Option<String>,
}

/// `GET /ws`.
pub async fn upgrade(
    State(hub): State<Hub>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let payloads = match wanted {
        Ok(Query(Wanted { payloads })) => payloads.as_deref() != Some("0"),
        Err(error) => return Problem::new(error.status(), error.body_text()).into_response(),
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(error) => return Problem::new(error.status(), error.body_text()).into_response(),
    };
    let Some(seat) = Seat::take() else {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many watch already: close some").into_response();
    };
    let limited = upgrade.max_message_size(LARGEST_MESSAGE).max_frame_size(LARGEST_MESSAGE);
    // From now on, not from when the connection has been handed over.
    let frames = Frames::new(hub, payloads);
    limited.on_upgrade(move |socket| watch(socket, frames, seat))
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

async fn watch(mut socket: WebSocket, mut frames: Frames, _seat: Seat) {
    let mut pings = tokio::time::interval(PING);
    loop {
        let going_on = tokio::select! {
            frames = frames.next() => match frames {
                Some(frames) => send(&mut socket, frames).await,
                None => false,
            },
            _ = pings.tick() => send_message(&mut socket, Message::Ping(Bytes::new())).await,
            heard = socket.recv() => matches!(heard, Some(Ok(message)) if !matches!(message, Message::Close(_))),
        };
        if !going_on {
            return;
        }
    }
}

async fn send(socket: &mut WebSocket, frames: Vec<Value>) -> bool {
    for frame in frames {
        if !send_message(socket, Message::Text(frame.to_string().into())).await {
            return false;
        }
    }
    true
}

async fn send_message(socket: &mut WebSocket, message: Message) -> bool {
    matches!(tokio::time::timeout(SEND, socket.send(message)).await, Ok(Ok(())))
}
