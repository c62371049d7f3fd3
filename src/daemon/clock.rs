//! The engine's clock: the wall's time, watched for jumps against the monotonic one.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::core::Time;

/// Differences up to this are drift, in milliseconds; beyond, somebody set the clock or the
/// machine slept.
const DRIFT_MS: i64 = 500;

/// Tells the time.
#[derive(Debug)]
pub struct Clock {
    wall: Time,
    monotonic: Instant,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { wall: wall(), monotonic: Instant::now() }
    }

    /// The time, and by how many milliseconds the wall jumped since the last call, if it did.
    pub fn now(&mut self) -> (Time, Option<i64>) {
        let (wall, monotonic) = (wall(), Instant::now());
        let passed = monotonic.duration_since(self.monotonic);
        let expected = self.wall.plus(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX));
        let jump = i64::try_from(i128::from(wall.0) - i128::from(expected.0)).unwrap_or(i64::MAX);
        (self.wall, self.monotonic) = (wall, monotonic);
        (wall, (jump.abs() > DRIFT_MS).then_some(jump))
    }
}

/// The wall's time.
#[must_use]
pub fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Milliseconds since the machine was started, sleep included: nobody can set it.
#[must_use]
pub fn uptime() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000) + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000_000
}

/// Which start of the machine [`uptime`] counts from; see random(4).
#[must_use]
pub fn boot_id() -> String {
    let read = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    read.map(|id| id.trim().to_owned()).unwrap_or_default()
}
