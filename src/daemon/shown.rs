//! What has changed on the Board since somebody looked.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::{Approval, ApprovalId, Board, Session, SessionKey};

/// The rows as they were when changes were last asked for.
#[derive(Debug, Default)]
pub struct Shown {
    sessions: BTreeMap<SessionKey, Arc<Session>>,
    approvals: BTreeMap<ApprovalId, Arc<Approval>>,
}

impl Shown {
    /// All of a Board: nothing of it is news.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        Self { sessions: board.sessions.clone(), approvals: board.approvals.clone() }
    }

    /// Sessions and requests that are new or have changed since.
    pub fn news(&mut self, board: &Board) -> (Vec<Arc<Session>>, Vec<Arc<Approval>>) {
        (changed(&mut self.sessions, &board.sessions), changed(&mut self.approvals, &board.approvals))
    }
}

/// Brings `shown` up to date with `now`; the rows that differ. Most often no row came or went, and both
/// can be walked through side by side: this is done for each event, with every session.
fn changed<K: Ord + Clone, V>(shown: &mut BTreeMap<K, Arc<V>>, now: &BTreeMap<K, Arc<V>>) -> Vec<Arc<V>> {
    let mut news = Vec::new();
    let mut same_rows = shown.len() == now.len();
    for ((old_key, old), (key, row)) in shown.iter_mut().zip(now) {
        if !same_rows || old_key != key {
            same_rows = false;
            break;
        }
        if !Arc::ptr_eq(old, row) {
            old.clone_from(row);
            news.push(Arc::clone(row));
        }
    }
    if !same_rows {
        let is_new = |key: &K, row: &Arc<V>| !shown.get(key).is_some_and(|old| Arc::ptr_eq(old, row));
        news.extend(now.iter().filter(|(key, row)| is_new(key, row)).map(|(_, row)| Arc::clone(row)));
        shown.clone_from(now);
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_news_once() {
        let row = |text: &str| Arc::new(text.to_owned());
        let mut now: BTreeMap<_, _> = (0..9).map(|key| (key, row("old"))).collect();
        let mut shown = now.clone();
        let mut news = |now: &BTreeMap<_, _>| -> Vec<String> {
            changed(&mut shown, now).iter().map(ToString::to_string).collect()
        };
        assert!(news(&now).is_empty());
        now.insert(4, row("changed"));
        assert_eq!(news(&now), ["changed"]);
        assert!(news(&now).is_empty());
        now.insert(9, row("came"));
        now.insert(0, row("changed too"));
        assert_eq!(news(&now), ["changed too", "came"]);
        now.remove(&5);
        assert!(news(&now).is_empty(), "who goes is no row to store");
        // As many as before, and one changed before the first that is another.
        now.remove(&8);
        now.insert(10, row("came instead"));
        now.insert(1, row("changed as well"));
        assert_eq!(news(&now), ["changed as well", "came instead"]);
        assert!(news(&now).is_empty());
    }
}
