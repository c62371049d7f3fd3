//! What the benches share: the real daemon, sessions as Claude Code plays them, and the arithmetic.
#![allow(dead_code)] // Each bench uses its part.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

pub mod chart;
pub mod daemon;
pub mod dice;
pub mod floor;
pub mod load;
pub mod machine;
pub mod mix;
pub mod past;
pub mod play;
pub mod plot;
pub mod sweep;
pub mod tally;
pub mod views;
pub mod watch;

use std::time::Duration;

/// A number from the environment, for shorter and longer runs.
pub fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The time that so many per cent did not exceed. Sorts.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

/// The middle one. Sorts.
pub fn median(times: &mut [Duration]) -> Duration {
    percentile(times, 50)
}

/// Whether a promise was kept, for the last column.
pub fn verdict(promise: &str, kept: bool) -> String {
    format!("{promise}  {}", if kept { "met" } else { "MISSED" })
}
