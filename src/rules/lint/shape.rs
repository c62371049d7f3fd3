//! Patterns that do not mean what they look like.

use super::{Lint, PATHS};
use crate::rules::{Action, Kind, Rule};

/// Programs that run whatever follows them.
#[rustfmt::skip]
pub const RUNNERS: &[&str] = &[
    "bash", "sh", "zsh", "dash", "fish", "ksh", "python", "python2", "python3", "node", "deno", "bun", "ruby", "perl", "php",
    "lua", "awk", "gawk", "eval", "exec", "source", ".", "sudo", "doas", "su", "ssh", "env", "xargs", "parallel", "npx",
    "bunx", "pnpx", "uvx", "pipx", "timeout", "nice", "nohup", "watch", "time", "command", "strace", "script", "find", "docker",
    "podman", "kubectl", "nix-shell", "osascript", "tmux", "screen", "setsid", "systemd-run", "chroot", "busybox",
];

/// Options that run or write something, for programs that seem only to look.
#[rustfmt::skip]
const FLAGS: &[(&str, &[&str])] = &[
    ("git", &["-c", "-C", "--exec-path", "--output", "--ext-diff", "-O", "--upload-pack", "--receive-pack", "--exec"]),
    ("find", &["-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "-fprintf", "-fls"]),
    ("sed", &["-i", "--in-place"]), ("rg", &["--pre"]), ("sort", &["-o", "--output", "--compress-program"]),
    ("tar", &["--checkpoint-action", "-I", "--use-compress-program", "--to-command"]), ("cargo", &["--config"]),
    ("make", &["-f", "--eval"]), ("npm", &["--prefix", "--script-shell"]), ("go", &["-exec", "-toolexec"]),
    ("curl", &["-o", "-O", "-K", "-d", "-F", "-T", "--output", "--config", "--data", "--upload-file"]), ("man", &["-P", "-H"]),
    ("fd", &["-x", "-X", "--exec", "--exec-batch"]), ("less", &["-k", "-o"]),
];

/// Looks at the text of a pattern; `all` when it matches everything anyway.
pub fn look(rule: &Rule, all: bool) -> Vec<Lint> {
    let commands = matches!(rule.tool.as_str(), "Bash" | "*");
    let mut lints = Vec::new();
    match rule.kind {
        Kind::Glob if commands => lints.extend(command_glob(rule, all)),
        Kind::Glob | Kind::Literal => {}
        Kind::Regex => lints.extend(regex(rule, all)),
    }
    if PATHS.contains(&rule.tool.as_str()) {
        lints.extend(path(rule, all));
    }
    if rule.tool == "WebFetch" {
        lints.extend(host(rule, all));
    }
    if rule.tool.strip_prefix("mcp__").is_some_and(|rest| !rest.is_empty()) {
        lints.extend(server(rule));
    }
    lints
}

fn command_glob(rule: &Rule, all: bool) -> Vec<Lint> {
    let words: Vec<&str> = rule.pattern.split_whitespace().collect();
    let mut lints: Vec<Lint> =
        never_one_command(&words).or_else(|| never_known(&words)).or_else(|| half_a_word(&words)).into_iter().collect();
    if rule.action != Action::Allow || all {
        return lints;
    }
    if let Some(name) = runs_anything(&words) {
        lints.push(runner(name));
    }
    if let Some(flag) = flag(&words) {
        lints.push(flagged(flag));
    }
    if words.first().is_some_and(|first| first.starts_with('*')) {
        let text =
            "This begins with `*`, so it allows every program with such arguments; begin with the program's name.";
        lints.push(Lint::warning("leading-star", text));
    }
    lints
}

/// A rule is compared with one command at a time, after the shell has taken quotes and redirections away.
fn never_one_command(words: &[&str]) -> Option<Lint> {
    let operator = |word: &&&str| {
        matches!(**word, "|" | "&" | "|&") || word.contains("&&") || word.contains("||") || word.ends_with(';')
    };
    if let Some(word) = words.iter().find(operator) {
        let text = format!(
            "Each command of a line is compared alone, so a pattern with `{word}` never matches; write one rule for each \
             command, or a literal one for the whole line."
        );
        return Some(Lint::warning("operator-in-glob", text));
    }
    let redirect =
        |word: &&&str| word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&').starts_with(['>', '<']);
    if let Some(word) = words.iter().find(redirect) {
        let text = format!(
            "Redirections are not part of what is compared, so a pattern with `{word}` never matches; leave it out (to \
             /dev/null is always allowed, to a file never), or write a literal rule for the whole line."
        );
        return Some(Lint::warning("redirect-in-glob", text));
    }
    let word = words.iter().find(|word| word.contains(['"', '\'']))?;
    let text = format!(
        "Arguments are compared without the quotes around them, so `{word}` hardly ever matches; leave the quotes out, with \
         one `*` for one argument."
    );
    Some(Lint::warning("quotes-in-glob", text))
}

/// What the shell fills in is not known before it runs, and variables that are set are no arguments.
fn never_known(words: &[&str]) -> Option<Lint> {
    if let Some(word) = words.iter().find(|word| word.contains(['$', '`'])) {
        let text = format!(
            "What the shell puts in place of `{word}` is only known when it runs, so no pattern with it matches; write `*` \
             for the argument, or a literal rule for the whole line."
        );
        return Some(Lint::warning("expansion-in-glob", text));
    }
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let first = words.first().filter(|first| first.split_once('=').is_some_and(|(name, _)| is_name(name)))?;
    let text = format!(
        "`{first}` sets a variable and is no part of the command that is compared, so this never matches; leave it out: \
         harmless variables may always be set, others never."
    );
    Some(Lint::warning("assignment-in-glob", text))
}

/// `make build_*` looks like every build there is, but is `make build_` with further arguments.
fn half_a_word(words: &[&str]) -> Option<Lint> {
    let stem = words.last()?.strip_suffix('*')?.trim_end_matches('*');
    let text = format!(
        "A `*` at the very end stands for further arguments, not for the rest of a word, so this is about `{stem}` itself; \
         write `{stem}* *` for words that begin so."
    );
    stem.ends_with('_').then(|| Lint::warning("star-ends-word", text))
}

/// The runner that a pattern begins with, when what it runs is left open.
fn runs_anything<'a>(words: &[&'a str]) -> Option<&'a str> {
    let name = words.first()?.trim_end_matches('*');
    let open = match words.get(1) {
        None => words[0].ends_with('*'),
        Some(second) => {
            second.starts_with('*') || second.starts_with('-') && words.last().is_some_and(|last| last.ends_with('*'))
        }
    };
    let base = name.rsplit('/').next().unwrap_or_default();
    (open && RUNNERS.contains(&base)).then_some(name)
}

