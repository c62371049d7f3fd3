//! Who looks where: for the popup, which is to stay away where it would disturb, and for the core, which
//! holds a sub-agent's request only while somebody can see it.

mod gaze;
mod pace;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::announce::quiet;
use super::clock;
use super::jump;
use super::presence::{self, Presence};
use super::settings::Live;
use crate::api::{Ask, Comes, Showing, Sight, Stage};
use crate::config::Config;
use crate::core::{ApprovalId, Board, Session, SessionKey, Time, Watched};
use crate::locate::{self, Area, Desk, Seat};
use gaze::Gaze;
use pace::Pace;

/// Longest that is waited for a time of the day.
const LONGEST_WAIT_MS: u64 = 15 * 60 * 1_000;

/// Who looks at the desktop; it may take a while.
pub trait Eyes: Send + Sync {
    /// Whether the user looks at the terminal there.
    fn look_at(&self, seat: &Seat) -> bool;

    /// Where windows fill a monitor.
    fn covers(&self) -> Vec<Area>;
}

impl Eyes for Desk {
    fn look_at(&self, seat: &Seat) -> bool {
        locate::view(seat, self) == Some(true)
    }

    fn covers(&self) -> Vec<Area> {
        locate::covers(self)
    }
}

/// What they go by.
pub struct Sources {
    /// Who looks.
    pub eyes: Arc<dyn Eyes>,
    /// The picture.
    pub board: watch::Receiver<Arc<Board>>,
    /// The settings.
    pub settings: Live,
    /// Until when the user wants to be left alone.
    pub quiet: watch::Receiver<Option<Time>>,
    /// Counts how often the focus went elsewhere.
    pub moves: watch::Receiver<u64>,
    /// The engine's inbox.
    pub inbox: mpsc::Sender<Ask>,
    /// Who says on the desktop what cannot be seen,
    pub speaker: watch::Sender<Option<Watched>>,
    /// and of what nothing is said there. `None` while nothing is said at all.
    pub untold: watch::Receiver<Option<BTreeSet<ApprovalId>>>,
}

/// Somebody who looks around.
pub struct Lookout {
    sources: Sources,
    presence: watch::Receiver<Presence>,
    presences: Option<watch::Sender<Presence>>,
    popup: watch::Receiver<Option<Showing>>,
    stage: watch::Sender<Arc<Stage>>,
    looks: JoinSet<Seen>,
    gaze: Gaze,
    told: Watched,
    pace: Pace,
    /// Requests that were there at the last look.
    asked: BTreeMap<ApprovalId, SessionKey>,
}

/// What a look came to.
enum Seen {
    Terminal(SessionKey, bool),
    Covers(Vec<Area>),
}

impl Lookout {
    /// One who looks as soon as there is a popup.
    #[must_use]
    pub fn new(sources: Sources) -> (Self, Sight) {
        let (stage, staged) = watch::channel(Arc::default());
        let (popup, popups) = watch::channel(None);
        let (presences, presence) = watch::channel(Presence::default());
        let lookout = Self {
            sources,
            presence,
            presences: Some(presences),
            popup: popups,
            stage,
            looks: JoinSet::new(),
            gaze: Gaze::default(),
            told: Watched::default(),
            pace: Pace::new(Instant::now()),
            asked: BTreeMap::new(),
        };
        (lookout, Sight { stage: staged, popup })
    }

    /// Looks until the daemon ends.
    pub async fn run(mut self) {
        if self.popup.wait_for(Option::is_some).await.is_err() {
            return;
        }
        let board = self.sources.board.clone();
        let _presence = self.presences.take().map(|told| AbortOnDrop(tokio::spawn(presence::follow(told, board))));
        self.keep_looking().await;
    }

    async fn keep_looking(mut self) {
        loop {
            self.look();
            let quiet_left = self.tell().await;
            // Where nobody sits nothing is looked at, and who comes back is a signal.
            let again = (self.gaze.asks() && self.presence.borrow().is_there()).then(|| self.pace.next());
            tokio::select! {
                changed = self.sources.board.changed() => if changed.is_err() { return },
                Ok(()) = self.sources.settings.changed() => self.pace.wake(Instant::now()),
                Ok(()) = self.sources.quiet.changed() => {}
                Ok(()) = self.sources.untold.changed() => {}
                Ok(()) = self.presence.changed() => self.pace.wake(Instant::now()),
                Ok(()) = self.popup.changed() => {}
                Ok(()) = self.sources.moves.changed() => self.pace.wake(Instant::now()),
                Some(Ok(seen)) = self.looks.join_next() => self.take(seen),
                () = until(again) => {}
                () = after(quiet_left) => {}
            }
        }
    }

    /// Looks at the terminals of those that ask, and at what fills the screen.
    fn look(&mut self) {
        let board = self.sources.board.borrow_and_update().clone();
        let settings = self.sources.settings.borrow_and_update().popup.clone();
        let new = self.notice(&board);
        let all = self.gaze.asks() && self.pace.is_due(Instant::now());
        if all || !new.is_empty() {
            self.look_for_covers(settings.over_fullscreen);
        }
        let keys = if all { self.asked.values().cloned().collect() } else { new };
        for key in keys {
            let session = board.sessions.get(&key).filter(|session| settings.quiet_when_focused && !session.headless);
            self.look_at(key, session.map(|session| &**session));
        }
    }

