//! Where and when numbers were taken: without that they say nothing.

use std::fs;
use std::process::Command;

/// In one line each: the date, what was measured, the machine, and how busy it was before.
pub fn describe() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let named = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let processor = named(&read("/proc/cpuinfo"), "model name");
    let memory = named(&read("/proc/meminfo"), "MemTotal");
    let gib = memory.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() >> 20;
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let busy = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    format!(
        "- {}, commit {}\n- {cores} cores ({processor}), {gib} GiB, Linux {}\n- load before: {busy}{}\n",
        jiff::Zoned::now().strftime("%Y-%m-%d %H:%M %Z"),
        commit(),
        kernel.trim(),
        if busy.parse::<f64>().is_ok_and(|busy| busy < QUIET) {
            ""
        } else {
            " (**not quiet: the numbers are provisional**)"
        },
    )
}

/// A machine with less to do than this is quiet.
const QUIET: f64 = 0.5;

fn commit() -> String {
    let git = |words: &[&str]| {
        let said = Command::new("git").arg("-C").arg(env!("CARGO_MANIFEST_DIR")).args(words).output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    let name = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    // What is measured is built of these.
    let changed =
        git(&["status", "--porcelain", "--", "src", "hook", "Cargo.lock"]).is_some_and(|said| !said.is_empty());
    if changed { format!("{name} and changes") } else { name }
}
