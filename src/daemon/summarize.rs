//! Summaries: asked for, queued, written by `claude -p`, kept. One owner of all that is under way.

mod asked;
mod record;
mod shelf;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{Id, JoinError, JoinSet};

use super::clock;
use crate::api::Summary;
use crate::claude::summary::{Printer, Writer};
use crate::config::{self, Config};
use crate::core::{Board, SessionKey, State};
use crate::store::Store;
pub use asked::Asks;
pub use shelf::{Shelf, StoreShelf};

/// For so long the last one is given again.
const FRESH: Duration = Duration::from_secs(30);
/// For so long a failure is.
const FAILED: Duration = Duration::from_secs(5);
/// Most that are written at the same time, whatever the settings say.
const AT_ONCE: u64 = 2;
/// How many failures are remembered.
const FAILURES: usize = 200;
/// Longest summary, in characters: it was asked to be short.
const LONGEST: usize = 4_000;

/// Where the writing for a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stand {
    /// Nothing is under way.
    Rests,
    /// It is being written, or will be.
    Runs,
    /// It could not be, for this reason.
    Failed(String),
}

/// What the API asks.
enum Ask {
    /// How it stands.
    Look { session: SessionKey, reply: oneshot::Sender<Stand> },
    /// That one be written; how it then stands.
    Write { session: SessionKey, reply: oneshot::Sender<Stand> },
}

/// What came of writing: when the record was read, or why there is no summary.
type Read = Result<u64, String>;

/// When a session's summary was last looked after.
struct Care {
    since: Instant,
    /// Until when it knows of everything, in ms since the Unix epoch.
    knows: u64,
}

/// Who has summaries written.
pub struct Summarizer {
    asks: mpsc::Receiver<Ask>,
    writer: Arc<dyn Writer>,
    shelf: Arc<dyn Shelf>,
    board: watch::Receiver<Arc<Board>>,
    settings: watch::Receiver<Arc<Config>>,
    /// Who waits for those that are being written, or will be,
    waiting: BTreeMap<SessionKey, Vec<oneshot::Sender<Stand>>>,
    /// the latter in order.
    queue: VecDeque<SessionKey>,
    running: JoinSet<Read>,
    /// For whom each of these writes.
    sessions: HashMap<Id, SessionKey>,
    /// What the last tries came to, and when.
    tried: BTreeMap<SessionKey, (Instant, Option<String>)>,
    /// The summaries that are written anew by themselves.
    cared: BTreeMap<SessionKey, Care>,
}

impl Summarizer {
    /// One for this picture and these settings.
    pub fn new(
        writer: Arc<dyn Writer>,
        shelf: Arc<dyn Shelf>,
        board: watch::Receiver<Arc<Board>>,
        settings: watch::Receiver<Arc<Config>>,
    ) -> (Self, Asks) {
        let (inbox, asks) = mpsc::channel(64);
        let api = Asks { inbox, shelf: Arc::clone(&shelf), board: board.clone(), settings: settings.clone() };
        let (waiting, queue, running) = (BTreeMap::new(), VecDeque::new(), JoinSet::new());
        let (sessions, tried, cared) = (HashMap::new(), BTreeMap::new(), BTreeMap::new());
        (Self { asks, writer, shelf, board, settings, waiting, queue, running, sessions, tried, cared }, api)
    }

    /// Works until nobody can ask any more. What is being written is dropped with it.
    pub async fn run(mut self) {
        self.recall().await;
        loop {
            self.begin();
            let wait = self.renewal(Instant::now());
            tokio::select! {
                ask = self.asks.recv() => match ask {
                    Some(ask) => self.on_ask(ask),
                    None => return,
                },
                Some(joined) = self.running.join_next_with_id() => self.on_joined(joined),
                Ok(()) = self.settings.changed() => {}
                () = after(wait) => self.renew(Instant::now()),
            }
        }
    }

    /// The summaries that the sessions on the Board had when we came.
    async fn recall(&mut self) {
        let board = self.board.borrow().clone();
        let shelf = Arc::clone(&self.shelf);
        let read = move || -> Vec<(SessionKey, u64)> {
            let at = |key: &SessionKey| shelf.summary(&key.0).ok().flatten().map(|summary| summary.at);
            board.sessions.keys().filter_map(|key| Some((key.clone(), at(key)?))).collect()
        };
        let found = tokio::task::spawn_blocking(read).await.unwrap_or_default();
        let since = Instant::now();
        self.cared.extend(found.into_iter().map(|(key, knows)| (key, Care { since, knows })));
    }

    fn on_ask(&mut self, ask: Ask) {
        match ask {
            Ask::Look { session, reply } => {
                let _ = reply.send(self.stand(&session));
            }
            Ask::Write { session, reply } => match self.stand(&session) {
                Stand::Runs => self.waiting.entry(session).or_default().push(reply),
                stand if self.is_fresh(&session) => {
                    let _ = reply.send(stand);
                }
                _ => {
                    self.waiting.insert(session.clone(), vec![reply]);
                    self.queue.push_back(session);
                }
            },
        }
    }

    fn stand(&self, session: &SessionKey) -> Stand {
        match self.tried.get(session) {
            _ if self.waiting.contains_key(session) => Stand::Runs,
            Some((_, Some(why))) => Stand::Failed(why.clone()),
            _ => Stand::Rests,
        }
    }

