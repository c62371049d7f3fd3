//! What may be found in the file.

use std::fs;
use std::os::unix::fs::MetadataExt;

use rusqlite::Connection;

use super::*;

#[test]
fn nothing_there_is_a_fresh_start() {
    let (_dir, path) = place();
    let opened = Store::open(&path).unwrap();
    assert!(opened.fresh);
    assert_eq!(opened.set_aside, None);
    wait(opened.store.close()).unwrap();
    let again = Store::open(&path).unwrap();
    assert!(!again.fresh);
}

#[test]
fn the_file_is_set_up_as_promised() {
    let (_dir, path) = place();
    let _store = Store::open(&path).unwrap();
    let db = Connection::open(&path).unwrap();
    let text = |sql: &str| db.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(text("PRAGMA journal_mode"), "wal".to_owned().into());
    assert_eq!(text("PRAGMA auto_vacuum"), 2.into());
    assert_eq!(text("PRAGMA user_version"), 3.into());
    assert_eq!(text("PRAGMA quick_check"), "ok".to_owned().into());
}

#[test]
fn closing_leaves_one_file() {
    let (dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    let reader = store.reader();
    wait(store.append(events([event("1-1", "a")]))).unwrap();
    assert_eq!(reader.events(&EventQuery { limit: 9, ..EventQuery::default() }).unwrap().len(), 1);
    wait(store.close()).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert_eq!(reader.approvals(1), Err(StoreError::Closed));
    assert_eq!(wait(store.append(Batch::default())), Err(StoreError::Closed));
    assert_eq!(wait(store.knows("a")), Err(StoreError::Closed));
    assert_eq!(wait(store.close()), Err(StoreError::Closed));
}

#[test]
fn a_newer_file_is_refused_and_not_touched() {
    let (dir, path) = place();
    wait(Store::open(&path).unwrap().store.close()).unwrap();
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    // Left in the write-ahead log, as by a crash: opening and closing must not fold it in.
    let copy = copied(&dir, &path);
    let before = bytes(&copy);
    let error = Store::open(&copy).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, known: 3, .. }), "{error:?}");
    assert!(error.to_string().contains("newer ccmon"));
    assert_eq!(bytes(&copy), before);
}

#[test]
fn an_empty_write_ahead_log_of_a_newer_file_is_no_excuse() {
    let (_dir, path) = place();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 4).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(OpenError::Newer { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_is_set_aside() {
    for rubbish in [vec![7; 10], vec![0; 4096], vec![7; 100_000], b"SQLite format 3\0".to_vec()] {
        let (dir, path) = place();
        fs::write(&path, &rubbish).unwrap();
        let opened = Store::open(&path).unwrap();
        let aside = opened.set_aside.unwrap();
        assert!(opened.fresh);
        assert_eq!(fs::read(&aside).unwrap(), rubbish);
        assert_eq!(aside.parent(), dir.path().canonicalize().ok().as_deref());
        assert!(dated(&aside), "{aside:?}");
        let id = wait(opened.store.append(events([event("1-1", "a")]))).unwrap();
        assert_eq!(id, [Some(1)]);
    }
}

#[test]
fn a_damaged_database_is_set_aside_with_what_belongs_to_it() {
    let (dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    wait(store.append(events([event("1-1", "a")]))).unwrap();
    let copy = copied(&dir, &path);
    fs::write(&copy, [7; 4096]).unwrap();
    let log = fs::read(beside(&copy, "-wal")).unwrap();
    fs::write(beside(&copy, "-wal"), &log[..log.len() / 2]).unwrap();
    // The log holds the first page: without it, rubbish is all there is.
    fs::write(beside(&copy, "-wal"), &log[..100]).unwrap();
    let opened = Store::open(&copy).unwrap();
    let aside = opened.set_aside.unwrap();
    assert_eq!(fs::read(&aside).unwrap(), [7; 4096]);
    assert_eq!(fs::read(beside(&aside, "-wal")).unwrap(), &log[..100]);
}

#[test]
fn a_truncated_database_is_set_aside() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    wait(store.append(events((0..500).map(|n| event("1-1", &n.to_string()))))).unwrap();
    wait(store.close()).unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let opened = Store::open(&path).unwrap();
    assert_eq!(fs::read(opened.set_aside.unwrap()).unwrap(), &whole[..whole.len() / 2]);
}

#[test]
fn another_programs_database_is_set_aside() {
    let (_dir, path) = place();
    let db = Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)").unwrap();
    drop(db);
    let aside = open_and_close(&path).unwrap();
    let theirs: i64 = Connection::open(aside).unwrap().query_row("SELECT x FROM theirs", [], |row| row.get(0)).unwrap();
    assert_eq!(theirs, 1);
}

#[test]
fn a_database_without_its_tables_is_set_aside() {
    let (_dir, path) = place();
    wait(Store::open(&path).unwrap().store.close()).unwrap();
    Connection::open(&path).unwrap().execute_batch("DROP TABLE approvals").unwrap();
    assert!(open_and_close(&path).is_some());
}

#[test]
fn two_set_aside_in_one_second_do_not_meet() {
    let (dir, path) = place();
    let mut aside: Vec<_> = (0..3)
        .map(|_| {
            fs::write(&path, [7; 4096]).unwrap();
            let opened = Store::open(&path).unwrap();
            wait(opened.store.close()).unwrap();
            opened.set_aside.unwrap()
        })
        .collect();
    aside.sort();
    aside.dedup();
    assert_eq!(aside.len(), 3);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
}

#[test]
fn damage_met_later_names_the_remedy() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    let big = |n: i32| EventRow { payload: noise(3000), ..event("1-1", &n.to_string()) };
    wait(store.append(events((0..200).map(big)))).unwrap();
    wait(store.close()).unwrap();
    let mut whole = fs::read(&path).unwrap();
    whole[100 * 4096..120 * 4096].fill(0);
    fs::write(&path, &whole).unwrap();
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    let error = opened.store.reader().each_open_event(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("move that file away"), "{error}");
}

