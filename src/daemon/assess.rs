//! A call looked at: what its command runs, where its paths lead, how dangerous it is, what the rules say.
//!
//! On a thread of its own, with a deadline: the parsers are bounded by the gate before them, and paths
//! may lie on a file system that does not answer. What takes longer is not automatic.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::real;
use crate::rules::risk::{self, Category, Finding, Level, Place, Risk};
use crate::rules::shell::{self, Line, Unparsed};
use crate::rules::{Book, Call, Decision, Judged, main_text};

/// How long a look may take. A usual one takes some tens of microseconds; many times as long without
/// optimisation, on a machine that is busy with tests.
const DEADLINE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 10_000 } else { 50 });
/// The parsers recurse; this is several times what the deepest line that passes the gate takes.
const STACK: usize = 8 * 1024 * 1024;
/// How many looks may be under way: those that hang keep their thread.
const AT_ONCE: usize = 32;
/// The same for what somebody only wants to know of: a page or a script may ask for any number of those.
const AT_ONCE_ASIDE: usize = 2;
/// How many of these wait for their turn,
const MOST_WAITING: usize = 16;
/// and for how long.
const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 10 } else { 1_000 });
/// Of a line that cannot be taken apart, more is not read roughly; it is never automatic anyway.
const ROUGHLY: usize = 64 * 1024;
/// How much of a command is held against the rules that deny, when there was no time for a look.
const GLANCE: usize = 16 * 1024;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);
static TURNS_ASIDE: Semaphore = Semaphore::const_new(AT_ONCE_ASIDE);
static WAITING: Semaphore = Semaphore::const_new(MOST_WAITING);

/// Leave to look at something: taken for as long as anybody works on that.
#[derive(Clone, Debug)]
pub struct Turn {
    _taken: Arc<SemaphorePermit<'static>>,
}

impl Turn {
    /// For what no hook waits for. None when too much of that is being looked at: it takes nothing from requests.
    pub async fn aside() -> Option<Self> {
        let _waits = WAITING.try_acquire().ok()?;
        let turn = tokio::time::timeout(PATIENCE, TURNS_ASIDE.acquire()).await.ok()?.ok()?;
        Some(Self::of(turn))
    }

    fn of(turn: SemaphorePermit<'static>) -> Self {
        Self { _taken: Arc::new(turn) }
    }
}

/// What somebody wants to run.
#[derive(Clone, Debug)]
pub struct Question {
    /// The tool.
    pub tool: String,
    /// Its whole input.
    pub input: Arc<Value>,
    /// The directory it would run in.
    pub cwd: String,
    /// That is none of this machine's: no path of it can be looked up.
    pub away: bool,
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
    /// Why nothing is known of it, if so.
    unknown: Option<String>,
}

impl Looked {
    /// What `book` says to it, as a call of `session`: judged already, most often, where it was looked at.
    #[must_use]
    pub fn judged(&self, question: &Question, book: &Book, session: &str) -> Judged {
        match &self.judged {
            Some((of, judged)) if of == session && book.stands(judged) => judged.clone(),
            _ => self.judge(question, book, session),
        }
    }

    /// Whether it could be looked at.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.unknown.is_none()
    }

    /// The call, for the rules.
    #[must_use]
    pub fn call<'a>(&'a self, question: &'a Question, session: &'a str) -> Call<'a> {
        let Question { tool, input, .. } = question;
        Call { tool, input, line: self.line.as_ref(), place: &self.place, session, risk: &self.risk }
    }

    fn judge(&self, question: &Question, book: &Book, session: &str) -> Judged {
        let judged = book.judge(&self.call(question, session));
        match &self.unknown {
            // What is not known is let run by no rule; what a rule denies by its text is denied.
            Some(why) if !matches!(judged.verdict.decision, Decision::Deny { .. }) => book.undecided(why),
            _ => judged,
        }
    }

    /// Nothing is known of it: no rule may let it run.
    fn not(question: &Question, why: &str) -> Self {
        let text = format!("ccmon could not look at it: {why}.");
        let whole = 0..main_text(&question.tool, &question.input).map_or(0, str::len);
        let risk = Risk::of(vec![Finding::new(Category::Unparsed, Level::Medium, &whole, text)]);
        let line = (question.tool == "Bash").then(|| Err(Unparsed::new(why)));
        let place = Place { cwd: question.cwd.clone(), ..Place::default() };
        Self { place, line, risk, judged: None, unknown: Some(format!("ccmon could not look at it: {why}")) }
    }
}

