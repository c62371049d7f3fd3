//! Callers who only carry what somebody elsewhere says: the end of a forwarded socket, or a process of a container
//! that the socket is mounted in. Who speaks there cannot be seen from here, so that they are hooks at most.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ccmon_hook::proc::{Stat, namespace_of, pid_namespace};

use crate::core::{Board, ProcessId};

/// Programs that connect to a socket for somebody on another machine. None of them is ccmon's own, and none asks
/// anything for itself.
const PROGRAMS: [&str; 16] = [
    "ssh",
    "sshd",
    "sshd-session",
    "dropbear",
    "dbclient",
    "socat",
    "nc",
    "nc.openbsd",
    "nc.traditional",
    "ncat",
    "netcat",
    "websocat",
    "docker-proxy",
    "gvproxy",
    "systemd-socket-proxyd",
    "conmon",
];

/// Our own, which brings nearly all there is and carries nothing: looked at no further.
const HOOK: &str = "ccmon-hook";

/// The name of a program that carries what others say, if this process is one.
#[must_use]
pub fn carrier(pid: u32) -> Option<String> {
    let program = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
    let program = program.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    if program.as_deref() == Some(HOOK) {
        return None;
    }
    let called = called(pid).ok();
    // The kernel keeps 15 bytes of what a process calls itself.
    let names = |name: &String| PROGRAMS.iter().any(|known| *name == known[..known.len().min(15)] || name == known);
    called.into_iter().chain(program).find(names)
}

/// What a process calls itself: at most 15 bytes, and a newline. That alone, in one read, is half as dear as
/// `/proc/PID/stat`.
fn called(pid: u32) -> io::Result<String> {
    let mut name = [0; 64];
    let length = File::open(format!("/proc/{pid}/comm"))?.read(&mut name)?;
    Ok(String::from_utf8_lossy(name[..length].trim_ascii_end()).into_owned())
}

/// Why this caller is a hook at most; `None` when it is a process of this place that speaks for itself. Blocking:
/// reads `/proc`.
#[must_use]
pub fn why_hook_at_most(pid: Option<u32>, board: &Board) -> Option<String> {
    let Some((pid, stat)) = pid.and_then(|pid| Some((pid, Stat::read(pid)?))) else {
        return Some("the process that asks is none that can be seen from here".into());
    };
    if let Some(program) = carrier(pid) {
        return Some(format!("{program} (process {pid}) asks for somebody elsewhere"));
    }
    let process = ProcessId { pid, start: stat.start };
    if board.heard_through(process).next().is_some() {
        return Some(format!("process {pid} carries what a session elsewhere says"));
    }
    let apart = namespace_of(&pid.to_string()) != pid_namespace();
    apart.then(|| format!("process {pid} runs in a container"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_this_place_speaks_for_itself() {
        let own = std::process::id();
        assert_eq!((carrier(own), why_hook_at_most(Some(own), &Board::default())), (None, None));
    }

    #[test]
    fn nobody_known_is_a_hook_at_most() {
        for pid in [None, Some(u32::MAX)] {
            assert!(why_hook_at_most(pid, &Board::default()).is_some(), "{pid:?}");
        }
    }
}
