//! `ccmon tray`: becomes `ccmon-tray`, the program beside this one.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;

pub fn run() -> anyhow::Result<ExitCode> {
    let program = program()?;
    let error = Command::new(&program).exec();
    Err(error).with_context(|| missing(&program))
}

/// The tray's program: beside our own, else somewhere on PATH.
pub fn program() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("cannot tell where ccmon itself is installed")?;
    let beside = own.with_file_name("ccmon-tray");
    Ok(if beside.is_file() { beside } else { PathBuf::from("ccmon-tray") })
}

/// What is said when it cannot be started.
pub fn missing(program: &Path) -> String {
    format!("cannot start {}: it comes with ccmon's desktop package", program.display())
}
