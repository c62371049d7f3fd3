//! Options by which a program does what its name and a rule's text do not say: run another program, write
//! to a file of somebody's choice, read its settings from elsewhere.
//!
//! A rule that covers a command by a `*` never covers these, unless its pattern spells them out. Here on
//! purpose nothing is learnt from the risk of the command: that is a hint, and this is a promise.

mod curl;
mod sed;
mod tables;

use super::risk::{Place, paths};
use super::{Pattern, wrapper};
use tables::{ANY, ANYTHING, CODE, ESCAPES, INNER, Options, TABLE};

/// One word that a pattern has to spell out: where it stands, and how much of it.
type Word<'a> = (usize, &'a str);

/// Whether the command has something about it that the pattern covers without naming it.
#[must_use]
pub fn voids(pattern: &Pattern, argv: &[&str], place: &Place) -> bool {
    !matches!(pattern, Pattern::Literal(_))
        && of(argv, place, pattern.mentions("//")).into_iter().any(|(at, key)| !pattern.names(at, key))
}

/// The words of a command that only a pattern which names them may cover.
///
/// `addressed`: the pattern says which addresses it is about.
fn of<'a>(argv: &[&'a str], place: &Place, addressed: bool) -> Vec<Word<'a>> {
    let mut found = Vec::new();
    let mut from = 0;
    // `npx tsc`, `uv run pytest`, `python -m pytest`: what runs has to be named, and has options of its own.
    loop {
        let rest = &argv[from..];
        one(rest, from, place, addressed, &mut found);
        let Some(inner) = inner(rest) else {
            return found;
        };
        found.push((from + inner, argv[from + inner]));
        from += inner;
    }
}

/// Where in a command another one begins that it runs.
fn inner(argv: &[&str]) -> Option<usize> {
    if let Some(inner) = wrapper::inner(argv) {
        return Some(argv.len() - inner.argv.len());
    }
    let name = base(argv.first()?);
    let (_, before) =
        INNER.iter().find(|(runs, before)| *runs == name && argv.get(1..=before.len()) == Some(before))?;
    let from = before.len() + 1;
    let options = argv[from..].iter().take_while(|word| word.starts_with('-')).count();
    (from + options < argv.len()).then_some(from + options)
}

fn base(program: &str) -> &str {
    let name = program.rsplit('/').next().unwrap_or_default();
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if bare.is_empty() { name } else { bare }
}

fn one<'a>(argv: &[&'a str], from: usize, place: &Place, addressed: bool, found: &mut Vec<Word<'a>>) {
    let Some((program, args)) = argv.split_first() else {
        return;
    };
    let name = base(program);
    let end = if name == "cargo" { args.iter().position(|word| *word == "--") } else { None };
    let args = &args[..end.unwrap_or(args.len())];
    let mut push = |at: usize, word: &'a str| found.push((from + 1 + at, word));
    match name {
        "git" => git(args, place, &mut push),
        "sed" | "gsed" => sed::look(args, &mut push),
        "awk" | "gawk" | "mawk" | "nawk" => awk(args, &mut push),
        "curl" => curl::look(args, addressed, &mut push),
        "make" | "gmake" => variables(args, &mut push),
        "tar" | "gtar" | "bsdtar" => old_style(args, &mut push),
        "less" | "more" | "most" | "vi" | "vim" => plus(args, &mut push),
        "uniq" | "xxd" => second_file(args, &mut push),
        _ if ANYTHING.contains(&name) || wrapper::is_one(name) && wrapper::inner(argv).is_none() => {
            args.iter().enumerate().for_each(|(at, word)| push(at, word));
        }
        _ => {}
    }
    let verbs = verb_places(args);
    for (at, word) in args.iter().enumerate() {
        for options in [TABLE.iter().find(|(known, _)| known.contains(&name)).map(|(_, options)| options), Some(&ANY)] {
            if let Some(key) = options.and_then(|options| options.find(word, verbs.contains(&at))) {
                push(at, key);
            }
        }
        if CODE.contains(&name) && leads_out(word, place) || ESCAPES.iter().any(|escape| word.contains(escape)) {
            push(at, word);
        }
    }
}

/// Where the subcommand may stand: behind options, the last of which may have it for its value.
fn verb_places(args: &[&str]) -> std::ops::Range<usize> {
    let first = args.iter().position(|word| !word.starts_with(['-', '+'])).unwrap_or(args.len());
    first..first + if first == 0 { 1 } else { 2 }
}

