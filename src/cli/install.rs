//! `ccmon install` and `ccmon uninstall`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use super::output::{line, visible};
use super::tmux_keys;
use crate::claude::hooks::{self, Done, Wish, settings_path};
use crate::paths::Paths;

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
    args.common.carry_out(Wish::Install { hold: !args.no_approval })?;
    Ok(ExitCode::SUCCESS)
}

pub fn uninstall(args: &Uninstall) -> Result<ExitCode> {
    let done = args.common.carry_out(Wish::Uninstall)?;
    if !args.common.dry_run {
        let path = done.change.path.display();
        line(&if done.change.is_none() {
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
    fn carry_out(&self, wish: Wish) -> Result<Done> {
        let path = self.settings.clone().map_or_else(settings_path, Ok)?;
        let state = Paths::find().ok().map(|paths| paths.state);
        let done = hooks::carry_out(wish, &path, state.as_deref(), self.dry_run)?;
        if self.dry_run {
            show(&done);
        } else {
            done.notes().iter().for_each(|note| line(&visible(note)));
        }
        Ok(done)
    }
}

fn show(done: &Done) {
    if done.change.is_none() {
        return line(&format!("{} would stay as it is.", done.change.path.display()));
    }
    for diff_line in done.diff().lines() {
        // Tabs indent many people's settings.
        let parts: Vec<String> = diff_line.split('\t').map(visible).collect();
        line(&parts.join("\t"));
    }
}
