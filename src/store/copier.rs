//! Copies the write-ahead log into the database beside the writer: that takes two `fsync`s, and
//! whoever waits for a commit must not wait for them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::open::flags;

/// A thread that copies when told to; started when first needed.
#[derive(Debug, Default)]
pub(super) struct Copier {
    thread: Option<(SyncSender<()>, JoinHandle<()>)>,
    /// It was told to copy and has not done so yet.
    busy: Arc<AtomicBool>,
}

impl Copier {
    /// Has what is in the log of the database at `path` copied soon. `false`: nobody can.
    pub(super) fn copy(&mut self, path: &Path) -> bool {
        if self.thread.is_none() {
            self.thread = start(path, Arc::clone(&self.busy));
        }
        self.busy.store(true, Ordering::Relaxed);
        // Told already, it has yet to begin.
        self.thread.as_ref().is_some_and(|(tell, thread)| tell.try_send(()).is_ok() || !thread.is_finished())
    }

    /// Whether it has done all that it was told to.
    pub(super) fn is_idle(&self) -> bool {
        !self.busy.load(Ordering::Relaxed)
    }

    /// Waits until nothing is being copied and the file is let go of.
    pub(super) fn finish(&mut self) {
        if let Some((tell, thread)) = self.thread.take() {
            drop(tell);
            // One that panicked copies nothing either.
            let _ = thread.join();
        }
        self.busy.store(false, Ordering::Relaxed);
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.finish();
    }
}

fn start(path: &Path, busy: Arc<AtomicBool>) -> Option<(SyncSender<()>, JoinHandle<()>)> {
    let db =
        connect(path).inspect_err(|error| tracing::warn!("cannot copy the write-ahead log aside: {error}")).ok()?;
    let (tell, told) = sync_channel(1);
    let thread = std::thread::Builder::new().name("copier".to_owned()).spawn(move || run(&db, &told, &busy));
    Some((tell, thread.ok()?))
}

/// The writer's last words belong to it: closing this connection copies nothing.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(db)
}

fn run(db: &Connection, told: &Receiver<()>, busy: &AtomicBool) {
    while let Ok(()) = told.recv() {
        if let Err(error) = catch_up(db) {
            tracing::warn!(%error, "the write-ahead log could not be copied into the database");
        }
        busy.store(false, Ordering::Relaxed);
    }
}

/// A copy of so few pages is a short one,
const FEW: i64 = 512;
/// and so many are made at most.
const COPIES: u32 = 4;

/// What is written during a long copy is left over, and everybody would wait while the writer copied it: so it is copied
/// as well, which takes less long, until little is left.
fn catch_up(db: &Connection) -> rusqlite::Result<()> {
    let mut before = 0;
    for _ in 0..COPIES {
        let copied = copy(db)?;
        if copied - before < FEW {
            break;
        }
        before = copied;
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
            assert!(copier.copy(&path) && copier.copy(&path), "twice is no trouble");
            copier.finish();
            assert!(size() > round * 1_000_000);
        }
        assert!(!Copier::default().copy(&directory.path().join("none/b.db")));
    }
}
