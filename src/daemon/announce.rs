//! Notifications: what [`news`] finds worth saying is put on the desktop, and taken away again.

mod buttons;
mod crowd;
mod heard;
mod news;
pub(super) mod quiet;
mod returns;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};

use super::clock;
use crate::api::{Later, Notice, Notices, Tested, Unsaid};
use crate::config::{Channel, Config};
use crate::core::{ApprovalId, Board, Time, Watched};
use crate::notify::{self, Button, Card, Desktop, Heard, Place, Unshown};
pub use heard::Ways;
use heard::{Press, Said};
use news::{Moment, News, Step, Topic, View};
use returns::Returns;

/// The Board may change thousands of times a second; nobody reads faster than this.
const PAUSE: Duration = Duration::from_millis(50);
/// How long it may take to take everything back at the end.
const GOODBYE: Duration = Duration::from_millis(500);
/// Longest that is waited for a time of the day, in milliseconds.
const LONGEST_WAIT_MS: u64 = 15 * 60 * 1_000;
/// Said where nobody shows notifications.
const HELP: &str = "install or start a notification server: your desktop's own, or dunst or mako";

/// Asks who speaks to show one.
#[derive(Clone)]
pub struct Tests(mpsc::Sender<Test>);

type Answer = Result<Tested, Unsaid>;

/// A test on its way.
struct Test {
    sort: Notice,
    reply: oneshot::Sender<Answer>,
}

/// What it goes by.
pub struct Sources {
    /// The picture.
    pub board: watch::Receiver<Arc<Board>>,
    /// The settings.
    pub settings: watch::Receiver<Arc<Config>>,
    /// Until when the user wants to be left alone.
    pub quiet: watch::Receiver<Option<Time>>,
    /// Where requests can be seen besides; nothing where there is no popup.
    pub watched: watch::Receiver<Option<Watched>>,
    /// Who is told of which requests nothing is said, nor will be. `None` while nothing is said at all.
    pub untold: watch::Sender<Option<BTreeSet<ApprovalId>>>,
    /// Where a press leads.
    pub ways: Ways,
}

/// Who speaks: the one owner of what is on the desktop.
pub struct Announcer<D> {
    desktop: D,
    /// The user wants none: `CCMON_NO_NOTIFY`.
    silenced: bool,
    sources: Sources,
    tests: mpsc::Receiver<Test>,
    news: News,
    /// What is on the desktop.
    said: BTreeMap<u64, Said>,
    /// How often that came back lately.
    returns: Returns,
    /// The last test,
    tried: Option<Place>,
    /// and whether it is known that nobody shows anything.
    unheard: bool,
}

impl<D: Desktop> Announcer<D> {
    /// One that goes by these.
    pub fn new(desktop: D, silenced: bool, sources: Sources) -> (Self, Tests) {
        let (asks, tests) = mpsc::channel(1);
        let (news, said, returns) = (News::default(), BTreeMap::new(), Returns::default());
        (Self { desktop, silenced, sources, tests, news, said, returns, tried: None, unheard: false }, Tests(asks))
    }

