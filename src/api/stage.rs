//! What the popup has to know of the desktop around it, and what it says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::watch;

use crate::config::Popup;
use crate::core::{ApprovalId, SessionKey, Time};
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
    /// For each session that asks: whether the user looks at its terminal. Not there while it is not known.
    pub terminals: BTreeMap<SessionKey, bool>,
    /// Where a window fills a monitor, in the desktop's own pixels.
    pub covers: Vec<Area>,
}

/// What the popup says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Showing {
    /// When it comes on the screen.
    pub comes: Comes,
    /// Requests that it shows because somebody asked for them.
    pub asked: BTreeSet<ApprovalId>,
}

/// When a popup comes on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comes {
    /// By itself.
    #[default]
    Itself,
    /// When it is asked for: notifications tell of requests in its place.
    Asked,
    /// When it is asked for; just now nothing shall disturb.
    Quietly,
}

/// The way between the popup and those who look around.
#[derive(Clone, Debug)]
pub struct Sight {
    /// What they see.
    pub stage: watch::Receiver<Arc<Stage>>,
    /// What the popup says. `None` while there is no popup at all.
    pub popup: watch::Sender<Option<Showing>>,
}

impl Sight {
    /// Nobody looks around.
    #[must_use]
    pub fn none() -> Self {
        Self { stage: watch::channel(Arc::default()).1, popup: watch::channel(None).0 }
    }
}
