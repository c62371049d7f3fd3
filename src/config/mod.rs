//! `config.toml`: what the user may set. The commented default is the documentation.
//!
//! [`check`] says what may stand there, [`edit`] changes the text of the file and keeps all else in it. Who reads
//! the file while the daemon runs, and writes it, is `daemon::settings`.

pub mod check;
pub mod edit;

use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::core::{By, Limits};
use crate::paths::is_ours;
use check::{LONGEST_HOLD, LONGEST_SUBAGENT_HOLD};

/// The commented default, written where there is no file yet.
pub const DEFAULT: &str = include_str!("../../assets/config.toml");
/// The file's name in the config directory.
pub const FILE: &str = "config.toml";
/// In `popup.monitor`: the one that the desktop calls the first,
pub const PRIMARY: &str = "primary";
/// or the one that the pointer is on.
pub const POINTER: &str = "pointer";
/// The variable that wins over `sessions.stuck_after`.
pub const STUCK_VARIABLE: &str = "CCMON_STUCK_THRESHOLD_S";

/// The user's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How requests are held.
    pub approvals: Approvals,
    /// What counts as stuck.
    pub sessions: Sessions,
    /// How the user is taken to a terminal.
    pub jump: Jump,
    /// Where and when the popup comes.
    pub popup: Popup,
    /// The TCP door.
    pub web: Web,
    /// Keys that work in every program.
    pub shortcut: Shortcut,
    /// What is said on the desktop, and how.
    pub notifications: Notifications,
    /// When nothing is said on the desktop.
    pub quiet: Quiet,
    /// Summaries of sessions, written by `claude -p`.
    pub summaries: Summaries,
    /// How much of the past is kept.
    pub retention: Retention,
    /// What is told to a collector of OpenTelemetry.
    pub otlp: Otlp,
}

/// What is told to a collector of OpenTelemetry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Otlp {
    /// Where it listens, on this machine; nothing is told when empty.
    pub endpoint: String,
    /// The file with the headers that it wants, if any.
    pub headers_file: String,
    /// Whether it is told what was said as well: prompts, commands, results.
    pub content: bool,
}

/// What is said on the desktop, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// A permission waits.
    pub approval: Channel,
    /// A question or a plan waits.
    pub question: Channel,
    /// Claude stopped, and nobody has looked.
    pub finished: Channel,
    /// A turn ended in an API error.
    pub failed: Channel,
    /// A working session has been silent for too long.
    pub stuck: Channel,
    /// Also of requests that the popup shows at the same time.
    pub beside_popup: bool,
}

/// How one sort of thing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channel {
    /// Whether it is said at all.
    pub on: bool,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Name of a sound of the desktop's sound theme; none when empty.
    /// <https://specifications.freedesktop.org/sound-naming-spec/latest/>
    pub sound: String,
}

/// How pressing a notification is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// May be missed.
    Low,
    /// As others.
    #[default]
    Normal,
    /// Stays until it is dealt with.
    Critical,
}

/// When nothing is said on the desktop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quiet {
    /// Whether there are such hours.
    pub on: bool,
    /// When they begin, every day, local time: `22:00`.
    pub from: String,
    /// When they end; past midnight when earlier than `from`.
    pub to: String,
}

/// Summaries of sessions, written by `claude -p`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Summaries {
    /// Whether any is ever asked for: each costs tokens.
    pub on: bool,
    /// Minutes after which that of a working session is written anew by itself; never, when 0.
    pub refresh: u64,
    /// Most that are written at the same time.
    pub at_once: u64,
}

/// How much of the past is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days after which an ended session and its events go; never, when 0.
    pub days: u64,
    /// Megabytes of database from which on the oldest ended sessions go; never, when 0.
    pub size_mb: u64,
    /// Days after which a line of the audit log goes; never, when 0.
    pub audit_days: u64,
}

/// How requests are held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Approvals {
    /// Seconds until a request is handed to the terminal.
    pub hold: u64,
    /// The same for a sub-agent's.
    pub subagent_hold: u64,
    /// From where people may decide; from anywhere, when empty.
    pub decide_from: Vec<By>,
}

/// What counts as stuck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// Seconds of silence after which a working session counts as stuck; never, when 0.
    pub stuck_after: u64,
}

/// How the user is taken to a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jump {
    /// The terminal program, with the arguments that come before a command; the usual ones when empty.
    pub terminal: Vec<String>,
}

/// Where and when the popup comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Popup {
    /// In which corner.
    pub corner: Corner,
    /// Of which monitor: `primary`, `pointer` for the one the pointer is on, or its name.
    pub monitor: String,
    /// None for the requests of a session whose terminal has the focus.
    pub quiet_when_focused: bool,
    /// Also where a window fills the monitor.
    pub over_fullscreen: bool,
    /// Seconds for which its window is kept ready when no session works.
    pub keep_s: u64,
}

