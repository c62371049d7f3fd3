//! The daemon: the only room where rooms meet.
//!
//! [`start`] takes the lock, opens the store, brings a core up to date from it, drains the spool,
//! and opens the two doors. From then on the `engine` is the one owner of all state.

mod abroad;
mod announce;
pub mod assess;
mod beside;
mod cards;
mod changes;
pub mod clock;
mod engine;
pub mod explain;
mod fence;
mod files;
mod focus;
mod history;
mod house;
mod jobs;
mod journal;
mod jump;
mod keeper;
mod lock;
mod missing;
mod perform;
mod place;
mod presence;
pub mod quiet;
mod real;
mod record;
mod retention;
pub mod rulebook;
mod seen;
mod settings;
mod shortcuts;
pub mod shown;
mod soon;
mod spool;
mod stage;
mod summarize;
mod tail;
mod telemetry;
pub mod upgrade;
mod watch;
mod whence;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, oneshot, watch as watched};
use tokio::task::JoinHandle;

use crate::api::doors::{self, Token};
use crate::api::{self, About, Ask, Hub, Opens};
use crate::client::Client;
use crate::config::Config;
use crate::core::{Core, Effect, Input, State};
use crate::notify;
use crate::paths::Paths;
use crate::store::{Store, StoreError};
use announce::Announcer;
use beside::{Beside, Ground};
use engine::{Engine, Views};
use journal::Journal;
use keeper::Keeper;
pub use lock::Held;
use lock::Lock;
use perform::Errands;
use spool::{Drained, Spool};

/// How many asks may wait for the engine; more wait at the door.
const INBOX: usize = 1_024;
/// How many changes a WebSocket may lag behind before it is sent a new snapshot.
const CHANGES: usize = 1_024;
/// How long one that is just ending may take; people restart services.
const LEAVING: Duration = Duration::from_millis(500);
/// How long a daemon that was asked to leave may take.
const HANDOVER: Duration = Duration::from_secs(5);

/// How many descriptors we want to have open; the doors take half of what there are.
const DESCRIPTORS: u64 = 8_192;

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// `ccmon` or `ccmon-tray`, for `/healthz` and for who is told that we run.
    pub program: &'static str,
    /// TCP port to try first, instead of the configured one.
    pub port: Option<u16>,
    /// Ask a running `ccmon daemon` to leave, and take its place.
    pub take_over: bool,
    /// Where to send what is to be opened. Whoever shows windows listens there before the doors are open.
    pub opens: Opens,
}

/// A running daemon.
pub struct Running {
    /// The way to it, for whoever shares the process.
    pub hub: Hub,
    /// The same routes as behind the doors, for windows of this process.
    pub router: axum::Router,
    stop: watched::Sender<bool>,
    store: Store,
    journal: Journal,
    tasks: Vec<JoinHandle<()>>,
    /// Who speaks on the desktop, and takes it back at the end.
    voice: Option<JoinHandle<()>>,
    paths: Paths,
    _lock: Lock,
}

/// Starts the daemon on the current tokio runtime.
///
/// # Errors
/// [`Held`] when one runs already; others when a place, the store or the socket cannot be had.
pub async fn start(options: Options) -> Result<Running> {
    // The log is where people look, and where what a desktop started says nothing they would see.
    set_up(options).await.inspect_err(|error| match error.is::<Held>() {
        true => tracing::info!("not started: {error:#}"),
        false => tracing::error!("cannot start: {error:#}"),
    })
}

async fn set_up(options: Options) -> Result<Running> {
    raise_descriptors();
    let (paths, config, lock) = prepare(&options).await?;
    let Remembered { store, trouble, mut core, watches } = open_store(&paths, &config).await?;
    let (keeper, off) = keep_rules(&store, &mut core);
    let journal = Journal::open(&paths, store.trouble());
    let (tcp, token) = open_tcp(&paths, &config, &options)?.unzip();

    let (board, picture) = watched::channel(Arc::new(core.board().clone()));
    let (book, rules) = watched::channel(Arc::new(keeper.book().clone()));
    let (inbox, asks) = mpsc::channel(INBOX);
    let (inputs, reports) = mpsc::channel(INBOX);
    let (changes, _) = broadcast::channel(CHANGES);
    let (stop, _) = watched::channel(false);
    let ground = Ground {
        paths: &paths,
        store: &store,
        config,
        port_named: options.port.is_some(),
        about: about(&paths, &options, tcp.as_ref()),
        inbox,
        board: picture,
        book: rules,
        changes: changes.clone(),
        opens: options.opens.clone(),
        journal: Arc::new(journal.clone()),
    };
    let Beside { hub, mut tasks, announcer } = ground.set_up();
    let errands = Errands::new(inputs.clone(), changes.clone(), store.trouble()).context("cannot watch files")?;
    let views = Views { board, book, changes };
    let engine = Engine::new(core, keeper, store.clone(), errands.clone(), views, stop.clone());
    tasks.push(tokio::spawn(engine.run(asks, reports)));
    inputs.send(Input::Trouble(trouble.or(off))).await.context("the engine stopped at once")?;

    let router = api::router(hub.clone(), token);
    let running = Running { hub, router, stop, store, journal, tasks, voice: None, paths, _lock: lock };
    let running = running.begin(tcp, watches, &errands, announcer).await?;
    inputs.send(Input::Listening).await.context("the engine stopped at once")?;
    Ok(running)
}

