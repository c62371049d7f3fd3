//! The rules for whoever reads them: as they stand, tried, and held against the audit log.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::assess::{self, Looked, Question, Turn};
use super::clock;
use super::explain::explain;
use super::keeper::Keeper;
use crate::api::{Later, Rulebook, Step, Trying, Weighing};
use crate::paths::Paths;
use crate::rules::{self, Book, Decision, Entry, Offers, Past, PastOutcome, Replaying, Rule, Seen};
use crate::store::{ApprovalRow, Reader};

/// How many of the last requests suggestions are drawn from.
const SUGGEST_FROM: u64 = 5_000;
/// How many of the last requests are shown one by one beside a rule.
const SAMPLES: usize = 20;
/// How many of the last requests are tried while a rule is written.
const PREVIEWED: u64 = 200;
/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000;
const BUSY: &str = "too much is being looked at already: try again in a moment";

/// Answers from the engine's book and the store.
pub struct StoreRulebook {
    book: watch::Receiver<Arc<Book>>,
    reader: Reader,
}

impl StoreRulebook {
    /// Reads `book` as it changes.
    #[must_use]
    pub fn new(book: watch::Receiver<Arc<Book>>, reader: Reader) -> Self {
        Self { book, reader }
    }

    fn book(&self) -> Arc<Book> {
        self.book.borrow().clone()
    }

    /// The requests of the past, newest first, for as long as `goes_on` says so of how many there were.
    fn each_past(&self, mut tell: impl FnMut(Past), goes_on: impl Fn(u64) -> bool) -> Result<(), String> {
        let mut done = 0;
        let read = self.reader.each_approval(|row| {
            done += 1;
            past(row).into_iter().for_each(&mut tell);
            goes_on(done)
        });
        read.map_err(|error| error.to_string())
    }
}

impl Rulebook for StoreRulebook {
    fn list(&self) -> Value {
        let book = self.book();
        let rules = all(&book);
        let views: Vec<Value> = (0..rules.len()).map(|at| view(&book, &rules, at)).collect();
        json!({ "rules": views, "paused": book.is_paused(), "broken": book.broken() })
    }

    fn rule(&self, id: i64) -> Option<Value> {
        let book = self.book();
        book.entries().iter().position(|entry| entry.id == id).map(|at| view(&book, &all(&book), at))
    }

    fn export(&self) -> String {
        rules::export(&all(&self.book()))
    }

    fn test(&self, trying: Trying) -> Result<Value, String> {
        let (question, session) = question(trying)?;
        let book = self.book();
        on_large_stack(move || explain(&book, &question, &session))
    }

    fn replay(&self, rule: Rule, step: Step) -> Result<Value, String> {
        let mut replaying = Replaying::new(&rule).map_err(|bad| bad.to_string())?;
        let (reader, mut samples) = (Self { book: self.book.clone(), reader: self.reader.clone() }, Vec::new());
        let (replay, samples) = on_large_stack(move || {
            let add = |past: Past| {
                let (question, looked) = look(&past);
                let call = looked.call(&question, "");
                if samples.len() < SAMPLES {
                    samples.push(replaying.sample(&past, &call));
                }
                replaying.add(&past, &call);
            };
            reader.each_past(add, |done| step(done))?;
            Ok::<_, String>((replaying.finish(), samples))
        })??;
        let mut answer = serde_json::to_value(replay).map_err(|error| error.to_string())?;
        answer["samples"] = serde_json::to_value(samples).map_err(|error| error.to_string())?;
        Ok(answer)
    }

    fn preview(&self, rule: Rule, position: Option<usize>) -> Result<Value, String> {
        let others = all(&self.book());
        let earlier = position.and_then(|at| others.get(..at)).unwrap_or(&others);
        let lints = rules::lint(&rule, earlier, None);
        // A pattern that cannot be used is among the lints, and matches nothing.
        let Ok(replaying) = Replaying::new(&rule) else {
            return Ok(json!({ "lints": lints, "samples": [] }));
        };
        let reader = Self { book: self.book.clone(), reader: self.reader.clone() };
        let samples = on_large_stack(move || {
            let mut samples = Vec::new();
            let add = |past: Past| {
                let (question, looked) = look(&past);
                samples.push(replaying.sample(&past, &looked.call(&question, "")));
            };
            reader.each_past(add, |done| done < PREVIEWED)?;
            Ok::<_, String>(samples)
        })??;
        Ok(json!({ "lints": lints, "samples": samples }))
    }

    fn suggest(&self) -> Result<Value, String> {
        let existing = all(&self.book());
        let reader = Self { book: self.book.clone(), reader: self.reader.clone() };
        let found = on_large_stack(move || {
            let mut rows = Vec::new();
            let add = |past: Past| {
                let (question, looked) = look(&past);
                rows.push((past, question, looked));
            };
            reader.each_past(add, |done| done < SUGGEST_FROM)?;
            let seen: Vec<Seen<'_>> =
                rows.iter().map(|(past, question, looked)| Seen { past, call: looked.call(question, "") }).collect();
            Ok::<_, String>(rules::suggest(&seen, &existing))
        })??;
        Ok(json!({ "suggestions": found }))
    }

