//! What the popup has to know of the desktop around it, and what it says of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::config::Popup;
use crate::core::{SessionKey, Time};
use crate::locate::Area;

/// The desktop around the popup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// How the user wants it.
    pub popup: Popup,
    /// Until when the user wants to be left alone.
    pub quiet: Option<Time>,
    /// The screen is locked, or a screen saver covers it.
    pub hidden: bool,
    /// Notifications tell of requests.
    pub notified: bool,
    /// For each session that asks: whether the user looks at its terminal. Not there while it is not known.
    pub terminals: BTreeMap<SessionKey, bool>,
    /// Where a window fills a monitor, in the desktop's own pixels.
    pub covers: Vec<Area>,
}

/// The way between the popup and those who look around.
#[derive(Clone, Debug)]
pub struct Sight {
    /// What they see.
    pub stage: watch::Receiver<Arc<Stage>>,
    /// What the popup says: whether it may be on the screen. `None` while there is no popup at all.
    pub popup: watch::Sender<Option<bool>>,
}

impl Sight {
    /// Nobody looks around.
    #[must_use]
    pub fn none() -> Self {
        Self { stage: watch::channel(Arc::default()).1, popup: watch::channel(None).0 }
    }
}
