//! What happened, as OpenTelemetry: off until the user names a collector. See [`crate::otlp`].
//!
//! It listens like a page does: the engine never waits for it, and what it is too slow for is lost, and counted.

mod words;

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::clock;
use super::files::open_own;
use super::settings::Live;
use crate::api::Change;
use crate::config::Otlp;
use crate::core::{Board, Note, SessionKey, State, Time};
use crate::otlp::export::{QUEUE, lose};
use crate::otlp::{Collector, Endpoint, Export, Metric, Piece, Record, Standing};
use words::Told;

/// How often the metrics go.
const MEASURE: Duration = Duration::from_secs(60);
/// A file of headers holds a few lines.
const LARGEST_HEADERS: u64 = 16 * 1024;

/// How it stands, for whoever shows that: `None` while it is off.
pub type Standings = watch::Receiver<Standing>;

/// Sends what changes, for as long as the daemon runs.
pub async fn follow(
    mut settings: Live,
    board: watch::Receiver<Arc<Board>>,
    changes: broadcast::Sender<Change>,
    standing: watch::Sender<Standing>,
) {
    let standing = Arc::new(standing);
    loop {
        let wanted = settings.borrow_and_update().otlp.clone();
        let collector = collector(&wanted);
        let authority = collector.as_ref().map(|to| to.endpoint.authority.clone()).unwrap_or_default();
        standing.send_replace(Standing { endpoint: authority, ..Standing::default() });
        let sending = collector.map(|to| Feed::start(to, wanted.content, board.clone(), &changes, &standing));
        let settled = settings.wait_for(|settings| settings.otlp != wanted);
        let ended = match sending {
            None => settled.await.is_err(),
            Some(feed) => tokio::select! {
                changed = settled => changed.is_err(),
                () = feed.run() => true,
            },
        };
        if ended {
            return;
        }
    }
}

/// Where the settings say that it goes; they were checked before.
fn collector(wanted: &Otlp) -> Option<Collector> {
    let endpoint = Endpoint::parse(&wanted.endpoint).ok()??;
    let headers = Some(&wanted.headers_file).filter(|path| !path.is_empty()).map(PathBuf::from);
    Some(Collector { endpoint, headers, read: read_headers })
}

/// The file of headers: a secret is in it, so it has to be ours alone.
fn read_headers(path: &Path) -> Result<String, String> {
    let wrong = |what: &str| format!("{} {what}", path.display());
    let file = open_own(path).ok_or_else(|| wrong("is no file of yours that can be read"))?;
    if file.metadata().is_ok_and(|found| found.mode() & 0o077 != 0) {
        return Err(wrong("holds a secret and is open to others: `chmod 600` it"));
    }
    let mut text = String::new();
    file.take(LARGEST_HEADERS).read_to_string(&mut text).map_err(|_| wrong("is no text"))?;
    Ok(text)
}

/// Turns changes into records, and puts them where they are sent from.
struct Feed {
    board: watch::Receiver<Arc<Board>>,
    heard: broadcast::Receiver<Change>,
    queue: mpsc::Sender<Piece>,
    standing: Arc<watch::Sender<Standing>>,
    /// Whether texts are sent as well.
    content: bool,
    states: BTreeMap<SessionKey, State>,
    /// Since when these are counted:
    began: Time,
    /// how requests were settled, and by whom.
    decisions: BTreeMap<(String, String), u64>,
    export: Ended,
}

/// A task that ends with its owner.
struct Ended(JoinHandle<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Feed {
    fn start(
        collector: Collector,
        content: bool,
        board: watch::Receiver<Arc<Board>>,
        changes: &broadcast::Sender<Change>,
        standing: &Arc<watch::Sender<Standing>>,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let export = Export { collector, resource: words::resource().into(), standing: Arc::clone(standing) };
        let states = board.borrow().sessions.values().map(|session| (session.key.clone(), session.state)).collect();
        Self {
            heard: changes.subscribe(),
            board,
            queue,
            standing: Arc::clone(standing),
            content,
            states,
            began: clock::wall(),
            decisions: BTreeMap::new(),
            export: Ended(tokio::spawn(export.run(waiting))),
        }
    }

    /// Runs until nothing will change any more.
    async fn run(mut self) {
        let mut measure = tokio::time::interval(MEASURE);
        measure.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                change = self.heard.recv() => match change {
                    Ok(change) => self.take(change),
                    Err(RecvError::Lagged(missed)) => lose(&self.standing, missed),
                    Err(RecvError::Closed) => return,
                },
                _ = measure.tick() => {
                    // Where there is no room for them, there will be newer ones.
                    let _ = self.queue.try_send(Piece::Metrics(clock::wall().0, self.metrics()));
                }
            }
            if self.export.0.is_finished() {
                return;
            }
        }
    }

    fn take(&mut self, change: Change) {
        let record = match change {
            Change::Event(event) => {
                let told = Told::read(&event);
                if let Some(Note::Settled { settled, .. }) = &told.note {
                    *self.decisions.entry(words::decision(settled)).or_default() += 1;
                }
                let board = self.board.borrow();
                let session = board.sessions.get(&SessionKey(event.session.as_str().into()));
                words::happened(&event, &told, session, self.content)
            }
            Change::Session(session) => {
                let before = self.states.insert(session.key.clone(), session.state);
                if session.state == State::Ended {
                    self.states.remove(&session.key);
                }
                if before == Some(session.state) || before.is_none() && session.state == State::Ended {
                    return;
                }
                words::moved(&session, before)
            }
            _ => return,
        };
        self.put(record);
    }

    fn put(&self, mut record: Record) {
        record.observed = clock::wall().0;
        if self.queue.try_send(Piece::Record(Box::new(record))).is_err() {
            lose(&self.standing, 1);
        }
    }

    fn metrics(&self) -> Vec<Metric> {
        let dropped = self.standing.borrow().dropped;
        words::metrics(&self.board.borrow(), self.began, &self.decisions, dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::core::Session;

    const MOST: usize = 5_000;

    /// A collector that takes connections and never answers costs a bounded queue, and nobody waits for it.
    #[tokio::test]
    async fn what_there_is_no_room_for_is_counted() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let config = Config { otlp: Otlp { endpoint, ..Otlp::default() }, ..Config::default() };
        let (_settings, live) = watch::channel(Arc::new(config));
        let (_board, board) = watch::channel(Arc::new(Board::default()));
        let (changes, _) = broadcast::channel(2 * MOST);
        let (standing, mut told) = watch::channel(Standing::default());
        let task = tokio::spawn(follow(live, board, changes.clone(), standing));
        told.wait_for(|told| !told.endpoint.is_empty()).await.unwrap();
        while changes.receiver_count() == 0 {
            tokio::task::yield_now().await;
        }
        for number in 0..MOST {
            let state = if number % 2 == 0 { State::Working } else { State::Idle };
            let mut session = Session::default();
            session.state = state;
            changes.send(Change::Session(Arc::new(session))).unwrap();
        }
        // One batch is on its way, and the queue is full.
        let least = u64::try_from(MOST - QUEUE - 512).unwrap();
        let dropped = told.wait_for(|told| told.dropped >= least);
        let dropped = tokio::time::timeout(Duration::from_secs(30), dropped).await.expect("in time").unwrap().dropped;
        assert!(dropped <= u64::try_from(MOST - QUEUE).unwrap() + 1, "{dropped}");
        task.abort();
    }
}
