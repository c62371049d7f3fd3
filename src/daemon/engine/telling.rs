//! Events that hooks tell of. Those that stand in the journal are acknowledged already, the others once they are stored.

use super::super::perform::Due;
use super::super::record;
use super::Engine;
use crate::api::Reply;
use crate::claude::payload;
use crate::core::{Event, HookCall, Input};
use crate::store::{Batch, Line};

/// The drains of the spool, by their numbers: what comes with one is stored in order, or not.
#[derive(Default)]
pub(super) struct Drains {
    last: u64,
    line: Line,
}

impl Drains {
    pub(super) fn line(&mut self, drain: u64) -> Line {
        if self.last != drain {
            *self = Self { last: drain, line: Line::default() };
        }
        self.line.clone()
    }
}

impl Engine {
    pub(super) fn on_event(&mut self, context: &str, payload: &[u8], line: Option<Line>, reply: Reply) {
        let now = self.now();
        match payload::read(context, payload, now) {
            Err(malformed) => {
                tracing::info!("refused a hook's event: {malformed}");
                reply.send(Err(malformed.to_string()));
            }
            Ok(call) => {
                // Unless it is stored, nothing is said: the hook then spools it, or the journal does.
                let then = move |stored| {
                    if stored {
                        reply.send(Ok(()));
                    }
                };
                if self.applied.add(&call.id) {
                    let now = self.now();
                    let step = self.core.apply(now, Input::Hook(call));
                    self.absorb_in(line, step, then);
                } else {
                    self.store_again(call, line, then);
                }
            }
        }
    }

    /// Stores an event that was folded before, most likely without being stored: with the rows, as
    /// they are now, that it may have changed. The notes that ccmon made of it are not repeated, the
    /// next start settles what is still open.
    fn store_again(&self, call: HookCall, line: Option<Line>, then: impl FnOnce(bool) + Send + 'static) {
        let board = self.core.board();
        let key = board.key_of(&call);
        let asked = board.approvals.values().filter(|approval| approval.session == key);
        let batch = Batch {
            sessions: board.sessions.get(&key).map(|session| record::session_row(session)).into_iter().collect(),
            approvals: asked.map(|approval| record::approval_row(board, approval)).collect(),
            events: record::event_row(board, &Event::Hook(call)).into_iter().collect(),
            ..Batch::default()
        };
        self.append(batch, Due { line, ..Due::default() }, then);
    }
}
