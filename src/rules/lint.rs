//! What is wrong, or probably not meant, about a rule: said when it is written, not when it fails.

mod covers;
mod shadow;
mod shape;

use serde::Serialize;

pub use shape::RUNNERS;

use super::pattern::{BadPattern, Pattern};
use super::{Action, Kind, Rule};

/// Longest name of a rule, in characters.
const LONGEST_NAME: usize = 100;
/// Longest reason for Claude, in characters.
const LONGEST_MESSAGE: usize = 2000;
/// Longest life of a rule that ends, in seconds: 30 days.
const LONGEST_LIFE: u64 = 30 * 24 * 60 * 60;
/// A rule for all of a session needs no remark when it ends within so many seconds: an hour.
const BRIEF: u64 = 60 * 60;
/// After so many days a rule that never matched is of no use.
const LONG_AGO: u64 = 14;

/// Tools whose calls are questions to the user.
const QUESTIONS: [&str; 2] = ["AskUserQuestion", "ExitPlanMode"];

/// Tools that a rule can speak about, besides those of MCP servers.
const TOOLS: [&str; 12] = [
    "Bash",
    "Read",
    "Edit",
    "MultiEdit",
    "Write",
    "NotebookEdit",
    "Grep",
    "Glob",
    "WebFetch",
    "WebSearch",
    "Agent",
    "Task",
];

/// Tools whose calls are compared by an absolute path.
const PATHS: [&str; 7] = ["Read", "Edit", "MultiEdit", "Write", "NotebookEdit", "Grep", "Glob"];

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LintLevel {
    /// The rule may not be saved.
    Error,
    /// Worth a look.
    Warning,
}

/// One remark about a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lint {
    /// How bad it is.
    pub level: LintLevel,
    /// Which remark, for programs.
    pub code: &'static str,
    /// What, why, and what to do, in a sentence or two.
    pub text: String,
}

impl Lint {
    fn error(code: &'static str, text: impl Into<String>) -> Self {
        Self { level: LintLevel::Error, code, text: text.into() }
    }

    fn warning(code: &'static str, text: impl Into<String>) -> Self {
        Self { level: LintLevel::Warning, code, text: text.into() }
    }
}

/// What keeps a rule from being saved: the errors alone.
#[must_use]
pub fn faults(rule: &Rule) -> Vec<Lint> {
    let compiled = |words| Pattern::compile(rule.kind, &rule.pattern, words).err();
    let bad = compiled(true).or_else(|| compiled(false).filter(|_| rule.kind == Kind::Glob));
    let mut lints = errors(rule, bad.as_ref());
    lints.extend(tool(rule));
    lints.extend(folder(rule));
    lints.retain(|lint| lint.level == LintLevel::Error);
    lints
}

/// Everything there is to say about a rule, errors first. `earlier` are the rules that stand before it,
/// in order; `matches` is how often it has matched, and for how many days it could have.
#[must_use]
pub fn lint(rule: &Rule, earlier: &[Rule], matches: Option<(u64, u64)>) -> Vec<Lint> {
    let words = Pattern::compile(rule.kind, &rule.pattern, true);
    // Only a glob means something else over commands than over paths.
    let text = if rule.kind == Kind::Glob { Pattern::compile(rule.kind, &rule.pattern, false) } else { words.clone() };
    let mut lints = errors(rule, words.as_ref().err().or(text.as_ref().err()));
    lints.extend(tool(rule));
    lints.extend(folder(rule));
    if let (Ok(words), Ok(text)) = (words, text) {
        let catches_all = covers::catch_all(rule, &words, &text);
        let all = catches_all.is_some();
        // One session for a short while: that is what somebody says who means everything.
        let brief = rule.lasts.session().is_some() && rule.lasts.seconds().is_some_and(|seconds| seconds <= BRIEF);
        lints.extend(catches_all.filter(|_| !brief));
        lints.extend(shape::look(rule, all));
        if !all {
            lints.extend(covers::look(rule, &words));
        }
        lints.extend(shadow::look(rule, earlier));
    }
    lints.extend(unused(matches));
    lints.sort_by_key(|lint| lint.level);
    lints
}

fn compiled(rule: &Rule, words: bool) -> Result<Pattern, BadPattern> {
    Pattern::compile(rule.kind, &rule.pattern, words)
}

