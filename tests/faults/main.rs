//! What breaks around ccmon, broken on purpose: after each case no event is lost, no decision is lost or doubled, the
//! database is sound, and every hook ended quietly.
//!
//! `tests/faults/run` starts this in namespaces of its own; the cases that need a desktop are beside it.
#![allow(clippy::print_stdout, reason = "a line for each case is what this is for")]

#[path = "../../benches/support/dice.rs"]
#[allow(dead_code, reason = "the texts in it are the benches'")]
mod dice;
#[path = "../support/mod.rs"]
mod support;

mod clock;
mod disk;
mod files;
mod ledger;
mod limits;
mod lives;
mod load;
mod spool;
mod world;

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Instant;

use dice::Dice;

/// How much of each case there is to be, and which chance.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    quick: bool,
    seed: u64,
}

impl Scale {
    /// So many in the short form, so many in the whole one.
    fn of(self, quick: usize, whole: usize) -> usize {
        if self.quick { quick } else { whole }
    }

    /// Chance that falls the same for the same seed.
    fn dice(self, of: u64) -> Dice {
        Dice::new(self.seed.wrapping_mul(1_000).wrapping_add(of))
    }
}

/// A case: its name, and what does it and says what was seen.
type Case = (&'static str, fn(Scale) -> String);

const CASES: &[Case] = &[
    ("killed at random moments", lives::killed),
    ("stopped, and going on", lives::stopped),
    ("two starts at once", lives::two_starts),
    ("suspended", clock::suspended),
    ("the clock jumps", clock::jumps),
    ("asleep while a rule ran out", clock::asleep),
    ("the disk is full", disk::full),
    ("the disk is nearly full", disk::nearly_full),
    ("the disk is read-only", disk::read_only),
    ("a damaged database", files::damaged),
    ("a database cut short", files::cut),
    ("an empty database", files::empty),
    ("a newer database", files::newer),
    ("a read-only database", files::read_only),
    ("the rules of a damaged database", files::rules),
    ("the spool is full", spool::full),
    ("a request waits while a long spool is drained", spool::long),
    ("no descriptor is left", limits::descriptors),
    ("no inotify is left", limits::inotify),
];

/// What `--quick` leaves to the tests of the store.
const WHOLE: &[&str] = &["a read-only database", "the rules of a damaged database"];

fn main() -> ExitCode {
    let (scale, names) = match arguments() {
        Ok(told) => told,
        Err(why) => {
            println!("{why}");
            return ExitCode::from(2);
        }
    };
    println!("seed {}", scale.seed);
    let left = |name: &str| scale.quick && WHOLE.contains(&name);
    let chosen =
        |name: &str| (names.is_empty() && !left(name)) || names.iter().any(|part| name.contains(part.as_str()));
    let results: Vec<bool> = CASES.iter().filter(|(name, _)| chosen(name)).map(|case| run(case, scale)).collect();
    if !results.is_empty() && results.iter().all(|passed| *passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn arguments() -> Result<(Scale, Vec<String>), String> {
    let mut scale = Scale { quick: false, seed: u64::from(std::process::id()) ^ world::now_ms() };
    let mut names = Vec::new();
    for word in std::env::args().skip(1) {
        if word == "--quick" {
            scale.quick = true;
        } else if let Some(seed) = word.strip_prefix("--seed=") {
            scale.seed = seed.parse().map_err(|_| format!("no seed: {seed}"))?;
        } else if word.starts_with('-') {
            return Err(format!("unknown: {word}"));
        } else {
            names.push(word);
        }
    }
    Ok((scale, names))
}

/// One line for the case; whether it passed. What was wrong is on standard error before.
fn run((name, case): &Case, scale: Scale) -> bool {
    let begun = Instant::now();
    let done = catch_unwind(|| case(scale));
    let took = begun.elapsed().as_secs_f64();
    match &done {
        Ok(seen) => println!("ok    {name}: {seen} ({took:.1} s)"),
        Err(_) => println!("FAIL  {name} ({took:.1} s)"),
    }
    done.is_ok()
}
