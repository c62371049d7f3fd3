//! Global shortcuts where a portal gives them: one on a bus of the test, which remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ccmon::shortcut::{Act, Keys, Standing, Standings, Wanted, portal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use zbus::message::Header;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, connection, interface};

use crate::notifications::desk::Desk;
use crate::support::PATIENCE;

const PATH: &str = "/org/freedesktop/portal/desktop";
const SESSION: &str = "/org/freedesktop/portal/desktop/session/one";
const SHORTCUTS: &str = "org.freedesktop.portal.GlobalShortcuts";

type Options = HashMap<String, OwnedValue>;
type Shortcuts = Vec<(String, Options)>;

/// A portal whose user says yes, or no.
struct Portal {
    declines: bool,
    asked: Arc<Mutex<Vec<String>>>,
}

#[interface(name = "org.freedesktop.portal.GlobalShortcuts")]
impl Portal {
    async fn create_session(
        &self,
        options: Options,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &Connection,
    ) -> OwnedObjectPath {
        respond(bus, &header, &options, 0, [("session_handle", Value::from(SESSION))].into()).await
    }

    async fn bind_shortcuts(
        &self,
        _session: OwnedObjectPath,
        shortcuts: Shortcuts,
        _window: String,
        options: Options,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &Connection,
    ) -> OwnedObjectPath {
        let asked = shortcuts.iter().map(|(name, about)| {
            let said = |key: &str| about[key].downcast_ref::<&str>().expect("a text").to_owned();
            format!("{name}: {}, {}", said("preferred_trigger"), said("description"))
        });
        self.asked.lock().expect("no panic").extend(asked);
        // The second is refused: somebody else has these keys.
        let given: Vec<(&str, HashMap<&str, Value<'_>>)> =
            vec![("next", [("trigger_description", Value::from("Super+N"))].into())];
        respond(bus, &header, &options, u32::from(self.declines), [("shortcuts", Value::from(given))].into()).await
    }
}

/// Answers as a portal does: by a signal of an object that the caller named.
async fn respond(
    bus: &Connection,
    header: &Header<'_>,
    options: &Options,
    code: u32,
    results: HashMap<&str, Value<'_>>,
) -> OwnedObjectPath {
    let sender = header.sender().expect("a sender").trim_start_matches(':').replace('.', "_");
    let token = options["handle_token"].downcast_ref::<&str>().expect("a token");
    let request = ObjectPath::try_from(format!("{PATH}/request/{sender}/{token}")).expect("a path");
    let to = header.sender().map(ToString::to_string);
    let body = (code, results);
    let said = bus.emit_signal(to.as_deref(), &request, "org.freedesktop.portal.Request", "Response", &body);
    said.await.expect("it is sent");
    request.into()
}

/// Shortcuts held on a bus: how they stand, and what is pressed.
struct Held {
    told: UnboundedReceiver<Standings>,
    pressed: UnboundedReceiver<portal::Pressed>,
    task: JoinHandle<()>,
}

impl Held {
    fn on(bus: &str) -> Self {
        let keys = |text| Keys::parse(text).expect("keys").expect("some");
        let wanted: Wanted = [(Act::Next, keys("<Super>n")), (Act::Popup, keys("<Ctrl><Alt>space"))].into();
        let ((tell, told), (press, pressed)) = (unbounded_channel(), unbounded_channel());
        let bus = bus.to_owned();
        let task = tokio::spawn(async move {
            portal::hold(&bus, &wanted, |how| drop(tell.send(how)), |which| drop(press.send(which))).await;
        });
        Self { told, pressed, task }
    }

    async fn next(&mut self) -> Standings {
        tokio::time::timeout(PATIENCE, self.told.recv()).await.expect("in time").expect("it says how they stand")
    }

    /// Why neither works.
    async fn failed(mut self) -> String {
        assert_eq!(self.next().await[&Act::Next], Standing::Asking);
        let said = self.next().await;
        tokio::time::timeout(PATIENCE, self.task).await.expect("in time").expect("it ends");
        let Standing::Failed { why } = &said[&Act::Next] else { panic!("{said:?}") };
        assert_eq!(said[&Act::Popup], Standing::Failed { why: why.clone() });
        why.clone()
    }
}

/// A portal on this bus, and what it was asked.
async fn portal_on(desk: &Desk, declines: bool) -> (Connection, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let portal = Portal { declines, asked: Arc::clone(&asked) };
    let builder = connection::Builder::address(desk.address.as_str()).and_then(|b| b.serve_at(PATH, portal));
    let builder = builder.and_then(|b| b.name("org.freedesktop.portal.Desktop")).expect("good names");
    (builder.build().await.expect("a bus"), asked)
}

async fn activate(bus: &Connection, session: &str, name: &str) {
    let options: HashMap<&str, Value<'_>> = [("activation_token", Value::from("leave-1"))].into();
    let body = (ObjectPath::try_from(session).expect("a path"), name, 7_u64, options);
    bus.emit_signal(None::<&str>, PATH, SHORTCUTS, "Activated", &body).await.expect("it is sent");
}

#[tokio::test]
async fn keys_are_asked_for_and_heard() {
    let desk = Desk::open();
    let (bus, asked) = portal_on(&desk, false).await;
    let mut held = Held::on(&desk.address);
    assert_eq!(held.next().await[&Act::Popup], Standing::Asking);
    let said = held.next().await;
    assert_eq!(said[&Act::Next], Standing::On { keys: Some("Super+N".into()) });
    assert!(matches!(&said[&Act::Popup], Standing::Failed { why } if why.contains("did not give")), "{said:?}");
    assert_eq!(
        *asked.lock().expect("no panic"),
        [
            "next: LOGO+n, Go to the Claude session that needs you most",
            "popup: CTRL+ALT+space, Show or hide the requests that wait for you"
        ]
    );
    activate(&bus, "/org/freedesktop/portal/desktop/session/another", "next").await;
    activate(&bus, SESSION, "no-such").await;
    activate(&bus, SESSION, "next").await;
    let pressed = tokio::time::timeout(PATIENCE, held.pressed.recv()).await.expect("in time");
    assert_eq!(pressed, Some((Act::Next, Some("leave-1".into()))));
    assert!(held.pressed.try_recv().is_err(), "once, and only ours");

    let closed: (HashMap<&str, Value<'_>>,) = Default::default();
    let said = bus.emit_signal(None::<&str>, SESSION, "org.freedesktop.portal.Session", "Closed", &closed);
    said.await.expect("it is sent");
    assert!(matches!(&held.next().await[&Act::Next], Standing::Failed { why } if why.contains("ended")));
}

#[tokio::test]
async fn it_is_said_why_there_are_none() {
    let desk = Desk::open();
    let why = Held::on(&desk.address).failed().await;
    assert!(why.contains("no portal for global shortcuts") && why.contains("`ccmon next`"), "{why}");
    let (_bus, _) = portal_on(&desk, true).await;
    assert!(Held::on(&desk.address).failed().await.contains("declined"));
    assert!(Held::on("unix:path=/no/such/bus").failed().await.contains("session bus"));
}
