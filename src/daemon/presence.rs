//! Whether anybody sits at the desktop: logind tells of the session, screen savers of themselves. Both by
//! signals; where there is neither, somebody does.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::names::BusName;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, MessageStream, connection, message};

const LOGIN: &str = "org.freedesktop.login1";
const MANAGER: (&str, &str) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
const SESSION: &str = "org.freedesktop.login1.Session";
const USER: &str = "org.freedesktop.login1.User";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// Names under which screen savers are found, and where.
const SAVERS: [(&str, &str); 5] = [
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
];
/// After how long a bus that went away, or was never there, is tried again.
const AGAIN: Duration = Duration::from_secs(60);
/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of who sits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The session is the one in front, not another user's.
    pub active: bool,
    /// It is locked.
    pub locked: bool,
    /// Nobody has touched anything for as long as the desktop says.
    pub idle: bool,
    /// A screen saver covers everything.
    pub saver: bool,
}

impl Default for Presence {
    fn default() -> Self {
        Self { active: true, locked: false, idle: false, saver: false }
    }
}

impl Presence {
    /// Whether the screen shows something else than the desktop.
    #[must_use]
    pub fn is_hidden(self) -> bool {
        self.locked || self.saver
    }

    /// Whether somebody would see what comes up.
    #[must_use]
    pub fn is_there(self) -> bool {
        self.active && !self.idle && !self.is_hidden()
    }
}

/// Tells of it for as long as anybody listens.
pub async fn follow(told: watch::Sender<Presence>) {
    tokio::join!(
        again(&told, "logind", login, |now| Presence { saver: now.saver, ..Presence::default() }),
        again(&told, "screen savers", savers, |now| Presence { saver: false, ..now }),
    );
}

/// Listens again when what is listened to went away; until then what it said last counts no more.
async fn again(
    told: &watch::Sender<Presence>,
    whom: &str,
    listen: impl AsyncFn(&watch::Sender<Presence>) -> zbus::Result<()>,
    without: fn(Presence) -> Presence,
) {
    let mut said = false;
    while !told.is_closed() {
        let ended = listen(told).await;
        told.send_if_modified(|now| set(now, without(*now)));
        if !std::mem::replace(&mut said, true) {
            let why = ended.err().map_or_else(|| "it ended".to_owned(), |error| error.to_string());
            tracing::info!("{whom} cannot be heard ({why}): somebody counts as being there");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn set(now: &mut Presence, next: Presence) -> bool {
    std::mem::replace(now, next) != next
}

/// The session as logind has it.
async fn login(told: &watch::Sender<Presence>) -> zbus::Result<()> {
    let bus = in_time(async { connection::Builder::system()?.build().await }).await?;
    let path = in_time(session(&bus)).await?;
    let rule = MatchRule::builder().msg_type(message::Type::Signal).sender(LOGIN)?.interface(PROPERTIES)?;
    let rule = rule.member("PropertiesChanged")?.path(path.clone())?.build();
    let mut changes = MessageStream::for_match_rule(rule, &bus, None).await?;
    tracing::debug!("following {}", path.as_str());
    loop {
        let facts: HashMap<String, OwnedValue> =
            in_time(ask(&bus, LOGIN, &path, (PROPERTIES, "GetAll"), &SESSION)).await?;
        let is = |name: &str, usual| facts.get(name).and_then(|value| bool::try_from(value).ok()).unwrap_or(usual);
        let (active, locked, idle) = (is("Active", true), is("LockedHint", false), is("IdleHint", false));
        told.send_if_modified(|now| set(now, Presence { active, locked, idle, saver: now.saver }));
        if changes.next().await.transpose()?.is_none() {
            return Ok(());
        }
    }
}

/// Our session; of a program that runs in none, the user's graphical one.
async fn session(bus: &Connection) -> zbus::Result<OwnedObjectPath> {
    let (path, manager) = MANAGER;
    let path = ObjectPath::try_from(path)?;
    if let Some(id) = std::env::var("XDG_SESSION_ID").ok().filter(|id| !id.is_empty())
        && let Ok(found) = ask(bus, LOGIN, &path, (manager, "GetSession"), &id).await
    {
        return Ok(found);
    }
    let uid = rustix::process::getuid().as_raw();
    let user: OwnedObjectPath = ask(bus, LOGIN, &path, (manager, "GetUser"), &uid).await?;
    let display: OwnedValue = ask(bus, LOGIN, &user, (PROPERTIES, "Get"), &(USER, "Display")).await?;
    let (id, found): (String, OwnedObjectPath) = display.try_into().map_err(zbus::Error::Variant)?;
    if id.is_empty() { Err(zbus::Error::Failure("this user has no graphical session".into())) } else { Ok(found) }
}

/// Screen savers, whichever there are.
async fn savers(told: &watch::Sender<Presence>) -> zbus::Result<()> {
    let bus = in_time(async { connection::Builder::session()?.build().await }).await?;
    let rule = MatchRule::builder().msg_type(message::Type::Signal).member("ActiveChanged")?.build();
    let mut changes = MessageStream::for_match_rule(rule, &bus, None).await?;
    for (name, path) in SAVERS {
        // Nobody is started for being asked.
        if has_owner(&bus, name).await
            && in_time(ask(&bus, name, &path.try_into()?, (name, "GetActive"), &())).await.unwrap_or(false)
        {
            told.send_if_modified(|now| set(now, Presence { saver: true, ..*now }));
        }
    }
    while let Some(change) = changes.next().await.transpose()? {
        let header = change.header();
        let of_saver = header.interface().is_some_and(|interface| interface.ends_with(".ScreenSaver"));
        if let Some(saver) = change.body().deserialize().ok().filter(|_: &bool| of_saver) {
            told.send_if_modified(|now| set(now, Presence { saver, ..*now }));
        }
    }
    Ok(())
}

async fn has_owner(bus: &Connection, name: &str) -> bool {
    let Ok(name) = BusName::try_from(name) else { return false };
    let asked = in_time(async { Ok(zbus::fdo::DBusProxy::new(bus).await?.name_has_owner(name).await?) });
    asked.await.unwrap_or(false)
}

async fn ask<R>(
    bus: &Connection,
    whom: &str,
    path: &ObjectPath<'_>,
    (interface, method): (&str, &str),
    body: &(impl serde::Serialize + zbus::zvariant::DynamicType + Sync),
) -> zbus::Result<R>
where
    R: serde::de::DeserializeOwned + zbus::zvariant::Type,
{
    bus.call_method(Some(whom), path, Some(interface), method, body).await?.body().deserialize()
}

async fn in_time<T>(what: impl Future<Output = zbus::Result<T>>) -> zbus::Result<T> {
    let late = |_| Err(zbus::Error::Failure(format!("no answer within {} s", PATIENCE.as_secs())));
    tokio::time::timeout(PATIENCE, what).await.unwrap_or_else(late)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_there_unless_something_says_otherwise() {
        let usual = Presence::default();
        assert!(usual.is_there() && !usual.is_hidden());
        for (away, hidden) in [
            (Presence { active: false, ..usual }, false),
            (Presence { idle: true, ..usual }, false),
            (Presence { locked: true, ..usual }, true),
            (Presence { saver: true, ..usual }, true),
        ] {
            assert_eq!((away.is_there(), away.is_hidden()), (false, hidden), "{away:?}");
        }
    }
}
