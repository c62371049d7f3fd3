//! Whether an allow rule covers one simple command: all of it, or not at all.

use super::risk::Place;
use super::shell::{Assignment, Dynamic, Redirect, RedirectKind, Simple, Word};
use super::{Pattern, hidden, pattern, wrapper};

/// Variables that only change how something looks, and the values that need no look when `None`.
const HARMLESS: [(&str, Option<&[&str]>); 18] = [
    ("NO_COLOR", None),
    ("FORCE_COLOR", None),
    ("CLICOLOR", None),
    ("CI", None),
    ("LANG", None),
    ("LC_ALL", None),
    ("LC_CTYPE", None),
    ("LC_MESSAGES", None),
    ("LC_COLLATE", None),
    ("TERM", None),
    ("TZ", None),
    ("COLUMNS", None),
    ("RUST_BACKTRACE", None),
    ("PYTHONUNBUFFERED", None),
    ("PAGER", Some(&["cat"])),
    ("GIT_PAGER", Some(&["cat"])),
    ("GIT_OPTIONAL_LOCKS", None),
    ("DEBIAN_FRONTEND", None),
];

/// Programs whose options neither write, nor run anything, whichever they are.
const LISTS: [&str; 6] = ["ls", "stat", "du", "wc", "cat", "echo"];

/// Shells and languages that run their standard input.
#[rustfmt::skip]
const RUNNERS: [&str; 20] = [
    "sh", "bash", "zsh", "dash", "ksh", "fish", "ash", "python", "pypy", "node", "ruby", "perl", "php", "lua", "bc",
    "sqlite", "psql", "mysql", "at", "batch",
];

/// Nobody writes more wrappers around each other; for each one, the text is kept once more.
const MOST_WRAPPERS: usize = 8;

/// Why a command is not covered, in words.
pub type Not = String;

/// One simple command as the rules look at it; made once, however many rules there are.
#[derive(Debug)]
pub struct Looked<'a> {
    /// Its words, when every one of them is known, none can become another, and nothing else about the
    /// command does anything.
    pub plain: Result<Vec<&'a str>, Not>,
    /// Where what it runs begins in them: at 0, and once for each wrapper that is looked through.
    starts: Vec<usize>,
    /// From there on, as one text.
    texts: Vec<String>,
}

impl<'a> Looked<'a> {
    /// Looks at a command.
    #[must_use]
    pub fn at(command: &'a Simple) -> Self {
        let plain = plain(command);
        let starts = plain.as_deref().map(starts).unwrap_or_default();
        let words = plain.as_deref().unwrap_or_default();
        let texts = starts.iter().map(|from| pattern::joined(&words[*from..])).collect();
        Self { plain, starts, texts }
    }

    /// Whether a rule's pattern covers this command.
    #[must_use]
    pub fn is_covered(&self, pattern: &Pattern, place: &Place) -> bool {
        let Ok(words) = &self.plain else {
            return false;
        };
        self.starts.iter().zip(&self.texts).any(|(from, text)| {
            let argv = &words[*from..];
            pattern.covers(argv, text) && !hidden::voids(pattern, argv, place)
        })
    }
}

/// Where the commands inside wrappers begin.
fn starts(argv: &[&str]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut rest = argv;
    while let Some(inner) = wrapper::inner(rest).filter(|_| starts.len() < MOST_WRAPPERS) {
        if !inner.assigns.iter().all(|(name, value)| is_harmless(name, value)) {
            break;
        }
        starts.push(argv.len() - inner.argv.len());
        rest = inner.argv;
    }
    starts
}

fn plain(command: &Simple) -> Result<Vec<&str>, Not> {
    let counts = |assign: &&Assignment| !command.argv.is_empty() && !is_harmless_assignment(assign);
    if let Some(assign) = command.assignments.iter().find(counts) {
        return Err(format!("it sets {} for the command", assign.name));
    }
    if let Some(redirect) = command.redirects.iter().find(|redirect| !is_harmless_redirect(redirect)) {
        return Err(format!("it {}", in_words(redirect)));
    }
    if runs_its_input(command) {
        return Err("it runs what it reads".into());
    }
    let lists = command.name().is_some_and(|name| LISTS.contains(&name));
    command.argv.iter().map(|one| word(one, lists)).collect()
}

