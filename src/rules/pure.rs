//! Commands that need no rule, because they only answer; and commands that change what others mean.

use super::cover::Looked;
use super::risk::{Place, paths};
use super::shell::{Line, RedirectKind, Simple, Word};

/// Commands that change what later words mean, wherever they stand in the line.
#[rustfmt::skip]
const POISON: &[&str] = &[
    "alias", "export", "trap", "hash", "enable", "source", ".", "eval", "exec", "declare", "typeset", "readonly",
    "unalias", "shopt", "builtin", "local", "bind", "unset", "read", "mapfile", "readarray", "getopts", "let",
    "complete", "compgen", "compopt", "pushd", "popd", "fc", "history", "disown", "caller",
    // What zsh knows besides.
    "setopt", "unsetopt", "emulate", "zmodload", "autoload", "functions", "function", "disable", "bindkey", "vared",
    "zstyle", "integer", "float", "rehash", "unhash", "unfunction", "print", "sched", "zle", "coproc", "chdir",
];

/// Commands that do nothing but answer.
const PURE: [&str; 4] = ["true", "false", ":", "pwd"];

/// Programs that only pass on what they read from standard input, and their options with a value. Files
/// and other options are not theirs to have.
const FILTERS: [(&str, &[&str]); 9] = [
    ("head", &["-n", "-c", "--lines", "--bytes"]),
    ("tail", &["-n", "-c", "--lines", "--bytes"]),
    ("grep", &["-e", "-m", "-A", "-B", "-C", "--max-count", "--regexp"]),
    ("wc", &[]),
    ("sort", &["-k", "-t"]),
    ("uniq", &["-f", "-s", "-w"]),
    ("cut", &["-d", "-f", "-c", "-b", "--delimiter", "--fields"]),
    ("tr", &[]),
    ("cat", &[]),
];

/// Whether something in the line changes what the rest of it means.
#[must_use]
pub fn is_poison(command: &Simple) -> bool {
    let text = |at: usize| command.argv.get(at).and_then(|word| word.text.as_deref());
    let sets = command.argv.is_empty() && !command.assignments.is_empty() && !is_counter(command);
    // `command export`, `time read`: the word behind a harmless one counts as well.
    let named = (0..command.argv.len().min(4)).filter_map(text).take_while(|word| !word.starts_with('/'));
    let mut leading = named.clone().take_while(|word| matches!(*word, "command" | "time" | "env" | "-p" | "--"));
    let first = leading.by_ref().count();
    let name = text(first);
    let harmless = |word: &Word| matches!(word.text.as_deref(), Some("-e" | "-u" | "-eu" | "-o" | "pipefail" | "-euo"));
    sets || name.is_some_and(|name| POISON.contains(&name))
        || name == Some("set") && !command.argv.iter().skip(first + 1).all(harmless)
        || name == Some("printf") && text(first + 1).is_some_and(|word| word.starts_with("-v"))
}

/// `i=1`, `for f in a b`: a variable of one small letter means nothing to any program.
fn is_counter(command: &Simple) -> bool {
    command.assignments.iter().all(|assign| {
        let small = assign.name.len() == 1 && assign.name.bytes().all(|b| b.is_ascii_lowercase());
        small && assign.value.text.is_some() && assign.value.dynamic.is_empty()
    })
}

/// Whether this command needs no rule: it does nothing, or only passes on what it reads.
#[must_use]
pub fn is_pure(command: &Simple, looked: &Looked<'_>, place: &Place) -> bool {
    let Ok(argv) = &looked.plain else {
        return false;
    };
    let Some((name, arguments)) = argv.split_first() else {
        return is_counter(command) && !command.assignments.is_empty() && command.redirects.is_empty();
    };
    let fed = command.place.reads_from.is_some() || reads_text(command);
    match *name {
        name if PURE.contains(&name) => true,
        // A subscript in an operand is evaluated, commands in it included.
        "test" | "[" => arguments.iter().all(|word| !word.contains(['[', '$', '`', '('])),
        "echo" => true,
        "printf" => {
            !arguments.first().is_some_and(|word| word.starts_with('-'))
                && !arguments.iter().skip(1).any(|word| word.contains(['[', '`']) || word.contains("$("))
        }
        "set" => !is_poison(command),
        "cd" => matches!(arguments, [to] if goes_to(to, place).is_some()),
        "tee" => fed && arguments.iter().all(|word| *word == "/dev/null"),
        _ => fed && is_filter(name, arguments),
    }
}

/// It reads a here-document or here-string, which [`Looked`] has found to be literal.
fn reads_text(command: &Simple) -> bool {
    command.redirects.iter().any(|redirect| matches!(redirect.kind, RedirectKind::Here { literal: true, .. }))
}

