//! Whether anybody sits at the desktop: logind tells of the session, screen savers of themselves. Both by
//! signals; where there is neither, somebody does.

mod savers;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, MessageStream, connection, message};

use crate::core::Board;
use savers::Savers;

const LOGIN: &str = "org.freedesktop.login1";
const MANAGER: (&str, &str) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
const SESSION: &str = "org.freedesktop.login1.Session";
const USER: &str = "org.freedesktop.login1.User";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// After how long a bus that went away, or was never there, is tried again.
const AGAIN: Duration = Duration::from_secs(60);
/// How many signals may wait while a screen saver is asked.
const WAITING: usize = 1_024;
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

/// Who is told of it, and by whom.
struct Teller {
    told: watch::Sender<Presence>,
    /// Tells which programs Claude started: they are not believed.
    board: watch::Receiver<Arc<Board>>,
}

/// Tells of it for as long as anybody listens.
pub async fn follow(told: watch::Sender<Presence>, board: watch::Receiver<Arc<Board>>) {
    let to = Teller { told, board };
    tokio::join!(
        again(&to, "logind", login, |now| Presence { saver: now.saver, ..Presence::default() }),
        again(&to, "screen savers", savers, |now| Presence { saver: false, ..now }),
    );
}

/// Listens again when what is listened to went away; until then what it said last counts no more.
async fn again(
    to: &Teller,
    whom: &str,
    listen: impl AsyncFn(&Teller) -> zbus::Result<()>,
    without: fn(Presence) -> Presence,
) {
    let mut said = false;
    while !to.told.is_closed() {
        let ended = listen(to).await;
        to.told.send_if_modified(|now| set(now, without(*now)));
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
async fn login(Teller { told, .. }: &Teller) -> zbus::Result<()> {
    let bus = in_time(async { connection::Builder::system()?.build().await }).await?;
    let path = in_time(session(&bus)).await?;
    let rule = MatchRule::builder().msg_type(message::Type::Signal).sender(LOGIN)?.interface(PROPERTIES)?;
    let rule = rule.member("PropertiesChanged")?.path(path.clone())?.build();
    let mut changes = MessageStream::for_match_rule(rule, &bus, None).await?;
    tracing::debug!("following {}", path.as_str());
    // What a change says is not believed, only that there may be one: what counts is what logind answers.
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
async fn savers(Teller { told, board }: &Teller) -> zbus::Result<()> {
    let bus = in_time(async { connection::Builder::session()?.max_queued(WAITING).build().await }).await?;
    let mut savers = Savers::open(&bus, board.clone()).await?;
    loop {
        let saver = savers.are_active();
        told.send_if_modified(|now| set(now, Presence { saver, ..*now }));
        if !savers.change().await? {
            return Ok(());
        }
    }
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
