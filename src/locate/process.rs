//! What `/proc` tells of a process: its parents, its terminal, its environment.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use ccmon_hook::context::VARIABLES;
use ccmon_hook::proc::Stat;

use super::Seat;

/// Longer chains of parents are not walked.
const GENERATIONS: usize = 64;
/// Longest environment that is read, in bytes.
const LONGEST: u64 = 256 * 1024;

/// The process and its parents, from the inside out.
#[must_use]
pub fn ancestry(pid: u32) -> Vec<u32> {
    let parents = std::iter::successors(Some(pid), |pid| Some(Stat::read(*pid)?.parent).filter(|parent| *parent > 1));
    parents.take(GENERATIONS).collect()
}

/// A process that sits at `tty`, with the terminal variables it was started with.
#[must_use]
pub fn seat(pid: u32, tty: Option<String>) -> Seat {
    Seat { pid: Some(pid), tty, env: environment(pid) }
}

/// The terminal variables of a process of ours; none of another's.
#[must_use]
pub fn environment(pid: u32) -> BTreeMap<String, String> {
    let mut bytes = Vec::new();
    if let Ok(file) = File::open(format!("/proc/{pid}/environ")) {
        let _ = file.take(LONGEST).read_to_end(&mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    let pairs = text.split('\0').filter_map(|entry| entry.split_once('='));
    pairs.filter(|(name, _)| VARIABLES.contains(name)).map(|(name, value)| (name.into(), value.into())).collect()
}

/// What a process calls itself, 15 bytes at most.
#[must_use]
pub fn name(pid: u32) -> Option<String> {
    Stat::read(pid).map(|stat| String::from_utf8_lossy(&stat.name).into_owned())
}
