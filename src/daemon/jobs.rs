//! Work that takes long: begun, told of while it goes on, ended or cancelled, and remembered for a while.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::clock;
use super::retention::Retention;
use crate::api::{Change, Jobs, Refused, Rulebook, Step, Work};

/// Most that run at the same time; of each kind one.
const AT_ONCE: usize = 3;
/// So many that ended are remembered.
const REMEMBERED: usize = 20;
/// How often a job is told of at most.
const TELL: Duration = Duration::from_millis(200);

/// Where the work is done. Clones share it.
#[derive(Clone)]
pub struct Workshop {
    jobs: Arc<Mutex<BTreeMap<u64, Job>>>,
    rules: Arc<dyn Rulebook>,
    retention: Arc<Retention>,
    changes: broadcast::Sender<Change>,
}

#[derive(Clone, Debug, Serialize)]
struct Job {
    id: u64,
    kind: &'static str,
    state: State,
    done: u64,
    total: Option<u64>,
    result: Option<Value>,
    error: Option<String>,
    started: u64,
    ended: Option<u64>,
    #[serde(skip)]
    cancelled: Arc<AtomicBool>,
    #[serde(skip)]
    told: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Running,
    Done,
    Failed,
    Cancelled,
}

impl Workshop {
    /// An empty one.
    #[must_use]
    pub fn new(rules: Arc<dyn Rulebook>, retention: Arc<Retention>, changes: broadcast::Sender<Change>) -> Self {
        Self { jobs: Arc::default(), rules, retention, changes }
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<u64, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does it, step by step, until it is done, fails or is cancelled.
    async fn work(self, id: u64, work: Work, cancelled: Arc<AtomicBool>) {
        let (shop, asked) = (self.clone(), Arc::clone(&cancelled));
        let step: Step = Arc::new(move |done| {
            shop.tell(id, |job| job.done = done);
            !asked.load(Ordering::Relaxed)
        });
        let result = tokio::spawn(self.clone().done(id, work, step)).await;
        // One that panicked does not go on.
        let result = result.unwrap_or_else(|_| Err("that failed; it is a fault of ccmon's".into()));
        let cancelled = cancelled.load(Ordering::Relaxed);
        self.tell(id, |job| {
            job.ended = Some(clock::wall().0);
            job.state = if cancelled { State::Cancelled } else { State::Done };
            match result {
                Ok(result) => job.result = Some(result),
                Err(why) => (job.state, job.error) = (State::Failed, Some(why)),
            }
        });
    }

    async fn done(self, id: u64, work: Work, step: Step) -> Result<Value, String> {
        match work {
            Work::Replay(rule) => self.replay(id, rule, step).await,
            Work::Purge => self.retention.sweep(&*step).await,
            Work::Compact => self.retention.compact(&*step).await,
        }
    }

    async fn replay(&self, id: u64, rule: Box<crate::rules::Rule>, step: Step) -> Result<Value, String> {
        let (rules, shop) = (Arc::clone(&self.rules), self.clone());
        let replayed = tokio::task::spawn_blocking(move || {
            let total = shop.retention.requests();
            shop.tell(id, |job| job.total = total);
            rules.replay(*rule, step)
        });
        replayed.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
    }

    /// Changes a job, and tells of it; often at most, and always at its end.
    fn tell(&self, id: u64, change: impl FnOnce(&mut Job)) {
        let mut jobs = self.jobs();
        let Some(job) = jobs.get_mut(&id) else {
            return;
        };
        change(job);
        if job.state != State::Running || job.told.elapsed() >= TELL {
            job.told = Instant::now();
            let _ = self.changes.send(Change::Job(Arc::new(json!(job))));
        }
    }
}

impl Jobs for Workshop {
    fn start(&self, work: Work) -> Result<Value, Refused> {
        let kind = match work {
            Work::Replay(_) => "replay",
            Work::Purge => "purge",
            Work::Compact => "compact",
        };
        let mut jobs = self.jobs();
        let mut running = jobs.values().filter(|job| job.state == State::Running);
        if running.clone().count() >= AT_ONCE || running.any(|job| job.kind == kind && kind != "replay") {
            let why = "one like it, or too many others, run already: wait for them, or cancel one";
            return Err(Refused::Hindered(why.into()));
        }
        let id = jobs.last_key_value().map_or(1, |(last, _)| last + 1);
        let cancelled = Arc::<AtomicBool>::default();
        let job = Job {
            id,
            kind,
            state: State::Running,
            done: 0,
            total: None,
            result: None,
            error: None,
            started: clock::wall().0,
            ended: None,
            cancelled: Arc::clone(&cancelled),
            told: Instant::now(),
        };
        let view = json!(job);
        jobs.insert(id, job);
        forget(&mut jobs);
        let _ = self.changes.send(Change::Job(Arc::new(view.clone())));
        tokio::spawn(self.clone().work(id, work, cancelled));
        Ok(view)
    }

    fn list(&self) -> Vec<Value> {
        self.jobs().values().rev().map(|job| json!(job)).collect()
    }

    fn job(&self, id: u64) -> Option<Value> {
        self.jobs().get(&id).map(|job| json!(job))
    }

    fn cancel(&self, id: u64) -> Option<Value> {
        let jobs = self.jobs();
        let job = jobs.get(&id)?;
        job.cancelled.store(true, Ordering::Relaxed);
        Some(json!(job))
    }

