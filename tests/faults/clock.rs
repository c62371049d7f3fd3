//! A wall clock that is set, and a machine that sleeps. The daemon's clock is a false one: the machine's is not touched.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::Scale;
use crate::ledger::Said;
use crate::lives::signal;
use crate::support::{PATIENCE, wait_until};
use crate::world::{World, now_ms};

const HOUR: i64 = 3_600;
/// How long a request is held, in milliseconds.
const HOLD: i64 = 540_000;

/// A world whose daemon goes by a wall clock that a file sets.
struct Clocked {
    world: World,
    file: PathBuf,
    /// By how much it is wrong, in seconds.
    by: i64,
}

impl Clocked {
    fn new() -> Self {
        let mut world = World::new();
        let file = world.room.directory().join("clock");
        world.ccmon.set("LD_PRELOAD", &library());
        world.ccmon.set("FAKETIME_TIMESTAMP_FILE", &file.display().to_string());
        // Only what people set: the monotonic clock goes on, and files keep their times.
        for name in ["FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC", "NO_FAKE_STAT", "FAKETIME_DISABLE_SHM"] {
            world.ccmon.set(name, "1");
        }
        let mut clocked = Self { world, file, by: 0 };
        clocked.set(0);
        clocked.world.start();
        clocked
    }

    /// Sets the daemon's clock to so many seconds beside the true time.
    fn set(&mut self, by: i64) {
        self.by = by;
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{by:+}")).expect("a writable directory");
        fs::rename(&new, &self.file).expect("a writable directory");
    }

    /// The next that the daemon hears of tells it of a jump: waits until it has heard.
    fn tell(&self) {
        self.world.room.report_prompt("talks");
        self.world.ccmon.wait_for_spooled();
    }

    /// What the daemon's clock says, in milliseconds.
    fn now(&self) -> i64 {
        i64::try_from(now_ms()).expect("our age") + self.by * 1_000
    }

    /// Insists that this request was asked for just now, by the daemon's clock, and is held for as long as it was.
    fn is_fresh(&self, approval: &Value) {
        let time = |name: &str| approval[name].as_i64().expect("a time");
        let (opened, left) = (time("opened"), time("expires") - self.now());
        assert!(opened <= self.now() + 1_000, "asked {} ms ahead", opened - self.now());
        assert!(left > HOLD / 2 && left <= HOLD + 1_000, "{left} ms are left to answer");
    }
}

/// The library that Debian's package `libfaketime` has.
fn library() -> String {
    let found = fs::read_dir("/usr/lib").expect("a system").flatten().map(|entry| entry.path());
    let found = found.map(|path| path.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("libfaketime is missing: apt-get install libfaketime").display().to_string()
}

/// Set forward and back by up to a month while requests wait: none is let go or held for longer, nothing has an age
/// below zero, and what was decided when stays in order.
pub fn jumps(scale: Scale) -> String {
    let mut clocked = Clocked::new();
    let (times, mut dice) = (scale.of(3, 40), scale.dice(6));
    let room = clocked.world.room.clone();
    for time in 0..times {
        let asked = room.ask_command("one");
        let before = clocked.world.ccmon.wait_for_pending(1).remove(0);
        let by = dice.below(30 * 24) as i64 * HOUR + 10 * 60;
        clocked.set(if time % 2 == 0 { by } else { -by });
        clocked.tell();
        let after = clocked.world.ccmon.wait_for_pending(1).remove(0);
        assert_eq!(after["id"], before["id"]);
        clocked.is_fresh(&after);
        assert!(room.decide(&after, None), "{}", clocked.world.ccmon.traces());
        assert_eq!(room.heard(asked), Said::Allow);
        let settled = clocked.world.ccmon.approval(&after["id"]);
        assert!(settled["pending_ms"].as_i64().is_some_and(|ms| (0..HOLD).contains(&ms)), "{settled}");
        for session in clocked.world.ccmon.sessions() {
            let since = session["since"].as_i64().expect("a time");
            assert!(since <= clocked.now() + 1_000, "{session}");
        }
        // Back: hooks go by the true time.
        clocked.set(0);
        clocked.tell();
    }
    format!("{times} times, {}", clocked.world.settle())
}

/// Everything stands still, and the wall clock is eight hours ahead afterwards: as with a closed lid.
pub fn suspended(scale: Scale) -> String {
    let mut clocked = Clocked::new();
    let times = scale.of(1, 10);
    let room = clocked.world.room.clone();
    for _ in 0..times {
        let asked = [room.ask_command("one"), room.ask_command("two")];
        clocked.world.ccmon.wait_for_pending(2);
        let all = [clocked.world.ccmon.pid(), asked[0].pid(), asked[1].pid()];
        all.into_iter().for_each(|pid| signal(pid, Signal::STOP));
        clocked.set(8 * HOUR);
        all.into_iter().rev().for_each(|pid| signal(pid, Signal::CONT));
        clocked.tell();
        for approval in clocked.world.ccmon.wait_for_pending(2) {
            clocked.is_fresh(&approval);
            assert!(room.decide(&approval, Some("good morning")));
        }
        for asked in asked {
            assert_eq!(room.heard(asked), Said::Deny("good morning".into()));
        }
        clocked.set(0);
        clocked.tell();
    }
    format!("{times} times, {}", clocked.world.settle())
}

/// A rule for a quarter of an hour is over after a sleep that was longer, whatever the wall clock says: the daemon is
/// started in a time namespace in which the machine has been up for that much longer.
pub fn asleep(_: Scale) -> String {
    let mut world = World::with_daemon();
    let room = world.room.clone();
    let rule = json!({ "name": "for a while", "tool": "Bash", "kind": "glob", "pattern": "touch *", "action": "allow",
                       "lasts": "seconds", "seconds": 900 });
    let (status, made) = world.ccmon.ask("POST", "/rules", &rule);
    assert!(status < 300, "{made}");
    for start in [["unshare", "--time", "--boottime", "600"], ["unshare", "--time", "--boottime", "1000"]] {
        assert_eq!(room.heard(room.ask_command("one")), Said::Allow, "the rule answers");
        world.ccmon.kill();
        world.ccmon.launch_by(&start);
        world.wait_for_answer();
    }
    let asked = room.ask_command("one");
    let pending = wait_until(PATIENCE, || world.ccmon.pending().pop(), || "the rule is not over".into());
    assert!(room.decide(&pending, Some("no more")));
    assert_eq!(room.heard(asked), Said::Deny("no more".into()));
    world.settle()
}
