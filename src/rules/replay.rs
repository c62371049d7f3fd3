//! One rule over what was decided before: what it would have done, and where people did otherwise.
//!
//! The caller feeds rows one by one, so that it can stop at any of them.

use serde::Serialize;

use super::past::{Past, PastOutcome};
use super::risk::{Level, Risk};
use super::{BadPattern, Call, Decision, Lasts, Rule, Table, Verdict};

/// Examples kept of each kind.
const EXAMPLES: usize = 10;

/// What a rule says about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Let it run.
    Allow,
    /// Do not.
    Deny,
    /// Ask, whatever later rules say.
    Ask,
}

/// A call, and what became and would become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The approval's id.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// The call's main input, shortened.
    pub text: String,
    /// What came of it then.
    pub then: PastOutcome,
    /// What the rule says.
    pub now: Says,
    /// Why the rule does not decide it all the same; empty when it does.
    pub why: String,
    /// When: milliseconds since the Unix epoch.
    pub at: u64,
}

/// What a rule would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Rows looked at.
    pub looked_at: u64,
    /// Of these, with the rule's tool and in its folder.
    pub in_scope: u64,
    /// Of these, decided: allowed, denied, or kept for a human whatever other rules say.
    pub would_decide: u64,
    /// Allowed.
    pub would_allow: u64,
    /// Denied.
    pub would_deny: u64,
    /// Kept for a human.
    pub would_ask: u64,
    /// Decided as a person had.
    pub agree: u64,
    /// Allowed, although a person had denied it.
    pub allowed_but_denied: u64,
    /// Denied, although a person had allowed it.
    pub denied_but_allowed: u64,
    /// Matched by an allow rule, and held back because of its danger.
    pub held_back: u64,
    /// Some of them.
    pub examples: Examples,
}

/// The first few of each kind, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Examples {
    /// Decided otherwise than by a person.
    pub against: Vec<Example>,
    /// Held back because of the danger.
    pub held_back: Vec<Example>,
    /// Decided as a person had.
    pub agree: Vec<Example>,
    /// Decided, where no person had said yes or no.
    pub new: Vec<Example>,
}

/// A replay that runs.
#[derive(Clone, Debug)]
pub struct Replaying {
    table: Table,
    report: Replay,
}

/// How one row of sample traffic fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The approval's id.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// The call's main input, shortened.
    pub text: String,
    /// What came of it then.
    pub then: PastOutcome,
    /// When: milliseconds since the Unix epoch.
    pub at: u64,
    /// How it fares.
    pub fit: Fit,
    /// What the rule would say, when it matches.
    pub now: Option<Says>,
    /// Why, in words.
    pub why: String,
}

/// Whether a rule is about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// It decides it.
    Match,
    /// It matches, and is held back because of the danger.
    HeldBack,
    /// The pattern says something else.
    NoMatch,
    /// It is about another tool or folder.
    OutOfScope,
}

impl Replaying {
    /// Begins. The rule is taken as if it were in force for everybody: on trial, switched off or for another
    /// session, it is asked all the same.
    ///
    /// # Errors
    /// A pattern that cannot be used.
    pub fn new(rule: &Rule) -> Result<Self, BadPattern> {
        let rule = Rule { enabled: true, dry_run: false, lasts: Lasts::Forever, ..rule.clone() };
        let table = Table::new(std::slice::from_ref(&rule)).map_err(|(_, bad)| bad)?;
        Ok(Self { table, report: Replay::default() })
    }

    /// Takes one row in. `call` is the same call, assessed where it ran.
    pub fn add(&mut self, past: &Past, call: &Call<'_>) {
        let report = &mut self.report;
        report.looked_at += 1;
        if !self.table.is_in_scope(0, call) {
            return;
        }
        report.in_scope += 1;
        match judge(&self.table, call) {
            Judged::Says(now) => report.decided(past, now),
            Judged::HeldBack(why) => {
                report.held_back += 1;
                keep(&mut report.examples.held_back, past, Says::Allow, why);
            }
            Judged::Nothing(_) => {}
        }
    }

