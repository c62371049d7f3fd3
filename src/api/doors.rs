//! The two doors: the Unix socket for this user, loopback TCP for holders of the token.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tower::ServiceExt;

use super::crowd::{Crowd, Known, Place};
pub use super::lane::Lane;
pub use super::token::Token;
use super::token::write_private;
use crate::paths::{is_ours, own_directory};

/// How a request came in; an extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The Unix socket: our own uid, checked. The process, where the kernel knows it.
    Unix {
        /// Process id of the caller, `None` when it is in a namespace we do not see.
        pid: Option<u32>,
    },
    /// Loopback TCP.
    Tcp {
        /// Our port.
        port: u16,
        /// Where the caller is.
        peer: SocketAddr,
    },
    /// A window of our own process.
    Window,
}

impl Door {
    /// The process of the caller, where the kernel tells.
    pub(super) fn process(self) -> Option<u32> {
        if let Self::Unix { pid } = self { pid } else { None }
    }
}

/// Most connections at once, per door: ten thousand hooks in ten seconds fit, a flood does not.
const UNIX_CONNECTIONS: usize = 4_096;
const TCP_CONNECTIONS: usize = 256;
/// How long a caller may take to send its headers.
const HEADERS: Duration = Duration::from_secs(5);
/// Largest headers, in bytes. The hook's context is at most 16 KiB of them.
const HEADER_BYTES: usize = 64 * 1024;
/// How many ports after the preferred one are tried.
const PORTS: u16 = 50;

/// Opens the Unix socket, 0600 in a directory of ours. The caller holds the lock: a socket that is
/// there already is a dead daemon's.
///
/// # Errors
/// When the path is too long, not ours, or taken by something that is no socket.
pub fn bind_unix(path: &Path) -> Result<UnixListener> {
    let parent = path.parent().context("the socket's path has no directory")?;
    // The longest path that fits `sockaddr_un`, see unix(7).
    ensure!(path.as_os_str().len() < 108, "the socket's path is too long for the system: {}", path.display());
    if !parent.exists() {
        own_directory(parent)?;
    }
    let there = std::fs::symlink_metadata(parent).with_context(|| format!("cannot look at {}", parent.display()))?;
    ensure!(there.is_dir() && is_ours(&there), "{} is not a directory of yours", parent.display());
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() && is_ours(&found) => {}
        Ok(_) => bail!("{} is there and is no socket of yours: move it away", path.display()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("cannot look at {}", path.display()));
        }
    }
    let private = parent.join(format!(".door-{}", std::process::id()));
    let leave = || {
        let _ = std::fs::remove_file(private.join("new"));
        let _ = std::fs::remove_dir(&private);
    };
    leave();
    let listener = listen_privately(&private, path);
    leave();
    listener.with_context(|| format!("cannot listen on {}", path.display()))
}

/// No window in which others could connect, and no change of the umask, which other threads would
/// feel: the socket is made where nobody else can reach it, and moved over a dead daemon's.
fn listen_privately(private: &Path, path: &Path) -> io::Result<UnixListener> {
    DirBuilder::new().mode(0o700).create(private)?;
    std::fs::set_permissions(private, Permissions::from_mode(0o700))?;
    // By its descriptor, so that the longer name does not count.
    let directory = File::open(private)?;
    let listener = UnixListener::bind(format!("/proc/self/fd/{}/new", directory.as_raw_fd()))?;
    let fresh = private.join("new");
    std::fs::set_permissions(&fresh, Permissions::from_mode(0o600))?;
    std::fs::rename(&fresh, path)?;
    Ok(listener)
}

/// Opens the TCP door on loopback: the preferred port, or the next free one. Writes `port`, and
/// `token` where there is none yet.
///
/// # Errors
/// When no port is free, or the files cannot be kept private.
pub fn bind_tcp(state: &Path, preferred: u16) -> Result<(TcpListener, Token)> {
    let token = Token::keep(&state.join("token"))?;
    let listener = (preferred..=preferred.saturating_add(PORTS))
        .find_map(|port| std::net::TcpListener::bind(("127.0.0.1", port)).ok())
        .with_context(|| format!("no port from {preferred} on is free"))?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let port = listener.local_addr()?.port();
    write_private(&state.join("port"), format!("{port}\n").as_bytes())?;
    Ok((listener, token))
}

