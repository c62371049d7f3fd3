//! Drains what hooks left on disk while nobody listened: in order, each once.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use ccmon_hook::spool::{self, Entry};
use tokio::sync::{mpsc, oneshot};

use super::changes::Changes;
use crate::api::Ask;
use crate::paths::own_directory;
use crate::store::Store;

/// Half-written files of hooks that were killed are removed after this long.
const TORN: Duration = Duration::from_secs(60);

/// Where spooled events come from and go to.
pub struct Spool {
    state: PathBuf,
    inbox: mpsc::Sender<Ask>,
    store: Store,
}

impl Spool {
    /// The spool in the state directory.
    #[must_use]
    pub fn new(state: PathBuf, inbox: mpsc::Sender<Ask>, store: Store) -> Self {
        Self { state, inbox, store }
    }

    /// Hands over everything that lies there now; the number of events that were new.
    ///
    /// # Errors
    /// When the directory cannot be read, or an event cannot be stored: then it stays where it is,
    /// with everything younger.
    pub async fn drain(&self) -> Result<usize> {
        let mut new = 0;
        for entry in spool::list(&self.state)? {
            new += usize::from(self.hand_over(&entry).await?);
            if let Err(error) = std::fs::remove_file(&entry.path) {
                tracing::warn!("cannot remove {}: {error}", entry.path.display());
            }
        }
        Ok(new)
    }

    /// Drains whenever something new lies there: a hook that found nobody a moment before the
    /// daemon listened spools a moment after it looked.
    ///
    /// # Errors
    /// When the directory cannot be watched.
    pub async fn follow(self) -> Result<()> {
        let directory = ccmon_hook::paths::spool_dir(&self.state);
        own_directory(&directory)?;
        let mut changes = Changes::of(&directory)?;
        // Without a file yet, or with a clock set back, there is nothing to sweep.
        let _ = spool::sweep(&self.state, TORN);
        loop {
            if let Err(error) = self.drain().await {
                tracing::error!("spooled events stay where they are: {error:#}");
            }
            changes.next().await?;
        }
    }

    /// Whether the file held an event that was not known yet.
    async fn hand_over(&self, entry: &Entry) -> Result<bool> {
        if self.store.knows(&entry.id).await? {
            return Ok(false);
        }
        match spool::read(entry) {
            Ok(record) => self.send(record).await,
            Err(error) => {
                tracing::warn!("dropped a spooled event, {}: {error}", entry.path.display());
                Ok(false)
            }
        }
    }

    async fn send(&self, record: spool::Record) -> Result<bool> {
        let (reply, answer) = oneshot::channel();
        let ask = Ask::Event { context: record.context, payload: record.payload, reply };
        self.inbox.send(ask).await.context("the engine has stopped")?;
        Ok(answer.await.context("the event could not be stored")?.is_ok())
    }
}
