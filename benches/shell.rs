//! What parsing a line costs: the median and the 99th percentile over the project's cases, those that are
//! refused included, and over the lines of `CCMON_BENCH_LINES` (a JSONL file with `command` or `line`).
//!
//! `cargo bench --no-default-features --bench shell`. The second row is what a decision pays: the same on a
//! thread of its own, with the deadline. `CCMON_BENCH_ROUNDS` sets the number of rounds.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ccmon::daemon::parse::parse_in_time;
use ccmon::rules::shell::parse;
use serde_json::Value;

fn main() -> io::Result<()> {
    let lines = lines()?;
    let understood = lines.iter().filter(|line| parse(line).is_ok()).count();
    println!("{} lines, {understood} of them understood", lines.len());
    println!("{:<28}{:>10}{:>10}{:>10}", "", "median", "p99", "longest");
    report("parse", &lines, |line| drop(black_box(parse(line))));
    report("parse, with the deadline", &lines, |line| drop(black_box(parse_in_time(line.to_owned()))));
    Ok(())
}

fn rounds() -> usize {
    std::env::var("CCMON_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

fn lines() -> io::Result<Vec<String>> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/shell");
    let mut files = std::fs::read_dir(cases)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    files.extend(std::env::var_os("CCMON_BENCH_LINES").map(PathBuf::from));
    let mut lines = Vec::new();
    for file in files {
        for row in std::fs::read_to_string(file)?.lines() {
            let row: Value = serde_json::from_str(row)?;
            lines.extend(["line", "command"].iter().find_map(|key| row[*key].as_str()).map(str::to_owned));
        }
    }
    Ok(lines)
}

/// One row of the table.
fn report(name: &str, lines: &[String], work: impl Fn(&str)) {
    let mut times = Vec::new();
    for _ in 0..rounds() {
        for line in lines {
            let start = Instant::now();
            work(line);
            times.push(start.elapsed());
        }
    }
    times.sort();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last()).map_or(0.0, micros);
    println!("{name:<28}{:>7.1} µs{:>7.1} µs{:>7.1} µs", at(0.5), at(0.99), at(1.0));
}

fn micros(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
