//! The released daemon over a long time: what it uses, second by second, as CSV and SVG in `target/soak/`.
//!
//! `cargo bench --no-default-features --bench soak -- day [SECONDS]`: 200 sessions at 100 events a second, questions
//! among them, for 600 s; `idle [SECONDS]`: 500 sessions that do nothing, for 60 s; `million [EVENTS]`: as fast as
//! events are acknowledged. Without a word, all three.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

mod support;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use support::daemon::Daemon;
use support::load::{Load, Outcome};
use support::play::Cast;
use support::watch::{Sample, seconds, watch};
use support::{median, percentile, plot, verdict};

/// A heavy day: an event every two seconds from each of two hundred sessions.
const SESSIONS: usize = 200;
const RATE: u64 = 100;
const SENDERS: usize = 50;
const IDLERS: usize = 500;
/// Clients of the fast mode.
const CLIENTS: usize = 16;
/// Most that the last quarter's memory may be above the second's, in MiB; the first one warms up.
const FLAT: f64 = 2.0;
/// Most that resident memory may at any moment be above the second quarter's median, in MiB.
const GROWTH: f64 = 5.0;
/// How long the daemon may take to settle before it is called idle.
const SETTLE: Duration = Duration::from_secs(5);

fn main() -> io::Result<()> {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let mode = words.next();
    let amount = words.next().and_then(|word| word.parse().ok());
    let wanted = |name: &str| mode.as_deref().is_none_or(|mode| mode == name);
    if wanted("idle") {
        idle(Duration::from_secs(amount.unwrap_or(60)))?;
    }
    if wanted("day") {
        let length = Duration::from_secs(amount.unwrap_or(600));
        soak("day", |load| Load { rate: Some(RATE), threads: SENDERS, asks: true, length, ..load })?;
    }
    if wanted("million") {
        soak("million", |load| Load { most: amount.unwrap_or(1_000_000), ..load })?;
    }
    Ok(())
}

/// Plays sessions against a daemon, and says what it used.
fn soak(name: &str, shape: impl FnOnce(Load) -> Load) -> io::Result<()> {
    let (daemon, cast) = (Daemon::on_disk()?, Cast::hire(SESSIONS)?);
    let load = shape(Load::new(daemon.socket(), CLIENTS, None));
    let over = AtomicBool::new(false);
    let (outcome, samples) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(daemon.pid(), || load.begun.load(Ordering::Relaxed), &over));
        let outcome = load.run(&cast);
        over.store(true, Ordering::Relaxed);
        (outcome, watcher.join())
    });
    let samples = samples.map_err(|_| io::Error::other("the watcher panicked"))??;
    keep(name, &samples)?;
    report(name, outcome, &samples);
    let (stored, bytes) = daemon.stored()?;
    println!("  stored {stored}, database {} MiB", bytes >> 20);
    Ok(())
}

fn keep(name: &str, samples: &[Sample]) -> io::Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/soak");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join(format!("{name}.csv")), plot::csv(samples))?;
    fs::write(directory.join(format!("{name}.svg")), plot::svg(&format!("ccmon daemon: {name}"), samples))
}

fn report(name: &str, mut outcome: Outcome, samples: &[Sample]) {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (p50, p99) = (ms(median(&mut outcome.times)), ms(percentile(&mut outcome.times, 99)));
    let (rate, failed) = (outcome.rate(), outcome.failed);
    let (took, count) = (outcome.took.as_secs(), outcome.times.len());
    println!("{name}: {count} events in {took} s, {rate:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms, failed {failed}");
    let quarter = samples.len() / 4;
    let of = |part: usize, field: fn(&Sample) -> f64| {
        let mut values: Vec<f64> = samples.iter().skip(part * quarter).take(quarter).map(field).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let (before, after) = (of(1, |sample| sample.pss), of(3, |sample| sample.pss));
    let most = samples.iter().skip(quarter).map(|sample| sample.rss).fold(0.0, f64::max);
    let (flat, grown) = (verdict("flat", after - before <= FLAT), most - of(1, |s| s.rss));
    println!("  PSS, median of the second quarter {before:.1} MiB, of the last {after:.1} MiB   {flat}");
    println!(
        "  RSS at most {most:.1} MiB, {grown:.1} above the second quarter   {}",
        verdict("≤ 5 MiB", grown <= GROWTH)
    );
    println!("  CPU, median of the last quarter {:.1} % of a core", of(3, |s| s.cpu));
}

/// What sessions cost that do nothing.
fn idle(length: Duration) -> io::Result<()> {
    let (daemon, cast) = (Daemon::on_disk()?, Cast::hire(IDLERS)?);
    // A few events for each, so that all are known.
    Load { most: 5 * IDLERS as u64, ..Load::new(daemon.socket(), CLIENTS, None) }.run(&cast);
    std::thread::sleep(SETTLE);
    let before = seconds(daemon.pid())?;
    std::thread::sleep(length);
    let used = (seconds(daemon.pid())? - before) / length.as_secs_f64() * 100.0;
    let kept = verdict("≤ 0.2 %", used <= 0.2);
    println!("idle: {IDLERS} sessions, {used:.3} % of a core over {} s   {kept}", length.as_secs());
    Ok(())
}
