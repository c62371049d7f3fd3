//! What tests of several rooms need.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Makes a program of this text. Another process writes the file: a child that a thread of this one is just starting
/// would have it open for writing a moment longer than we have, and what is being written cannot be run.
pub fn program(path: &Path, text: &str) {
    let mut install = Command::new("install");
    let mut install = install.args(["-m", "755", "/dev/stdin"]).arg(path).stdin(Stdio::piped()).spawn().unwrap();
    install.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(install.wait().unwrap().success());
}

/// A process that sleeps, marked as Claude marks what it starts, or not. The kernel shows its environment a moment after it
/// has been started: that is waited for.
pub fn sleeper(mark: Option<&str>) -> Child {
    let mut command = Command::new("sleep");
    command.arg("60").env_clear().envs(mark.map(|value| ("CLAUDECODE", value))).stdin(Stdio::null());
    let child = command.spawn().unwrap();
    let environment = || std::fs::read(format!("/proc/{}/environ", child.id())).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while mark.is_some() && environment().is_empty() {
        assert!(Instant::now() < deadline, "it is never shown");
        std::thread::yield_now();
    }
    child
}
