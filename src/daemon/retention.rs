//! How much of the past is kept: what is older or more than the user wants goes, in small steps, when nothing happens.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use super::clock;
use super::settings::Live;
use crate::api::Ask;
use crate::config;
use crate::core::{Board, SessionKey, State};
use crate::store::{Batch, Reader, RuleChanges, Store, Sweep, Swept};

/// Rows that one step takes away at most.
const ROWS: usize = 200;
/// Between two steps others have their turn.
const PAUSE: Duration = Duration::from_millis(2);
/// When nobody waits and nothing has happened for so long, it is quiet.
const QUIET: Duration = Duration::from_secs(60);
/// It is done all the same when it never gets quiet.
const LATEST: Duration = Duration::from_secs(3 * 60 * 60);
/// And again after a day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// The stored setting that tells what went last.
const LAST: &str = "retention_last";

/// Takes away what is not kept.
pub struct Retention {
    store: Store,
    database: PathBuf,
    settings: Live,
    board: watch::Receiver<Arc<Board>>,
    /// The engine's.
    inbox: mpsc::Sender<Ask>,
    /// How long nothing has to happen.
    quiet: Duration,
    /// Held by whoever takes something away, or makes the file smaller.
    turn: Mutex<()>,
}

impl Retention {
    /// One for this store, whose file is `database`.
    #[must_use]
    pub fn new(
        store: Store,
        database: PathBuf,
        settings: Live,
        board: watch::Receiver<Arc<Board>>,
        inbox: mpsc::Sender<Ask>,
    ) -> Self {
        Self { store, database, settings, board, inbox, quiet: QUIET, turn: Mutex::default() }
    }

