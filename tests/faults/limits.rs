//! What the system has no more of: descriptors, inotify instances.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit};

use crate::Scale;
use crate::ledger::Said;
use crate::lives::signal;
use crate::support::{PATIENCE, wait_until};
use crate::world::World;

/// The running daemon may open nothing any more: it hears nobody, so hooks keep what happens; then it hears of all of it.
pub fn descriptors(scale: Scale) -> String {
    let mut world = World::with_daemon();
    let (room, times) = (world.room.clone(), scale.of(1, 5));
    let pid = Pid::from_raw(i32::try_from(world.ccmon.pid()).expect("a small number"));
    let limit = getrlimit(Resource::Nofile);
    for _ in 0..times {
        let before = room.ask_command("before");
        let pending = world.ccmon.wait_for_pending(1);
        // Not below what `poll` is given at once: that would be another fault.
        let none = Rlimit { current: Some(3), maximum: limit.maximum };
        let usual = prlimit(pid, Resource::Nofile, none).expect("a limit");
        (0..5).for_each(|_| prompt(&world, "talks"));
        assert!(!room.spooled().is_empty(), "it heard them all");
        let asked = room.ask_command("meanwhile");
        prlimit(pid, Resource::Nofile, usual).expect("a limit");
        world.ccmon.wait_for_pending(2);
        for approval in world.ccmon.pending() {
            let why = (approval["id"] == pending[0]["id"]).then_some("too late");
            assert!(room.decide(&approval, why));
        }
        assert_eq!(room.heard(before), Said::Deny("too late".into()));
        assert_eq!(room.heard(asked), Said::Allow);
    }
    format!("{times} times, {}", world.settle())
}

fn prompt(world: &World, session: &str) {
    world.room.report_prompt(session);
}

/// Files cannot be watched: what hooks say and ask is taken all the same, also what they left in the spool.
pub fn inotify(_: Scale) -> String {
    let limits = ["max_inotify_instances", "max_inotify_watches"];
    let seen: Vec<String> = limits.iter().map(|limit| without(limit)).collect();
    seen.join("; ")
}

fn without(limit: &str) -> String {
    let mut world = World::new();
    let room = world.room.clone();
    {
        let _none = Limit::of(limit, "0");
        world.start();
        prompt(&world, "one");
        let asked = room.ask_command("one");
        let pending = world.ccmon.wait_for_pending(1).remove(0);
        assert!(room.decide(&pending, None));
        assert_eq!(room.heard(asked), Said::Allow);
        // It looks into the spool all the same.
        signal(world.ccmon.pid(), Signal::STOP);
        (0..3).for_each(|_| prompt(&world, "two"));
        signal(world.ccmon.pid(), Signal::CONT);
        wait_until(3 * PATIENCE, || room.spooled().is_empty().then_some(()), || world.ccmon.traces());
        let log = fs::read_to_string(room.state().join("daemon.log")).unwrap_or_default();
        assert!(log.contains("inotify"), "it does not say what is missing:\n{log}");
    }
    world.settle()
}

/// A limit of this user namespace, as it was when this is dropped.
struct Limit {
    path: String,
    usual: String,
}

impl Limit {
    fn of(name: &str, value: &str) -> Self {
        let path = format!("/proc/sys/user/{name}");
        let usual = fs::read_to_string(&path).expect("user namespaces");
        let own = fs::read_to_string("/proc/self/uid_map").expect("a map");
        let apart = !own.trim().ends_with("4294967295") && Path::new(&path).exists();
        assert!(apart, "this would be felt outside: start it with tests/faults/run");
        fs::write(&path, value).expect("a namespace of ours");
        Self { path, usual }
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        fs::write(&self.path, self.usual.trim()).expect("a namespace of ours");
    }
}
