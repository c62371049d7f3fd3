//! What becomes of a call, by the rules that are in force, and why.

use serde::Serialize;
use serde_json::Value;

use super::cover::{covers, is_poison, is_pure};
use super::input::{self, Input};
use super::pattern::{BadPattern, Pattern};
use super::risk::{Level, Place, Risk};
use super::shell::{Line, Simple, Span, Unparsed};
use super::{Action, Kind, Lasts, Rule};

/// Tools whose calls are questions to the user: no rule answers them.
const QUESTIONS: [&str; 2] = ["AskUserQuestion", "ExitPlanMode"];

/// A call that Claude wants to make.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The tool.
    pub tool: &'a str,
    /// Its whole input.
    pub input: &'a Value,
    /// For Bash: what its command would run.
    pub line: Option<&'a Result<Line, Unparsed>>,
    /// Where.
    pub place: &'a Place,
    /// Key of the session that makes it.
    pub session: &'a str,
    /// Its danger: high is let run only by a literal rule that says so, some by no rule at all.
    pub risk: &'a Risk,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum Decision {
    /// It runs.
    Allow,
    /// It does not.
    Deny {
        /// Told to Claude.
        message: Option<String>,
    },
    /// A human decides.
    Ask,
}

/// What became of one part of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Which bytes of the command.
    pub span: Span,
    /// The rule that decided it: its place in the table.
    pub rule: Option<usize>,
    /// Why, in words.
    pub why: String,
}

/// What becomes of a call, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What.
    #[serde(flatten)]
    pub decision: Decision,
    /// The rule that decided: its place in the table.
    pub rule: Option<usize>,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// Part by part, for a command.
    pub parts: Vec<Part>,
    /// Rules on trial that would have decided, had they counted.
    pub trial: Vec<usize>,
}

/// The rules in force, in order.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rules: Vec<Compiled>,
}

#[derive(Clone, Debug)]
struct Compiled {
    rule: Rule,
    /// For commands, and for everything else.
    words: Pattern,
    text: Pattern,
    cwd: Option<Pattern>,
}

/// How strict an outcome is; the strictest part decides a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strictness {
    Allow,
    Ask,
    Deny,
}

impl Table {
    /// Compiles rules, in order.
    ///
    /// # Errors
    /// The first that cannot be used, by its place. The whole table is then of no use: a rule that is
    /// missing may have been the one that denies.
    pub fn new(rules: &[Rule]) -> Result<Self, (usize, BadPattern)> {
        let compiled = rules.iter().enumerate().map(|(at, rule)| Compiled::new(rule).map_err(|bad| (at, bad)));
        compiled.collect::<Result<_, _>>().map(|rules| Self { rules })
    }

    /// What becomes of a call.
    #[must_use]
    pub fn judge(&self, call: &Call<'_>) -> Verdict {
        if QUESTIONS.contains(&call.tool) {
            return Verdict::ask("it is a question to you");
        }
        let Some(input) = input::of(call.tool, call.input, call.place) else {
            return Verdict::ask("no rule can speak about this input");
        };
        let verdict = match (&input, call.line) {
            (Input::Command(raw), Some(Ok(line))) => self.judge_line(call, raw, line),
            (Input::Command(raw), Some(Err(unparsed))) => self.judge_raw(call, raw, &unparsed.why),
            (Input::Command(raw), None) => self.judge_raw(call, raw, "it was not looked at"),
            (Input::Path(text) | Input::Host(text) | Input::Text(text), _) => self.judge_text(call, text),
        };
        self.restrained(call, &input, verdict)
    }

    /// Whether the rule at a place of the table is about calls of this tool in this folder.
    #[must_use]
    pub fn is_in_scope(&self, at: usize, call: &Call<'_>) -> bool {
        self.rules.get(at).is_some_and(|compiled| compiled.is_in_scope(call))
    }

