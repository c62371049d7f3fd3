//! What becomes of a call, by the rules that are in force, and why.

use serde::Serialize;
use serde_json::Value;

use super::compiled::Compiled;
use super::cover::Looked;
use super::input;
use super::loose::Loose;
use super::pattern::BadPattern;
use super::pure::{counts_files, is_poison, is_pure};
use super::risk::{Category, Level, Place, Risk};
use super::route::Route;
use super::shell::{Line, Simple, Span, Unparsed};
use super::{Action, Rule};

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

/// How strict an outcome is; the strictest part decides a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strictness {
    /// Let it run.
    Allow,
    /// Ask.
    Ask,
    /// Do not.
    Deny,
}

/// One thing to decide, and the rules that match it.
#[derive(Debug)]
struct Piece {
    span: Span,
    /// It needs no rule.
    pure: bool,
    /// The first that counts.
    first: Option<usize>,
    /// Those on trial that stand before it.
    trial: Vec<usize>,
}

/// A whole call, taken apart.
#[derive(Debug)]
struct Pieces {
    pieces: Vec<Piece>,
    /// Why no allow holds, whichever rule says it.
    bar: Option<String>,
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

    /// Whether the rule at a place of the table is about calls of this tool, in a folder that this one comes to.
    #[must_use]
    pub fn is_in_scope(&self, at: usize, call: &Call<'_>) -> bool {
        let route = call.line.and_then(|line| line.as_ref().ok()).map(|line| Route::of(line, call.place));
        let near = |compiled: &Compiled| route.as_ref().is_none_or(|route| compiled.is_near(route));
        self.rules.get(at).is_some_and(|compiled| compiled.is_in_scope(call) && near(compiled))
    }

    /// What becomes of a call.
    #[must_use]
    pub fn judge(&self, call: &Call<'_>) -> Verdict {
        if QUESTIONS.contains(&call.tool) {
            return Verdict::ask("it is a question to you");
        }
        let pieces = match (call.tool, call.line) {
            ("Bash", Some(Ok(line))) => self.line(call, line),
            ("Bash", Some(Err(unparsed))) => self.unread(call, &unparsed.why),
            ("Bash", None) => self.unread(call, "it was not looked at"),
            _ => self.other(call),
        };
        let mut verdict = self.settle(call, &pieces, None);
        let mut trials: Vec<usize> = pieces.pieces.iter().flat_map(|piece| piece.trial.iter().copied()).collect();
        trials.sort_unstable();
        trials.dedup();
        trials.retain(|at| self.would_decide(call, &pieces, *at));
        verdict.trial = trials;
        verdict
    }

    /// Every simple command of a line.
    fn line(&self, call: &Call<'_>, line: &Line) -> Pieces {
        let route = Route::of(line, call.place);
        let runs = line.commands.iter().any(runs_text);
        let mut look = |command: &Simple| {
            let looked = Looked::at(command);
            let loose = Loose::of(command, runs);
            let piped = counts_files(command, line, &looked);
            let matches = |rule: &Compiled| match rule.rule.action {
                Action::Allow => rule.is_whole(call) || rule.allows(command, &looked, &route, call.place),
                Action::Deny { .. } | Action::Ask => rule.net.catches(&loose) && rule.is_near(&route),
            };
            let pure = piped || is_pure(command, &looked, call.place);
            self.piece(call, command.span.clone(), pure, &matches)
        };
        let pieces = line.commands.iter().map(&mut look).collect();
        let poison = line
            .commands
            .iter()
            .find(|command| is_poison(command))
            .map(|command| format!("`{}` changes what the rest means", command.name().unwrap_or("an assignment")));
        let defines = (!line.defines.is_empty()).then(|| "it defines functions".to_owned());
        let elsewhere = (route.leaves && line.commands.len() > 1).then(|| "it goes to another folder".to_owned());
        Pieces { pieces, bar: poison.or(defines).or(elsewhere).or_else(|| barred(call)) }
    }

    /// A command that could not be parsed: denied generously, allowed only to the byte.
    fn unread(&self, call: &Call<'_>, why: &str) -> Pieces {
        let raw = input::command(call.input).unwrap_or_default();
        let loose = Loose::text(raw);
        let matches = |rule: &Compiled| match rule.rule.action {
            Action::Allow => rule.is_whole(call),
            Action::Deny { .. } | Action::Ask => rule.net.catches(&loose),
        };
        let piece = self.piece(call, 0..raw.len(), false, &matches);
        Pieces { pieces: vec![piece], bar: Some(format!("the command cannot be taken apart: {why}")) }
    }

    /// A call of another tool.
    fn other(&self, call: &Call<'_>) -> Pieces {
        let input = input::of(call.tool, call.input, call.place);
        let loosely = input::loosely(call.tool, call.input, call.place);
        let matches = |rule: &Compiled| match rule.rule.action {
            Action::Allow => input.as_ref().is_some_and(|input| rule.says(input, call.place)),
            Action::Deny { .. } | Action::Ask => loosely.iter().any(|input| rule.says(input, call.place)),
        };
        let piece = self.piece(call, 0..0, false, &matches);
        Pieces { pieces: vec![piece], bar: barred(call) }
    }

