//! A daemon that is killed, at any moment, has lost nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{PATIENCE, wait_until};
use crate::{Place, prompt, request};

/// A hook and a look that took longer may each have given up on a daemon that had no turn on a busy machine: after 200 ms
/// the one goes on without having been told, and the other tells what there is.
const PROMPT: Duration = Duration::from_millis(200);

#[test]
fn a_request_outlives_the_daemon_that_took_it() {
    let mut place = Place::with_daemon();
    let hook = place.hook(&["--wait"], &request("one", "touch foo"));
    let before = place.ccmon.wait_for_pending(1).remove(0);

    place.ccmon.kill();
    place.ccmon.start();
    let after = place.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["shown"], before["shown"]);
    place.ccmon.decide(&after, json!({ "decision": "allow" }));

    let answered = hook.wait_with_output().expect("the hook ends");
    let answer: Value = serde_json::from_slice(&answered.stdout).expect("a decision");
    assert_eq!(answer["hookSpecificOutput"]["decision"]["behavior"], "allow");
}

#[test]
fn a_request_whose_hook_died_meanwhile_does_not_stay() {
    let mut place = Place::with_daemon();
    let mut hook = place.hook(&["--wait"], &request("one", "touch foo"));
    let before = place.ccmon.wait_for_pending(1).remove(0);
    // It is shown a moment before it is stored.
    place.ccmon.wait_for_event("PermissionRequest");
    place.ccmon.kill();
    hook.kill().expect("a child of ours");
    hook.wait().expect("a child of ours");
    place.ccmon.start();
    let settled = place.ccmon.wait_for_settled(&before["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal");
}

#[test]
fn what_was_spooled_is_stored_once_in_order() {
    let mut place = Place::with_daemon();
    place.event(&prompt("one", 0));
    place.ccmon.kill();
    for number in 1..4 {
        place.event(&prompt("one", number));
    }
    let spool = place.directory.path().join("state/spool");
    let kept: Vec<_> = files(&spool).into_iter().map(|path| (fs::read(&path).expect("a file"), path)).collect();
    assert_eq!(kept.len(), 3);

    place.ccmon.start();
    wait_until(PATIENCE, || files(&spool).is_empty().then_some(()), || "the spool is not drained".into());
    // A copy of what was received already, as from a hook whose acknowledgement was lost.
    for (bytes, path) in &kept {
        let arriving = spool.join(".copy.tmp");
        fs::write(&arriving, bytes).expect("a file");
        fs::rename(&arriving, path).expect("a file");
    }
    wait_until(PATIENCE, || files(&spool).is_empty().then_some(()), || "the copies are not drained".into());
    assert_eq!(prompts(&place), ["prompt 0", "prompt 1", "prompt 2", "prompt 3"]);
}

#[test]
fn what_was_acknowledged_and_not_stored_outlives_the_daemon() {
    let mut place = Place::with_daemon();
    place.event(&prompt("one", 0));
    let database = rusqlite::Connection::open(place.directory.path().join("state/ccmon.db")).expect("a database");
    database.busy_timeout(PATIENCE).expect("a database");
    database.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    // A hook whose event has not all come by when its connection is looked at waits for the database.
    let mut reported = 1;
    while !place.ccmon.is_behind() {
        place.report_only(&prompt("one", reported));
        reported += 1;
    }
    place.ccmon.kill();
    drop(database);

    place.ccmon.start();
    let all: Vec<_> = (0..reported).map(|number| format!("prompt {number}")).collect();
    assert_eq!(prompts(&place), all);
    place.ccmon.kill();
    place.ccmon.start();
    assert_eq!(prompts(&place), all, "each once");
}

#[test]
fn what_was_acknowledged_is_on_the_disk_when_the_daemon_has_stopped() {
    let mut place = Place::with_daemon();
    let database = rusqlite::Connection::open(place.directory.path().join("state/ccmon.db")).expect("a database");
    database.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    let mut reported = 0;
    while !place.ccmon.is_behind() {
        place.report_only(&prompt("one", reported));
        reported += 1;
    }
    assert_eq!(place.ccmon.ask("POST", "/shutdown", &json!({})).0, 204);
    place.ccmon.wait_for_end();
    assert!(!place.ccmon.is_behind(), "the journal is gone when the user logs out");
    assert_eq!(files(&place.directory.path().join("state/spool")).len(), reported);
}

#[test]
fn whoever_looks_sees_what_was_acknowledged() {
    let place = Place::with_daemon();
    let sees = |payload: &str, seen: &dyn Fn() -> usize, wanted: usize| {
        let begun = Instant::now();
        place.report_only(payload);
        let found = seen();
        if found == wanted || begun.elapsed() < PROMPT {
            return assert_eq!(found, wanted);
        }
        place.ccmon.wait_for_spooled();
        assert_eq!(seen(), wanted);
    };
    for number in 0..40 {
        let sessions = || place.ccmon.sessions().len();
        sees(&prompt(&format!("session-{number}"), 0), &sessions, number + 1);
        sees(&prompt("session-0", number + 1), &|| prompts(&place).len(), 2 * (number + 1));
    }
}

#[test]
fn while_nothing_can_be_stored_events_are_kept_and_folded_once() {
    let place = Place::with_daemon();
    let tool = |event: &str| {
        json!({ "session_id": "one", "cwd": "/p", "hook_event_name": event, "tool_name": "Bash",
                "tool_input": { "command": "true" }, "tool_use_id": "toolu_1" })
        .to_string()
    };
    let spool = place.directory.path().join("state/spool");
    let database = rusqlite::Connection::open(place.directory.path().join("state/ccmon.db")).expect("a database");
    let full = "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END";
    database.execute_batch(full).expect("a trigger");
    place.report_only(&tool("PreToolUse"));
    place.report_only(&tool("PostToolUse"));
    // The first may have been acknowledged before it was known that it cannot be stored.
    wait_until(PATIENCE, || (files(&spool).len() == 2).then_some(()), || format!("not kept: {:?}", files(&spool)));
    // The oldest is tried again, and again in vain.
    let tried = || log(&place).matches("spooled events stay where they are").count();
    wait_until(PATIENCE, || (tried() >= 2).then_some(()), || "it was not tried again".into());

    database.execute_batch("DROP TRIGGER full").expect("a trigger");
    // Though no other file comes.
    wait_until(PATIENCE, || files(&spool).is_empty().then_some(()), || "the spool is not drained".into());
    let sessions = place.ccmon.sessions();
    assert_eq!(sessions[0]["tools"], 1, "each was folded once");
    assert_eq!(sessions[0]["evidence"]["text"], "PostToolUse Bash", "and in order");
    let stored = place.ccmon.events();
    assert_eq!(
        stored.iter().filter(|kind| kind.ends_with("ToolUse")).collect::<Vec<_>>(),
        ["PreToolUse", "PostToolUse"]
    );
    let rows = "SELECT count(*) FROM sessions WHERE session_id = 'one' AND tools = 1";
    assert_eq!(database.query_row(rows, [], |row| row.get(0)), Ok(1));
}

#[test]
fn a_spool_that_was_removed_is_watched_again() {
    let mut place = Place::with_daemon();
    let spool = place.directory.path().join("state/spool");
    place.ccmon.kill();
    place.event(&prompt("one", 1));
    let (bytes, name) = {
        let path = files(&spool).remove(0);
        (fs::read(&path).expect("a file"), path.file_name().expect("a name").to_owned())
    };
    fs::remove_dir_all(&spool).expect("a directory");
    place.ccmon.start();
    for _ in 0..3 {
        fs::remove_dir_all(&spool).expect("the daemon made it");
        wait_until(PATIENCE, || spool.is_dir().then_some(()), || "it is not made again".into());
        fs::write(spool.join(".copy.tmp"), &bytes).expect("a file");
        fs::rename(spool.join(".copy.tmp"), spool.join(&name)).expect("a file");
        wait_until(PATIENCE, || files(&spool).is_empty().then_some(()), || "the spool is not drained".into());
    }
    assert_eq!(prompts(&place), ["prompt 1"]);
}

#[test]
fn the_largest_event_is_taken_whole() {
    let place = Place::with_daemon();
    let text = "x".repeat(7 << 20);
    let payload = json!({ "session_id": "one", "hook_event_name": "UserPromptSubmit", "prompt": text });
    place.event(&payload.to_string());
    wait_until(PATIENCE, || prompts(&place).first().filter(|stored| **stored == text).cloned(), || "not stored".into());
}

#[test]
fn killed_at_any_moment_it_loses_no_event() {
    let mut place = Place::new();
    let mut sent = BTreeSet::new();
    for round in 0..20 {
        place.ccmon.start();
        let hooks: Vec<_> = (0..8).map(|n| place.hook(&[], &prompt("one", round * 8 + n))).collect();
        // A few are through, the others are anywhere on their way.
        let through = round % 7;
        wait_until(PATIENCE, || (prompts(&place).len() >= sent.len() + through).then_some(()), || "no events".into());
        place.ccmon.kill();
        for hook in hooks {
            assert!(hook.wait_with_output().expect("the hook ends").status.success());
        }
        sent.extend((0..8).map(|n| format!("prompt {}", round * 8 + n)));
    }
    place.ccmon.start();
    let stored = prompts(&place);
    assert_eq!(stored.len(), sent.len(), "each once");
    assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), sent);
}