/// `bash <<< 'rm x'`, `curl … | python`: a shell or language that is given nothing to run but its input.
fn runs_its_input(command: &Simple) -> bool {
    let here = |redirect: &Redirect| matches!(redirect.kind, RedirectKind::Here { .. } | RedirectKind::Read(_));
    let fed = command.place.reads_from.is_some() || command.redirects.iter().any(here);
    let words = || command.argv.iter().map(|word| word.sketch.as_str());
    // Inside of wrappers too.
    let runs = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or_default();
        RUNNERS.contains(&name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
    };
    let Some(at) = words().position(runs) else {
        return false;
    };
    fed && words().skip(at + 1).all(|word| word.starts_with('-') && word != "-m" && word != "--version")
}

/// A word; `lists` when no option that a glob may become does any harm.
fn word(word: &Word, lists: bool) -> Result<&str, Not> {
    let known = word.dynamic.iter().all(|dynamic| *dynamic == Dynamic::HereDocument);
    let Some(text) = word.text.as_deref().filter(|_| known) else {
        return Err(format!("`{}` is only known when it runs", word.sketch));
    };
    let home = text.starts_with('~') && text.len() > 1 && !text.starts_with("~/");
    if word.expands && (home || is_free(text, lists)) {
        return Err(format!("`{text}` may become other words"));
    }
    // To zsh, `=ls` is the path of ls.
    if text.starts_with('=') && text.len() > 1 && word.span.len() == text.len() {
        return Err(format!("`{text}` is another word to zsh"));
    }
    Ok(text)
}

/// Whether what the shell makes of an unquoted word may be more than its text shows. A plain `*` among the
/// project's own files is not: what it finds is looked up.
fn is_free(text: &str, lists: bool) -> bool {
    // Braces make any words; `?` and `[…]` hide a letter, and `.?` may be `..`; `**` is deep to zsh.
    if text.contains(['?', '[', '{']) || text.contains("**") {
        return true;
    }
    let Some(first) = text.find('*') else { return false };
    // A name that a glob finds may begin with a dash, and be an option.
    let option = !lists && (first == 0 || text.starts_with('-'));
    let away = text.starts_with(['/', '~']) || text.split('/').any(|part| part.starts_with('.') && part != ".");
    option || away
}

fn is_harmless_assignment(assign: &Assignment) -> bool {
    let known = assign.value.dynamic.is_empty() && !assign.value.expands;
    known && assign.value.text.as_deref().is_some_and(|value| is_harmless(&assign.name, value))
}

fn is_harmless(name: &str, value: &str) -> bool {
    // A path for a zone or a language is a file that is read, a `%` in one may be more.
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.@:,+-/".contains(&b))
        && !value.starts_with(['/', ':', '.'])
        && !value.contains("..");
    plain
        && HARMLESS.iter().any(|(known, values)| *known == name && values.is_none_or(|values| values.contains(&value)))
}

fn is_harmless_redirect(redirect: &Redirect) -> bool {
    let null = |word: &Word| word.text.as_deref() == Some("/dev/null") && word.dynamic.is_empty();
    match &redirect.kind {
        RedirectKind::Duplicate => true,
        RedirectKind::Read(word) | RedirectKind::Write(word) => null(word),
        RedirectKind::Here { literal, .. } => *literal,
    }
}

fn in_words(redirect: &Redirect) -> String {
    match &redirect.kind {
        RedirectKind::Write(word) => format!("writes to {}", word.sketch),
        RedirectKind::Read(word) => format!("reads {}", word.sketch),
        RedirectKind::Here { .. } => "reads a here-document that expands".into(),
        RedirectKind::Duplicate => "redirects".into(),
    }
}
