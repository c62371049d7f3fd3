//! Programs that a pattern has to name: what they write, run or bring in does not stand in their words. `*` alone,
//! or a session that may do everything for a while, does not cover them.

use super::super::risk::{Place, paths};

/// Programs that write to whatever files their input names, or take their orders from what they look at.
#[rustfmt::skip]
const ALWAYS: &[&str] = &[
    "cpio", "patch", "uudecode", "aria2c", "yt-dlp", "lynx", "w3m", "identify", "rename", "perl-rename",
    // Their last piece may be a file of any name: `split -n5 -a1 x Makefil`.
    "split", "csplit",
];

/// Subcommands by which a program brings in, or puts into place, what nobody sees here; and among how many of its
/// first words they stand.
#[rustfmt::skip]
const VERBS: &[(&[&str], usize, &[&str])] = &[
    (&["git"], 1, &["apply", "am", "read-tree", "checkout-index", "update-index", "fast-import", "mktree", "commit-tree",
        "unpack-objects", "index-pack", "worktree", "submodule", "clone", "sparse-checkout", "replace", "lfs", "init"]),
    (&["npm", "pnpm", "yarn", "bun"], 2, &["add", "global", "import"]),
    (&["go"], 1, &["get", "install"]),
    (&["uv"], 1, &["add", "pip", "tool", "self"]), (&["poetry", "pdm"], 1, &["add", "config", "self", "plugin"]),
    (&["bundle"], 1, &["add", "config", "update", "plugin"]), (&["deno"], 1, &["add", "install"]),
    (&["gem"], 1, &["install", "update", "sources"]), (&["pipx"], 1, &["install", "run", "inject", "upgrade"]),
    (&["composer"], 1, &["require", "config", "global", "create-project"]),
    (&["conda", "mamba"], 2, &["install", "create", "update", "env", "run", "config"]),
    (&["docker", "podman", "nerdctl", "docker-compose", "podman-compose"], 4,
        &["up", "run", "create", "start", "restart", "watch", "stack", "play", "kube"]),
    (&["pre-commit"], 1, &["install", "autoupdate", "try-repo", "init-templatedir"]),
];

/// Whether a rule about this command has to say which program it means.
#[must_use]
pub fn must_be(name: &str, args: &[&str], place: &Place) -> bool {
    let words: Vec<&str> = args.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let rows = VERBS.iter().filter(|(names, ..)| names.contains(&name));
    let verb = |count: usize, verbs: &[&str]| words.iter().take(count).any(|word| verbs.contains(word));
    ALWAYS.contains(&name)
        || rows.into_iter().any(|(_, count, verbs)| verb(*count, verbs))
        || unpacks(name, args)
        || brings(name, &words)
        || named_by_others(name, args)
        || over_the_project(name, args, place)
        || guarded(name, args, place)
}

/// Unpacking writes whatever names there are in the archive, links among them.
fn unpacks(name: &str, args: &[&str]) -> bool {
    let first = args.first().copied().unwrap_or_default();
    let short = |word: &&str| word.starts_with('-') && !word.starts_with("--");
    match name {
        "tar" | "gtar" | "bsdtar" => {
            let letters = |word: &str| word.contains(['x', 'A', 'u', 'r']);
            !first.starts_with('-') && letters(first)
                || args.iter().filter(|word| short(word)).any(|word| letters(word))
                || args
                    .iter()
                    .any(|word| word.starts_with("--") && ["ex", "get", "g"].iter().any(|o| word[2..].starts_with(o)))
        }
        "unzip" => {
            !args.iter().filter(|word| short(word)).any(|word| word[1..].contains(['l', 't', 'v', 'Z', 'z', 'p']))
        }
        "7z" | "7zz" | "7za" => !matches!(first, "l" | "t" | "i" | "h"),
        // Under the name that is in the packed file.
        "gzip" | "gunzip" => args.iter().any(|word| short(word) && word.contains('N') || word.starts_with("--na")),
        "ar" => first.trim_start_matches('-').starts_with('x'),
        _ => false,
    }
}

/// A package that is named here and not by the project, a repository that is an address: its code runs at once.
fn brings(name: &str, words: &[&str]) -> bool {
    let verb = words.first().copied().unwrap_or_default();
    match name {
        "npm" | "pnpm" | "yarn" | "bun" => {
            matches!(verb, "install" | "i" | "in" | "ins" | "isntall") && words.len() > 1
        }
        "git" => {
            let address =
                |word: &&str| word.contains("://") || word.contains('@') && word.contains(':') || word.starts_with('.');
            matches!(verb, "fetch" | "pull" | "remote") && words[1..].iter().any(address)
        }
        _ => false,
    }
}

/// A download whose file has the name that the other side gives it.
fn named_by_others(name: &str, args: &[&str]) -> bool {
    let option = |long: &str, letter: char| {
        let is = |word: &&str| {
            let short = word.starts_with('-') && !word.starts_with("--") && word.contains(letter);
            short || word.len() > 4 && long.starts_with(word.split('=').next().unwrap_or_default())
        };
        args.iter().any(is)
    };
    match name {
        "wget" => option("--recursive", 'r') || option("--mirror", 'm') || option("--content-disposition", '\0'),
        "http" | "https" | "xh" | "xhs" => option("--download", 'd'),
        _ => false,
    }
}

/// Everything of a folder copied over the project's own: whatever names there are in it.
fn over_the_project(name: &str, args: &[&str], place: &Place) -> bool {
    if !matches!(name, "cp" | "mv" | "rsync" | "install") {
        return false;
    }
    let words: Vec<&str> = args.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let Some((to, from)) = words.split_last() else { return false };
    let path = paths::resolve(to, &place.cwd, place);
    let all =
        |word: &&str| word.contains(['*', '?', '[']) || word.ends_with('/') || word.ends_with("/.") || *word == ".";
    let whole = name == "cp" && args.iter().any(|word| word.starts_with("-") && word.contains('T'));
    (path == place.project || path == place.cwd) && (whole || from.iter().any(all))
}

/// Programs that only read the files that they are given.
#[rustfmt::skip]
const READERS: &[&str] = &[
    "ls", "cat", "head", "tail", "wc", "stat", "file", "du", "diff", "cmp", "less", "bat", "nl", "test", "[", "find", "fd",
    "grep", "egrep", "fgrep", "rg", "ag", "realpath", "readlink", "sha256sum", "md5sum", "tree", "sort", "uniq", "cut", "git",
    "basename", "dirname", "shellcheck", "jq", "yq", "awk", "cd", "echo", "printf", "column", "od", "xxd", "strings", "comm",
];

/// Whether a word of a program that may write leads to what runs by itself: a hook, a login file, a repository's data.
fn guarded(name: &str, args: &[&str], place: &Place) -> bool {
    if READERS.contains(&name) {
        return false;
    }
    args.iter().any(|word| {
        let value = word.split_once('=').map_or(*word, |(_, value)| value);
        let attached = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')).and_then(|rest| rest.get(1..));
        [Some(value), attached].into_iter().flatten().any(|path| {
            // A word alone is the name of a task more often than that of a file: `make pre-commit`.
            let file = path.contains('/') || path.starts_with('.');
            let led = || paths::target(path, std::slice::from_ref(&place.cwd), place).guard;
            file && led().is_some_and(|guard| guard >= paths::Guard::Vcs)
        })
    })
}
