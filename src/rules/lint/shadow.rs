//! Whether an earlier rule surely decides everything that this one is about.

use crate::rules::{Action, Kind, Lasts, Pattern, Rule};

use super::{Lint, PATHS, compiled};

/// Names the first rule that leaves nothing to this one.
pub fn look(rule: &Rule, earlier: &[Rule]) -> Option<Lint> {
    let by = earlier.iter().find(|by| shadows(by, rule))?;
    let name = &by.name;
    let does = match (&by.action, &rule.action) {
        (Action::Allow, Action::Deny { .. } | Action::Ask) => "already allows what this one would stop",
        (Action::Deny { .. }, Action::Allow) => "already denies what this one would allow",
        (Action::Ask, _) => "already asks about it",
        _ => "already decides it",
    };
    let text = format!(
        "The first rule that matches decides, and {name:?} stands before this one and {does}; move this one up, or remove it."
    );
    Some(Lint::warning("shadowed", text))
}

fn shadows(by: &Rule, rule: &Rule) -> bool {
    by.enabled && !by.dry_run && outlasts(by, rule) && tool(by, rule) && folder(by, rule) && pattern(by, rule)
}

/// A rule that ends before this one only hides it for a while.
fn outlasts(by: &Rule, rule: &Rule) -> bool {
    match &by.lasts {
        Lasts::Forever => true,
        Lasts::Once | Lasts::Seconds { .. } | Lasts::SessionSeconds { .. } => false,
        Lasts::Session { .. } | Lasts::Restart => by.lasts == rule.lasts,
    }
}

fn tool(by: &Rule, rule: &Rule) -> bool {
    let family = by.tool.strip_suffix('*').filter(|prefix| prefix.starts_with("mcp__"));
    by.tool == "*" || by.tool == rule.tool || family.is_some_and(|prefix| rule.tool.starts_with(prefix))
}

fn folder(by: &Rule, rule: &Rule) -> bool {
    let Some(wide) = by.cwd.as_deref() else {
        return true;
    };
    rule.cwd.as_deref().is_some_and(|narrow| wide == narrow || below(wide, narrow))
}

/// Whether `narrow` is a path or glob below `wide`, which is `/some/where/**`.
fn below(wide: &str, narrow: &str) -> bool {
    let Some(folder) = wide.strip_suffix("**").filter(|folder| folder.ends_with('/') && !is_glob(folder)) else {
        return wide == "**" && narrow.starts_with('/');
    };
    // `{` may lead out of the folder, `..` as well.
    narrow
        .strip_prefix(folder)
        .is_some_and(|rest| !rest.is_empty() && !rest.contains(['{', '}', '\\']) && !rest.contains(".."))
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{', '\\'])
}

fn pattern(by: &Rule, rule: &Rule) -> bool {
    if by.kind == rule.kind && by.pattern == rule.pattern {
        // With `*` for a tool, the same text may mean a command to one and a path to the other: still the same.
        return true;
    }
    match rule.tool.as_str() {
        "Bash" => commands(by, rule),
        "WebFetch" => hosts(by, rule),
        tool if PATHS.contains(&tool) => paths(by, rule),
        tool if tool.starts_with("mcp__") => by.kind == Kind::Glob && by.pattern == "*",
        _ => false,
    }
}

fn commands(by: &Rule, rule: &Rule) -> bool {
    if by.kind == Kind::Regex && rule.kind != Kind::Literal {
        return is_everything(by, true);
    }
    let Ok(wide) = compiled(by, true) else {
        return false;
    };
    match rule.kind {
        Kind::Regex => wide.is_catch_all(),
        Kind::Literal => plain_words(&rule.pattern).is_some_and(|words| wide.covers_words(&words)),
        Kind::Glob => glob(&wide, &rule.pattern),
    }
}

/// Whether an expression is one for everything. Most are seen not to be without compiling them: each rule
/// is held against every one before it.
fn is_everything(by: &Rule, words: bool) -> bool {
    let begins = by.pattern.trim_start_matches(['^', '(']).starts_with('.');
    by.kind == Kind::Regex && begins && compiled(by, words).is_ok_and(|wide| wide.is_catch_all())
}

/// The words of a literal in which the shell sees nothing but words.
fn plain_words(text: &str) -> Option<Vec<&str>> {
    let plain = |c: char| c.is_alphanumeric() || " _-./:=,@%+".contains(c);
    let words: Vec<&str> = text.split(' ').collect();
    let whole = !words.iter().any(|word| word.is_empty()) && !words.first().is_some_and(|first| first.contains('='));
    (text.chars().all(plain) && whole).then_some(words)
}

/// A star of the narrower pattern can only be matched by a star of the wider one, as no other piece of a
/// pattern contains one. So the narrower is taken as a text; when it is open, with one word more, which a
/// pattern of fixed length refuses.
fn glob(wide: &Pattern, narrow: &str) -> bool {
    let mut words: Vec<&str> = narrow.split_whitespace().collect();
    if !words.last().is_some_and(|last| last.ends_with('*')) {
        return wide.covers_words(&words);
    }
    let last = words.pop().unwrap_or_default();
    let stem = last.trim_end_matches('*');
    let rest_of_word = stem.chars().next_back().is_some_and(|c| !(c.is_alphanumeric() || c == '_'));
    words.extend(Some(if rest_of_word { last } else { stem }).filter(|last| !last.is_empty()));
    let shorter = wide.covers_words(&words);
    words.push(if stem.ends_with('/') { "-\u{1}" } else { "\u{1}" });
    shorter && wide.covers_words(&words)
}

fn paths(by: &Rule, rule: &Rule) -> bool {
    match (by.kind, rule.kind) {
        (Kind::Glob | Kind::Regex, Kind::Literal) => {
            compiled(by, false).is_ok_and(|wide| wide.matches_text(&rule.pattern))
        }
        (Kind::Glob, Kind::Glob) => below(&by.pattern, &rule.pattern),
        (Kind::Regex, _) => is_everything(by, false),
        (Kind::Literal | Kind::Glob, _) => false,
    }
}

fn hosts(by: &Rule, rule: &Rule) -> bool {
    match (by.kind, rule.kind) {
        (Kind::Glob, _) if by.pattern == "*" => true,
        (Kind::Glob, Kind::Literal | Kind::Glob) => {
            let domain = by.pattern.strip_prefix('*').filter(|domain| domain.starts_with('.'));
            domain.is_some_and(|domain| rule.pattern.trim_start_matches('*').ends_with(domain))
                || by.pattern == rule.pattern && !is_glob(&by.pattern)
        }
        (Kind::Regex, Kind::Literal) => compiled(by, false).is_ok_and(|wide| wide.matches_text(&rule.pattern)),
        (Kind::Literal, Kind::Glob) => by.pattern == rule.pattern && !is_glob(&by.pattern),
        _ => false,
    }
}
