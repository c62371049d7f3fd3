//! What comes of notifications: a button decides as every other way to decide does, or shows the request.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::news::Topic;
use crate::api::{Ask, Caller, Jumps, Open, Opening, Opens, Wish, is_leave};
use crate::core::{Answer, ApprovalId, Board, By};
use crate::notify::{Button, Sent};

/// A notification that is on the desktop, or was.
#[derive(Debug)]
pub struct Said {
    /// As it was sent.
    pub sent: Sent,
    /// What it speaks of.
    pub about: Vec<Topic>,
    /// Hash of what its only request is about.
    pub shown: Option<Arc<str>>,
    /// The server has taken it away.
    pub closed: bool,
}

/// Where a press leads.
#[derive(Clone)]
pub struct Ways {
    /// The engine's inbox.
    pub inbox: mpsc::Sender<Ask>,
    /// Whoever shows windows.
    pub opens: Opens,
    /// Ways to terminals, where nobody does.
    pub jumps: Arc<dyn Jumps>,
}

impl Ways {
    /// Does what a button says. The first press decides: the request is settled then.
    pub async fn press(&self, said: &Said, button: Button, leave: Option<String>, board: &Board) {
        match (button, &said.about[..], &said.shown) {
            _ if !said.sent.buttons.contains(&button) => tracing::info!("a button was pressed that was never there"),
            (Button::Open, ..) => self.open(&said.about, leave, board),
            (Button::Approve, [Topic::Request(id)], Some(shown)) => {
                let allow = Answer::Allow { updated_input: None, updated_permissions: None };
                self.decide(id, shown, allow).await;
            }
            (Button::Deny, [Topic::Request(id)], Some(shown)) => {
                self.decide(id, shown, Answer::Deny { message: None, interrupt: false }).await;
            }
            _ => {}
        }
    }

    async fn decide(&self, approval: &ApprovalId, shown: &str, answer: Answer) {
        let (reply, decided) = oneshot::channel();
        let (approval, shown, by) = (approval.clone(), shown.to_owned(), By::Notification);
        let name = approval.clone();
        let ask = Ask::Decide { approval, shown, answer, rule: None, by, reply };
        if self.inbox.send(ask).await.is_ok() {
            tokio::spawn(async move {
                if let Ok(Err(refusal)) = decided.await {
                    tracing::info!("a notification decided nothing about {name}: {refusal}");
                }
            });
        }
    }

    fn open(&self, about: &[Topic], leave: Option<String>, board: &Board) {
        let what = match about {
            [Topic::Session(key, _)] => Open::Session(key.clone()),
            topics => match topics.iter().find_map(|topic| waiting(topic, board)) {
                Some(id) => Open::Approval(id),
                None => Open::Dashboard,
            },
        };
        let leave = leave.filter(|leave| is_leave(leave));
        if !self.opens.send(Opening { what: what.clone(), leave }) {
            self.go(what, board);
        }
    }

    /// Without windows, the terminal is where it can be seen.
    fn go(&self, what: Open, board: &Board) {
        let session = match what {
            Open::Session(key) => Some(key),
            Open::Approval(id) => board.approvals.get(&id).map(|approval| approval.session.clone()),
            _ => None,
        };
        let (wish, jumps) = (session.map_or(Wish::Next { dry_run: false }, Wish::To), Arc::clone(&self.jumps));
        tokio::spawn(async move {
            if let Err(why) = jumps.go(wish, Caller::default()).await {
                tracing::info!("a notification led nowhere: {why}");
            }
        });
    }
}

/// The request that a topic is, while it waits.
fn waiting(topic: &Topic, board: &Board) -> Option<ApprovalId> {
    match topic {
        Topic::Request(id) if board.approvals.get(id).is_some_and(|approval| approval.is_pending()) => Some(id.clone()),
        _ => None,
    }
}
