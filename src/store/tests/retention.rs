//! Forgetting, sweeping, tidying: what is to go goes wholly, and nothing else does.

use super::history::{audit_text, found, ran, said, text};
use super::*;

/// Whether everything in the file hangs together, what can be searched included.
pub(super) fn check(path: &Path) {
    let db = rusqlite::Connection::open(path).unwrap();
    let found: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
    db.execute_batch("INSERT INTO search (search) VALUES ('integrity-check')").unwrap();
    db.execute_batch("INSERT INTO audit (audit) VALUES ('integrity-check')").unwrap();
}

fn ended(key: &str, at: u64) -> SessionRow {
    session(key, Some(at))
}

/// A session that ended then, with so many prompts of one word, and a request.
fn life(key: &str, at: u64, prompts: usize) -> Batch {
    let events = (0..prompts).map(|_| EventRow { at, ..said(key, "walrus") });
    let asked = ApprovalRow { session: key.to_owned(), ..approval(key, at) };
    Batch { events: events.collect(), sessions: vec![ended(key, at)], approvals: vec![asked], ..Batch::default() }
}

fn sweep(store: &Store, sweep: Sweep) -> Swept {
    wait(store.sweep(Sweep { most: 100_000, ..sweep })).unwrap()
}

#[test]
fn a_session_is_forgotten_but_for_its_requests() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    for key in ["1-1", "2-2"] {
        wait(store.append(life(key, 5, 500))).unwrap();
        let row = SummaryRow { session: key.to_owned(), text: "About an otter.".to_owned(), ..SummaryRow::default() };
        wait(store.put_summary(row)).unwrap();
    }
    assert_eq!(wait(store.forget("1-1")), Ok(true));
    assert_eq!(wait(store.forget("1-1")), Ok(false));
    for word in ["walrus", "otter"] {
        assert_eq!(found(&store, &text(word)), ["2-2"], "{word}");
    }
    let reader = store.reader();
    assert_eq!((reader.session("1-1").unwrap(), reader.summary("1-1").unwrap()), (None, None));
    assert_eq!(reader.session_stats("1-1").unwrap(), SessionStats { other: 1, ..SessionStats::default() });
    assert_eq!(reader.session_stats("2-2").unwrap().events, 500);
    assert_eq!(reader.audit(&AuditFilter { limit: 9, ..AuditFilter::default() }).unwrap().rows.len(), 2);
    wait(store.close()).unwrap();
    check(&path);
}

#[test]
fn a_living_session_is_neither_forgotten_nor_swept() {
    let (_dir, store) = opened();
    let living = Batch { sessions: vec![session("1-1", None)], ..life("1-1", 5, 9) };
    wait(store.append(living)).unwrap();
    assert_eq!(wait(store.forget("1-1")), Ok(false));
    let all = Sweep { before: Some(u64::MAX), max_bytes: Some(1), ..Sweep::default() };
    assert_eq!(sweep(&store, all), Swept::default());
    assert_eq!(store.reader().sizes().unwrap().events, 9);
}

#[test]
fn what_is_too_old_is_swept() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    for (key, at) in [("1-1", 10), ("2-2", 20), ("3-3", 30)] {
        wait(store.append(life(key, at, 3))).unwrap();
    }
    let stray = |at| EventRow { at, ..said("gone", "walrus") };
    let nobody = EventRow { at: 5, ..said("", "walrus") };
    wait(store.append(events([stray(5), stray(6), stray(25), nobody]))).unwrap();
    let swept = sweep(&store, Sweep { before: Some(20), ..Sweep::default() });
    assert_eq!(swept, Swept { sessions: 1, events: 6, approvals: 0, more: false });
    assert_eq!(found(&store, &text("walrus")), ["3-3", "2-2"]);
    assert_eq!(store.reader().session_stats("gone").unwrap().events, 1);
    let swept = sweep(&store, Sweep { audit_before: Some(30), ..Sweep::default() });
    assert_eq!(swept, Swept { approvals: 2, ..Swept::default() });
    assert_eq!(audit_text(&store, "ls"), ["3-3"]);
    wait(store.close()).unwrap();
    check(&path);
}