impl Running {
    /// Resolves when somebody asked the daemon to leave.
    pub async fn stopped(&self) {
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// Lets every waiting hook go: nobody will answer, so the terminals ask.
    pub async fn release_all(&self) {
        let (reply, done) = oneshot::channel();
        if self.hub.inbox.send(Ask::ReleaseAll { reply }).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Closes the doors and the store. Hooks that wait come back to the next daemon.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Some(voice) = self.voice {
            let _ = tokio::time::timeout(LEAVING, voice).await;
        }
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
        let _ = std::fs::remove_file(&self.paths.socket);
        let _ = std::fs::remove_file(self.paths.state.join("port"));
        if let Err(error) = self.store.close().await {
            tracing::error!("the database did not close as it should: {error}");
        }
        self.journal.settle(LEAVING).await;
        self.journal.empty().await;
        tracing::info!("stopped");
    }

    /// Catches up, and lets callers in.
    async fn begin(
        mut self,
        tcp: Option<TcpListener>,
        watches: Vec<Effect>,
        errands: &Errands,
        announcer: Announcer<notify::Server>,
    ) -> Result<Self> {
        let spool = self.drain().await;
        // What was spooled is old: nobody is told of it now.
        self.voice = Some(tokio::spawn(announcer.run(self.stop.subscribe())));
        // Only then: what hooks said while nobody listened came before what files and processes say now.
        watches.into_iter().chain(default_configs()).for_each(|effect| errands.run(effect));
        self.open_doors(tcp, spool)?;
        Ok(self)
    }

    /// Takes in what lies in the journal and in the spool.
    async fn drain(&self) -> Spool {
        let mut spool = Spool::new(self.paths.state.clone(), self.hub.inbox.clone(), self.store.clone());
        // The spool may have to make room first.
        let all = self.journal.empty().await;
        take_in(&mut spool).await;
        if !all && self.journal.empty().await {
            take_in(&mut spool).await;
        }
        spool
    }

    fn open_doors(&mut self, tcp: Option<TcpListener>, spool: Spool) -> Result<()> {
        let unix = doors::bind_unix(&self.paths.socket)?;
        let (router, stopped) = (self.router.clone(), self.stop.subscribe());
        self.tasks.push(tokio::spawn(doors::serve_unix(unix, (&self.hub).into(), router.clone(), stopped.clone())));
        if let Some(tcp) = tcp {
            self.tasks.push(tokio::spawn(doors::serve_tcp(tcp, router, stopped)));
        }
        self.tasks.push(tokio::spawn(spool.follow()));
        self.tasks.push(tokio::spawn(self.journal.clone().follow()));
        let (program, version) = (self.hub.about.program, env!("CARGO_PKG_VERSION"));
        tracing::info!("{program} {version} listens on {}", self.paths.socket.display());
        Ok(())
    }
}

/// Takes in what lies in the spool.
async fn take_in(spool: &mut Spool) {
    match spool.drain().await {
        Ok(Drained { new: 0, .. }) => {}
        Ok(Drained { new, .. }) => tracing::info!("{new} events had been spooled"),
        Err(error) => tracing::error!("spooled events stay where they are: {error:#}"),
    }
}

/// The places, the settings, and the lock.
async fn prepare(options: &Options) -> Result<(Paths, Config, Lock)> {
    let mut paths = Paths::find()?;
    paths.create()?;
    let config = Config::load(&paths.config)?;
    let lock = take_lock(&paths, options).await?;
    Ok((paths, config, lock))
}

/// A desktop starts programs with 1,024: too few for a crowd of hooks.
fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(DESCRIPTORS, |most| most.min(DESCRIPTORS));
    if limit.current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit })
    {
        tracing::warn!("cannot have more than {:?} files open: {error}", limit.current);
    }
}

