//! Sessions of which nothing is to be kept.

use tokio::sync::{broadcast, oneshot};

use super::Engine;
use crate::api::Change;
use crate::core::{Input, Refusal, SessionKey};
use crate::store::Store;

impl Engine {
    /// Off the Board first: then nothing of it is stored anew.
    pub(super) fn on_forget(&mut self, session: SessionKey, reply: oneshot::Sender<Result<bool, Refusal>>) {
        let now = self.now();
        let shown = self.core.board().sessions.contains_key(&session);
        let step = self.core.apply(now, Input::Forget(session.clone()));
        if let Some(refusal) = step.refused {
            let _ = reply.send(Err(refusal));
            return;
        }
        self.absorb(step, |_| {});
        let changes = self.changes.clone();
        if shown {
            let _ = changes.send(Change::Gone(session.clone()));
        }
        forget(self.store.clone(), changes, session, reply);
    }
}

/// Deletes what is stored of a session, and tells so. Who asked hears nothing when that fails.
fn forget(
    store: Store,
    changes: broadcast::Sender<Change>,
    session: SessionKey,
    reply: oneshot::Sender<Result<bool, Refusal>>,
) {
    tokio::spawn(async move {
        match store.forget(&session.to_string()).await {
            Ok(found) => {
                if found {
                    let _ = changes.send(Change::Gone(session));
                }
                let _ = reply.send(Ok(found));
            }
            Err(error) => tracing::error!("what is stored of session {session} stays: {error}"),
        }
    });
}