impl Options {
    /// The part of `word` by which it is one of these.
    fn find<'a>(&self, word: &'a str, verb: bool) -> Option<&'a str> {
        let key = word.split('=').next().unwrap_or_default();
        let listed = self.exact.contains(&key) || verb && self.verbs.contains(&word);
        let mark = if word.len() > key.len() { &word[..=key.len()] } else { word };
        if let Some(given) = key.strip_prefix("--") {
            let short = |long: &&&str| !given.is_empty() && long.starts_with(given);
            let kept = self.spared.contains(&key);
            return (listed || !kept && self.long.iter().any(|long| short(&long))).then_some(mark);
        }
        let cluster = word.strip_prefix('-').filter(|letters| !letters.is_empty());
        let lettered = cluster.is_some_and(|letters| {
            !self.spared.contains(&word) && letters.chars().take_while(|c| *c != '=').any(|c| self.letters.contains(c))
        });
        (listed || lettered).then_some(if listed { mark } else { word })
    }
}

/// git's own options stand before the subcommand, and there mean something else than behind it.
fn git<'a>(args: &[&'a str], place: &Place, push: &mut impl FnMut(usize, &'a str)) {
    let sub = args.iter().position(|word| !word.starts_with('-')).unwrap_or(args.len());
    for (at, word) in args[..sub].iter().enumerate() {
        if !tables::GIT_PLAIN.contains(word) {
            push(at, word);
        }
    }
    let Some(name) = args.get(sub) else { return };
    let verbs = verb_places(&args[sub + 1..]);
    let row = tables::GIT_SUBS.iter().find(|(known, _)| known.contains(name));
    for (at, word) in args.iter().enumerate().skip(sub + 1) {
        if let Some(key) = row.and_then(|(_, options)| options.find(word, verbs.contains(&(at - sub - 1)))) {
            push(at, key);
        }
        // Outside of a repository git compares any two files; others write to where they are told.
        if !word.contains(char::is_whitespace) && leads_out(word, place) {
            push(at, word);
        }
    }
}

/// awk's language runs programs and writes files.
fn awk<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    for (at, word) in args.iter().enumerate() {
        let bare = word.replace("||", "");
        let writes = word.contains("print") && word.replace(">=", "").contains('>');
        // In quotes behind -F a bar is only a mark between fields.
        let bar = bare.contains('|') && !word.starts_with("-F") && !(at > 0 && args[at - 1] == "-F");
        if writes || bar || ["system", "getline", "@", "ARGV", "ENVIRON"].iter().any(|it| word.contains(it)) {
            push(at, word);
        }
    }
}

/// `make CC=evil`: a variable may be a program that the rules of the makefile run.
fn variables<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    for (at, word) in args.iter().enumerate().filter(|(_, word)| !word.starts_with('-')) {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        let known = ["V", "VERBOSE", "DEBUG", "CI", "Q", "NO_COLOR"].contains(&name);
        if word.contains('=') && !(plain && known) {
            push(at, word);
        }
    }
}

/// `tar cIf prog a.tar`: the first word may be options without a dash.
fn old_style<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    if let Some(word) = args.first().filter(|word| !word.starts_with('-') && word.contains(['I', 'F', 'T', 'P'])) {
        push(0, word);
    }
}

/// `less '+!cmd' file`: commands that the pager starts with.
fn plus<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    args.iter().enumerate().filter(|(_, word)| word.starts_with('+')).for_each(|(at, word)| push(at, word));
}

/// Of two files, the second is written.
fn second_file<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let mut files = args.iter().enumerate().filter(|(_, word)| !word.starts_with('-') || **word == "-");
    if let Some((at, word)) = files.nth(1) {
        push(at, word);
    }
}

/// Whether a word of a program that runs code may name a file outside the project.
fn leads_out(word: &str, place: &Place) -> bool {
    let word = word.strip_prefix('@').unwrap_or(word);
    let value = match word.find('=') {
        Some(at) if word.starts_with('-') => &word[at + 1..],
        _ if word.starts_with('-') => word.find(['/', '~']).map_or("", |at| &word[at..]),
        _ => word,
    };
    if value == "/dev/null" {
        return false;
    }
    let far = value.starts_with('/') && !paths::under(value, &place.project);
    let real = place.real.get(word).is_some_and(|real| !paths::under(real, &place.project));
    far || real
        || value.contains(":/") && !value.contains("://")
        || value.starts_with('~')
        || value.split([':', '/']).any(|part| part == "..")
}