    /// Takes away what the settings do not keep; stops when `step`, told how many rows are gone, says so.
    ///
    /// # Errors
    /// In words, when the store fails.
    pub async fn sweep(&self, step: &(dyn Fn(u64) -> bool + Send + Sync)) -> Result<Value, String> {
        let _turn = self.turn.lock().await;
        let sweep = unkept(&self.settings.borrow().retention, clock::wall().0);
        let mut gone = Swept::default();
        while sweep != Sweep::default() {
            let swept = self.store.sweep(Sweep { most: ROWS, ..sweep }).await;
            let Swept { sessions, events, approvals, more } = swept.map_err(|error| error.to_string())?;
            gone.sessions += sessions;
            gone.events += events;
            gone.approvals += approvals;
            let going_on = step(gone.sessions + gone.events + gone.approvals);
            if !more || !going_on {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.clear_board().await?;
        let gone = json!({ "sessions": gone.sessions, "events": gone.events, "approvals": gone.approvals });
        self.note(gone.clone()).await?;
        Ok(gone)
    }

    /// Takes off the Board what is not stored any more.
    async fn clear_board(&self) -> Result<(), String> {
        let (board, reader) = (self.board.borrow().clone(), self.store.reader());
        let unstored = tokio::task::spawn_blocking(move || unstored(&board, &reader)).await;
        for session in unstored.map_err(|error| error.to_string())?? {
            let (reply, forgotten) = oneshot::channel();
            if self.inbox.send(Ask::Forget { session, reply }).await.is_ok() {
                let _ = forgotten.await;
            }
        }
        Ok(())
    }

    /// Gives back what the file does not need; stops when `step`, told how many steps are done, says so.
    ///
    /// # Errors
    /// In words, when the store fails.
    pub async fn compact(&self, step: &(dyn Fn(u64) -> bool + Send + Sync)) -> Result<Value, String> {
        let _turn = self.turn.lock().await;
        let before = self.file_size().await?;
        let mut done = 0;
        while self.store.tidy().await.map_err(|error| error.to_string())? {
            done += 1;
            if !step(done) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(json!({ "bytes_before": before, "bytes_after": self.file_size().await? }))
    }

    /// How much there is, and what went last. Blocks.
    ///
    /// # Errors
    /// In words, when the store cannot be read.
    pub fn view(&self) -> Result<Value, String> {
        let reader = self.store.reader();
        let sizes = reader.sizes().map_err(|error| error.to_string())?;
        Ok(json!({
            "bytes": sizes.bytes,
            "events": sizes.events,
            "sessions": sizes.sessions,
            "approvals": sizes.approvals,
            "oldest": sizes.oldest,
            "last": last(&reader),
        }))
    }

    /// How many requests the audit log has. Blocks.
    #[must_use]
    pub fn requests(&self) -> Option<u64> {
        self.store.reader().sizes().ok().map(|sizes| sizes.approvals)
    }

    async fn note(&self, mut gone: Value) -> Result<(), String> {
        gone["at"] = clock::wall().0.into();
        let rules = RuleChanges { settings: vec![(LAST.into(), gone.to_string())], ..RuleChanges::default() };
        let stored = self.store.append(Batch { rules, ..Batch::default() }).await;
        stored.map(drop).map_err(|error| error.to_string())
    }

    /// Bytes of the file, once everything is in it.
    async fn file_size(&self) -> Result<u64, String> {
        self.store.flush().await.map_err(|error| error.to_string())?;
        Ok(std::fs::metadata(&self.database).map_or(0, |found| found.len()))
    }

    /// Waits until nobody waits for an answer and nothing has happened for a while; but not for ever.
    async fn quiet(&self) {
        let mut board = self.board.clone();
        let quiet = async {
            loop {
                let waiting = board.borrow_and_update().badge() > 0;
                if !waiting {
                    tokio::time::sleep(self.quiet).await;
                    if !matches!(board.has_changed(), Ok(true)) {
                        return;
                    }
                } else if board.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(LATEST, quiet).await;
    }

    /// Takes away, and then gives back whenever nothing happens.
    async fn run(&self) -> Result<(), String> {
        let gone = self.sweep(&|_| true).await?;
        tracing::info!("not kept any longer: {gone}");
        while self.is_interrupted().await? {
            self.quiet().await;
        }
        Ok(())
    }

    /// Gives back for as long as nothing happens: whether something did.
    async fn is_interrupted(&self) -> Result<bool, String> {
        let mut board = self.board.clone();
        // What happened before does not count.
        board.mark_unchanged();
        let interrupted = AtomicBool::new(false);
        let step = |_| {
            let goes_on = matches!(board.has_changed(), Ok(false));
            interrupted.store(!goes_on, Ordering::Relaxed);
            goes_on
        };
        self.compact(&step).await?;
        // When the engine is gone, nobody waits for more.
        Ok(interrupted.into_inner() && board.has_changed().is_ok())
    }
}

/// Does it at the start, every day, and when the user wants something else; each time when it is quiet.
pub async fn keep(retention: Arc<Retention>) {
    let mut settings = retention.settings.clone();
    loop {
        retention.quiet().await;
        let kept = settings.borrow_and_update().retention.clone();
        if let Err(why) = retention.run().await {
            tracing::warn!("what is not to be kept stays until tomorrow: {why}");
        }
        let changed = async { settings.wait_for(|config| config.retention != kept).await.map(drop) };
        tokio::select! {
            () = tokio::time::sleep(DAY) => {}
            changed = changed => if changed.is_err() {
                return;
            },
        }
    }
}

/// Sessions that ended, of which there is no row. Blocks, but the Board has few of them.
fn unstored(board: &Board, reader: &Reader) -> Result<Vec<SessionKey>, String> {
    let mut unstored = Vec::new();
    for session in board.sessions.values().filter(|session| session.state == State::Ended) {
        let row = reader.session(&session.key.to_string()).map_err(|error| error.to_string())?;
        unstored.extend(row.is_none().then(|| session.key.clone()));
    }
    Ok(unstored)
}

fn last(reader: &Reader) -> Option<Value> {
    let settings = reader.settings().ok()?;
    let (_, last) = settings.into_iter().find(|(name, _)| name == LAST)?;
    serde_json::from_str(&last).ok()
}

/// What goes, by these settings, at this time.
fn unkept(kept: &config::Retention, now: u64) -> Sweep {
    let before = |days: u64| (days > 0).then(|| now.saturating_sub(days * DAY_MS));
    Sweep {
        before: before(kept.days),
        max_bytes: (kept.size_mb > 0).then_some(kept.size_mb << 20),
        audit_before: before(kept.audit_days),
        ..Sweep::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::store::SessionRow;

    /// A store with sessions that ended so many days ago.
    async fn with_past(directory: &std::path::Path, days: &[u64]) -> Store {
        crate::paths::own_directory(directory).expect("a directory of ours");
        let store = Store::open(&directory.join("ccmon.db")).expect("a store").store;
        let ended = |days: &u64| SessionRow {
            key: format!("s-{days}"),
            ended: Some(clock::wall().0 - days * DAY_MS),
            json: "{}".into(),
            ..SessionRow::default()
        };
        let batch = Batch { sessions: days.iter().map(ended).collect(), ..Batch::default() };
        store.append(batch).await.expect("stored");
        store
    }

    fn keeping(days: u64) -> Arc<Config> {
        let retention = config::Retention { days, ..config::Retention::default() };
        Arc::new(Config { retention, ..Config::default() })
    }

    #[tokio::test]
    async fn it_is_done_when_it_is_quiet_and_again_when_the_user_wants_less() {
        let directory = tempfile::tempdir().unwrap();
        let store = with_past(directory.path(), &[100, 20, 3]).await;
        let (want, settings) = watch::channel(keeping(90));
        let (_shown, board) = watch::channel(Arc::new(Board::default()));
        let database = directory.path().join("ccmon.db");
        let (inbox, _asks) = mpsc::channel(1);
        let usual = Retention::new(store.clone(), database, settings, board, inbox);
        let retention = Arc::new(Retention { quiet: Duration::from_millis(1), ..usual });
        let task = tokio::spawn(keep(Arc::clone(&retention)));
        let left = |sessions: u64| {
            let retention = Arc::clone(&retention);
            async move {
                while retention.view().unwrap()["sessions"] != sessions {
                    tokio::task::yield_now().await;
                }
            }
        };
        let soon = Duration::from_secs(30);
        tokio::time::timeout(soon, left(2)).await.expect("what is older than 90 days goes");
        want.send_replace(keeping(10));
        tokio::time::timeout(soon, left(1)).await.expect("what is older than 10 days goes");
        drop(want);
        tokio::time::timeout(soon, task).await.expect("it ends with the settings").unwrap();
    }

    #[tokio::test]
    async fn what_happened_before_does_not_keep_it_from_giving_room_back() {
        let directory = tempfile::tempdir().unwrap();
        let store = with_past(directory.path(), &[]).await;
        let large =
            |n| SessionRow { key: format!("s-{n}"), ended: Some(1), json: "x".repeat(20_000), ..<_>::default() };
        let batch = Batch { sessions: (0..300).map(large).collect(), ..Batch::default() };
        store.append(batch).await.unwrap();
        let (_want, settings) = watch::channel(keeping(90));
        let (shown, board) = watch::channel(Arc::new(Board::default()));
        let (inbox, _asks) = mpsc::channel(1);
        let retention = Retention::new(store, directory.path().join("ccmon.db"), settings, board, inbox);
        let before = retention.file_size().await.unwrap();
        shown.send_replace(Arc::default());
        retention.run().await.unwrap();
        let after = retention.file_size().await.unwrap();
        assert!(after * 5 < before, "{after} of {before}");
    }

    #[test]
    fn what_is_kept_for_ever_is_not_swept() {
        let all = config::Retention { days: 0, size_mb: 0, audit_days: 0 };
        assert_eq!(unkept(&all, 7), Sweep::default());
        let some = config::Retention { days: 2, size_mb: 3, audit_days: 0 };
        let sweep = unkept(&some, 10 * DAY_MS);
        assert_eq!((sweep.before, sweep.max_bytes, sweep.audit_before), (Some(8 * DAY_MS), Some(3 << 20), None));
        assert_eq!(unkept(&some, 5).before, Some(0), "a clock before its time");
    }
}