    /// The first rule that matches decides.
    fn piece(&self, call: &Call<'_>, span: Span, pure: bool, matches: &dyn Fn(&Compiled) -> bool) -> Piece {
        let mut trial = Vec::new();
        for (at, compiled) in self.rules.iter().enumerate() {
            if !compiled.rule.enabled || !compiled.is_in_scope(call) || !matches(compiled) {
                continue;
            }
            if !compiled.rule.dry_run {
                return Piece { span, pure, first: Some(at), trial };
            }
            trial.push(at);
        }
        Piece { span, pure, first: None, trial }
    }

    /// The strictest of the parts, had the rule `counting` counted as well.
    fn settle(&self, call: &Call<'_>, pieces: &Pieces, counting: Option<usize>) -> Verdict {
        let parts: Vec<(Strictness, Part)> = pieces.pieces.iter().map(|piece| self.part(piece, counting)).collect();
        let worst = parts.iter().map(|(strictness, _)| *strictness).max().unwrap_or(Strictness::Ask);
        let deciding = parts.iter().filter(|(strictness, _)| *strictness == worst);
        // Of several rules that agree, the one on trial shows what it does.
        let with = |wanted: &dyn Fn(Option<usize>) -> bool| deciding.clone().find(|(_, part)| wanted(part.rule));
        let tried = with(&|rule| rule.is_some() && rule == counting);
        let deciding = tried.or_else(|| with(&|rule| rule.is_some())).or_else(|| with(&|_| true));
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
        self.restrained(call, pieces, Verdict { decision, rule, reasons, parts, trial: Vec::new() })
    }

    fn part(&self, piece: &Piece, counting: Option<usize>) -> (Strictness, Part) {
        let part = |rule, why: String| Part { span: piece.span.clone(), rule, why };
        let at = counting.filter(|at| piece.trial.contains(at)).or(piece.first);
        match at.and_then(|at| self.rules.get(at)) {
            Some(compiled) => (compiled.strictness(), part(at, format!("rule {:?}", compiled.rule.name))),
            None if piece.pure => (Strictness::Allow, part(None, "it does nothing by itself".into())),
            None => (Strictness::Ask, part(None, "no rule covers it".into())),
        }
    }

    /// Whether a rule on trial would have done what it says, had it counted.
    fn would_decide(&self, call: &Call<'_>, pieces: &Pieces, at: usize) -> bool {
        let verdict = self.settle(call, pieces, Some(at));
        let says = self.rules.get(at).map(|compiled| Decision::of(&compiled.rule.action));
        verdict.rule == Some(at) && says == Some(verdict.decision)
    }

    /// What is dangerous is not let run for a rule's word alone.
    fn restrained(&self, call: &Call<'_>, pieces: &Pieces, verdict: Verdict) -> Verdict {
        if verdict.decision != Decision::Allow {
            return match &pieces.bar {
                Some(bar) if verdict.rule.is_none() => Verdict { reasons: vec![bar.clone()], ..verdict },
                _ => verdict,
            };
        }
        let rule = verdict.rule.and_then(|at| self.rules.get(at));
        // A literal rule that is the whole of it, to the byte, has seen what is odd about it.
        let whole = rule.is_some_and(|rule| rule.is_whole(call));
        // What a tool of a server, or an agent, does is never known; a rule that names it has said enough.
        let unknowable = call.tool.starts_with("mcp__") || matches!(call.tool, "Agent" | "Task");
        let named = unknowable && rule.is_some_and(|rule| rule.rule.tool != "*");
        let bold = whole && rule.is_some_and(|rule| rule.rule.allow_high);
        let why = if call.risk.control_plane || call.risk.findings.iter().any(|f| f.category == Category::Deception) {
            "what it reaches or looks like is never decided by a rule".to_owned()
        } else if call.risk.level == Level::High && !bold {
            "it is dangerous, and no literal rule says that it may be".to_owned()
        } else if call.place.cwd.is_empty() {
            "it is not known where it would run".to_owned()
        } else if let Some(bar) = pieces.bar.as_ref().filter(|_| !whole && !named) {
            bar.clone()
        } else {
            return verdict;
        };
        Verdict { decision: Decision::Ask, reasons: vec![why], ..verdict }
    }

    fn denial(&self, rule: Option<usize>) -> Decision {
        match rule.and_then(|at| self.rules.get(at)).map(|compiled| &compiled.rule.action) {
            Some(Action::Deny { message }) => Decision::Deny { message: message.clone() },
            _ => Decision::Ask,
        }
    }
}

/// Why nothing about this call is automatic, if so.
fn barred(call: &Call<'_>) -> Option<String> {
    let hides = call.input.get("dangerouslyDisableSandbox").is_some_and(|on| *on != Value::Bool(false));
    if hides {
        return Some("it would run outside of the sandbox".into());
    }
    // No word of the command says these; they are none of the tool's own today.
    let odd = ["env", "shell", "cwd", "stdin", "_simulatedSedEdit"].iter().any(|key| call.input.get(key).is_some());
    if call.tool == "Bash" && odd {
        return Some("more is asked for than the command says".into());
    }
    (!call.risk.automatic).then(|| "what it does is not known well enough to be decided by a rule".into())
}

/// Whether a command runs what it is given as text.
fn runs_text(command: &Simple) -> bool {
    let name = command.argv.first().map_or("", |word| word.sketch.rsplit('/').next().unwrap_or_default());
    name.ends_with("sh")
        || matches!(name, "eval" | "source" | "." | "xargs" | "parallel" | "at" | "batch")
        || name.contains('\u{FFFD}')
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
}
