//! What a watcher is told: the whole picture first, then what changes. The same for a WebSocket and for a window
//! of our own process.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};

use super::view::approval_view;
use super::{Change, Hub};
use crate::core::Board;

/// Sessions and events that come faster than this are told together: nobody reads faster, and a page draws
/// each time. Half of what may pass between a hook and the page.
const APART: Duration = Duration::from_millis(50);

/// The frames of one watcher.
pub struct Frames {
    hub: Hub,
    changes: Receiver<Change>,
    /// Whether events come with what the hook said.
    payloads: bool,
    /// The whole picture is due.
    whole: bool,
    /// What is to be told, oldest first, each thing once,
    held: Vec<Change>,
    /// and when.
    due: Instant,
}

impl Frames {
    /// The frames from now on.
    #[must_use]
    pub fn new(hub: Hub, payloads: bool) -> Self {
        let changes = hub.changes.subscribe();
        Self { hub, changes, payloads, whole: true, held: Vec::new(), due: Instant::now() }
    }

    /// The next frames, at least one; `None` when the daemon stops. Nothing is lost when this is not waited for
    /// to its end.
    pub async fn next(&mut self) -> Option<Vec<Value>> {
        loop {
            if self.whole {
                return Some(self.picture());
            }
            let waits = !self.held.is_empty();
            tokio::select! {
                // First, so that whatever comes late is not held for another turn.
                biased;
                () = sleep_until(self.due), if waits => return Some(self.tell()),
                change = self.changes.recv() => match change {
                    Ok(change) => if !self.hold(change) {
                        return Some(self.tell());
                    }
                    Err(RecvError::Lagged(_)) => self.start_over(),
                    Err(RecvError::Closed) => return None,
                },
                // The hub is ours too, so its channels never close by themselves; the engine's end does.
                () = self.hub.inbox.closed() => return None,
            }
        }
    }

    /// Keeps a change until it is told; whether that can wait.
    fn hold(&mut self, change: Change) -> bool {
        let can_wait = !matches!(change, Change::Pending(_) | Change::Resolved(_) | Change::Trouble(_));
        self.held.retain(|held| !is_older(held, &change));
        self.held.push(change);
        can_wait
    }

    /// Everything that is held, and what has come with it.
    fn tell(&mut self) -> Vec<Value> {
        loop {
            match self.changes.try_recv() {
                Ok(change) => drop(self.hold(change)),
                Err(TryRecvError::Lagged(_)) => self.start_over(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if self.whole {
            return self.picture();
        }
        self.due = Instant::now() + APART;
        let board = self.hub.board.borrow().clone();
        self.held.drain(..).map(|change| frame(&board, &change, self.payloads)).collect()
    }

    fn picture(&mut self) -> Vec<Value> {
        self.whole = false;
        self.held.clear();
        vec![snapshot(&self.hub)]
    }

    /// Too slow to see every change: the picture as it is, and nothing older after it.
    fn start_over(&mut self) {
        self.changes = self.changes.resubscribe();
        self.whole = true;
    }
}

/// Whether `held` says nothing any more once `newer` is told.
fn is_older(held: &Change, newer: &Change) -> bool {
    match (held, newer) {
        (Change::Session(old), Change::Session(new)) => old.key == new.key,
        (Change::Session(old), Change::Gone(key)) => old.key == *key,
        (Change::Job(old), Change::Job(new)) => old.get("id") == new.get("id"),
        (Change::Rules, Change::Rules)
        | (Change::Settings, Change::Settings)
        | (Change::Quiet(_), Change::Quiet(_)) => true,
        _ => false,
    }
}

fn snapshot(hub: &Hub) -> Value {
    let board = hub.board.borrow().clone();
    let pending: Vec<_> = board.pending().into_iter().map(|approval| approval_view(&board, approval)).collect();
    json!({ "type": "snapshot", "now": now(), "version": env!("CARGO_PKG_VERSION"), "started": hub.about.started,
        "sessions": board.by_need(), "approvals": pending, "trouble": board.trouble,
        "rules_paused": board.rules_paused, "quiet_until": *hub.quiet.borrow() })
}

fn frame(board: &Board, change: &Change, payloads: bool) -> Value {
    match change {
        Change::Session(session) => json!({ "type": "session_update", "session": session }),
        Change::Gone(key) => json!({ "type": "session_gone", "key": key }),
        Change::Event(event) if payloads => json!({ "type": "event", "event": event.told() }),
        Change::Event(event) => json!({ "type": "event", "event": event.told_briefly() }),
        Change::Pending(approval) => {
            json!({ "type": "approval_pending", "approval": approval_view(board, approval) })
        }
        Change::Resolved(approval) => {
            json!({ "type": "approval_resolved", "approval": approval_view(board, approval) })
        }
        Change::Rules => json!({ "type": "rules", "paused": board.rules_paused }),
        Change::Trouble(trouble) => json!({ "type": "trouble", "trouble": trouble }),
        Change::Settings => json!({ "type": "settings" }),
        Change::Quiet(until) => json!({ "type": "quiet", "until": until }),
        Change::Job(job) => json!({ "type": "job", "job": job }),
    }
}

/// The time, in ms since the Unix epoch.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