    fn is_fresh(&self, session: &SessionKey) -> bool {
        let lasts = |error: &Option<String>| if error.is_some() { FAILED } else { FRESH };
        self.tried.get(session).is_some_and(|(at, error)| at.elapsed() < lasts(error))
    }

    /// Begins as many as may run.
    fn begin(&mut self) {
        if !self.wanted().on {
            self.let_go();
        }
        let most = self.wanted().at_once.clamp(1, AT_ONCE);
        while self.running.len() < usize::try_from(most).unwrap_or(1)
            && let Some(session) = self.queue.pop_front()
        {
            let writes = write(Arc::clone(&self.writer), Arc::clone(&self.shelf), session.clone());
            self.sessions.insert(self.running.spawn(writes).id(), session);
        }
    }

    /// Those that only wait are not begun once nobody wants any: each costs tokens.
    fn let_go(&mut self) {
        for session in std::mem::take(&mut self.queue) {
            let waiting = self.waiting.remove(&session).unwrap_or_default();
            waiting.into_iter().for_each(|reply| drop(reply.send(Stand::Rests)));
        }
    }

    /// Nobody waits for one that panicked.
    fn on_joined(&mut self, joined: Result<(Id, Read), JoinError>) {
        let failed = |error: JoinError| (error.id(), Err("that failed; it is a fault of ccmon's".to_owned()));
        let (id, read) = joined.unwrap_or_else(failed);
        if let Some(session) = self.sessions.remove(&id) {
            self.on_ended(&session, read);
        }
    }

    fn on_ended(&mut self, session: &SessionKey, read: Read) {
        let now = Instant::now();
        if let Err(why) = &read {
            tracing::warn!("no summary of {session}: {why}");
        }
        match read {
            Ok(knows) => drop(self.cared.insert(session.clone(), Care { since: now, knows })),
            Err(_) => drop(self.cared.get_mut(session).map(|care| care.since = now)),
        }
        self.tried.retain(|_, (at, error)| error.is_some() || at.elapsed() < FRESH);
        if self.tried.len() >= FAILURES {
            self.tried.clear();
        }
        self.tried.insert(session.clone(), (now, read.err()));
        let waiting = self.waiting.remove(session).unwrap_or_default();
        let stand = self.stand(session);
        waiting.into_iter().for_each(|reply| drop(reply.send(stand.clone())));
    }

    /// How long until a summary may have to be written anew; never, when the settings say so.
    fn renewal(&self, now: Instant) -> Option<Duration> {
        let after = self.refresh()?;
        self.cared.values().map(|care| after.saturating_sub(now.saturating_duration_since(care.since))).min()
    }

    fn refresh(&self) -> Option<Duration> {
        let wanted = self.wanted();
        (wanted.on && wanted.refresh > 0).then(|| Duration::from_secs(wanted.refresh.saturating_mul(60)))
    }

    /// Has those written anew whose sessions have worked since. Nothing of a session that is over.
    fn renew(&mut self, now: Instant) {
        let Some(after) = self.refresh() else { return };
        let board = self.board.borrow().clone();
        let living = |key: &SessionKey| board.sessions.get(key).filter(|session| session.state != State::Ended);
        self.cared.retain(|key, _| living(key).is_some());
        let old = |care: &Care| now.saturating_duration_since(care.since) >= after;
        for (key, care) in self.cared.iter_mut().filter(|(_, care)| old(care)) {
            care.since = now;
            let news = living(key).is_some_and(|s| s.state == State::Working && s.last_activity.0 > care.knows);
            if news && !self.waiting.contains_key(key) {
                self.waiting.insert(key.clone(), Vec::new());
                self.queue.push_back(key.clone());
            }
        }
    }

    fn wanted(&self) -> config::Summaries {
        self.settings.borrow().summaries.clone()
    }
}

/// The summarizer of this machine's clients, and of this database.
pub fn here(
    state: &Path,
    store: &Store,
    board: watch::Receiver<Arc<Board>>,
    settings: watch::Receiver<Arc<Config>>,
) -> (Summarizer, Asks) {
    let writer = Printer { directory: state.join("summaries") };
    Summarizer::new(Arc::new(writer), Arc::new(StoreShelf(store.clone())), board, settings)
}

/// Reads what a session did, has it summed up, and keeps that.
async fn write(writer: Arc<dyn Writer>, shelf: Arc<dyn Shelf>, session: SessionKey) -> Read {
    let at = clock::wall().0;
    written(&*writer, &shelf, &session).await.map(|()| at)
}

async fn written(writer: &dyn Writer, shelf: &Arc<dyn Shelf>, session: &SessionKey) -> Result<(), String> {
    let (read, key) = (Arc::clone(shelf), session.clone());
    let before = tokio::task::spawn_blocking(move || Ok((read.record(&key.0)?, read.summary(&key.0)?)));
    let before: Result<_, String> = before.await.map_err(|error| error.to_string())?;
    let ((record, event), last) = before?;
    if last.is_some_and(|last| last.event == event) {
        return Ok(());
    }
    if record.is_empty() {
        return Err("nothing has happened in this session that could be summed up".to_owned());
    }
    let written = writer.write(record).await?;
    let plain = |c: &char| *c == '\n' || !c.is_control();
    let text = written.text.chars().filter(plain).take(LONGEST).collect();
    let (model, cost_usd) = (written.model, written.cost_usd);
    shelf.keep(session.0.to_string(), Summary { text, at: clock::wall().0, model, cost_usd, event }).await
}

async fn after(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => pending().await,
    }
}
