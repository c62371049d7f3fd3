//! How often it is looked again while somebody asks: a pane that goes out of view, and a full screen that ends, are
//! told by no signal.

use std::time::{Duration, Instant};

/// How soon it is looked again after something changed,
const SOON: Duration = Duration::from_millis(700);
/// and how long it is waited at most, while nothing does.
const LONGEST: Duration = Duration::from_secs(10);

/// When to look next. While nothing changes, each pause is twice as long as the one before.
#[derive(Debug)]
pub struct Pace {
    next: Instant,
    pause: Duration,
}

impl Pace {
    /// Now.
    pub fn new(now: Instant) -> Self {
        Self { next: now, pause: SOON }
    }

    /// A signal came: it is looked at once.
    pub fn wake(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// Something is new: it is looked again soon.
    pub fn hurry(&mut self, now: Instant) {
        self.next = self.next.min(now + SOON);
        self.pause = SOON * 2;
    }

    /// Whether to look now; then the next pause begins.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let due = now >= self.next;
        if due {
            self.next = now + self.pause;
            self.pause = (self.pause * 2).min(LONGEST);
        }
        due
    }

    /// When it is time.
    pub fn next(&self) -> Instant {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many milliseconds it is looked, for so long.
    fn looks(pace: &mut Pace, begun: Instant, for_ms: u64) -> Vec<u128> {
        let mut looks = Vec::new();
        while pace.next() <= begun + Duration::from_millis(for_ms) {
            let at = pace.next();
            assert!(pace.is_due(at) && !pace.is_due(at));
            looks.push(at.duration_since(begun).as_millis());
        }
        looks
    }

    #[test]
    fn while_nothing_changes_it_is_looked_less_and_less_often() {
        let begun = Instant::now();
        let mut pace = Pace::new(begun);
        assert_eq!(looks(&mut pace, begun, 31_000), [0, 700, 2_100, 4_900, 10_500, 20_500, 30_500]);
        let news = begun + Duration::from_secs(31);
        pace.hurry(news);
        assert_eq!(looks(&mut pace, news, 3_000), [700, 2_100], "something is new");
        pace.wake(news);
        assert_eq!(looks(&mut pace, news, 1_000), [0, 700], "a signal came");
    }

    #[test]
    fn news_upon_news_put_nothing_off() {
        let begun = Instant::now();
        let mut pace = Pace::new(begun);
        assert!(pace.is_due(begun));
        for ms in [100, 300, 600] {
            pace.hurry(begun + Duration::from_millis(ms));
        }
        assert_eq!(pace.next(), begun + SOON);
    }
}
