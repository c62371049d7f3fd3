//! Watches that wait in the kernel: the end of a process, and the client's own files.

use std::os::fd::OwnedFd;
use std::time::Duration;

use ccmon_hook::proc::Stat;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::sync::mpsc;

use super::changes::readable;
use super::files::{Files, Task};
use crate::core::{Input, ProcessId, SessionKey};

/// How often a process is looked at that cannot be waited for.
const AGAIN: Duration = Duration::from_secs(1);

/// Starts watches; each sends what it sees to the engine.
#[derive(Clone)]
pub struct Watches {
    inputs: mpsc::Sender<Input>,
    /// Apart from each other: a transcript may lie where nobody answers.
    statuses: Files,
    transcripts: Files,
}

impl Watches {
    /// Watches that report to `inputs`.
    ///
    /// # Errors
    /// When the system has no pipe or thread left.
    pub fn new(inputs: mpsc::Sender<Input>) -> std::io::Result<Self> {
        Ok(Self { statuses: Files::start(inputs.clone())?, transcripts: Files::start(inputs.clone())?, inputs })
    }

    /// Says when a process is gone; at once when it is.
    pub fn process(&self, process: ProcessId) {
        let inputs = self.inputs.clone();
        tokio::spawn(async move {
            until_gone(process).await;
            let _ = inputs.send(Input::ProcessGone(process)).await;
        });
    }

    /// Follows the status files of a config directory.
    pub fn config(&self, directory: String) {
        self.statuses.tell(Task::Config(directory.into()));
    }

    /// Follows the transcript of a session.
    pub fn transcript(&self, session: SessionKey, path: String) {
        self.transcripts.tell(Task::Follow(session, path.into()));
    }

    /// Follows it no longer.
    pub fn forget(&self, session: SessionKey) {
        self.transcripts.tell(Task::Unfollow(session));
    }
}

async fn until_gone(process: ProcessId) {
    if let Some(handle) = open(process).and_then(|handle| readable(handle).ok()) {
        // The handle may have been taken of a later process with the same number.
        if !is_alive(process) {
            return;
        }
        let _ = handle.readable().await;
    }
    // Without a handle (an old kernel, no descriptor left) there is nothing to wait on. Not knowing is no
    // reason to call a living session ended.
    while is_alive(process) {
        tokio::time::sleep(AGAIN).await;
    }
}

/// A handle that becomes readable when the process ends.
fn open(process: ProcessId) -> Option<OwnedFd> {
    let pid = Pid::from_raw(i32::try_from(process.pid).ok()?)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

/// Whether that very process lives.
#[must_use]
pub fn is_alive(process: ProcessId) -> bool {
    Stat::read(process.pid).is_some_and(|stat| stat.start == process.start)
}
