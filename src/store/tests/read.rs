//! What goes in comes out.

use super::*;

fn all() -> EventQuery {
    EventQuery { limit: usize::MAX, ..EventQuery::default() }
}

impl StoredEvent {
    fn hook_id(&self) -> &str {
        self.row.hook_id.as_deref().unwrap_or("-")
    }
}

#[test]
fn events_come_back_as_they_went_in() {
    let (_dir, store) = opened();
    let odd = EventRow {
        hook_id: None,
        at: u64::MAX,
        held: true,
        context: None,
        payload: "nul \0, '; DROP TABLE events --, \u{202e}\u{10ffff}".to_owned(),
        ..event("s-ünï", "")
    };
    let rows = [event("1-1", "a"), odd.clone(), EventRow::default()];
    let ids = wait(store.append(events(rows.clone()))).unwrap();
    assert_eq!(ids, [Some(1), Some(2), Some(3)]);
    let back = store.reader().events(&all()).unwrap();
    assert_eq!(back[0].row, rows[0]);
    // As late as a signed number can say.
    let at = u64::MAX / 2;
    assert_eq!(back[1].row, EventRow { at, ..odd });
    assert_eq!(back[2].row, rows[2]);
    assert_eq!(back.iter().map(|event| event.id).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_large_payload_comes_back_whole() {
    let (_dir, store) = opened();
    let large = EventRow { payload: "ab".repeat(4 << 20), ..event("1-1", "a") };
    wait(store.append(events([large.clone()]))).unwrap();
    assert_eq!(store.reader().events(&all()).unwrap()[0].row, large);
}

#[test]
fn a_page_is_bounded_in_bytes_too_and_never_empty() {
    let (_dir, store) = opened();
    let sized = |id: &str, mib: usize| EventRow { payload: "x".repeat(mib << 20), ..event("1-1", id) };
    let rows = [sized("a", 5), sized("b", 3), sized("c", 1), sized("d", 9), sized("e", 1)];
    wait(store.append(events(rows))).unwrap();
    let (mut pages, mut after_id) = (Vec::new(), None);
    while let page = store.reader().events(&EventQuery { after_id, ..all() }).unwrap()
        && !page.is_empty()
    {
        after_id = page.last().map(|event| event.id);
        pages.push(page.iter().map(StoredEvent::hook_id).collect::<String>());
    }
    assert_eq!(pages, ["ab", "c", "d", "e"]);
}

#[test]
fn an_approval_is_replaced_when_settled() {
    let (_dir, store) = opened();
    let asked = approval("a", 10);
    let settled = ApprovalRow {
        agent: Some(r#"{"id":"x"}"#.to_owned()),
        outcome: Some("denied".to_owned()),
        by: Some("popup".to_owned()),
        message: Some("no".to_owned()),
        settled: Some(20),
        pending_ms: Some(10),
        json: r#"{"id":"a","state":"settled"}"#.to_owned(),
        ..asked.clone()
    };
    for row in [asked, settled] {
        let batch = Batch { approvals: vec![row.clone()], durable: true, ..Batch::default() };
        assert_eq!(wait(store.append(batch)).unwrap(), []);
        assert_eq!(store.reader().approval("a").unwrap(), Some(row));
    }
    assert_eq!(store.reader().approval("b").unwrap(), None);
    assert_eq!(store.reader().approvals(9).unwrap(), [r#"{"id":"a","state":"settled"}"#]);
}

#[test]
fn approvals_are_listed_newest_first() {
    let (_dir, store) = opened();
    let batch = Batch {
        approvals: [("a", 20), ("b", 10), ("c", 30), ("d", 30)].map(|(id, at)| approval(id, at)).into(),
        ..Batch::default()
    };
    wait(store.append(batch)).unwrap();
    let listed = store.reader().approvals(3).unwrap();
    assert_eq!(listed, [r#"{"id":"d"}"#, r#"{"id":"c"}"#, r#"{"id":"a"}"#]);
}

#[test]
fn ended_sessions_are_listed_newest_first() {
    let (_dir, store) = opened();
    let ends = [("a", Some(20)), ("b", None), ("c", Some(30)), ("d", Some(10))];
    let batch = Batch { sessions: ends.map(|(key, ended)| session(key, ended)).into(), ..Batch::default() };
    wait(store.append(batch)).unwrap();
    let listed = store.reader().ended_sessions(2).unwrap();
    assert_eq!(listed, [r#"{"key":"c"}"#, r#"{"key":"a"}"#]);
}

#[test]
fn only_events_of_open_sessions_are_replayed_in_order() {
    let (_dir, store) = opened();
    let rows = [("2-2", "a"), ("1-1", "b"), ("3-3", "c"), ("2-2", "d"), ("9-9", "e"), ("1-1", "f")];
    let batch = Batch {
        events: rows.map(|(session, id)| event(session, id)).into(),
        sessions: vec![session("1-1", Some(5)), session("2-2", None), session("3-3", None)],
        ..Batch::default()
    };
    wait(store.append(batch)).unwrap();
    // 9-9 has no row: nothing says that it ended.
    assert_eq!(replayed(&store), ["a", "c", "d", "e"]);
    let batch = Batch { sessions: vec![session("1-1", None), session("2-2", Some(6))], ..Batch::default() };
    wait(store.append(batch)).unwrap();
    assert_eq!(replayed(&store), ["b", "c", "e", "f"]);
}

#[test]
fn an_empty_store_replays_nothing() {
    let (_dir, store) = opened();
    assert_eq!(replayed(&store), [""; 0]);
}

#[test]
fn replay_is_one_picture_while_more_is_written() {
    let (_dir, store) = opened();
    wait(store.append(events([event("1-1", "a"), event("1-1", "b")]))).unwrap();
    let mut seen = Vec::new();
    let told = store.reader().each_open_event(|event| {
        let more = format!("more {}", event.id);
        wait(store.append(events([super::event("1-1", &more)]))).unwrap();
        seen.push(event.hook_id().to_owned());
    });
    told.unwrap();
    assert_eq!(seen, ["a", "b"]);
}

fn replayed(store: &Store) -> Vec<String> {
    let mut seen = Vec::new();
    let tell = |event: StoredEvent| seen.push(event.hook_id().to_owned());
    store.reader().each_open_event(tell).unwrap();
    seen
}

#[test]
fn events_are_paged() {
    let (_dir, store) = six();
    let page = |after_id, limit, newest_first| {
        let of = None;
        ask(&store, &EventQuery { after_id, limit, newest_first, of })
    };
    assert_eq!(page(None, 9, false), "abcdef");
    assert_eq!(page(Some(2), 3, false), "cde");
    assert_eq!(page(None, 2, true), "fe");
    assert_eq!(page(Some(4), 9, true), "fe");
    assert_eq!(page(None, 0, false), "");
}

#[test]
fn events_are_filtered() {
    let (_dir, store) = six();
    let of = |of| ask(&store, &EventQuery { of: Some(of), ..all() });
    assert_eq!(of(EventsOf::Session("1-1".to_owned())), "ace");
    assert_eq!(of(EventsOf::SessionId("id of 2-2".to_owned())), "bdf");
    assert_eq!(of(EventsOf::Session("' OR 1 --".to_owned())), "");
}

/// a to f, in turn of two sessions.
fn six() -> (tempfile::TempDir, Store) {
    let (dir, store) = opened();
    let rows = ["a", "b", "c", "d", "e", "f"].into_iter().enumerate();
    let rows = rows.map(|(n, id)| event(["1-1", "2-2"][n % 2], id));
    wait(store.append(events(rows))).unwrap();
    (dir, store)
}

fn ask(store: &Store, query: &EventQuery) -> String {
    let found = store.reader().events(query).unwrap();
    found.iter().map(StoredEvent::hook_id).collect()
}

#[test]
fn pages_of_one_session_are_found_by_index() {
    let (_dir, path) = place();
    let _store = Store::open(&path).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    for (column, index) in [("session", "events_session "), ("session_id", "events_session_id ")] {
        let sql =
            format!("EXPLAIN QUERY PLAN SELECT * FROM events WHERE id > 5 AND {column} = 'x' ORDER BY id DESC LIMIT 9");
        let plan: String = db.query_row(&sql, [], |row| row.get(3)).unwrap();
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[test]
fn readers_read_at_once() {
    let (_dir, store) = opened();
    wait(store.append(events((0..100).map(|n| event("1-1", &n.to_string()))))).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let reader = store.reader();
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(reader.events(&all()).unwrap().len(), 100);
                }
            });
        }
    });
}
