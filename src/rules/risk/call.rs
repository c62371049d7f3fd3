//! One command and its arguments, as the families look at them.

use std::borrow::Cow;

use crate::rules::shell::{Dynamic, Simple, Span, Word};

/// One argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// What the program sees; what only the shell knows is `\u{FFFD}`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// How much of it is known.
    pub known: Known,
    /// It may become other words: a glob, braces.
    pub glob: bool,
}

/// How much of an argument is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// All of it.
    Yes,
    /// It is filled in by `xargs`, `find` and the like.
    Fed,
    /// A variable is in it.
    Variable,
    /// The output of another command, or something that may run code, is in it.
    Code,
}

impl Arg {
    /// Reads a word; `$HOME` and `$PWD` at its beginning become what they usually are.
    #[must_use]
    pub fn of(word: &Word, line: &str, home: &str, cwd: &str) -> Self {
        let known = word.dynamic.iter().fold(Known::Yes, |known, part| match part {
            Dynamic::Variable { .. } if known == Known::Yes => Known::Variable,
            Dynamic::Variable { .. } | Dynamic::HereDocument => known,
            Dynamic::Expansion | Dynamic::Command | Dynamic::Process => Known::Code,
        });
        let known = if word.text.is_none() && known == Known::Yes { Known::Variable } else { known };
        let text = word.text.clone().unwrap_or_else(|| word.sketch.clone());
        let raw = line.get(word.span.clone()).unwrap_or_default().trim_start_matches('"');
        let begins = [
            ("$HOME", home),
            ("${HOME}", home),
            ("$PWD", cwd),
            ("${PWD}", cwd),
            ("$TMPDIR", "/tmp"),
            ("${TMPDIR}", "/tmp"),
        ];
        let usual = begins.iter().find(|(name, _)| {
            raw.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        });
        let (text, known) = match (usual, text.strip_prefix('\u{FFFD}')) {
            (Some((_, value)), Some(rest)) if word.text.is_none() && !rest.contains('\u{FFFD}') => {
                (format!("{value}{rest}"), Known::Yes)
            }
            _ => (text, known),
        };
        let glob = word.expands && text.contains(['*', '?', '[', '{']);
        Self { text, span: word.span.clone(), known, glob }
    }

    /// An argument that `xargs` and the like fill in later.
    #[must_use]
    pub fn fed(span: &Span) -> Self {
        Self { text: "\u{FFFD}".to_owned(), span: span.clone(), known: Known::Fed, glob: false }
    }

    /// Whether it is exactly `text`.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.known == Known::Yes && self.text == text
    }

    /// Whether it is an option: `-x`, `--long`.
    #[must_use]
    pub fn is_option(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with('-')
    }
}

/// A command and its arguments, perhaps found inside a wrapper.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The program's name without its folder, in small letters.
    pub name: String,
    /// The program as written.
    pub program: &'a Arg,
    /// What follows the program.
    pub args: &'a [Arg],
    /// From the program to the last argument.
    pub span: Span,
    /// The simple command that it is part of.
    pub simple: &'a Simple,
    /// The index of that command in the line.
    pub index: usize,
}

impl<'a> Call<'a> {
    /// The command that `argv` is; `None` when there is nothing in it.
    #[must_use]
    pub fn of(argv: &'a [Arg], simple: &'a Simple, index: usize) -> Option<Self> {
        let (program, args) = argv.split_first()?;
        let base = program.text.rsplit('/').next().unwrap_or_default().trim_start_matches('=');
        let end = args.iter().map(|a| a.span.end).fold(program.span.end, usize::max);
        let span = program.span.start.min(end)..end;
        Some(Self { name: base.to_ascii_lowercase(), program, args, span, simple, index })
    }

