//! A call looked at: what its command runs, where its paths lead, how dangerous it is, what the rules say.
//!
//! On a thread of its own, with a deadline: the parsers are bounded by the gate before them, and paths
//! may lie on a file system that does not answer. What takes longer is not automatic.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Semaphore, oneshot};

use super::real;
use crate::rules::risk::{self, Category, Finding, Level, Place, Risk};
use crate::rules::shell::{self, Line, Unparsed};
use crate::rules::{Book, Call, Judged, main_text};

/// How long a look may take. A usual one takes some tens of microseconds; many times as long without
/// optimisation, on a machine that is busy with tests.
const DEADLINE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 50 });
/// The parsers recurse; this is several times what the deepest line that passes the gate takes.
const STACK: usize = 8 * 1024 * 1024;
/// How many looks may be under way: those that hang keep their thread.
const AT_ONCE: usize = 32;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// What somebody wants to run.
#[derive(Clone, Debug)]
pub struct Question {
    /// The tool.
    pub tool: String,
    /// Its whole input.
    pub input: Arc<Value>,
    /// The directory it would run in.
    pub cwd: String,
}

/// What was found out about it.
#[derive(Clone, Debug)]
pub struct Looked {
    place: Place,
    line: Option<Result<Line, Unparsed>>,
    /// Its danger.
    pub risk: Risk,
    /// What the rules said to it, as a call of which session.
    judged: Option<(String, Judged)>,
}

impl Looked {
    /// What `book` says to it, as a call of `session`: judged already, most often, where it was looked at.
    #[must_use]
    pub fn judged(&self, question: &Question, book: &Book, session: &str) -> Judged {
        match &self.judged {
            Some((of, judged)) if of == session && book.stands(judged) => judged.clone(),
            _ => book.judge(&self.call(question, session)),
        }
    }

    /// The call, for the rules.
    #[must_use]
    pub fn call<'a>(&'a self, question: &'a Question, session: &'a str) -> Call<'a> {
        let Question { tool, input, .. } = question;
        Call { tool, input, line: self.line.as_ref(), place: &self.place, session, risk: &self.risk }
    }

    /// Nothing is known of it: no rule may let it run.
    fn not(question: &Question, book: &Book, session: String, why: &str) -> Self {
        let text = format!("ccmon could not look at it: {why}.");
        let whole = 0..main_text(&question.tool, &question.input).map_or(0, str::len);
        let risk = Risk::of(vec![Finding::new(Category::Unparsed, Level::Medium, &whole, text)]);
        let line = (question.tool == "Bash").then(|| Err(Unparsed::new(why)));
        let judged = Some((session, book.undecided(&format!("ccmon could not look at it: {why}"))));
        Self { place: Place { cwd: question.cwd.clone(), ..Place::default() }, line, risk, judged }
    }
}

/// Looks, on this thread, for as long as it takes.
#[must_use]
pub fn look(question: &Question) -> Looked {
    let command = question.input.get("command").and_then(Value::as_str).filter(|_| question.tool == "Bash");
    let line = command.map(shell::parse);
    let place = real::place(question, line.as_ref().and_then(|line| line.as_ref().ok()));
    let risk = risk::tool(&question.tool, &question.input, &place, line.as_ref(), &shell::parse);
    Looked { place, line, risk, judged: None }
}

/// Looks, and asks the book as for a call of `session`, within 50 ms. A thread that still looks then is left
/// to itself, as a thread cannot be stopped.
pub async fn in_time(question: &Question, book: Arc<Book>, session: String) -> Looked {
    in_time_by(question, book, session, DEADLINE, look).await
}

async fn in_time_by(
    question: &Question,
    book: Arc<Book>,
    session: String,
    deadline: Duration,
    look: impl FnOnce(&Question) -> Looked + Send + 'static,
) -> Looked {
    let Ok(turn) = TURNS.try_acquire() else {
        return Looked::not(question, &book, session, "too much is being looked at already");
    };
    let (answer, answered) = oneshot::channel();
    let (asked, rules, of) = (question.clone(), Arc::clone(&book), session.clone());
    let work = move || {
        let mut looked = look(&asked);
        looked.judged = Some((of.clone(), rules.judge(&looked.call(&asked, &of))));
        // Nobody may wait any more.
        let _ = answer.send(looked);
        drop(turn);
    };
    if let Err(no) = with_room(work) {
        return Looked::not(question, &book, session, &format!("there is no thread to do it on ({no})"));
    }
    match tokio::time::timeout(deadline, answered).await {
        Ok(Ok(looked)) => looked,
        Ok(Err(_)) => Looked::not(question, &book, session, "that failed"),
        Err(_) => Looked::not(question, &book, session, "that took too long"),
    }
}

/// Runs `work` on a thread with room for the parsers.
///
/// # Errors
/// When there is no thread to be had.
pub fn with_room<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<thread::JoinHandle<T>> {
    thread::Builder::new().name("assess".to_owned()).stack_size(STACK).spawn(work)
}

/// The user's home, as this process was told.
#[must_use]
pub fn home() -> String {
    std::env::var("HOME").ok().filter(|home| Path::new(home).is_absolute()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use serde_json::json;

    use super::*;
    use crate::rules::Decision;

    fn question(command: &str) -> Question {
        Question { tool: "Bash".into(), input: Arc::new(json!({ "command": command })), cwd: "/tmp".into() }
    }

    fn sentence(looked: &Looked) -> &str {
        &looked.risk.findings[0].text
    }

    /// What a machine that is busy with other tests surely keeps.
    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn an_answer_in_time_is_the_look() {
        let question = question("git push --force");
        let looked = in_time_by(&question, Arc::default(), String::new(), LONG, look).await;
        assert_eq!(looked.risk, look(&question).risk);
        assert_eq!((looked.risk.level, looked.line.is_some_and(|line| line.is_ok())), (Level::High, true));
    }

    #[tokio::test]
    async fn a_verdict_counts_only_while_the_rules_are_the_same() {
        let rule = json!({ "name": "r", "tool": "Bash", "kind": "glob", "pattern": "git status*", "action": "allow",
            "lasts": "forever" });
        let mut book = Book::default();
        book.add(serde_json::from_value(rule).unwrap(), None, 0, 0).unwrap();
        let (question, of) = (question("git status"), String::from("1-1"));
        let looked = in_time_by(&question, Arc::new(book.clone()), of.clone(), LONG, look).await;
        let said = |book: &Book| looked.judged(&question, book, &of).verdict.decision;
        assert_eq!(said(&book), Decision::Allow);
        book.pause(true);
        assert_eq!(said(&book), Decision::Ask);
    }

    #[tokio::test]
    async fn what_takes_too_long_or_fails_is_not_automatic() {
        let (done, wait) = mpsc::channel::<()>();
        let slow = move |question: &Question| {
            let _ = wait.recv();
            look(question)
        };
        let looked = in_time_by(&question("ls"), Arc::default(), String::new(), DEADLINE, slow).await;
        assert_eq!(sentence(&looked), "ccmon could not look at it: that took too long.");
        assert!(!looked.risk.automatic && looked.line.is_some_and(|line| line.is_err()));
        drop(done);
        let looked = in_time_by(&question("ls"), Arc::default(), String::new(), LONG, |_| panic!("on purpose")).await;
        assert_eq!(sentence(&looked), "ccmon could not look at it: that failed.");
    }
}
