//! `ccmon man`: the manual pages, made of the same descriptions as `--help`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::output::line;

/// Print the manual page, or write one for each command
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to write them: ccmon.1, ccmon-list.1, and so on
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// What stands above every page.
const SOURCE: &str = concat!("ccmon ", env!("CARGO_PKG_VERSION"));

/// What the page of `ccmon` says more than `ccmon --help`.
const MORE: &str = r#".SH "EXIT STATUS"
0 when it is done, 1 when it could not be, 2 when the command line was wrong, 3 when no daemon is running. A daemon that
cannot go on as the program that an upgrade brought ends with 75.
.SH FILES
.TP
.I ~/.config/ccmon/config.toml
The settings, each with its explanation. Changes take effect at once.
.TP
.I ~/.local/state/ccmon
The database, the log (\fIdaemon.log\fR), the port and the token of the web page, and the events that no daemon has read yet.
.TP
.I /run/user/UID/ccmon/ccmon.sock
The daemon's door, for its own user alone.
.TP
.I /run/user/UID/ccmon-journal
Events that are on their way into the database, for a moment.
.TP
.I ~/.claude/settings.json
Where \fBccmon install\fR puts the hooks, and \fBccmon uninstall\fR takes them out again.
.SH ENVIRONMENT
.TP
.B CCMON_STATE_DIR
Another directory for the state.
.TP
.B CCMON_CONFIG_DIR
Another directory for the settings.
.TP
.B CCMON_SOCKET
Another socket.
.TP
.B CCMON_JOURNAL_DIR
Another directory in memory for events that are on their way into the database.
.TP
.B CCMON_NO_NOTIFY
Set to 1, there are no notifications.
.TP
.B CCMON_STUCK_THRESHOLD_S
After so many seconds of silence a session that works is stuck.
.SH "SEE ALSO"
.BR ccmon\-tray (1),
.BR ccmon\-hook (1)
"#;

/// What the page of each command ends with.
const BACK: &str = ".SH \"SEE ALSO\"\n.BR ccmon (1)\n";

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut command = super::Cli::command().disable_help_subcommand(true);
    command.build();
    match &args.directory {
        None => line(page(&command, MORE)?.trim_end()),
        Some(directory) => {
            fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
            write(directory, &command, MORE)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the command's page, and those of the commands below it.
fn write(directory: &Path, command: &Command, end: &str) -> anyhow::Result<()> {
    let path = directory.join(Man::new(command.clone()).get_filename());
    fs::write(&path, page(command, end)?).with_context(|| format!("cannot write {}", path.display()))?;
    command.get_subcommands().try_for_each(|below| write(directory, below, BACK))
}

fn page(command: &Command, end: &str) -> anyhow::Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone()).source(SOURCE).manual("ccmon").render(&mut page)?;
    Ok(String::from_utf8(page)? + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let directory = tempfile::tempdir().expect("a directory");
        let pages = directory.path().join("man");
        run(&Args { directory: Some(pages.clone()) }).expect("they are written");
        let page = |name: &str| fs::read_to_string(pages.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        for command in super::super::Cli::command().get_subcommands() {
            page(&format!("ccmon-{}.1", command.get_name()));
        }
        assert!(page("ccmon-rules-add.1").contains(".BR ccmon (1)"));
        let own = page("ccmon.1");
        assert!(own.contains("ccmon\\-list(1)") && own.contains(".SH \"EXIT STATUS\""), "{own}");
        assert!(!pages.join("ccmon-help.1").exists() && !pages.join("ccmon-rules-help.1").exists());
    }
}
