//! `ccmon completions`.

use std::process::ExitCode;

use clap::{CommandFactory, ValueEnum};
use clap_complete::generate;
use clap_complete::shells::{Bash, Fish, Zsh};

use super::output;

/// Print what makes a shell complete ccmon's commands
///
/// The Debian package installs it for all three shells. Elsewhere: bash reads ~/.local/share/bash-completion/completions/ccmon,
/// fish ~/.config/fish/completions/ccmon.fish, zsh a file named _ccmon in a directory of its fpath.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    output::line(script(args.shell)?.trim_end());
    Ok(ExitCode::SUCCESS)
}

fn script(shell: Shell) -> anyhow::Result<String> {
    let (mut command, mut script) = (super::Cli::command(), Vec::new());
    match shell {
        Shell::Bash => generate(Bash, &mut command, "ccmon", &mut script),
        Shell::Zsh => generate(Zsh, &mut command, "ccmon", &mut script),
        Shell::Fish => generate(Fish, &mut command, "ccmon", &mut script),
    }
    Ok(String::from_utf8(script)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_learns_every_command() {
        for shell in Shell::value_variants() {
            let script = script(*shell).expect("text");
            for command in super::super::Cli::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell:?}: {}", command.get_name());
            }
            assert!(script.contains("suggest"), "{shell:?}: the commands below `rules` too");
        }
    }
}
