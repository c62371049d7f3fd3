//! The daemon: the only room where rooms meet.
//!
//! [`start`] takes the lock, opens the store, brings a core up to date from it, drains the spool,
//! and opens the two doors. From then on the [`engine`] is the one owner of all state.

pub mod clock;
mod engine;
mod history;
mod lock;
mod perform;
mod place;
mod record;
mod spool;
mod watch;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::{broadcast, mpsc, watch as watched};
use tokio::task::JoinHandle;

use crate::api::{self, About, Ask, Hub};
use crate::config::Config;
use crate::core::{Board, Core, Input, Limits};
use crate::paths::Paths;
use crate::store::{Opened, Store};
use engine::Engine;
pub use lock::Held;
use perform::Errands;
use spool::Spool;

/// How many asks may wait for the engine; more wait at the door.
const INBOX: usize = 1_024;

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// `ccmon` or `ccmon-tray`, for `/healthz` and for who is told that we run.
    pub program: &'static str,
    /// TCP port to try first, instead of the configured one.
    pub port: Option<u16>,
    /// Ask a running `ccmon daemon` to leave, and take its place.
    pub take_over: bool,
}

/// A running daemon.
pub struct Running {
    /// The way to it, for whoever shares the process.
    pub hub: Hub,
    /// The same routes as behind the doors, for windows of this process.
    pub router: axum::Router,
    stop: watched::Sender<bool>,
    store: Store,
    tasks: Vec<JoinHandle<()>>,
    socket: std::path::PathBuf,
    _lock: lock::Lock,
}

/// Starts the daemon on the current tokio runtime.
///
/// # Errors
/// [`Held`] when one runs already; others when a place, the store or the socket cannot be had.
pub async fn start(options: Options) -> Result<Running> {
    let mut paths = Paths::find()?;
    paths.create()?;
    let config = Config::load(&paths.config)?;
    let lock = take_lock(&paths, &options).await?;
    let (store, core, trouble) = open(&paths, &config)?;
    let (stop, _) = watched::channel(false);
    let (inputs, from_watches) = mpsc::channel(INBOX);
    let (inbox, asks) = mpsc::channel(INBOX);
    let hub = hub(&paths, &options, inbox, &store).await?;
    let engine = wire(core, &store, &hub, &inputs, &stop);
    let mut tasks = vec![tokio::spawn(engine.run(asks, from_watches))];
    inputs.send(Input::Trouble(trouble)).await.ok();
    let spool = Spool::new(ccmon_hook::spool::directory(&paths.state), hub.inbox.clone(), store.clone());
    drain(&spool).await;
    let router = api::router(hub.clone());
    tasks.extend(open_doors(&paths, &config, &options, &hub, &router, &stop)?);
    tasks.push(tokio::spawn(async move {
        if let Err(error) = spool.follow().await {
            tracing::error!("no longer looking at the spool: {error}; spooled events wait for the next start");
        }
    }));
    tracing::info!("listening on {}", paths.socket.display());
    Ok(Running { hub, router, stop, store, tasks, socket: paths.socket, _lock: lock })
}