    /// The first option that is one of `wanted`: `-f` (also within `-rf`), or `--force` (also as
    /// `--force=x`, or cut as short as `--f`). To look for what is dangerous; see `surely` for the contrary.
    #[must_use]
    pub fn option(&self, wanted: &[&str]) -> Option<&'a Arg> {
        self.args.iter().take_while(|a| a.text != "--").find(|arg| wanted.iter().any(|w| is_option(&arg.text, w)))
    }

    /// Whether there is such an option.
    #[must_use]
    pub fn has(&self, wanted: &[&str]) -> bool {
        self.option(wanted).is_some()
    }

    /// Whether one of `wanted`, which make the call harmless, is surely there: written out, not taken back,
    /// and no value of one of the options in `takes`.
    #[must_use]
    pub fn surely(&self, wanted: &[&str], takes: &[&str]) -> bool {
        let mut args = self.args.iter().take_while(|a| a.text != "--");
        let mut found = false;
        while let Some(arg) = args.next() {
            let text = arg.text.as_str();
            found |= arg.known == Known::Yes && wanted.iter().any(|w| is_written_out(text, w, takes));
            if text.strip_prefix("--no-").is_some_and(|no| wanted.iter().any(|w| is_option(&format!("--{no}"), w))) {
                return false;
            }
            if arg.is_option() && swallows(text, takes) {
                args.next();
            }
        }
        found
    }

    /// The same where nobody knows which options take a value: none may stand right before it.
    #[must_use]
    pub fn plainly(&self, wanted: &[&str]) -> bool {
        let flags = ["--wait", "--install", "--atomic", "--server-side", "--recursive", "--all", "--force", "--diff"];
        let takes_it = |a: &Arg| a.is_option() && !flags.contains(&a.text.as_str());
        let before = |at: usize| at.checked_sub(1).is_some_and(|at| takes_it(&self.args[at]));
        let own = self.args.iter().take_while(|a| a.text != "--").enumerate();
        own.filter(|(at, _)| !before(*at) || self.args[at - 1].text.contains('='))
            .any(|(_, arg)| arg.known == Known::Yes && wanted.iter().any(|w| is_written_out(&arg.text, w, &[])))
    }

    /// Whether it only asks for help or the version: as the last word, after at most `most` words that are no options.
    #[must_use]
    pub fn asks_help(&self, most: usize) -> bool {
        let Some((last, before)) = self.args.split_last() else { return false };
        let short = before.is_empty() && matches!(last.text.as_str(), "-h" | "-V" | "-help" | "-version");
        (short || last.is("--help") || last.is("--version"))
            && before.len() <= most
            && before.iter().all(|a| a.known == Known::Yes && !a.is_option() && !a.glob)
    }

    /// The value of an option: the rest of its word, or the next word.
    #[must_use]
    pub fn value(&self, wanted: &[&str]) -> Option<(Cow<'a, str>, &'a Arg)> {
        let at = self.args.iter().position(|arg| wanted.iter().any(|w| is_option(&arg.text, w)))?;
        self.value_at(at, wanted)
    }

    /// Every value of these options, as arguments of their own.
    #[must_use]
    pub fn values(&self, wanted: &[&str]) -> Vec<Arg> {
        let own = self.args.iter().take_while(|a| a.text != "--").enumerate();
        let at = own.filter(|(_, arg)| wanted.iter().any(|w| is_option(&arg.text, w))).map(|(at, _)| at);
        let found = at.filter_map(|at| self.value_at(at, wanted));
        found.map(|(text, arg)| Arg { text: text.into_owned(), ..arg.clone() }).collect()
    }

    fn value_at(&self, at: usize, wanted: &[&str]) -> Option<(Cow<'a, str>, &'a Arg)> {
        let arg = &self.args[at];
        if arg.text.starts_with("--") {
            if let Some((_, value)) = arg.text.split_once('=') {
                return Some((Cow::Borrowed(value), arg));
            }
        } else {
            let letter = wanted.iter().filter(|w| !w.starts_with("--")).find(|w| is_option(&arg.text, w));
            let rest = letter.and_then(|w| arg.text.split_once(&w[1..])).map_or("", |(_, rest)| rest);
            if !rest.is_empty() {
                return Some((Cow::Borrowed(rest), arg));
            }
        }
        self.args.get(at + 1).map(|next| (Cow::Borrowed(next.text.as_str()), next))
    }

    /// The value of an option as an argument of its own: of `--output=x`, `x`.
    #[must_use]
    pub fn valued(&self, wanted: &[&str]) -> Option<Arg> {
        self.value(wanted).map(|(text, arg)| Arg { text: text.into_owned(), ..arg.clone() })
    }

    /// What is no option, nor the value of one of the options in `takes`.
    #[must_use]
    pub fn operands(&self, takes: &[&str]) -> Vec<&'a Arg> {
        let mut found = Vec::new();
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            if arg.text == "--" {
                found.extend(args.by_ref());
            } else if !arg.is_option() {
                found.push(arg);
            } else if wants_next(&arg.text, takes) {
                args.next();
            }
        }
        found
    }

    /// The same command with `args` in place of its own.
    #[must_use]
    pub fn with(&self, args: &'a [Arg]) -> Self {
        Self { args, ..self.clone() }
    }
}

/// Whether an option's value is the next word.
#[must_use]
pub fn wants_next(option: &str, takes: &[&str]) -> bool {
    if option.starts_with("--") {
        return !option.contains('=') && takes.contains(&option);
    }
    let letters = &option[1..];
    let is = |option: &str, c: char| option.strip_prefix('-').and_then(|letter| letter.strip_prefix(c)) == Some("");
    let at = letters.char_indices().find(|(_, c)| takes.iter().any(|option| is(option, *c)));
    at.is_some_and(|(i, c)| i + c.len_utf8() == letters.len()) || takes.contains(&option)
}

/// Whether the next word is the value of an option, which may be cut short.
fn swallows(option: &str, takes: &[&str]) -> bool {
    let cut = || !option.contains('=') && takes.iter().any(|t| t.starts_with("--") && is_option(option, t));
    wants_next(option, takes) || option.starts_with("--") && cut()
}

/// Whether `text` is the option in full, and not switched off: `--dry-run=none`.
fn is_written_out(text: &str, wanted: &str, takes: &[&str]) -> bool {
    if wanted.len() != 2 {
        let off = |value: &str| matches!(value, "false" | "none" | "no" | "0" | "off" | "f" | "F" | "False" | "FALSE");
        return text.strip_prefix(wanted).is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('=').is_some_and(|value| !value.is_empty() && !off(value))
        });
    }
    let Some(letters) = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { return false };
    let is = |option: &str, c: char| option.strip_prefix('-').and_then(|letter| letter.strip_prefix(c)) == Some("");
    letters.chars().take_while(|c| !takes.iter().any(|t| is(t, *c))).any(|c| is(wanted, c))
}

fn is_option(text: &str, wanted: &str) -> bool {
    if let Some(long) = wanted.strip_prefix("--") {
        let Some(given) = text.strip_prefix("--") else { return false };
        let given = given.split('=').next().unwrap_or_default();
        return !given.is_empty() && long.starts_with(given);
    }
    if text == wanted {
        return true;
    }
    let letter = wanted.len() == 2;
    letter && text.starts_with('-') && !text.starts_with("--") && text[1..].contains(&wanted[1..])
}
