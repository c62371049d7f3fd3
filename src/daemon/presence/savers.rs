//! Screen savers. Any program on the bus can say what a screen saver says: each is believed under a name that the bus
//! gave it, and for itself alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::{Connection, MatchRule, Message, MessageStream, message};

use super::{ask, in_time};
use crate::api::fenced;
use crate::core::Board;

/// Names under which screen savers are found, and where. What each says is of an interface of the same name.
const SAVERS: [(&str, &str); 5] = [
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
];
/// The bus itself; nobody else speaks under this name.
const BUS: &str = "org.freedesktop.DBus";
/// What they say.
const TURNS: &str = "ActiveChanged";
/// What the bus says of names.
const PASSES: &str = "NameOwnerChanged";

/// Whichever there are.
pub struct Savers {
    bus: DBusProxy<'static>,
    /// In the order in which the bus passed them on.
    signals: MessageStream,
    board: watch::Receiver<Arc<Board>>,
    known: BTreeMap<&'static str, Saver>,
}

/// One of them.
struct Saver {
    /// Whose the name is, as the bus calls them.
    owner: String,
    /// It covers everything.
    active: bool,
}

impl Savers {
    /// Listens from now on.
    pub async fn open(bus: &Connection, board: watch::Receiver<Arc<Board>>) -> zbus::Result<Self> {
        let signals = MessageStream::from(bus);
        let bus = DBusProxy::new(bus).await?;
        let mut savers = Self { bus, signals, board, known: BTreeMap::new() };
        for (name, path) in SAVERS {
            let signal = || MatchRule::builder().msg_type(message::Type::Signal);
            let turns = signal().interface(name)?.member(TURNS)?.build();
            let passes = signal().sender(BUS)?.interface(BUS)?.member(PASSES)?.arg(0, name)?.build();
            for rule in [turns, passes] {
                in_time(async { Ok(savers.bus.add_match_rule(rule).await?) }).await?;
            }
            // Nobody is started for being asked.
            let owner = in_time(async { Ok(savers.bus.get_name_owner(BusName::try_from(name)?).await?) }).await;
            savers.follow(name, path, owner.map(|owner| owner.to_string()).unwrap_or_default()).await;
        }
        Ok(savers)
    }

    /// Whether one of them covers everything.
    pub fn are_active(&self) -> bool {
        self.known.values().any(|saver| saver.active)
    }

