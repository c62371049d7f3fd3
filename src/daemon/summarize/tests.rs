//! How many are written, for whom, and how often.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::api::{Later, NoSummary, Standing, Summaries};
use crate::claude::summary::{Writing, Written};
use crate::core::{Session, Time};

/// What is to be summed up, and who waits for that.
type Asked = (String, oneshot::Sender<Result<Written, String>>);

/// A writer that waits for the test to answer.
#[derive(Default)]
struct Slow {
    asked: Mutex<VecDeque<Asked>>,
}

impl Slow {
    fn under_way(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn answer(&self, text: Result<&str, &str>) {
        let (record, reply) = self.asked.lock().unwrap().pop_front().expect("something is under way");
        let written =
            text.map(|text| Written { text: format!("{text} of {record}"), model: None, cost_usd: Some(0.5) });
        reply.send(written.map_err(str::to_owned)).expect("it is waited for");
    }
}

impl Writer for Slow {
    fn write(&self, record: String) -> Writing {
        let (reply, written) = oneshot::channel();
        self.asked.lock().unwrap().push_back((record, reply));
        Box::pin(async move { written.await.expect("the test answers") })
    }
}

/// A shelf in memory: each session's record is its key and the number of its last event.
#[derive(Default)]
struct Memory {
    summaries: Mutex<BTreeMap<String, Summary>>,
    events: Mutex<BTreeMap<String, i64>>,
}

impl Shelf for Memory {
    fn knows(&self, session: &str) -> Result<bool, String> {
        Ok(self.events.lock().unwrap().contains_key(session))
    }

    fn summary(&self, session: &str) -> Result<Option<Summary>, String> {
        Ok(self.summaries.lock().unwrap().get(session).cloned())
    }

    fn record(&self, session: &str) -> Result<(String, i64), String> {
        let event = self.events.lock().unwrap().get(session).copied().unwrap_or_default();
        Ok((if event == 0 { String::new() } else { format!("{session}#{event}") }, event))
    }

    fn keep(&self, session: String, summary: Summary) -> Later<'_, Result<(), String>> {
        self.summaries.lock().unwrap().insert(session, summary);
        Box::pin(async { Ok(()) })
    }
}

/// A summarizer at work, on a clock that goes on when there is nothing to do.
struct Desk {
    writer: Arc<Slow>,
    shelf: Arc<Memory>,
    asks: Asks,
    settings: watch::Sender<Arc<Config>>,
    board: watch::Sender<Arc<Board>>,
}

impl Desk {
    fn open(settings: config::Summaries) -> Self {
        let (writer, shelf) = (Arc::new(Slow::default()), Arc::new(Memory::default()));
        shelf.events.lock().unwrap().extend(["a", "b", "c"].map(|key| (key.to_owned(), 1)));
        let (settings, set) = watch::channel(Arc::new(Config { summaries: settings, ..Config::default() }));
        let (board, picture) = watch::channel(Arc::new(Board::default()));
        let (summarizer, asks) = Summarizer::new(writer.clone(), shelf.clone(), picture, set);
        tokio::spawn(summarizer.run());
        Self { writer, shelf, asks, settings, board }
    }

    fn ask(&self, key: &str) -> tokio::task::JoinHandle<Result<crate::api::Summarized, NoSummary>> {
        let (asks, key) = (self.asks.clone(), SessionKey(key.into()));
        tokio::spawn(async move { asks.ask(key).await })
    }

    async fn look(&self, key: &str) -> (Standing, Option<String>) {
        let looked = self.asks.look(SessionKey(key.into())).await.expect("it is known");
        (looked.state, looked.summary.map(|summary| summary.text))
    }

    /// Until so many are being written.
    async fn under_way(&self, count: usize) {
        until(|| self.writer.under_way() == count).await;
    }

    fn happened(&self, key: &str, event: i64) {
        self.shelf.events.lock().unwrap().insert(key.to_owned(), event);
    }

    fn session(&self, key: &str, state: State, last_activity: u64) {
        let mut session = Session::default();
        (session.key, session.state) = (SessionKey(key.into()), state);
        session.last_activity = Time(last_activity);
        let mut board = Board::default();
        board.sessions.insert(session.key.clone(), Arc::new(session));
        self.board.send_replace(Arc::new(board));
    }
}

