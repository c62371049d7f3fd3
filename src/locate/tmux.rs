//! tmux: the pane by its id on the server's own socket, shown by the right client.
//!
//! Formats and targets as in tmux(1), 3.3a; a pane's id is exact, names never are.

use std::os::unix::fs::{FileTypeExt, MetadataExt};

use rustix::net::SocketAddrUnix;

use super::command::ask;
use super::socket::listener;
use super::{Desk, Entered, Missed, Seat, Terminal, View, process};

/// A client: the name comes first because it is a path, which has no spaces here.
const CLIENT: &str = "#{client_name} #{client_pid} #{client_activity} #{session_id} #{pane_id} #{client_control_mode}";
/// A pane's session; its name, which may hold spaces, is last.
const PANE: &str = "pane #{session_id} #{pane_id} #{session_name}";

/// The multiplexer tmux.
pub struct Tmux;

impl Terminal for Tmux {
    fn name(&self) -> &'static str {
        "tmux"
    }

    fn holds(&self, seat: &Seat, _desk: &Desk) -> bool {
        Pane::of(seat).is_some_and(|pane| {
            // Without a process it is a seat of our own making: where the user was before a jump.
            seat.pid.is_none_or(|pid| process::ancestry(pid).contains(&pane.server))
        })
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        let pane = Pane::of(seat).ok_or_else(|| Missed::new("TMUX_PANE names no pane"))?;
        let found = pane.look(desk)?;
        let place = format!("tmux {} {}", found.session_name, pane.id);
        let Some(client) = pane.choose(&found, desk) else {
            pane.tmux(desk, &["select-window", "-t", pane.id, ";", "select-pane", "-t", pane.id])?;
            let attach = ["tmux", "-S", pane.socket, "attach-session", "-t", &found.session];
            return Ok(Entered::Unattended { place, argv: attach.map(str::to_owned).to_vec() });
        };
        let after = pane.show(desk, &client.name)?;
        let landed = after.iter().any(|c| c.name == client.name && c.pane == pane.id);
        if !landed {
            let why = format!("tmux was told to show pane {} in client {}, and does not", pane.id, client.name);
            return Err(Missed::new(why).help("look whether another client or a hook of tmux moves it away"));
        }
        if pane.is_callers(client, desk) {
            return Ok(Entered::Focused { place });
        }
        Ok(Entered::Within { place, outer: process::seat(client.pid, Some(client.name.clone())) })
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        let Some(Ok(found)) = Pane::of(seat).map(|pane| pane.look(desk)) else {
            return View::Unknown;
        };
        let showing = found.clients.iter().filter(|client| client.pane == found.pane);
        let seats: Vec<_> = showing.map(|client| process::seat(client.pid, Some(client.name.clone()))).collect();
        if seats.is_empty() { View::Hidden } else { View::Through(seats) }
    }
}

/// The pane that the caller's client shows.
#[must_use]
pub fn here(caller: &Seat, desk: &Desk) -> Option<Seat> {
    let (socket, server) = of_caller(caller)?;
    trusted(socket, server).ok()?;
    let told = ask(desk, &["tmux", "-S", socket, "list-clients", "-F", CLIENT]).ok()?;
    let clients: Vec<_> = told.lines().filter_map(Client::read).collect();
    let own = clients.iter().find(|client| caller.tty.as_ref() == Some(&client.name));
    let pane = match (own, caller.var("TMUX_PANE")) {
        (Some(client), _) => client.pane.clone(),
        (None, Some(pane)) => pane.to_owned(),
        (None, None) => clients.iter().max_by_key(|client| client.activity)?.pane.clone(),
    };
    let mut env = caller.env.clone();
    env.insert("TMUX_PANE".into(), pane);
    Some(Seat { pid: None, tty: None, env })
}

/// A pane on a server.
struct Pane<'a> {
    socket: &'a str,
    server: u32,
    id: &'a str,
}

/// What a server says of a pane, and of everybody who looks at it.
struct Found {
    session: String,
    session_name: String,
    pane: String,
    clients: Vec<Client>,
}

#[derive(Clone)]
struct Client {
    name: String,
    pid: u32,
    activity: u64,
    session: String,
    pane: String,
}

