//! Jumps: which session, where its terminal is, and the way back.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use super::abroad;
use super::settings::Live;
use super::watch::is_alive;
use crate::api::{Ask, Caller, Going, Jumps, Went, Wish};
use crate::core::{Board, Mark, Session, SessionKey, State, Time};
use crate::locate::{self, Desk, Landed, Seat};

/// How far `back` goes.
const LONGEST_TRAIL: usize = 50;
/// How long a jump waits for the one before it.
const QUEUE: Duration = Duration::from_secs(1);
/// How long one may take; a new terminal may have to start.
const LONGEST_JUMP: Duration = Duration::from_secs(20);

/// Takes the user to sessions.
#[derive(Clone)]
pub struct Jumper {
    board: watch::Receiver<Arc<Board>>,
    inbox: mpsc::Sender<Ask>,
    settings: Live,
    pub(super) desk: Arc<Desk>,
    trail: Arc<Mutex<Trail>>,
    turn: Arc<Semaphore>,
}

/// Where the user has been.
#[derive(Debug, Default)]
struct Trail {
    /// Where jumps came from, the last one last.
    back: Vec<Seat>,
    /// Which sessions were visited in the state they are in since then, and in which order.
    visits: BTreeMap<SessionKey, (Time, u64)>,
    count: u64,
}

impl Jumper {
    /// A jumper on the desktop that this process was started on.
    #[must_use]
    pub fn new(board: watch::Receiver<Arc<Board>>, inbox: mpsc::Sender<Ask>, settings: Live) -> Self {
        let desk = Desk { env: environment(), terminal: Vec::new(), caller: None };
        Self { board, inbox, settings, desk: Arc::new(desk), trail: Arc::default(), turn: Arc::new(Semaphore::new(1)) }
    }

    /// The desktop as this caller sees it: what it says of it wins, the daemon may run without one.
    fn desk(&self, caller: Caller) -> Desk {
        let mut desk = Desk::clone(&self.desk);
        desk.terminal.clone_from(&self.settings.borrow().jump.terminal);
        let env: BTreeMap<_, _> =
            caller.env.into_iter().filter(|(name, value)| locate::is_plain(name, value)).collect();
        desk.env.extend(env.iter().map(|(name, value)| (name.clone(), value.clone())));
        let sits = caller.tty.is_some() || env.contains_key("TMUX");
        desk.caller = sits.then_some(Seat { pid: caller.pid, tty: caller.tty, env });
        desk
    }

    async fn to(&self, session: Arc<Session>, desk: Desk) -> Result<Went, String> {
        let (seat, told) = match session.away {
            Some(_) => abroad::way(&session)?,
            None => (seat(&session)?, Vec::new()),
        };
        let (trail, key, since) = (Arc::clone(&self.trail), session.key.clone(), session.since);
        let landed = self.alone(move || {
            let from = locate::here(&desk);
            lock(&trail).visit(&key, since);
            let landed = locate::land(&seat, &desk);
            // Half a jump has moved the user as well.
            let moved = landed.is_ok() || locate::here(&desk) != from;
            lock(&trail).leave(from.filter(|from| moved && *from != seat));
            landed
        });
        let Landed { place, mut notes } = landed.await?;
        notes.extend(told);
        self.seen(&session, "jumped to").await;
        Ok(Went { session: Some(session), place, notes })
    }

    /// Does what may take long on a thread of its own, one at a time: terminals, compositors and X servers
    /// may hang, and nothing else of ccmon's may wait for them.
    async fn alone<T: Send + 'static>(
        &self,
        what: impl FnOnce() -> Result<T, locate::Missed> + Send + 'static,
    ) -> Result<T, String> {
        let turn = tokio::time::timeout(QUEUE, Arc::clone(&self.turn).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err("another jump is under way and takes long: try again in a moment".into());
        };
        let (reply, done) = oneshot::channel();
        let run = move || {
            let _turn = turn;
            // Whoever asked may have given up meanwhile.
            if !reply.is_closed() {
                let _ = reply.send(what());
            }
        };
        let started = std::thread::Builder::new().name("ccmon-jump".into()).spawn(run);
        started.map_err(|error| format!("no thread for a jump: {error}"))?;
        match tokio::time::timeout(LONGEST_JUMP, done).await {
            Ok(Ok(result)) => result.map_err(|missed| missed.to_string()),
            Ok(Err(_)) => Err("the jump was given up".into()),
            Err(_) => Err(format!("the terminal does not answer within {} s", LONGEST_JUMP.as_secs())),
        }
    }

    async fn next(&self, dry_run: bool, desk: Desk) -> Result<Went, String> {
        let board = Arc::clone(&self.board.borrow());
        let needing = board.needing();
        let visits: Vec<_> = needing.iter().map(|s| (s.key.clone(), s.since)).collect();
        let chosen = lock(&self.trail).choose(&visits);
        let Some(session) = chosen.and_then(|chosen| needing.get(chosen)).map(|session| Arc::clone(session)) else {
            return Ok(Went::default());
        };
        if dry_run {
            return Ok(Went {
                place: session.place.clone().unwrap_or_default(),
                session: Some(session),
                ..Went::default()
            });
        }
        self.to(session, desk).await
    }

    async fn back(&self, desk: Desk) -> Result<Went, String> {
        let Some(seat) = lock(&self.trail).back.last().cloned() else {
            return Err("there was no jump to come back from".into());
        };
        let trail = Arc::clone(&self.trail);
        let landed = self.alone(move || {
            let landed = locate::land(&seat, &desk)?;
            lock(&trail).back.pop();
            Ok(landed)
        });
        let Landed { place, notes } = landed.await?;
        Ok(Went { session: None, place, notes })
    }

    /// Says that the user has looked at a session.
    pub(super) async fn seen(&self, session: &Session, how: &str) {
        let (reply, marked) = oneshot::channel();
        let mark = Mark::Seen(how.to_owned());
        if self.inbox.send(Ask::Mark { session: session.key.clone(), mark, reply }).await.is_ok() {
            let _ = marked.await;
        }
    }
}

