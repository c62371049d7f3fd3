//! What an event costs the daemon, whatever else the machine does meanwhile: processor time, wake-ups and bytes, by the
//! kernel's own counts.

use std::io;
use std::path::Path;

use crate::page::Part;
use crate::sessions::{CLIENTS, LIVES, SESSIONS};
use crate::support::daemon::Daemon;
use crate::support::load::Load;
use crate::support::mix::lives;
use crate::support::play::Cast;
use crate::support::setting;
use crate::support::tally::number;
use crate::support::watch::Account;

pub fn measure() -> io::Result<Part> {
    let events = setting("CCMON_BENCH_EVENTS", 20_000);
    let cast = Cast::of(SESSIONS, lives(LIVES)?)?;
    let mut part = Part::new(
        "What an event costs",
        &format!(
            "{events} events of {SESSIONS} sessions, as fast as they are acknowledged by {CLIENTS} at once, and as many one \
             after the other. What the kernel counts for the daemon's process, for each event: a busy machine makes that \
             dearer by what others push out of its caches, and no more."
        ),
    );
    let mut rows = Vec::new();
    for (name, parent) in [("on disk", disk()), ("without a disk", Path::new("/dev/shm").to_owned())] {
        for clients in [CLIENTS, 1] {
            let daemon = Daemon::start(&parent)?;
            // Each session has been heard of, and everything is warm.
            Load { most: 2 * SESSIONS as u64, ..Load::new(daemon.socket(), CLIENTS, None) }.run(&cast);
            let before = Account::of(daemon.pid())?;
            let outcome = Load { most: events, ..Load::new(daemon.socket(), clients, None) }.run(&cast);
            let spent = Account::of(daemon.pid())?.since(&before);
            let each = |value: f64| number(value / outcome.times.len().max(1) as f64);
            rows.push(format!(
                "{name}, {clients} at once | {} | {} | {} | {}",
                each(spent.user * 1e6),
                each(spent.system * 1e6),
                each(spent.woken),
                each(spent.written / 1024.0),
            ));
        }
    }
    part.table(" | user, µs | system, µs | wake-ups | to the disk, KiB", &rows);
    Ok(part)
}

fn disk() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target")
}
