//! What can go wrong with the file, in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the store could not be opened. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later ccmon wrote it.
    #[error("{}", newer(path, *found, *known))]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The last format known here.
        known: i64,
    },
    /// Something about the path would let another user in, or harm another file.
    #[error("{} {why}", path.display())]
    Unsafe {
        /// What is refused: the database, a file beside it, or its directory.
        path: PathBuf,
        /// What is wrong and what to do.
        why: String,
    },
    /// The file or its directory cannot be written.
    #[error("{} cannot be written: make it writable by its owner, or set CCMON_STATE_DIR to a directory that is", path.display())]
    ReadOnly {
        /// The file or directory.
        path: PathBuf,
    },
    /// No space left.
    #[error("no space left for {}: free some and start again", path.display())]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// Another program holds it.
    #[error("{} is locked by another program: close it (is `sqlite3` open on it?) and start again", path.display())]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// The system refused something.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `SQLite` refused something.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
}

impl OpenError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { path, source },
        }
    }

    pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            _ => Self::Sqlite { path, source },
        }
    }
}

/// Why something was not stored or not read. The store goes on: the next call may succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No space left: nothing of this batch is stored.
    #[error("no space left for {}: free some; until then history and the audit log have a gap", .0.display())]
    Full(PathBuf),
    /// The file or the file system became read-only.
    #[error("{} cannot be written: make it and its directory writable again", .0.display())]
    ReadOnly(PathBuf),
    /// The file is damaged in a place that opening it did not look at.
    #[error(
        "{} is damaged ({detail}): quit ccmon and start it again, which sets the file aside if it cannot be written; if \
         that does not help, move that file away together with the ones beside it ending in -wal and -shm; \
         `sqlite3 FILE .recover` reads what is left of it", path.display()
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What `SQLite` said.
        detail: String,
    },
    /// Another program holds the file.
    #[error("{} is locked by another program: close it (is `sqlite3` open on it?)", .0.display())]
    Busy(PathBuf),
    /// The system could not read or write.
    #[error("{}: {detail}", path.display())]
    Io {
        /// The database.
        path: PathBuf,
        /// What `SQLite` said.
        detail: String,
    },
    /// This one row cannot be stored or read.
    #[error("a row was refused: {0}")]
    Row(String),
    /// Another version's daemon has the file, or none has opened it since this version was installed.
    #[error("{}", format_of(path, *found, *known))]
    Format {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The one known here.
        known: i64,
    },
    /// No page ends there.
    #[error("that cursor is none of ours")]
    Cursor,
    /// More is waiting to be written than may be held in memory.
    #[error("too much is waiting to be written: try again in a moment")]
    Overloaded,
    /// What it must not overtake could not be stored.
    #[error("what came before it could not be stored")]
    Behind,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// A table says which of its constraints refuses a row. This is the index of words, which has none for rows of ours: its
/// own parts contradict each other.
const NAMELESS: &str = "constraint failed";

impl StoreError {
    pub(super) fn new(path: &Path, error: &rusqlite::Error) -> Self {
        let detail = error.to_string();
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly(path),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { path, detail },
            Some(ErrorCode::ConstraintViolation) if detail == NAMELESS => Self::Corrupt { path, detail },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(path),
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport,
            ) => Self::Io { path, detail },
            _ => Self::Row(detail),
        }
    }
}

fn newer(path: &Path, found: i64, known: i64) -> String {
    format!(
        "{} was written by a newer ccmon (its format is {found}, this one knows {known}), and is left as it is: install \
         that version again; or, to start afresh, move it away together with the ones beside it ending in -wal and -shm",
        path.display()
    )
}

fn format_of(path: &Path, found: i64, known: i64) -> String {
    if found > known {
        return newer(path, found, known);
    }
    let path = path.display();
    format!("{path} is in format {found}, this ccmon reads {known}: start the daemon of this version once")
}
