//! A session bus of one test, and on it a server that remembers the notifications it was sent.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;
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
        let seen = Seen::default();
        let fake = Fake { seen: seen.clone(), abilities: abilities.to_vec(), count: 0 };
        let (address, (end, ended), (up, is_up)) = (self.address.clone(), oneshot::channel(), channel());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let builder = Builder::address(address.as_str()).and_then(|b| b.serve_at(PATH, fake));
                let serving = builder.and_then(|b| b.name(NAME)).expect("good names").build().await.expect("a bus");
                up.send(()).expect("somebody waits");
                let _: Result<(), _> = ended.await;
                drop(serving);
            });
        });
        is_up.recv().expect("it serves");
        Server { seen, _end: end }
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
    pub actions: usize,
    pub urgency: u8,
    pub sound: Option<String>,
    /// It was taken away again.
    pub closed: bool,
}

type Seen = Arc<Mutex<Vec<Shown>>>;

/// A server of notifications, for as long as it lives.
pub struct Server {
    seen: Seen,
    /// Dropped, it ends.
    _end: oneshot::Sender<()>,
}

impl Server {
    pub fn seen(&self) -> Vec<Shown> {
        self.seen.lock().expect("no panic").clone()
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
    abilities: Vec<&'static str>,
    count: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Fake {
    #[allow(clippy::too_many_arguments, clippy::needless_pass_by_value, reason = "the specification's")]
    fn notify(
        &mut self,
        app: String,
        _replaces: u32,
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
        let shown = Shown { app, summary, body, actions: actions.len(), urgency, sound, closed: false };
        self.seen.lock().expect("no panic").push(shown);
        self.count += 1;
        self.count
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
