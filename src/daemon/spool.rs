//! Drains what hooks left on disk while nobody listened: in order, each once.

use std::path::{Path, PathBuf};

use inotify::{Inotify, WatchMask};
use tokio::io::unix::AsyncFd;
use tokio::sync::{mpsc, oneshot};

use crate::api::Ask;
use crate::store::Store;

/// Where spooled events come from and go to.
pub struct Spool {
    directory: PathBuf,
    inbox: mpsc::Sender<Ask>,
    store: Store,
}

impl Spool {
    /// The spool in `directory`.
    #[must_use]
    pub fn new(directory: PathBuf, inbox: mpsc::Sender<Ask>, store: Store) -> Self {
        Self { directory, inbox, store }
    }

    /// Hands over everything that lies there now; the number of events that were new.
    pub async fn drain(&self) -> usize {
        let mut new = 0;
        for path in ccmon_hook::spool::list(&self.directory) {
            match self.hand_over(&path).await {
                Some(true) => new += 1,
                Some(false) => {}
                // Not stored: it stays where it is, with everything younger, for the next start.
                None => break,
            }
        }
        new
    }

    /// Drains whenever something new lies there: a hook that found nobody a moment before the
    /// daemon listened spools a moment after it looked.
    pub async fn follow(self) -> std::io::Result<()> {
        let inotify = Inotify::init()?;
        inotify.watches().add(&self.directory, WatchMask::MOVED_TO | WatchMask::ONLYDIR)?;
        let mut inotify = AsyncFd::new(inotify)?;
        loop {
            self.drain().await;
            let mut ready = inotify.readable_mut().await?;
            let mut buffer = [0; 4096];
            match ready.get_inner_mut().read_events(&mut buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => ready.clear_ready(),
                read => drop(read?),
            }
        }
    }

    /// Whether the file held a new event; `None` when it could not be stored.
    async fn hand_over(&self, path: &Path) -> Option<bool> {
        let new = match ccmon_hook::spool::read(path) {
            Ok(spooled) if self.is_known(&spooled.context).await? => false,
            Ok(spooled) => self.send(spooled.context, spooled.payload).await?,
            Err(error) => {
                tracing::warn!("dropped a spooled event, {}: {error}", path.display());
                false
            }
        };
        if let Err(error) = std::fs::remove_file(path) {
            tracing::warn!("cannot remove {}: {error}", path.display());
        }
        Some(new)
    }

    async fn is_known(&self, context: &str) -> Option<bool> {
        let id = serde_json::from_str::<serde_json::Value>(context).ok();
        let id = id.as_ref().and_then(|c| c.get("id")?.as_str());
        match id {
            Some(id) => self.store.knows(id).await.ok(),
            None => Some(false),
        }
    }

    async fn send(&self, context: String, payload: Vec<u8>) -> Option<bool> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(Ask::Event { context, payload, reply }).await.ok()?;
        answer.await.ok().map(|accepted| accepted.is_ok())
    }
}
