//! Hears what comes of notifications: every signal of every server, from before the first notification is sent.

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zbus::{Connection, MatchRule, Message, MessageStream, message};

use super::server::{PATH, SERVICE};
use super::{Button, Heard, Place};

/// How many signals may wait to be looked at, here and on the connection.
pub const WAITING: usize = 4_096;

/// Listens for as long as it is kept.
#[derive(Debug)]
pub struct Ears(JoinHandle<()>);

impl Drop for Ears {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Ears {
    /// Listens on a connection from now on; `bus` says which that is. Whoever does not empty `told` for a long time
    /// hears no more, but the connection goes on.
    pub async fn open(connection: &Connection, bus: u64, told: mpsc::Sender<Heard>) -> zbus::Result<Self> {
        let signals = MatchRule::builder().msg_type(message::Type::Signal).interface(SERVICE)?.path(PATH)?.build();
        let mut signals = MessageStream::for_match_rule(signals, connection, Some(WAITING)).await?;
        let listening = async move {
            let mut leave = None;
            while let Some(signal) = signals.next().await {
                let heard = signal.ok().and_then(|signal| heard(&signal, bus, &mut leave));
                if heard.is_some_and(|heard| told.try_send(heard).is_err()) {
                    tracing::warn!("something that came of a notification was not heard: too much of it");
                }
            }
        };
        Ok(Self(tokio::spawn(listening)))
    }

    /// Whether the connection is gone.
    pub fn are_deaf(&self) -> bool {
        self.0.is_finished()
    }
}

/// What a signal says. A leave to take the focus comes before the press that it is for: it is kept in `leave`.
fn heard(signal: &Message, bus: u64, leave: &mut Option<(Place, String)>) -> Option<Heard> {
    let header = signal.header();
    let server = header.sender()?.to_string();
    let place = |number: u32| Place { bus, server, number };
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (number, key): (u32, String) = signal.body().deserialize().ok()?;
            let (place, button) = (place(number), Button::called(&key)?);
            let leave = leave.take_if(|(of, _)| *of == place).map(|(_, token)| token);
            Some(Heard::Pressed { place, button, leave })
        }
        "NotificationClosed" => {
            let (number, _why): (u32, u32) = signal.body().deserialize().ok()?;
            Some(Heard::Closed(place(number)))
        }
        "ActivationToken" => {
            let (number, token): (u32, String) = signal.body().deserialize().ok()?;
            *leave = Some((place(number), token));
            None
        }
        _ => None,
    }
}