    /// Notices who asks, and for whom there is something new.
    fn notice(&mut self, board: &Board) -> BTreeSet<SessionKey> {
        let asked = board.pending().into_iter().map(|approval| (approval.id.clone(), approval.session.clone()));
        let before = std::mem::replace(&mut self.asked, asked.collect());
        let new = self.asked.iter().filter(|(id, _)| !before.contains_key(id)).map(|(_, key)| key.clone());
        let new: BTreeSet<SessionKey> = new.collect();
        let asking: BTreeSet<&SessionKey> = self.asked.values().collect();
        self.gaze.keep(|key| asking.contains(key));
        new.iter().for_each(|key| self.gaze.begin_anew(key));
        match (before.is_empty(), new.is_empty()) {
            (true, false) => self.pace.wake(Instant::now()),
            (false, false) => self.pace.hurry(Instant::now()),
            (_, true) => {}
        }
        new
    }

    fn look_for_covers(&mut self, over_fullscreen: bool) {
        if over_fullscreen {
            self.gaze.covers = Some(Vec::new());
        } else {
            let eyes = Arc::clone(&self.sources.eyes);
            self.looks.spawn_blocking(move || Seen::Covers(eyes.covers()));
        }
    }

    /// In print mode nobody is asked in the terminal, and where there is none nobody looks.
    fn look_at(&mut self, key: SessionKey, session: Option<&Session>) {
        let Some(seat) = session.and_then(|session| jump::seat(session).ok()) else {
            self.gaze.hear(&key, false, Instant::now());
            return;
        };
        if self.gaze.begin(&key) {
            let eyes = Arc::clone(&self.sources.eyes);
            self.looks.spawn_blocking(move || Seen::Terminal(key, eyes.look_at(&seat)));
        }
    }

    fn take(&mut self, seen: Seen) {
        let new = match seen {
            Seen::Terminal(key, looks) => self.gaze.hear(&key, looks, Instant::now()),
            Seen::Covers(covers) => self.gaze.see(covers),
        };
        if new {
            self.pace.hurry(Instant::now());
        }
    }

    /// Tells what is new; for how many milliseconds it stays quiet.
    async fn tell(&mut self) -> Option<u64> {
        let config = self.sources.settings.borrow().clone();
        let (quiet, left) = hushed(*self.sources.quiet.borrow_and_update(), &config);
        let presence = *self.presence.borrow_and_update();
        let stage = Stage {
            popup: config.popup.clone(),
            quiet,
            hidden: presence.is_hidden(),
            terminals: self.gaze.verdicts(),
            covers: self.gaze.covers.clone().unwrap_or_default(),
        };
        let showing = self.popup.borrow_and_update().clone();
        let untold = self.sources.untold.borrow_and_update().clone();
        let watched = watched(&stage, presence, showing.as_ref(), untold);
        self.stage.send_if_modified(|now| {
            let differs = **now != stage;
            if differs {
                *now = Arc::new(stage);
            }
            differs
        });
        // What is said does not depend on what was not.
        let seen = showing.map(|_| Watched { untold: None, ..watched.clone() });
        self.sources.speaker.send_if_modified(|now| std::mem::replace(now, seen.clone()) != seen);
        if watched != self.told {
            self.told = watched.clone();
            let _ = self.sources.inbox.send(Ask::Watched(watched)).await;
        }
        left
    }
}

/// Where requests can be seen. Without a popup there are other ways to answer, and nobody knows who looks.
fn watched(
    stage: &Stage,
    presence: Presence,
    showing: Option<&Showing>,
    untold: Option<BTreeSet<ApprovalId>>,
) -> Watched {
    let Some(showing) = showing else {
        return Watched::default();
    };
    let looked = stage.terminals.iter().filter(|(_, looks)| **looks);
    let there = presence.is_there();
    let free = there && stage.quiet.is_none();
    Watched {
        popup: free && showing.comes == Comes::Itself,
        shown: if there { showing.asked.clone() } else { BTreeSet::new() },
        untold: untold.filter(|_| free && showing.comes == Comes::Asked),
        terminals: looked.map(|(key, _)| key.clone()).collect(),
    }
}

/// Until when it is quiet, by the user's wish for now or by the hours of the day; and when that changes, in
/// milliseconds.
fn hushed(wish: Option<Time>, config: &Config) -> (Option<Time>, Option<u64>) {
    let now = clock::wall();
    let local = jiff::Zoned::now().time();
    let hours = quiet::left(&config.quiet, local);
    let until = wish.filter(|until| *until > now).max(hours.map(|left| now_rounded(now.plus(left))));
    (until, hours.or_else(|| quiet::until(&config.quiet, local)))
}

/// To the second: asked twice, the answer is the same.
fn now_rounded(time: Time) -> Time {
    Time((time.0 + 500) / 1_000 * 1_000)
}

/// A task that ends with its owner.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

async fn after(ms: Option<u64>) {
    match ms {
        // Not all at once: a machine that sleeps holds its timers back.
        Some(ms) => tokio::time::sleep(Duration::from_millis(ms.clamp(1, LONGEST_WAIT_MS))).await,
        None => std::future::pending().await,
    }
}