/// Takes the lock, after asking a `ccmon daemon` that holds it to leave.
async fn take_lock(paths: &Paths, options: &Options) -> Result<Lock> {
    let patience = if options.take_over && is_headless(paths).await {
        let asked: Result<Value, _> = Client::new(&paths.socket).post("/shutdown", &json!({})).await;
        asked.context("the running daemon does not leave")?;
        HANDOVER
    } else {
        LEAVING
    };
    lock::take(&paths.lock(), options.program, patience).await
}

async fn is_headless(paths: &Paths) -> bool {
    let health: Result<Value, _> = Client::new(&paths.socket).get("/healthz").await;
    health.is_ok_and(|health| health.get("program").and_then(Value::as_str) == Some("ccmon"))
}

/// Opens the database; also what the user has to know when a broken one was set aside.
async fn open_store(paths: &Paths, config: &Config) -> Result<Remembered> {
    let mut opened = Store::open(&paths.database()).context("cannot open the database")?;
    let mut remembered = remember(&opened.store, config);
    // A row that an index names, and that is not there, is damage as well.
    if let Err(damage @ (StoreError::Corrupt { .. } | StoreError::Row(_))) = &remembered {
        opened = opened.store.begin_anew(damage).await.context("cannot begin a new database")?;
        remembered = remember(&opened.store, config);
    }
    let (core, watches) = remembered.context("cannot read the stored sessions")?;
    let trouble = opened.set_aside.as_deref().map(set_aside);
    Ok(Remembered { store: opened.store, trouble, core, watches })
}

/// The store, and what was in it.
struct Remembered {
    store: Store,
    /// What the user has to know of it.
    trouble: Option<String>,
    core: Core,
    watches: Vec<Effect>,
}

fn set_aside(broken: &Path) -> String {
    let text = format!("the database was damaged: it is kept as {}, and a new one was begun", broken.display());
    tracing::error!("{text}");
    text
}

/// A core that has seen what is stored of the sessions that have not ended, and what it wants
/// watched.
fn remember(store: &Store, config: &Config) -> Result<(Core, Vec<Effect>), StoreError> {
    let mut core = Core::new(config.limits());
    let read = store.reader().each_open_event(|stored| match record::event(&stored.row) {
        Some(event) => core.refold(event),
        None => tracing::warn!("stored event {}, {}, is not understood", stored.id, stored.row.kind),
    });
    read?;
    let watches = core.resume(clock::wall());
    Ok((core, watches))
}

/// The rules as they were left; also what the user has to know when they cannot be used.
fn keep_rules(store: &Store, core: &mut Core) -> (Keeper, Option<String>) {
    let sessions = &core.board().sessions;
    let alive = |key: &str| sessions.values().any(|s| s.state != State::Ended && s.key.to_string() == key);
    let keeper = Keeper::load(&store.reader(), alive);
    let off = keeper.book().broken().map(engine::rules_are_off);
    off.iter().for_each(|text| tracing::error!("{text}"));
    core.apply(clock::wall(), Input::PauseRules(keeper.book().is_paused()));
    (keeper, off)
}

/// The TCP door, where it is wanted and can be had: without it everything but browsers works.
fn open_tcp(paths: &Paths, config: &Config, options: &Options) -> Result<Option<(TcpListener, Token)>> {
    if !config.web.enabled {
        return Ok(None);
    }
    let preferred = options.port.unwrap_or(config.web.port);
    doors::bind_tcp(&paths.state, preferred).map(Some).context("cannot open the TCP port")
}

fn about(paths: &Paths, options: &Options, tcp: Option<&TcpListener>) -> About {
    About {
        program: options.program,
        socket: paths.socket.display().to_string(),
        port: tcp.and_then(|tcp| tcp.local_addr().ok()).map(|address| address.port()),
        started: clock::wall().0,
    }
}

/// Claude's usual config directories: sessions may be running before the first hook speaks.
fn default_configs() -> impl Iterator<Item = Effect> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let usual = set("HOME").map(|home| format!("{home}/.claude"));
    set("CLAUDE_CONFIG_DIR").into_iter().chain(usual).map(Effect::WatchConfig)
}
