//! A file written aside, until it takes another's place in one step.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// A file that we make: it may come to hold secrets.
const NEW_MODE: u32 = 0o600;

/// Removed when dropped, whatever is then at its path: our text, or what it replaced.
pub(super) struct Temporary(PathBuf);

impl Temporary {
    /// Writes `text` to the disk, with mode and group of `like`.
    pub(super) fn write(path: PathBuf, text: &str, like: Option<&Metadata>) -> io::Result<Self> {
        let mut file = create(&path)?;
        let temporary = Self(path);
        file.write_all(text.as_bytes())?;
        if let Some(found) = like {
            // A group that we are not in cannot be kept.
            let _ = fchown(&file, None, Some(found.gid()));
            file.set_permissions(PermissionsExt::from_mode(found.mode() & 0o7777))?;
        }
        file.sync_all()?;
        Ok(temporary)
    }

    /// Becomes the file at `path`, which is known to hold `was` (or not to exist).
    ///
    /// # Errors
    /// `AlreadyExists` or `NotFound` when that is no longer true; then what is there stays.
    pub(super) fn take_place(&self, path: &Path, was: Option<&str>) -> io::Result<()> {
        let flags = if was.is_some() { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
        match renameat_with(CWD, &self.0, CWD, path, flags) {
            // Some file systems cannot do it; the caller looked a moment ago.
            Err(Errno::INVAL | Errno::NOSYS) => fs::rename(&self.0, path),
            Err(error) => Err(error.into()),
            Ok(()) => self.check(path, was),
        }
    }

    /// After an exchange we hold what had been there: the last moment to see that it is another text, and to
    /// put it back.
    fn check(&self, path: &Path, was: Option<&str>) -> io::Result<()> {
        let Some(was) = was else {
            return Ok(());
        };
        if fs::symlink_metadata(&self.0)?.is_file() && fs::read(&self.0)? == was.as_bytes() {
            return Ok(());
        }
        renameat_with(CWD, &self.0, CWD, path, RenameFlags::EXCHANGE)?;
        Err(ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A new file for its owner alone.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(NEW_MODE).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_in_the_last_moment_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (path, aside) = (dir.path().join("file"), dir.path().join("aside"));
        let place = |was: Option<&str>| {
            let temporary = Temporary::write(aside.clone(), "ours", None).unwrap();
            temporary.take_place(&path, was).map_err(|error| error.kind())
        };
        assert_eq!(place(Some("theirs")), Err(ErrorKind::NotFound));
        assert_eq!(place(None), Ok(()));
        fs::write(&path, "newer").unwrap();
        assert_eq!(place(None), Err(ErrorKind::AlreadyExists));
        assert_eq!(place(Some("older")), Err(ErrorKind::AlreadyExists));
        assert_eq!(fs::read_to_string(&path).unwrap(), "newer");
        assert_eq!(place(Some("newer")), Ok(()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(place(Some("older")).is_err() && path.is_dir());
        assert!(!aside.exists());
    }
}