/// Looks, on this thread, for as long as it takes.
#[must_use]
pub fn look(question: &Question) -> Looked {
    let command = question.input.get("command").and_then(Value::as_str).filter(|_| question.tool == "Bash");
    let line = command.map(shell::parse);
    let place = real::place(question, line.as_ref().and_then(|line| line.as_ref().ok()));
    let unread = line.as_ref().is_some_and(Result::is_err);
    let input = if unread { cut(&question.input, ROUGHLY) } else { Cow::Borrowed(&*question.input) };
    let mut risk = risk::tool(&question.tool, &input, &place, line.as_ref(), &shell::parse);
    if place.partial {
        let text = match question.away {
            true => "It runs on another machine, or in a container: where its paths lead there cannot be looked up.",
            false => "Reaches more files than could be looked up, or some that lie elsewhere than their names say.",
        };
        let whole = 0..main_text(&question.tool, &input).map_or(0, str::len);
        risk.findings.push(Finding::new(Category::Dynamic, Level::Medium, &whole, text));
        risk = Risk { level: risk.level.max(Level::Medium), automatic: false, ..risk };
    }
    Looked { place, line, risk, judged: None, unknown: None }
}

/// The input with no more than `most` bytes of its command.
fn cut(input: &Value, most: usize) -> Cow<'_, Value> {
    match input.get("command").and_then(Value::as_str).filter(|command| command.len() > most) {
        Some(command) => Cow::Owned(json!({ "command": &command[..command.floor_char_boundary(most)] })),
        None => Cow::Borrowed(input),
    }
}

/// Looks, and asks the book as for a call of `session`, within 50 ms. A thread that still looks then is left
/// to itself, as a thread cannot be stopped.
pub async fn in_time(question: &Question, book: Arc<Book>, session: String) -> Looked {
    match TURNS.try_acquire() {
        Ok(turn) => in_turn(question, book, session, Turn::of(turn)).await,
        Err(_) => at_a_glance(question, book, session, "too much is being looked at already").await,
    }
}

/// The same, for somebody who has a turn already.
pub async fn in_turn(question: &Question, book: Arc<Book>, session: String, turn: Turn) -> Looked {
    in_time_by(question, book, session, turn, DEADLINE, look).await
}

async fn in_time_by(
    question: &Question,
    book: Arc<Book>,
    session: String,
    turn: Turn,
    deadline: Duration,
    look: impl FnOnce(&Question) -> Looked + Send + 'static,
) -> Looked {
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
        return at_a_glance(question, book, session, &format!("there is no thread to do it on ({no})")).await;
    }
    let why = match tokio::time::timeout(deadline, answered).await {
        Ok(Ok(looked)) => return looked,
        Ok(Err(_)) => "that failed",
        Err(_) => "that took too long",
    };
    at_a_glance(question, book, session, why).await
}

