//! Everybody who works beside the engine: set up together, and found by the API through its hub.

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

use super::announce::{self, Announcer, Ways};
use super::cards::Cards;
use super::history::StoreHistory;
use super::house::HouseKeeper;
use super::jobs::Workshop;
use super::journal::Journal;
use super::jump::Jumper;
use super::quiet::Hush;
use super::retention::{self, Retention};
use super::rulebook::StoreRulebook;
use super::settings::{self, LiveSettings};
use super::shortcuts::{self, Ears};
use super::stage::{Lookout, Sources};
use super::{focus, summarize, telemetry};
use crate::api::{About, Ask, Change, Hub, Opens, Rulebook};
use crate::config::Config;
use crate::core::Board;
use crate::notify;
use crate::otlp::Standing;
use crate::paths::Paths;
use crate::rules::Book;
use crate::shortcut::Standings;
use crate::store::Store;

/// What they work with.
pub struct Ground<'a> {
    /// Where things are kept.
    pub paths: &'a Paths,
    /// The memory.
    pub store: &'a Store,
    /// The settings as they were just read.
    pub config: Config,
    /// Whether the port was named on the command line.
    pub port_named: bool,
    /// What the doors are.
    pub about: About,
    /// The engine's inbox,
    pub inbox: mpsc::Sender<Ask>,
    /// its picture,
    pub board: watch::Receiver<Arc<Board>>,
    /// its rules,
    pub book: watch::Receiver<Arc<Book>>,
    /// what changes,
    pub changes: broadcast::Sender<Change>,
    /// the way to windows,
    pub opens: Opens,
    /// and where events stand until they are stored.
    pub journal: Arc<Journal>,
}

/// All of them at work.
pub struct Beside {
    /// How the API finds them.
    pub hub: Hub,
    /// What each of them does until the daemon stops.
    pub tasks: Vec<JoinHandle<()>>,
    /// Who speaks on the desktop, and waits for a word to begin.
    pub announcer: Announcer<notify::Server>,
}

impl Ground<'_> {
    /// Sets them up.
    #[must_use]
    pub fn set_up(self) -> Beside {
        let Ground { paths, store, config, port_named, about, inbox, board, book, changes, opens, journal } = self;
        let live = LiveSettings::new(&paths.config, config, port_named, inbox.clone(), changes.clone());
        let (standings, standing) = watch::channel(Standings::default());
        let ears = Ears { opens: opens.clone(), standings: Arc::new(standings), changes: changes.clone() };
        let (telling_collector, told) = watch::channel(Standing::default());
        let live = live.with_shortcuts(standing).with_telemetry(told);
        let (settings, live, about) = (live.watch(), Arc::new(live), Arc::new(about));
        let hush = Arc::new(Hush::load(store, settings.clone(), changes.clone()));
        let (summarizer, summaries) = summarize::here(&paths.state, store, board.clone(), settings.clone());
        let jumps = Jumper::new(board.clone(), inbox.clone(), settings.clone());
        let (speaker, watched) = watch::channel(None);
        let (telling, untold) = watch::channel(None);
        let (announcer, notices) = announce::here(announce::Sources {
            board: board.clone(),
            settings: settings.clone(),
            quiet: hush.watch(),
            watched,
            untold: telling,
            ways: Ways { inbox: inbox.clone(), opens: opens.clone(), jumps: Arc::new(jumps.clone()) },
        });
        let (memory, database) = (store.clone(), paths.database());
        let retention = Arc::new(Retention::new(memory, database, settings, board.clone(), inbox.clone()));
        let rules: Arc<dyn Rulebook> = Arc::new(StoreRulebook::new(book, store.reader()));
        let moves = focus::moves(&jumps);
        let (lookout, sight) = Lookout::new(Sources {
            eyes: jumps.desk.clone(),
            board: board.clone(),
            settings: live.watch(),
            quiet: hush.watch(),
            moves: moves.clone(),
            inbox: inbox.clone(),
            speaker,
            untold,
        });
        let mut tasks = vec![
            tokio::spawn(focus::follow(jumps.clone(), board.clone(), moves)),
            tokio::spawn(lookout.run()),
            tokio::spawn(settings::follow(Arc::clone(&live))),
            tokio::spawn(retention::keep(Arc::clone(&retention))),
            tokio::spawn(summarizer.run()),
            tokio::spawn(Arc::clone(&hush).keep()),
            tokio::spawn(telemetry::follow(live.watch(), board.clone(), changes.clone(), telling_collector)),
        ];
        // Where nobody shows windows, they would lead nowhere.
        tasks.extend(opens.is_heard().then(|| tokio::spawn(shortcuts::follow(live.watch(), ears))));
        let hub = Hub {
            inbox,
            jumps: Arc::new(jumps),
            board,
            changes: changes.clone(),
            history: Arc::new(StoreHistory(store.reader())),
            journal,
            notices: Arc::new(notices),
            quiet: hush.watch(),
            quieter: hush,
            jobs: Arc::new(Workshop::new(Arc::clone(&rules), retention, changes)),
            rules,
            settings: live,
            house: Arc::new(HouseKeeper::new(paths.clone(), Arc::clone(&about))),
            summaries: Arc::new(summaries),
            cards: Arc::new(Cards::new(store.reader())),
            opens,
            sight,
            about,
        };
        Beside { hub, tasks, announcer }
    }
}
