//! `ccmon tui`.

use std::process::ExitCode;

use crate::tui;

/// Watch the sessions in this terminal, answer them and jump to them
///
/// `?` lists the keys. In tmux, a popup makes it a way to the next session that needs you:
/// `tmux display-popup -E 'ccmon tui --exit-after-jump'`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave as soon as a jump succeeded
    #[arg(long)]
    exit_after_jump: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    tui::run(super::client()?.named("tui"), args.exit_after_jump).await?;
    Ok(ExitCode::SUCCESS)
}
