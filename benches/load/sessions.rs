//! A thousand sessions that work: how long their hooks wait, and how many events the daemon takes.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::page::{Part, memory, spent};
use crate::support::daemon::Daemon;
use crate::support::floor::{bare_socket, flushes};
use crate::support::load::{Load, Outcome};
use crate::support::mix::lives;
use crate::support::play::Cast;
use crate::support::tally::{Tally, number};
use crate::support::watch::Usage;
use crate::support::{chart, median, percentile, setting, verdict};

/// How many there are,
pub const SESSIONS: usize = 1_000;
/// and how many different lives they have.
pub const LIVES: usize = 8;
/// Who waits for an acknowledgement at once, in the closed loop.
pub const CLIENTS: usize = 16;
/// Enough threads that one is always free, in the open loop.
pub const SENDERS: usize = 64;
/// Events in a second: each session one every two seconds, and every second.
const RATES: [u64; 2] = [500, 1_000];
/// Most that a hook may wait, in ms, in 99 of 100 cases, and least that the daemon must take in a second.
const SLOWEST: f64 = 5.0;
const MOST: f64 = 5_000.0;

/// Who promises something.
const DAEMON: &str = "daemon";

/// One row.
struct Run {
    name: String,
    tally: Tally,
    outcome: Outcome,
    usage: Option<(f64, f64)>,
    promise: String,
}

pub fn measure() -> io::Result<Part> {
    let (daemon, cast) = (Daemon::on_disk()?, Cast::of(SESSIONS, lives(LIVES)?)?);
    let memory_only = Daemon::start(Path::new("/dev/shm"))?;
    let seconds = setting("CCMON_BENCH_SECONDS", 15);
    let mut part = Part::new(
        &format!("{SESSIONS} sessions"),
        &format!(
            "Every session plays recorded payloads of all kinds, with texts and files of real length, each event on a \
             connection of its own. Open: an event is due at a fixed rate, and the time runs from when it was due, for \
             {seconds} s. Closed: {CLIENTS} clients send as fast as they are acknowledged, which is once the event survives the daemon. The \
             bare socket in the same run answers at once; *without a disk* is the same daemon with its database in memory: what \
             the other one takes longer is the disk's."
        ),
    );
    let mut runs = Vec::new();
    let floor = bare_socket(&daemon.dir)?;
    let takers = [
        Taker { name: "bare socket", socket: floor, pid: None },
        Taker { name: "without a disk", socket: memory_only.socket(), pid: Some(memory_only.pid()) },
        Taker { name: DAEMON, socket: daemon.socket(), pid: Some(daemon.pid()) },
    ];
    for taker in &takers {
        for rate in RATES.into_iter().map(Some).chain([None]) {
            runs.push(run(taker, rate, Duration::from_secs(seconds), &cast)?);
        }
    }
    drop(memory_only);
    tell(&mut part, &runs, &mut flushes(&daemon.dir)?);
    let (stored, bytes) = daemon.stored()?;
    let sent: usize = runs.iter().filter(|run| run.name.starts_with(DAEMON)).map(|run| run.outcome.times.len()).sum();
    let usage = Usage::of(daemon.pid())?;
    part.table(
        "after that: stored, of acknowledged | file, MiB | RSS, MiB | PSS | private dirty",
        &[format!("{stored} of {sent} | {} | {}", bytes >> 20, memory(&usage))],
    );
    Ok(part)
}

/// Who takes the events.
struct Taker {
    name: &'static str,
    socket: PathBuf,
    pid: Option<u32>,
}

fn run(taker: &Taker, rate: Option<u64>, length: Duration, cast: &Cast) -> io::Result<Run> {
    let Taker { name, socket, pid } = taker;
    let look = || pid.map(Usage::of).transpose();
    let (before, begin) = (look()?, Instant::now());
    let threads = if rate.is_some() { SENDERS } else { CLIENTS };
    let outcome = Load { length, ..Load::new(socket.clone(), threads, rate) }.run(cast);
    let usage = before.zip(look()?).map(|(before, after)| spent(&before, &after, begin.elapsed().as_secs_f64()));
    let tally = Tally::of(&outcome.times);
    let promise = match rate {
        _ if *name != DAEMON => String::new(),
        Some(_) => verdict("p99 ≤ 5 ms", tally.at(0.99) <= SLOWEST),
        None => verdict("≥ 5,000/s", outcome.rate() >= MOST),
    };
    let how = rate.map_or_else(|| "closed".to_owned(), |rate| format!("open, {rate}/s"));
    Ok(Run { name: format!("{name}, {how}"), tally, outcome, usage, promise })
}

fn tell(part: &mut Part, runs: &[Run], disk: &mut [Duration]) {
    let rows: Vec<_> = runs.iter().map(|run| (run.name.as_str(), &run.tally, run.promise.clone())).collect();
    part.latencies(&rows);
    let rows: Vec<String> = runs
        .iter()
        .map(|run| {
            let (rate, failed) = (run.outcome.rate(), run.outcome.failed);
            let used = run.usage.map_or_else(
                || " | ".to_owned(),
                |(cpu, woken)| format!("{} | {} ({:.2} an event)", number(cpu), number(woken), woken / rate),
            );
            format!("{} | {} | {failed} | {used}", run.name, number(rate))
        })
        .collect();
    part.table(" | events/s | not acknowledged | CPU, % of a core | wake-ups/s", &rows);
    let (usual, worst) = (median(disk), percentile(disk, 100));
    part.say(&format!("The disk takes {usual:.1?} for `fsync` of 4 MiB, at worst {worst:.1?} of {}.", disk.len()));
    let lines: Vec<_> = runs.iter().map(|run| (run.name.as_str(), &run.tally)).collect();
    part.plot("sessions", chart::latencies("1,000 sessions: how long a hook waits", &lines));
}
