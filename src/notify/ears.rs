//! Hears what comes of notifications: every signal of every server, from before the first notification is sent.

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zbus::fdo::DBusProxy;
use zbus::message::{Header, Type};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::server::{BUS, PATH, SERVICE};
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
        // In one stream, what a server said comes before its end.
        let mut signals = MessageStream::from(connection);
        signals.set_max_queued(WAITING);
        let said = MatchRule::builder().msg_type(Type::Signal).interface(SERVICE)?.path(PATH)?.build();
        let passed = MatchRule::builder().msg_type(Type::Signal).sender(BUS)?.interface(BUS)?;
        let passed = passed.member("NameOwnerChanged")?.arg(0, SERVICE)?.build();
        let rules = DBusProxy::new(connection).await?;
        for rule in [said, passed] {
            rules.add_match_rule(rule).await?;
        }
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
    match (header.message_type(), header.interface()?.as_str()) {
        (Type::Signal, SERVICE) if header.path().is_some_and(|path| path.as_str() == PATH) => {
            said(&header, signal, bus, leave)
        }
        (Type::Signal, BUS) if header.sender().is_some_and(|sender| sender.as_str() == BUS) => {
            let (name, _, server): (String, String, String) = signal.body().deserialize().ok()?;
            (name == SERVICE).then_some(Heard::Server { bus, server })
        }
        _ => None,
    }
}

/// What a server says.
fn said(header: &Header<'_>, signal: &Message, bus: u64, leave: &mut Option<(Place, String)>) -> Option<Heard> {
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
