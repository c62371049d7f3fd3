//! The file on the disk: found behind links, read with care, replaced in one step, kept aside before.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::refusal::Refusal;
use super::temporary::{Temporary, create};

/// No settings file is larger.
const MAX_MEGABYTES: u64 = 5;
const KEPT_BACKUPS: usize = 5;

/// The file as it was when we looked.
#[derive(Debug)]
pub struct Snapshot {
    /// Where it really is, links followed.
    pub path: PathBuf,
    /// What is in it; `None` when there is no file.
    pub text: Option<String>,
    found: Option<Metadata>,
}

/// What a [`Snapshot::write`] left besides the file.
#[derive(Debug, Default)]
pub struct Written {
    /// The copy of what was there.
    pub backup: Option<PathBuf>,
    /// Whether the directory had to be made.
    pub made_dir: bool,
}

/// Reads the file that `path` leads to.
///
/// # Errors
/// When it is not a readable text file of reasonable size.
pub fn read(path: &Path) -> Result<Snapshot, Refusal> {
    let path = real(path)?;
    let before = match fs::symlink_metadata(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Snapshot { path, text: None, found: None });
        }
        Err(source) => {
            return Err(Refusal::Io { doing: "look at", path, source });
        }
    };
    regular(&path, &before)?;
    let io = |source| Refusal::Io { doing: "read", path: path.clone(), source };
    // Between the look and the opening it may have become something that blocks.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(&path).map_err(io)?;
    let found = file.metadata().map_err(io)?;
    regular(&path, &found)?;
    let limit = MAX_MEGABYTES << 20;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit {
        return Err(Refusal::TooLarge(MAX_MEGABYTES));
    }
    let text = String::from_utf8(bytes).map_err(|_| Refusal::NotText)?;
    Ok(Snapshot { path, text: Some(text), found: Some(found) })
}

impl Snapshot {
    /// Whether it may be changed at all.
    ///
    /// # Errors
    /// When it is somebody else's, read-only, or has several names.
    pub fn writable(&self) -> Result<(), Refusal> {
        let me = rustix::process::geteuid().as_raw();
        let path = self.path.clone();
        if let Some(directory) = self.path.parent()
            && let Ok(found) = fs::metadata(directory)
            && ![0, me].contains(&found.uid())
        {
            return Err(Refusal::Foreign { path: directory.to_owned(), uid: found.uid(), me });
        }
        match &self.found {
            Some(found) if found.uid() != me => Err(Refusal::Foreign { path, uid: found.uid(), me }),
            Some(found) if found.nlink() > 1 => Err(Refusal::HardLinked { path, links: found.nlink() }),
            Some(found) if found.mode() & 0o200 == 0 => Err(Refusal::ReadOnly(path)),
            _ => Ok(()),
        }
    }

    /// Makes the file hold `after`, or removes it. What was there is kept aside, unless `backup` is false.
    ///
    /// # Errors
    /// [`Refusal::Changed`] when it is no longer what we read, else what the operating system says.
    /// The file is as it was.
    pub fn write(&self, after: Option<&str>, backup: bool) -> Result<Written, Refusal> {
        self.writable()?;
        let made_dir = self.make_directory()?;
        let temporary = after.map(|text| self.temporary(text)).transpose()?;
        let backup = self.text.as_deref().filter(|_| backup).map(|text| self.keep(text)).transpose()?;
        let replaced = self.replace(temporary.as_ref());
        if let Err(refusal) = replaced {
            // It holds what the file still holds.
            if let Some(copy) = backup {
                let _ = fs::remove_file(copy);
            }
            return Err(refusal);
        }
        self.prune();
        Ok(Written { backup, made_dir })
    }

    fn replace(&self, temporary: Option<&Temporary>) -> Result<(), Refusal> {
        if read(&self.path)?.text != self.text {
            return Err(Refusal::Changed);
        }
        let io = |source| Refusal::Io { doing: "replace", path: self.path.clone(), source };
        match temporary {
            Some(new) => new.take_place(&self.path, self.text.as_deref()).map_err(|source| match source.kind() {
                // Somebody was faster, by less than it takes to rename.
                ErrorKind::AlreadyExists | ErrorKind::NotFound => Refusal::Changed,
                _ => io(source),
            })?,
            None => fs::remove_file(&self.path).map_err(io)?,
        }
        // The name is durable when its directory is; where that cannot be asked for, it is not worth failing.
        let _ = self.path.parent().map(|parent| File::open(parent).and_then(|directory| directory.sync_all()));
        Ok(())
    }

