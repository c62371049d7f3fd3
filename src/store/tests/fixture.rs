//! Files of earlier versions, as they were checked in: they open, and nothing in them is lost.

use std::fs;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::*;

const V1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/store/v1.db");
const V2: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/store/v2.db");

#[test]
fn the_first_format_opens_and_reads() {
    let (_dir, path) = place();
    put(V1, &path);
    let opened = Store::open(&path).unwrap();
    assert_eq!((opened.set_aside, opened.fresh), (None, false));
    let reader = opened.store.reader();
    let found = reader.events(&EventQuery { limit: 99, ..EventQuery::default() }).unwrap();
    let rows: Vec<_> = found.into_iter().map(|event| event.row).collect();
    let stored = contents();
    assert_eq!(rows, stored.events);
    for row in stored.approvals {
        assert_eq!(reader.approval(&row.id).unwrap(), Some(row));
    }
    assert_eq!(reader.ended_sessions(9).unwrap(), [r#"{"key":"2-2"}"#]);
    assert_eq!(wait(opened.store.append(events([event("1-1", "new")]))), Ok(vec![Some(4)]));
}

#[test]
fn the_second_format_is_packed_and_reads_as_before() {
    let (_dir, path) = place();
    put(V2, &path);
    let store = Store::open(&path).unwrap().store;
    let reader = store.reader();
    let found = reader.events(&EventQuery { limit: 99, ..EventQuery::default() }).unwrap();
    let rows: Vec<_> = found.into_iter().map(|event| event.row).collect();
    let mut stored = contents();
    stored.events.extend(more().events);
    assert_eq!(rows, stored.events);
    for row in stored.approvals {
        assert_eq!(reader.approval(&row.id).unwrap(), Some(row));
    }
    // That column is new: it was in the JSON alone.
    let row = ApprovalRow { project: "house".to_owned(), ..more().approvals.remove(0) };
    assert_eq!(reader.approval("c").unwrap(), Some(row));
    assert_eq!(reader.rules().unwrap(), more().rules.put);
    let db = Connection::open(&path).unwrap();
    let packed = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(packed("SELECT count(*) FROM events WHERE typeof(payload) = 'blob'"), 2);
    assert_eq!(packed("SELECT count(*) FROM approvals WHERE typeof(body) = 'blob'"), 1);
    assert_eq!(wait(store.append(events([event("1-1", "new")]))), Ok(vec![Some(7)]));
}

#[test]
fn what_the_second_format_holds_can_be_searched() {
    let (_dir, path) = place();
    put(V2, &path);
    let store = Store::open(&path).unwrap().store;
    let found = |text: &str| {
        let filter = SessionFilter { text: Some(text.to_owned()), limit: 9, ..SessionFilter::default() };
        store.reader().find_sessions(&filter).unwrap().rows
    };
    for (text, kind) in [("mend the cafe", HitKind::Prompt), ("cargo --workspace", HitKind::Input)] {
        let rows = found(text);
        assert_eq!((rows.len(), &*rows[0].json, rows[0].hits[0].kind), (1, r#"{"key":"3-3"}"#, kind));
    }
    assert_eq!(found("JSON"), []);
    let audit = AuditFilter { text: Some("later".to_owned()), limit: 9, ..AuditFilter::default() };
    assert_eq!(store.reader().audit(&audit).unwrap().rows.len(), 1);
    let stats = store.reader().session_stats("3-3").unwrap();
    assert_eq!((stats.events, stats.prompts, stats.by_tool), (3, 1, vec![("Bash".to_owned(), 1)]));
}

#[test]
fn an_old_file_is_not_read_beside() {
    let (_dir, path) = place();
    put(V2, &path);
    let error = Reader::beside(&path).approvals(9).unwrap_err();
    assert!(matches!(error, StoreError::Format { found: 2, known: 3, .. }), "{error:?}");
    wait(Store::open(&path).unwrap().store.close()).unwrap();
    assert_eq!(Reader::beside(&path).approvals(9).unwrap().len(), 3);
}

#[test]
fn an_old_file_ends_up_like_a_fresh_one() {
    for old in [V1, V2] {
        let (dir, path) = place();
        put(old, &path);
        let fresh = dir.path().join("fresh.db");
        for path in [&path, &fresh] {
            wait(Store::open(path).unwrap().store.close()).unwrap();
        }
        assert_eq!(schema(&path), schema(&fresh));
    }
}

#[test]
fn opening_it_again_changes_nothing() {
    let (_dir, path) = place();
    put(V2, &path);
    wait(Store::open(&path).unwrap().store.close()).unwrap();
    let once = fs::read(&path).unwrap();
    wait(Store::open(&path).unwrap().store.close()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), once);
}

#[test]
fn released_migrations_are_never_edited() {
    let sums = [
        (
            include_str!("../migrations/0001_first.sql"),
            "bba9198e435bb49e7f15c7859bfcd692ec50c0302e257839d7158024ed1058ae",
        ),
        (
            include_str!("../migrations/0002_rules.sql"),
            "71f53fe4f84582f6f196965ff414f0d07fdca42a22949f1ba5d69c0c51283e57",
        ),
        (
            include_str!("../migrations/0003_history.sql"),
            "78f6d11e92283a31d62b882834dfed9af1bbd759651e9849bb64c8348fa82493",
        ),
    ];
    for (sql, sum) in sums {
        let found: String = Sha256::digest(sql).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, sum, "add a migration instead:\n{sql}");
    }
}

/// Not a copy of the file: its mode is a matter of who checked it out.
fn put(old: &str, path: &Path) {
    fs::write(path, fs::read(old).unwrap()).unwrap();
}

fn schema(path: &Path) -> Vec<(String, Option<String>)> {
    let db = Connection::open(path).unwrap();
    let mut all = db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn contents() -> Batch {
    let settled = ApprovalRow {
        outcome: Some("allowed".to_owned()),
        by: Some("cli".to_owned()),
        settled: Some(30),
        pending_ms: Some(20),
        ..approval("b", 10)
    };
    let bare = EventRow { hook_id: None, context: None, held: true, ..event("2-2", "") };
    Batch {
        events: vec![event("1-1", "a"), event("2-2", "b"), bare],
        approvals: vec![approval("a", 5), settled],
        sessions: vec![session("1-1", None), session("2-2", Some(40))],
        durable: true,
        ..Batch::default()
    }
}

/// What the second format was given beside that: more than a few words, and a rule.
fn more() -> Batch {
    let prompt = format!(r#"{{"hook_event_name":"UserPromptSubmit","prompt":"Mend the café {}"}}"#, "door ".repeat(40));
    let call = r#"{"session_id":"5","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"cargo test --workspace","description":"Run all tests"},"tool_use_id":"toolu_01"}"#;
    let asked = EventRow { kind: "UserPromptSubmit".to_owned(), payload: prompt.clone(), ..event("3-3", "c") };
    let ran = EventRow { payload: call.to_owned(), ..event("3-3", "d") };
    let odd = EventRow { payload: "not JSON".to_owned(), ..event("3-3", "e") };
    let json = format!(r#"{{"id":"c","project":"house","input":{{"command":"ls"}},"prompt":{}}}"#, prompt.len());
    let rule = RuleRow { id: 1, rule: "{}".to_owned(), made: 5, ..RuleRow::default() };
    Batch {
        events: vec![asked, ran, odd],
        approvals: vec![ApprovalRow {
            prompt: Some(prompt),
            json,
            message: Some("later".to_owned()),
            ..approval("c", 50)
        }],
        sessions: vec![session("3-3", Some(60))],
        rules: RuleChanges { put: vec![rule], ..RuleChanges::default() },
        durable: true,
        ..Batch::default()
    }
}

/// `CCMON_TEST_STORE=$PWD/tests/data/store/v3.db cargo test --lib -- fixture::write_it`,
/// once, by the version that introduced the format; later versions write a later one.
#[test]
fn write_it() {
    let Some(target) = told() else { return };
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    wait(store.append(contents())).unwrap();
    wait(store.append(more())).unwrap();
    wait(store.close()).unwrap();
    fs::copy(&path, target).unwrap();
}
