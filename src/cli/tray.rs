//! `ccmon tray`: becomes `ccmon-tray`, the program beside this one.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Context;

pub fn run() -> anyhow::Result<ExitCode> {
    let own = std::env::current_exe().context("cannot tell where ccmon itself is installed")?;
    let beside = own.with_file_name("ccmon-tray");
    let program = if beside.is_file() { beside } else { PathBuf::from("ccmon-tray") };
    let error = Command::new(&program).exec();
    Err(error).with_context(|| format!("cannot start {}: it comes with ccmon's desktop package", program.display()))
}