    fn make_directory(&self) -> Result<bool, Refusal> {
        let Some(parent) = self.path.parent() else {
            return Ok(false);
        };
        match DirBuilder::new().mode(0o700).create(parent) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(source) => Err(Refusal::Io { doing: "create the directory", path: parent.to_owned(), source }),
        }
    }

    /// A new file beside ours with `text`, on the disk, with the mode and group of ours.
    fn temporary(&self, text: &str) -> Result<Temporary, Refusal> {
        let io = |source| Refusal::Io { doing: "write a new file beside", path: self.path.clone(), source };
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| io(std::io::Error::other(error.to_string())))?;
        let path = self.beside(&format!(".{:016x}.ccmon-tmp", u64::from_ne_bytes(random)));
        Temporary::write(path, text, self.found.as_ref()).map_err(io)
    }

    /// Copies what was read to a file that tells the time, in UTC.
    fn keep(&self, text: &str) -> Result<PathBuf, Refusal> {
        let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S.%3fZ");
        let path = self.beside(&format!("{BACKUP}{stamp}"));
        let io = |source| Refusal::Io { doing: "back up to", path: path.clone(), source };
        let mut file = create(&path).map_err(io)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        Ok(path)
    }

    /// Removes all but the youngest backups. Their names sort by age.
    fn prune(&self) {
        let (Some(parent), Some(name)) = (self.path.parent(), self.path.file_name()) else {
            return;
        };
        let prefix = format!("{}{BACKUP}", name.to_string_lossy());
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let backup = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(&prefix);
        let mut backups: Vec<PathBuf> = entries.filter(backup).map(|entry| entry.path()).collect();
        backups.sort();
        for old in backups.iter().rev().skip(KEPT_BACKUPS) {
            let _ = fs::remove_file(old);
        }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        self.path.with_file_name(name)
    }
}

const BACKUP: &str = ".ccmon-backup-";

/// Follows links, of the file and of its directory. A file that does not exist yet needs a parent, or at
/// least a place to make one.
fn real(path: &Path) -> Result<PathBuf, Refusal> {
    let io = |source| Refusal::Io { doing: "find", path: path.to_owned(), source };
    let path = std::path::absolute(path).map_err(io)?;
    let me = rustix::process::geteuid().as_raw();
    let link = fs::symlink_metadata(&path).ok().filter(Metadata::is_symlink);
    if let Some(link) = link.as_ref().filter(|link| ![0, me].contains(&link.uid())) {
        return Err(Refusal::Foreign { path, uid: link.uid(), me });
    }
    match fs::canonicalize(&path) {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == ErrorKind::NotFound && link.is_some() => Err(Refusal::Dangling(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(absent(&path)),
        Err(source) => Err(Refusal::Io { doing: "find", path, source }),
    }
}

/// Where a file that does not exist would be: as much of the way as exists, with links followed.
fn absent(path: &Path) -> PathBuf {
    for ancestor in path.ancestors().skip(1) {
        if let (Ok(real), Ok(rest)) = (fs::canonicalize(ancestor), path.strip_prefix(ancestor)) {
            return real.join(rest);
        }
    }
    path.to_owned()
}

fn regular(path: &Path, found: &Metadata) -> Result<(), Refusal> {
    let kind = found.file_type();
    let kind = match () {
        () if kind.is_file() && found.len() > MAX_MEGABYTES << 20 => {
            return Err(Refusal::TooLarge(MAX_MEGABYTES));
        }
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a FIFO",
        () if kind.is_socket() => "a socket",
        () if kind.is_symlink() => "a link that changes",
        () => "a device",
    };
    Err(Refusal::NotAFile(path.to_owned(), kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_since_it_was_read_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.json");
        let absent = read(&path).unwrap();
        fs::write(&path, "{}").unwrap();
        assert!(matches!(absent.write(Some("ours"), true), Err(Refusal::Changed)));
        let there = read(&path).unwrap();
        for newer in ["{\"a\": 1}", ""] {
            fs::write(&path, newer).unwrap();
            for after in [Some("ours"), None] {
                assert!(matches!(there.write(after, true), Err(Refusal::Changed)));
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), newer);
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(there.write(Some("ours"), true), Err(Refusal::Changed)));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left lying about");
    }
}
