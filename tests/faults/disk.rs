//! A disk that is full, and one that cannot be written.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::Scale;
use crate::ledger::{Said, Stored};
use crate::lives::run;
use crate::spool::leave;
use crate::support::{PATIENCE, wait_until};
use crate::world::{Room, World, now_ms};

/// A file system of its own on a directory, gone with this value; the whole namespace ends with the tests.
struct Mount(String);

impl Mount {
    fn tmpfs(at: &Path, size: &str) -> Self {
        let at = at.display().to_string();
        run(&["mount", "-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs", &at]);
        Self(at)
    }

    fn bind(what: &Path, at: &Path) -> Self {
        let at = at.display().to_string();
        run(&["mount", "--bind", &what.display().to_string(), &at]);
        Self(at)
    }

    fn again(&self, how: &str) {
        run(&["mount", "-o", &format!("remount,{how}"), &self.0]);
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A daemon of a case that failed may still be in it.
        run(&["umount", "--lazy", &self.0]);
    }
}

/// What hooks complain is kept elsewhere: a full disk takes not even that, and it is counted.
fn log_elsewhere(room: &Room) -> Mount {
    let (log, at) = (room.directory().join("complaints"), room.state().join("hook-errors.log"));
    for file in [&log, &at] {
        fs::write(file, "").expect("a writable directory");
    }
    Mount::bind(&log, &at)
}

/// Fills the file system to the last byte; the file that does.
fn fill(room: &Room) -> std::path::PathBuf {
    let ballast = room.state().join("ballast");
    let mut file = fs::File::create(&ballast).expect("a writable directory");
    for piece in [64 << 10, 4 << 10, 1 << 10, 1] {
        while file.write_all(&vec![0; piece]).is_ok() {}
    }
    ballast
}

/// Nothing can be stored: people's answers reach Claude all the same, hooks end quietly, and what was lost is said;
/// once there is room again, nothing more is.
pub fn full(scale: Scale) -> String {
    let mut world = World::new();
    let room = world.room.clone();
    let _disk = Mount::tmpfs(&room.make_state(), "24m");
    let _log = log_elsewhere(&room);
    for round in 0..scale.of(1, 5) {
        world.start();
        room.report_prompt("talks");
        let waiting = [room.ask_command("one"), room.ask_command("two")];
        let pending = world.ccmon.wait_for_pending(2);
        let ballast = fill(&room);
        // Small ones may still fit, here and there.
        let trouble = || {
            (0..5).for_each(|_| _ = room.report_prompt("talks"));
            let health = world.ccmon.get("/healthz").filter(|health| health["status"] == "trouble");
            health.filter(|_| room.said_to_be_lost() > 3 * (round + 1))
        };
        wait_until(PATIENCE, trouble, || format!("it says nothing\n{}", world.ccmon.traces()));
        assert!(pending.iter().all(|approval| room.decide(approval, None)), "no answer is taken");
        for asked in waiting {
            assert_eq!(room.heard(asked), Said::Allow);
        }
        fs::remove_file(ballast).expect("a file of ours");
        let again = || {
            room.report_prompt("talks");
            world.ccmon.get("/healthz").filter(|health| health["status"] == "ok")
        };
        wait_until(PATIENCE, again, || format!("it does not store again\n{}", world.ccmon.traces()));
        // What was decided meanwhile is in the audit log now.
        let settled = || Stored::read(&room.state()).settled.values().all(Option::is_some).then_some(());
        wait_until(PATIENCE, settled, || format!("no word of the answers\n{}", world.ccmon.traces()));
        world.ccmon.kill();
    }
    world.start();
    let lost = room.said_to_be_lost();
    format!("{lost} said to be lost, {}", world.settle_without(lost))
}

/// Fills the file system, but for what a small event needs; the file that does.
fn nearly_fill(room: &Room) -> std::path::PathBuf {
    let ballast = fill(room);
    let file = fs::OpenOptions::new().write(true).open(&ballast).expect("a file of ours");
    let size = file.metadata().expect("a file of ours").len();
    file.set_len(size - (256 << 10)).expect("a file of ours");
    ballast
}

/// Waits until the daemon says whether it is in trouble. The longest pause before what failed is tried again is a minute.
fn wait_for_status(world: &World, status: &str) {
    let says = || world.ccmon.get("/healthz").filter(|health| health["status"] == status);
    wait_until(3 * PATIENCE, says, || format!("never {status}\n{}", world.ccmon.traces()));
}

/// Little room is left: nothing small is stored before something large that came first.
pub fn nearly_full(scale: Scale) -> String {
    let mut world = World::new();
    let room = world.room.clone();
    let _disk = Mount::tmpfs(&room.make_state(), "24m");
    let _log = log_elsewhere(&room);
    let mut dice = scale.dice(20);
    // Nothing that can be packed well.
    let mut large = || (0..1 << 16).map(|_| format!("{:x}", dice.throw())).collect::<String>();
    world.start();
    room.report_prompt("talks");
    let ballast = nearly_fill(&room);
    for words in [large(), "small".into()] {
        let asked = room.ask(&json!({ "session_id": "asks", "cwd": "/p", "hook_event_name": "PermissionRequest",
            "tool_name": "Write", "tool_input": { "file_path": "/p/a", "content": words } }));
        let pending = world.ccmon.wait_for_pending(1);
        assert!(room.decide(&pending[0], None), "no answer is taken");
        assert_eq!(room.heard(asked), Said::Allow);
    }
    wait_for_status(&world, "trouble");
    fs::remove_file(ballast).expect("a file of ours");
    room.report_prompt("talks");
    wait_for_status(&world, "ok");
    world.ccmon.kill();
    let begun = now_ms();
    let words = ["small".into(), large(), "smaller".into()];
    (0..).zip(words).for_each(|(at, words)| leave(&room, begun + at, &words));
    let ballast = nearly_fill(&room);
    world.start();
    wait_for_status(&world, "trouble");
    fs::remove_file(ballast).expect("a file of ours");
    let seen = world.settle();
    let stored = Stored::read(&room.state());
    assert!(stored.order.is_sorted(), "{:?}", stored.order);
    seen
}

/// Nothing may be written: it does not start, says why, and hooks end quietly. Nothing is damaged by trying.
pub fn read_only(_: Scale) -> String {
    let mut world = World::new();
    let room = world.room.clone();
    let disk = Mount::tmpfs(&room.make_state(), "24m");
    let log = log_elsewhere(&room);
    world.start();
    room.report_prompt("talks");
    world.ccmon.kill();
    disk.again("ro");
    world.ccmon.launch();
    let (status, said) = world.ccmon.wait_for_end();
    assert!(!status.success() && said.to_lowercase().contains("read-only"), "{said}");
    room.report_prompt("talks");
    assert_eq!(room.heard(room.ask_command("one")), Said::Nothing);
    disk.again("rw");
    world.start();
    let lost = room.said_to_be_lost();
    let seen = world.settle_without(lost);
    drop(log);
    format!("{lost} said to be lost, {seen}")
}
