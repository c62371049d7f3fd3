//! What comes of notifications: a button decides as every other way to decide does, or shows the request.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::news::Topic;
use crate::api::{Ask, Caller, Jumps, Open, Opening, Opens, Wish, fenced, is_leave};
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
    /// The request that it was opened for: that is, or comes, on the screen.
    pub opened: Option<ApprovalId>,
}

impl Said {
    /// Whether the user learns of a request by it.
    pub fn tells_of(&self, id: &ApprovalId) -> bool {
        let speaks = || self.about.iter().any(|topic| matches!(topic, Topic::Request(of) if of == id));
        self.opened.as_ref() == Some(id) || (!self.closed && speaks())
    }

    /// The request that it leads to.
    pub fn leads_to(&self, board: &Board) -> Option<ApprovalId> {
        self.about.iter().find_map(|topic| waiting(topic, board))
    }
}

/// A button that was pressed.
pub struct Press {
    /// Which.
    pub button: Button,
    /// Leave to take the focus.
    pub leave: Option<String>,
    /// The process that says so.
    pub server: Option<u32>,
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
    pub async fn press(&self, said: &Said, press: Press, board: &Arc<Board>) {
        let Press { button, leave, server } = press;
        match (button, &said.about[..], &said.shown) {
            _ if !said.sent.buttons.contains(&button) => tracing::info!("a button was pressed that was never there"),
            (Button::Open, ..) => self.open(said, leave, board),
            (Button::Approve, [Topic::Request(id)], Some(shown)) => {
                let allow = Answer::Allow { updated_input: None, updated_permissions: None };
                self.decide(id, shown, allow, server, board).await;
            }
            (Button::Deny, [Topic::Request(id)], Some(shown)) => {
                self.decide(id, shown, Answer::Deny { message: None, interrupt: false }, server, board).await;
            }
            _ => {}
        }
    }

    /// Who shows notifications says what was pressed: Claude's own shell could show them too.
    async fn decide(
        &self,
        approval: &ApprovalId,
        shown: &str,
        answer: Answer,
        server: Option<u32>,
        board: &Arc<Board>,
    ) {
        if let Some(why) = fenced(server, Arc::clone(board)).await {
            tracing::warn!("a notification may not decide on {approval}: {why}");
            let refused = Ask::Refused { approval: Some(approval.clone()), why };
            let _ = self.inbox.send(refused).await;
            return;
        }
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

    fn open(&self, said: &Said, leave: Option<String>, board: &Board) {
        let what = match &said.about[..] {
            [Topic::Session(key, _)] => Open::Session(key.clone()),
            _ => match said.leads_to(board) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Going;
    use crate::notify::Place;

    struct Nowhere;

    impl Jumps for Nowhere {
        fn go(&self, _wish: Wish, _caller: Caller) -> Going<'_> {
            Box::pin(async { Err("there is no terminal".to_owned()) })
        }
    }

    /// What the engine is asked after Approve was pressed, as a process says that is in that environment.
    async fn asked(inside: Option<&str>) -> Ask {
        let (inbox, mut engine) = mpsc::channel(1);
        let ways = Ways { inbox, opens: Opens::default(), jumps: Arc::new(Nowhere) };
        let place = Place::default();
        let said = Said {
            sent: Sent { place, buttons: vec![Button::Approve] },
            about: vec![Topic::Request(ApprovalId("a".into()))],
            shown: Some("hash".into()),
            closed: false,
            opened: None,
        };
        let mut shower = crate::testing::sleeper(inside);
        let press = Press { button: Button::Approve, leave: None, server: Some(shower.id()) };
        ways.press(&said, press, &Arc::default()).await;
        shower.kill().and_then(|()| shower.wait()).expect("it ends");
        engine.recv().await.expect("it is asked")
    }

    #[tokio::test]
    async fn a_server_that_claude_started_decides_nothing() {
        assert!(matches!(asked(None).await, Ask::Decide { by: By::Notification, .. }));
        let Ask::Refused { approval, why } = asked(Some("1")).await else { panic!("it decided") };
        assert!(approval.is_some() && why.contains("Claude"), "{why}");
    }
}
