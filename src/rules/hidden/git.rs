//! git's options, and its settings.

use super::super::risk::Place;
use super::{leads_out, tables, verb_places};

/// Settings that only change how git looks or what it is used to; others may run programs, or send elsewhere.
#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "user.name", "user.email", "pull.rebase", "pull.ff", "push.default", "push.autosetupremote", "push.followtags",
    "core.autocrlf", "core.eol", "core.safecrlf", "core.ignorecase", "core.filemode", "core.quotepath", "core.longpaths",
    "core.precomposeunicode", "core.abbrev", "core.whitespace", "init.defaultbranch", "rebase.autostash",
    "rebase.autosquash", "rebase.updaterefs", "fetch.prune", "fetch.prunetags", "rerere.enabled", "rerere.autoupdate",
    "commit.gpgsign", "commit.verbose", "tag.gpgsign", "tag.sort", "branch.sort", "branch.autosetupmerge",
    "branch.autosetuprebase", "diff.algorithm", "diff.renames", "diff.noprefix", "diff.colormoved", "diff.mnemonicprefix",
    "merge.conflictstyle", "merge.ff", "blame.date", "gc.auto", "apply.whitespace", "versionsort.suffix",
];
/// The beginnings of such.
const PLAIN_BEGINS: &[&str] = &["advice.", "status.", "column.", "log.", "color."];

/// git's own options stand before the subcommand, and there mean something else than behind it.
pub fn look<'a>(args: &[&'a str], place: &Place, push: &mut impl FnMut(usize, &'a str)) {
    let sub = args.iter().position(|word| !word.starts_with('-')).unwrap_or(args.len());
    for (at, word) in args[..sub].iter().enumerate() {
        if !tables::GIT_PLAIN.contains(word) {
            push(at, word);
        }
    }
    let Some(name) = args.get(sub) else { return };
    if *name == "config" {
        config(args, sub, push);
    }
    let verbs = verb_places(&args[sub + 1..]);
    let rows = || tables::GIT_SUBS.iter().filter(|(known, _)| known.contains(name));
    for (at, word) in args.iter().enumerate().skip(sub + 1) {
        let verb = verbs.contains(&(at - sub - 1));
        // `-F -`: the message comes from the input.
        let input = *name == "commit" && *word == "-F" && args.get(at + 1) == Some(&"-");
        if let Some(key) = rows().filter(|_| !input).find_map(|(_, options)| options.find(word, verb)) {
            push(at, key);
        }
        // Against nothing git compares, and shows, any file there is.
        if cut_short(word) || *name == "diff" && *word == "/dev/null" {
            push(at, word);
        }
        // Outside of a repository git compares any two files; others write to where they are told.
        if !word.contains(char::is_whitespace) && leads_out(word, place) {
            push(at, word);
        }
    }
}

/// `--del`: an option whose danger is known by its whole name.
fn cut_short(word: &str) -> bool {
    let given = word.strip_prefix("--").map_or("", |long| long.split('=').next().unwrap_or_default());
    let long = tables::GIT_GRAVE;
    !given.is_empty() && !long.contains(&given) && long.iter().any(|long| long.starts_with(given))
}

/// A setting that is changed, by its name; and whatever is done to a whole section.
fn config<'a>(args: &[&'a str], sub: usize, push: &mut impl FnMut(usize, &'a str)) {
    let words: Vec<usize> = (sub + 1..args.len()).filter(|at| !args[*at].starts_with('-')).collect();
    let shows =
        |word: &str| matches!(word, "-l" | "get" | "list") || word.starts_with("--get") || word.starts_with("--li");
    let sections = |word: &str| word.contains("section") || word.starts_with("--r");
    if args[sub + 1..].iter().take(1).any(|word| shows(word)) {
        return;
    }
    if let Some(at) = (sub + 1..args.len()).find(|at| sections(args[*at])) {
        push(at, args[at]);
    }
    let verb = usize::from(words.first().is_some_and(|at| matches!(args[*at], "set" | "unset")));
    let key = words.get(verb).filter(|at| words.len() > 1 && !is_plain(&args[**at].to_lowercase()));
    key.into_iter().for_each(|at| push(*at, args[*at]));
}

fn is_plain(key: &str) -> bool {
    PLAIN.contains(&key) || key != "color.pager" && PLAIN_BEGINS.iter().any(|begin| key.starts_with(begin))
}
