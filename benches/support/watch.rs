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

/// What a process holds now, and has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Resident memory in MiB.
    pub rss: f64,
    /// The same, with what others map too shared out.
    pub pss: f64,
    /// What it alone has written to.
    pub own: f64,
    /// Processor time of the threads that live, in ms.
    pub cpu: f64,
    /// How often those were woken: their voluntary context switches.
    pub woken: u64,
}

impl Usage {
    /// Looks at a process.
    pub fn of(pid: u32) -> io::Result<Self> {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let mib = |name: &str| field(&rollup, name) / 1024.0;
        let mut usage = Self { rss: mib("Rss:"), pss: mib("Pss:"), own: mib("Private_Dirty:"), cpu: 0.0, woken: 0 };
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            let task = task?.path();
            // A thread may end while we look.
            let (Ok(spent), Ok(status)) =
                (fs::read_to_string(task.join("schedstat")), fs::read_to_string(task.join("status")))
            else {
                continue;
            };
            let spent = spent.split(' ').next().and_then(|text| text.parse::<f64>().ok());
            usage.cpu += spent.unwrap_or_default() / 1e6;
            usage.woken += field(&status, "voluntary_ctxt_switches:") as u64;
        }
        Ok(usage)
    }
}

/// What the kernel has counted for a process since it began.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Seconds of processor time in the program,
    pub user: f64,
    /// and in the kernel.
    pub system: f64,
    /// How often its threads that live were woken.
    pub woken: f64,
    /// Bytes that it had the kernel write to a disk.
    pub written: f64,
}

impl Account {
    /// Looks at a process.
    pub fn of(pid: u32) -> io::Result<Self> {
        let [user, system] = times(pid)?.map(|ticks| ticks / TICKS);
        let written = field(&fs::read_to_string(format!("/proc/{pid}/io"))?, "write_bytes:");
        Ok(Self { user, system, woken: Usage::of(pid)?.woken as f64, written })
    }

    /// What has come since.
    pub fn since(&self, before: &Self) -> Self {
        Self {
            user: self.user - before.user,
            system: self.system - before.system,
            woken: self.woken - before.woken,
            written: self.written - before.written,
        }
    }
}

/// The number behind a name at the beginning of a line.
fn field(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Samples `pid` once a second until `over`.
pub fn watch(pid: u32, events: impl Fn() -> u64, over: &AtomicBool) -> io::Result<Vec<Sample>> {
    let begin = Instant::now();
    let (mut samples, mut last) = (Vec::new(), (begin, ticks(pid)?));
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_secs(1));
        let now = (Instant::now(), ticks(pid)?);
        let cpu = (now.1 - last.1) / TICKS / (now.0 - last.0).as_secs_f64() * 100.0;
        let Usage { rss, pss, .. } = Usage::of(pid)?;
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
    Ok(times(pid)?.into_iter().sum())
}

/// Ticks in the program, and in the kernel.
fn times(pid: u32) -> io::Result<[f64; 2]> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name may contain anything, and ends with the last parenthesis. Field 14 is utime, 15 stime.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let mut fields = fields.skip(11).map(|field| field.parse().unwrap_or_default());
    Ok([fields.next().unwrap_or_default(), fields.next().unwrap_or_default()])
}
