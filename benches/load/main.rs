//! The released daemon under load: what hooks feel, and what it uses, as tables and plots.
//!
//! `cargo bench --no-default-features --bench load` runs all parts, four minutes, and writes `benches/results/load.md` and
//! the plots beside it. A word chooses one part, which writes to `target/load` instead: `sessions`, `cost`,
//! `connections`, `approvals`, `day`, `idle`. `CCMON_BENCH_SECONDS` is the length of what runs for a time, `CCMON_BENCH_EVENTS` the
//! number of events of the day, and of `cost`.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

#[path = "../support/mod.rs"]
mod support;

mod approvals;
mod connections;
mod cost;
mod day;
mod idle;
mod page;
mod sessions;

use std::io;
use std::path::Path;

use page::Part;

/// A part's name, and what measures it.
type Measure = (&'static str, fn() -> io::Result<Part>);

const PARTS: [Measure; 6] = [
    ("sessions", sessions::measure),
    ("cost", cost::measure),
    ("connections", connections::measure),
    ("approvals", approvals::measure),
    ("day", day::measure),
    ("idle", idle::measure),
];

fn main() -> io::Result<()> {
    let word = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let chosen = PARTS.iter().filter(|(name, _)| word.as_deref().is_none_or(|word| word == *name));
    let mut text = format!("# The daemon under load\n\n{}", support::machine::describe());
    print!("{text}");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = directory.join(if word.is_some() { "target/load" } else { "benches/results" });
    for (_, measure) in chosen {
        let part = measure()?;
        print!("{}", part.text());
        text.push_str(part.text());
        part.keep(&directory)?;
    }
    page::write(&directory.join("load.md"), &text)
}
