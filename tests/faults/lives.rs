//! The daemon killed, stopped, and started twice.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::Scale;
use crate::load::under_load;
use crate::support::{PATIENCE, wait_until};
use crate::world::World;

/// The longest that a daemon lives before it is killed, in milliseconds, mostly from when its doors are open.
const LIFE: usize = 400;
/// After each so many deaths the database is looked at.
const CHECKED: usize = 5;

/// Killed at any moment of its life, starting included, while hooks report and ask.
pub fn killed(scale: Scale) -> String {
    let seen: Vec<String> = (0..scale.of(1, 10)).map(|round| killed_in_a_row(scale, round as u64)).collect();
    seen.join("; ")
}

/// In a world of its own: with a long past, a daemon that is built for tests starts more slowly than hooks wait.
fn killed_in_a_row(scale: Scale, round: u64) -> String {
    let mut world = World::new();
    let (times, mut dice) = (scale.of(12, 20), scale.dice(10 + 2 * round));
    let room = world.room.clone();
    let answered = |world: &World| world.room.ledger().told.len();
    under_load(&room, scale.dice(11 + 2 * round), || {
        for time in 0..times {
            world.ccmon.launch();
            // While the next one lives: nobody waits for this.
            if time % CHECKED == 1 {
                room.check_copy();
            }
            if dice.percent(70) {
                world.wait_for_answer();
            }
            // The moment is what is tried; nothing is waited for.
            thread::sleep(Duration::from_millis(dice.below(LIFE) as u64));
            world.ccmon.kill();
            if time % CHECKED == 0 {
                room.copy();
            }
        }
        // And one that stays, so that what still waits is answered.
        let before = answered(&world);
        world.start();
        wait_until(4 * PATIENCE, || (answered(&world) > before + 3).then_some(()), || world.ccmon.traces());
    });
    format!("{times} times, {}", world.settle())
}

/// A signal to a process.
pub fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, signal).expect("a process of ours");
}

/// Hangs for longer than hooks wait for an acknowledgement, again and again.
pub fn stopped(scale: Scale) -> String {
    let mut world = World::with_daemon();
    let times = scale.of(2, 20);
    let room = world.room.clone();
    under_load(&room, scale.dice(3), || {
        for _ in 0..times {
            let before = room.ledger().sent.len();
            signal(world.ccmon.pid(), Signal::STOP);
            // Hooks go on, each by itself.
            let on = || (room.ledger().sent.len() > before + 6).then_some(());
            wait_until(PATIENCE, on, || "hooks hang with the daemon".into());
            signal(world.ccmon.pid(), Signal::CONT);
            let told = room.ledger().told.len();
            wait_until(PATIENCE, || (room.ledger().told.len() > told).then_some(()), || world.ccmon.traces());
        }
    });
    format!("{times} times, {}", world.settle())
}

/// Of two that start at the same moment, beside a dead one's socket, one wins and keeps its place.
pub fn two_starts(scale: Scale) -> String {
    let mut world = World::new();
    let times = scale.of(5, 100);
    let room = world.room.clone();
    for _ in 0..times {
        let mut start = room.command("ccmon");
        start.arg("daemon").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut daemons = [start.spawn().expect("it starts"), start.spawn().expect("it starts")];
        room.report_prompt("one");
        let health = wait_until(PATIENCE, || world.ccmon.get("/healthz"), || world.ccmon.traces());
        let lost = daemons.iter_mut().find(|daemon| health["pid"] != daemon.id()).expect("one of them answers");
        let status = wait_until(PATIENCE, || lost.try_wait().expect("a child"), || "both stay".into());
        assert_eq!(status.code(), Some(1));
        room.report_prompt("one");
        let still = world.ccmon.get("/healthz").expect("the winner's socket is where it was");
        assert_eq!(still["pid"], health["pid"]);
        for mut daemon in daemons {
            // One of them is gone already.
            let _ = daemon.kill();
            daemon.wait().expect("a child");
        }
    }
    world.start();
    format!("{times} times, {}", world.settle())
}

/// Runs a tool of the system, which has to succeed.
pub fn run(words: &[&str]) {
    let done = Command::new(words[0]).args(&words[1..]).output();
    let done = done.unwrap_or_else(|error| panic!("{} is missing: {error}", words[0]));
    assert!(done.status.success(), "{words:?}: {done:?}");
}
