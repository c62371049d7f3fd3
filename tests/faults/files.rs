//! A database that is not as it was left.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use ccmon::store::{EventQuery, EventsOf, Reader};
use serde_json::json;

use crate::Scale;
use crate::dice::Dice;
use crate::ledger::Said;
use crate::support::{PATIENCE, wait_until};
use crate::world::{Room, World};

const PAGE: usize = 4_096;

/// A world with some past, whose daemon was killed; all of that is in the one file.
fn with_past(events: usize) -> World {
    let mut world = World::with_daemon();
    for number in 0..events {
        world.room.report_prompt(&format!("old-{}", number % 4));
    }
    let asked = world.room.ask_command("old-0");
    let pending = world.ccmon.wait_for_pending(1).remove(0);
    assert!(world.room.decide(&pending, Some("not this")));
    world.room.heard(asked);
    world.ccmon.kill();
    let db = rusqlite::Connection::open(world.room.database()).expect("a database");
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("a checkpoint");
    world
}

/// The file that was set aside, if one was.
fn aside(room: &Room) -> Vec<PathBuf> {
    let entries = fs::read_dir(room.state()).expect("a directory").flatten().map(|entry| entry.path());
    let is_aside = |path: &PathBuf| path.to_string_lossy().contains("ccmon.db.corrupt-");
    let beside = |path: &PathBuf| ["-wal", "-shm"].iter().any(|end| path.to_string_lossy().ends_with(end));
    entries.filter(|path| is_aside(path) && !beside(path)).collect()
}

/// Starts the daemon on a file with this in it. It has to answer, to take what hooks report, and to store that: in that
/// file, or in a new one beside which the old one is kept; at once, or after another start, which it asks for.
fn lives_with(world: &mut World, bytes: &[u8]) -> bool {
    let room = world.room.clone();
    for old in aside(&room) {
        fs::remove_file(old).expect("a file of ours");
    }
    for end in ["-wal", "-shm"] {
        // There may be none.
        let _ = fs::remove_file(room.state().join(format!("ccmon.db{end}")));
    }
    fs::write(room.database(), bytes).expect("a writable directory");
    world.start();
    room.report_prompt("new");
    let asked = room.ask_command("new");
    let pending = wait_until(PATIENCE, || world.ccmon.pending().pop(), || world.ccmon.traces());
    assert!(room.decide(&pending, None), "{}", world.ccmon.traces());
    room.heard(asked);
    let is_in_trouble =
        || world.ccmon.get("/healthz").is_some_and(|health| health["trouble"].to_string().contains("start it again"));
    let told = || (room.spooled().is_empty() || is_in_trouble()).then_some(());
    wait_until(PATIENCE, told, || format!("what is new is not stored, and nobody is told\n{}", world.ccmon.traces()));
    let again = !room.spooled().is_empty();
    if again {
        world.ccmon.kill();
        world.start();
    }
    let drained = || room.spooled().is_empty().then_some(());
    wait_until(PATIENCE, drained, || format!("what is new is never stored\n{}", world.ccmon.traces()));
    // What is old may be beyond reading.
    let query = EventQuery { limit: 10, of: Some(EventsOf::SessionId("new".into())), ..EventQuery::default() };
    let new = Reader::beside(&room.database()).events(&query).expect("what is new can be read");
    let prompts = new.iter().filter(|event| event.row.kind == "UserPromptSubmit");
    assert_eq!(prompts.count(), 1, "{}", world.ccmon.traces());
    world.ccmon.kill();
    let kept = aside(&room);
    // What was written to in between is not what it was.
    for old in kept.iter().filter(|_| !again) {
        assert_eq!(fs::read(old).expect("a file").len(), bytes.len(), "the old one is kept as it was");
    }
    !kept.is_empty()
}

/// Some of the file is overwritten, each time elsewhere.
pub fn damaged(scale: Scale) -> String {
    let mut world = with_past(30);
    let whole = fs::read(world.room.database()).expect("a file");
    let (times, mut dice) = (scale.of(4, 60), scale.dice(4));
    let set_aside = (0..times).filter(|_| lives_with(&mut world, &scratched(&whole, &mut dice))).count();
    format!("{times} ways, {set_aside} times set aside")
}

/// A page, or a few bytes, of something else.
fn scratched(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let page = dice.below(bytes.len() / PAGE) * PAGE;
    if dice.percent(50) {
        let with = dice.throw().to_le_bytes()[0];
        bytes[page..page + PAGE].fill(with);
    } else {
        for _ in 0..16 {
            bytes[page + dice.below(PAGE)] = dice.throw().to_le_bytes()[0];
        }
    }
    bytes
}

