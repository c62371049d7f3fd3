//! What the routes need of ways to terminals.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use crate::core::{Session, SessionKey};

/// Where the user wants to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To this session's terminal.
    To(SessionKey),
    /// To the one that needs them most.
    Next {
        /// Only say which that is.
        dry_run: bool,
    },
    /// To where the last jump came from.
    Back,
}

/// Where the user is, when they ask from a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caller {
    /// Its process, as the kernel tells; not the caller's to say.
    #[serde(skip)]
    pub pid: Option<u32>,
    /// The terminal they sit at; of a client of tmux, when that is known.
    pub tty: Option<String>,
    /// Variables that tell where it is, and of which desktop.
    pub env: BTreeMap<String, String>,
}

/// Where the user got to.
#[derive(Clone, Debug, Default)]
pub struct Went {
    /// The session; none when nothing needs them, or they went back.
    pub session: Option<Arc<Session>>,
    /// Where its terminal is, in words; empty when they stayed where they were.
    pub place: String,
    /// What could not be done, though they got there.
    pub notes: Vec<String>,
}

/// A jump under way; the error says what happened, why, and what would help.
pub type Going<'a> = Pin<Box<dyn Future<Output = Result<Went, String>> + Send + 'a>>;

/// Ways to terminals.
pub trait Jumps: Send + Sync {
    /// Takes the user there.
    fn go(&self, wish: Wish, caller: Caller) -> Going<'_>;
}
