//! Order, grouping, and what happens to the others when one fails.

use rusqlite::Connection;

use super::*;

#[test]
fn a_hook_call_is_stored_once() {
    let (_dir, store) = opened();
    let first = events([event("1-1", "a"), event("1-1", "b"), event("1-1", "a")]);
    assert_eq!(wait(store.append(first)).unwrap(), [Some(1), Some(2), None]);
    let again = EventRow { payload: "changed".to_owned(), ..event("1-1", "b") };
    assert_eq!(wait(store.append(events([again, event("1-1", "c")]))).unwrap()[0], None);
    let kept = store.reader().events(&EventQuery { limit: 9, ..EventQuery::default() }).unwrap();
    assert_eq!(kept.len(), 3);
    assert_eq!(kept[1].row, event("1-1", "b"));
}

#[test]
fn what_is_settled_stays_as_it_was_settled() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    let settled = |outcome: Option<&str>| Batch {
        approvals: vec![ApprovalRow { outcome: outcome.map(str::to_owned), ..approval("a", 5) }],
        ..Batch::default()
    };
    for outcome in [None, Some("denied"), None, Some("allowed")] {
        wait(store.append(settled(outcome))).unwrap();
    }
    let stored = store.reader().approval("a").unwrap().unwrap();
    assert_eq!(stored.outcome.as_deref(), Some("denied"));
}

#[test]
fn events_without_a_hook_are_all_different() {
    let (_dir, store) = opened();
    let nameless = || EventRow { hook_id: None, ..event("1-1", "") };
    let ids = wait(store.append(events([nameless(), nameless()]))).unwrap();
    assert_eq!(ids, [Some(1), Some(2)]);
}

#[test]
fn order_is_kept_however_it_is_grouped() {
    let (_dir, store) = opened();
    let commits: Vec<_> = (0..3000).map(|n| store.append(events([event("1-1", &n.to_string())]))).collect();
    let ids: Vec<_> = commits.into_iter().flat_map(|commit| wait(commit).unwrap()).collect();
    assert_eq!(ids, (1..=3000).map(Some).collect::<Vec<_>>());
}

#[test]
fn a_question_sees_what_was_queued_before_it_and_no_more() {
    let (_dir, store) = opened();
    let lock = locked(&store);
    let commit = store.append(events([event("1-1", "a")]));
    let known = [store.queue(Task::Find("a".to_owned())), store.queue(Task::Find("b".to_owned()))];
    let late = store.append(events([event("1-1", "b")]));
    drop(lock);
    let [a, b] = known.map(|known| wait(known).unwrap());
    assert_eq!((a, b), (vec![Some(1)], vec![None]));
    assert_eq!((wait(commit).unwrap(), wait(late).unwrap()), (vec![Some(1)], vec![Some(2)]));
    assert_eq!((wait(store.knows("b")), wait(store.knows("c"))), (Ok(true), Ok(false)));
}

#[test]
fn a_batch_nobody_waits_for_is_stored_all_the_same() {
    let (_dir, store) = opened();
    drop(store.append(events([event("1-1", "a")])));
    assert_eq!(wait(store.knows("a")), Ok(true));
}

#[test]
fn one_bad_row_takes_its_batch_down_and_no_other() {
    let (_dir, store) = opened();
    let lock = locked(&store);
    lock.execute_batch(
        "CREATE TRIGGER no BEFORE INSERT ON events WHEN NEW.kind = 'bad'
         BEGIN SELECT RAISE(ABORT, 'bad it is'); END",
    )
    .unwrap();
    let bad = EventRow { kind: "bad".to_owned(), ..event("1-1", "bad") };
    let commits = [
        store.append(events([event("1-1", "a")])),
        store.append(events([event("1-1", "lost with it"), bad])),
        store.append(events([event("1-1", "b")])),
    ];
    lock.execute_batch("COMMIT").unwrap();
    let [a, bad, b] = commits.map(wait);
    assert_eq!(a, Ok(vec![Some(1)]));
    assert_eq!(bad, Err(StoreError::Row("bad it is".to_owned())));
    assert_eq!(b, Ok(vec![Some(2)]));
    assert_eq!(wait(store.knows("lost with it")), Ok(false));
}

#[test]
fn a_full_disk_is_said_and_survived() {
    let (_dir, store) = opened();
    wait(store.append(events([event("1-1", "a")]))).unwrap();
    // As small as it is now.
    store.send(Message::Sql("PRAGMA max_page_count = 1"));
    let large = |id| EventRow { payload: noise(100_000), ..event("1-1", id) };
    let commits = [
        store.append(events([large("large")])),
        store.append(events([event("1-1", "small")])),
        store.append(Batch { durable: true, ..events([large("larger")]) }),
    ];
    let [large_one, small, larger] = commits.map(wait);
    assert!(matches!(large_one, Err(StoreError::Full(_))), "{large_one:?}");
    assert!(larger.unwrap_err().to_string().contains("no space left"));
    assert_eq!(small, Ok(vec![Some(2)]));
    store.send(Message::Sql("PRAGMA max_page_count = 1000000"));
    assert_eq!(wait(store.append(events([large("large")]))), Ok(vec![Some(3)]));
    assert_eq!(wait(store.flush()), Ok(()));
}

