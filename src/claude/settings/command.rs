//! What a hook runs, and how our own are told from other people's.

use std::path::Path;

/// The program that Claude Code runs for us.
pub const PROGRAM: &str = "ccmon-hook";

/// A hook of ours, as its command says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// The hook program.
    pub program: String,
    /// Whether it waits for an answer.
    pub waits: bool,
    /// Whether it looks for the program first. An older ccmon's did not.
    pub guarded: bool,
}

/// The command for `/bin/sh -c`. It tests for the program first, because Claude Code shows an error at
/// every event for a hook that cannot be run, and people remove programs. `||` is chosen so that the exit
/// status is 0 without the program and the program's own with it.
#[must_use]
pub fn command(program: &str, waits: bool) -> String {
    let program = quoted(program);
    let wait = if waits { " --wait" } else { "" };
    format!("[ ! -x {program} ] || exec {program}{wait}")
}

/// Whether `command` is one of ours: the form above, or the bare program. A command of somebody's own that
/// runs our program among other things is theirs.
#[must_use]
pub fn recognise(command: &str) -> Option<Ours> {
    let words = words(command)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (words, waits) = match words.as_slice() {
        [words @ .., "--wait"] => (words, true),
        words => (words, false),
    };
    let (program, guarded) = match words {
        [program] => (program, false),
        ["[", "!", "-x", tested, "]", "||", "exec", program] if tested == program => (program, true),
        _ => return None,
    };
    let ours = Path::new(program).file_name().is_some_and(|name| name == PROGRAM);
    ours.then(|| Ours { program: (*program).to_owned(), waits, guarded })
}

/// Whether `command` says our program's name at all.
#[must_use]
pub fn mentions(command: &str) -> bool {
    command.contains(PROGRAM)
}

/// `word` so that the shell takes it as it is.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The words of a simple command, or of two with ` || ` between them; `None` for anything more elaborate
/// and when quotes do not match.
fn words(command: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|') if word.is_none() && characters.as_str().starts_with("| ") => {
                characters.next();
                words.push("||".to_owned());
            }
            (None | Some('"'), '`' | '$') | (None, '|' | '&' | ';' | '<' | '>' | '(' | ')') => {
                return None;
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(characters.next()?),
            (None, ' ' | '\t' | '\n') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: [&str; 6] = [
        "/usr/bin/ccmon-hook",
        "/home/a b/ccmon-hook",
        "/it's/\"x\"/ccmon-hook",
        "/$HOME/`id`/$(id)/ccmon-hook",
        "/\\/é/-\n;&|/ccmon-hook",
        "/#a/~/*/ccmon-hook",
    ];

    #[test]
    fn plain_paths_are_not_quoted() {
        let expected = "[ ! -x /usr/bin/ccmon-hook ] || exec /usr/bin/ccmon-hook --wait";
        assert_eq!(command("/usr/bin/ccmon-hook", true), expected);
    }

    #[test]
    fn ours_are_recognised_whatever_the_path() {
        for program in ODD {
            for waits in [true, false] {
                let ours = Ours { program: program.into(), waits, guarded: true };
                assert_eq!(recognise(&command(program, waits)), Some(ours), "{program}");
            }
        }
        let older = recognise("\"/opt/x y/ccmon-hook\" --wait").unwrap();
        assert!(older.waits && !older.guarded);
        assert!(recognise("ccmon-hook").is_some());
    }

    #[test]
    fn commands_of_others_are_theirs() {
        for command in [
            "",
            "true",
            "/usr/bin/my-ccmon-hook",
            "/usr/bin/ccmon-hook-logger",
            "/usr/bin/ccmon-hook/run",
            "tee log | /usr/bin/ccmon-hook",
            "/usr/bin/ccmon-hook; notify-send x",
            "/usr/bin/ccmon-hook --other",
            "echo ccmon-hook",
            "[ ! -x /a/ccmon-hook ] || exec /b/ccmon-hook",
            "'/usr/bin/ccmon-hook",
            "tee|/usr/bin/ccmon-hook",
            "x;/usr/bin/ccmon-hook",
            "$HOME/bin/ccmon-hook",
            "\"$HOME/bin/ccmon-hook\"",
        ] {
            assert_eq!(recognise(command), None, "{command}");
        }
    }

    /// Shells that some machine has as `/bin/sh`, or that a client could be told to use.
    fn shells() -> impl Iterator<Item = &'static str> {
        let known = ["/bin/sh", "/bin/dash", "/bin/bash", "/usr/bin/zsh", "/usr/bin/busybox"];
        known.into_iter().filter(|shell| Path::new(shell).exists())
    }

    #[test]
    fn the_shell_runs_it_and_keeps_quiet_without_it() {
        for shell in shells() {
            let root = tempfile::tempdir().unwrap();
            for program in ODD {
                quiet_without_it(shell, &root.path().join(&program[1..]));
            }
        }
    }

    fn quiet_without_it(shell: &str, program: &Path) {
        use std::os::unix::fs::PermissionsExt;
        let run = || {
            let command = command(program.to_str().unwrap(), true);
            let applet = shell.ends_with("busybox").then_some("sh");
            std::process::Command::new(shell).args(applet).args(["-c", &command]).output().unwrap()
        };
        let quiet = |why: &str| {
            let said = run();
            let silent = said.stdout.is_empty() && said.stderr.is_empty();
            assert!(said.status.success() && silent, "{why}, {shell}: {said:?}");
        };
        quiet("no directory");
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        quiet("no program");
        crate::testing::program(program, "#!/bin/sh\necho \"got $*\"\nexit 7\n");
        std::fs::set_permissions(program, PermissionsExt::from_mode(0o644)).unwrap();
        quiet("not executable");
        std::fs::set_permissions(program, PermissionsExt::from_mode(0o755)).unwrap();
        let there = run();
        assert_eq!((there.status.code(), there.stdout.as_slice()), (Some(7), &b"got --wait\n"[..]), "{shell}");
        std::fs::remove_file(program).unwrap();
    }
}
