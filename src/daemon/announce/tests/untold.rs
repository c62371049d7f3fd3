//! Of which requests nothing is said: what a sub-agent's request is not held for.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::*;
use crate::api::{Caller, Going, Jumps, Opens, Wish};
use crate::daemon::announce::{Announcer, Sources, Ways};
use crate::notify::{Button, Desktop, Heard, Place, Sent, Shower, Unshown};

const PATIENCE: Duration = Duration::from_secs(20);

/// A desktop on which somebody shows notifications, or nobody.
struct Screen {
    serves: bool,
    shown: mpsc::Sender<()>,
    heard: mpsc::Receiver<Heard>,
}

impl Desktop for Screen {
    async fn show(&mut self, card: &Card, _instead: Option<&Place>) -> Result<Sent, Unshown> {
        if !self.serves {
            return Err(Unshown("nobody".into()));
        }
        let _ = self.shown.send(()).await;
        Ok(Sent { place: Place::default(), buttons: card.buttons.clone() })
    }

    async fn close(&mut self, _place: Place) {}

    async fn shower(&mut self) -> Result<Shower, Unshown> {
        Err(Unshown("nobody".into()))
    }

    async fn process(&mut self, _place: &Place) -> Option<u32> {
        None
    }

    async fn heard(&mut self) -> Heard {
        match self.heard.recv().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        }
    }
}

struct Nowhere;

impl Jumps for Nowhere {
    fn go(&self, _wish: Wish, _caller: Caller) -> Going<'_> {
        Box::pin(async { Err("there is no terminal".to_owned()) })
    }
}

/// An announcer at work, and what it goes by.
struct Stand {
    board: watch::Sender<Arc<Board>>,
    shown: mpsc::Receiver<()>,
    press: mpsc::Sender<Heard>,
    untold: watch::Receiver<Option<BTreeSet<ApprovalId>>>,
    _rest: (watch::Sender<Arc<Config>>, watch::Sender<bool>),
}

impl Stand {
    fn begin(serves: bool, silenced: bool, config: Config) -> Self {
        let (board, boards) = watch::channel(Arc::default());
        let (settings, setting) = watch::channel(Arc::new(config));
        let (press, heard) = mpsc::channel(1);
        let (show, shown) = mpsc::channel(8);
        let (tell, untold) = watch::channel(None);
        let ways = Ways { inbox: mpsc::channel(1).0, opens: Opens::default(), jumps: Arc::new(Nowhere) };
        let sources = Sources {
            board: boards,
            settings: setting,
            quiet: watch::channel(None).1,
            watched: watch::channel(None).1,
            untold: tell,
            ways,
        };
        let (stop, stopped) = watch::channel(false);
        let (announcer, _) = Announcer::new(Screen { serves, shown: show, heard }, silenced, sources);
        tokio::spawn(announcer.run(stopped));
        Self { board, shown, press, untold, _rest: (settings, stop) }
    }

    /// Once it says this.
    async fn says(&mut self, untold: Option<&[&str]>) {
        let wanted = untold.map(|ids| ids.iter().map(|id| ApprovalId((*id).into())).collect::<BTreeSet<_>>());
        let said = self.untold.wait_for(|now| *now == wanted);
        timeout(PATIENCE, said).await.unwrap_or_else(|_| panic!("never {wanted:?}")).expect("it lives");
    }

    fn ask(&self, id: &str, tool: &str) {
        let mut scene = Scene::new();
        scene.ask(id, tool, bash("ls"));
        self.board.send_replace(Arc::new(scene.board));
    }

    async fn is_shown(&mut self) {
        timeout(PATIENCE, self.shown.recv()).await.expect("it is shown").expect("it lives");
    }

    async fn hear(&self, all: &[Heard]) {
        for heard in all {
            timeout(PATIENCE, self.press.send(heard.clone())).await.expect("it is heard").expect("it listens");
        }
    }
}

#[tokio::test]
async fn where_nobody_shows_it_a_request_is_untold() {
    let mut stand = Stand::begin(false, false, Config::default());
    stand.says(Some(&[])).await;
    stand.ask("a", "Bash");
    stand.says(Some(&["a"])).await;
    stand.board.send_replace(Arc::default());
    stand.says(Some(&[])).await;
}

#[tokio::test]
async fn of_a_sort_that_is_off_nothing_is_told() {
    let mut config = Config::default();
    config.notifications.question.on = false;
    let mut stand = Stand::begin(true, false, config);
    stand.says(Some(&[])).await;
    stand.ask("a", "AskUserQuestion");
    stand.says(Some(&["a"])).await;
}

#[tokio::test]
async fn who_is_silenced_says_nothing_of_any() {
    let mut stand = Stand::begin(true, true, Config::default());
    stand.ask("a", "Bash");
    stand.says(None).await;
    assert!(!stand.untold.has_changed().expect("it lives"));
}

#[tokio::test]
async fn one_that_was_closed_tells_no_more() {
    let mut stand = Stand::begin(true, false, Config::default());
    stand.ask("a", "Bash");
    stand.is_shown().await;
    stand.says(Some(&[])).await;
    stand.hear(&[Heard::Closed(Place::default())]).await;
    stand.says(Some(&["a"])).await;
}

#[tokio::test]
async fn one_that_was_opened_and_closed_with_that_still_counts() {
    let mut stand = Stand::begin(true, false, Config::default());
    stand.ask("a", "Bash");
    stand.is_shown().await;
    let press = Heard::Pressed { place: Place::default(), button: Button::Open, leave: None };
    let closed = Heard::Closed(Place::default());
    // The last two go through only after the first was taken in.
    stand.hear(&[press, closed.clone(), closed.clone(), closed]).await;
    assert_eq!(*stand.untold.borrow(), Some(BTreeSet::new()));
}