/// What keeps a rule from being saved.
fn errors(rule: &Rule, bad: Option<&BadPattern>) -> Vec<Lint> {
    let mut lints: Vec<Lint> = name(rule).into_iter().collect();
    if let Some(bad) = bad {
        lints.push(Lint::error(code(bad), unusable("pattern", bad)));
    }
    if let Some(bad) = rule.cwd.as_deref().and_then(|cwd| Pattern::compile(Kind::Glob, cwd, false).err()) {
        lints.push(Lint::error("cwd-malformed", unusable("folder", &bad)));
    }
    if rule.allow_high && rule.kind != Kind::Literal {
        let text = "Only a literal pattern may allow what is dangerous, because a wider one would cover commands \
                    that nobody has seen; write the exact command, or take `allow_high` away.";
        lints.push(Lint::error("allow-high-not-literal", text));
    }
    if rule.action == Action::Allow && QUESTIONS.contains(&rule.tool.as_str()) {
        let text = format!("{} asks you something, so no rule may answer it; choose another tool.", rule.tool);
        lints.push(Lint::error("question-allowed", text));
    }
    if rule.lasts.seconds().is_some_and(|seconds| seconds == 0 || seconds > LONGEST_LIFE) {
        let text = "A rule that ends lasts from one second to 30 days; choose a time between, or for ever.";
        lints.push(Lint::error("seconds-out-of-range", text));
    }
    if matches!(&rule.action, Action::Deny { message: Some(text) } if text.chars().count() > LONGEST_MESSAGE) {
        let text = format!("The message to Claude is longer than {LONGEST_MESSAGE} characters; say it shorter.");
        lints.push(Lint::error("message-too-long", text));
    }
    lints
}

fn name(rule: &Rule) -> Option<Lint> {
    let misleads = |c: char| c.is_control() || super::shell::gate::check(c.encode_utf8(&mut [0; 4])).is_err();
    if rule.name.trim().is_empty() {
        return Some(Lint::error(
            "name-empty",
            "The rule has no name, and the log could not say which rule decided; give it a few words.",
        ));
    }
    if rule.name.chars().count() > LONGEST_NAME {
        let text = format!("The name is longer than {LONGEST_NAME} characters and would not fit; shorten it.");
        return Some(Lint::error("name-too-long", text));
    }
    let text = "The name has a character that is invisible or no text (a line break, an escape), so it could pass for \
                another; write it with plain characters.";
    rule.name.contains(misleads).then(|| Lint::error("name-unreadable", text))
}

fn code(bad: &BadPattern) -> &'static str {
    match bad {
        BadPattern::Empty => "pattern-empty",
        BadPattern::TooLong => "pattern-too-long",
        BadPattern::Malformed(_) => "pattern-malformed",
    }
}

fn unusable(what: &str, bad: &BadPattern) -> String {
    match bad {
        BadPattern::Empty => format!("The {what} is empty and would match nothing; write what it shall match."),
        BadPattern::TooLong => format!("The {what} is longer than 4 KiB; make it shorter, or several rules."),
        BadPattern::Malformed(why) => format!("The {what} cannot be read ({}); correct it.", one_line(why)),
    }
}

/// An explanation of the regex crate spans lines and points with carets; its last line is the reason.
fn one_line(why: &str) -> String {
    let line = why.trim().lines().last().unwrap_or_default().trim();
    line.trim_start_matches("error: ").to_owned()
}

fn tool(rule: &Rule) -> Option<Lint> {
    let tool = rule.tool.as_str();
    if QUESTIONS.contains(&tool) {
        let text = format!("{tool} asks you something, and no rule decides that; this rule will never do anything.");
        return (rule.action != Action::Allow).then(|| Lint::warning("question-tool", text));
    }
    if tool == "*" || TOOLS.contains(&tool) || tool.strip_prefix("mcp__").is_some_and(|rest| !rest.is_empty()) {
        return None;
    }
    let alike = TOOLS.iter().find(|known| known.eq_ignore_ascii_case(tool.trim_end_matches('*').trim()));
    let hint = match alike {
        Some(known) => format!("write `{known}`"),
        None => "write one tool's exact name, such as `Bash` or `mcp__server__tool`, or `*`".to_owned(),
    };
    Some(Lint::warning(
        "tool-unknown",
        format!("No tool that rules know is called `{tool}`, so this matches nothing; {hint}."),
    ))
}

/// Folders are compared as the system names them.
fn folder(rule: &Rule) -> Option<Lint> {
    let cwd = rule.cwd.as_deref().filter(|cwd| !cwd.trim().is_empty())?;
    let absolute = cwd.starts_with('/') || cwd.starts_with("**") || cwd.starts_with("{/");
    let text = format!(
        "The folder `{cwd}` is not absolute, but working directories are, so it never matches; write it from `/` on."
    );
    (!absolute).then(|| Lint::warning("cwd-relative", text))
}

fn unused(matches: Option<(u64, u64)>) -> Option<Lint> {
    let (_, days) = matches.filter(|(matches, days)| *matches == 0 && *days >= LONG_AGO)?;
    let text = format!("It has not matched anything in {days} days; try it in the playground, or remove it.");
    Some(Lint::warning("never-matched", text))
}

#[cfg(test)]
mod tests;
