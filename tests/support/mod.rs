//! What the black-box tests stand on: the real programs, started for one test each, in a home and
//! a terminal of their own, with a scripted model instead of a real one. Only loopback is used.
#![allow(dead_code, reason = "each test program uses its part of this")]

pub mod ccmon;
pub mod claude;
pub mod http;
pub mod mock_api;
pub mod stage;
pub mod tmux;

use std::io::{Seek, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::{self, AddressFamily, SocketFlags, SocketType};

/// How long anything may take before a test gives up on it. Generous: it is only ever waited out
/// when something is broken, and the machine that runs the tests may be a slow one.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// One of the programs: those that were just built, or those in the directory that `CCMON_PROGRAMS` names.
pub fn program(name: &str) -> PathBuf {
    let built = || Path::new(env!("CARGO_BIN_EXE_ccmon")).with_file_name("");
    let program = std::env::var_os("CCMON_PROGRAMS").map_or_else(built, PathBuf::from).join(name);
    assert!(program.is_file(), "{} is missing: run `cargo build --workspace`", program.display());
    program
}

/// A standard input that holds all of this from the start. A hook waits a second for what comes through a pipe, and on a
/// busy machine we may come to write into one later than that.
pub fn stdin_of(bytes: &[u8]) -> Stdio {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).and_then(|()| file.rewind()).expect("a temporary file");
    file.into()
}

/// A TCP port of this machine that nobody else is given, and where nobody listens yet. Who says `SO_REUSEADDR`, as
/// servers do, may.
pub struct Reserved {
    socket: OwnedFd,
    /// Its number.
    pub port: u16,
}

impl Reserved {
    /// Any that is free.
    pub fn new() -> Self {
        let (kind, flags) = (SocketType::STREAM, SocketFlags::CLOEXEC);
        let socket = net::socket_with(AddressFamily::INET, kind, flags, None).expect("a socket");
        net::sockopt::set_socket_reuseaddr(&socket, true).expect("a socket");
        net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let name = net::getsockname(&socket).expect("its name");
        let port = SocketAddrV4::try_from(name).expect("an address").port();
        Self { socket, port }
    }

    /// Listens there from now on.
    pub fn listen(self) -> TcpListener {
        net::listen(&self.socket, 128).expect("nobody else listens");
        self.socket.into()
    }
}

/// Makes a program of this text. Another process writes the file: a child that a thread of this one is just starting
/// would have it open for writing a moment longer than we have, and what is being written cannot be run.
pub fn install(path: &Path, text: &str) {
    let mut install = Command::new("install");
    let install = install.args(["-m", "755", "/dev/stdin"]).arg(path).stdin(Stdio::piped()).spawn();
    let mut install = install.expect("install runs");
    install.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    assert!(install.wait().expect("it ends").success(), "{}", path.display());
}

/// The same of a program that there is.
pub fn install_copy(program: &Path, path: &Path) {
    let installed = Command::new("install").args(["-m", "755"]).args([program, path]).status();
    assert!(installed.expect("install runs").success(), "{}", path.display());
}

/// Asks `condition` again and again until it answers; panics with `report` when it never does.
pub fn wait_until<T>(
    patience: Duration,
    mut condition: impl FnMut() -> Option<T>,
    report: impl FnOnce() -> String,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = condition() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{}", report());
        thread::sleep(Duration::from_millis(20));
    }
}
