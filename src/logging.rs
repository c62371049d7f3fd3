//! The daemon's log: `daemon.log`, rotated at 10 MB, three kept. An ERROR in it is always a bug or
//! a broken machine; WARN is something a user may want to mend; INFO is what happened.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::paths::open_own;

/// Size at which a log is set aside, in bytes.
const LARGEST: u64 = 10 * 1024 * 1024;
/// How many set-aside logs are kept.
const KEPT: u32 = 2;

/// Starts logging to `path`; `CCMON_LOG` sets the level (`info` unless told).
///
/// # Errors
/// When the file cannot be opened.
pub fn to_file(path: &Path) -> Result<()> {
    let filter = EnvFilter::try_from_env("CCMON_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let file = Rotating::open(path).with_context(|| format!("cannot write to {}: move it away", path.display()))?;
    let log = Log(Mutex::new(file));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_target(false).with_writer(log);
    // A second daemon in one process (tests) goes on with the first one's log.
    let _ = subscriber.try_init();
    Ok(())
}

struct Log(Mutex<Rotating>);

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.0)
    }
}

struct Line<'a>(&'a Mutex<Rotating>);

impl Write for Line<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Rotating {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Rotating {
    fn open(path: &Path) -> io::Result<Self> {
        let file = open_own(path, OpenOptions::new().append(true).create(true))?;
        let size = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, size })
    }

    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.size + text.len() as u64 > LARGEST {
            self.rotate()?;
        }
        self.file.write_all(text)?;
        self.size += text.len() as u64;
        Ok(text.len())
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..KEPT).rev() {
            // The older one may not be there yet.
            let _ = std::fs::rename(self.numbered(number), self.numbered(number + 1));
        }
        std::fs::rename(&self.path, self.numbered(1))?;
        *self = Self::open(&self.path)?;
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_set_aside_and_three_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("daemon.log");
        let mut log = Rotating::open(&path).unwrap();
        for _ in 0..5 {
            log.write(&vec![b'x'; LARGEST as usize - 10]).unwrap();
            log.write(b"last line of it").unwrap();
        }
        let mut names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["daemon.log", "daemon.log.1", "daemon.log.2"]);
    }
}