/// A corner of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Corner {
    /// Lower right.
    #[default]
    BottomRight,
    /// Lower left.
    BottomLeft,
    /// Upper right.
    TopRight,
    /// Upper left.
    TopLeft,
}

impl Corner {
    /// Whether it is one of the upper two.
    #[must_use]
    pub fn is_top(self) -> bool {
        matches!(self, Self::TopRight | Self::TopLeft)
    }

    /// Whether it is one of the left two.
    #[must_use]
    pub fn is_left(self) -> bool {
        matches!(self, Self::BottomLeft | Self::TopLeft)
    }
}

/// Keys that work in every program; none when empty. See [`crate::shortcut::keys`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shortcut {
    /// To the session that needs the user most.
    pub next: String,
    /// The popup, or none.
    pub popup: String,
}

/// The TCP door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Whether it is open.
    pub enabled: bool,
    /// The port to try first.
    pub port: u16,
}

impl Default for Approvals {
    fn default() -> Self {
        Self { hold: LONGEST_HOLD, subagent_hold: LONGEST_SUBAGENT_HOLD, decide_from: Vec::new() }
    }
}

impl Default for Popup {
    fn default() -> Self {
        let (corner, monitor) = (Corner::default(), PRIMARY.to_owned());
        Self { corner, monitor, quiet_when_focused: true, over_fullscreen: false, keep_s: 600 }
    }
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            approval: Channel { on: true, ..Channel::default() },
            question: Channel { on: true, ..Channel::default() },
            finished: Channel { urgency: Urgency::Low, ..Channel::default() },
            failed: Channel { on: true, ..Channel::default() },
            stuck: Channel { on: true, ..Channel::default() },
            beside_popup: false,
        }
    }
}

impl Default for Quiet {
    fn default() -> Self {
        Self { on: false, from: "22:00".into(), to: "07:30".into() }
    }
}

impl Default for Summaries {
    fn default() -> Self {
        Self { on: false, refresh: 0, at_once: 2 }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 90, size_mb: 2_048, audit_days: 0 }
    }
}

impl Default for Web {
    fn default() -> Self {
        Self { enabled: true, port: 7777 }
    }
}

impl Config {
    /// Reads `directory/config.toml`, after writing the default there when there is none.
    ///
    /// # Errors
    /// When the file cannot be read, or says something we do not understand; with the line.
    pub fn load(directory: &Path) -> Result<Self> {
        let found = Self::find(directory)?;
        if found.is_none() {
            let path = directory.join(FILE);
            // Settings that cannot be written are no reason not to run.
            if let Err(error) = write_new(&path) {
                tracing::warn!("cannot write the default settings to {}: {error}", path.display());
            }
        }
        Ok(found.unwrap_or_default())
    }

    /// Reads `directory/config.toml`; none when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read, or says something we do not understand; with the line.
    pub fn find(directory: &Path) -> Result<Option<Self>> {
        let path = directory.join(FILE);
        is_trusted(&path)?;
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map(Some).with_context(|| mistaken(&path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// What the environment says of how long silence has to last, in seconds.
    #[must_use]
    pub fn stuck_override() -> Option<u64> {
        std::env::var(STUCK_VARIABLE).ok().and_then(|text| text.trim().parse().ok())
    }

    /// Silence that counts as stuck, in seconds: the environment's word wins over the file's.
    fn stuck_after(&self) -> u64 {
        Self::stuck_override().unwrap_or(self.sessions.stuck_after)
    }

    /// What the core has to know.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            hold_ms: self.approvals.hold * 1_000,
            subagent_hold_ms: self.approvals.subagent_hold * 1_000,
            stuck_ms: Some(self.stuck_after()).filter(|s| *s > 0).map(|s| s.saturating_mul(1_000)),
            decide_from: self.approvals.decide_from.clone(),
        }
    }
}

/// Refuses what lies in the place of the settings and is not what the user wrote there, links followed.
///
/// # Errors
/// When it is no file, another user's, or a link to nothing: the settings are then not the usual ones.
pub fn is_trusted(path: &Path) -> Result<()> {
    let shown = path.display();
    match std::fs::metadata(path) {
        // A FIFO would be waited for.
        Ok(found) if !found.is_file() => bail!("{shown} is not a file: move it away"),
        // They may name programs. Root's are the administrator's.
        Ok(found) if !is_ours(&found) && found.uid() != 0 => bail!("{shown} belongs to another user: move it away"),
        Err(_) if path.is_symlink() => bail!("{shown} is a link to nothing: mend it, or move it away"),
        _ => Ok(()),
    }
}

/// What is said of a file that cannot be used.
#[must_use]
pub fn mistaken(path: &Path) -> String {
    format!("{} has a mistake: correct it, or move it away", path.display())
}

fn write_new(path: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(DEFAULT.as_bytes())
}
