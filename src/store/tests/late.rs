//! Order, when not everything can be stored when it is its turn.

use super::*;

/// The hook ids of all events, in the order in which they are stored.
fn order(store: &Store) -> Vec<String> {
    let all = store.reader().events(&EventQuery { limit: 9_999, ..EventQuery::default() }).unwrap();
    all.into_iter().filter_map(|event| event.row.hook_id).collect()
}

/// From now on the file cannot grow; what is small still fits.
fn fill(store: &Store) {
    store.send(Message::Sql("PRAGMA max_page_count = 1"));
}

fn free(store: &Store) {
    store.send(Message::Sql("PRAGMA max_page_count = 1000000"));
}

fn kept(events: Vec<EventRow>) -> Batch {
    Batch { events, kept: true, ..Batch::default() }
}

fn large(session: &str, id: &str) -> EventRow {
    EventRow { payload: noise(100_000), ..event(session, id) }
}

/// A store that is full, in which one that is kept was not stored.
fn behind() -> (tempfile::TempDir, Store) {
    let (dir, store) = opened();
    wait(store.append(events([event("1-1", "before")]))).unwrap();
    fill(&store);
    let asked = store.append(kept(vec![large("2-2", "asked")]));
    assert!(matches!(wait(asked), Err(StoreError::Full(_))));
    (dir, store)
}

#[test]
fn what_is_kept_is_overtaken_by_nothing() {
    let (_dir, store) = behind();
    assert!(matches!(&*store.trouble().borrow(), Some(StoreError::Full(_))));
    for small in [kept(vec![event("2-2", "settled")]), Batch { durable: true, ..kept(vec![event("2-2", "decided")]) }] {
        assert!(matches!(wait(store.append(small)), Err(StoreError::Full(_))), "it would fit, but not before its turn");
    }
    assert!(matches!(wait(store.append(events([event("3-3", "sent again")]))), Err(StoreError::Full(_))));
    assert_eq!(order(&store), ["before"]);
    free(&store);
    wait(store.append(events([event("3-3", "after")]))).unwrap();
    assert_eq!(order(&store), ["before", "asked", "settled", "decided", "after"]);
    assert_eq!(*store.trouble().borrow(), None);
}

#[test]
fn nor_by_what_was_queued_with_it() {
    let (_dir, store) = opened();
    wait(store.append(events([event("1-1", "before")]))).unwrap();
    let all: Vec<_> = (0..600)
        .map(|n| match n {
            100 => kept(vec![large("2-2", "100")]),
            n => kept(vec![event("2-2", &n.to_string())]),
        })
        .collect();
    fill(&store);
    let commits: Vec<_> = all.into_iter().map(|batch| store.append(batch)).collect();
    let stored = commits.into_iter().map(wait).take_while(Result::is_ok).count();
    assert!(stored <= 100, "{stored}");
    free(&store);
    wait(store.append(kept(vec![event("2-2", "600")]))).unwrap();
    let expected = std::iter::once("before".to_owned()).chain((0..=600).map(|n| n.to_string()));
    assert!(order(&store).into_iter().eq(expected));
}

#[test]
fn it_is_tried_again_when_nothing_else_comes() {
    let (_dir, store) = behind();
    let mut trouble = store.trouble();
    free(&store);
    wait(trouble.wait_for(Option::is_none)).unwrap();
    assert_eq!(order(&store), ["before", "asked"]);
}

#[test]
fn and_before_the_store_is_closed() {
    let (dir, store) = behind();
    free(&store);
    wait(store.close()).unwrap();
    let again = Store::open(&dir.path().join("ccmon.db")).unwrap().store;
    assert_eq!(order(&again), ["before", "asked"]);
}

#[test]
fn so_many_wait_and_no_more() {
    let (_dir, store) = behind();
    let more: Vec<_> = (1..1_100).map(|n| store.append(kept(vec![event("2-2", &n.to_string())]))).collect();
    assert!(more.into_iter().map(wait).all(|answer| matches!(answer, Err(StoreError::Full(_)))));
    free(&store);
    wait(store.append(kept(vec![event("2-2", "after")]))).unwrap();
    let order = order(&store);
    assert_eq!(order.len(), 1 + 1_000 + 1);
    assert_eq!(order[1_000..], ["999", "after"]);
}

#[test]
fn one_that_never_can_be_stored_holds_up_nobody() {
    let (_dir, store) = behind();
    let bad = EventRow { kind: "bad".to_owned(), ..event("2-2", "bad") };
    for batch in [vec![bad], vec![event("2-2", "settled")]] {
        assert!(wait(store.append(kept(batch))).is_err());
    }
    free(&store);
    store.send(Message::Sql(
        "CREATE TRIGGER no BEFORE INSERT ON events WHEN NEW.kind = 'bad' BEGIN SELECT RAISE(ABORT, 'bad it is'); END",
    ));
    wait(store.append(events([event("3-3", "after")]))).unwrap();
    assert_eq!(order(&store), ["before", "asked", "settled", "after"]);
}

#[test]
fn what_is_forgotten_meanwhile_is_not_stored() {
    let (_dir, store) = behind();
    let of = |key: &str, ended| Batch {
        approvals: vec![ApprovalRow { session: key.to_owned(), ..approval(key, 5) }],
        sessions: vec![session(key, ended)],
        ..kept(vec![event(key, key)])
    };
    for batch in [of("3-3", Some(9)), of("4-4", None)] {
        assert!(wait(store.append(batch)).is_err());
    }
    for key in ["3-3", "4-4"] {
        wait(store.forget(key)).unwrap();
    }
    free(&store);
    wait(store.append(events([event("5-5", "after")]))).unwrap();
    assert_eq!(order(&store), ["before", "asked", "4-4", "after"], "one lives");
    assert!(store.reader().approval("3-3").unwrap().is_some(), "requests stay");
}

#[test]
fn a_line_is_torn_where_one_of_it_fails() {
    let (_dir, store) = opened();
    wait(store.append(events([event("1-1", "before")]))).unwrap();
    fill(&store);
    let line = Line::default();
    let in_line = |row: EventRow| store.append(Batch { line: Some(line.clone()), ..events([row]) });
    let commits = [in_line(event("2-2", "a")), in_line(large("2-2", "b")), in_line(event("2-2", "c"))];
    let [a, b, c] = commits.map(wait);
    assert!(a.is_ok() && matches!(b, Err(StoreError::Full(_))), "{a:?} {b:?}");
    assert_eq!(c, Err(StoreError::Behind));
    let fresh = Batch { line: Some(Line::default()), ..events([event("3-3", "d")]) };
    wait(store.append(fresh)).unwrap();
    assert_eq!(order(&store), ["before", "a", "d"]);
}

#[test]
fn a_thread_that_fails_is_trouble() {
    let (_dir, store) = opened();
    store.send(Message::Sql("no SQL"));
    wait(store.trouble().wait_for(|trouble| *trouble == Some(StoreError::Closed))).unwrap();
    assert_eq!(wait(store.append(events([event("1-1", "a")]))), Err(StoreError::Closed));
}