#[test]
fn damage_met_in_writing_is_set_aside_by_the_next_start() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    wait(store.append(events([event("1-1", "a")]))).unwrap();
    wait(store.close()).unwrap();
    // Opening looks at no index.
    let db = rusqlite::Connection::open(&path).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'events_session_id'";
    let page: usize = db.query_row(root, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap();
    drop(db);
    let mut whole = fs::read(&path).unwrap();
    whole[(page - 1) * 4096..page * 4096].fill(0xff);
    fs::write(&path, &whole).unwrap();
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    let error = wait(opened.store.append(events([event("1-1", "b")]))).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    wait(opened.store.close()).unwrap();
    let opened = Store::open(&path).unwrap();
    assert!(opened.set_aside.is_some_and(|aside| dated(&aside)) && opened.fresh);
    wait(opened.store.append(events([event("1-1", "b")]))).unwrap();
    wait(opened.store.close()).unwrap();
    assert_eq!(open_and_close(&path), None, "once");
}

#[test]
fn damage_behind_a_constraint_is_set_aside_by_the_next_start() {
    let (_dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    wait(store.append(events([prompt("a")]))).unwrap();
    wait(store.close()).unwrap();
    // The index of words has forgotten its parts and how much is in it, and would begin anew where they are.
    let db = Connection::open(&path).unwrap();
    db.execute_batch(
        "UPDATE search_data SET block = x'00000000ff000001000000' WHERE id = 10;
         UPDATE search_data SET block = x'0000000000' WHERE id = 1;",
    )
    .unwrap();
    drop(db);
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    for id in ["b", "c"] {
        let error = wait(opened.store.append(events([prompt(id)]))).unwrap_err();
        assert!(error.to_string().contains("start it again"), "{error}");
    }
    wait(opened.store.close()).unwrap();
    let opened = Store::open(&path).unwrap();
    assert!(opened.set_aside.is_some() && opened.fresh);
    wait(opened.store.append(events([prompt("b")]))).unwrap();
}

fn prompt(id: &str) -> EventRow {
    let payload = r#"{"hook_event_name":"UserPromptSubmit","prompt":"go on"}"#;
    EventRow { kind: "UserPromptSubmit".into(), payload: payload.into(), ..event("1-1", id) }
}

/// Waits until the file is let go of, and says what was set aside.
fn open_and_close(path: &Path) -> Option<PathBuf> {
    let opened = Store::open(path).unwrap();
    wait(opened.store.close()).unwrap();
    opened.set_aside
}

/// As a crash would leave it: the file and its log, nobody having closed them.
fn copied(dir: &tempfile::TempDir, path: &Path) -> PathBuf {
    let copy = dir.path().join("copy.db");
    fs::copy(path, &copy).unwrap();
    fs::copy(beside(path, "-wal"), beside(&copy, "-wal")).unwrap();
    copy
}

fn beside(path: &Path, end: &str) -> PathBuf {
    crate::store::guard::beside(path, end)
}

fn bytes(path: &Path) -> (Vec<u8>, Vec<u8>, i64) {
    let modified = fs::metadata(path).unwrap().mtime_nsec();
    let log = fs::read(beside(path, "-wal")).unwrap();
    (fs::read(path).unwrap(), log, modified)
}

fn dated(aside: &Path) -> bool {
    let name = aside.file_name().unwrap().to_str().unwrap();
    let date = name.strip_prefix("ccmon.db.corrupt-").unwrap();
    let shape: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "00000000-000000"
}

#[test]
fn damage_that_was_noted_is_believed_of_that_file_alone() {
    let (_dir, path) = place();
    open_and_close(&path);
    crate::store::open::note_damage(&path, "a page of it");
    // As somebody puts back what `.recover` made of it.
    fs::copy(&path, path.with_extension("new")).unwrap();
    fs::rename(path.with_extension("new"), &path).unwrap();
    assert_eq!(open_and_close(&path), None);
    crate::store::open::note_damage(&path, "a page of it");
    assert!(open_and_close(&path).is_some());
    assert_eq!(open_and_close(&path), None, "and once");
}

#[test]
fn a_note_of_damage_that_is_no_file_of_ours_stops_nobody() {
    let (dir, path) = place();
    open_and_close(&path);
    let note = dir.path().join(format!("{}-damaged", path.file_name().unwrap().display()));
    assert!(std::process::Command::new("mkfifo").arg(note).status().unwrap().success());
    assert_eq!(open_and_close(&path), None);
}
