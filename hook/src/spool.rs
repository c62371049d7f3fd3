//! Events for a daemon that is away: one file each, written by the hook, read back by the daemon.
//!
//! A file is the context's line, then the payload. It is written under another name and renamed, so
//! that the daemon never meets half of one. It is not flushed to the disk: the hook has no time for that,
//! and [`read`] tells a file that a power cut has torn.

use std::fmt;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, OFlags, RawDir};
use rustix::io::Errno;

use crate::context::Context;
use crate::json;
use crate::{paths, private};

/// At most this many events wait.
pub const FILES: usize = 10_000;
/// At most this many bytes wait.
pub const BYTES: u64 = 64 * 1024 * 1024;

/// Nothing that the hook writes is longer: a payload and its context.
const FILE_LIMIT: u64 = json::LIMIT as u64 + 64 * 1024;

/// Why an event could not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The spool holds all that it may.
    Full,
    /// The disk or the directory would not take it.
    Unwritable(Errno),
}

/// Keeps an event.
pub fn store(state: &Path, context: &Context, payload: &[u8]) -> Result<(), Lost> {
    let dir = open(state).map_err(Lost::Unwritable)?;
    let length = (context.json.len() + 1 + payload.len()) as u64;
    let (files, bytes) = usage(dir.as_fd()).map_err(Lost::Unwritable)?;
    if files >= FILES || bytes + length > BYTES {
        return Err(Lost::Full);
    }
    // The daemon may be writing the same event, that of a hook that could not wait for its answer.
    let temporary = format!(".{}.{}.tmp", context.id, rustix::process::getpid());
    let name = format!("{:020}-{}{SUFFIX}", context.started_ms, context.id);
    let remove = || rustix::fs::unlinkat(&dir, &temporary, AtFlags::empty());
    let mut written = write(dir.as_fd(), &temporary, context, payload);
    if written == Err(Errno::EXIST) && remove().is_ok() {
        // Half of it, of one with our number that was killed.
        written = write(dir.as_fd(), &temporary, context, payload);
    }
    written.and_then(|()| rustix::fs::renameat(&dir, &temporary, &dir, &name)).map_err(|error| {
        let _ = remove();
        Lost::Unwritable(error)
    })
}

/// An event in the spool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// When its hook started, in milliseconds since the Unix epoch.
    pub started_ms: u64,
    /// The id that its hook made.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
}

/// The events that wait, in the order of their hooks' starts. No directory: none.
pub fn list(state: &Path) -> io::Result<Vec<Entry>> {
    let dir = paths::spool_dir(state);
    let files = match std::fs::read_dir(&dir) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for file in files {
        let name = file?.file_name();
        if let Some((started_ms, id)) = name.to_str().and_then(parse_name) {
            entries.push(Entry { started_ms, id: id.to_owned(), path: dir.join(&name) });
        }
    }
    entries.sort();
    Ok(entries)
}

/// What a file of the spool holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The context's line.
    pub context: String,
    /// The payload, as Claude Code gave it.
    pub payload: Vec<u8>,
}

