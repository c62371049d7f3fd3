//! The daemon, on a thread of its own.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::Request;
use ccmon::api::{self, Caller, Hub, Opening, Opens, Wish};
use ccmon::core::Approval;
use ccmon::daemon::upgrade::{self, Fate};
use ccmon::daemon::{self, Held, Options, Running};
use ccmon::logging;
use ccmon::notify;
use ccmon::paths::{Paths, own_directory};
use ccmon::welcome;
use serde_json::{Value, json};
use tao::event_loop::EventLoopProxy;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::oneshot;

use crate::{End, UserEvent};

/// How long an end waits for threads that still read.
const LEAVING: Duration = Duration::from_secs(1);

/// What is said when nobody waits.
const ALL_CLEAR: (&str, &str) = ("All clear", "No session needs you.");

/// The way to the daemon.
pub struct Host {
    /// Runs what must not run on the GTK thread.
    pub runtime: Handle,
    /// The daemon's routes, for our pages.
    pub router: axum::Router,
    /// The way to what changes.
    pub hub: Hub,
    quit: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    proxy: EventLoopProxy<UserEvent>,
}

/// What the daemon's thread hands over once it is up.
type Up = (Handle, axum::Router, Hub);

impl Host {
    /// Starts the daemon, and waits until it is up.
    ///
    /// # Errors
    /// When it cannot start; with the reason.
    pub fn start(proxy: EventLoopProxy<UserEvent>) -> Result<Self> {
        let (up, is_up) = std::sync::mpsc::channel();
        let (quit, asked_to_quit) = oneshot::channel();
        let events = proxy.clone();
        let thread =
            std::thread::Builder::new().name("daemon".into()).spawn(move || run(&up, asked_to_quit, &events))?;
        let (runtime, router, hub) = is_up.recv().context("the daemon's thread ended at once")??;
        Ok(Self { runtime, router, hub, quit: Some(quit), thread: Some(thread), proxy })
    }

    /// Lets every request go to its terminal, and ends the daemon; [`UserEvent::Ended`] follows.
    pub fn quit(&mut self) {
        if let Some(quit) = self.quit.take() {
            let _ = quit.send(());
        }
    }

    /// Takes the user to a terminal. A jump that fails says so on the desktop: nothing else would.
    pub fn go(&self, wish: Wish) {
        let jumps = Arc::clone(&self.hub.jumps);
        let next = matches!(wish, Wish::Next { .. });
        self.runtime.spawn(async move {
            let (summary, body) = match jumps.go(wish, Caller::default()).await {
                Ok(went) if next && went.session.is_none() => ALL_CLEAR,
                Ok(went) => return went.notes.iter().for_each(|note| tracing::info!("jumped, but {note}")),
                Err(ref why) => {
                    tracing::warn!("could not jump: {why}");
                    ("ccmon could not go there", &*why.clone())
                }
            };
            notify::tell(summary, body).await;
        });
    }

    /// Says on the desktop that nobody waits.
    pub fn say_all_clear(&self) {
        let (summary, body) = ALL_CLEAR;
        self.runtime.spawn(notify::tell(summary, body));
    }

    /// Lets a request go to its terminal: it was put off. Where somebody was faster, there is nothing to do.
    pub fn release(&self, approval: &Approval) {
        let path = format!("/approvals/{}/decision", approval.id);
        let body = json!({ "decision": "release", "shown": &*approval.shown });
        let router = self.router.clone();
        self.runtime.spawn(async move {
            if let Err(why) = post(&router, &path, &body).await {
                tracing::info!("a request was put off, and not released: {why}");
            }
        });
    }

    /// Keeps rules from answering, or lets them again.
    pub fn pause_rules(&self, pause: bool) {
        match pause {
            true => self.ask("/rules/pause", json!({}), "ccmon could not pause the rules"),
            false => self.ask("/rules/resume", json!({}), "ccmon could not resume the rules"),
        }
    }

    /// Keeps popups and notifications away until then, as `POST /quiet` takes it, or lets them come again.
    pub fn hush(&self, until: &Value) {
        self.ask("/quiet", json!({ "until": until }), "ccmon could not be quiet");
    }

    /// Asks the daemon for something. What goes wrong is said on the desktop: the icon merely stays as it is.
    fn ask(&self, path: &'static str, body: Value, summary: &'static str) {
        let router = self.router.clone();
        self.runtime.spawn(async move {
            if let Err(why) = post(&router, path, &body).await {
                tracing::warn!("{summary}: {why}");
                notify::tell(summary, &why).await;
            }
        });
    }

    /// Waits for the daemon's thread, which has said that it ended.
    pub fn join(&mut self) {
        let _ = self.thread.take().map(JoinHandle::join);
    }

    /// Sends [`UserEvent::Wake`] after a while.
    pub fn wake_in(&self, wait: Duration) {
        let proxy = self.proxy.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(wait).await;
            let _ = proxy.send_event(UserEvent::Wake);
        });
    }
}

