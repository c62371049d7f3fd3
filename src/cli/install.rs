//! `ccmon install` and `ccmon uninstall`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use similar::TextDiff;

use super::output::{line, visible};
use super::tmux_keys;
use crate::claude::installed::{self, Installed};
use crate::claude::settings::change::{Change, Verb, change};
use crate::claude::settings::command::PROGRAM;
use crate::claude::settings::events::{NEWER_SINCE, for_client};
use crate::claude::settings::inspect::{forbidden_by, inspect};
use crate::claude::settings::plan::Wanted;
use crate::paths::Paths;

/// Where an administrator's settings are, which win over the user's own.
pub const MANAGED: &str = "/etc/claude-code/managed-settings.json";

/// Put ccmon's hooks into Claude Code's settings
#[derive(Debug, clap::Args)]
pub struct Install {
    /// Only watch: never hold a permission request for an answer
    #[arg(long)]
    no_approval: bool,
    /// Print two key bindings for tmux: the next session that needs you, and the dashboard
    #[arg(long, conflicts_with_all = ["no_approval", "settings", "dry_run"])]
    tmux: bool,
    /// With --tmux: put them into tmux's configuration
    #[arg(long, requires = "tmux")]
    write: bool,
    #[command(flatten)]
    common: Common,
}

/// Take ccmon's hooks out of Claude Code's settings
#[derive(Debug, clap::Args)]
pub struct Uninstall {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Another settings file than Claude Code's own
    #[arg(long, value_name = "PATH")]
    settings: Option<PathBuf>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub fn install(args: &Install) -> Result<ExitCode> {
    if args.tmux {
        return tmux_keys::install(args.write);
    }
    let clients = installed::find();
    let oldest = installed::oldest(&clients);
    let program = hook_program()?;
    let wanted = Wanted { program, hold: !args.no_approval, events: for_client(oldest) };
    let change = args.common.carry_out(Verb::Install(&wanted))?;
    if args.common.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    line(&match change.is_none() {
        true => format!("The hooks are in {} already.", change.path.display()),
        false => format!("{} hooks are in {}.", wanted.events.len(), change.path.display()),
    });
    line(&about_clients(&clients));
    if !change.is_none() {
        line("Sessions that run already have them within two seconds.");
    }
    warn(&change.path);
    Ok(ExitCode::SUCCESS)
}

pub fn uninstall(args: &Uninstall) -> Result<ExitCode> {
    let change = args.common.carry_out(Verb::Uninstall)?;
    if !args.common.dry_run {
        let path = change.path.display();
        line(&if change.is_none() {
            format!("No hooks of ccmon are in {path}.")
        } else {
            format!("The hooks are out of {path}.")
        });
    }
    if args.common.settings.is_none()
        && let Some(path) = tmux_keys::uninstall(args.common.dry_run)?
    {
        let tense = if args.common.dry_run { "would go" } else { "are" };
        line(&format!("The key bindings {tense} out of {}.", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

impl Common {
    fn carry_out(&self, verb: Verb<'_>) -> Result<Change> {
        let path = self.settings.clone().map_or_else(settings_path, Ok)?;
        let state = Paths::find().ok().map(|paths| paths.state);
        let change = change(&path, state.as_deref(), verb, self.dry_run);
        let change = change.with_context(|| format!("{} is left as it is", path.display()))?;
        if self.dry_run {
            show(&change);
        }
        if let Some(backup) = &change.backup {
            line(&format!("What was there before is kept as {}.", backup.display()));
        }
        if let Some(warning) = &change.warning {
            line(&format!("Note: {}", visible(warning)));
        }
        Ok(change)
    }
}

/// Claude Code's own settings of this user.
///
/// # Errors
/// When neither `CLAUDE_CONFIG_DIR` nor `HOME` says where.
pub fn settings_path() -> Result<PathBuf> {
    // Empty, it would name whatever directory this is run in.
    let named = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|directory| !directory.is_empty()).map(PathBuf::from);
    let usual = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".claude"));
    let directory = named.or_else(usual).context("HOME is not set: name the file with --settings")?;
    Ok(directory.join("settings.json"))
}

/// The hook beside this program, else the one in `PATH`.
fn hook_program() -> Result<String> {
    let own = std::env::current_exe().context("cannot tell where ccmon itself is installed")?;
    let beside = Some(own.with_file_name(PROGRAM)).filter(|program| installed::is_program(program));
    let Some(program) = beside.or_else(|| installed::in_path(PROGRAM)) else {
        bail!(
            "{PROGRAM} is neither beside {} nor in PATH: it comes with ccmon, or `cargo build -p {PROGRAM}` builds it",
            own.display()
        );
    };
    program.into_os_string().into_string().ok().context("the hook's path is not UTF-8: install ccmon elsewhere")
}

fn show(change: &Change) {
    let (before, after) = (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
    let name = change.path.display().to_string();
    if change.is_none() {
        return line(&format!("{name} would stay as it is."));
    }
    let side = |text: &Option<String>| text.as_ref().map_or("/dev/null", |_| &name);
    let diff = TextDiff::from_lines(before, after);
    let diff = diff.unified_diff().header(side(&change.before), side(&change.after)).to_string();
    for diff_line in diff.lines() {
        // Tabs indent many people's settings.
        let parts: Vec<String> = diff_line.split('\t').map(visible).collect();
        line(&parts.join("\t"));
    }
}

fn about_clients(clients: &[Installed]) -> String {
    if clients.is_empty() {
        return "No `claude` was found, so only the events that every version knows are registered.".into();
    }
    let told = clients.iter().map(|client| match client.version {
        Some(version) => format!("{version} ({})", client.path.display()),
        None => format!("one that does not tell its version ({})", client.path.display()),
    });
    let told = format!("Claude Code {}.", told.collect::<Vec<_>>().join(", "));
    match installed::oldest(clients) {
        Some(oldest) if oldest >= NEWER_SINCE => told,
        Some(oldest) => format!("{told} Only the events that {oldest}, the oldest, is sure to know are registered."),
        None => format!("{told} So only the events that every version knows are registered."),
    }
}

fn warn(path: &Path) {
    if inspect(path).disabled {
        line("Note: `disableAllHooks` stands in that file, so Claude Code runs none of them: remove it.");
    }
    if let Some(why) = forbidden_by(Path::new(MANAGED)) {
        line(&format!("Note: {MANAGED} wins over your settings, and there {why}."));
    }
}
