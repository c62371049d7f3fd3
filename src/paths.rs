//! Where ccmon keeps things. The hook finds the same places by the same code.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
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
    /// What is on its way into the database; none where the system has no directory in memory for us.
    pub journal: Option<PathBuf>,
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
        // Not beside the socket: that directory is mounted into containers.
        let memory = runtime().map(|run| run.join("ccmon-journal"));
        let journal =
            std::env::var_os("CCMON_JOURNAL_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute()).or(memory);
        Ok(Self { state, config, socket, journal })
    }

    /// Creates the directories, 0700, and makes the socket's place in the run-time directory
    /// when there is one, so that hooks look for it there.
    ///
    /// # Errors
    /// When a directory cannot be made, or is not ours alone.
    pub fn create(&mut self) -> Result<()> {
        own_directory(&self.state)?;
        own_directory(&self.config)?;
        let run = runtime().filter(|_| std::env::var_os("CCMON_SOCKET").is_none()).map(|run| run.join("ccmon"));
        if let Some(run) = run.filter(|run| own_directory(run).is_ok()) {
            self.socket = run.join("ccmon.sock");
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

/// The directory that the system keeps in memory for this user, where it does.
fn runtime() -> Option<PathBuf> {
    let run = PathBuf::from(format!("/run/user/{}", rustix::process::getuid().as_raw()));
    run.is_dir().then_some(run)
}

/// Makes `dir`, with its parents, and insists that it is a directory of ours, 0700.
///
/// # Errors
/// When it cannot be made, is a link, or is somebody else's.
pub fn own_directory(dir: &Path) -> Result<()> {
    if let Some(parent) = dir.parent() {
        // Whoever may write there could put another directory in the place of ours.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(parent);
        made.with_context(|| format!("cannot create {}", parent.display()))?;
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
        let private = Permissions::from_mode(0o700);
        std::fs::set_permissions(dir, private).with_context(|| format!("cannot make {} private", dir.display()))?;
    }
    Ok(())
}

/// Opens a file that is ours alone, and is made so where the options make it: nothing at the end of a link, no FIFO, which
/// would be waited for, nobody else's, and none that has another name as well.
///
/// # Errors
/// When it cannot be opened, or is something else.
pub fn open_own(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = options.mode(0o600).custom_flags(flags.bits().cast_signed()).open(path)?;
    let found = file.metadata()?;
    if found.is_file() && is_ours(&found) && found.nlink() == 1 {
        return Ok(file);
    }
    Err(io::Error::other("it is not a file of yours alone"))
}

/// What we make is ours to read and write, whatever the umask says of that; what it says of others stays. To be called
/// before there are threads.
pub fn own_what_we_make() {
    use rustix::fs::Mode;
    let before = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    rustix::process::umask(before - Mode::RWXU);
}

/// Whether a file belongs to the user we run as.
#[must_use]
pub fn is_ours(found: &Metadata) -> bool {
    found.uid() == rustix::process::getuid().as_raw()
}
