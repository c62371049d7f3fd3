//! Watches that wait in the kernel: the end of a process, and the client's own status files.

use std::collections::BTreeSet;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ccmon_hook::proc::Stat;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::sync::mpsc;

use super::changes::{Changes, readable};
use crate::claude::session_file;
use crate::core::{Client, Input, ProcessId};

/// Starts watches; each sends what it sees to the engine.
#[derive(Clone, Debug)]
pub struct Watches {
    inputs: mpsc::Sender<Input>,
    directories: std::sync::Arc<std::sync::Mutex<BTreeSet<PathBuf>>>,
}

impl Watches {
    /// Watches that report to `inputs`.
    #[must_use]
    pub fn new(inputs: mpsc::Sender<Input>) -> Self {
        Self { inputs, directories: std::sync::Arc::default() }
    }

    /// Says when a process is gone; at once when it is.
    pub fn process(&self, process: ProcessId) {
        let inputs = self.inputs.clone();
        tokio::spawn(async move {
            if let Some(Ok(handle)) = open(process).map(readable) {
                let _ = handle.readable().await;
            }
            let _ = inputs.send(Input::ProcessGone(process)).await;
        });
    }

    /// Follows the status files of a config directory, once.
    pub fn config(&self, directory: &str) {
        let sessions = Path::new(directory).join("sessions");
        let mut known = self.directories.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !sessions.is_dir() || !known.insert(sessions.clone()) {
            return;
        }
        let (inputs, directories) = (self.inputs.clone(), std::sync::Arc::clone(&self.directories));
        tokio::spawn(async move {
            if let Err(error) = follow(&sessions, &inputs).await {
                tracing::warn!("no longer following {}: {error}", sessions.display());
            }
            // A directory that was removed may come back with the next session.
            directories.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&sessions);
        });
    }
}

/// A handle on the very process that is meant, or `None` when it is gone.
fn open(process: ProcessId) -> Option<OwnedFd> {
    let pid = Pid::from_raw(i32::try_from(process.pid).ok()?)?;
    let handle = pidfd_open(pid, PidfdFlags::NONBLOCK).ok()?;
    is_alive(process).then_some(handle)
}

fn is_alive(process: ProcessId) -> bool {
    Stat::read(process.pid).is_some_and(|stat| stat.start == process.start)
}

async fn follow(directory: &Path, inputs: &mpsc::Sender<Input>) -> std::io::Result<()> {
    let mut changes = Changes::of(directory)?;
    for entry in std::fs::read_dir(directory)?.flatten() {
        report(&entry.path(), inputs).await;
    }
    loop {
        let changed = changes.next().await?;
        for name in changed.names {
            report(&directory.join(name), inputs).await;
        }
        if changed.gone {
            return Ok(());
        }
    }
}

async fn report(path: &Path, inputs: &mpsc::Sender<Input>) {
    if let Some(client) = read(path).filter(|client| is_alive(client.process)) {
        let _ = inputs.send(Input::Client(client)).await;
    }
}

/// Reads `PID.json`: a small regular file of ours, and no other. (A `.key` file beside it is secret.)
fn read(path: &Path) -> Option<Client> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".json")?;
    let pid: u32 = stem.parse().ok()?;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).ok()?;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    let found = file.metadata().ok()?;
    if !found.is_file() || found.uid() != rustix::process::getuid().as_raw() || found.len() > session_file::LARGEST {
        return None;
    }
    let mut text = String::new();
    file.take(session_file::LARGEST).read_to_string(&mut text).ok()?;
    session_file::read(&text).filter(|client| client.process.pid == pid)
}