#[test]
fn what_is_too_large_is_swept_from_the_oldest_end_on() {
    let (_dir, store) = opened();
    let large = |key: &str, at| {
        let payload = format!(r#"{{"prompt":"{}"}}"#, noise(50_000).replace(|c: char| !c.is_alphanumeric(), "x"));
        Batch { events: vec![EventRow { payload, ..said(key, "") }], ..life(key, at, 0) }
    };
    for (key, at) in [("1-1", 30), ("2-2", 10), ("3-3", 20)] {
        wait(store.append(large(key, at))).unwrap();
    }
    let bytes = store.reader().sizes().unwrap().bytes;
    assert_eq!(sweep(&store, Sweep { max_bytes: Some(bytes), ..Sweep::default() }), Swept::default());
    let swept = sweep(&store, Sweep { max_bytes: Some(bytes - 20_000), ..Sweep::default() });
    assert_eq!((swept.sessions, swept.events), (1, 1));
    assert_eq!(store.reader().session("2-2").unwrap(), None);
    assert_eq!(sweep(&store, Sweep { max_bytes: Some(0), ..Sweep::default() }).sessions, 2);
}

#[test]
fn much_is_swept_in_several_goes_and_no_session_by_halves() {
    let (_dir, store) = opened();
    for key in ["1-1", "2-2", "3-3"] {
        wait(store.append(life(key, 1, 400))).unwrap();
    }
    let some = Sweep { before: Some(5), most: 500, audit_before: None, ..Sweep::default() };
    let go = || wait(store.sweep(some)).unwrap();
    assert_eq!(go(), Swept { sessions: 2, events: 800, approvals: 0, more: true });
    assert_eq!(go(), Swept { sessions: 1, events: 400, approvals: 0, more: false });
    assert_eq!(store.reader().sizes().unwrap().events, 0);
}

#[test]
fn events_are_stored_between_two_steps() {
    let (_dir, store) = opened();
    wait(store.append(life("1-1", 1, 2000))).unwrap();
    wait(async {
        let forget = store.forget("1-1");
        tokio::pin!(forget);
        let mut meanwhile = 0;
        loop {
            tokio::select! {
                biased;
                stored = store.append(events([said("2-2", "hello")])) => { stored.unwrap(); meanwhile += 1 }
                forgotten = &mut forget => { forgotten.unwrap(); break }
            }
            // Both take turns: neither has to wait for the other's end.
            if meanwhile > 100_000 {
                panic!("it does not come to an end");
            }
        }
        assert!(meanwhile > 0);
    });
    assert_eq!(store.reader().session_stats("1-1").unwrap().events, 0);
}

#[test]
fn tidying_gives_the_room_back() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    let rows = (0..300).map(|_| EventRow { payload: noise(20_000), ..ran("1-1", "Bash", "") });
    wait(store.append(Batch { events: rows.collect(), ..life("1-1", 1, 0) })).unwrap();
    wait(store.flush()).unwrap();
    let size = || std::fs::metadata(&path).unwrap().len();
    let before = size();
    assert_eq!(wait(store.forget("1-1")), Ok(true));
    let steps = (0..10_000).take_while(|_| wait(store.tidy()).unwrap()).count();
    assert!(steps > 1 && steps < 100, "many pages in each step: {steps}");
    wait(store.flush()).unwrap();
    assert!(size() * 5 < before, "{} of {before}", size());
    wait(store.close()).unwrap();
    check(&path);
}

#[test]
fn a_row_that_is_damaged_hides_no_other() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    let long = "walrus ".repeat(50);
    let rows = [said("1-1", &long), said("1-1", &long), said("1-1", &long)];
    let requests = ["a", "b"].map(|id| ApprovalRow { prompt: Some(long.clone()), ..approval(id, 5) });
    wait(store.append(Batch { approvals: requests.into(), ..events(rows) })).unwrap();
    store.send(Message::Sql("UPDATE events SET payload = x'28b52ffd0102030405' WHERE id = 2"));
    store.send(Message::Sql("UPDATE approvals SET body = substr(body, 1, 20) WHERE id = 'a'"));
    wait(store.append(Batch { sessions: vec![session("1-1", None)], ..Batch::default() })).unwrap();
    let reader = store.reader();
    let ids = |events: Vec<StoredEvent>| events.iter().map(|event| event.id).collect::<Vec<_>>();
    assert_eq!(ids(reader.events(&EventQuery { limit: 9, ..EventQuery::default() }).unwrap()), [1, 3]);
    assert_eq!(ids(reader.events_before("1-1", None, 9).unwrap()), [3, 1]);
    let mut replayed = Vec::new();
    reader.each_open_event(|event| replayed.push(event)).unwrap();
    assert_eq!(ids(replayed), [1, 3]);
    assert_eq!(reader.find_sessions(&text("walrus")).unwrap().rows[0].hits.len(), 2);
    assert_eq!(reader.audit(&AuditFilter { limit: 9, ..AuditFilter::default() }).unwrap().rows.len(), 1);
    let error = reader.approval("a").unwrap_err().to_string();
    assert!(error.contains("what is stored is damaged"), "{error}");
}
