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

/// A process that sits at `tty`, with the terminal variables it was started with. A client of tmux in a
/// pane of another one has `TMUX` taken away, or it would not start: whoever started it on the same
/// terminal still has it.
#[must_use]
pub fn seat(pid: u32, tty: Option<String>) -> Seat {
    let mut env = environment(pid);
    if env.get("TMUX").is_none_or(String::is_empty) {
        let starter = ancestry(pid).into_iter().skip(1).take_while(|parent| terminal(*parent) == terminal(pid));
        let outer = starter.map(environment).find(|env| env.get("TMUX").is_some_and(|tmux| !tmux.is_empty()));
        let inherited = outer.into_iter().flatten().filter(|(name, _)| name.starts_with("TMUX"));
        env.extend(inherited);
    }
    Seat { pid: Some(pid), tty, env }
}

/// The seat of a process, when it sits at a terminal.
#[must_use]
pub fn sitting(pid: u32) -> Option<Seat> {
    let tty = Stat::read(pid)?.tty()?;
    Some(seat(pid, Some(tty)))
}

/// The device number of a process's controlling terminal.
fn terminal(pid: u32) -> Option<u32> {
    Stat::read(pid).map(|stat| stat.tty_nr)
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

/// Processes of one name that sit at some terminal, with its device number.
#[must_use]
pub fn named(name: &str) -> Vec<(u32, u32)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let stats = pids.filter_map(|pid| Some((pid, Stat::read(pid)?)));
    let found = stats.filter(|(_, stat)| stat.name == name.as_bytes() && stat.tty_nr != 0);
    found.map(|(pid, stat)| (pid, stat.tty_nr)).collect()
}

/// The arguments a process was started with, its own name first.
#[must_use]
pub fn arguments(pid: u32) -> Vec<String> {
    let mut bytes = Vec::new();
    if let Ok(file) = File::open(format!("/proc/{pid}/cmdline")) {
        let _ = file.take(LONGEST).read_to_end(&mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// Programs that give their child a terminal of its own inside the one they sit at themselves.
const RELAYS: [&str; 5] = ["sudo", "su", "doas", "script", "unbuffer"];

/// The process that owns the terminal a process sits at: the first one above it that sits somewhere
/// else. Variables cannot tell that, since an xterm started in kitty has kitty's too.
#[must_use]
pub fn host(pid: u32) -> Option<(u32, String)> {
    let mut tty = 0;
    for pid in ancestry(pid) {
        let stat = Stat::read(pid)?;
        let name = String::from_utf8_lossy(&stat.name);
        if tty != 0 && stat.tty_nr != tty && !RELAYS.contains(&&*name) {
            return Some((pid, name.into_owned()));
        }
        tty = stat.tty_nr;
    }
    None
}

/// Whether a seat's terminal is made by one of these programs; yes, when its process is not known.
#[must_use]
pub fn hosted(seat: &Seat, names: &[&str]) -> bool {
    seat.pid.is_none_or(|pid| host(pid).is_some_and(|(_, name)| names.contains(&&*name)))
}