/// Asks the daemon to do something, as a page of ours would; `Err` says in words why it was not done.
async fn post(router: &axum::Router, path: &str, body: &Value) -> Result<(), String> {
    let request = Request::post(path).header("content-type", "application/json");
    let request = request.body(body.to_string().into_bytes()).map_err(|error| error.to_string())?;
    let response = api::from_window(router, request).await;
    if response.status().is_success() {
        return Ok(());
    }
    let problem: Option<Value> = serde_json::from_slice(response.body()).ok();
    let detail = problem.as_ref().and_then(|problem| problem.get("detail")?.as_str());
    Err(detail.map_or_else(|| format!("the daemon answered {}", response.status()), str::to_owned))
}

fn run(up: &std::sync::mpsc::Sender<Result<Up>>, quit: oneshot::Receiver<()>, events: &EventLoopProxy<UserEvent>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(up.send(Err(error.into()))),
    };
    let served = runtime.block_on(async {
        match start().await {
            Ok((running, openings)) => {
                tokio::spawn(pass_on(openings, events.clone()));
                let greeting = events.clone();
                tokio::task::spawn_blocking(move || greet(&greeting));
                let _ = up.send(Ok((Handle::current(), running.router.clone(), running.hub.clone())));
                serve(running, quit, events).await
            }
            Err(error) => {
                say_why(&error).await;
                let _ = up.send(Err(error));
                Ok(End::Asked)
            }
        }
    });
    // Whoever still reads, for a file or a replay, is not waited for.
    runtime.shutdown_timeout(LEAVING);
    let end = served.unwrap_or_else(|error| End::Failed(format!("{error:#}")));
    let _ = events.send_event(UserEvent::Ended(end));
}

/// Says on the desktop why there is no icon: whoever started it there sees nothing else. That another one runs is seen.
async fn say_why(error: &anyhow::Error) {
    if !error.is::<Held>() {
        let why = format!("{error:#}");
        // A bus that hangs is not waited for.
        let _ = tokio::time::timeout(LEAVING, notify::tell("ccmon cannot start", &why)).await;
    }
}

/// The daemon, and what is to be opened: listened to before anybody can ask for it.
async fn start() -> Result<(Running, Receiver<Opening>)> {
    let paths = Paths::find()?;
    own_directory(&paths.state)?;
    logging::to_file(&paths.log())?;
    let opens = Opens::default();
    let openings = opens.subscribe();
    let running = daemon::start(Options { program: "ccmon-tray", port: None, take_over: true, opens }).await?;
    Ok((running, openings))
}

/// Shows the welcome page to who starts it for the first time, and never again by itself.
fn greet(events: &EventLoopProxy<UserEvent>) {
    if Paths::find().is_ok_and(|paths| welcome::opens_by_itself(&paths.state)) {
        let _ = events.send_event(UserEvent::Welcome);
    }
}

/// Passes on what is to be opened, for as long as the daemon runs.
async fn pass_on(mut openings: Receiver<Opening>, events: EventLoopProxy<UserEvent>) {
    loop {
        match openings.recv().await {
            Ok(opening) => drop(events.send_event(UserEvent::Open(opening))),
            Err(RecvError::Lagged(missed)) => tracing::warn!("{missed} windows were asked for too fast to open them"),
            Err(RecvError::Closed) => return,
        }
    }
}

/// Passes the picture on until somebody ends it.
async fn serve(running: Running, quit: oneshot::Receiver<()>, events: &EventLoopProxy<UserEvent>) -> Result<End> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut board = running.hub.board.clone();
    board.mark_changed();
    let pictures = async {
        while board.changed().await.is_ok() {
            let picture = board.borrow_and_update().clone();
            let _ = events.send_event(UserEvent::Board(picture));
        }
    };
    let mut stage = running.hub.sight.stage.clone();
    let stages = async {
        while stage.changed().await.is_ok() {
            let around = stage.borrow_and_update().clone();
            let _ = events.send_event(UserEvent::Stage(around));
        }
        std::future::pending::<()>().await;
    };
    let mut end = End::Asked;
    tokio::select! {
        () = stages => {}
        () = pictures => anyhow::bail!("the daemon stopped by itself: daemon.log in the state directory says why"),
        // Stopped to be started again, or by another daemon: the hooks keep waiting, and come back.
        _ = terminate.recv() => {}
        () = running.stopped() => {}
        // Ended by hand: nobody will answer, so the terminals ask.
        _ = quit => running.release_all().await,
        _ = tokio::signal::ctrl_c() => running.release_all().await,
        fate = upgrade::fate() => match fate {
            Fate::Replaced(program) => end = End::Replaced(program),
            Fate::Removed => running.release_all().await,
        },
    }
    running.stop().await;
    if upgrade::is_to_end(&mut terminate).await {
        end = End::Asked;
    }
    Ok(end)
}
