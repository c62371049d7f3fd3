//! The real daemon, in a directory of its own.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The one that was built with the bench; `CCMON_PROGRAMS=DIR` takes another.
fn program() -> PathBuf {
    let other = std::env::var_os("CCMON_PROGRAMS").map(|dir| Path::new(&dir).join("ccmon"));
    other.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_ccmon")))
}

/// A daemon that ends, with its directory, when this is dropped.
pub struct Daemon {
    /// State, settings and socket.
    pub dir: PathBuf,
    child: Child,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already; the directory is ours to remove.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
        let _ = fs::remove_dir_all(journal(&self.dir));
    }
}

impl Daemon {
    /// Starts one below `parent`, and waits until it answers.
    pub fn start(parent: &Path) -> io::Result<Self> {
        let dir = parent.join(format!("ccmon-bench-{}", std::process::id()));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        let child = ccmon(&dir, "daemon").spawn()?;
        let mut daemon = Self { dir, child };
        while !ccmon(&daemon.dir, "status").status()?.success() {
            if let Some(ended) = daemon.child.try_wait()? {
                return Err(io::Error::other(format!("the daemon did not start: {ended}")));
            }
        }
        Ok(daemon)
    }

    /// Starts one on the disk that the build is on: a temporary directory may be memory.
    pub fn on_disk() -> io::Result<Self> {
        Self::start(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
    }

    /// Runs `ccmon` with these words, as its user would.
    pub fn run(&self, words: &[&str]) -> io::Result<()> {
        let (verb, rest) = words.split_first().ok_or_else(|| io::Error::other("no verb"))?;
        let status = ccmon(&self.dir, verb).args(rest).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("{words:?}: {status}"))) }
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        socket(&self.dir)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The states of the sessions that it lists.
    pub fn sessions(&self) -> io::Result<Vec<String>> {
        let output = ccmon(&self.dir, "list").args(["--all", "--json"]).stdout(Stdio::piped()).output()?;
        let said: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let all = said["sessions"].as_array().cloned().unwrap_or_default();
        Ok(all.iter().filter_map(|session| Some(session["state"].as_str()?.to_owned())).collect())
    }

    /// How many events of hooks are stored, and how many bytes the database has.
    pub fn stored(&self) -> io::Result<(u64, u64)> {
        // Whoever looks sees what hooks were told is kept: the last of it is in the database then.
        ccmon(&self.dir, "status").status()?;
        let path = self.dir.join("state/ccmon.db");
        let count = rusqlite::Connection::open(&path)
            .and_then(|db| db.query_row("SELECT count(hook_id) FROM events", [], |row| row.get::<_, i64>(0)));
        let count = count.map_err(io::Error::other)?;
        Ok((count.unsigned_abs(), fs::metadata(path)?.len()))
    }
}

fn socket(dir: &Path) -> PathBuf {
    dir.join("door.sock")
}

/// In memory, as where it is for users; this directory may be on a disk.
fn journal(dir: &Path) -> PathBuf {
    Path::new("/dev/shm").join(dir.file_name().unwrap_or_default())
}

fn ccmon(dir: &Path, verb: &str) -> Command {
    let mut command = Command::new(program());
    command
        .arg(verb)
        .env("HOME", dir)
        .env("CCMON_SOCKET", socket(dir))
        .env("CCMON_STATE_DIR", dir.join("state"))
        .env("CCMON_CONFIG_DIR", dir.join("config"))
        .env("CCMON_JOURNAL_DIR", journal(dir))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}
