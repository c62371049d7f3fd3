//! Opening: the right file, in the right format, in the right mood.

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::guard::{self, BESIDE, beside};
use super::{OpenError, migrations};
use super::{approvals, archive, rows, rules};
use crate::paths::open_own;

/// Nobody but us writes, so waiting is for a person with `sqlite3` open.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The writer's connection and what was found on the way to it.
#[derive(Debug)]
pub(super) struct Found {
    pub db: Connection,
    pub path: PathBuf,
    pub set_aside: Option<PathBuf>,
    pub fresh: bool,
}

/// Opens the database for writing, and a new one if the old one is beyond reading.
pub(super) fn open(path: &Path) -> Result<Found, OpenError> {
    let me = rustix::process::geteuid().as_raw();
    let path = guard::secure(path, me)?;
    let first = match damage_found(&path) {
        Some(found) => Err(Refused::Damaged(found)),
        None => connect(&path),
    };
    let (opened, set_aside) = match first {
        Err(Refused::Damaged(why)) => {
            let aside = set_aside(&path, &why)?;
            // There is none of damage that was found just now.
            let _ = fs::remove_file(beside(&path, DAMAGED));
            guard::secure(&path, me)?;
            (connect(&path), Some(aside))
        }
        opened => (opened, None),
    };
    match opened {
        Ok((db, fresh)) => Ok(Found { db, path, set_aside, fresh }),
        Err(Refused::Damaged(source)) => Err(OpenError::Sqlite { path, source }),
        Err(Refused::Open(error)) => Err(error),
    }
}

/// A connection that only reads.
pub(super) fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "query_only", true)?;
    Ok(db)
}

/// Beside a database that turned out to be damaged while it was written: opening it looks at little of it.
const DAMAGED: &str = "-damaged";

/// Remembers for the next start what was found, and in which file: another may be there by then, such as one that was
/// repaired.
pub(super) fn note_damage(path: &Path, detail: &str) {
    let note = open_own(&beside(path, DAMAGED), OpenOptions::new().write(true).create_new(true));
    let written = identity(path).and_then(|file| note?.write_all(format!("{file}\n{detail}").as_bytes()));
    match written {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => tracing::error!(%error, "damage cannot be noted"),
        _ => {}
    }
}

/// What was found in this file then.
fn damage_found(path: &Path) -> Option<rusqlite::Error> {
    let at = beside(path, DAMAGED);
    let mut note = String::new();
    open_own(&at, OpenOptions::new().read(true)).ok()?.read_to_string(&mut note).ok()?;
    let (file, why) = note.split_once('\n')?;
    if identity(path).ok()? != file {
        let _ = fs::remove_file(at);
        return None;
    }
    Some(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), Some(why.to_owned())))
}

fn identity(path: &Path) -> io::Result<String> {
    fs::metadata(path).map(|found| format!("{} {}", found.dev(), found.ino()))
}

enum Refused {
    /// No database, or one that does not hang together.
    Damaged(rusqlite::Error),
    Open(OpenError),
}

fn connect(path: &Path) -> Result<(Connection, bool), Refused> {
    let judge = |error| judge(path, error);
    let mut db = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(judge)?;
    // Until it is known to be ours, even closing it must leave the file as it is.
    let touch = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    db.set_db_config(touch, true).map_err(judge)?;
    db.busy_timeout(PATIENCE).map_err(judge)?;
    // Before anything is read: the files that reading makes beside it would be read-only as well, and stay so.
    if db.is_readonly(MAIN_DB).map_err(judge)? {
        let path = path.to_owned();
        return Err(Refused::Open(OpenError::ReadOnly { path }));
    }
    let found = migrations::version(&db).map_err(judge)?;
    if found > migrations::KNOWN {
        return Err(Refused::Open(OpenError::Newer { path: path.to_owned(), found, known: migrations::KNOWN }));
    }
    let fresh = is_empty(&db).map_err(judge)?;
    if found == 0 && !fresh {
        return Err(Refused::Damaged(foreign()));
    }
    prepare(&mut db, fresh).map_err(judge)?;
    sound(&db).map_err(|error| match error.sqlite_error_code() {
        // "No such table", "no such column": the format says one thing, the tables another.
        Some(ErrorCode::Unknown) => Refused::Damaged(error),
        _ => judge(error),
    })?;
    db.set_db_config(touch, false).map_err(judge)?;
    Ok((db, fresh))
}

fn judge(path: &Path, error: rusqlite::Error) -> Refused {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Refused::Damaged(error),
        _ => Refused::Open(OpenError::sqlite(path, error)),
    }
}

fn foreign() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB),
        Some("its tables are another program's".to_owned()),
    )
}

/// Without a mutex: each connection is used by one thread at a time, which Rust sees to.
pub(super) fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_EXRESCODE
}

fn is_empty(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}

fn prepare(db: &mut Connection, fresh: bool) -> rusqlite::Result<()> {
    if fresh {
        // Only possible before the first table; lets retention give space back in small pieces.
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    // The writer says when the log is copied; whoever reads has nothing to copy.
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    // More than it holds under a load that goes on: it is cut by whoever begins it anew, which takes 80 ms.
    db.pragma_update(None, "journal_size_limit", 96 << 20)?;
    migrations::migrate(db)
}

/// What can be said about the file without reading it: the statements fit the tables, and the end
/// of each, where damage by a crash would be, can be read.
fn sound(db: &Connection) -> rusqlite::Result<()> {
    let writes = rows::WRITES.iter().chain(&approvals::WRITES).chain(&archive::WRITES).chain(&rules::WRITES);
    for sql in writes {
        db.prepare_cached(sql)?;
    }
    db.execute_batch(
        "SELECT max(id) FROM events;
         SELECT max(started) FROM sessions WHERE ended IS NULL;
         SELECT max(opened) FROM approvals;",
    )
}

/// Renames the file and what belongs to it; the last of them last, so that an interruption is
/// found and finished by the next start.
pub(super) fn set_aside(path: &Path, why: &dyn Display) -> Result<PathBuf, OpenError> {
    let now = jiff::Zoned::now().strftime(".corrupt-%Y%m%d-%H%M%S").to_string();
    let aside = (1..)
        .map(|n| match n {
            1 => beside(path, &now),
            n => beside(path, &format!("{now}-{n}")),
        })
        .find(|free| fs::symlink_metadata(free).is_err())
        .unwrap_or_else(|| beside(path, &now));
    for end in BESIDE.into_iter().chain([""]) {
        match fs::rename(beside(path, end), beside(&aside, end)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved.map_err(|error| OpenError::io(path, error))?,
        }
    }
    tracing::error!(%why, aside = %aside.display(), "the database was damaged and is set aside");
    Ok(aside)
}