    /// Waits until one of them has said something, came or went. False when the bus is gone.
    pub async fn change(&mut self) -> zbus::Result<bool> {
        while let Some(signal) = self.signals.next().await.transpose()? {
            if self.hear(&signal).await {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether it is to be believed. It may have been sent to us alone, which no rule keeps away.
    async fn hear(&mut self, signal: &Message) -> bool {
        let header = signal.header();
        let (Some(from), Some(of), Some(what)) = (header.sender(), header.interface(), header.member()) else {
            return false;
        };
        match (signal.message_type(), from.as_str(), of.as_str(), what.as_str()) {
            (message::Type::Signal, BUS, BUS, PASSES) => {
                match signal.body().deserialize::<(String, String, String)>() {
                    Ok((name, _, owner)) => self.pass(&name, owner).await,
                    Err(_) => false,
                }
            }
            (message::Type::Signal, owner, name, TURNS) => match signal.body().deserialize() {
                Ok(active) => self.turn(name, owner, active).await,
                Err(_) => false,
            },
            _ => false,
        }
    }

    /// A name is another's from now on.
    async fn pass(&mut self, name: &str, owner: String) -> bool {
        let saver = SAVERS.into_iter().find(|(known, _)| *known == name);
        if let Some((name, path)) = saver {
            self.follow(name, path, owner).await;
        }
        saver.is_some()
    }

    /// Somebody says under a name that it covers everything, or no longer does.
    async fn turn(&mut self, name: &str, owner: &str, active: bool) -> bool {
        if self.known.get(name).is_none_or(|saver| saver.owner != owner) {
            return false;
        }
        let active = active && self.is_free(name, owner).await;
        if let Some(saver) = self.known.get_mut(name) {
            saver.active = active;
        }
        true
    }

    /// Goes by the owner of a name from now on; by nobody where that is empty.
    async fn follow(&mut self, name: &'static str, path: &str, owner: String) {
        self.known.remove(name);
        if owner.is_empty() {
            return;
        }
        let asked =
            async { ask(self.bus.inner().connection(), &owner, &path.try_into()?, (name, "GetActive"), &()).await };
        let active = in_time(asked).await.unwrap_or(false) && self.is_free(name, &owner).await;
        self.known.insert(name, Saver { owner, active });
    }

    /// Whether no Claude session started it: its word could let requests go, or keep the popup away.
    async fn is_free(&self, name: &str, owner: &str) -> bool {
        let process = async { Ok(self.bus.get_connection_unix_process_id(BusName::try_from(owner)?).await?) };
        let board = self.board.borrow().clone();
        let why = fenced(in_time(process).await.ok(), board).await;
        if let Some(why) = &why {
            tracing::warn!("{name} is not believed that it covers the screen: {why}");
        }
        why.is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    use ccmon_hook::proc::Stat;
    use zbus::connection::Builder;

    use super::*;
    use crate::core::{ProcessId, Session};

    const GNOME: &str = "org.gnome.ScreenSaver";
    const MATE: &str = "org.mate.ScreenSaver";

    /// A bus of one test; gone when it is dropped.
    struct Bus {
        daemon: Child,
        address: String,
    }

    impl Bus {
        fn start() -> Self {
            let mut command = Command::new("dbus-daemon");
            command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]).stdin(Stdio::null());
            let mut daemon = command.stdout(Stdio::piped()).spawn().expect("dbus-daemon starts");
            let mut address = String::new();
            BufReader::new(daemon.stdout.as_mut().expect("a pipe")).read_line(&mut address).expect("its address");
            Self { daemon, address: address.trim().to_owned() }
        }

        fn builder(&self) -> Builder<'_> {
            Builder::address(self.address.as_str()).expect("an address")
        }

        async fn connect(&self) -> Connection {
            self.builder().build().await.expect("a bus")
        }

        /// Somebody who listens, and goes by this picture.
        async fn savers(&self, board: &watch::Sender<Arc<Board>>) -> Savers {
            Savers::open(&self.connect().await, board.subscribe()).await.expect("a bus")
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }

    struct Cover;

    #[zbus::interface(name = "org.mate.ScreenSaver")]
    impl Cover {
        fn get_active(&self) -> bool {
            true
        }
    }

    async fn says(who: &Connection, to: Option<&str>, name: &str, active: bool) {
        who.emit_signal(to, "/any/where", name, TURNS, &active).await.expect("a bus");
    }

    /// Whether one of them covers everything, after the next that was believed.
    async fn next(savers: &mut Savers) -> bool {
        let change = tokio::time::timeout(std::time::Duration::from_secs(30), savers.change());
        assert!(change.await.expect("something is believed").expect("a bus"));
        savers.are_active()
    }

    #[tokio::test]
    async fn only_the_owner_of_a_name_speaks_under_it() {
        let (bus, board) = (Bus::start(), watch::Sender::new(Arc::default()));
        let (owner, forger) = (bus.connect().await, bus.connect().await);
        owner.request_name(GNOME).await.expect("it is free");
        forger.request_name(MATE).await.expect("it is free");
        let mut savers = bus.savers(&board).await;
        let us = savers.bus.inner().connection().unique_name().expect("a name").to_string();
        says(&owner, None, GNOME, true).await;
        assert!(next(&mut savers).await);
        // Said to all, to us alone, as the bus, under a name that nobody has: then by the owner of another.
        for to in [None, Some(us.as_str())] {
            says(&forger, to, GNOME, false).await;
            forger.emit_signal(to, "/any/where", BUS, PASSES, &(GNOME, "", "")).await.expect("a bus");
            says(&forger, to, "org.xfce.ScreenSaver", false).await;
        }
        says(&forger, None, MATE, false).await;
        assert!(next(&mut savers).await, "each speaks for itself");
        says(&owner, None, GNOME, false).await;
        assert!(!next(&mut savers).await);
    }

    #[tokio::test]
    async fn who_goes_covers_nothing_and_who_comes_is_asked() {
        let (bus, board) = (Bus::start(), watch::Sender::new(Arc::default()));
        let mut savers = bus.savers(&board).await;
        assert!(!savers.are_active());
        let covers = || async {
            let builder = bus.builder().serve_at("/org/mate/ScreenSaver", Cover).and_then(|b| b.name(MATE));
            builder.expect("good names").build().await.expect("a bus")
        };
        let owner = covers().await;
        assert!(next(&mut savers).await);
        owner.close().await.expect("a bus");
        assert!(!next(&mut savers).await);
        let _owner = covers().await;
        assert!(next(&mut savers).await);
        assert!(bus.savers(&board).await.are_active(), "also who was there before");
    }

    #[tokio::test]
    async fn one_that_claude_started_covers_nothing() {
        let (bus, board) = (Bus::start(), watch::Sender::new(Arc::default()));
        let owner = bus.connect().await;
        owner.request_name(GNOME).await.expect("it is free");
        let mut savers = bus.savers(&board).await;
        says(&owner, None, GNOME, true).await;
        assert!(next(&mut savers).await);
        board.send_modify(|board| {
            let (pid, mut session) = (std::process::id(), Session::default());
            session.process = Some(ProcessId { pid, start: Stat::read(pid).expect("we live").start });
            Arc::make_mut(board).sessions.insert(session.key.clone(), Arc::new(session));
        });
        says(&owner, None, GNOME, true).await;
        assert!(!next(&mut savers).await);
    }
}