    fn retention(&self) -> Result<Value, String> {
        self.retention.view()
    }
}

/// Forgets the first of those that ended, when there are many.
fn forget(jobs: &mut BTreeMap<u64, Job>) {
    let ended = jobs.values().filter(|job| job.state != State::Running).map(|job| job.id);
    let ended: Vec<u64> = ended.collect();
    for id in ended.iter().rev().skip(REMEMBERED) {
        jobs.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use tokio::sync::{mpsc, watch};

    use super::*;
    use crate::api::{Later, Trying, Weighing};
    use crate::core::Board;
    use crate::rules::{Kind, Offers, Rule};
    use crate::store::Store;

    /// Replays without an end.
    #[derive(Default)]
    struct Endless(AtomicU64);

    impl Rulebook for Endless {
        fn replay(&self, rule: Rule, step: Step) -> Result<Value, String> {
            while step(self.0.fetch_add(1, Ordering::Relaxed)) {
                assert!(rule.pattern != "panic", "as it was told to");
                std::thread::yield_now();
            }
            Ok(json!("as far as it came"))
        }

        fn list(&self) -> Value {
            Value::Null
        }

        fn rule(&self, _: i64) -> Option<Value> {
            None
        }

        fn export(&self) -> String {
            String::new()
        }

        fn test(&self, _: Trying) -> Result<Value, String> {
            Err(String::new())
        }

        fn preview(&self, _: Rule, _: Option<usize>) -> Result<Value, String> {
            Err(String::new())
        }

        fn suggest(&self) -> Result<Value, String> {
            Err(String::new())
        }

        fn offers(&self, _: Weighing) -> Later<'_, Result<Offers, String>> {
            Box::pin(async { Err(String::new()) })
        }

        fn assess(&self, _: Weighing) -> Later<'_, Result<Value, String>> {
            Box::pin(async { Err(String::new()) })
        }

        fn promote(&self, _: &str) -> Result<Option<Rule>, String> {
            Err(String::new())
        }
    }

    fn workshop(directory: &std::path::Path) -> Workshop {
        crate::paths::own_directory(directory).expect("a directory of ours");
        let database = directory.join("ccmon.db");
        let store = Store::open(&database).expect("a store").store;
        let (_, settings) = watch::channel(Arc::default());
        let (_, board) = watch::channel(Arc::new(Board::default()));
        let (inbox, _) = mpsc::channel(1);
        let retention = Arc::new(Retention::new(store, database, settings, board, inbox));
        Workshop::new(Arc::new(Endless::default()), retention, broadcast::channel(64).0)
    }

    fn replay() -> Work {
        Work::Replay(Rule::allow("Bash", Kind::Glob, "ls*").into())
    }

    /// The next that is told of a job in this state.
    async fn told(changes: &mut broadcast::Receiver<Change>, state: &str) -> Value {
        loop {
            match changes.recv().await {
                Ok(Change::Job(job)) if job["state"] == state => return Value::clone(&job),
                Err(broadcast::error::RecvError::Closed) => panic!("nothing more is told"),
                _ => {}
            }
        }
    }

    #[tokio::test]
    async fn one_that_is_cancelled_ends_at_its_next_step() {
        let directory = tempfile::tempdir().unwrap();
        let shop = workshop(directory.path());
        let mut changes = shop.changes.subscribe();
        let id = shop.start(replay()).unwrap()["id"].as_u64().unwrap();
        assert_eq!(told(&mut changes, "running").await["done"], 0);
        assert!(told(&mut changes, "running").await["done"].as_u64() > Some(0), "it is told how far it is");
        shop.cancel(id).unwrap();
        let ended = told(&mut changes, "cancelled").await;
        assert_eq!(shop.job(id), Some(ended.clone()));
        assert!(ended["ended"].is_u64() && ended["error"].is_null(), "{ended}");
        assert_eq!(shop.cancel(id), Some(ended), "what has ended stays as it is");
        assert_eq!((shop.job(id + 1), shop.cancel(id + 1)), (None, None));
    }

    #[tokio::test]
    async fn one_that_panics_has_failed() {
        let directory = tempfile::tempdir().unwrap();
        let shop = workshop(directory.path());
        let mut changes = shop.changes.subscribe();
        shop.start(Work::Replay(Rule::allow("Bash", Kind::Glob, "panic").into())).unwrap();
        assert_eq!(told(&mut changes, "failed").await["error"], "that failed; it is a fault of ccmon's");
    }

    #[tokio::test]
    async fn few_run_at_once_and_few_are_remembered() {
        let directory = tempfile::tempdir().unwrap();
        let shop = workshop(directory.path());
        let mut changes = shop.changes.subscribe();
        for _ in 0..AT_ONCE {
            shop.start(replay()).unwrap();
        }
        assert!(matches!(shop.start(Work::Compact), Err(Refused::Hindered(_))));
        for id in 1..=AT_ONCE as u64 {
            shop.cancel(id);
            told(&mut changes, "cancelled").await;
        }
        for _ in 0..2 * REMEMBERED {
            shop.start(Work::Compact).unwrap();
            assert!(matches!(shop.start(Work::Compact), Err(Refused::Hindered(_))), "one of its kind");
            told(&mut changes, "done").await;
        }
        let jobs = shop.list();
        assert_eq!(jobs.len(), REMEMBERED + 1);
        assert_eq!(jobs[0]["id"], json!(AT_ONCE + 2 * REMEMBERED), "the newest first");
    }
}
