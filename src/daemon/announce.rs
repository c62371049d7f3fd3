//! Notifications: what [`news`] finds worth saying is put on the desktop, and taken away again.

mod news;
mod quiet;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};

use super::clock;
use crate::api::{Later, Notice, Notices, Tested, Unsaid};
use crate::config::{Channel, Config};
use crate::core::{Board, Time};
use crate::notify::{self, Card, Desktop, Sent, Unshown};
use news::{Moment, News, Step};

/// The Board may change thousands of times a second; nobody reads faster than this.
const PAUSE: Duration = Duration::from_millis(50);
/// How long it may take to take everything back at the end.
const GOODBYE: Duration = Duration::from_millis(500);
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

/// Who speaks: the one owner of what is on the desktop.
pub struct Announcer<D> {
    desktop: D,
    /// The user wants none: `CCMON_NO_NOTIFY`.
    silenced: bool,
    board: watch::Receiver<Arc<Board>>,
    settings: watch::Receiver<Arc<Config>>,
    /// Until when the user wants to be left alone.
    quiet: watch::Receiver<Option<Time>>,
    tests: mpsc::Receiver<Test>,
    news: News,
    /// What is on the desktop.
    sent: BTreeMap<u64, Sent>,
    /// The last test,
    tried: Option<Sent>,
    /// and whether it is known that nobody shows anything.
    unheard: bool,
}

impl<D: Desktop> Announcer<D> {
    /// One for this picture and these settings.
    pub fn new(
        desktop: D,
        silenced: bool,
        board: watch::Receiver<Arc<Board>>,
        settings: watch::Receiver<Arc<Config>>,
        quiet: watch::Receiver<Option<Time>>,
    ) -> (Self, Tests) {
        let (asks, tests) = mpsc::channel(1);
        let (news, sent) = (News::default(), BTreeMap::new());
        let announcer =
            Self { desktop, silenced, board, settings, quiet, tests, news, sent, tried: None, unheard: false };
        (announcer, Tests(asks))
    }

    /// Speaks until the daemon stops, and takes back what it said.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let wait = self.speak().await;
            tokio::select! {
                () = told(&mut stop) => break,
                Some(test) = self.tests.recv() => self.test(test).await,
                Ok(()) = self.board.changed() => tokio::time::sleep(PAUSE).await,
                Ok(()) = self.settings.changed() => {}
                Ok(()) = self.quiet.changed() => {}
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
        let board = self.board.borrow_and_update().clone();
        let settings = self.settings.borrow_and_update().clone();
        let hushed = self.quiet.borrow_and_update().is_some();
        let steps = self.news.look(moment(hushed), &board, &settings);
        self.perform(steps).await;
        self.news.wait(moment(hushed), &settings)
    }

    async fn perform(&mut self, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Say { number, card, .. } => {
                    let shown = self.desktop.show(&card).await;
                    self.heard(shown.as_ref().err());
                    self.sent.extend(shown.ok().map(|sent| (number, sent)));
                }
                Step::Withdraw(number) => {
                    if let Some(sent) = self.sent.remove(&number) {
                        self.desktop.close(sent).await;
                    }
                }
            }
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
        let Channel { urgency, sound, .. } = news::channel(&self.settings.borrow(), sort).clone();
        if let Some(before) = self.tried.take() {
            self.desktop.close(before).await;
        }
        let started = Instant::now();
        self.tried = Some(self.desktop.show(&Card { summary, body, urgency, sound }).await.map_err(nobody)?);
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
pub fn here(
    board: watch::Receiver<Arc<Board>>,
    settings: watch::Receiver<Arc<Config>>,
    quiet: watch::Receiver<Option<Time>>,
) -> (Announcer<notify::Server>, Tests) {
    Announcer::new(notify::Server::default(), notify::is_silenced(), board, settings, quiet)
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
        Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        None => pending().await,
    }
}
