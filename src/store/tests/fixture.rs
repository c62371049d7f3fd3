//! Files of earlier versions, as they were checked in: they open, and nothing in them is lost.

use std::fs;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::*;

const V1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/store/v1.db");

#[test]
fn the_first_format_opens_and_reads() {
    let (_dir, path) = place();
    put_v1(&path);
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
fn an_old_file_ends_up_like_a_fresh_one() {
    let (dir, path) = place();
    put_v1(&path);
    let fresh = dir.path().join("fresh.db");
    for path in [&path, &fresh] {
        wait(Store::open(path).unwrap().store.close()).unwrap();
    }
    assert_eq!(schema(&path), schema(&fresh));
}

#[test]
fn opening_it_again_changes_nothing() {
    let (_dir, path) = place();
    put_v1(&path);
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
    ];
    for (sql, sum) in sums {
        let found: String = Sha256::digest(sql).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, sum, "add a migration instead:\n{sql}");
    }
}

/// Not a copy of the file: its mode is a matter of who checked it out.
fn put_v1(path: &Path) {
    fs::write(path, fs::read(V1).unwrap()).unwrap();
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
        rules: RuleChanges::default(),
        durable: true,
    }
}

/// `CCMON_TEST_STORE=$PWD/tests/data/store/v1.db cargo test --lib -- fixture::write_it`,
/// once, by the version that introduced the format; later versions write a later one.
#[test]
fn write_it() {
    let Some(target) = told() else { return };
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    wait(store.append(contents())).unwrap();
    wait(store.close()).unwrap();
    fs::copy(&path, target).unwrap();
}
