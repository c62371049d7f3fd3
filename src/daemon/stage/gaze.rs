//! What looks came to, and when they are believed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::core::SessionKey;
use crate::locate::Area;

/// For so long the user has to look at a terminal before what is on the screen goes for it: a pointer that
/// passes over, where the focus follows it, is no look.
const STAYS: Duration = Duration::from_millis(600);

/// What is known of the terminals of those that ask.
#[derive(Debug, Default)]
pub struct Gaze {
    terminals: BTreeMap<SessionKey, Known>,
    /// Where windows fill a monitor; not known before the first look.
    pub covers: Option<Vec<Area>>,
}

#[derive(Debug, Default)]
struct Known {
    /// A look is under way.
    looking: bool,
    looks: Option<bool>,
    /// Since when the user looks, not believed yet.
    since: Option<Instant>,
}

impl Gaze {
    /// Whether anybody asks.
    pub fn asks(&self) -> bool {
        !self.terminals.is_empty()
    }

    /// Forgets those that do not ask any more.
    pub fn keep(&mut self, asks: impl Fn(&SessionKey) -> bool) {
        self.terminals.retain(|key, _| asks(key));
        if self.terminals.is_empty() {
            self.covers = None;
        }
    }

    /// A look begins; `false` when one is under way.
    pub fn begin(&mut self, key: &SessionKey) -> bool {
        let known = self.terminals.entry(key.clone()).or_default();
        !std::mem::replace(&mut known.looking, true)
    }

    /// It asks for something, perhaps once more: that nobody looks was of before.
    pub fn begin_anew(&mut self, key: &SessionKey) {
        let known = self.terminals.entry(key.clone()).or_default();
        if known.looks == Some(false) {
            (known.looks, known.since) = (None, None);
        }
    }

    /// A look ended; whether it told something new.
    pub fn hear(&mut self, key: &SessionKey, looks: bool, now: Instant) -> bool {
        let known = self.terminals.entry(key.clone()).or_default();
        known.looking = false;
        let since = known.since.take().filter(|_| looks);
        if looks && known.looks == Some(false) {
            let since = since.unwrap_or(now);
            if now.duration_since(since) < STAYS {
                known.since = Some(since);
                return true;
            }
        }
        known.looks.replace(looks) != Some(looks)
    }

    /// What fills the screen; whether that is new.
    pub fn see(&mut self, covers: Vec<Area>) -> bool {
        let new = self.covers.as_ref() != Some(&covers);
        self.covers = Some(covers);
        new
    }

    /// What counts, once everything was looked at.
    pub fn verdicts(&self) -> BTreeMap<SessionKey, bool> {
        let known = self.terminals.iter().filter(|_| self.covers.is_some());
        known.filter_map(|(key, known)| Some((key.clone(), known.looks?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SessionKey {
        SessionKey("k".into())
    }

    #[test]
    fn nothing_counts_before_everything_was_looked_at() {
        let (mut gaze, now) = (Gaze::default(), Instant::now());
        assert!(gaze.begin(&key()) && !gaze.begin(&key()), "one look at a time");
        assert!(gaze.asks() && gaze.verdicts().is_empty());
        gaze.hear(&key(), true, now);
        assert!(gaze.verdicts().is_empty(), "what fills the screen is not known");
        gaze.covers = Some(Vec::new());
        assert_eq!(gaze.verdicts(), [(key(), true)].into());
        gaze.keep(|_| false);
        assert!(!gaze.asks() && gaze.covers.is_none());
    }

    #[test]
    fn who_asks_again_is_looked_at_again_before_nobody_counts() {
        let (mut gaze, now) = (Gaze::default(), Instant::now());
        assert!(gaze.see(Vec::new()) && !gaze.see(Vec::new()), "the same is nothing new");
        assert!(gaze.hear(&key(), false, now) && !gaze.hear(&key(), false, now));
        gaze.begin_anew(&key());
        assert!(gaze.verdicts().is_empty(), "the user may have come meanwhile");
        assert!(gaze.hear(&key(), true, now));
        gaze.begin_anew(&key());
        assert_eq!(gaze.verdicts(), [(key(), true)].into(), "until one knows otherwise no popup comes");
    }

    #[test]
    fn a_pointer_that_passes_is_no_look_and_leaving_counts_at_once() {
        let (mut gaze, start) = (Gaze { covers: Some(Vec::new()), ..Gaze::default() }, Instant::now());
        let mut at = |ms, looks| {
            gaze.hear(&key(), looks, start + Duration::from_millis(ms));
            gaze.verdicts()[&key()]
        };
        assert!(!at(0, false));
        assert!(!at(100, true));
        assert!(!at(500, false), "it went on");
        assert!(!at(900, true));
        assert!(at(1_600, true), "it stayed");
        assert!(!at(1_601, false));
    }
}
