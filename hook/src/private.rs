//! Opens the files and directories that belong to one user alone, and refuses what somebody else may have put there.

use std::fs::DirBuilder;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// The state directory, made with its parents when missing.
pub fn state_dir(state: &Path) -> Result<OwnedFd, Errno> {
    let opened = open_dir(CWD, state);
    if opened.as_ref().err() != Some(&Errno::NOENT) {
        return opened;
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(state);
    made.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    open_dir(CWD, state)
}

/// A directory in it, made when missing, and closed to others.
pub fn dir_in(parent: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    match rustix::fs::mkdirat(&parent, name, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error),
    }
    let dir = open_dir(parent, Path::new(name))?;
    if rustix::fs::fstat(&dir)?.st_mode & 0o077 != 0 {
        rustix::fs::fchmod(&dir, Mode::RWXU)?;
    }
    Ok(dir)
}

/// Opens a file below `dir`: never through a link, never waiting for the other end of a FIFO, and only
/// a regular file of ours that has no second name.
pub fn file_in(dir: impl AsFd, name: &str, flags: OFlags) -> Result<(OwnedFd, Stat), Errno> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(dir, name, flags, Mode::RUSR | Mode::WUSR)?;
    let stat = rustix::fs::fstat(&file)?;
    let regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    if regular && owned(&stat) && stat.st_nlink == 1 { Ok((file, stat)) } else { Err(Errno::PERM) }
}

fn open_dir(parent: impl AsFd, path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    let dir = rustix::fs::openat(parent, path, flags, Mode::empty())?;
    if owned(&rustix::fs::fstat(&dir)?) { Ok(dir) } else { Err(Errno::PERM) }
}

fn owned(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw()
}
