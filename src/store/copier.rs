//! Copies the write-ahead log into the database beside the writer, and brings it to the disk bit by bit before that:
//! whoever waits for a commit must not wait for the disk.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::guard::beside;
use super::open::flags;

/// A thread that copies when told to; started when first needed.
#[derive(Debug, Default)]
pub(super) struct Copier {
    thread: Option<(SyncSender<()>, JoinHandle<()>)>,
    /// How often it was told to copy and has not done so yet. Woken for none, it brings the log to the disk.
    owed: Arc<AtomicUsize>,
}

impl Copier {
    /// Has what is in the log of the database at `path` copied soon. `false`: nobody can.
    pub(super) fn copy(&mut self, path: &Path) -> bool {
        self.owed.fetch_add(1, Ordering::SeqCst);
        self.wake(path)
    }

    /// Has the log brought to the disk soon, so that nobody who must wait for that finds much of it to be done.
    pub(super) fn sync(&mut self, path: &Path) {
        // Without a copier it is done when the log is copied.
        let _ = self.wake(path);
    }

    fn wake(&mut self, path: &Path) -> bool {
        if self.thread.is_none() {
            self.thread = start(path, Arc::clone(&self.owed));
        }
        // Woken already, it has yet to see what for.
        self.thread.as_ref().is_some_and(|(tell, thread)| tell.try_send(()).is_ok() || !thread.is_finished())
    }

    /// Whether it has done all that it was told to, or never will.
    pub(super) fn is_idle(&self) -> bool {
        let ended = || self.thread.as_ref().is_none_or(|(_, thread)| thread.is_finished());
        self.owed.load(Ordering::SeqCst) == 0 || ended()
    }

    /// Waits until nothing is being copied and the file is let go of.
    pub(super) fn finish(&mut self) {
        if let Some((tell, thread)) = self.thread.take() {
            drop(tell);
            // One that panicked copies nothing either.
            let _ = thread.join();
        }
        self.owed.store(0, Ordering::SeqCst);
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.finish();
    }
}

fn start(path: &Path, owed: Arc<AtomicUsize>) -> Option<(SyncSender<()>, JoinHandle<()>)> {
    let db =
        connect(path).inspect_err(|error| tracing::warn!("cannot copy the write-ahead log aside: {error}")).ok()?;
    let (tell, told) = sync_channel(1);
    let log = beside(path, "-wal");
    let thread = std::thread::Builder::new().name("copier".to_owned()).spawn(move || run(&db, &log, &told, &owed));
    Some((tell, thread.ok()?))
}

/// The writer's last words belong to it: closing this connection copies nothing.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(db)
}

fn run(db: &Connection, log: &Path, told: &Receiver<()>, owed: &AtomicUsize) {
    while let Ok(()) = told.recv() {
        let copies = owed.load(Ordering::SeqCst);
        let done = if copies > 0 { catch_up(db).map_err(|no| no.to_string()) } else { sync(log) };
        if let Err(why) = done {
            tracing::warn!(%why, "the write-ahead log could not be brought to the disk");
        }
        owed.fetch_sub(copies, Ordering::SeqCst);
    }
}

/// What is in the log then survives a power cut. Nobody waits for the log to be written meanwhile.
fn sync(log: &Path) -> Result<(), String> {
    // `SQLite` locks the database and the index of the log, never the log: closing this one takes no lock away.
    File::open(log).and_then(|log| log.sync_data()).map_err(|no| no.to_string())
}

/// A copy of so few pages is a short one,
const FEW: i64 = 64;
/// and so many are made at most.
const COPIES: u32 = 8;

/// What is written during a long copy is left over, and everybody would wait while the writer copied it: so it is copied
/// as well, which takes less long, until little is left, or as much as before.
fn catch_up(db: &Connection) -> rusqlite::Result<()> {
    let (mut before, mut last) = (0, i64::MAX);
    for _ in 0..COPIES {
        let copied = copy(db)?;
        let more = copied - before;
        if more < FEW || more >= last {
            break;
        }
        (before, last) = (copied, more);
    }
    Ok(())
}

/// PASSIVE: takes what it can get and waits for nobody, nor does the writer wait for it.
pub(super) fn checkpoint(db: &Connection) -> rusqlite::Result<()> {
    copy(db).map(drop)
}

/// How many pages of the log are copied then.
fn copy(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_was_told_to_copy_is_in_the_database_when_it_has_finished() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)").unwrap();
        let size = || std::fs::metadata(&path).unwrap().len();
        let mut copier = Copier::default();
        for round in 1..3 {
            db.execute_batch("INSERT INTO t VALUES (zeroblob(1000000))").unwrap();
            assert!(size() < round * 1_000_000, "it is in the log");
            copier.sync(&path);
            assert!(copier.copy(&path) && copier.copy(&path), "twice is no trouble");
            copier.sync(&path);
            copier.finish();
            assert!(size() > round * 1_000_000);
        }
        assert!(!Copier::default().copy(&directory.path().join("none/b.db")));
    }

    #[test]
    fn to_bring_the_log_to_the_disk_copies_none_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let (path, log) = (directory.path().join("a.db"), directory.path().join("a.db-wal"));
        let db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)").unwrap();
        let before = std::fs::read(&path).unwrap();
        let mut copier = Copier::default();
        copier.sync(&path);
        assert!(copier.is_idle(), "nothing is owed");
        copier.finish();
        assert!(std::fs::read(&path).unwrap() == before && sync(&log).is_ok());
        std::fs::remove_file(&log).unwrap();
        assert!(sync(&log).unwrap_err().contains("No such file"));
    }
}
