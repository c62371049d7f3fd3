//! What a process uses, second by second, from `/proc`.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How many ticks of processor time a second has (`USER_HZ`, the same on all Linux).
const TICKS: f64 = 100.0;

/// One second.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Seconds since the beginning.
    pub at: f64,
    /// Resident memory in MiB.
    pub rss: f64,
    /// The same, with what others map too shared out.
    pub pss: f64,
    /// Per cent of a core since the last sample.
    pub cpu: f64,
    /// Events begun so far.
    pub events: u64,
}

/// Samples `pid` once a second until `over`.
pub fn watch(pid: u32, events: impl Fn() -> u64, over: &AtomicBool) -> io::Result<Vec<Sample>> {
    let begin = Instant::now();
    let (mut samples, mut last) = (Vec::new(), (begin, ticks(pid)?));
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_secs(1));
        let now = (Instant::now(), ticks(pid)?);
        let cpu = (now.1 - last.1) / TICKS / (now.0 - last.0).as_secs_f64() * 100.0;
        let (rss, pss) = memory(pid)?;
        samples.push(Sample { at: begin.elapsed().as_secs_f64(), rss, pss, cpu, events: events() });
        last = now;
    }
    Ok(samples)
}

/// Processor time of all its threads so far, in seconds.
pub fn seconds(pid: u32) -> io::Result<f64> {
    Ok(ticks(pid)? / TICKS)
}

fn ticks(pid: u32) -> io::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name may contain anything, and ends with the last parenthesis. Field 14 is utime, 15 stime.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    Ok(fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum())
}

fn memory(pid: u32) -> io::Result<(f64, f64)> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let of = |name: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    };
    Ok((of("Rss:"), of("Pss:")))
}
