//! Global shortcuts: keys that do something whatever program has the keyboard. Off unless the settings name some.
//!
//! [`keys`] reads them, [`x11`] takes them from an X server, [`portal`] asks a Wayland desktop for them. Knows no
//! sessions, no windows, and not what the keys are for.

pub mod keys;
pub mod portal;
pub mod x11;

use std::collections::BTreeMap;

use serde::Serialize;

pub use keys::Keys;

/// What a shortcut does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Goes to the session that needs the user most.
    Next,
    /// Shows the popup, or puts it away.
    Popup,
}

impl Act {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Next, Self::Popup];

    /// Its name in the settings, and for a portal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Popup => "popup",
        }
    }

    /// What it does, in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Next => "Go to the Claude session that needs you most",
            Self::Popup => "Show or hide the requests that wait for you",
        }
    }
}

/// The keys that are wanted.
pub type Wanted = BTreeMap<Act, Keys>;

/// How a shortcut stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// The settings name no keys.
    #[default]
    Off,
    /// The desktop asks the user.
    Asking,
    /// It works,
    On {
        /// with these keys, as the desktop calls them, when it may have given others.
        keys: Option<String>,
    },
    /// It does not.
    Failed {
        /// Why, and what to do, in words.
        why: String,
    },
}

/// How all of them stand.
pub type Standings = BTreeMap<Act, Standing>;

/// Each as this says of those that are wanted; the others are off.
#[must_use]
pub fn standings(wanted: &Wanted, mut of: impl FnMut(Act, &Keys) -> Standing) -> Standings {
    Act::ALL.into_iter().map(|act| (act, wanted.get(&act).map_or(Standing::Off, |keys| of(act, keys)))).collect()
}

/// All that are wanted fail for one reason.
#[must_use]
pub fn failed(wanted: &Wanted, why: &str) -> Standings {
    standings(wanted, |_, _| Standing::Failed { why: why.to_owned() })
}
