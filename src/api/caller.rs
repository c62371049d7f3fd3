//! Who is asking: a caller that runs inside a Claude session may look, but not decide.
//!
//! A fence, not a wall: a process can shed its parents and its environment, and code of the same
//! user can reach the same files. What can be noticed is noticed, refused, and recorded.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ccmon_hook::proc::Stat;
use rustix::io::Errno;

use super::doors::Door;
use crate::core::{Board, ProcessId, State};

/// Longer chains of parents are not walked.
const GENERATIONS: usize = 64;

/// Why this caller may not decide; `None` when it may. Blocking: reads `/proc`.
#[must_use]
pub fn why_not(door: Door, board: &Board) -> Option<String> {
    match door {
        Door::Window => None,
        Door::Unix { pid } => none_may(&Vec::from_iter(pid), board, |_| true),
        Door::Tcp { peer, port } => {
            let socket = socket(peer, port);
            let holds = |pid: u32| socket.as_ref().is_some_and(|socket| holds(pid, socket));
            none_may(&owners(peer, port), board, holds)
        }
    }
}

/// Why none of these processes, who hold one connection, may decide. `holds`: whether one of them still does.
fn none_may(pids: &[u32], board: &Board, holds: impl Fn(u32) -> bool) -> Option<String> {
    if pids.is_empty() {
        return Some("it cannot be told which process asks".into());
    }
    let mut gone = Some("the process that asked is gone".to_owned());
    for &pid in pids {
        match inside(pid, board) {
            Stands::Inside(why) if holds(pid) => return Some(why),
            Stands::Outside => gone = None,
            // A child that inherited the connection for a moment, whatever it has become since; alone, it could be
            // whoever.
            Stands::Inside(_) | Stands::Gone => {}
        }
    }
    gone
}

/// Where a process stands to the sessions.
enum Stands {
    Outside,
    /// In one of them, or not to be told; with the reason.
    Inside(String),
    Gone,
}

/// Walks up to the session that this process belongs to, if it does.
fn inside(pid: u32, board: &Board) -> Stands {
    match std::fs::read(environment(pid)) {
        Ok(_) => {}
        Err(error) if is_gone(&error) => return Stands::Gone,
        Err(_) => return Stands::Inside(format!("process {pid} cannot be looked at")),
    }
    let mut current = pid;
    for _ in 0..GENERATIONS {
        let Some(stat) = Stat::read(current) else {
            return if current == pid { Stands::Gone } else { Stands::Outside };
        };
        let process = ProcessId { pid: current, start: stat.start };
        let monitored = board.of_process(process).is_some_and(|session| session.state != State::Ended);
        if monitored || stat.name == b"claude" {
            return Stands::Inside(format!("process {pid} was started by the Claude session of process {current}"));
        }
        if is_marked(current) {
            let why = format!("process {pid} runs inside a Claude session (the environment of {current} says so)");
            return Stands::Inside(why);
        }
        if stat.parent <= 1 {
            return Stands::Outside;
        }
        current = stat.parent;
    }
    Stands::Inside(format!("process {pid} has too many parents to look at"))
}

/// Whether a file of `/proc` could not be read because its process has ended.
fn is_gone(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound || error.raw_os_error() == Some(Errno::SRCH.raw_os_error())
}

/// Claude Code marks what it starts. Looked for in each parent too: a browser's process for the network has
/// written its title over its own environment.
fn is_marked(pid: u32) -> bool {
    let environment = std::fs::read(environment(pid)).unwrap_or_default();
    let mut entries = environment.split(|byte| *byte == 0);
    entries.any(|entry| entry.starts_with(b"CLAUDECODE=") || entry.starts_with(b"CLAUDE_CODE_SESSION_ID="))
}

fn environment(pid: u32) -> String {
    format!("/proc/{pid}/environ")
}

/// Whether the other end of a TCP connection is our own user's. Blocking: reads `/proc`.
#[must_use]
pub fn is_ours(peer: SocketAddr, port: u16) -> bool {
    end(peer, port).is_some_and(|end| end.uid == rustix::process::getuid().as_raw())
}

/// The processes of ours that hold the other end of a TCP connection: several when it was inherited.
fn owners(peer: SocketAddr, port: u16) -> Vec<u32> {
    let (Some(socket), Ok(processes)) = (socket(peer, port), std::fs::read_dir("/proc")) else {
        return Vec::new();
    };
    let pids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| holds(*pid, &socket)).collect()
}

/// What `/proc` calls the other end of a TCP connection.
fn socket(peer: SocketAddr, port: u16) -> Option<PathBuf> {
    end(peer, port).map(|end| format!("socket:[{}]", end.inode).into())
}

