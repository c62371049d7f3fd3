//! Watches that wait in the kernel: the end of a process, and the client's own status files.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ccmon_hook::proc::Stat;
use inotify::{EventMask, Inotify, WatchMask};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

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
            if let Some(handle) = open(process) {
                let ended = AsyncFd::register(handle);
                if let Ok(ended) = ended {
                    let _ = ended.readable().await;
                }
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
    let inotify = Inotify::init()?;
    let mask = WatchMask::MODIFY
        | WatchMask::CLOSE_WRITE
        | WatchMask::MOVED_TO
        | WatchMask::DELETE_SELF
        | WatchMask::ONLYDIR;
    inotify.watches().add(directory, mask)?;
    for entry in std::fs::read_dir(directory)?.flatten() {
        report(&entry.path(), inputs).await;
    }
    let mut inotify = AsyncFd::register(inotify)?;
    loop {
        let (names, gone) = changes(&mut inotify).await?;
        for name in names {
            report(&directory.join(name), inputs).await;
        }
        if gone {
            return Ok(());
        }
    }
}

/// Waits for changes: the names of changed files, each once, and whether the directory went away.
async fn changes(inotify: &mut AsyncFd<Inotify>) -> std::io::Result<(BTreeSet<OsString>, bool)> {
    let mut buffer = [0; 4096];
    let mut ready = inotify.readable_mut().await?;
    let (mut names, mut gone) = (BTreeSet::new(), false);
    match ready.get_inner_mut().read_events(&mut buffer) {
        Ok(events) => {
            for event in events {
                gone |= event.mask.contains(EventMask::DELETE_SELF);
                names.extend(event.name.map(ToOwned::to_owned));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => ready.clear_ready(),
        Err(error) => return Err(error),
    }
    Ok((names, gone))
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
