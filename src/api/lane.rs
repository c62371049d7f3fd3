//! The short way of what hooks tell most: an event, written byte for byte as our own hook writes it, that came whole
//! with its connection. It is read here, and answered by whoever stores it, without a task of its own and the machinery
//! for HTTP. All else goes the long way, and nothing of it has been read by then.
//!
//! What the guard asks of a request at the Unix door holds for such an event by its form: it is a hook's, it is JSON, it
//! names no other origin and no other place.

use ccmon_hook::http;
use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::crowd::Place;
use super::doors::Door;
use super::hub::{Ask, Reply};

/// A longer event goes the long way; most have a few kB.
const ROOM: usize = 64 * 1024;

const STORED: &[u8] = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
const REFUSED: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Hands over what came with this connection; gives the connection back when that goes the long way.
pub(super) fn hand_over(
    inbox: &mpsc::Sender<Ask>,
    stream: UnixStream,
    door: Door,
    place: Place,
) -> Option<(UnixStream, Place)> {
    let mut bytes = Vec::with_capacity(ROOM);
    let peeked = recv(&stream, spare_capacity(&mut bytes), RecvFlags::PEEK | RecvFlags::DONTWAIT);
    let event = peeked.ok().and_then(|_| http::read_request("/event", &bytes));
    let Some((context, payload)) = event.map(|(context, payload)| (context.to_owned(), payload.to_owned())) else {
        return Some((stream, place));
    };
    // A connection that is closed with something in it ends with an error over there.
    let taken = recv(&stream, bytes.as_mut_slice(), RecvFlags::DONTWAIT);
    if taken.is_ok_and(|(_, taken)| taken == bytes.len()) {
        tell(inbox, Ask::Event { context, payload, hook: door.process(), spooled: None, reply: reply(stream, place) });
    }
    None
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

/// Into the inbox; aside, when that is full.
fn tell(inbox: &mpsc::Sender<Ask>, ask: Ask) {
    if let Err(TrySendError::Full(ask)) = inbox.try_send(ask) {
        let inbox = inbox.clone();
        tokio::spawn(async move { inbox.send(ask).await });
    }
}
