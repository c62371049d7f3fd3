//! Time as the core knows it: an argument.

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since the Unix epoch, on the engine's clock.
///
/// That clock is set to the wall once, when the daemon starts, and then only counts forward: a
/// change of the wall clock or a suspended laptop never makes an age negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// The moment `ms` milliseconds later.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds since `earlier`; zero when `earlier` lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
