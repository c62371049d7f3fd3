//! The desktop's notification server, on the session bus.
//! <https://specifications.freedesktop.org/notification-spec/latest/>

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use zbus::zvariant::{DynamicType, Type, Value};
use zbus::{Connection, connection};

use super::ears::{Ears, WAITING};
use super::{Button, Card, Desktop, Heard, NAME, Place, Sent, Shower, Unshown, escaped};
use crate::config::Urgency;

/// Its name on the bus, and that of its interface.
pub const SERVICE: &str = "org.freedesktop.Notifications";
/// Where it is.
pub const PATH: &str = "/org/freedesktop/Notifications";
/// The bus itself.
pub const BUS: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";
/// How long one call may take; the bus may have to start the server first.
const PATIENCE: Duration = Duration::from_secs(3);
/// The server decides how long it stays.
const ITS_TIME: i32 = -1;

/// Whoever has that name on the session bus. Connected when there is something to say, and again after
/// the bus went away.
#[derive(Debug)]
pub struct Server {
    link: Option<(Connection, Ears)>,
    /// Counts the connections.
    bus: u64,
    tell: mpsc::Sender<Heard>,
    told: mpsc::Receiver<Heard>,
}

impl Default for Server {
    fn default() -> Self {
        let (tell, told) = mpsc::channel(WAITING);
        Self { link: None, bus: 0, tell, told }
    }
}

impl Desktop for Server {
    async fn show(&mut self, card: &Card, instead: Option<&Place>) -> Result<Sent, Unshown> {
        let (abilities, server): (Vec<String>, _) = self.call(SERVICE, "GetCapabilities", &()).await?;
        let can = |what: &str| abilities.iter().any(|ability| ability == what);
        let body = if can("body-markup") { escaped(&card.body) } else { card.body.clone() };
        let mut buttons = if can("actions") { card.buttons.clone() } else { Vec::new() };
        // Nobody approves what they cannot read.
        buttons.retain(|button| *button != Button::Approve || can("body"));
        let actions: Vec<&str> =
            buttons.iter().flat_map(|b| b.names()).flat_map(|(key, label)| [*key, *label]).collect();
        let same = |place: &&Place| (place.bus, &place.server) == (self.bus, &server);
        let replaces = instead.filter(same).map_or(0, |place| place.number);
        let notify = (NAME, replaces, NAME, card.summary.as_str(), body, actions, hints(card), ITS_TIME);
        // Only to the one that said what it can.
        let (number, server) = self.call(&server, "Notify", &notify).await?;
        Ok(Sent { place: Place { bus: self.bus, server, number }, buttons })
    }

    async fn close(&mut self, place: Place) {
        if place.bus != self.bus {
            return;
        }
        // The user may have closed it, and the server may be gone: then there is nothing to do.
        let closed: Result<((), String), Unshown> = self.call(&place.server, "CloseNotification", &place.number).await;
        if let Err(error) = closed {
            tracing::debug!("a notification was gone already: {error}");
        }
    }

    async fn shower(&mut self) -> Result<Shower, Unshown> {
        type Facts = (String, String, String, String);
        let ((name, _vendor, version, _spec), server): (Facts, _) =
            self.call(SERVICE, "GetServerInformation", &()).await?;
        let (abilities, _): (Vec<String>, _) = self.call(&server, "GetCapabilities", &()).await?;
        Ok(Shower { name, version, actions: abilities.iter().any(|ability| ability == "actions") })
    }

    async fn process(&mut self, place: &Place) -> Option<u32> {
        let (connection, _) = self.link.as_ref().filter(|_| place.bus == self.bus)?;
        let asked = connection.call_method(Some(BUS), BUS_PATH, Some(BUS), "GetConnectionUnixProcessID", &place.server);
        tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?.body().deserialize().ok()
    }

    async fn heard(&mut self) -> Heard {
        match self.told.recv().await {
            Some(heard) => heard,
            // We keep a sender ourselves.
            None => std::future::pending().await,
        }
    }
}

impl Server {
    /// Calls a method: what it gives, and who gave it.
    async fn call<B, R>(&mut self, to: &str, method: &str, body: &B) -> Result<(R, String), Unshown>
    where
        B: Serialize + DynamicType + Sync,
        R: DeserializeOwned + Type,
    {
        let called = tokio::time::timeout(PATIENCE, async {
            let connection = self.connected().await?;
            let reply = connection.call_method(Some(to), PATH, Some(SERVICE), method, body).await?;
            let from = reply.header().sender().map(ToString::to_string).unwrap_or_default();
            Ok((reply.body().deserialize()?, from))
        });
        match called.await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => {
                // A server that says no leaves the connection whole.
                if !matches!(error, zbus::Error::MethodError(..)) {
                    self.link = None;
                }
                Err(Unshown(in_words(&error)))
            }
            Err(_) => Err(Unshown(format!("it did not answer within {} s", PATIENCE.as_secs()))),
        }
    }

    async fn connected(&mut self) -> zbus::Result<Connection> {
        if let Some((connection, _)) = self.link.as_ref().filter(|(_, ears)| !ears.are_deaf()) {
            return Ok(connection.clone());
        }
        let address = session_bus().ok_or(zbus::Error::Failure("there is no session bus".into()))?;
        let connection = connection::Builder::address(address.as_str())?.build().await?;
        self.bus += 1;
        let ears = Ears::open(&connection, self.bus, self.tell.clone()).await?;
        self.link = Some((connection.clone(), ears));
        Ok(connection)
    }
}

/// The session bus of the desktop that this process was started on.
#[must_use]
pub fn session_bus() -> Option<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    set("DBUS_SESSION_BUS_ADDRESS").or_else(|| set("XDG_RUNTIME_DIR").map(|at| format!("unix:path={at}/bus")))
}

fn hints(card: &Card) -> HashMap<&'static str, Value<'_>> {
    let urgency: u8 = match card.urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::Critical => 2,
    };
    let sound = Some(card.sound.as_str()).filter(|sound| !sound.is_empty());
    let sound = sound.map(|sound| ("sound-name", Value::from(sound)));
    [("urgency", Value::from(urgency)), ("desktop-entry", Value::from(NAME))].into_iter().chain(sound).collect()
}

fn in_words(error: &zbus::Error) -> String {
    match error {
        zbus::Error::MethodError(name, ..) if name.ends_with("ServiceUnknown") || name.ends_with("NameHasNoOwner") => {
            "no program on this desktop shows notifications".to_owned()
        }
        zbus::Error::MethodError(_, Some(said), _) => format!("the notification server said: {said}"),
        other => format!("the session bus cannot be asked: {other}"),
    }
}
