//! Effects done: hooks answered once their decision is durable, watches set, places looked up.

use std::sync::Arc;

use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};

use super::history::stored;
use super::place;
use super::watch::Watches;
use crate::api::{Change, Held};
use crate::claude::answer;
use crate::core::{Answer, ApprovalId, Effect, Input};
use crate::store::{Batch, EventRow, Line, Store, StoreError};

/// How many directories are looked at at once: one may be on a file system that does not answer, and
/// other work needs threads too.
const LOOKUPS: usize = 8;

/// An answer on its way to a waiting hook.
pub struct Delivery {
    hook: oneshot::Sender<Held>,
    held: Held,
}

impl Delivery {
    /// What `answer` makes the hook print.
    #[must_use]
    pub fn new(hook: oneshot::Sender<Held>, answer: &Answer) -> Self {
        let held = answer::print(answer).map_or(Held::Nothing, Held::Print);
        Self { hook, held }
    }
}

/// What is due once a batch is stored.
#[derive(Default)]
pub struct Due {
    /// The answers to hooks that wait.
    pub deliveries: Vec<Delivery>,
    /// The batch's events, when somebody follows them.
    pub followed: Vec<EventRow>,
    /// The row of a request that was opened: when it is stored already, it was replayed.
    pub opened: Option<(usize, ApprovalId)>,
    /// What the batch must not overtake.
    pub line: Option<Line>,
}

/// Does what takes time, off the engine's loop.
#[derive(Clone)]
pub struct Errands {
    inputs: mpsc::Sender<Input>,
    changes: broadcast::Sender<Change>,
    watches: Watches,
    lookups: Arc<Semaphore>,
}

impl Errands {
    /// Errands that report to `inputs`, and first of all whether the store stores.
    ///
    /// # Errors
    /// When nothing can be watched.
    pub fn new(
        inputs: mpsc::Sender<Input>,
        changes: broadcast::Sender<Change>,
        trouble: watch::Receiver<Option<StoreError>>,
    ) -> std::io::Result<Self> {
        let watches = Watches::new(inputs.clone())?;
        tokio::spawn(report(trouble, inputs.clone()));
        Ok(Self { watches, inputs, changes, lookups: Arc::new(Semaphore::new(LOOKUPS)) })
    }

    /// Does one effect that is not an answer.
    pub fn run(&self, effect: Effect) {
        match effect {
            Effect::Watch(process) => self.watches.process(process),
            Effect::WatchConfig(directory) => self.watches.config(directory),
            Effect::Follow(session, path) => self.watches.transcript(session, path),
            Effect::Unfollow(session) => self.watches.forget(session),
            Effect::Place(session, cwd) => {
                let (inputs, lookups) = (self.inputs.clone(), Arc::clone(&self.lookups));
                tokio::spawn(async move {
                    let _turn = lookups.acquire().await;
                    let looked = tokio::task::spawn_blocking(move || place::look_up(session, cwd)).await;
                    if let Ok(placed) = looked {
                        let _ = inputs.send(Input::Placed(placed)).await;
                    }
                });
            }
            Effect::Answer(..) => {}
        }
    }

    /// Stores the batch, then delivers the answers, shows the events to who follows them, and calls
    /// `then` with whether it is stored. A decision is delivered even when the disk failed: the user
    /// did decide. That is said loudly, and the store keeps it until it can be stored.
    pub fn store(&self, store: &Store, batch: Batch, due: Due, then: impl FnOnce(bool) + Send + 'static) {
        let errands = self.clone();
        let commit = store.append(Batch { line: due.line, ..batch });
        tokio::spawn(async move {
            let result = commit.await;
            for Delivery { hook, held } in due.deliveries {
                let _ = hook.send(held);
            }
            then(result.is_ok());
            let ids = result.unwrap_or_default();
            if let Some((_, id)) = due.opened.filter(|(row, _)| matches!(ids.get(*row), Some(None))) {
                let _ = errands.inputs.send(Input::Replayed(id)).await;
            }
            for (id, row) in ids.into_iter().zip(due.followed) {
                let event = id.map(|id| Change::Event(Arc::new(stored(id, row))));
                let _ = event.map(|event| errands.changes.send(event));
            }
        });
    }
}

/// Tells the Board that storing fails, or works again, until the store is closed.
async fn report(mut trouble: watch::Receiver<Option<StoreError>>, inputs: mpsc::Sender<Input>) {
    while trouble.changed().await.is_ok() {
        let text =
            trouble.borrow_and_update().as_ref().map(|error| format!("ccmon cannot store what happens: {error}"));
        match &text {
            Some(text) => tracing::error!("{text}"),
            None => tracing::info!("storing works again"),
        }
        if inputs.send(Input::Trouble(text)).await.is_err() {
            return;
        }
    }
}
