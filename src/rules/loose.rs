//! What a line may run, read generously, for rules that deny or ask: inside of wrappers, of scripts given as
//! text, of what could not be parsed. Here a command found wrongly costs a question.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};

use super::Kind;
use super::pattern::{BadPattern, Glob, LARGEST, Pattern, Tail};
use super::shell::{RedirectKind, Simple};
use super::wrapper;

/// What separates words and commands in any text that a shell might read.
const MARKS: &str = "'\"`();|&<>{}$";
/// Programs whose arguments are data, and never run.
#[rustfmt::skip]
const DATA: &[&str] = &["echo", "printf", "grep", "egrep", "fgrep", "rg", "git", "gh", "jq", "cat", "ls", "test", "["];

/// A text as rules that deny look at it; made once, however many rules there are.
#[derive(Clone, Debug, Default)]
pub struct Loose {
    /// As one text.
    text: String,
    /// Its words, where blanks and marks divide it.
    words: Vec<String>,
    /// The same where quotes and backslashes are only left out: `r''m` is `rm`.
    bare: Vec<String>,
    /// Those as one text.
    joined: String,
    /// The arguments of the command itself.
    argv: Vec<String>,
    /// All of these words, and the names of the files that they are: most rules begin with none of them.
    names: BTreeSet<String>,
}

impl Loose {
    /// A command; `runs` when something in the line runs text that others print.
    #[must_use]
    pub fn of(command: &Simple, runs: bool) -> Self {
        let argv: Vec<String> = command.argv.iter().map(|word| word.sketch.clone()).collect();
        let name = argv.first().map_or("", |name| name.rsplit('/').next().unwrap_or_default());
        let code = |word: &String| !DATA.contains(&name) || runs || name == "git" && word.contains('!');
        let mut text = argv.iter().filter(|word| code(word)).cloned().collect::<Vec<_>>().join(" ");
        for redirect in &command.redirects {
            if let RedirectKind::Here { text: Some(here), .. } = &redirect.kind
                && (runs || !DATA.contains(&name))
            {
                text.push('\n');
                text.push_str(here);
            }
        }
        let mut loose = Self { argv: without_options_of_git(argv), ..Self::text(&text) };
        loose.names.extend(loose.argv.iter().flat_map(|word| names(word)));
        loose
    }

    /// A text that could not be parsed.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let split = |text: &str, marks: &[char]| -> Vec<String> {
            let words = text.split(|c: char| c.is_whitespace() || MARKS.contains(c) || marks.contains(&c));
            words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let bare = split(&text.replace("\\\n", "").replace(['\'', '"', '\\'], ""), &[',']);
        let words = split(text, &[]);
        let names = words.iter().chain(&bare).flat_map(|word| names(word)).collect();
        Self { joined: bare.join(" "), words, text: text.to_owned(), bare, argv: Vec::new(), names }
    }
}

fn names(word: &str) -> [String; 2] {
    [word.to_owned(), word.rsplit('/').next().unwrap_or_default().to_owned()]
}

/// `git -C dir push` is `git push` all the same.
fn without_options_of_git(argv: Vec<String>) -> Vec<String> {
    if argv.first().is_none_or(|name| name != "git" && !name.ends_with("/git")) {
        return argv;
    }
    let mut rest = argv.into_iter();
    let mut kept: Vec<String> = rest.next().into_iter().collect();
    while let Some(word) = rest.next() {
        if matches!(word.as_str(), "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace" | "--exec-path")
            || matches!(word.as_str(), "--config-env" | "--super-prefix" | "--attr-source")
        {
            rest.next();
        } else if !word.starts_with('-') {
            kept.push(word);
            kept.extend(rest.by_ref());
        }
    }
    kept
}

/// The pattern of a rule that denies or asks.
#[derive(Clone, Debug)]
pub struct Net {
    pattern: Pattern,
    /// For an expression: the same, wherever it stands.
    anywhere: Option<Regex>,
}

