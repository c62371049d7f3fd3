//! Programs that only run another: looked through for an allow with known options alone.

/// How a wrapper's own words end where the command begins.
struct Wrapper {
    name: &'static str,
    /// Options without a value.
    flags: &'static [&'static str],
    /// Options whose value is the next word, or follows `=`, or is attached.
    valued: &'static [&'static str],
    /// Words of its own before the command, such as timeout's duration.
    words: usize,
    /// `NAME=value` words before the command: checked like assignments.
    assigns: bool,
}

const WRAPPERS: [Wrapper; 8] = [
    Wrapper {
        name: "timeout",
        flags: &["--foreground", "--preserve-status", "-v", "--verbose"],
        valued: &["-k", "--kill-after", "-s", "--signal"],
        words: 1,
        assigns: false,
    },
    Wrapper { name: "nice", flags: &[], valued: &["-n", "--adjustment"], words: 0, assigns: false },
    Wrapper { name: "ionice", flags: &["-t"], valued: &["-c", "-n"], words: 0, assigns: false },
    Wrapper { name: "nohup", flags: &[], valued: &[], words: 0, assigns: false },
    Wrapper {
        name: "stdbuf",
        flags: &[],
        valued: &["-i", "-o", "-e", "--input", "--output", "--error"],
        words: 0,
        assigns: false,
    },
    Wrapper { name: "time", flags: &["-p"], valued: &[], words: 0, assigns: false },
    Wrapper { name: "command", flags: &["-p"], valued: &[], words: 0, assigns: false },
    Wrapper {
        name: "env",
        flags: &["-i", "--ignore-environment"],
        valued: &["-u", "--unset"],
        words: 0,
        assigns: true,
    },
];

/// Whether a program only runs another.
#[must_use]
pub fn is_one(name: &str) -> bool {
    WRAPPERS.iter().any(|wrapper| wrapper.name == name)
}

/// What a wrapper runs.
#[derive(Debug, PartialEq, Eq)]
pub struct Inner<'a> {
    /// The command and its arguments, by their place among the wrapper's.
    pub argv: &'a [&'a str],
    /// What `env` sets for it.
    pub assigns: Vec<(&'a str, &'a str)>,
}

/// The command inside a wrapper that is known, with options that are; `None` when this is no wrapper, or one
/// with something else about it.
#[must_use]
pub fn inner<'a>(argv: &'a [&'a str]) -> Option<Inner<'a>> {
    let (name, mut rest) = argv.split_first()?;
    let wrapper = WRAPPERS.iter().find(|wrapper| wrapper.name == *name)?;
    while let Some((word, after)) = rest.split_first().filter(|(word, _)| word.starts_with('-') && word.len() > 1) {
        rest = wrapper.option(word, after)?;
        if *word == "--" {
            break;
        }
    }
    let set = if wrapper.assigns { rest.iter().take_while(|word| word.contains('=')).count() } else { 0 };
    let assigns = rest[..set].iter().filter_map(|word| word.split_once('=')).collect();
    rest = &rest[set..];
    let argv = rest.get(wrapper.words..)?;
    (!argv.is_empty()).then_some(Inner { argv, assigns })
}

impl Wrapper {
    /// What follows an option; `None` when the option is not known.
    fn option<'a>(&self, word: &str, after: &'a [&'a str]) -> Option<&'a [&'a str]> {
        if word == "--" || self.flags.contains(&word) {
            return Some(after);
        }
        if self.valued.contains(&word) {
            return after.get(1..);
        }
        let attached = |option: &&str| match option.strip_prefix("--") {
            Some(_) => word.strip_prefix(*option).is_some_and(|value| value.starts_with('=')),
            None => word.strip_prefix(*option).is_some_and(|value| !value.is_empty()),
        };
        self.valued.iter().any(attached).then_some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<String> {
        let argv: Vec<&str> = line.split(' ').collect();
        inner(&argv).map(|inner| inner.argv.join(" "))
    }

    #[test]
    fn known_options_are_looked_through_and_others_are_not() {
        assert_eq!(of("timeout --foreground --signal=KILL 5 git status").as_deref(), Some("git status"));
        assert_eq!(of("timeout -k 5 10s git status").as_deref(), Some("git status"));
        assert_eq!(of("nice -n5 nohup git status").as_deref(), Some("nohup git status"));
        assert_eq!(of("env LC_ALL=C git status").as_deref(), Some("git status"));
        assert_eq!(of("stdbuf -oL git status").as_deref(), Some("git status"));
        for line in [
            "env -S git\u{a0}status",
            "env --split-string=x y",
            "timeout git",
            "command -v git",
            "sudo git",
            "env A=1",
            "time -o f git",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
