//! Latencies in a histogram: three digits of each, from a microsecond to a minute.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest time that is told from longer ones, in µs.
const LONGEST: u64 = 60_000_000;

/// Where the quantiles of the tables are.
pub const QUANTILES: [(&str, f64); 5] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)];

/// How long things took.
pub struct Tally(Histogram<u64>);

impl Tally {
    /// Of these times.
    pub fn of(times: &[Duration]) -> Self {
        let mut histogram = Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds make sense");
        for time in times {
            histogram.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST).max(1));
        }
        Self(histogram)
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that this share of them did not exceed, in ms.
    pub fn at(&self, quantile: f64) -> f64 {
        self.0.value_at_quantile(quantile) as f64 / 1e3
    }

    /// As cells of a table, in ms.
    pub fn cells(&self) -> String {
        QUANTILES.map(|(_, quantile)| number(self.at(quantile))).join(" | ")
    }
}

/// With as many digits as say something.
pub fn number(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}
