//! Who is looked at needs no call: a session whose terminal has the focus when it is done, or gets it
//! later, counts as seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

use super::jump::Jumper;
use crate::core::{Board, Session, SessionKey, State, Time};
use crate::locate;

/// Follows the focus, and who needs a look, until the daemon ends.
pub async fn follow(jumper: Jumper, mut board: watch::Receiver<Arc<Board>>, mut moves: watch::Receiver<u64>) {
    let mut asked = BTreeSet::new();
    loop {
        let moved = tokio::select! {
            changed = board.changed() => match changed {
                Ok(()) => false,
                Err(_) => return,
            },
            Ok(()) = moves.changed() => true,
        };
        let unseen = unseen(&board.borrow_and_update());
        asked.retain(|known| unseen.iter().any(|session| key(session) == *known));
        for session in unseen {
            if asked.insert(key(&session)) || moved {
                look(&jumper, &session).await;
            }
        }
    }
}

/// Counts how often another window got the focus.
pub fn moves(jumper: &Jumper) -> watch::Receiver<u64> {
    let (moved, moves) = watch::channel(0);
    let desk = Arc::clone(&jumper.desk);
    let count = move || {
        moved.send_modify(|count| *count += 1);
        !moved.is_closed()
    };
    let follow = move || locate::follow(&desk, count);
    if let Err(error) = std::thread::Builder::new().name("ccmon-focus".into()).spawn(follow) {
        tracing::warn!("the focus is not followed: {error}");
    }
    moves
}

/// Sessions that a look is all they need.
fn unseen(board: &Board) -> Vec<Arc<Session>> {
    let wants = |session: &&Arc<Session>| {
        session.needs_you && matches!(session.state, State::Done | State::Failed | State::Stuck)
    };
    board.sessions.values().filter(wants).cloned().collect()
}

fn key(session: &Session) -> (SessionKey, Time) {
    (session.key.clone(), session.since)
}

async fn look(jumper: &Jumper, session: &Session) {
    let Ok(seat) = super::jump::seat(session) else {
        return;
    };
    let desk = Arc::clone(&jumper.desk);
    let looked = tokio::task::spawn_blocking(move || locate::view(&seat, &desk)).await;
    if matches!(looked, Ok(Some(true))) {
        jumper.seen(session, "its terminal has the focus").await;
    }
}