/// Serves the Unix door until `stop` says so; then waiting hooks lose their connection, and come
/// back to the next daemon. What hooks tell goes by the `lane` where it can.
pub async fn serve_unix(listener: UnixListener, lane: Lane, router: Router, stop: watch::Receiver<bool>) {
    attend(UNIX_CONNECTIONS, UnixEntrance { listener, lane }, router, stop).await;
}

/// Serves the TCP door until `stop` says so.
pub async fn serve_tcp(listener: TcpListener, router: Router, stop: watch::Receiver<bool>) {
    attend(TCP_CONNECTIONS, listener, router, stop).await;
}

/// Where callers knock.
trait Entrance {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next caller; `None` for one who is turned away.
    fn next(&self) -> impl Future<Output = io::Result<Option<(Self::Stream, Door)>>> + Send;

    /// The short way; gives back whoever has to go the long one.
    fn hand_over(&self, stream: Self::Stream, _: Door, place: Place) -> Option<(Self::Stream, Place)> {
        Some((stream, place))
    }
}

struct UnixEntrance {
    listener: UnixListener,
    lane: Lane,
}

impl Entrance for UnixEntrance {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<Option<(UnixStream, Door)>> {
        let (stream, _) = self.listener.accept().await?;
        let door = unix_door(&stream);
        Ok(door.map(|door| (stream, door)))
    }

    fn hand_over(&self, stream: UnixStream, door: Door, place: Place) -> Option<(UnixStream, Place)> {
        self.lane.hand_over(stream, door, place)
    }
}

impl Entrance for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<Option<(TcpStream, Door)>> {
        let (stream, peer) = self.accept().await?;
        Ok(Some((stream, Door::Tcp { port: self.local_addr()?.port(), peer })))
    }
}

/// Who came in at the Unix door; `None` for another user's process.
fn unix_door(stream: &UnixStream) -> Option<Door> {
    let peer = stream.peer_cred().ok().filter(|peer| peer.uid() == rustix::process::getuid().as_raw());
    if peer.is_none() {
        tracing::warn!("another user's process was turned away from the socket");
    }
    let pid = peer?.pid().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid != 0);
    Some(Door::Unix { pid })
}

/// Lets callers in, no more than `most` at once.
async fn attend(most: usize, entrance: impl Entrance, router: Router, stop: watch::Receiver<bool>) {
    let mut crowd = Crowd::of(most);
    loop {
        let admitted = tokio::select! {
            biased;
            () = stopped(stop.clone()) => return,
            admitted = admit(&entrance, &mut crowd) => admitted,
        };
        match admitted {
            Ok(Some((stream, door, place))) => {
                let Some((stream, place)) = entrance.hand_over(stream, door, place) else {
                    continue;
                };
                let known = Known::default();
                let task = serve(stream, &router, door, known.clone(), stop.clone(), place);
                crowd.came(known, task);
            }
            Ok(None) => {}
            Err(_) => after_failure().await,
        }
    }
}

/// The next caller, and a place for it.
async fn admit<E: Entrance>(entrance: &E, crowd: &mut Crowd) -> io::Result<Option<(E::Stream, Door, Place)>> {
    let Some((stream, door)) = entrance.next().await? else {
        return Ok(None);
    };
    Ok(crowd.place().await.map(|place| (stream, door, place)))
}

/// Out of descriptors, most likely: accepting again at once would only spin.
async fn after_failure() {
    tracing::warn!("a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the daemon is gone: that is a stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn serve<S>(
    stream: S,
    router: &Router,
    door: Door,
    known: Known,
    stop: watch::Receiver<bool>,
    place: Place,
) -> AbortHandle
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let marked = router.clone().map_request(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(door);
        request.extensions_mut().insert(known.clone());
        request
    });
    let connection = async move {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(HEADER_BYTES);
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(marked));
        tokio::select! {
            // First: when the engine goes, its waiting hooks must not hear "no decision" on the way out.
            biased;
            () = stopped(stop) => {}
            // How a connection ended is the caller's business.
            _ = connection.with_upgrades() => {}
        }
        drop(place);
    };
    tokio::spawn(connection).abort_handle()
}