/// Our environment, as far as it is the desktop's: not what the tray set for its own windows, nor what
/// Claude Code sets where it started us. A terminal that is opened inherits it.
fn environment() -> BTreeMap<String, String> {
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let ours = ["WEBKIT_DISABLE_DMABUF_RENDERER", "GDK_GL", "NOTIFY_SOCKET", "INVOCATION_ID", "JOURNAL_STREAM"];
    let of_desktop = |name: &str| !name.starts_with("CLAUDE") && !ours.contains(&name) && !locate::is_of_terminal(name);
    std::env::vars_os().filter_map(text).filter(|(name, _)| of_desktop(name)).collect()
}

impl Jumps for Jumper {
    fn go(&self, wish: Wish, caller: Caller) -> Going<'_> {
        let desk = self.desk(caller);
        Box::pin(async move {
            match wish {
                Wish::To(key) => {
                    let session = self.board.borrow().sessions.get(&key).cloned();
                    let session = session.ok_or("there is no such session: `ccmon list` lists those that run")?;
                    self.to(session, desk).await
                }
                Wish::Next { dry_run } => self.next(dry_run, desk).await,
                Wish::Back => self.back(desk).await,
            }
        })
    }
}

impl Trail {
    fn visit(&mut self, session: &SessionKey, since: Time) {
        self.count += 1;
        self.visits.insert(session.clone(), (since, self.count));
    }

    fn leave(&mut self, from: Option<Seat>) {
        let Some(from) = from.filter(|from| self.back.last() != Some(from)) else {
            return;
        };
        if self.back.len() == LONGEST_TRAIL {
            self.back.remove(0);
        }
        self.back.push(from);
    }

    /// Which of those that need the user, in the order of need: the first that was not visited since
    /// it began to; when all were, the one whose visit is longest ago, so that nothing blocks the way.
    fn choose(&mut self, needing: &[(SessionKey, Time)]) -> Option<usize> {
        self.visits.retain(|key, (since, _)| needing.contains(&(key.clone(), *since)));
        let visit = |(key, _): &(SessionKey, Time)| self.visits.get(key).map_or(0, |(_, count)| *count);
        (0..needing.len()).min_by_key(|index| visit(&needing[*index]))
    }
}

/// Where a session sits; in words why nowhere.
pub(super) fn seat(session: &Session) -> Result<Seat, String> {
    if let Some(place) = session.whereabouts() {
        return Err(format!("this session runs {place}: what is on its screen cannot be seen from here"));
    }
    if session.state == State::Ended {
        return Err("this session has ended, and its terminal with it or not: there is nothing to answer there".into());
    }
    let Some(process) = session.process.filter(|process| is_alive(*process)) else {
        return Err("the process of this session is not known: go to its terminal yourself".into());
    };
    let pid = Some(process.pid);
    // The process's own words, rather than what a hook said of it.
    let env = Some(locate::environment(process.pid)).filter(|env| !env.is_empty());
    let env = env.unwrap_or_else(|| session.env.clone());
    if session.background && !env.contains_key("TMUX_PANE") {
        return Err("this session runs in the background (--bg) and has no terminal: `claude agents` shows it".into());
    }
    Ok(Seat { pid, tty: session.tty.clone(), env })
}

fn lock(trail: &Mutex<Trail>) -> MutexGuard<'_, Trail> {
    trail.lock().unwrap_or_else(PoisonError::into_inner)
}
