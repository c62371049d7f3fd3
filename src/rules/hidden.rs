//! Options by which a program does what its name and a rule's text do not say: run another program, write
//! to a file of somebody's choice, read its settings from elsewhere.
//!
//! A rule that covers a command by a `*` never covers these, unless its pattern spells them out. Here on
//! purpose nothing is learnt from the risk of the command: that is a hint, and this is a promise.

mod awk;
mod curl;
mod git;
mod known;
mod named;
mod operands;
mod rarer;
mod sed;
mod servers;
mod sql;
mod tables;

use super::risk::{Place, paths};
use super::{Pattern, wrapper};
use rarer::RARER;
use tables::{ANY, ANYTHING, AT_IS_PLAIN, CODE, ESCAPES, INNER, Options, TABLE};

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
    let from = INNER.iter().filter(|(runs, _)| *runs == name).find_map(|(_, before)| behind(argv, before))?;
    let options = argv[from..].iter().take_while(|word| word.starts_with('-')).count();
    (from + options < argv.len()).then_some(from + options)
}

/// Where the words of a command begin that stand behind `before`, with options of its own in front of them:
/// `uv --offline run`; or the language that `pnpm` and `yarn` run as they run a script.
fn behind(argv: &[&str], before: &[&str]) -> Option<usize> {
    match before {
        [] => Some(1),
        [word] if word.starts_with('-') => (argv.get(1) == Some(word)).then_some(2),
        [word, ..] => verb_places(&argv[1..]).into_iter().find(|at| argv[at + 1] == *word).map(|at| at + 2),
    }
}

/// Programs whose own name ends in a number.
const NUMBERED: [&str; 4] = ["flake8", "base64", "c8", "p4"];

fn base(program: &str) -> &str {
    let name = program.rsplit('/').next().unwrap_or_default();
    if NUMBERED.contains(&name) {
        return name;
    }
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if bare.is_empty() { name } else { bare }
}

fn one<'a>(argv: &[&'a str], from: usize, place: &Place, addressed: bool, found: &mut Vec<Word<'a>>) {
    let Some((program, args)) = argv.split_first() else { return };
    let name = base(program);
    if named::must_be(name, args, place) {
        found.push((from, *program));
    }
    let mut push = |at: usize, word: &'a str| found.push((from + 1 + at, word));
    let end = if name == "cargo" { args.iter().position(|word| *word == "--") } else { None };
    let args = &args[..end.unwrap_or(args.len())];
    if let Some(end) = end {
        behind_dashes(&argv[1..], end, place, &mut push);
    }
    of_its_own(name, argv, args, (place, addressed), &mut push);
    known::look(name, args, &mut push);
    operands::look(name, args, &mut push);
    sql::look(name, args, &mut push);
    servers::look(name, args, place, &mut push);
    rarer::pairs(name, args, &mut push);
    let verbs = verb_places(args);
    // Behind the program that these run, an option is that program's.
    let runs = matches!(name, "uv" | "poetry" | "pdm" | "bundle");
    let own = if runs { inner(argv).map_or(args.len(), |at| at - 1) } else { args.len() };
    let free = AT_IS_PLAIN.contains(&name) || wrapper::is_one(name);
    for (at, word) in args.iter().enumerate() {
        let rows = TABLE.iter().chain(RARER).filter(|(known, _)| known.contains(&name) && at < own);
        for key in
            rows.map(|(_, options)| options).chain([&ANY]).filter_map(|options| options.find(word, verbs.contains(&at)))
        {
            push(at, key);
        }
        // More arguments, from a file.
        if word.starts_with('@') && !free {
            push(at, word);
        }
        if CODE.contains(&name) && leads_out(word, place) || ESCAPES.iter().any(|escape| word.contains(escape)) {
            push(at, word);
        }
    }
}

/// What a program has that no table of options says.
fn of_its_own<'a>(
    name: &str,
    argv: &[&'a str],
    args: &[&'a str],
    (place, addressed): (&Place, bool),
    mut push: &mut impl FnMut(usize, &'a str),
) {
    match name {
        "git" => git::look(args, place, &mut push),
        "sed" | "gsed" => sed::look(args, &mut push),
        "awk" | "gawk" | "mawk" | "nawk" => awk::look(args, &mut push),
        "curl" => curl::look(args, addressed, &mut push),
        "make" | "gmake" => variables(args, &mut push),
        "tar" | "gtar" | "bsdtar" => old_style(args, &mut push),
        "less" | "more" | "most" | "vi" | "vim" => plus(args, &mut push),
        "uniq" | "xxd" | "json.tool" => second_file(args, &mut push),
        _ if ANYTHING.contains(&name) || wrapper::is_one(name) && wrapper::inner(argv).is_none() => {
            args.iter().enumerate().for_each(|(at, word)| push(at, word));
        }
        _ => {}
    }
}

/// What `cargo` hands on: libtest writes where it is told, and so does the compiler.
fn behind_dashes<'a>(args: &[&'a str], end: usize, place: &Place, push: &mut impl FnMut(usize, &'a str)) {
    let lints = args[..end].contains(&"clippy");
    for (at, word) in args.iter().enumerate().skip(end + 1) {
        let compiles = lints
            && word.starts_with('-')
            && !["-D", "-W", "-A", "-F", "--cap-lints"].iter().any(|lint| word.starts_with(lint));
        if compiles || word.starts_with("--logfile") || !word.contains(char::is_whitespace) && leads_out(word, place) {
            push(at, word);
        }
    }
}

/// Where the subcommand may stand: behind options, each of which may have the word after it for its value.
fn verb_places(args: &[&str]) -> Vec<usize> {
    let option = |at: usize| args[at].starts_with(['-', '+']);
    let mut places = Vec::new();
    for at in (0..args.len()).filter(|at| !option(*at)) {
        places.push(at);
        if at == 0 || !option(at - 1) {
            break;
        }
    }
    places
}

impl Options {
    /// The part of `word` by which it is one of these.
    fn find<'a>(&self, word: &'a str, verb: bool) -> Option<&'a str> {
        let key = word.split('=').next().unwrap_or_default();
        let listed = self.exact.contains(&key) || verb && self.verbs.contains(&word);
        let mark = if word.len() > key.len() { &word[..=key.len()] } else { word };
        if let Some(given) = key.strip_prefix("--") {
            // Some take them in any case; `--config.name` is pnpm's.
            let given = given.to_lowercase();
            let set = given.split('.').next().unwrap_or_default();
            let short = |long: &str| !given.is_empty() && (long.starts_with(&given) || long == set);
            let kept = self.spared.contains(&key);
            return (listed || !kept && self.long.iter().any(|long| short(&long.to_lowercase()))).then_some(mark);
        }
        // `-shell`: one dash is as good as two to some.
        let single =
            |long: &&str| key.len() > 2 && key.strip_prefix('-').is_some_and(|name| name.eq_ignore_ascii_case(long));
        if !self.spared.contains(&key) && self.long.iter().any(single) {
            return Some(mark);
        }
        let cluster = word.strip_prefix('-').filter(|letters| !letters.is_empty());
        let lettered = cluster.is_some_and(|letters| {
            !self.spared.contains(&word) && letters.chars().take_while(|c| *c != '=').any(|c| self.letters.contains(c))
        });
        (listed || lettered).then_some(if listed { mark } else { word })
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
    // `@~1` is a commit, `@~/x` a file with more arguments.
    let file = |rest: &&str| !rest.starts_with('~') || rest.starts_with("~/");
    let word = match word.strip_prefix('@') {
        Some(rest) => Some(rest).filter(file).unwrap_or(word),
        None => word,
    };
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
