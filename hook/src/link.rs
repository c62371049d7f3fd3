//! A connection to the daemon over its Unix socket, believed only when the other end is our own user.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::sockopt::{self, Timeout};
use rustix::net::{AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType};

use crate::http::{self, Answer, Received};
use crate::poll;

/// An open connection to a daemon of our own user.
#[derive(Debug)]
pub struct Link(OwnedFd);

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLink {
    /// Nobody listens there, or nobody accepts in time.
    Absent(Errno),
    /// Another user listens there.
    Foreign {
        /// That user's id.
        uid: u32,
    },
    /// The path is longer than a socket's address can be.
    TooLong,
}

/// Why a connection gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The deadline has passed.
    TimedOut,
    /// Nobody reads our standard output any more.
    Unheard,
    /// The connection ended before the answer was complete.
    Lost,
    /// What came is no answer of a daemon of ours.
    Garbled,
}

/// What ends the waiting for an answer.
#[derive(Debug, Clone, Copy)]
pub struct Until<'a> {
    /// The moment to give up at.
    pub deadline: Instant,
    /// Who the answer is for: once this end of a pipe or socket has no reader, it is needed no more.
    pub listener: Option<BorrowedFd<'a>>,
}

impl Until<'_> {
    /// Waits for the answer up to `deadline`.
    pub fn deadline(deadline: Instant) -> Self {
        Self { deadline, listener: None }
    }
}

impl Link {
    /// Connects to the daemon at `path`, which has `patience` to accept.
    pub fn connect(path: &Path, patience: Duration) -> Result<Self, NoLink> {
        let address = SocketAddrUnix::new(path).map_err(|error| match error {
            Errno::NAMETOOLONG => NoLink::TooLong,
            other => NoLink::Absent(other),
        })?;
        let socket = open(&address, patience).map_err(NoLink::Absent)?;
        let uid = peer(&socket).map_err(NoLink::Absent)?;
        if uid == rustix::process::geteuid().as_raw() { Ok(Self(socket)) } else { Err(NoLink::Foreign { uid }) }
    }

    /// Sends the request and waits for the whole answer.
    pub fn exchange(&self, request: &[u8], until: &Until<'_>) -> Result<Answer, Broken> {
        self.send(request, until)?;
        self.receive(until)
    }

    /// A daemon may answer or close before it has read everything: then there is nothing more to send,
    /// and what it said is still to be read.
    fn send(&self, mut rest: &[u8], until: &Until<'_>) -> Result<(), Broken> {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        while !rest.is_empty() {
            match rustix::net::send(&self.0, rest, flags) {
                Ok(sent) => rest = &rest[sent..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let ready = self.wait(PollFlags::OUT | PollFlags::IN, until)?;
                    if ready.contains(PollFlags::IN) {
                        return Ok(());
                    }
                }
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    fn receive(&self, until: &Until<'_>) -> Result<Answer, Broken> {
        let mut bytes = Vec::with_capacity(1024);
        loop {
            self.wait(PollFlags::IN, until)?;
            if bytes.len() == bytes.capacity() {
                bytes.reserve(bytes.len());
            }
            match rustix::io::read(&self.0, spare_capacity(&mut bytes)) {
                Ok(0) => return Err(Broken::Lost),
                Ok(_) => {}
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => return Err(Broken::Lost),
            }
            match http::parse(&bytes) {
                Received::Part => {}
                Received::Garbled => return Err(Broken::Garbled),
                Received::Whole(answer) => return Ok(answer),
            }
        }
    }

    /// Waits until the socket is ready for one of `events`, or somebody gives up.
    fn wait(&self, events: PollFlags, until: &Until<'_>) -> Result<PollFlags, Broken> {
        let socket = PollFd::from_borrowed_fd(self.0.as_fd(), events);
        // No events: hang-up and error are always reported. Without a listener the socket stands in.
        let watched = until.listener.unwrap_or(self.0.as_fd());
        let listener = PollFd::from_borrowed_fd(watched, PollFlags::empty());
        let mut fds = [socket, listener];
        let count = if until.listener.is_some() { 2 } else { 1 };
        match poll::until(&mut fds[..count], until.deadline) {
            Ok(false) => Err(Broken::TimedOut),
            Err(_) => Err(Broken::Lost),
            Ok(true) if count == 2 && gone(fds[1].revents()) => Err(Broken::Unheard),
            Ok(true) => Ok(fds[0].revents()),
        }
    }
}

/// Whether a polled pipe or socket has lost its other end.
fn gone(events: PollFlags) -> bool {
    events.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
}

/// Whose process is at the other end.
fn peer(socket: &OwnedFd) -> Result<u32, Errno> {
    let peer = nix::sys::socket::getsockopt(socket, nix::sys::socket::sockopt::PeerCredentials);
    peer.map(|peer| peer.uid()).map_err(|error| Errno::from_raw_os_error(error as i32))
}

fn open(address: &SocketAddrUnix, patience: Duration) -> Result<OwnedFd, Errno> {
    let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
    let socket = rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
    // Connecting blocks only while the daemon's queue is full; this bounds it.
    sockopt::set_socket_timeout(&socket, Timeout::Send, Some(patience))?;
    rustix::net::connect(&socket, address)?;
    Ok(socket)
}

impl fmt::Display for NoLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(error) => write!(f, "no daemon: {error}"),
            Self::Foreign { uid } => {
                write!(f, "the daemon's socket belongs to user {uid}: nothing was sent to it")
            }
            Self::TooLong => f.write_str(
                "the path of the daemon's socket is longer than 107 bytes: set CCMON_SOCKET to a shorter one",
            ),
        }
    }
}
