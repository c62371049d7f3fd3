//! Whether an allow rule covers one simple command: all of it, or not at all.

use super::Pattern;
use super::risk::Place;
use super::shell::{Assignment, Dynamic, Redirect, RedirectKind, Simple, Word};
use super::wrapper;

/// Variables that only change how something looks, and the values that need no look when `None`.
const HARMLESS: [(&str, Option<&[&str]>); 17] = [
    ("NO_COLOR", None),
    ("FORCE_COLOR", None),
    ("CLICOLOR", None),
    ("CI", None),
    ("LANG", None),
    ("LC_ALL", None),
    ("LC_CTYPE", None),
    ("LC_MESSAGES", None),
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

/// Commands that change what later words mean, wherever they stand in the line.
const POISON: [&str; 17] = [
    "alias", "export", "trap", "hash", "enable", "source", ".", "eval", "exec", "declare", "typeset", "readonly",
    "unalias", "shopt", "builtin", "local", "bind",
];

/// Commands that do nothing but answer.
const PURE: [&str; 6] = ["true", "false", ":", "pwd", "test", "["];

/// Programs that only pass on what they read from standard input, and their options with a value. Files
/// and other options are not theirs to have.
const FILTERS: [(&str, &[&str]); 9] = [
    ("head", &["-n", "-c", "--lines", "--bytes"]),
    ("tail", &["-n", "-c", "--lines", "--bytes"]),
    ("grep", &["-e", "-m", "-A", "-B", "-C"]),
    ("wc", &[]),
    ("sort", &["-k", "-t"]),
    ("uniq", &["-f", "-s", "-w"]),
    ("cut", &["-d", "-f", "-c", "-b", "--delimiter", "--fields"]),
    ("tr", &[]),
    ("cat", &[]),
];

/// Why a command is not covered, in words.
pub type Not = String;

/// Whether something in the line changes what the rest of it means.
#[must_use]
pub fn is_poison(command: &Simple) -> bool {
    let set = command.name() == Some("set");
    let harmless = |word: &Word| matches!(word.text.as_deref(), Some("-e" | "-u" | "-eu" | "-o" | "pipefail" | "-euo"));
    command.name().is_some_and(|name| POISON.contains(&name))
        || (set && !command.argv.iter().skip(1).all(harmless))
        || (command.argv.is_empty() && !command.assignments.is_empty())
}

/// Whether a rule's pattern covers this command.
///
/// # Errors
/// Why not.
pub fn covers(pattern: &Pattern, command: &Simple) -> Result<(), Not> {
    covers_words(pattern, &plain(command)?)
}

fn covers_words(pattern: &Pattern, argv: &[&str]) -> Result<(), Not> {
    if pattern.matches_words(argv) {
        return Ok(());
    }
    let harmless = |inner: &wrapper::Inner<'_>| inner.assigns.iter().all(|(name, value)| is_harmless(name, value));
    match wrapper::inner(argv).filter(harmless) {
        Some(inner) => covers_words(pattern, inner.argv),
        None => Err(format!("`{}` is not what the pattern says", super::pattern::joined(argv))),
    }
}

/// Whether this command needs no rule: it does nothing, or only passes on what it reads.
#[must_use]
pub fn is_pure(command: &Simple, place: &Place) -> bool {
    let Ok(argv) = plain(command) else {
        return false;
    };
    let Some((name, arguments)) = argv.split_first() else {
        return false;
    };
    match *name {
        name if PURE.contains(&name) => true,
        "echo" | "printf" => !arguments.contains(&"-v"),
        "set" => !is_poison(command),
        "cd" => matches!(arguments, [to] if place.is_inside(to)),
        _ => command.place.reads_from.is_some() && is_filter(name, arguments),
    }
}

fn is_filter(name: &str, arguments: &[&str]) -> bool {
    let Some((_, valued)) = FILTERS.iter().find(|(filter, _)| *filter == name) else {
        return false;
    };
    // What a filter may be told besides options: grep its pattern, tr its sets.
    let mut words = match name {
        "grep" => usize::from(!arguments.iter().any(|word| word.starts_with("-e"))),
        "tr" => 2,
        _ => 0,
    };
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        if valued.contains(word) {
            if rest.next().is_none() {
                return false;
            }
        } else if word.starts_with('-') && word.len() > 1 {
            if !is_plain_option(name, word, valued) {
                return false;
            }
        } else if words > 0 {
            words -= 1;
        } else {
            return false;
        }
    }
    true
}

/// Options that neither read a file, nor write one, nor run anything.
fn is_plain_option(name: &str, word: &str, valued: &[&str]) -> bool {
    if let Some(long) = word.strip_prefix("--") {
        let key = long.split('=').next().unwrap_or_default();
        return valued.contains(&format!("--{key}").as_str())
            || matches!(
                (name, key),
                ("grep", "color" | "line-number" | "ignore-case" | "invert-match" | "count" | "only-matching")
            );
    }
    let letters = match name {
        "grep" => "nivcowxEFPqshHABCem0123456789",
        "sort" => "nrufdhbgVskt0123456789,",
        "head" | "tail" => "ncqv0123456789+-",
        "wc" => "lwcmL",
        "uniq" => "cdiufsw0123456789",
        "cut" => "dfcbs0123456789,-:;",
        "tr" => "dsc",
        "cat" => "nAsbETv",
        _ => "",
    };
    word.chars().skip(1).all(|c| letters.contains(c))
        || valued.iter().any(|option| word.starts_with(option) && name == "cut")
}

/// The command's words, when every one of them is known, none can become another, and nothing else about
/// the command does anything.
fn plain(command: &Simple) -> Result<Vec<&str>, Not> {
    if let Some(assign) = command.assignments.iter().find(|assign| !is_harmless_assignment(assign)) {
        return Err(format!("it sets {} for the command", assign.name));
    }
    if let Some(redirect) = command.redirects.iter().find(|redirect| !is_harmless_redirect(redirect)) {
        return Err(format!("it {}", in_words(redirect)));
    }
    command.argv.iter().map(word).collect()
}

fn word(word: &Word) -> Result<&str, Not> {
    let known = word.dynamic.iter().all(|dynamic| *dynamic == Dynamic::HereDocument);
    let Some(text) = word.text.as_deref().filter(|_| known) else {
        return Err(format!("`{}` is only known when it runs", word.sketch));
    };
    // A name that a glob finds may begin with a dash, and be an option; braces make any words.
    let free = text
        .find(['*', '?', '[', '{'])
        .is_some_and(|at| at == 0 || text.starts_with('-') || text[at..].starts_with('{'));
    if word.expands && free {
        return Err(format!("`{text}` may become other words"));
    }
    Ok(text)
}

fn is_harmless_assignment(assign: &Assignment) -> bool {
    let known = assign.value.dynamic.is_empty() && !assign.value.expands;
    known && assign.value.text.as_deref().is_some_and(|value| is_harmless(&assign.name, value))
}

fn is_harmless(name: &str, value: &str) -> bool {
    HARMLESS.iter().any(|(known, values)| *known == name && values.is_none_or(|values| values.contains(&value)))
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
