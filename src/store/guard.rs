//! The place on disk: ours alone, and made so without a moment in which it is not.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::OpenError;

/// What `SQLite` puts beside a database. They are read and written as blindly as the file itself.
pub(super) const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// `SQLite` itself gives up at 512 bytes, saying only that it cannot open the file.
const LONGEST_PATH: usize = 500;

/// Makes sure that `path` is a regular file of `me`, in a directory that only `me` can look into;
/// creates it, empty, if there is none. The answer names it without symbolic links.
pub(super) fn secure(path: &Path, me: u32) -> Result<PathBuf, OpenError> {
    let name = path.file_name().ok_or_else(|| refuse(path, "does not name a file"))?;
    let file = directory(path, me)?.join(name);
    if file.as_os_str().len() > LONGEST_PATH {
        let why = "is too long a path: set CCMON_STATE_DIR to a shorter one";
        return Err(refuse(&file, why));
    }
    for end in BESIDE {
        let neighbour = beside(&file, end);
        if let Some(found) = look(&neighbour)? {
            private_file(&neighbour, &found, me)?;
        }
    }
    match create(&file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => existing(&file, me)?,
        made => made.map_err(|error| OpenError::io(&file, error))?,
    }
    Ok(file)
}

/// `path` with `end` added to its name.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// The directory of `path`: in a private one, nobody else can swap a file between our looking
/// at it and `SQLite`'s opening it.
fn directory(path: &Path, me: u32) -> Result<PathBuf, OpenError> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let found = fs::symlink_metadata(dir).map_err(|error| OpenError::io(dir, error))?;
    if found.is_symlink() {
        let why = "is a symbolic link: set CCMON_STATE_DIR to the directory itself";
        return Err(refuse(dir, why));
    }
    if !found.is_dir() {
        return Err(refuse(dir, "is not a directory"));
    }
    if found.uid() != me {
        return Err(refuse(dir, "belongs to another user"));
    }
    if found.mode() & 0o077 != 0 {
        let why = "can be entered by other users: `chmod 700` it";
        return Err(refuse(dir, why));
    }
    rustix::fs::access(dir, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)
        .map_err(|error| OpenError::io(dir, error.into()))?;
    fs::canonicalize(dir).map_err(|error| OpenError::io(dir, error))
}

/// Never wider than 0600; exactly that even under a umask that takes our own bits away.
fn create(file: &Path) -> io::Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    made.set_permissions(Permissions::from_mode(0o600))?;
    // The entry has to be on disk before the first commit says that it is.
    file.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

/// Looks without opening: closing a descriptor of our own would drop `SQLite`'s locks, should the
/// file be open already.
fn existing(file: &Path, me: u32) -> Result<(), OpenError> {
    let Some(found) = look(file)? else {
        return Err(refuse(file, "comes and goes"));
    };
    private_file(file, &found, me)?;
    let mode = found.mode() & 0o7777;
    if mode & 0o077 != 0 {
        fs::set_permissions(file, Permissions::from_mode(mode & 0o700)).map_err(|error| OpenError::io(file, error))?;
    }
    Ok(())
}

fn look(path: &Path) -> Result<Option<fs::Metadata>, OpenError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(OpenError::io(path, error)),
    }
}

fn private_file(path: &Path, found: &fs::Metadata, me: u32) -> Result<(), OpenError> {
    let kind = found.file_type();
    let wrong = if kind.is_symlink() {
        "is a symbolic link"
    } else if kind.is_dir() {
        "is a directory"
    } else if kind.is_fifo() {
        "is a pipe"
    } else if !kind.is_file() {
        "is not a file"
    } else if found.uid() != me {
        "belongs to another user"
    } else if found.nlink() > 1 {
        "has a second name (a hard link)"
    } else {
        return Ok(());
    };
    Err(refuse(path, &format!("{wrong}: find out who put it there and move it away")))
}

fn refuse(path: &Path, why: &str) -> OpenError {
    OpenError::Unsafe { path: path.to_owned(), why: why.to_owned() }
}
