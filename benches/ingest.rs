//! How many events the daemon takes: real connections, one for each event as the hook makes them, into the
//! released daemon with its database on the disk; an event counts when it was acknowledged, which is once
//! it survives the daemon: most stand in its journal then, and are committed a moment later.
//!
//! *Closed loop*: so many clients, each sends when its last event was acknowledged: that finds the most the daemon
//! can do. *Open loop*: events are due at a fixed rate whether or not the daemon keeps up, and the time runs from
//! when each was due: that is what hooks feel. Both also against a bare socket that answers at once, the floor; and
//! how long the disk takes to write down 4 MiB, which the daemon has it do again and again.
//!
//! `cargo bench --no-default-features --bench ingest`; `CCMON_BENCH_SECONDS` sets the length of each part.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

mod support;

use std::io;
use std::time::Duration;

use support::daemon::Daemon;
use support::floor::{bare_socket, flushes};
use support::load::{Load, Outcome};
use support::play::Cast;
use support::{median, percentile, setting, verdict};

/// Living sessions that take turns.
const SESSIONS: usize = 200;
/// Who waits for an acknowledgement at once, in the closed loop.
const CLIENTS: usize = 16;
/// Enough threads that one is always free, in the open loop.
const SENDERS: usize = 64;
/// Events in a second of the open loops.
const RATES: [u64; 2] = [1_000, 2_500];

const MOST: f64 = 5_000.0;
const SLOWEST: Duration = Duration::from_millis(5);

fn main() -> io::Result<()> {
    let daemon = Daemon::on_disk()?;
    let floor = bare_socket(&daemon.dir)?;
    let cast = Cast::hire(SESSIONS)?;
    let length = Duration::from_secs(setting("CCMON_BENCH_SECONDS", 10));
    let mut sent = 0;
    let mut disk = flushes(&daemon.dir)?;
    println!("fsync of 4 MiB: median {:.1?}, worst {:.1?}", median(&mut disk), percentile(&mut disk, 100));
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}   target", "", "events/s", "p50", "p99", "worst");
    for (name, socket) in [("bare socket", floor), ("daemon", daemon.socket())] {
        sent = 0;
        let mut run = |threads, rate| {
            let outcome = Load { length, ..Load::new(socket.clone(), threads, rate) }.run(&cast);
            sent += outcome.times.len();
            outcome
        };
        let closed = run(CLIENTS, None);
        let promise = verdict("≥ 5,000/s", closed.rate() >= MOST);
        report(&format!("{CLIENTS} clients, closed: {name}"), closed, &promise);
        for rate in RATES {
            let mut open = run(SENDERS, Some(rate));
            let promise = verdict("p99 ≤ 5 ms", percentile(&mut open.times, 99) <= SLOWEST);
            report(&format!("{rate}/s, open: {name}"), open, &promise);
        }
    }
    let (stored, bytes) = daemon.stored()?;
    println!("sent to the daemon {sent}, stored {stored}, database {} MiB", bytes >> 20);
    Ok(())
}

fn report(name: &str, mut outcome: Outcome, promise: &str) {
    let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    let (p50, p99) = (median(&mut outcome.times), percentile(&mut outcome.times, 99));
    let worst = outcome.times.last().copied().unwrap_or_default();
    let failed = if outcome.failed > 0 { format!("  {} NOT ACKNOWLEDGED", outcome.failed) } else { String::new() };
    let (rate, p50, p99, worst) = (outcome.rate(), ms(p50), ms(p99), ms(worst));
    println!("{name:<34} {rate:>9.0} {p50:>9} {p99:>9} {worst:>9}   {promise}{failed}");
}
