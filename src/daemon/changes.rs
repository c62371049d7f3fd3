//! Changes in a directory, or of a file's names, and the reactor's one need for `unsafe`.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

/// It is no longer where it was.
const GONE: ReadFlags = ReadFlags::DELETE_SELF.union(ReadFlags::MOVE_SELF).union(ReadFlags::IGNORED);

/// A watched directory or file.
#[derive(Debug)]
pub struct Changes {
    inotify: AsyncFd<OwnedFd>,
}

/// What changed since the last look.
#[derive(Debug, Default)]
pub struct Changed {
    /// Names of the files, each once.
    pub names: BTreeSet<OsString>,
    /// What is watched is itself gone.
    pub gone: bool,
}

impl Changes {
    /// Watches `directory` for files that are written, or moved into it.
    ///
    /// # Errors
    /// When it is not a directory, or the kernel has no watch left.
    pub fn of(directory: &Path) -> io::Result<Self> {
        Self::watch(directory, WatchFlags::MODIFY | WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO)
    }

    /// The same, and for files that are deleted, or moved out of it.
    ///
    /// # Errors
    /// As [`Changes::of`].
    pub fn and_losses_of(directory: &Path) -> io::Result<Self> {
        let written = WatchFlags::MODIFY | WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO;
        Self::watch(directory, written | WatchFlags::DELETE | WatchFlags::MOVED_FROM)
    }

    /// Watches `directory` for whatever becomes of the files in it.
    ///
    /// # Errors
    /// As [`Changes::of`].
    pub fn all_of(directory: &Path) -> io::Result<Self> {
        let made = WatchFlags::CREATE | WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO | WatchFlags::ATTRIB;
        Self::watch(directory, made | WatchFlags::DELETE | WatchFlags::MOVED_FROM)
    }

    /// Watches a file for names that it gets or loses, and for what else is not its content.
    ///
    /// # Errors
    /// When it may not be read, or the kernel has no watch left.
    pub fn of_names(file: &Path) -> io::Result<Self> {
        Self::add(file, WatchFlags::ATTRIB | WatchFlags::MOVE_SELF)
    }

    fn watch(directory: &Path, wanted: WatchFlags) -> io::Result<Self> {
        let itself = WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF | WatchFlags::ONLYDIR;
        Self::add(directory, wanted | itself)
    }

    fn add(path: &Path, wanted: WatchFlags) -> io::Result<Self> {
        let fd = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).map_err(in_words)?;
        inotify::add_watch(&fd, path, wanted).map_err(in_words)?;
        Ok(Self { inotify: readable(fd)? })
    }

    /// Waits for the next changes.
    ///
    /// # Errors
    /// When the kernel refuses to tell.
    pub async fn next(&mut self) -> io::Result<Changed> {
        loop {
            let mut ready = self.inotify.readable().await?;
            match read(ready.get_inner()) {
                Err(Errno::AGAIN) => ready.clear_ready(),
                changed => return Ok(changed?),
            }
        }
    }
}

/// What inotify refuses, in words: the system's own speak of files and of space.
pub fn in_words(error: Errno) -> io::Error {
    match error {
        Errno::MFILE => {
            io::Error::other("no inotify instance is left (fs.inotify.max_user_instances), or no descriptor")
        }
        Errno::NOSPC => io::Error::other("no inotify watch is left (fs.inotify.max_user_watches)"),
        other => other.into(),
    }
}

fn read(inotify: &OwnedFd) -> Result<Changed, Errno> {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut reader = Reader::new(inotify, &mut buffer);
    let mut changed = Changed::default();
    loop {
        let event = reader.next()?;
        changed.gone |= event.events().intersects(GONE);
        changed.names.extend(event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()).to_owned()));
        if reader.is_buffer_empty() {
            return Ok(changed);
        }
    }
}

/// Hands a descriptor to the reactor.
///
/// # Errors
/// When the reactor cannot take it.
#[allow(unsafe_code)]
pub fn readable(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` stays open, and stays the same descriptor, for as long as the `AsyncFd`
    // that it is moved into lives.
    let registered = unsafe { AsyncFd::register_with_interest(fd, tokio::io::Interest::READABLE) };
    registered.map_err(Into::into)
}
