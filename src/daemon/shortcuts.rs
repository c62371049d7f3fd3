//! Global shortcuts as the settings want them, and what they do.

use std::sync::Arc;

use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use super::settings::Live;
use crate::api::{Change, Open, Opening, Opens, is_leave};
use crate::config::Config;
use crate::notify::session_bus;
use crate::shortcut::portal;
use crate::shortcut::x11::X11;
use crate::shortcut::{Act, Keys, Standings, Wanted, failed};

/// Keeps the keys as the settings have them, for as long as the daemon runs.
pub async fn follow(mut settings: Live, ears: Ears) {
    let mut way = Way::here(ears);
    let mut before = None;
    loop {
        let wanted = wanted(&settings.borrow_and_update());
        if before.as_ref() != Some(&wanted) {
            way.hold(&wanted).await;
            before = Some(wanted);
        }
        if settings.changed().await.is_err() {
            return;
        }
    }
}

fn wanted(config: &Config) -> Wanted {
    let set = [(Act::Next, &config.shortcut.next), (Act::Popup, &config.shortcut.popup)];
    set.into_iter().filter_map(|(act, text)| Some((act, Keys::parse(text).ok().flatten()?))).collect()
}

/// Who hears of shortcuts.
#[derive(Clone)]
pub struct Ears {
    /// Windows.
    pub opens: Opens,
    /// How they stand, for the settings.
    pub standings: Arc<watch::Sender<Standings>>,
    /// Whoever shows the settings.
    pub changes: broadcast::Sender<Change>,
}

impl Ears {
    fn tell(&self, standings: &Standings) {
        let differs = |before: &mut Standings| {
            let differs = before != standings;
            before.clone_from(standings);
            differs
        };
        if self.standings.send_if_modified(differs) {
            let _ = self.changes.send(Change::Settings);
        }
    }

    fn pressed(&self, act: Act, leave: Option<String>) {
        let what = match act {
            Act::Next => Open::Next,
            Act::Popup => Open::Popup,
        };
        self.opens.send(Opening { what, leave: leave.filter(|leave| is_leave(leave)) });
    }
}

/// How this desktop gives keys away.
enum Way {
    /// A portal is asked, by whoever holds them now.
    Portal(Ears, Option<JoinHandle<()>>),
    /// An X server.
    X11(Ears, Option<Arc<X11>>),
}

impl Way {
    fn here(ears: Ears) -> Self {
        let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|value| !value.is_empty());
        if wayland { Self::Portal(ears, None) } else { Self::X11(ears, None) }
    }

    async fn hold(&mut self, wanted: &Wanted) {
        match self {
            Self::Portal(ears, held) => {
                // The keys go with its connection.
                if let Some(before) = held.take() {
                    before.abort();
                    let _ = before.await;
                }
                let (ears, wanted) = (ears.clone(), wanted.clone());
                *held = Some(tokio::spawn(async move {
                    let Some(bus) = session_bus() else {
                        return ears.tell(&failed(&wanted, "there is no session bus to ask the desktop on"));
                    };
                    portal::hold(&bus, &wanted, |how| ears.tell(&how), |(act, leave)| ears.pressed(act, leave)).await;
                }));
            }
            Self::X11(ears, server) => {
                if server.is_none() && !wanted.is_empty() {
                    *server = listening(ears, wanted).await;
                }
                if let Some(server) = server.clone() {
                    let (ears, wanted) = (ears.clone(), wanted.clone());
                    let held = tokio::task::spawn_blocking(move || ears.tell(&server.hold(&wanted)));
                    let _ = held.await;
                }
            }
        }
    }
}

/// A connection to the X server, and a thread that waits for keys.
async fn listening(ears: &Ears, wanted: &Wanted) -> Option<Arc<X11>> {
    let connected = tokio::task::spawn_blocking(X11::connect).await;
    let server = match connected.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(server) => Arc::new(server),
        Err(why) => {
            ears.tell(&failed(wanted, &why));
            return None;
        }
    };
    let (ears, waiting) = (ears.clone(), Arc::clone(&server));
    let waits = move || waiting.listen(|act| ears.pressed(act, None), |how| ears.tell(&how));
    let started = std::thread::Builder::new().name("shortcuts".into()).spawn(waits);
    started.inspect_err(|error| tracing::error!("no thread for shortcuts: {error}")).ok().map(|_| server)
}