fn runner(name: &str) -> Lint {
    let text = format!("`{name}` runs whatever follows it, so this allows anything at all; name what it may run.");
    Lint::warning("runs-anything", text)
}

/// An option in the pattern that makes its program run or write something.
fn flag<'a>(words: &[&'a str]) -> Option<&'a str> {
    let base = words.first()?.rsplit('/').next().unwrap_or_default().trim_end_matches('*');
    let (_, flags) = FLAGS.iter().find(|(program, _)| *program == base)?;
    let key = |word: &str| word.split('=').next().unwrap_or_default().trim_end_matches('*').to_owned();
    words[1..].iter().find(|word| flags.contains(&key(word).as_str())).copied()
}

fn flagged(flag: &str) -> Lint {
    let text = format!(
        "`{flag}` makes this program run or write something else, so it is rated by that and mostly still asked about; \
         leave it out, or write the exact command as a literal."
    );
    Lint::warning("risky-option", text)
}

fn regex(rule: &Rule, all: bool) -> Vec<Lint> {
    if rule.action != Action::Allow || all {
        return Vec::new();
    }
    let text = rule.pattern.as_str();
    let start = text.trim_start_matches(['^', '(']).trim_start_matches("?:");
    let mut lints = Vec::new();
    if start.starts_with(".*") || start.starts_with(".+") {
        let text = "This expression begins with anything, so it allows every program whose arguments end like that; begin \
                    with the program's name.";
        lints.push(Lint::warning("leading-star", text));
    } else if text.ends_with(|c: char| c.is_alphanumeric() || c == ' ') && !ends_in_escape(text) {
        let text = "An expression has to match the whole, from beginning to end, so nothing may follow what is written \
                    here; end it with `.*` when more may follow, or with `$` to say that this is meant.";
        lints.push(Lint::warning("regex-whole", text));
    }
    let first = start.split(['.', ' ', '\\', '(', '[']).next().unwrap_or_default();
    let rest = &start[first.len()..];
    let open = [" .*", " .+", ".*", ".+", "\\b.*", "\\s.*", "( .*)?"];
    if RUNNERS.contains(&first) && open.contains(&rest.trim_end_matches('$')) {
        lints.push(runner(first));
    }
    lints
}

