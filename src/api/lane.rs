//! The short way of what hooks tell most: an event, written byte for byte as our own hook writes it, that came whole
//! with its connection. It is read here, and answered as soon as it stands in the journal, or by whoever stores it,
//! without a task of its own and the machinery for HTTP. All else goes the long way, and nothing of it has been read by
//! then.
//!
//! What the guard asks of a request at the Unix door holds for such an event by its form: it is a hook's, it is JSON, it
//! names no other origin and no other place.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use ccmon_hook::http;
use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};

use super::crowd::Place;
use super::doors::Door;
use super::hub::{Ask, Hub, Journal, Reply};

/// A longer event goes the long way; most have a few kB.
const ROOM: usize = 64 * 1024;

const STORED: &[u8] = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
const REFUSED: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// How long who looks waits for what was told before: on a disk that takes longer, each look does.
const PATIENCE: Duration = Duration::from_millis(200);

/// Where the short way leads.
#[derive(Clone)]
pub struct Lane {
    inbox: mpsc::Sender<Ask>,
    journal: Arc<dyn Journal>,
}

impl From<&Hub> for Lane {
    fn from(hub: &Hub) -> Self {
        Self { inbox: hub.inbox.clone(), journal: Arc::clone(&hub.journal) }
    }
}

impl Lane {
    /// Hands over what came with this connection; gives the connection back when that goes the long way.
    pub(super) fn hand_over(&self, stream: UnixStream, door: Door, place: Place) -> Option<(UnixStream, Place)> {
        let mut bytes = Vec::with_capacity(ROOM);
        let peeked = recv(&stream, spare_capacity(&mut bytes), RecvFlags::PEEK | RecvFlags::DONTWAIT);
        let event = peeked.ok().and_then(|_| http::read_request("/event", &bytes));
        let Some((context, payload)) = event.map(|(context, payload)| (context.to_owned(), payload.to_owned())) else {
            return Some((stream, place));
        };
        // A connection that is closed with something in it ends with an error over there.
        let taken = recv(&stream, bytes.as_mut_slice(), RecvFlags::DONTWAIT);
        if taken.is_ok_and(|(_, taken)| taken == bytes.len()) {
            self.take(context, payload, door.process(), stream, place);
        }
        None
    }

    /// Nothing is promised that does not get into the inbox: whoever looks then is told after it.
    fn take(&self, context: String, payload: Vec<u8>, hook: Option<u32>, stream: UnixStream, place: Place) {
        let Ok(room) = self.inbox.try_reserve() else {
            return self.wait(Ask::Event { context, payload, hook, spooled: None, reply: reply(stream, place) });
        };
        let Some(kept) = hook.and_then(|hook| self.journal.keep(&context, &payload, hook)) else {
            return room.send(Ask::Event { context, payload, hook, spooled: None, reply: reply(stream, place) });
        };
        // Who brought it has been looked at: it may be gone by now.
        room.send(Ask::Event { context, payload, hook: None, spooled: None, reply: kept });
        reply(stream, place).send(Ok(()));
    }

    fn wait(&self, ask: Ask) {
        let inbox = self.inbox.clone();
        tokio::spawn(async move { inbox.send(ask).await });
    }
}

/// Whoever looks sees what hooks told before, as far as it can be stored.
pub(super) async fn settle(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    if hub.journal.is_behind() {
        let (reply, settled) = oneshot::channel();
        let asked = async {
            let _ = hub.inbox.send(Ask::Settle { reply }).await;
            let _ = settled.await;
        };
        let _ = tokio::time::timeout(PATIENCE, asked).await;
    }
    next.run(request).await
}

/// Writes the answer and ends the connection. Who hears nothing before it ends keeps the event.
fn reply(stream: UnixStream, place: Place) -> Reply {
    Reply::new(move |answer: Result<(), String>| {
        let words = if answer.is_ok() { STORED } else { REFUSED };
        // A hook that is gone has heard enough.
        let _ = send(&stream, words, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
        drop(place);
    })
}