    fn judge_line(&self, call: &Call<'_>, raw: &str, line: &Line) -> Verdict {
        let poisoned = line.commands.iter().find(|command| is_poison(command));
        let parts: Vec<(Strictness, Part)> =
            line.commands.iter().map(|command| self.part(call, raw, command)).collect();
        let mut verdict = self.strictest(parts);
        if let Some(command) = poisoned.filter(|_| verdict.decision == Decision::Allow) {
            let name = command.name().unwrap_or("an assignment");
            verdict =
                Verdict { parts: verdict.parts, ..Verdict::ask(&format!("`{name}` changes what the rest means")) };
        }
        verdict
    }

    /// The first rule that matches a simple command decides it.
    fn part(&self, call: &Call<'_>, raw: &str, command: &Simple) -> (Strictness, Part) {
        let part = |rule, why: String| Part { span: command.span.clone(), rule, why };
        for (at, compiled) in self.counting(call) {
            let matches = match compiled.rule.action {
                Action::Allow => compiled.is_whole(raw) || covers(&compiled.words, command).is_ok(),
                Action::Deny { .. } | Action::Ask => compiled.touches(command),
            };
            if matches {
                return (compiled.strictness(), part(Some(at), format!("rule {:?}", compiled.rule.name)));
            }
        }
        if is_pure(command, call.place) {
            return (Strictness::Allow, part(None, "it does nothing by itself".into()));
        }
        (Strictness::Ask, part(None, "no rule covers it".into()))
    }

    fn strictest(&self, parts: Vec<(Strictness, Part)>) -> Verdict {
        let worst = parts.iter().map(|(strictness, _)| *strictness).max().unwrap_or(Strictness::Ask);
        let deciding = parts.iter().find(|(strictness, part)| *strictness == worst && part.rule.is_some());
        let deciding = deciding.or_else(|| parts.iter().find(|(strictness, _)| *strictness == worst));
        let rule = deciding.and_then(|(_, part)| part.rule);
        let reasons = deciding.map(|(_, part)| part.why.clone()).into_iter().collect();
        let decision = match worst {
            // Nothing but what needs no rule: then no rule has answered.
            Strictness::Allow if rule.is_none() => Decision::Ask,
            Strictness::Allow => Decision::Allow,
            Strictness::Ask => Decision::Ask,
            Strictness::Deny => self.denial(rule),
        };
        let parts = parts.into_iter().map(|(_, part)| part).collect();
        Verdict { decision, rule, reasons, parts, trial: Vec::new() }
    }

    /// A command that could not be parsed: denied generously, allowed only to the byte.
    fn judge_raw(&self, call: &Call<'_>, raw: &str, why: &str) -> Verdict {
        let mut verdict = Verdict::ask(&format!("the command cannot be taken apart: {why}"));
        for (at, compiled) in self.counting(call) {
            let matches = match compiled.rule.action {
                Action::Allow => compiled.is_whole(raw),
                Action::Deny { .. } | Action::Ask => compiled.words.occurs_in(raw),
            };
            if matches {
                verdict.decide(at, &compiled.rule);
                break;
            }
        }
        verdict
    }

    fn judge_text(&self, call: &Call<'_>, text: &str) -> Verdict {
        let mut verdict = Verdict::ask("no rule covers it");
        if let Some((at, compiled)) = self.counting(call).find(|(_, compiled)| compiled.matches_text(call.tool, text)) {
            verdict.decide(at, &compiled.rule);
        }
        verdict
    }

    /// What is dangerous is not let run for a rule's word alone.
    fn restrained(&self, call: &Call<'_>, input: &Input, verdict: Verdict) -> Verdict {
        if verdict.decision != Decision::Allow {
            return verdict;
        }
        let whole = |rule: &Rule| match input {
            Input::Command(raw) => *raw == rule.pattern,
            Input::Path(text) | Input::Host(text) | Input::Text(text) => *text == rule.pattern,
        };
        let rule = verdict.rule.and_then(|at| self.rules.get(at)).map(|compiled| &compiled.rule);
        let bold = rule.is_some_and(|rule| rule.allow_high && rule.kind == Kind::Literal && whole(rule));
        let why = match (call.risk.automatic, call.risk.level == Level::High && !bold) {
            (false, _) => "what it reaches is never decided by a rule",
            (true, true) => "it is dangerous, and no literal rule says that it may be",
            (true, false) => return verdict,
        };
        Verdict { decision: Decision::Ask, reasons: vec![why.into()], ..verdict }
    }