/// Where a `cd` inside the project leads; `None` when it leaves it, or when that cannot be known.
#[must_use]
pub fn goes_to(to: &str, place: &Place) -> Option<String> {
    let plain = !to.is_empty() && !to.starts_with(['-', '~', '+']) && !to.split('/').any(|part| part == "..");
    let real = plain.then(|| place.real.get(to))??;
    let root = place.real.get(&place.project).unwrap_or(&place.project);
    let inside = paths::under(real, root.trim_end_matches('/')) && !paths::under(real, &format!("{root}/.git"));
    inside.then(|| real.clone())
}

fn is_filter(name: &str, arguments: &[&str]) -> bool {
    let Some((_, valued)) = FILTERS.iter().find(|(filter, _)| *filter == name) else {
        return false;
    };
    // What a filter may be told besides options: grep its pattern, tr its sets.
    let mut words = match name {
        "grep" => usize::from(!arguments.iter().any(|word| word.starts_with("-e") || word.starts_with("--reg"))),
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
        } else if *word != "-" || name == "uniq" {
            return false;
        }
    }
    true
}

/// Long options of filters that only change what comes out.
#[rustfmt::skip]
const LONG_OPTIONS: [(&str, &str); 7] = [
    ("grep", "color line-number ignore-case invert-match count only-matching extended-regexp fixed-strings perl-regexp \
        word-regexp line-regexp quiet silent no-messages line-buffered text"),
    ("sort", "reverse unique numeric-sort human-numeric-sort version-sort ignore-case"),
    ("uniq", "count repeated unique ignore-case"), ("wc", "lines words chars bytes"),
    ("cat", "number show-all squeeze-blank"), ("head", "quiet verbose"), ("tail", "quiet verbose"),
];

/// Short ones, with the digits and marks of their values.
#[rustfmt::skip]
const LETTERS: [(&str, &str); 9] = [
    ("grep", "nivcowxEFPqshHABCemaLl0123456789"), ("sort", "nrufdhbgVskt0123456789,."), ("head", "ncqv0123456789+-"),
    ("tail", "ncqv0123456789+-"), ("wc", "lwcmL"), ("uniq", "cdiufsw0123456789"), ("cut", "dfcbs0123456789,-:;"),
    ("tr", "dsc"), ("cat", "nAsbETvet"),
];

/// Options that neither read a file, nor write one, nor run anything.
fn is_plain_option(name: &str, word: &str, valued: &[&str]) -> bool {
    let of = |table: &[(&str, &'static str)]| {
        table.iter().find(|(program, _)| *program == name).map_or("", |(_, options)| *options)
    };
    if let Some(long) = word.strip_prefix("--") {
        let key = long.split('=').next().unwrap_or_default();
        let plain = of(&LONG_OPTIONS).split(' ').any(|option| option == key);
        return word.contains('=') && valued.contains(&format!("--{key}").as_str()) || plain;
    }
    let attached = |option: &&str| !option.starts_with("--") && word.starts_with(*option);
    word.chars().skip(1).all(|c| of(&LETTERS).contains(c)) || valued.iter().any(attached)
}

/// Tests and actions by which `find` prints nothing but names that begin with where it starts.
#[rustfmt::skip]
const FINDS: &[&str] = &[
    "-name", "-iname", "-path", "-ipath", "-type", "-maxdepth", "-mindepth", "-not", "!", "-o", "-or", "-a", "-and",
    "-newer", "-size", "-mtime", "-mmin", "-empty", "-print", "-print0", "-prune", "(", ")",
];

/// `find … | xargs wc -l`: counts what the command before it names, and shows nothing of it.
#[must_use]
pub fn counts_files(command: &Simple, line: &Line, looked: &Looked<'_>) -> bool {
    let Ok(["xargs", rest @ ..]) = looked.plain.as_deref() else {
        return false;
    };
    let options = rest.iter().take_while(|word| matches!(**word, "-0" | "-r" | "-0r" | "-r0")).count();
    let fed = command.place.reads_from.and_then(|at| line.commands.get(at)).is_some_and(only_names);
    let plain = |word: &&str| matches!(*word, "-l" | "-c" | "-w" | "-m" | "-L");
    fed && matches!(&rest[options..], ["wc", flags @ ..] if flags.iter().all(plain))
}

/// A `find` whose every line is a path from a plain place: none of them can be an option to who reads it.
fn only_names(feeder: &Simple) -> bool {
    let texts: Option<Vec<&str>> = feeder.argv.iter().map(|word| word.text.as_deref()).collect();
    let Some(["find", words @ ..]) = texts.as_deref() else {
        return false;
    };
    let marks = |word: &&&str| word.starts_with(['-', '!', '(']);
    let from = words.iter().take_while(|word| !marks(word)).count();
    let plain = |c: char| c.is_alphanumeric() || "/._-~".contains(c);
    words[..from].iter().all(|start| start.chars().all(plain))
        && words[from..].iter().filter(|word| word.starts_with('-')).all(|word| FINDS.contains(word))
}
