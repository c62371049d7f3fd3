//! What the popup's page and the window around it tell each other.

use std::collections::BTreeSet;

use ccmon::api::view::{ApprovalView, approval_view};
use ccmon::core::{Board, Time};
use serde::{Deserialize, Serialize};

/// How many settled requests the page is told of: it says how the one on screen ended.
const SETTLED: usize = 32;

/// Window → page.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told {
    /// How things stand.
    Board {
        /// The host's clock, ms since the Unix epoch.
        now: Time,
        /// Pending requests, oldest first.
        approvals: Vec<ApprovalView>,
        /// Requests settled last.
        settled: Vec<ApprovalView>,
        /// Pending requests that are not to be shown just now.
        silent: BTreeSet<String>,
        /// `ok` or `lost`.
        daemon: &'static str,
        /// So that paths can begin with `~`.
        home: Option<String>,
        /// Whether the window can take the user to a terminal.
        jumps: bool,
    },
    /// Whether the window has the keyboard.
    Focus {
        /// It has.
        on: bool,
    },
    /// What the desktop wants of every program.
    Look {
        /// High contrast.
        contrast: bool,
        /// Nothing moves.
        still: bool,
    },
    /// Somebody asked for a request.
    Show {
        /// Which; the oldest when not said.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
}

/// Page → window.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tells {
    /// It is loaded.
    Ready,
    /// The height it would like, in CSS pixels.
    Size {
        /// In CSS pixels.
        height: u32,
    },
    /// This request is on the screen.
    Shown {
        /// Which.
        id: String,
    },
    /// Put off by the user.
    Later {
        /// Which.
        id: String,
    },
    /// The user wants to go to this session's terminal.
    Jump {
        /// Key of its row.
        session: String,
    },
    /// The user wants to see this request in the dashboard.
    Dashboard {
        /// Which.
        id: String,
    },
    /// Nothing is left to show.
    Empty {
        /// Of all that the page knows to wait.
        known: BTreeSet<String>,
    },
}

impl Told {
    /// The picture as the page is told it.
    #[must_use]
    pub fn board(board: &Board, now: Time, lost: bool, silent: &BTreeSet<String>) -> Self {
        let view = |approval: &std::sync::Arc<ccmon::core::Approval>| approval_view(board, approval);
        Self::Board {
            now,
            approvals: board.pending().into_iter().map(view).collect(),
            settled: board.settled().into_iter().take(SETTLED).map(view).collect(),
            silent: silent.clone(),
            daemon: if lost { "lost" } else { "ok" },
            home: std::env::var("HOME").ok(),
            jumps: true,
        }
    }

    /// The script that tells the page.
    #[must_use]
    pub fn script(&self) -> String {
        script(self)
    }
}

/// The script that tells a page something.
#[must_use]
pub fn script(told: &impl Serialize) -> String {
    // JSON is JavaScript, but for two line separators that old engines end a string at.
    let json = serde_json::to_string(told).unwrap_or_else(|_| "null".into());
    format!("receive({})", json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"))
}