/// Reads an event back. [`io::ErrorKind::InvalidData`] is a torn or foreign file, which will never become a good one.
pub fn read(entry: &Entry) -> io::Result<Record> {
    let path = entry.path.to_str().ok_or(io::ErrorKind::InvalidData)?;
    let (file, _) = private::file_in(CWD, path, OFlags::RDONLY).map_err(refused)?;
    let mut bytes = Vec::new();
    std::fs::File::from(file).take(FILE_LIMIT + 1).read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Removes the half-written files of hooks that were killed. To be called while no hook can be writing
/// one for long: a hook needs milliseconds, `older_than` should be a minute.
pub fn sweep(state: &Path, older_than: std::time::Duration) -> io::Result<()> {
    let dir = paths::spool_dir(state);
    for file in std::fs::read_dir(&dir)? {
        let file = file?;
        let temporary = file.file_name().to_str().is_some_and(|name| name.ends_with(".tmp"));
        let age = file.metadata().and_then(|data| data.modified()).map(|time| time.elapsed());
        if temporary && matches!(age, Ok(Ok(age)) if age > older_than) {
            let _ = std::fs::remove_file(file.path());
        }
    }
    Ok(())
}

const SUFFIX: &str = ".event";

fn open(state: &Path) -> Result<OwnedFd, Errno> {
    private::dir_in(private::state_dir(state)?, paths::SPOOL)
}

/// How many files there are, and their bytes.
fn usage(dir: BorrowedFd<'_>) -> Result<(usize, u64), Errno> {
    let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
    let mut entries = RawDir::new(dir, &mut buffer);
    let (mut files, mut bytes) = (0, 0);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        if matches!(entry.file_name().to_bytes(), b"." | b"..") {
            continue;
        }
        // The daemon may have taken it away meanwhile.
        if let Ok(stat) = rustix::fs::statat(dir, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW) {
            files += 1;
            bytes += u64::try_from(stat.st_size).unwrap_or(0);
        }
    }
    Ok((files, bytes))
}

fn write(dir: BorrowedFd<'_>, name: &str, context: &Context, payload: &[u8]) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
    let (file, _) = private::file_in(dir, name, flags)?;
    for mut part in [context.json.as_bytes(), b"\n", payload] {
        while !part.is_empty() {
            match rustix::io::write(&file, part) {
                Ok(0) => return Err(Errno::NOSPC),
                Ok(written) => part = &part[written..],
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn parse_name(name: &str) -> Option<(u64, &str)> {
    let (time, id) = name.strip_suffix(SUFFIX)?.split_once('-')?;
    let well_formed = time.len() == 20 && time.bytes().all(|byte| byte.is_ascii_digit()) && is_id(id);
    if well_formed { Some((time.parse().ok()?, id)) } else { None }
}

/// Whether this is an id as hooks make them, 32 hexadecimal digits: others name no file.
#[must_use]
pub fn is_id(id: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    id.len() == 32 && id.bytes().all(hex)
}

fn parse(bytes: &[u8]) -> Option<Record> {
    let line = bytes.iter().position(|byte| *byte == b'\n')?;
    let (context, payload) = (&bytes[..line], &bytes[line + 1..]);
    if !context.is_ascii() || !json::is_object(context) || !json::is_object(payload) {
        return None;
    }
    Some(Record { context: String::from_utf8(context.to_vec()).ok()?, payload: payload.to_vec() })
}

/// A link, or what is no regular file of ours, is as bad as a torn one.
fn refused(error: Errno) -> io::Error {
    match error {
        Errno::LOOP | Errno::PERM | Errno::NXIO => io::ErrorKind::InvalidData.into(),
        other => other.into(),
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(f, "{FILES} events or {} MiB wait already", BYTES / 1024 / 1024),
            Self::Unwritable(error) => write!(f, "cannot write to the spool: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn names_carry_the_time_and_the_id() {
        let name = format!("00000001763700000123-{ID}.event");
        assert_eq!(parse_name(&name), Some((1_763_700_000_123, ID)));
        for name in [
            format!(".{ID}.tmp"),
            format!("1-{ID}.event"),
            format!("00000001763700000123-{}.event", ID.to_uppercase()),
            format!("+0000001763700000123-{ID}.event"),
            format!("99999999999999999999-{ID}.event"),
            "00000001763700000123-0.event".to_owned(),
        ] {
            assert_eq!(parse_name(&name), None, "{name}");
        }
    }

    #[test]
    fn torn_files_are_told_apart() {
        let whole = b"{\"v\":1}\n{\"a\":\n\"\xff\"}";
        let record = parse(whole).expect("a whole file");
        assert_eq!(record.context, "{\"v\":1}");
        assert_eq!(record.payload, b"{\"a\":\n\"\xff\"}");
        for cut in 0..whole.len() {
            assert_eq!(parse(&whole[..cut]), None, "cut at {cut}");
        }
        assert_eq!(parse(b"{\"v\":1}\n{}x"), None);
    }
}
