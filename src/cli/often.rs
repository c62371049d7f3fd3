//! Verbs that status bars and keys run again and again: read without building the tree of all verbs, which takes
//! longer than they do.

use std::ffi::OsString;

use clap::Args;

use super::Command;

/// What is asked for, when it is one of these and said as it should be. Everything else, such as help and mistakes, is
/// for the whole tree to tell.
pub fn read(words: &[OsString]) -> Option<Command> {
    let words = words.get(1..)?;
    match words.first()?.to_str()? {
        "status" => alone(words).map(Command::Status),
        "next" => alone(words).map(Command::Next),
        "back" => alone(words).map(Command::Back),
        _ => None,
    }
}

fn alone<A: Args>(words: &[OsString]) -> Option<A> {
    let given = A::augment_args(clap::Command::new("ccmon")).try_get_matches_from(words).ok()?;
    A::from_arg_matches(&given).ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Cli;
    use super::*;

    fn said(words: &[&str]) -> (Option<String>, Option<String>) {
        let words: Vec<OsString> = ["ccmon"].iter().chain(words).map(OsString::from).collect();
        let whole = Cli::try_parse_from(&words).ok().map(|cli| format!("{:?}", cli.command));
        (read(&words).map(|command| format!("{command:?}")), whole)
    }

    #[test]
    fn what_is_read_alone_is_what_the_whole_tree_reads() {
        let usual: [&[&str]; 7] = [
            &["status"],
            &["status", "--json"],
            &["status", "--format", "tmux"],
            &["status", "--format=waybar", "--watch"],
            &["status", "--"],
            &["next"],
            &["back"],
        ];
        for words in usual {
            let (alone, whole) = said(words);
            assert!(alone.is_some() && alone == whole, "{words:?}: {alone:?} {whole:?}");
        }
    }

    #[test]
    fn help_mistakes_and_other_verbs_are_left_to_it() {
        let others: [&[&str]; 10] = [
            &[],
            &["--help"],
            &["list"],
            &["stat"],
            &["status", "--help"],
            &["status", "--version"],
            &["status", "-V"],
            &["status", "--formt", "tmux"],
            &["status", "--json", "--format", "tmux"],
            &["status", "extra"],
        ];
        for words in others {
            assert_eq!(said(words).0, None, "{words:?}");
        }
    }
}
