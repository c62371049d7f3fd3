//! What the daemon costs while nothing happens.

use std::io;
use std::time::Duration;

use crate::page::{Part, memory, spent};
use crate::sessions::{CLIENTS, LIVES, SESSIONS};
use crate::support::daemon::Daemon;
use crate::support::load::Load;
use crate::support::mix::lives;
use crate::support::play::Cast;
use crate::support::tally::number;
use crate::support::watch::Usage;
use crate::support::{setting, verdict};

/// Threads that wait for work end after ten seconds without any; then the daemon is idle.
const SETTLE: Duration = Duration::from_secs(13);
/// Of memory in MiB, and of a core in per cent.
const MEMORY: f64 = 45.0;
const CPU: f64 = 0.2;

pub fn measure() -> io::Result<Part> {
    let seconds = setting("CCMON_BENCH_SECONDS", 15);
    let mut part = Part::new(
        "Idle",
        &format!(
            "`ccmon daemon` {} s after the last event, watched for {seconds} s. This is the daemon without the desktop: what the \
             tray adds is measured by `benches/desktop idle`.",
            SETTLE.as_secs()
        ),
    );
    let daemon = Daemon::on_disk()?;
    let fresh = watched("just started", &daemon, seconds)?;
    let cast = Cast::of(SESSIONS, lives(LIVES)?)?;
    let most = 40 * SESSIONS as u64;
    let outcome = Load { most, ..Load::new(daemon.socket(), CLIENTS, None) }.run(&cast);
    let name = format!("{SESSIONS} sessions, {} events before", outcome.times.len());
    let full = watched(&name, &daemon, seconds)?;
    part.table(" | RSS, MiB | PSS | private dirty | promise | CPU, % of a core | promise | wake-ups/s", &[fresh, full]);
    Ok(part)
}

fn watched(name: &str, daemon: &Daemon, seconds: u64) -> io::Result<String> {
    std::thread::sleep(SETTLE);
    let before = Usage::of(daemon.pid())?;
    std::thread::sleep(Duration::from_secs(seconds));
    let after = Usage::of(daemon.pid())?;
    let (cpu, woken) = spent(&before, &after, seconds as f64);
    let (small, calm) = (verdict("PSS ≤ 45", after.pss <= MEMORY), verdict("≤ 0.2", cpu <= CPU));
    Ok(format!("{name} | {} | {small} | {cpu:.3} | {calm} | {}", memory(&after), number(woken)))
}