async fn until(mut is: impl FnMut() -> bool) {
    let wait = async {
        while !is() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it comes to that");
}

fn on() -> config::Summaries {
    config::Summaries { on: true, ..config::Summaries::default() }
}

#[tokio::test]
async fn two_are_written_at_once_and_the_third_waits() {
    let desk = Desk::open(config::Summaries { at_once: 9, ..on() });
    let asked = ["a", "b", "c"].map(|key| desk.ask(key));
    desk.under_way(2).await;
    assert_eq!(desk.look("c").await, (Standing::Running, None));
    desk.writer.answer(Ok("sum"));
    desk.under_way(2).await;
    desk.writer.answer(Ok("sum"));
    desk.writer.answer(Ok("sum"));
    for (asked, key) in asked.into_iter().zip(["a", "b", "c"]) {
        let summarized = asked.await.unwrap().unwrap();
        assert_eq!(summarized.state, Standing::Ready);
        let summary = summarized.summary.expect("it is there");
        assert_eq!((summary.text, summary.event), (format!("sum of {key}#1"), 1));
    }
}

#[tokio::test]
async fn who_asks_for_the_same_waits_for_the_same_and_a_fresh_one_is_given_again() {
    let desk = Desk::open(on());
    let asked = [(); 3].map(|()| desk.ask("a"));
    desk.under_way(1).await;
    desk.writer.answer(Ok("one"));
    for asked in asked {
        assert_eq!(asked.await.unwrap().unwrap().summary.unwrap().text, "one of a#1");
    }
    desk.happened("a", 2);
    assert_eq!(desk.ask("a").await.unwrap().unwrap().summary.unwrap().text, "one of a#1", "it is fresh");
    assert_eq!(desk.writer.under_way(), 0);
}

#[tokio::test]
async fn one_that_knows_of_everything_is_not_paid_for_again() {
    let desk = Desk::open(on());
    let old = Summary { text: "old".into(), at: 0, model: None, cost_usd: None, event: 1 };
    desk.shelf.summaries.lock().unwrap().insert("a".into(), old);
    assert_eq!(desk.ask("a").await.unwrap().unwrap().summary.unwrap().text, "old");
    assert_eq!(desk.writer.under_way(), 0);
}

#[tokio::test]
async fn a_failure_is_told_and_remembered() {
    let desk = Desk::open(on());
    let asked = desk.ask("a");
    desk.under_way(1).await;
    desk.writer.answer(Err("not logged in"));
    let told = asked.await.unwrap().unwrap();
    assert_eq!((told.state, told.error.as_deref()), (Standing::Failed, Some("not logged in")));
    assert_eq!(desk.look("a").await.0, Standing::Failed);
    assert_eq!(desk.ask("a").await.unwrap().unwrap().state, Standing::Failed, "just now");
    desk.happened("b", 0);
    let empty = desk.ask("b").await.unwrap().unwrap();
    assert!(empty.error.is_some_and(|error| error.contains("nothing has happened")));
    assert_eq!(desk.ask("nobody").await.unwrap(), Err(NoSummary::Unknown));
}

#[tokio::test]
async fn one_that_panics_has_failed() {
    let desk = Desk::open(on());
    let asked = desk.ask("a");
    desk.under_way(1).await;
    // Its writer finds nobody to answer it.
    drop(desk.writer.asked.lock().unwrap().pop_front());
    let told = asked.await.unwrap().unwrap();
    assert!(told.state == Standing::Failed && told.error.is_some_and(|why| why.contains("a fault of ccmon's")));
    assert_eq!(desk.look("a").await.0, Standing::Failed);
}

#[tokio::test]
async fn those_of_working_sessions_are_written_anew_after_a_while_when_something_happened() {
    let desk = Desk::open(on());
    let settings = Config { summaries: config::Summaries { refresh: 5, ..on() }, ..Config::default() };
    let (settings, set) = watch::channel(Arc::new(settings));
    let (mut summarizer, _asks) = Summarizer::new(desk.writer.clone(), desk.shelf.clone(), desk.board.subscribe(), set);
    assert_eq!(summarizer.renewal(Instant::now()), None, "there is none yet");
    let key = SessionKey("a".into());
    let mut renewed = |state, last_activity, minutes: u64| {
        desk.session("a", state, last_activity);
        let since = Instant::now();
        let now = since + Duration::from_secs(minutes * 60);
        summarizer.cared.insert(key.clone(), Care { since, knows: 1_000 });
        assert_eq!(summarizer.renewal(now), Some(Duration::from_secs((5 - minutes) * 60)));
        summarizer.renew(now);
        summarizer.waiting.clear();
        let known = summarizer.cared.contains_key(&key);
        (std::mem::take(&mut summarizer.queue).len(), known)
    };
    assert_eq!(renewed(State::Working, 2_000, 5), (1, true));
    assert_eq!(renewed(State::Working, 2_000, 4), (0, true), "not yet");
    assert_eq!(renewed(State::Working, 1_000, 5), (0, true), "nothing new");
    assert_eq!(renewed(State::Idle, 2_000, 5), (0, true), "it does not work");
    assert_eq!(renewed(State::Ended, 2_000, 5), (0, false), "it is over");
    settings.send_replace(Arc::new(Config { summaries: on(), ..Config::default() }));
    assert_eq!(summarizer.renewal(Instant::now()), None, "never");
}

#[tokio::test]
async fn off_nothing_is_ever_written_and_what_there_is_can_be_read() {
    let desk = Desk::open(config::Summaries::default());
    assert_eq!(desk.ask("a").await.unwrap(), Err(NoSummary::Off));
    assert_eq!(desk.look("a").await, (Standing::Off, None));
    desk.settings.send_replace(Arc::new(Config { summaries: on(), ..Config::default() }));
    assert_eq!(desk.look("a").await, (Standing::None, None));
    let asked = desk.ask("a");
    desk.under_way(1).await;
    desk.writer.answer(Ok("live"));
    assert_eq!(asked.await.unwrap().unwrap().state, Standing::Ready);
}

#[tokio::test]
async fn turned_off_those_that_wait_are_not_begun() {
    let desk = Desk::open(on());
    let begun = [desk.ask("a"), desk.ask("b")];
    desk.under_way(2).await;
    let waits = desk.ask("c");
    let queued = async { while desk.look("c").await.0 != Standing::Running {} };
    tokio::time::timeout(Duration::from_secs(20), queued).await.expect("it waits");
    desk.settings.send_replace(Arc::default());
    assert_eq!(waits.await.unwrap().unwrap().state, Standing::Off);
    desk.writer.answer(Ok("one"));
    desk.writer.answer(Ok("two"));
    for written in begun {
        assert!(written.await.unwrap().unwrap().summary.is_some(), "it was paid for");
    }
    assert_eq!(desk.look("c").await, (Standing::Off, None));
}