    /// Rules that count for this call, with their places.
    fn counting<'a>(&'a self, call: &'a Call<'_>) -> impl Iterator<Item = (usize, &'a Compiled)> {
        let rules = self.rules.iter().enumerate();
        rules.filter(|(_, compiled)| compiled.rule.enabled && !compiled.rule.dry_run && compiled.is_in_scope(call))
    }

    fn denial(&self, rule: Option<usize>) -> Decision {
        match rule.and_then(|at| self.rules.get(at)).map(|compiled| &compiled.rule.action) {
            Some(Action::Deny { message }) => Decision::Deny { message: message.clone() },
            _ => Decision::Ask,
        }
    }
}

impl Compiled {
    fn new(rule: &Rule) -> Result<Self, BadPattern> {
        let cwd = rule.cwd.as_deref().map(|cwd| Pattern::compile(Kind::Glob, cwd, false)).transpose()?;
        Ok(Self {
            words: Pattern::compile(rule.kind, &rule.pattern, true)?,
            text: Pattern::compile(rule.kind, &rule.pattern, false)?,
            cwd,
            rule: rule.clone(),
        })
    }

    fn is_in_scope(&self, call: &Call<'_>) -> bool {
        let tool = match self.rule.tool.strip_suffix('*') {
            Some("") => true,
            Some(prefix) => prefix.starts_with("mcp__") && call.tool.starts_with(prefix),
            None => self.rule.tool == call.tool,
        };
        let mine = !matches!(&self.rule.lasts, Lasts::Session { session } if session != call.session);
        tool && mine
            && self.cwd.as_ref().is_none_or(|cwd| !call.place.cwd.is_empty() && cwd.matches_text(&call.place.cwd))
    }

    /// A literal rule that is the whole line, byte for byte.
    fn is_whole(&self, raw: &str) -> bool {
        self.rule.kind == Kind::Literal && self.rule.pattern == raw
    }

    /// For what denies or asks: the command itself, or anything that it might run.
    fn touches(&self, command: &Simple) -> bool {
        let known: Vec<&str> = command.argv.iter().map(|word| word.sketch.as_str()).collect();
        (0..known.len()).any(|from| self.words.matches_words(&known[from..]))
            || self.words.occurs_in(&known.join(" "))
            || self.rule.pattern == "*"
    }

    fn matches_text(&self, tool: &str, text: &str) -> bool {
        // A host's name has dots where a path has slashes: `*.example.org` stops at none of them.
        let any = self.rule.kind == Kind::Glob && self.rule.pattern == "*";
        if tool == "WebFetch" && self.rule.kind == Kind::Glob {
            return any || host_matches(&self.rule.pattern, text);
        }
        any && tool.starts_with("mcp__") || self.text.matches_text(text)
    }

    fn strictness(&self) -> Strictness {
        match self.rule.action {
            Action::Allow => Strictness::Allow,
            Action::Ask => Strictness::Ask,
            Action::Deny { .. } => Strictness::Deny,
        }
    }
}

/// `example.org` is that host; `*.example.org` is every host below it.
fn host_matches(pattern: &str, host: &str) -> bool {
    let pattern = pattern.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches("/*");
    match pattern.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|below| below.ends_with('.')),
        None => host == pattern,
    }
}

impl Decision {
    /// What a rule's action comes to.
    #[must_use]
    pub fn of(action: &Action) -> Self {
        match action {
            Action::Allow => Self::Allow,
            Action::Deny { message } => Self::Deny { message: message.clone() },
            Action::Ask => Self::Ask,
        }
    }
}

impl Verdict {
    /// A human decides.
    #[must_use]
    pub fn ask(why: &str) -> Self {
        Self {
            decision: Decision::Ask,
            rule: None,
            reasons: vec![why.to_owned()],
            parts: Vec::new(),
            trial: Vec::new(),
        }
    }

    fn decide(&mut self, at: usize, rule: &Rule) {
        self.decision = Decision::of(&rule.action);
        (self.rule, self.reasons) = (Some(at), vec![format!("rule {:?}", rule.name)]);
    }
}