impl<'a> Pane<'a> {
    /// `TMUX` is `SOCKET,SERVER,SESSION`; `TMUX_PANE` is `%N`.
    fn of(seat: &'a Seat) -> Option<Self> {
        let id = seat.var("TMUX_PANE")?;
        let (socket, server) = server_of(seat)?;
        let number = id.strip_prefix('%')?;
        (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(())?;
        Some(Self { socket, server, id })
    }

    fn look(&self, desk: &Desk) -> Result<Found, Missed> {
        let told =
            self.tmux(desk, &["display-message", "-p", "-t", self.id, PANE, ";", "list-clients", "-F", CLIENT])?;
        let mut lines = told.lines();
        let mut parts = lines.next().unwrap_or_default().splitn(4, ' ').skip(1);
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let (session, pane, session_name) = (part(), part(), part());
        if pane != self.id {
            return Err(Missed::new(format!("tmux pane {} is gone", self.id)).help("the session has lost its terminal"));
        }
        Ok(Found { session, session_name, pane, clients: lines.filter_map(Client::read).collect() })
    }

    /// The caller's own client; else one that shows the session already; else the last one used.
    fn choose<'f>(&self, found: &'f Found, desk: &Desk) -> Option<&'f Client> {
        // Several may show the pane in which the key was pressed: it was the one used last.
        let own = found.clients.iter().filter(|client| self.is_callers(client, desk)).max_by_key(|c| c.activity);
        let by_use = |client: &&Client| (client.session == found.session, client.activity);
        own.or_else(|| found.clients.iter().max_by_key(by_use))
    }

    /// Whether the user pressed the key in this client: told by its terminal, or by the pane it shows.
    fn is_callers(&self, client: &Client, desk: &Desk) -> bool {
        let here = |caller: &&Seat| of_caller(caller).is_some_and(|(_, server)| server == self.server);
        let Some(caller) = desk.caller.as_ref().filter(here) else {
            return false;
        };
        match &caller.tty {
            Some(tty) => *tty == client.name,
            None => caller.var("TMUX_PANE") == Some(&client.pane),
        }
    }

    /// Switches the client, and asks what every client shows then.
    fn show(&self, desk: &Desk, client: &str) -> Result<Vec<Client>, Missed> {
        let switch = ["select-window", "-t", self.id, ";", "select-pane", "-t", self.id, ";"];
        let go = ["switch-client", "-c", client, "-t", self.id, ";", "list-clients", "-F", CLIENT];
        let told = self.tmux(desk, &[&switch[..], &go[..]].concat())?;
        Ok(told.lines().filter_map(Client::read).collect())
    }

    fn tmux(&self, desk: &Desk, arguments: &[&str]) -> Result<String, Missed> {
        trusted(self.socket, self.server)?;
        ask(desk, &[&["tmux", "-S", self.socket][..], arguments].concat()).map_err(|missed| self.in_words(missed))
    }

    fn in_words(&self, missed: Missed) -> Missed {
        let says = |word: &str| missed.why.contains(word);
        if says("can't find pane") || says("can't find window") {
            return Missed::new(format!("tmux pane {} is gone", self.id)).help("the session has lost its terminal");
        }
        if says("no server running") || says("error connecting") {
            return Missed::new(format!("no tmux server answers at {}", self.socket));
        }
        missed
    }
}

impl Client {
    fn read(line: &str) -> Option<Self> {
        let [name, pid, activity, session, pane, control] = line.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        // A program reads a client in control mode, nobody looks at it.
        (control != "1").then_some(())?;
        Some(Self {
            name: name.to_owned(),
            pid: pid.parse().ok()?,
            activity: activity.parse().unwrap_or(0),
            session: session.to_owned(),
            pane: pane.to_owned(),
        })
    }
}

/// The socket and the process of the server that a seat is in.
fn server_of(seat: &Seat) -> Option<(&str, u32)> {
    let mut parts = seat.var("TMUX")?.rsplitn(3, ',');
    let (_, server) = (parts.next()?, parts.next()?);
    let server = server.parse().ok().filter(|server| *server > 1)?;
    Some((parts.next()?, server))
}

/// The same of a caller, when it runs below that server: what it says of itself is not taken on trust.
fn of_caller(caller: &Seat) -> Option<(&str, u32)> {
    let below = |server: u32| caller.pid.is_some_and(|pid| process::ancestry(pid).contains(&server));
    server_of(caller).filter(|(_, server)| below(*server))
}

/// A client of tmux does what its server tells it, running programs included: so only tmux itself is talked
/// to, and only the very process that the session's own terminal belongs to.
fn trusted(socket: &str, server: u32) -> Result<(), Missed> {
    let absent = || Missed::new(format!("no tmux server answers at {socket}"));
    let found = std::fs::metadata(socket).map_err(|_| absent())?;
    let ours = found.file_type().is_socket() && found.uid() == rustix::process::getuid().as_raw();
    let address = SocketAddrUnix::new(socket).map_err(|_| absent())?;
    let peer = if ours { listener("tmux", &address).map_err(|_| absent())? } else { 0 };
    let program = std::fs::read_link(format!("/proc/{peer}/exe")).unwrap_or_default();
    let program = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // An upgrade replaces the program of a server that runs on (`tmux (deleted)`), and some systems wrap it.
    let is_tmux = program.contains("tmux");
    if ours && peer == server && is_tmux {
        return Ok(());
    }
    Err(Missed::new(format!("{socket} is not the tmux server that the session runs in")))
}