/// One end of a connection.
#[derive(Debug, PartialEq, Eq)]
struct End {
    /// Who opened it.
    uid: u32,
    inode: u64,
}

fn end(peer: SocketAddr, port: u16) -> Option<End> {
    // A socket of the other family comes in here too, when it asks for one of ours.
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .find_map(|table| find(&std::fs::read_to_string(table).ok()?, peer, port))
}

fn holds(pid: u32, socket: &Path) -> bool {
    let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    descriptors.flatten().any(|fd| std::fs::read_link(fd.path()).is_ok_and(|target| target == socket))
}

/// The socket at `local` that talks to our `port`, see proc_net_tcp(5): addresses are in the host's byte order.
/// Both ends have to match: other connections may share the local one.
fn find(table: &str, local: SocketAddr, port: u16) -> Option<End> {
    let SocketAddr::V4(local) = local else {
        return None;
    };
    let is = |shown: &str, ip: Ipv4Addr, port: u16| {
        let number = u32::from_ne_bytes(ip.octets());
        let mapped = u32::from_ne_bytes([0, 0, 0xff, 0xff]);
        shown == format!("{number:08X}:{port:04X}") || shown == format!("{:016X}{mapped:08X}{number:08X}:{port:04X}", 0)
    };
    let mut rows = table.lines().skip(1).map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| {
        row.get(1).is_some_and(|shown| is(shown, *local.ip(), local.port()))
            && row.get(2).is_some_and(|shown| is(shown, Ipv4Addr::LOCALHOST, port))
    })?;
    let inode = row.get(9)?.parse().ok().filter(|inode| *inode != 0)?;
    Some(End { uid: row.get(7)?.parse().ok()?, inode })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_from_the_same_port_to_elsewhere_is_another_one() {
        let shown = |ip: [u8; 4], port: u16| format!("{:08X}:{port:04X}", u32::from_ne_bytes(ip));
        let row = |remote: &str, inode: u32| {
            let local = shown([127, 0, 0, 1], 40_000);
            format!("   0: {local} {remote} 01 00000000:00000000 00:00000000 00000000  1000        0 {inode} 1 0\n")
        };
        let (decoy, ours) = (shown([127, 0, 0, 1], 8_080), shown([127, 0, 0, 1], 7_777));
        let table = format!("  sl  local_address rem_address\n{}{}", row(&decoy, 11), row(&ours, 22));
        let peer = "127.0.0.1:40000".parse().expect("an address");
        assert_eq!(find(&table, peer, 7_777), Some(End { uid: 1_000, inode: 22 }));
        assert_eq!(find(&table, peer, 9_999), None);
        let waiting = format!("head\n{}", row(&ours, 0));
        assert_eq!(find(&waiting, peer, 7_777), None, "closed already");
        assert_eq!(find("", "[::1]:40000".parse().expect("an address"), 7_777), None);
    }

    #[test]
    fn a_socket_of_the_other_family_is_found_too() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let _other = std::net::TcpStream::connect(format!("[::ffff:127.0.0.1]:{port}")).expect("the door is open");
        let (_stream, peer) = listener.accept().expect("a caller");
        // A child that another test is just starting holds it too, for a moment.
        assert!(is_ours(peer, port) && owners(peer, port).contains(&std::process::id()));
        assert!(!is_ours(peer, port + 1));
    }

    #[test]
    fn a_child_that_held_it_for_a_moment_does_not_count() {
        let mut claudes = crate::testing::sleeper(Some("1"));
        // Whoever runs the tests may be marked: only the child is asked about.
        let (board, both) = (Board::default(), [std::process::id(), claudes.id()]);
        let told = |holds: bool| none_may(&both[1..], &board, |_| holds).expect("it may not");
        assert!(told(true).contains("runs inside a Claude session"));
        assert!(told(false).contains("is gone"), "alone, it could be whoever");
        assert_eq!(none_may(&both, &board, |pid| pid == both[0]), none_may(&both[..1], &board, |_| true));
        claudes.kill().and_then(|()| claudes.wait()).expect("it ends");
    }

    #[test]
    fn a_connection_that_nobody_holds_belongs_to_nobody() {
        let door = Door::Tcp { port: 1, peer: "127.0.0.1:1".parse().expect("an address") };
        for door in [door, Door::Unix { pid: None }, Door::Unix { pid: Some(u32::MAX) }] {
            assert!(why_not(door, &Board::default()).is_some(), "{door:?}");
        }
        assert_eq!(why_not(Door::Window, &Board::default()), None);
    }
}