    /// What has come of it so far.
    #[must_use]
    pub fn finish(self) -> Replay {
        self.report
    }

    /// How one row fares, for the list beside the editor. It does not count.
    #[must_use]
    pub fn sample(&self, past: &Past, call: &Call<'_>) -> Sample {
        let (fit, now, why) = if self.table.is_in_scope(0, call) {
            match judge(&self.table, call) {
                Judged::Says(now) => (Fit::Match, Some(now), "the rule decides it".to_owned()),
                Judged::HeldBack(why) => (Fit::HeldBack, Some(Says::Allow), why),
                Judged::Nothing(why) => (Fit::NoMatch, None, why),
            }
        } else {
            (Fit::OutOfScope, None, "another tool or another folder".to_owned())
        };
        let (id, tool) = (past.id.clone(), past.tool.clone());
        Sample { id, tool, text: past.shown(), then: past.outcome, at: past.at, fit, now, why }
    }
}

impl Replay {
    fn decided(&mut self, past: &Past, now: Says) {
        self.would_decide += 1;
        *match now {
            Says::Allow => &mut self.would_allow,
            Says::Deny => &mut self.would_deny,
            Says::Ask => &mut self.would_ask,
        } += 1;
        let then = if past.by_human { past.outcome } else { PastOutcome::Other };
        let kept = match (now, then) {
            (Says::Allow, PastOutcome::Allowed) | (Says::Deny, PastOutcome::Denied) => {
                self.agree += 1;
                &mut self.examples.agree
            }
            (Says::Allow, PastOutcome::Denied) => {
                self.allowed_but_denied += 1;
                &mut self.examples.against
            }
            (Says::Deny, PastOutcome::Allowed) => {
                self.denied_but_allowed += 1;
                &mut self.examples.against
            }
            (_, PastOutcome::Other) | (Says::Ask, _) => &mut self.examples.new,
        };
        keep(kept, past, now, String::new());
    }
}

/// What the rule makes of a call in its scope.
enum Judged {
    Says(Says),
    HeldBack(String),
    Nothing(String),
}

fn judge(table: &Table, call: &Call<'_>) -> Judged {
    let verdict = table.judge(call);
    match (&verdict.decision, verdict.rule) {
        (Decision::Allow, _) => Judged::Says(Says::Allow),
        (Decision::Deny { .. }, _) => Judged::Says(Says::Deny),
        // The same call without its danger: what would have been allowed is held back.
        (Decision::Ask, _) if allows(table, call) => Judged::HeldBack(because(&verdict)),
        (Decision::Ask, Some(_)) => Judged::Says(Says::Ask),
        (Decision::Ask, None) => Judged::Nothing(because(&verdict)),
    }
}

/// Whether the table's word alone, with no look at the danger, lets a call run.
#[must_use]
pub fn allows(table: &Table, call: &Call<'_>) -> bool {
    let harmless = Risk { level: Level::Low, automatic: true, ..Risk::default() };
    table.judge(&Call { risk: &harmless, ..*call }).decision == Decision::Allow
}

fn because(verdict: &Verdict) -> String {
    verdict.reasons.join("; ")
}

