//! Who is asking: a caller that runs inside a Claude session may look, but not decide.
//!
//! A fence, not a wall: a process can shed its parents and its environment, and code of the same
//! user can reach the same files. What can be noticed is noticed, refused, and recorded.

use std::net::SocketAddr;
use std::path::Path;

use ccmon_hook::proc::Stat;

use super::doors::Door;
use crate::core::{Board, ProcessId, State};

/// Longer chains of parents are not walked.
const GENERATIONS: usize = 64;

/// Why this caller may not decide; `None` when it may. Blocking: reads `/proc`.
#[must_use]
pub fn why_not(door: Door, board: &Board) -> Option<String> {
    let pid = match door {
        Door::Window => return None,
        Door::Unix { pid } => pid,
        Door::Tcp { peer, .. } => owner(peer),
    };
    let Some(pid) = pid else {
        return Some("it cannot be told which process asks".into());
    };
    is_marked(pid).or_else(|| claude_above(pid, board))
}

/// Claude Code marks what it starts.
fn is_marked(pid: u32) -> Option<String> {
    let Ok(environment) = std::fs::read(format!("/proc/{pid}/environ")) else {
        return Some(format!("process {pid} is gone, or cannot be looked at"));
    };
    let marked = environment
        .split(|byte| *byte == 0)
        .any(|entry| entry.starts_with(b"CLAUDECODE=") || entry.starts_with(b"CLAUDE_CODE_SESSION_ID="));
    marked.then(|| format!("process {pid} runs inside a Claude session (its environment says so)"))
}

/// Walks up to the session that this process belongs to, if it does.
fn claude_above(pid: u32, board: &Board) -> Option<String> {
    let mut current = pid;
    for _ in 0..GENERATIONS {
        let Some(stat) = Stat::read(current) else {
            return (current == pid).then(|| format!("process {pid} is gone"));
        };
        let process = ProcessId { pid: current, start: stat.start };
        let monitored = board.of_process(process).is_some_and(|session| session.state != State::Ended);
        if monitored || stat.name == b"claude" {
            return Some(format!("process {pid} was started by the Claude session of process {current}"));
        }
        if stat.parent <= 1 {
            return None;
        }
        current = stat.parent;
    }
    Some(format!("process {pid} has too many parents to look at"))
}

/// The process of ours that holds the other end of a TCP connection.
fn owner(peer: SocketAddr) -> Option<u32> {
    let inode = inode(peer)?;
    let socket = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| holds(*pid, Path::new(&socket)))
}

fn holds(pid: u32, socket: &Path) -> bool {
    let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    descriptors.flatten().any(|fd| std::fs::read_link(fd.path()).is_ok_and(|target| target == socket))
}

/// The inode of a local TCP socket, see proc_net_tcp(5): addresses are in the host's byte order.
fn inode(local: SocketAddr) -> Option<u64> {
    let SocketAddr::V4(local) = local else {
        return None;
    };
    let address = u32::from_ne_bytes(local.ip().octets());
    let wanted = format!("{address:08X}:{:04X}", local.port());
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let mut rows = table.lines().skip(1).map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| row.get(1) == Some(&wanted.as_str()))?;
    row.get(9)?.parse().ok().filter(|inode| *inode != 0)
}
