//! Who looks where: for the popup, which is to stay away where it would disturb, and for the core, which
//! holds a sub-agent's request only while somebody can see it.

mod gaze;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::announce::quiet;
use super::clock;
use super::jump::{self, Jumper};
use super::presence::{self, Presence};
use super::settings::Live;
use crate::api::{Ask, Sight, Stage};
use crate::config::Config;
use crate::core::{Board, Session, SessionKey, Time, Watched};
use crate::locate::{self, Area};
use gaze::Gaze;

/// How often it is looked again while somebody asks: a pane that goes out of view, and a full screen that
/// ends, are told by no signal.
const AGAIN: Duration = Duration::from_millis(700);

/// Longest that is waited for a time of the day.
const LONGEST_WAIT_MS: u64 = 15 * 60 * 1_000;

/// What they go by.
pub struct Sources {
    /// Ways to terminals.
    pub jumper: Jumper,
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
    /// Who says on the desktop what cannot be seen.
    pub speaker: watch::Sender<Option<Watched>>,
}

/// Somebody who looks around.
pub struct Lookout {
    sources: Sources,
    presence: watch::Receiver<Presence>,
    presences: Option<watch::Sender<Presence>>,
    popup: watch::Receiver<Option<bool>>,
    stage: watch::Sender<Arc<Stage>>,
    looks: JoinSet<Seen>,
    gaze: Gaze,
    told: Watched,
    next: Instant,
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
            next: Instant::now(),
        };
        (lookout, Sight { stage: staged, popup })
    }

    /// Looks until the daemon ends.
    pub async fn run(mut self) {
        if self.popup.wait_for(Option::is_some).await.is_err() {
            return;
        }
        let _presence = self.presences.take().map(|told| AbortOnDrop(tokio::spawn(presence::follow(told))));
        loop {
            self.look();
            let quiet_left = self.tell().await;
            let again = self.gaze.asks().then_some(self.next);
            tokio::select! {
                changed = self.sources.board.changed() => if changed.is_err() { return },
                Ok(()) = self.sources.settings.changed() => {}
                Ok(()) = self.sources.quiet.changed() => {}
                Ok(()) = self.presence.changed() => {}
                Ok(()) = self.popup.changed() => {}
                Ok(()) = self.sources.moves.changed() => self.next = Instant::now(),
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
        let asking: BTreeSet<&SessionKey> = board.pending().into_iter().map(|approval| &approval.session).collect();
        let now = Instant::now();
        let all = self.gaze.asks() && now >= self.next;
        self.gaze.keep(|key| asking.contains(key));
        if all || asking.iter().any(|key| !self.gaze.knows(key)) {
            self.next = now + AGAIN;
            if settings.over_fullscreen {
                self.gaze.covers = Some(Vec::new());
            } else {
                let desk = Arc::clone(&self.sources.jumper.desk);
                self.looks.spawn_blocking(move || Seen::Covers(locate::covers(&desk)));
            }
        }
        for key in asking.into_iter().filter(|key| all || !self.gaze.knows(key)).cloned().collect::<Vec<_>>() {
            let session = board.sessions.get(&key).filter(|session| settings.quiet_when_focused && !session.headless);
            self.look_at(key, session.map(|session| &**session));
        }
    }

    /// In print mode nobody is asked in the terminal, and where there is none nobody looks.
    fn look_at(&mut self, key: SessionKey, session: Option<&Session>) {
        let Some(seat) = session.and_then(|session| jump::seat(session).ok()) else {
            return self.gaze.hear(&key, false, Instant::now());
        };
        if self.gaze.begin(&key) {
            let desk = Arc::clone(&self.sources.jumper.desk);
            self.looks.spawn_blocking(move || Seen::Terminal(key, locate::view(&seat, &desk) == Some(true)));
        }
    }

    fn take(&mut self, seen: Seen) {
        match seen {
            Seen::Terminal(key, looks) => self.gaze.hear(&key, looks, Instant::now()),
            Seen::Covers(covers) => self.gaze.covers = Some(covers),
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
            notified: config.notifications.approval.on,
            hidden: presence.is_hidden(),
            terminals: self.gaze.verdicts(),
            covers: self.gaze.covers.clone().unwrap_or_default(),
        };
        let popup = *self.popup.borrow_and_update();
        let watched = watched(&stage, presence, popup);
        self.stage.send_if_modified(|now| {
            let differs = **now != stage;
            if differs {
                *now = Arc::new(stage);
            }
            differs
        });
        let seen = popup.map(|_| watched.clone());
        self.sources.speaker.send_if_modified(|now| std::mem::replace(now, seen.clone()) != seen);
        if watched != self.told {
            self.told = watched.clone();
            let _ = self.sources.inbox.send(Ask::Watched(watched)).await;
        }
        left
    }
}

/// Where requests can be seen. Without a popup there are other ways to answer, and nobody knows who looks.
fn watched(stage: &Stage, presence: Presence, popup: Option<bool>) -> Watched {
    let Some(may_show) = popup else {
        return Watched::default();
    };
    let looked = stage.terminals.iter().filter(|(_, looks)| **looks);
    Watched {
        popup: may_show && presence.is_there() && stage.quiet.is_none(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_popup_is_seen_only_by_somebody_who_is_there() {
        let (free, here) = (Stage::default(), Presence::default());
        assert!(watched(&free, here, Some(true)).popup);
        assert!(!watched(&free, here, Some(false)).popup, "a film fills the screen");
        assert!(!watched(&free, Presence { idle: true, ..here }, Some(true)).popup);
        assert!(!watched(&Stage { quiet: Some(Time(1)), ..free.clone() }, here, Some(true)).popup);
        let away = Presence { active: false, ..here };
        assert_eq!(watched(&free, away, None), Watched::default(), "without a popup there are other ways");
        let key = |name: &str| SessionKey(name.into());
        let stage = Stage { terminals: [(key("a"), true), (key("b"), false)].into(), ..free };
        assert_eq!(watched(&stage, here, Some(true)).terminals, [key("a")].into());
    }
}
