//! Watches that wait in the kernel: the end of a process, and the client's own files.

use std::os::fd::OwnedFd;

use ccmon_hook::proc::Stat;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::sync::mpsc;

use super::changes::readable;
use super::files::{Files, Task};
use crate::core::{Input, ProcessId, SessionKey};

/// Starts watches; each sends what it sees to the engine.
#[derive(Clone)]
pub struct Watches {
    inputs: mpsc::Sender<Input>,
    files: Files,
}

impl Watches {
    /// Watches that report to `inputs`.
    ///
    /// # Errors
    /// When the system has no inotify instance left.
    pub fn new(inputs: mpsc::Sender<Input>) -> std::io::Result<Self> {
        Ok(Self { files: Files::start(inputs.clone())?, inputs })
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

    /// Follows the status files of a config directory.
    pub fn config(&self, directory: String) {
        self.files.tell(Task::Config(directory.into()));
    }

    /// Follows the transcript of a session.
    pub fn transcript(&self, session: SessionKey, path: String) {
        self.files.tell(Task::Follow(session, path.into()));
    }

    /// Follows it no longer.
    pub fn forget(&self, session: SessionKey) {
        self.files.tell(Task::Unfollow(session));
    }
}

/// A handle on the very process that is meant, or `None` when it is gone.
fn open(process: ProcessId) -> Option<OwnedFd> {
    let pid = Pid::from_raw(i32::try_from(process.pid).ok()?)?;
    let handle = pidfd_open(pid, PidfdFlags::NONBLOCK).ok()?;
    is_alive(process).then_some(handle)
}

/// Whether that very process lives.
#[must_use]
pub fn is_alive(process: ProcessId) -> bool {
    Stat::read(process.pid).is_some_and(|stat| stat.start == process.start)
}