/// The file ends earlier than it did.
pub fn cut(scale: Scale) -> String {
    let mut world = with_past(30);
    let whole = fs::read(world.room.database()).expect("a file");
    let (times, mut dice) = (scale.of(3, 40), scale.dice(5));
    let cuts = (0..times).map(|_| dice.below(whole.len() - 1) + 1);
    let set_aside = cuts.filter(|end| lives_with(&mut world, &whole[..*end])).count();
    format!("{times} ways, {set_aside} times set aside")
}

/// There is nothing in the file.
pub fn empty(_: Scale) -> String {
    let mut world = World::new();
    world.room.make_state();
    fs::write(world.room.database(), "").expect("a writable directory");
    world.start();
    world.room.report_prompt("one");
    assert!(aside(&world.room).is_empty());
    world.settle()
}

/// A file that does not hold what it says takes its rules with it: nothing is allowed by one that cannot be read.
pub fn rules(_: Scale) -> String {
    let mut world = with_past(5);
    let room = world.room.clone();
    world.start();
    let rule = json!({ "name": "all", "tool": "Bash", "kind": "glob", "pattern": "touch *", "action": "allow", "lasts": "forever" });
    let (status, made) = world.ccmon.ask("POST", "/rules", &rule);
    assert_eq!(status, 201, "{made}");
    assert_eq!(room.heard(room.ask_command("one")), Said::Allow, "the rule answers");
    world.ccmon.kill();
    fs::write(room.database(), vec![b'x'; 20 * PAGE]).expect("a file of ours");
    world.start();
    assert_eq!(aside(&room).len(), 1, "{}", world.ccmon.traces());
    let asked = room.ask_command("two");
    let pending = wait_until(PATIENCE, || world.ccmon.pending().pop(), || "it is not asked for".into());
    assert!(room.decide(&pending, Some("not now")));
    assert_eq!(room.heard(asked), Said::Deny("not now".into()));
    let trouble = world.wait_for_answer()["trouble"].to_string();
    assert!(trouble.contains("damaged"), "{trouble}");
    trouble
}

/// Its owner may not write it: it is left alone, with a reason, and all is stored once that is changed.
pub fn read_only(_: Scale) -> String {
    let mut world = with_past(5);
    let room = world.room.clone();
    let mode = |mode| fs::set_permissions(room.database(), fs::Permissions::from_mode(mode)).expect("a file of ours");
    // Even a root like ours may write everything, unless that is taken from it.
    let as_owner = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"];
    mode(0o400);
    world.ccmon.launch_by(&as_owner);
    let (status, said) = world.ccmon.wait_for_end();
    assert!(!status.success() && said.contains("cannot be written"), "{said}");
    room.report_prompt("one");
    assert_eq!(room.heard(room.ask_command("one")), Said::Nothing);
    mode(0o600);
    world.ccmon.launch_by(&as_owner);
    let health = world.wait_for_answer();
    assert_eq!(health["status"], "ok", "{health}");
    room.report_prompt("one");
    world.settle()
}

/// A later ccmon wrote it: it is left alone, hooks keep what happens, and none of that is lost.
pub fn newer(_: Scale) -> String {
    let mut world = with_past(5);
    let room = world.room.clone();
    let whole = fs::read(room.database()).expect("a file");
    let db = rusqlite::Connection::open(room.database()).expect("a database");
    db.pragma_update(None, "user_version", 1_000).expect("a version");
    drop(db);
    let newer = fs::read(room.database()).expect("a file");
    world.ccmon.launch();
    let (status, said) = world.ccmon.wait_for_end();
    assert!(!status.success() && said.contains("newer ccmon"), "{said}");
    let log = fs::read_to_string(room.state().join("daemon.log")).expect("a log");
    let doctor = room.command("ccmon").arg("doctor").output().expect("it runs");
    for text in [log, String::from_utf8_lossy(&doctor.stdout).into_owned()] {
        assert!(text.contains("newer ccmon") && text.contains("install that version again"), "{text}");
    }
    assert!(fs::read(room.database()).expect("a file") == newer, "it was touched");
    assert_eq!(room.heard(room.ask_command("one")), Said::Nothing);
    (0..5).for_each(|_| _ = room.report_prompt("one"));
    fs::write(room.database(), whole).expect("a file of ours");
    world.start();
    world.settle()
}