/// Of what could not be looked at, only the text counts, and only for rules that deny.
async fn at_a_glance(question: &Question, book: Arc<Book>, session: String, why: &str) -> Looked {
    let mut looked = Looked::not(question, why);
    let (answer, answered) = oneshot::channel();
    let glance = Question { input: Arc::new(cut(&question.input, GLANCE).into_owned()), ..question.clone() };
    let (rules, of, seen) = (Arc::clone(&book), session.clone(), looked.clone());
    // Without a thread, or without an answer, it is undecided.
    let _ = with_room(move || answer.send(seen.judge(&glance, &rules, &of)).is_ok());
    let judged = tokio::time::timeout(DEADLINE, answered).await.ok().and_then(Result::ok);
    let judged = judged.unwrap_or_else(|| book.undecided(looked.unknown.as_deref().unwrap_or(why)));
    looked.judged = Some((session, judged));
    looked
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

    use super::*;

    fn question(command: &str) -> Question {
        Question {
            tool: "Bash".into(),
            input: Arc::new(json!({ "command": command })),
            cwd: "/tmp".into(),
            away: false,
        }
    }

    fn a_turn() -> Turn {
        Turn::of(TURNS.try_acquire().unwrap())
    }

    fn sentence(looked: &Looked) -> &str {
        &looked.risk.findings[0].text
    }

    /// What a machine that is busy with other tests surely keeps.
    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn an_answer_in_time_is_the_look() {
        let question = question("git push --force");
        let looked = in_time_by(&question, Arc::default(), String::new(), a_turn(), LONG, look).await;
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
        let looked = in_time_by(&question, Arc::new(book.clone()), of.clone(), a_turn(), LONG, look).await;
        let said = |book: &Book| looked.judged(&question, book, &of).verdict.decision;
        assert_eq!(said(&book), Decision::Allow);
        book.pause(true);
        assert_eq!(said(&book), Decision::Ask);
    }

    fn book(action: &str, pattern: &str, kind: &str) -> Book {
        let rule = json!({ "name": "r", "tool": "Bash", "kind": kind, "pattern": pattern, "action": action,
            "lasts": "forever" });
        let mut book = Book::default();
        book.add(serde_json::from_value(rule).unwrap(), None, 0, 0).unwrap();
        book
    }

    #[tokio::test]
    async fn what_takes_too_long_is_still_denied_and_never_allowed() {
        let denying = || book("deny", "rm *", "glob");
        for (book, command, denied) in
            [(denying(), "ls; rm -rf x", true), (denying(), "ls", false), (book("allow", "ls", "literal"), "ls", false)]
        {
            let (done, wait) = mpsc::channel::<()>();
            let slow = move |question: &Question| {
                let _ = wait.recv();
                look(question)
            };
            let (question, of) = (question(command), String::from("1-1"));
            let soon = Duration::from_millis(5);
            let looked = in_time_by(&question, Arc::new(book.clone()), of.clone(), a_turn(), soon, slow).await;
            for session in [of.as_str(), "another"] {
                let decision = looked.judged(&question, &book, session).verdict.decision;
                assert_eq!(matches!(decision, Decision::Deny { .. }), denied, "{command}");
                assert_ne!(decision, Decision::Allow, "{command}");
            }
            drop(done);
        }
    }

    #[tokio::test]
    async fn what_is_asked_aside_takes_no_turn_of_a_requests() {
        let mut done = Vec::new();
        for _ in 0..AT_ONCE_ASIDE {
            let (stop, wait) = mpsc::channel::<()>();
            let hangs = move |question: &Question| {
                let _ = wait.recv();
                look(question)
            };
            let (turn, soon) = (Turn::aside().await.unwrap(), Duration::from_millis(5));
            let looked = in_time_by(&question("ls"), Arc::default(), String::new(), turn, soon, hangs).await;
            assert!(!looked.is_known(), "nobody waits for it");
            done.push(stop);
        }
        assert!(Turn::aside().await.is_none(), "the threads have the turns");
        assert!(TURNS.try_acquire_many(AT_ONCE as u32 / 2).is_ok(), "requests have theirs");
        drop(done);
        let given_back = async { while Turn::aside().await.is_none() {} };
        tokio::time::timeout(LONG, given_back).await.unwrap();
        let _crowd = WAITING.acquire_many(MOST_WAITING as u32).await.unwrap();
        assert!(Turn::aside().await.is_none(), "too many wait already");
    }

    #[test]
    fn no_rule_lets_a_link_be_read_that_only_a_glob_or_a_folder_names() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("p/sub")).unwrap();
        std::fs::write(dir.path().join("id_rsa"), "").unwrap();
        std::fs::write(dir.path().join("p/README"), "").unwrap();
        std::os::unix::fs::symlink("../id_rsa", dir.path().join("p/lnk")).unwrap();
        std::os::unix::fs::symlink("../../id_rsa", dir.path().join("p/sub/lnk2")).unwrap();
        let book = book("allow", "cat *", "glob");
        let words = |count| (0..count).map(|i| format!("w{i} ")).collect::<String>();
        for (command, decision) in [
            ("cat README".to_owned(), Decision::Allow),
            ("cat R*".to_owned(), Decision::Allow),
            (format!("cat {}README", words(64)), Decision::Allow),
            ("cat ln*".to_owned(), Decision::Ask),
            ("cd sub && cat lnk2".to_owned(), Decision::Ask),
            (format!("cat {}lnk", words(64)), Decision::Ask),
            (format!("cat {}lnk", words(500)), Decision::Ask),
        ] {
            let question = Question { cwd: dir.path().join("p").to_string_lossy().into_owned(), ..question(&command) };
            assert_eq!(look(&question).judged(&question, &book, "1-1").verdict.decision, decision, "{command}");
        }
    }

    #[test]
    fn of_a_line_without_end_the_beginning_is_read() {
        let looked = look(&question(&format!("rm -rf x; echo '{}", "é".repeat(ROUGHLY))));
        assert!(!looked.risk.automatic && looked.risk.level == Level::High);
        assert!(looked.risk.findings.iter().all(|finding| finding.span.end <= ROUGHLY));
    }

    #[tokio::test]
    async fn what_takes_too_long_or_fails_is_not_automatic() {
        let (done, wait) = mpsc::channel::<()>();
        let slow = move |question: &Question| {
            let _ = wait.recv();
            look(question)
        };
        let soon = Duration::from_millis(5);
        let looked = in_time_by(&question("ls"), Arc::default(), String::new(), a_turn(), soon, slow).await;
        assert_eq!(sentence(&looked), "ccmon could not look at it: that took too long.");
        assert!(!looked.risk.automatic && looked.line.is_some_and(|line| line.is_err()));
        drop(done);
        let looked =
            in_time_by(&question("ls"), Arc::default(), String::new(), a_turn(), LONG, |_| panic!("on purpose")).await;
        assert_eq!(sentence(&looked), "ccmon could not look at it: that failed.");
    }
}