impl Net {
    /// Compiles it.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn compile(kind: Kind, text: &str) -> Result<Self, BadPattern> {
        let pattern = Pattern::compile(kind, text, true)?;
        let stem = text.strip_prefix('^').unwrap_or(text);
        let stem = stem.strip_suffix('$').filter(|stem| !stem.ends_with('\\')).unwrap_or(stem);
        let wide = format!(r"(?:^|[^\w.-])(?:{stem})(?:$|[^\w-])");
        let built = (kind == Kind::Regex).then(|| RegexBuilder::new(&wide).size_limit(2 * LARGEST).build().ok());
        Ok(Self { pattern, anywhere: built.flatten() })
    }

    /// Whether the text may run what the pattern says.
    #[must_use]
    pub fn catches(&self, loose: &Loose) -> bool {
        match &self.pattern {
            Pattern::Words { words, .. } if words.is_empty() => true,
            Pattern::Words { words, .. } if words[0].literal().is_some_and(|name| !loose.names.contains(name)) => false,
            Pattern::Words { words, tail } => {
                let argv = &loose.argv;
                let ends = argv.len() == words.len() || *tail != Tail::Closed && argv.len() > words.len();
                ends && begins(words, argv)
                    || starts(argv)
                        .filter_map(|from| behind_options(words, &argv[from..]))
                        .any(|rest| *tail != Tail::Closed || rest.is_empty())
                    || occurs(words, &loose.words)
                    || occurs(words, &loose.bare)
            }
            Pattern::Literal(wanted) => {
                [&loose.text, &loose.joined, &loose.argv.join(" ")].iter().any(|text| holds(text, wanted))
            }
            Pattern::Regex(_) => {
                let found = |text: &str| self.anywhere.as_ref().is_some_and(|regex| regex.is_match(text));
                found(&loose.text) || found(&loose.joined) || found(&loose.argv.join(" "))
            }
            Pattern::Path(_) => false,
        }
    }
}

/// Whether the first words are what the globs say.
fn begins(words: &[Glob], have: &[String]) -> bool {
    let mut pairs = words.iter().zip(have);
    pairs.next().is_none_or(|(glob, name)| is_called(glob, name)) && pairs.all(|(glob, word)| glob.matches(word))
}

/// Where a command may begin: of those that run another, anywhere.
fn starts(argv: &[String]) -> std::ops::Range<usize> {
    let name = argv.first().map_or("", |name| name.rsplit('/').next().unwrap_or_default());
    let wraps = wrapper::is_one(name) || matches!(name, "sudo" | "doas" | "xargs" | "exec" | "builtin");
    0..if wraps { argv.len() } else { argv.len().min(1) }
}

/// What follows the words when they stand there with options between them, each perhaps with a value:
/// `cargo -q run`, `docker compose -f x down`.
fn behind_options<'a>(words: &[Glob], argv: &'a [String]) -> Option<&'a [String]> {
    let ([name, wanted @ ..], [program, rest @ ..]) = (words, argv) else { return None };
    let mut at = 0;
    for glob in wanted {
        let option = |at: usize| at.checked_sub(1).is_some_and(|before| rest[before].starts_with('-'));
        while !glob.matches(rest.get(at)?) {
            if !rest[at].starts_with('-') && !option(at) {
                return None;
            }
            at += 1;
        }
        at += 1;
    }
    (is_called(name, program) && !wanted.is_empty()).then(|| &rest[at..])
}

/// `rm`, and `/bin/rm`.
fn is_called(glob: &Glob, name: &str) -> bool {
    glob.matches(name) || name.rsplit_once('/').is_some_and(|(_, base)| glob.matches(base))
}

fn occurs(words: &[Glob], have: &[String]) -> bool {
    have.windows(words.len().max(1)).any(|at| begins(words, at))
}

/// Whether `wanted` stands in `text` as words of its own.
fn holds(text: &str, wanted: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(wanted)
        .any(|(at, _)| !text[..at].ends_with(inside) && !text[at + wanted.len()..].starts_with(inside))
}
