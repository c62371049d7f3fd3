//! Whether a page lives: one that hangs takes in nothing, and nothing else tells of it.

use std::time::{Duration, Instant};

/// So long a page may take to take something in; a slow machine needs this much to load it.
const PATIENCE: Duration = Duration::from_secs(6);

/// Since when it was told something, and has taken in nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse(Option<Instant>);

impl Pulse {
    /// It is told something.
    pub fn told(&mut self, now: Instant) {
        self.0.get_or_insert(now);
    }

    /// It has taken something in.
    pub fn took(&mut self) {
        self.0 = None;
    }

    /// Whether it takes too long.
    #[must_use]
    pub fn is_lost(self, now: Instant) -> bool {
        self.0.is_some_and(|since| now.duration_since(since) >= PATIENCE)
    }

    /// How long until it does.
    #[must_use]
    pub fn wait(self, now: Instant) -> Option<Duration> {
        let left = self.0.map(|since| PATIENCE.saturating_sub(now.duration_since(since)));
        left.filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_takes_nothing_in_for_long_is_lost_until_it_does() {
        let (mut pulse, now) = (Pulse::default(), Instant::now());
        let later = now + PATIENCE;
        assert!(!pulse.is_lost(later) && pulse.wait(now).is_none(), "it was told nothing");
        pulse.told(now);
        pulse.told(later);
        assert_eq!((pulse.is_lost(now), pulse.wait(now)), (false, Some(PATIENCE)));
        assert_eq!((pulse.is_lost(later), pulse.wait(later)), (true, None));
        pulse.took();
        assert!(!pulse.is_lost(later));
    }
}
