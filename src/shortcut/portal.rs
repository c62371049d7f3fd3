//! Shortcuts on Wayland: the desktop's portal asks the user, and tells when the keys are pressed.
//! <https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.GlobalShortcuts.html>

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use serde::Serialize;
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, MatchRule, MessageStream, connection, match_rule::Builder as MatchRuleBuilder};

use super::{Act, Standing, Standings, Wanted, failed, standings};

const SERVICE: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SHORTCUTS: &str = "org.freedesktop.portal.GlobalShortcuts";
const REQUEST: &str = "org.freedesktop.portal.Request";
const SESSION: &str = "org.freedesktop.portal.Session";
const REGISTRY: &str = "org.freedesktop.host.portal.Registry";
/// Name of our desktop entry.
const APPLICATION: &str = "ccmon";
/// How long a call may take that asks nobody.
const PATIENCE: Duration = Duration::from_secs(5);

/// What to do where there is no portal for them.
const INSTEAD: &str = "bind keys in the desktop's own settings, to `ccmon next` and `ccmon open popup`";

/// A shortcut that was pressed, with the desktop's leave to take the focus.
pub type Pressed = (Act, Option<String>);

/// Has the desktop hold these keys, and says how they stand and when they are pressed; for as long as it is waited
/// for, or until the desktop ends it. `bus` is the address of its session bus.
pub async fn hold(bus: &str, wanted: &Wanted, mut told: impl FnMut(Standings), mut pressed: impl FnMut(Pressed)) {
    if wanted.is_empty() {
        return told(standings(wanted, |_, _| Standing::Off));
    }
    told(standings(wanted, |_, _| Standing::Asking));
    let held = async {
        let portal = Portal::connect(bus).await?;
        let session = portal.session().await?;
        let mut signals = portal.signals(&session).await?;
        let bound = portal.bind(&session, wanted).await?;
        told(bound);
        while let Some(signal) = signals.next().await {
            match read(&signal, &session) {
                Some(Heard::Pressed(which)) => pressed(which),
                Some(Heard::Closed) => break,
                None => {}
            }
        }
        Err::<(), _>(Broken("the desktop has ended the shortcuts: change a key here to ask for them again".into()))
    };
    if let Err(Broken(why)) = held.await {
        tracing::warn!("no shortcuts: {why}");
        told(failed(wanted, &why));
    }
}

/// Why there are none, in words.
#[derive(Debug)]
struct Broken(String);

impl From<zbus::Error> for Broken {
    fn from(error: zbus::Error) -> Self {
        Self(match error {
            zbus::Error::MethodError(name, ..)
                if ["ServiceUnknown", "NameHasNoOwner", "UnknownMethod", "UnknownInterface"]
                    .iter()
                    .any(|end| name.ends_with(end)) =>
            {
                format!("this desktop has no portal for global shortcuts ({SHORTCUTS}): {INSTEAD}")
            }
            zbus::Error::MethodError(_, Some(said), _) => format!("the desktop's portal said: {said}; {INSTEAD}"),
            other => format!("the session bus cannot be asked: {other}"),
        })
    }
}

impl From<zbus::zvariant::Error> for Broken {
    fn from(error: zbus::zvariant::Error) -> Self {
        zbus::Error::from(error).into()
    }
}

/// What a portal answers to a request: how it went, and what came of it.
type Response = (u32, HashMap<String, OwnedValue>);

struct Portal(Connection);

impl Portal {
    async fn connect(bus: &str) -> Result<Self, Broken> {
        let portal = Self(within(async { connection::Builder::address(bus)?.build().await }).await?);
        // Who asks, for a dialog: only newer portals take it, and only for an installed program.
        let none: HashMap<&str, Value<'_>> = HashMap::new();
        let _ = portal.call(REGISTRY, "Register", &(APPLICATION, none)).await;
        Ok(portal)
    }

    async fn session(&self) -> Result<OwnedObjectPath, Broken> {
        let token = token();
        let options = HashMap::from([
            ("handle_token", Value::from(token.as_str())),
            ("session_handle_token", Value::from(token.as_str())),
        ]);
        let body = (options,);
        let (code, mut results) = within_patience(self.request(&token, "CreateSession", &body)).await?;
        let handle = results.remove("session_handle").and_then(|handle| String::try_from(handle).ok());
        match (code, handle.and_then(|handle| OwnedObjectPath::try_from(handle).ok())) {
            (0, Some(handle)) => Ok(handle),
            _ => Err(Broken(format!("the desktop's portal gives no session for shortcuts; {INSTEAD}"))),
        }
    }