#[test]
fn what_may_wait_is_bounded_but_for_decisions() {
    let (_dir, store) = opened();
    let lock = locked(&store);
    let commits: Vec<_> = (0..10_000).map(|_| store.append(Batch::default())).collect();
    assert_eq!(wait(store.append(Batch::default())), Err(StoreError::Overloaded));
    assert_eq!(wait(store.knows("a")), Err(StoreError::Overloaded));
    let decision = store.append(Batch { durable: true, ..Batch::default() });
    drop(lock);
    assert_eq!(wait(decision), Ok(vec![]));
    for commit in commits {
        assert_eq!(wait(commit), Ok(vec![]));
    }
    assert_eq!(wait(store.append(events([event("1-1", "a")]))), Ok(vec![Some(1)]));
}

#[test]
fn what_may_wait_is_bounded_in_bytes() {
    let (_dir, store) = opened();
    let lock = locked(&store);
    let large = || EventRow { hook_id: None, payload: "x".repeat(70 << 20), ..event("1-1", "") };
    let commits = [store.append(events([large()])), store.append(events([large()]))];
    assert_eq!(wait(store.append(Batch::default())), Err(StoreError::Overloaded));
    drop(lock);
    assert_eq!(commits.map(wait), [Ok(vec![Some(1)]), Ok(vec![Some(2)])]);
}

#[test]
fn durable_and_ordinary_batches_mix() {
    let (_dir, store) = opened();
    let commits: Vec<_> = (0..40)
        .map(|n| {
            let batch = events([event("1-1", &n.to_string())]);
            store.append(Batch { durable: n % 3 == 0, ..batch })
        })
        .collect();
    for (n, commit) in (1..).zip(commits) {
        assert_eq!(wait(commit), Ok(vec![Some(n)]));
    }
}

#[test]
fn closing_stores_what_was_queued_before() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    let lock = locked(&store);
    let commits: Vec<_> = (0..500).map(|n| store.append(events([event("1-1", &n.to_string())]))).collect();
    drop(lock);
    wait(store.close()).unwrap();
    assert!(commits.into_iter().all(|commit| wait(commit).is_ok()));
    let again = Store::open(&path).unwrap().store;
    assert_eq!(wait(again.append(events([event("1-1", "last")]))), Ok(vec![Some(501)]));
}

#[test]
fn the_log_does_not_grow_without_end() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    let payload = noise(30_000);
    let some = |n: i32| EventRow { payload: payload.clone(), ..event("1-1", &n.to_string()) };
    for n in 0..3000 {
        wait(store.append(events([some(n)]))).unwrap();
    }
    let log = std::fs::metadata(log_of(&path)).unwrap().len();
    // What is copied at once whoever waits (48 MB of rows here), pages and their surroundings around it.
    assert!(log < 70 << 20, "{log}");
}

fn log_of(path: &Path) -> PathBuf {
    crate::store::guard::beside(path, "-wal")
}

/// Holds the writer up until dropped.
fn locked(store: &Store) -> Connection {
    let db = Connection::open(store.reader().path()).unwrap();
    db.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    db
}

#[test]
fn rules_and_settings_are_stored_with_what_they_decided_or_not_at_all() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    let rule = |id, position| RuleRow { id, position, rule: format!("{{\"n\":{id}}}"), made: 5, ..RuleRow::default() };
    let ended = RuleRow { ends: Some(90), boot: Some("b".into()), matches: 3, last_match: Some(7), ..rule(2, 0) };
    let settings = vec![("paused".to_owned(), "true".to_owned())];
    let put = vec![rule(1, 1), ended.clone(), rule(3, 2)];
    let rules = RuleChanges { put, settings: settings.clone(), ..RuleChanges::default() };
    wait(store.append(Batch { rules, durable: true, ..Batch::default() })).unwrap();
    assert_eq!(store.reader().rules().unwrap(), [ended.clone(), rule(1, 1), rule(3, 2)]);
    let moved = RuleRow { position: 9, ..ended };
    let rules = RuleChanges { put: vec![moved.clone()], gone: vec![3, 77], ..RuleChanges::default() };
    wait(store.append(Batch { rules, events: vec![event("1-1", "a")], ..Batch::default() })).unwrap();
    assert_eq!(store.reader().rules().unwrap(), [rule(1, 1), moved]);
    assert_eq!(store.reader().settings().unwrap(), settings);
}
