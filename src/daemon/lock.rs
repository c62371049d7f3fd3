//! One daemon per user.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::fs::{FlockOperation, flock};

use crate::paths::open_own;

/// Held as long as the daemon runs; the kernel lets go of it when the process dies, however.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Who holds the lock, in words for people.
#[derive(Debug, thiserror::Error)]
#[error(
    "ccmon is already running ({0}). `ccmon status` asks it; stop that one first, or start `ccmon-tray`, which takes over"
)]
pub struct Held(pub String);

/// Takes the lock, waiting for at most `patience` for somebody who is leaving.
///
/// # Errors
/// [`Held`] when another daemon keeps it; others when the file cannot be made.
pub async fn take(path: &Path, program: &str, patience: Duration) -> Result<Lock> {
    let opened = open_own(path, OpenOptions::new().read(true).write(true).create(true).truncate(false));
    let mut file = opened.with_context(|| format!("cannot use {} as the lock: move it away", path.display()))?;
    let deadline = tokio::time::Instant::now() + patience;
    while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        if tokio::time::Instant::now() >= deadline {
            return Err(Held(holder(&mut file)).into());
        }
        // Nothing tells when a lock is let go; this runs only while one daemon follows another.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{program}, process {}", std::process::id())?;
    Ok(Lock { _file: file })
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(200).read_to_string(&mut text);
    if read.is_ok() && !text.is_empty() { text } else { "by a process that did not say its name".into() }
}