    /// Asks for the keys. The desktop may ask the user, who takes their time.
    async fn bind(&self, session: &OwnedObjectPath, wanted: &Wanted) -> Result<Standings, Broken> {
        let described = |(act, keys): (&Act, &super::Keys)| {
            let trigger = keys.trigger();
            let more = HashMap::from([
                ("description", Value::from(act.in_words())),
                ("preferred_trigger", Value::from(trigger)),
            ]);
            (act.name(), more)
        };
        let shortcuts: Vec<_> = wanted.iter().map(described).collect();
        let token = token();
        let options = HashMap::from([("handle_token", Value::from(token.as_str()))]);
        let body = (session.as_ref(), shortcuts, "", options);
        let (code, mut results) = self.request(&token, "BindShortcuts", &body).await?;
        if code != 0 {
            return Err(Broken(
                "you were asked for these shortcuts, and declined: change a key here to be asked again".into(),
            ));
        }
        let bound: Bound = results.remove("shortcuts").and_then(|all| all.try_into().ok()).unwrap_or_default();
        Ok(standings(wanted, |act, _| standing(act, &bound)))
    }

    /// Calls a method that answers by a signal, which is listened for first.
    async fn request<B>(&self, token: &str, method: &str, body: &B) -> Result<Response, Broken>
    where
        B: Serialize + DynamicType + Sync,
    {
        let sender = self.0.unique_name().map(|name| name.trim_start_matches(':').replace('.', "_"));
        let path = format!("{PATH}/request/{}/{token}", sender.unwrap_or_default());
        let rule = signal()?.interface(REQUEST)?.path(path)?.build();
        let mut answers = MessageStream::for_match_rule(rule, &self.0, None).await?;
        self.call(SHORTCUTS, method, body).await?;
        let answer = answers.next().await.ok_or_else(|| Broken("the session bus is gone".into()))??;
        Ok(answer.body().deserialize()?)
    }

    async fn call<B>(&self, interface: &str, method: &str, body: &B) -> Result<(), Broken>
    where
        B: Serialize + DynamicType + Sync,
    {
        within(self.0.call_method(Some(SERVICE), PATH, Some(interface), method, body)).await.map(drop)
    }

    /// Presses, and the end of the session.
    async fn signals(&self, session: &OwnedObjectPath) -> Result<Signals, Broken> {
        let pressed = signal()?.interface(SHORTCUTS)?.member("Activated")?.build();
        let closed = signal()?.interface(SESSION)?.member("Closed")?.path(session.as_ref())?.build();
        let pressed = MessageStream::for_match_rule(pressed, &self.0, None).await?;
        let closed = MessageStream::for_match_rule(closed, &self.0, None).await?;
        Ok(Box::pin(futures_util::stream::select(pressed, closed).filter_map(async |message| message.ok())))
    }
}

/// Signals of the portal: the bus lets nobody else speak under its name.
fn signal() -> zbus::Result<MatchRuleBuilder<'static>> {
    MatchRule::builder().msg_type(zbus::message::Type::Signal).sender(SERVICE)
}

type Signals = std::pin::Pin<Box<dyn futures_util::Stream<Item = zbus::Message> + Send>>;
/// Shortcuts with what is said of them.
type Bound = Vec<(String, HashMap<String, OwnedValue>)>;

/// The desktop may have given other keys than were asked for, or none.
fn standing(act: Act, bound: &Bound) -> Standing {
    let Some((_, about)) = bound.iter().find(|(name, _)| name == act.name()) else {
        let why = "the desktop did not give these keys: choose others here, or some in its own settings";
        return Standing::Failed { why: why.to_owned() };
    };
    let keys = about.get("trigger_description").and_then(|keys| keys.downcast_ref::<&str>().ok());
    Standing::On { keys: keys.filter(|keys| !keys.is_empty()).map(str::to_owned) }
}

enum Heard {
    Pressed(Pressed),
    Closed,
}

fn read(signal: &zbus::Message, session: &OwnedObjectPath) -> Option<Heard> {
    if signal.header().member()?.as_str() == "Closed" {
        return Some(Heard::Closed);
    }
    type Activated<'a> = (ObjectPath<'a>, &'a str, u64, HashMap<&'a str, Value<'a>>);
    let body = signal.body();
    let (of, name, _, options): Activated<'_> = body.deserialize().ok()?;
    let act = Act::ALL.into_iter().find(|act| act.name() == name)?;
    let leave = options.get("activation_token").and_then(|leave| leave.downcast_ref::<&str>().ok());
    (of == **session).then(|| Heard::Pressed((act, leave.map(str::to_owned))))
}

async fn within<T>(call: impl Future<Output = zbus::Result<T>>) -> Result<T, Broken> {
    within_patience(async { call.await.map_err(Broken::from) }).await
}

async fn within_patience<T>(what: impl Future<Output = Result<T, Broken>>) -> Result<T, Broken> {
    let late = |_| Broken(format!("the desktop's portal did not answer within {} s; {INSTEAD}", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, what).await.unwrap_or_else(|elapsed| Err(late(elapsed)))
}

/// A name for one request, of which the portal makes a path.
fn token() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("ccmon_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