fn prompts(place: &Place) -> Vec<String> {
    let events = place.ccmon.get("/events?limit=1000").unwrap_or_default();
    let events = events["events"].as_array().cloned().unwrap_or_default();
    events.iter().filter_map(|event| event["payload"]["prompt"].as_str().map(str::to_owned)).collect()
}

fn log(place: &Place) -> String {
    fs::read_to_string(place.directory.path().join("state/daemon.log")).unwrap_or_default()
}

fn files(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "event"))
        .collect()
}

#[test]
fn a_database_that_is_damaged_inside_is_set_aside() {
    let mut place = Place::with_daemon();
    (0..60).for_each(|number| place.event(&prompt("one", number)));
    // Whoever looks sees what is stored: nothing is left in the journal.
    assert_eq!(prompts(&place).len(), 60);
    place.ccmon.kill();
    let path = place.directory.path().join("state/ccmon.db");
    let database = rusqlite::Connection::open(&path).expect("a database");
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("a checkpoint");
    drop(database);
    damage(&path);

    place.ccmon.launch();
    let trouble = || place.ccmon.get("/healthz").and_then(|health| health["trouble"].as_str().map(str::to_owned));
    let trouble = wait_until(PATIENCE, trouble, || "it does not start, or says nothing".into());
    assert!(trouble.contains("damaged"), "{trouble}");
    let mut state = fs::read_dir(place.directory.path().join("state")).expect("a directory").flatten();
    assert!(state.any(|entry| entry.file_name().to_string_lossy().contains(".corrupt-")), "it is gone");
    place.event(&prompt("two", 1));
    assert_eq!(prompts(&place), ["prompt 1"], "a fresh one is begun");
}

/// Overwrites the first page that holds events: <https://www.sqlite.org/fileformat2.html#b_tree_pages>.
fn damage(path: &Path) {
    const PAGE: usize = 4_096;
    const TABLE_LEAF: u8 = 13;
    let mut file = fs::read(path).expect("a file");
    let holds = |page: &&mut [u8]| page[0] == TABLE_LEAF && page.windows(16).any(|text| text == b"UserPromptSubmit");
    let page = file.chunks_mut(PAGE).find(holds).expect("a page of events");
    page.fill(0xff);
    fs::write(path, file).expect("written");
}