    fn offers(&self, weighing: Weighing) -> Later<'_, Result<Offers, String>> {
        Box::pin(async move {
            let turn = Turn::aside().await.ok_or(BUSY)?;
            let (question, session) = weighed(weighing);
            let looked = assess::in_turn(&question, self.book(), session.clone(), turn.clone()).await;
            // Of what is not known no rule is made.
            if !looked.is_known() {
                return Ok(Offers::default());
            }
            let draft = move || {
                let _turn = turn;
                on_large_stack(move || rules::offers(&looked.call(&question, &session)))
            };
            tokio::task::spawn_blocking(draft).await.map_err(|error| error.to_string())?
        })
    }

    fn assess(&self, weighing: Weighing) -> Later<'_, Result<Value, String>> {
        Box::pin(async move {
            let turn = Turn::aside().await.ok_or(BUSY)?;
            let ((question, session), book) = (weighed(weighing), self.book());
            let looked = assess::in_turn(&question, Arc::clone(&book), session.clone(), turn).await;
            let judged = looked.judged(&question, &book, &session);
            let denies = matches!(judged.verdict.decision, Decision::Deny { .. });
            let denied = judged.by.filter(|_| denies).map(|by| json!({ "id": by.id, "name": by.name }));
            Ok(json!({ "risk": looked.risk, "denied_by": denied }))
        })
    }

    fn promote(&self, approval: &str) -> Result<Option<Rule>, String> {
        let row = self.reader.approval(approval).map_err(|error| error.to_string())?;
        let Some(past) = row.and_then(past) else {
            return Ok(None);
        };
        on_large_stack(move || {
            let (question, looked) = look(&past);
            let place = looked.call(&question, "").place.clone();
            rules::promote(&past, &place)
        })
    }
}

/// The rules as they stand in the database of `paths`, daemon or not. None when there is no database yet.
#[must_use]
pub fn stored(paths: &Paths) -> Book {
    if !paths.database().exists() {
        return Book::default();
    }
    Keeper::load(&Reader::beside(&paths.database()), |_| true).book().clone()
}

/// What the rules say, in order.
fn all(book: &Book) -> Vec<Rule> {
    book.entries().iter().map(|entry| entry.rule.clone()).collect()
}

/// A rule with all that is known of it, as JSON.
fn view(book: &Book, rules: &[Rule], at: usize) -> Value {
    let Some(entry) = book.entries().get(at) else {
        return Value::Null;
    };
    let mut view = serde_json::to_value(&entry.rule).unwrap_or_default();
    if let Value::Object(keys) = &mut view {
        keys.extend(about(rules.get(..at).unwrap_or_default(), entry));
    }
    view
}

fn about(earlier: &[Rule], entry: &Entry) -> Map<String, Value> {
    let age = clock::wall().0.saturating_sub(entry.made) / DAY;
    let lints = rules::lint(&entry.rule, earlier, Some((entry.matches, age)));
    let ends_in = entry.ends.map(|ends| ends.saturating_sub(clock::uptime()));
    let about = json!({
        "id": entry.id,
        "made": entry.made,
        "matches": entry.matches,
        "last_match": entry.last_match,
        "ends": ends_in.map(|ms| json!({ "in_ms": ms })),
        "lints": lints,
    });
    match about {
        Value::Object(keys) => keys,
        _ => Map::new(),
    }
}

/// A line of the audit log; `None` for one that this version cannot read.
fn past(row: ApprovalRow) -> Option<Past> {
    let outcome = match row.outcome.as_deref() {
        Some("allowed") => PastOutcome::Allowed,
        Some("denied") => PastOutcome::Denied,
        _ => PastOutcome::Other,
    };
    let by_human = matches!(row.by.as_deref(), Some("popup" | "dashboard" | "web" | "cli" | "tui" | "notification"));
    let input = serde_json::from_str(&row.input).ok()?;
    let ApprovalRow { id, tool, cwd, message, opened, .. } = row;
    Some(Past { id, tool, input, cwd, outcome, by_human, message, at: opened })
}

fn look(past: &Past) -> (Question, Looked) {
    let input = Arc::new(past.input.clone());
    let question = Question { tool: past.tool.clone(), input, cwd: past.cwd.clone(), away: false };
    let looked = assess::look(&question);
    (question, looked)
}

/// What somebody tries, and as which session.
///
/// # Errors
/// In words, when it is no call.
pub fn question(trying: Trying) -> Result<(Question, String), String> {
    let Trying { tool, input, command, cwd, session } = trying;
    let input = match (input, command) {
        (Some(input), None) => input,
        (None, Some(command)) => json!({ "command": command }),
        _ => return Err("give either `command` (for Bash) or `tool` and `input`".into()),
    };
    let tool = tool.unwrap_or_else(|| "Bash".to_owned());
    Ok((Question { tool, input: Arc::new(input), cwd, away: false }, session))
}

fn weighed(Weighing { tool, input, cwd, session }: Weighing) -> (Question, String) {
    (Question { tool, input, cwd, away: false }, session)
}

/// Parsers recurse: on a thread with room for them. Blocks.
fn on_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let thread = assess::with_room(work).map_err(|error| error.to_string())?;
    thread.join().map_err(|_| "that failed; it is a fault of ccmon's".to_owned())
}