    /// Speaks until the daemon stops, and takes back what it said.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let wait = self.speak().await;
            self.own_up();
            tokio::select! {
                () = told(&mut stop) => break,
                heard = self.desktop.heard() => self.hear(heard).await,
                Some(test) = self.tests.recv() => self.test(test).await,
                Ok(()) = self.sources.board.changed() => tokio::time::sleep(PAUSE).await,
                Ok(()) = self.sources.settings.changed() => {}
                Ok(()) = self.sources.quiet.changed() => {}
                Ok(()) = self.sources.watched.changed() => {}
                () = after(wait) => {}
            }
        }
        let last = self.news.end();
        let _ = tokio::time::timeout(GOODBYE, self.perform(last)).await;
    }

    /// Says what there is to say; in how many milliseconds there may be more.
    async fn speak(&mut self) -> Option<u64> {
        if self.silenced {
            return None;
        }
        let board = self.sources.board.borrow_and_update().clone();
        let settings = self.sources.settings.borrow_and_update().clone();
        let hushed = self.sources.quiet.borrow_and_update().is_some();
        let watched = self.sources.watched.borrow_and_update().clone();
        let view = View { board: &board, config: &settings, watched: watched.as_ref() };
        let steps = self.news.look(moment(hushed), view);
        self.perform(steps).await;
        self.news.wait(moment(hushed), &settings)
    }

    /// Says which requests are on the desktop neither now nor later, by what is known.
    fn own_up(&self) {
        let told = |id: &&ApprovalId| self.said.values().any(|said| said.tells_of(id));
        let untold = (!self.silenced).then(|| self.news.over().filter(|id| !told(id)).cloned().collect());
        self.sources.untold.send_if_modified(|now| std::mem::replace(now, untold.clone()) != untold);
    }

    /// Where nobody answers, it is not asked again and again.
    async fn perform(&mut self, steps: Vec<Step>) {
        let mut unheard = false;
        for step in steps {
            match step {
                Step::Say { number, about, card, shown } => {
                    if !unheard {
                        unheard = !self.say(number, about, &card, shown).await;
                    }
                }
                Step::Withdraw(number) => {
                    if let Some(said) = self.said.remove(&number).filter(|said| !said.closed) {
                        self.desktop.close(said.sent.place).await;
                    }
                }
            }
        }
    }

    /// Shows one; whether somebody does.
    async fn say(&mut self, number: u64, about: Vec<Topic>, card: &Card, shown: Option<Arc<str>>) -> bool {
        let before = self.said.get(&number).map(|said| &said.sent.place);
        let sent = self.desktop.show(card, before).await;
        self.heard(sent.as_ref().err());
        let Ok(sent) = sent else {
            return false;
        };
        // Its number may have been that of one that is gone.
        self.said.retain(|_, said| said.sent.place != sent.place);
        self.said.insert(number, Said { sent, about, shown, closed: false, opened: None });
        true
    }

    /// What was pressed before [`Announcer::say`] knew where it is has waited until now.
    async fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Closed(place) => {
                let said = self.said.values_mut().find(|said| said.sent.place == place);
                said.into_iter().for_each(|said| said.closed = true);
            }
            Heard::Pressed { button, leave, place } => {
                let Some(said) = self.said.values_mut().find(|said| said.sent.place == place) else {
                    return;
                };
                let server = self.desktop.process(&place).await;
                let board = self.sources.board.borrow().clone();
                // Most servers close it then, and what it opens is not there yet.
                said.opened = said.leads_to(&board).filter(|_| button == Button::Open);
                self.sources.ways.press(said, Press { button, leave, server }, &board).await;
            }
            Heard::Server { bus, server } => self.moved(bus, &server),
        }
    }

    /// What was on the desktop went with its server, and is said again where another comes; not what the user, or
    /// time, had taken away before.
    fn moved(&mut self, bus: u64, server: &str) {
        self.said.retain(|_, said| said.closed || !said.sent.place.is_lost(bus, server));
        self.tried.take_if(|tried| tried.is_lost(bus, server));
        let at = clock::uptime();
        if server.is_empty() || !self.returns.may_come(at) {
            return;
        }
        if self.news.again(at, |number| self.said.contains_key(&number)) {
            self.returns.came(at);
        }
    }

    /// Logs once that nobody shows anything, and once that somebody does again.
    fn heard(&mut self, error: Option<&Unshown>) {
        let unheard = error.is_some();
        if std::mem::replace(&mut self.unheard, unheard) != unheard {
            match error {
                Some(error) => tracing::warn!("no notifications: {error}: {HELP}"),
                None => tracing::info!("notifications are shown again"),
            }
        }
    }

    async fn test(&mut self, test: Test) {
        let answer = self.tested(test.sort).await;
        let _ = test.reply.send(answer);
    }

    async fn tested(&mut self, sort: Notice) -> Answer {
        if self.silenced {
            let why = "CCMON_NO_NOTIFY is set where ccmon was started: nothing is said on the desktop";
            return Err(Unsaid::Silenced(why.into()));
        }
        let nobody = |error: Unshown| Unsaid::Nobody(format!("{error}: {HELP}"));
        let shower = self.desktop.shower().await.map_err(nobody)?;
        let (summary, body) = words::test();
        let Channel { urgency, sound, .. } = news::channel(&self.sources.settings.borrow(), sort).clone();
        if let Some(before) = self.tried.take() {
            self.desktop.close(before).await;
        }
        let started = Instant::now();
        let card = Card { summary, body, urgency, sound, buttons: Vec::new() };
        self.tried = Some(self.desktop.show(&card, None).await.map_err(nobody)?.place);
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Tested { server: shower.name, version: shower.version, actions: shower.actions, took_ms })
    }
}

impl Notices for Tests {
    fn test(&self, sort: Notice) -> Later<'_, Answer> {
        Box::pin(async move {
            let (reply, tested) = oneshot::channel();
            let stopping = |()| Unsaid::Nobody("the daemon is stopping: try again in a moment".into());
            self.0.send(Test { sort, reply }).await.map_err(|_| stopping(()))?;
            tested.await.map_err(|_| stopping(()))?
        })
    }
}

/// The announcer of the desktop that this process was started on.
pub fn here(sources: Sources) -> (Announcer<notify::Server>, Tests) {
    Announcer::new(notify::Server::default(), notify::is_silenced(), sources)
}

fn moment(hushed: bool) -> Moment {
    Moment { at: clock::uptime(), local: jiff::Zoned::now().time(), hushed }
}

/// When the daemon stops.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn after(wait: Option<u64>) {
    match wait {
        // Not all at once: clocks are set, and a machine that sleeps holds its timers back.
        Some(ms) => tokio::time::sleep(Duration::from_millis(ms.min(LONGEST_WAIT_MS))).await,
        None => pending().await,
    }
}
