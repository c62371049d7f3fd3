//! The attacks that ccmon has to withstand, tried on the built programs: one line a case, grouped by what is promised.
//!
//! `tests/security/run` is the command; `--list` prints each promise with the cases that try it.
#![allow(clippy::print_stdout, reason = "its lines are what it is for")]

#[path = "../support/mod.rs"]
mod support;

mod agent;
mod answers;
mod bodies;
mod called;
mod crowd;
mod daemons;
mod display;
mod durability;
mod files;
mod http;
mod launching;
mod modes;
mod others;
mod planted;
mod promises;
mod real;
mod strace;
mod suite;
mod world;

use std::process::ExitCode;

use suite::{Suite, Wanted};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let words = arguments.iter().filter(|argument| !argument.starts_with('-')).cloned().collect();
    let suite = every_case();
    if has("--list") {
        suite.list();
        return ExitCode::SUCCESS;
    }
    let untried = suite.untried();
    assert!(untried.is_empty(), "promises that no case is about: {untried:?}");
    // A case that panics is told of in its own line.
    std::panic::set_hook(Box::new(|_| {}));
    let count = suite.run(&Wanted { quick: has("--quick"), times: has("--times"), words });
    let skipped = if count.skipped > 0 { format!(", {} not tried", count.skipped) } else { String::new() };
    println!("security: {} cases, {} failures{skipped}", count.cases, count.failures);
    let fell = count.failures > 0 || (has("--strict") && count.skipped > 0);
    ExitCode::from(u8::from(fell))
}

fn every_case() -> Suite {
    let mut suite = Suite::default();
    http::add(&mut suite);
    others::add(&mut suite);
    planted::add(&mut suite);
    agent::add(&mut suite);
    real::add(&mut suite);
    answers::add(&mut suite);
    daemons::add(&mut suite);
    bodies::add(&mut suite);
    crowd::add(&mut suite);
    display::add(&mut suite);
    launching::add(&mut suite);
    files::add(&mut suite);
    durability::add(&mut suite);
    called::add(&mut suite);
    suite
}
