//! What a program asks of the kernel, by strace(1).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program under observation: its own command, and where its calls are written.
pub struct Watched {
    /// To be started in the place of the program.
    pub command: Command,
    written: PathBuf,
}

/// Has a command watched; only these calls are written down.
pub fn watched(command: &Command, calls: &str, written: &Path) -> Watched {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-yy", "-s", "4096", "-e", &format!("trace={calls}"), "-e", "signal=none", "-o"]);
    strace.arg(written).arg(command.get_program()).args(command.get_args()).env_clear();
    strace.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Watched { command: strace, written: written.to_owned() }
}

impl Watched {
    /// The calls so far, one a line.
    pub fn calls(&self) -> Vec<String> {
        let text = fs::read(&self.written).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
    }
}

/// Whether there is one.
pub fn is_there() -> bool {
    Command::new("strace").arg("-V").output().is_ok_and(|said| said.status.success())
}

/// Why a case is not tried without it.
pub fn missing() -> crate::suite::Verdict {
    crate::suite::Verdict::Skipped("strace is not installed".to_owned())
}