fn keep(list: &mut Vec<Example>, past: &Past, now: Says, why: String) {
    if list.len() < EXAMPLES {
        let (id, tool) = (past.id.clone(), past.tool.clone());
        list.push(Example { id, tool, text: past.shown(), then: past.outcome, now, why, at: past.at });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::{Action, Kind, risk, shell};

    fn rule(kind: Kind, pattern: &str, action: Action) -> Rule {
        let usual = Rule::allow("Bash", kind, pattern);
        Rule { name: "r".into(), cwd: Some("/p".into()), action, dry_run: true, enabled: false, ..usual }
    }

    fn feed<T>(past: &Past, to: impl FnOnce(&Past, &Call<'_>) -> T) -> T {
        let place =
            risk::Place { cwd: past.cwd.clone(), project: "/p".into(), home: "/h".into(), ..Default::default() };
        let line = past.input["command"].as_str().map(shell::parse);
        let risk = risk::tool(&past.tool, &past.input, &place, line.as_ref(), &shell::parse);
        to(
            past,
            &Call {
                tool: &past.tool,
                input: &past.input,
                line: line.as_ref(),
                place: &place,
                session: "",
                risk: &risk,
            },
        )
    }

    fn past(command: &str, outcome: PastOutcome) -> Past {
        Past {
            id: command.into(),
            tool: "Bash".into(),
            input: json!({ "command": command }),
            cwd: "/p".into(),
            outcome,
            by_human: true,
            message: None,
            at: 7,
        }
    }

    fn run(rule: &Rule, rows: &[Past]) -> Replay {
        let mut replaying = Replaying::new(rule).unwrap();
        rows.iter().for_each(|row| feed(row, |past, call| replaying.add(past, call)));
        replaying.finish()
    }

    fn rows() -> Vec<Past> {
        use PastOutcome::{Allowed, Denied, Other};
        let elsewhere = Past { cwd: "/q".into(), ..past("git status", Allowed) };
        let by_rule = Past { by_human: false, ..past("git status -b", Denied) };
        let read = Past { tool: "Read".into(), input: json!({"file_path": "/p/x"}), ..past("x", Allowed) };
        vec![
            past("git status", Allowed),
            past("git status -s | head -3", Denied),
            past("git push --force origin main", Denied),
            past("git status", Other),
            past("ls", Allowed),
            elsewhere,
            by_rule,
            read,
        ]
    }

    #[test]
    fn an_allow_is_held_against_what_people_said() {
        let report = run(&rule(Kind::Glob, "git *", Action::Allow), &rows());
        assert_eq!((report.looked_at, report.in_scope), (8, 6));
        assert_eq!((report.would_decide, report.would_allow, report.would_deny), (4, 4, 0));
        assert_eq!((report.agree, report.allowed_but_denied, report.held_back), (1, 1, 1));
        let texts = |list: &[Example]| list.iter().map(|example| example.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&report.examples.against), ["git status -s | head -3"]);
        assert_eq!(texts(&report.examples.new), ["git status", "git status -b"], "no person had said no");
        assert_eq!(texts(&report.examples.held_back), ["git push --force origin main"]);
        assert!(report.examples.held_back[0].why.contains("dangerous"), "{report:?}");
    }

    #[test]
    fn a_denial_and_a_question_are_counted_as_such() {
        let report = run(&rule(Kind::Glob, "git status*", Action::Deny { message: None }), &rows());
        assert_eq!((report.would_deny, report.denied_but_allowed, report.agree, report.held_back), (4, 1, 1, 0));
        let report = run(&rule(Kind::Glob, "git status*", Action::Ask), &rows());
        assert_eq!((report.would_ask, report.would_decide, report.agree), (4, 4, 0));
    }

    #[test]
    fn examples_are_few_and_short() {
        let many: Vec<Past> =
            (0..30).map(|_| past(&format!("git status {}", "ä".repeat(300)), PastOutcome::Allowed)).collect();
        let report = run(&rule(Kind::Glob, "git status*", Action::Allow), &many);
        assert_eq!((report.agree, report.examples.agree.len()), (30, 10));
        assert_eq!(report.examples.agree[0].text.chars().count(), 201);
    }

    #[test]
    fn samples_say_why() {
        let replaying = Replaying::new(&rule(Kind::Glob, "git *", Action::Allow)).unwrap();
        let fits: Vec<Fit> = rows().iter().map(|row| feed(row, |p, c| replaying.sample(p, c)).fit).collect();
        use Fit::{HeldBack, Match, NoMatch, OutOfScope};
        assert_eq!(fits, [Match, Match, HeldBack, Match, NoMatch, OutOfScope, Match, OutOfScope]);
        let mixed = past("git status && npm test", PastOutcome::Allowed);
        let sample = feed(&mixed, |past, call| replaying.sample(past, call));
        assert_eq!((sample.fit, sample.now, sample.why.is_empty()), (NoMatch, None, false));
        assert_eq!(replaying.finish(), Replay::default(), "samples do not count");
        assert!(Replaying::new(&rule(Kind::Regex, "(", Action::Allow)).is_err());
    }
}
