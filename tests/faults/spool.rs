//! A spool that holds all that it may, and one that takes long to be drained.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::Scale;
use crate::ledger::{NUMBER, Said, Stored};
use crate::support::{PATIENCE, wait_until};
use crate::world::{Room, World, now_ms};

/// Leaves an event in the spool as a hook does.
pub fn leave(room: &Room, at: u64, words: &str) {
    let number = room.number();
    let id = format!("{number:032x}");
    let context = json!({ "v": 1, "id": id, "started_ms": at, "env": {} });
    let payload = json!({ "session_id": format!("old-{}", number % 9), "cwd": "/p", "hook_event_name": "UserPromptSubmit",
                          "prompt": words, NUMBER: number });
    let spool = room.state().join("spool");
    fs::write(spool.join(format!("{at:020}-{id}.event")), format!("{context}\n{payload}"))
        .expect("a writable directory");
    room.ledger().sent.push(number);
}

fn files(directory: &Path) -> usize {
    fs::read_dir(directory).expect("a directory").count()
}

/// Nobody listens for so long that the spool is full. What does not fit is lost and said to be; the rest is taken in
/// order, once.
pub fn full(scale: Scale) -> String {
    let mut world = World::new();
    let room = world.room.clone();
    let spool = room.make_state().join("spool");
    room.report_prompt("one");
    let begun = now_ms();
    // Files that are none of a hook's count as well.
    let strange = ccmon_hook::spool::FILES - scale.of(60, 10_000).min(ccmon_hook::spool::FILES) + 1;
    (1..strange).for_each(|n| fs::write(spool.join(format!("strange-{n}")), "").expect("a writable directory"));
    let left = (ccmon_hook::spool::FILES - files(&spool)) as u64;
    (0..left - 5).for_each(|at| leave(&room, begun + at / 10, "earlier"));
    (0..10).for_each(|_| _ = room.report_prompt("one"));
    let lost = room.said_to_be_lost();
    assert_eq!(lost, 5, "{}", room.complaints());
    world.ccmon.launch();
    let answers = || world.ccmon.get("/healthz");
    wait_until(4 * PATIENCE, answers, || world.ccmon.traces());
    let stored = Stored::read(&room.state());
    assert!(stored.order.windows(2).all(|two| two[0] <= two[1] || two[1] == 1), "out of order");
    format!("{lost} said to be lost, {}", world.settle_without(lost))
}

/// A daemon that was killed finds much to take in before it can listen: who asked before is still heard.
pub fn long(scale: Scale) -> String {
    let mut world = World::with_daemon();
    let room = world.room.clone();
    let asked = room.ask_command("one");
    let before = world.ccmon.wait_for_pending(1).remove(0);
    world.ccmon.kill();
    room.report_prompt("two");
    let begun = now_ms();
    (0..scale.of(1_500, 4_000) as u64).for_each(|at| leave(&room, begun + at, "earlier"));
    world.start();
    let after = world.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(after["id"], before["id"]);
    assert!(room.decide(&after, None), "{}", world.ccmon.traces());
    assert_eq!(room.heard(asked), Said::Allow);
    world.settle()
}
