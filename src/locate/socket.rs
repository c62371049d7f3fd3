//! Unix sockets of compositors, with deadlines, and only of this user.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::Missed;

/// How long one read or write may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest answer that is taken, in bytes: a few KB for each window.
pub const LONGEST: u64 = 8 * 1024 * 1024;

/// Connects to `program` at `path`.
///
/// # Errors
/// When nobody listens there, or it belongs to somebody else.
pub fn connect(program: &str, path: &str) -> Result<UnixStream, Missed> {
    is_ours(program, path)?;
    let stream = UnixStream::connect(path).map_err(|error| lost(program, &error))?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(|error| lost(program, &error))?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(|error| lost(program, &error))?;
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
    let mut answer = Vec::new();
    let mut reader = std::io::BufReader::new(Read::by_ref(&mut stream).take(LONGEST));
    let told = if question.ends_with(b"\n") {
        std::io::BufRead::read_until(&mut reader, b'\n', &mut answer)
    } else {
        reader.read_to_end(&mut answer)
    };
    told.map_err(|error| lost(program, &error))?;
    let _ = stream.shutdown(Shutdown::Both);
    Ok(String::from_utf8_lossy(&answer).into_owned())
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
