//! The command line: one file per verb; doc comments are the help.

mod answer;
mod approvals;
mod asking;
mod audit;
mod caller;
pub use caller::caller;
mod completions;
mod daemon;
mod decide;
mod doctor;
mod edit;
mod export;
mod find;
mod given;
mod go;
mod history;
mod install;
pub mod link;
mod list;
mod man;
mod mark;
mod often;
mod open;
mod output;
mod prompt;
mod query;
mod quiet;
mod rules;
pub use output::{age, plain_json, visible};
mod status;
mod summary;
mod tail;
mod tmux_keys;
mod tray;
mod tui;
mod web;
mod when;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::client::{Client, ClientError};
use crate::daemon::Held;
use crate::daemon::upgrade::Unbegun;
use crate::paths::{Paths, own_what_we_make};

/// How long an end waits for threads that still read.
const LEAVING: Duration = Duration::from_secs(1);

/// Watch your Claude Code sessions, answer their permission requests, and jump to the right
/// terminal.
#[derive(Debug, Parser)]
#[command(name = "ccmon", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put ccmon's hooks into Claude Code's settings
    Install(install::Install),
    /// Take ccmon's hooks out of Claude Code's settings
    Uninstall(install::Uninstall),
    /// List the sessions, those that need you first
    List(list::Args),
    /// Say in one line what needs you
    Status(status::Args),
    /// Follow what happens, as it happens
    Tail(tail::Args),
    /// Go to the session that needs you most
    Next(go::Next),
    /// Go to a session's terminal
    Jump(go::Jump),
    /// Go back to where the last jump came from
    Back(go::Back),
    /// Give a session a label of your own
    Tag(mark::Tag),
    /// Keep a session at the top of every list
    Pin(mark::Pin),
    /// Hide a session until it needs you again
    Dismiss(mark::Dismiss),
    /// Say that you have looked at a session: done becomes idle
    Seen(mark::Seen),
    /// Say in a few sentences what a session did
    Summary(summary::Args),
    /// List the requests that wait for an answer
    Approvals(approvals::Args),
    Approve(decide::Approve),
    Deny(decide::Deny),
    Answer(answer::Args),
    History(history::Args),
    Audit(audit::Args),
    Export(export::Args),
    /// Look after the rules that answer requests without you
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Look for what keeps ccmon from working, and say what to do
    Doctor(doctor::Args),
    /// Run the daemon without a desktop
    Daemon(daemon::Args),
    Quiet(quiet::Args),
    Tui(tui::Args),
    /// Open the dashboard in a browser, signed in
    Web(web::Args),
    Open(open::Args),
    /// Start the tray applet
    Tray,
    Completions(completions::Args),
    Man(man::Args),
}

/// Parses the command line of a program built from this commit, does what it says, and makes the result an exit code:
/// 0 done, 1 could not, 2 usage, 3 daemon not running.
#[must_use]
pub fn run(commit: Option<&str>) -> ExitCode {
    own_what_we_make();
    let words: Vec<OsString> = std::env::args_os().collect();
    let command = often::read(&words).unwrap_or_else(|| {
        let version: &'static str = ccmon_hook::version(commit).leak();
        let given = Cli::command().version(version).get_matches_from(&words);
        Cli::from_arg_matches(&given).unwrap_or_else(|error| error.exit()).command
    });
    match command.run() {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            exit_code(&error)
        }
    }
}

impl Command {
    fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Install(args) => install::install(&args),
            Self::Uninstall(args) => install::uninstall(&args),
            Self::List(args) => asked(list::run(args)),
            Self::Status(args) => asked(status::run(args)),
            Self::Tail(args) => asked(tail::run(args)),
            Self::Next(args) => asked(go::next(args)),
            Self::Jump(args) => asked(go::jump(args)),
            Self::Back(args) => asked(go::back(args)),
            Self::Tag(args) => asked(mark::tag(args)),
            Self::Pin(args) => asked(mark::pin(args)),
            Self::Dismiss(args) => asked(mark::dismiss(args)),
            Self::Seen(args) => asked(mark::seen(args)),
            Self::Summary(args) => asked(summary::run(args)),
            Self::Approvals(args) => asked(approvals::run(args)),
            Self::Approve(args) => asked(decide::approve(args)),
            Self::Deny(args) => asked(decide::deny(args)),
            Self::Answer(args) => asked(answer::run(args)),
            Self::History(args) => asked(history::run(args)),
            Self::Audit(args) => asked(audit::run(args)),
            Self::Export(args) => asked(export::run(args)),
            Self::Rules(verb) => rules::run(verb),
            Self::Doctor(args) => asked(doctor::run(args)),
            Self::Daemon(args) => asked(daemon::run(args)),
            Self::Quiet(args) => asked(quiet::run(args)),
            Self::Tui(args) => asked(tui::run(args)),
            Self::Web(args) => asked(web::run(args)),
            Self::Open(args) => asked(open::run(args)),
            Self::Tray => tray::run(),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}

/// Runs a verb that talks to the daemon, or is it.
fn asked(verb: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(verb);
    // All that matters is stored: whoever still reads, for a file or a replay, is not waited for.
    runtime.shutdown_timeout(LEAVING);
    ended
}

fn client() -> anyhow::Result<Client> {
    Ok(Client::new(&Paths::find()?.socket))
}

fn exit_code(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref() {
        Some(ClientError::NotRunning(_)) => ExitCode::from(3),
        _ if error.is::<Held>() => ExitCode::from(1),
        // Whoever started it may do so again, which is not so of what ends with 1.
        _ if error.is::<Unbegun>() => ExitCode::from(75),
        _ => ExitCode::from(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The unit of systemd is not started again after a 1.
    #[test]
    fn a_daemon_that_could_not_become_its_successor_may_be_started_again() {
        let ended = |error: anyhow::Error| format!("{:?}", exit_code(&error));
        let unbegun = Unbegun(std::io::ErrorKind::NotFound.into());
        assert_ne!(ended(unbegun.into()), ended(anyhow::anyhow!("no")));
    }
}
