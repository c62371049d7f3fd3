//! Where ccmon keeps things. The hook finds the same places by the same code.

use std::fs::{DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The places of one user's ccmon.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Database, tokens, logs and spool.
    pub state: PathBuf,
    /// `config.toml`.
    pub config: PathBuf,
    /// The Unix socket.
    pub socket: PathBuf,
}

impl Paths {
    /// Works them out from uid and environment; creates nothing.
    ///
    /// # Errors
    /// When neither `HOME` nor `CCMON_STATE_DIR` says where.
    pub fn find() -> Result<Self> {
        let state = ccmon_hook::paths::state_dir();
        let state = state.context("HOME is not set: set it, or CCMON_STATE_DIR, to say where ccmon keeps its state")?;
        let home_config = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config/ccmon"));
        let config = std::env::var_os("CCMON_CONFIG_DIR").map(PathBuf::from).or_else(home_config);
        let config = config.unwrap_or_else(|| state.clone());
        let socket = ccmon_hook::paths::socket_path().unwrap_or_else(|| state.join("ccmon.sock"));
        Ok(Self { state, config, socket })
    }

    /// Creates the directories, 0700, and makes the socket's place in the run-time directory
    /// when there is one, so that hooks look for it there.
    ///
    /// # Errors
    /// When a directory cannot be made, or is not ours alone.
    pub fn create(&mut self) -> Result<()> {
        own_directory(&self.state)?;
        own_directory(&self.config)?;
        let run = PathBuf::from(format!("/run/user/{}", rustix::process::getuid().as_raw()));
        if std::env::var_os("CCMON_SOCKET").is_none() && run.is_dir() && own_directory(&run.join("ccmon")).is_ok() {
            self.socket = run.join("ccmon/ccmon.sock");
        }
        Ok(())
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.state.join("ccmon.db")
    }

    /// Held by the one daemon.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.state.join("lock")
    }

    /// The daemon's log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.state.join("daemon.log")
    }
}

/// Makes `dir`, with its parents, and insists that it is a directory of ours, 0700.
///
/// # Errors
/// When it cannot be made, is a link, or is somebody else's.
pub fn own_directory(dir: &Path) -> Result<()> {
    if let Some(parent) = dir.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    }
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("cannot create {}", dir.display()));
        }
        _ => {}
    }
    let found = std::fs::symlink_metadata(dir).with_context(|| format!("cannot look at {}", dir.display()))?;
    if !found.is_dir() || !is_ours(&found) {
        bail!("{} is not a directory of yours: move it away, ccmon makes its own", dir.display());
    }
    if found.mode() & 0o077 != 0 {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(dir, private).with_context(|| format!("cannot make {} private", dir.display()))?;
    }
    Ok(())
}

/// Whether a file belongs to the user we run as.
#[must_use]
pub fn is_ours(found: &Metadata) -> bool {
    found.uid() == rustix::process::getuid().as_raw()
}
