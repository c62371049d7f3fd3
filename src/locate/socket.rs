//! Unix sockets of compositors, with deadlines, and only of this user.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::sockopt::socket_peercred;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect as net_connect, socket_with};

use super::Missed;

/// How long one read or write may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a full queue is tried.
const AGAIN: Duration = Duration::from_millis(20);
/// Longest answer that is taken, in bytes: a few KB for each window.
pub const LONGEST: u64 = 8 * 1024 * 1024;

/// Connects to `program` at `path`.
///
/// # Errors
/// When nobody listens there, or it belongs to somebody else.
pub fn connect(program: &str, path: &str) -> Result<UnixStream, Missed> {
    is_ours(program, path)?;
    let address = SocketAddrUnix::new(path).map_err(|error| lost(program, &error.into()))?;
    let stream = reach(program, &address)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(|error| lost(program, &error))?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(|error| lost(program, &error))?;
    Ok(stream)
}

/// Who listens at an address: the process, which is this user's.
///
/// # Errors
/// When nobody accepts in time, or it is somebody else.
pub fn listener(program: &str, address: &SocketAddrUnix) -> Result<u32, Missed> {
    let stream = reach(program, address)?;
    let peer = socket_peercred(&stream).map_err(|error| lost(program, &error.into()))?;
    if peer.uid != rustix::process::getuid() {
        return Err(Missed::new(format!("what listens as {program} is not yours")));
    }
    u32::try_from(peer.pid.as_raw_nonzero().get()).map_err(|_| strange(program))
}

/// Connects with a deadline: a program that is stopped lets callers wait for ever once its queue is full.
fn reach(program: &str, address: &SocketAddrUnix) -> Result<UnixStream, Missed> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None);
    let socket = socket.map_err(|error| lost(program, &error.into()))?;
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = net_connect(&socket, address) {
        if error != Errno::AGAIN || Instant::now() >= deadline {
            return Err(lost(program, &error.into()));
        }
        std::thread::sleep(AGAIN);
    }
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false).map_err(|error| lost(program, &error))?;
    Ok(stream)
}

/// Whether a socket at `path` was made by this user: nobody else is asked or believed.
///
/// # Errors
/// When it is not there, or was not.
pub fn is_ours(program: &str, path: &str) -> Result<(), Missed> {
    let found = std::fs::metadata(path).map_err(|_| {
        Missed::new(format!("no {program} listens at {path}"))
            .help(format!("{program} may have been started again; start `ccmon-tray` in the new session"))
    })?;
    if found.file_type().is_socket() && found.uid() == rustix::process::getuid().as_raw() {
        return Ok(());
    }
    Err(Missed::new(format!("{path} is no {program} socket of yours")))
}

/// Says `question`, and gives all that is answered: up to the end, or to the end of the first line.
///
/// # Errors
/// When it breaks, or does not come in time.
pub fn ask(program: &str, path: &str, question: &[u8]) -> Result<String, Missed> {
    let mut stream = connect(program, path)?;
    stream.write_all(question).map_err(|error| lost(program, &error))?;
    let answer = answer(&mut stream, question.ends_with(b"\n")).map_err(|error| lost(program, &error))?;
    let _ = stream.shutdown(Shutdown::Both);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// All of an answer, or its first line; in time as a whole, however slowly it drips.
fn answer(stream: &mut UnixStream, line: bool) -> std::io::Result<Vec<u8>> {
    let deadline = Instant::now() + PATIENCE;
    let (mut answer, mut chunk) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let read = stream.read(&mut chunk)?;
        answer.extend_from_slice(&chunk[..read]);
        if read == 0 || (line && chunk[..read].contains(&b'\n')) {
            return Ok(answer);
        }
        if answer.len() as u64 > LONGEST {
            return Err(ErrorKind::InvalidData.into());
        }
        if Instant::now() >= deadline {
            return Err(ErrorKind::TimedOut.into());
        }
    }
}

/// Words for what went wrong.
pub fn lost(program: &str, error: &std::io::Error) -> Missed {
    match error.kind() {
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => {
            Missed::new(format!("{program} did not answer within {} s", PATIENCE.as_secs()))
        }
        _ => Missed::new(format!("the connection to {program} broke: {error}")),
    }
}

/// Words for an answer that is not as documented.
pub fn strange(program: &str) -> Missed {
    Missed::new(format!("{program} answered something else than it documents"))
        .help(format!("report it together with the version of {program}"))
}
