//! Summaries, as the API asks for them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::{Ask, Shelf, Stand};
use crate::api::{Later, NoSummary, Standing, Summaries, Summarized};
use crate::config::Config;
use crate::core::{Board, SessionKey};

/// How long a caller waits; then they may ask again, and wait on. Our own client waits for 25 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// The way to who has them written.
#[derive(Clone)]
pub struct Asks {
    pub(super) inbox: mpsc::Sender<Ask>,
    pub(super) shelf: Arc<dyn Shelf>,
    pub(super) board: watch::Receiver<Arc<Board>>,
    pub(super) settings: watch::Receiver<Arc<Config>>,
}

impl Summaries for Asks {
    fn look(&self, session: SessionKey) -> Later<'_, Result<Summarized, NoSummary>> {
        Box::pin(async move {
            self.known(&session).await?;
            let (reply, stand) = oneshot::channel();
            let stand = self.asked(Ask::Look { session: session.clone(), reply }, stand).await?;
            self.whole(session, stand).await
        })
    }

    fn ask(&self, session: SessionKey) -> Later<'_, Result<Summarized, NoSummary>> {
        Box::pin(async move {
            self.known(&session).await?;
            if !self.settings.borrow().summaries.on {
                return Err(NoSummary::Off);
            }
            let (reply, stand) = oneshot::channel();
            let asked = self.asked(Ask::Write { session: session.clone(), reply }, stand);
            let stand = tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Ok(Stand::Runs))?;
            self.whole(session, stand).await
        })
    }
}

impl Asks {
    async fn asked(&self, ask: Ask, stand: oneshot::Receiver<Stand>) -> Result<Stand, NoSummary> {
        let stopping = || NoSummary::Broken("the daemon is stopping: try again in a moment".into());
        self.inbox.send(ask).await.map_err(|_| stopping())?;
        stand.await.map_err(|_| stopping())
    }

    async fn known(&self, session: &SessionKey) -> Result<(), NoSummary> {
        if self.board.borrow().sessions.contains_key(session) {
            return Ok(());
        }
        let key = session.clone();
        let known = self.read(move |shelf| shelf.knows(&key.0)).await?;
        if known { Ok(()) } else { Err(NoSummary::Unknown) }
    }

    async fn whole(&self, session: SessionKey, stand: Stand) -> Result<Summarized, NoSummary> {
        let summary = self.read(move |shelf| shelf.summary(&session.0)).await?;
        let on = self.settings.borrow().summaries.on;
        let (state, error) = match stand {
            Stand::Runs => (Standing::Running, None),
            _ if !on => (Standing::Off, None),
            Stand::Failed(why) => (Standing::Failed, Some(why)),
            Stand::Rests if summary.is_some() => (Standing::Ready, None),
            Stand::Rests => (Standing::None, None),
        };
        Ok(Summarized { summary, state, error })
    }

    /// Reads on a thread that may block.
    async fn read<T, F>(&self, how: F) -> Result<T, NoSummary>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Shelf) -> Result<T, String> + Send + 'static,
    {
        let shelf = Arc::clone(&self.shelf);
        let read = tokio::task::spawn_blocking(move || how(&*shelf)).await;
        read.map_err(|error| NoSummary::Broken(error.to_string()))?.map_err(NoSummary::Broken)
    }
}
