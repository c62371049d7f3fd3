//! A session bus of one test, and on it a server that remembers the notifications it was sent.
//!
//! Its buttons are pressed when a test says so; or by the server itself, before it has answered.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zbus::Connection;
use zbus::connection::Builder;
use zbus::zvariant::OwnedValue;

use crate::support::{PATIENCE, wait_until};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// The bus; gone when it is dropped.
pub struct Desk {
    daemon: Child,
    pub address: String,
}

impl Desk {
    pub fn open() -> Self {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]).stdin(Stdio::null());
        let mut daemon = command.stdout(Stdio::piped()).spawn().expect("dbus-daemon starts");
        let mut address = String::new();
        let out = daemon.stdout.as_mut().expect("a pipe");
        BufReader::new(out).read_line(&mut address).expect("its address");
        Self { daemon, address: address.trim().to_owned() }
    }

    /// Somebody who shows notifications from now on.
    pub fn server(&self, abilities: &[&'static str]) -> Server {
        self.hasty(abilities, None)
    }

    /// One that presses this key of everything it shows, before it says that it shows it.
    pub fn hasty(&self, abilities: &[&'static str], presses: Option<&'static str>) -> Server {
        let seen = Seen::default();
        let calls = Arc::<AtomicUsize>::default();
        let fake =
            Fake { seen: seen.clone(), calls: Arc::clone(&calls), abilities: abilities.to_vec(), presses, count: 0 };
        let (address, (tell, told), (up, is_up)) = (self.address.clone(), unbounded_channel(), channel());
        let thread = std::thread::spawn(move || {
            let builder = Builder::address(address.as_str()).and_then(|b| b.serve_at(PATH, fake));
            let builder = builder.and_then(|b| b.name(NAME)).expect("good names");
            live(builder, told, || up.send(()).expect("somebody waits"));
        });
        is_up.recv().expect("it serves");
        Server { seen, calls, tell, thread }
    }

    /// Somebody on the bus who is no server, and says what only a server may.
    pub fn forger(&self) -> Server {
        let (address, (tell, told), (up, is_up)) = (self.address.clone(), unbounded_channel(), channel());
        let thread = std::thread::spawn(move || {
            live(Builder::address(address.as_str()).expect("a bus"), told, || up.send(()).expect("somebody waits"));
        });
        is_up.recv().expect("it is there");
        Server { seen: Seen::default(), calls: Arc::default(), tell, thread }
    }
}

/// Says what it is told to say, until nobody tells it any more.
fn live(builder: Builder<'_>, mut told: UnboundedReceiver<Said>, up: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let bus = builder.build().await.expect("a bus");
        up();
        while let Some((signals, done)) = told.recv().await {
            for signal in signals {
                signal.send(&bus).await;
            }
            // The bus has passed everything on when it answers this.
            let bus_itself = "org.freedesktop.DBus";
            let asked = bus.call_method(Some(bus_itself), "/org/freedesktop/DBus", Some(bus_itself), "GetId", &());
            asked.await.expect("the bus");
            done.send(()).expect("somebody waits");
        }
    });
}

/// What a server says at once, and who waits until that is said.
type Said = (Vec<Signal>, std::sync::mpsc::Sender<()>);

/// What a server says of a notification, by its number: they count from 1.
#[derive(Clone, Copy)]
pub enum Signal {
    Pressed(u32, &'static str),
    Leave(u32, &'static str),
    Closed(u32),
}

impl Signal {
    async fn send(self, bus: &Connection) {
        let nobody: Option<&str> = None;
        let sent = match self {
            Self::Pressed(number, key) => bus.emit_signal(nobody, PATH, NAME, "ActionInvoked", &(number, key)).await,
            Self::Leave(number, leave) => {
                bus.emit_signal(nobody, PATH, NAME, "ActivationToken", &(number, leave)).await
            }
            Self::Closed(number) => bus.emit_signal(nobody, PATH, NAME, "NotificationClosed", &(number, 2_u32)).await,
        };
        sent.expect("a bus");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// What a server was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub app: String,
    pub summary: String,
    pub body: String,
    /// The names of its buttons, and what they say.
    pub actions: Vec<String>,
    pub urgency: u8,
    pub sound: Option<String>,
    /// It was taken away again.
    pub closed: bool,
}

type Seen = Arc<Mutex<Vec<Shown>>>;

/// A server of notifications, for as long as it lives.
pub struct Server {
    seen: Seen,
    calls: Arc<AtomicUsize>,
    /// Dropped, it ends.
    tell: UnboundedSender<Said>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Gives its name up.
    pub fn end(self) {
        drop(self.tell);
        self.thread.join().expect("no panic");
    }

    /// Says all that, and waits until it is said.
    pub fn say(&self, signals: Vec<Signal>) {
        let (done, said) = channel();
        assert!(self.tell.send((signals, done)).is_ok(), "it lives");
        said.recv_timeout(PATIENCE).expect("it says so");
    }

    /// Presses a button of a notification, which goes away then.
    pub fn press(&self, number: u32, key: &'static str) {
        self.say(vec![Signal::Pressed(number, key), Signal::Closed(number)]);
    }

    /// How often it was asked to show something.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    pub fn seen(&self) -> Vec<Shown> {
        self.seen.lock().expect("no panic").clone()
    }

    /// Waits for exactly so many, there or not.
    pub fn wait_for_shown(&self, shown: usize) -> Vec<Shown> {
        let there = || Some(self.seen()).filter(|seen| seen.len() == shown);
        wait_until(PATIENCE, there, || format!("never {shown}: {:#?}", self.seen()))
    }

    /// Waits for exactly so many, of which so many were taken away.
    pub fn wait_for(&self, shown: usize, closed: usize) -> Vec<Shown> {
        let count = |seen: &Vec<Shown>| (seen.len(), seen.iter().filter(|shown| shown.closed).count());
        let there = || Some(self.seen()).filter(|seen| count(seen) == (shown, closed));
        wait_until(PATIENCE, there, || format!("never {shown} with {closed} closed: {:#?}", self.seen()))
    }
}

struct Fake {
    seen: Seen,
    calls: Arc<AtomicUsize>,
    abilities: Vec<&'static str>,
    presses: Option<&'static str>,
    count: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Fake {
    #[allow(clippy::too_many_arguments, clippy::needless_pass_by_value, reason = "the specification's")]
    async fn notify(
        &mut self,
        #[zbus(connection)] bus: &Connection,
        app: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let hint = |name: &str| hints.get(name).cloned();
        let urgency = hint("urgency").and_then(|value| u8::try_from(value).ok()).expect("an urgency");
        let sound = hint("sound-name").and_then(|value| String::try_from(value).ok());
        let shown = Shown { app, summary, body, actions, urgency, sound, closed: false };
        self.calls.fetch_add(1, Ordering::Relaxed);
        let number = if replaces == 0 { self.count + 1 } else { replaces };
        {
            let mut seen = self.seen.lock().expect("no panic");
            match seen.get_mut(number as usize - 1) {
                Some(before) => *before = shown,
                None => seen.push(shown),
            }
        }
        self.count = self.count.max(number);
        if let Some(key) = self.presses {
            Signal::Pressed(number, key).send(bus).await;
        }
        number
    }

    fn close_notification(&mut self, number: u32) {
        let mut seen = self.seen.lock().expect("no panic");
        seen.get_mut(number as usize - 1).expect("one of ours").closed = true;
    }

    fn get_capabilities(&self) -> Vec<&'static str> {
        self.abilities.clone()
    }

    fn get_server_information(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        ("fake", "nobody", "7.1", "1.2")
    }
}