/// `\w`, `\d`, `\z`: a class or an anchor, no letter.
fn ends_in_escape(text: &str) -> bool {
    let body = &text[..text.len() - text.chars().last().map_or(0, char::len_utf8)];
    (body.len() - body.trim_end_matches('\\').len()) % 2 == 1
}

fn path(rule: &Rule, all: bool) -> Option<Lint> {
    let text = rule.pattern.trim_start_matches('^');
    let relative = match rule.kind {
        Kind::Literal => !text.starts_with('/'),
        Kind::Glob => !(text.starts_with('/') || text.starts_with("**") || text.starts_with("{/")),
        Kind::Regex => text.starts_with('~'),
    };
    if relative {
        let text = format!(
            "`{}` never matches, because files are compared by their absolute real path, with links followed; write it from \
             `/` on, such as `/home/you/project/**`.",
            rule.pattern
        );
        return Some(Lint::warning("path-relative", text));
    }
    let anywhere = rule.kind == Kind::Glob && text.starts_with("**") && rule.action == Action::Allow && !all;
    let text = "This begins with `**`, so it allows such files in every folder of this machine; begin with a folder.";
    anywhere.then(|| Lint::warning("leading-star", text))
}

fn host(rule: &Rule, all: bool) -> Option<Lint> {
    let text = rule.pattern.as_str();
    if rule.kind == Kind::Regex {
        return (!all && has_bare_dot(text)).then(|| {
            let text = "A dot in an expression is any character, so another host may fit (`docs.rs` is also `docsxrs`); \
                        write `\\.` in names.";
            Lint::warning("host-dot", text)
        });
    }
    let advice = "write `example.org`, or as a glob `*.example.org` for everything below it";
    if text.contains(['/', ':']) {
        let text = format!("Only the host of an address is compared, not its scheme, port or path; {advice}.");
        return Some(Lint::warning("host-only", text));
    }
    let star = rule.kind == Kind::Glob && text != "*" && text.trim_start_matches("*.").contains('*');
    let odd = star || text.contains(|c: char| c.is_ascii_uppercase() || c.is_whitespace()) || !text.is_ascii();
    let text = format!(
        "`{text}` matches no host: they are compared in small letters, with `*` only as their first part; {advice}."
    );
    odd.then(|| Lint::warning("host-never", text))
}

/// A dot between letters that is neither escaped nor repeated nor in a class.
fn has_bare_dot(text: &str) -> bool {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    (1..bytes.len()).any(|at| bytes[at] == b'.' && letter(at - 1) && letter(at + 1))
}

/// The input of an MCP tool is not looked at: its name is what is compared.
fn server(rule: &Rule) -> Option<Lint> {
    let exact = !rule.tool.ends_with('*');
    let fits = match rule.kind {
        Kind::Literal => rule.pattern == rule.tool,
        Kind::Glob => matches!(rule.pattern.as_str(), "*" | "**") || rule.pattern == rule.tool,
        Kind::Regex => true,
    };
    let text = format!(
        "Calls of MCP tools are compared by the tool's name, not by what they are given, so `{}` never matches; write `*`.",
        rule.pattern
    );
    (exact && !fits).then(|| Lint::warning("mcp-pattern", text))
}
