//! How long to wait before what failed is tried again.

use std::time::Duration;

/// The first pause; each is twice as long as the one before,
const FIRST: Duration = Duration::from_secs(1);
/// up to this.
const LONGEST: Duration = Duration::from_secs(60);

/// The pauses between attempts.
#[derive(Debug, Default)]
pub struct Pauses {
    last: Option<Duration>,
}

impl Pauses {
    /// How long to wait after this attempt; as long as it takes when it was the last one.
    pub fn after(&mut self, done: bool) -> Option<Duration> {
        self.last = (!done).then(|| self.longer());
        self.last
    }

    fn longer(&self) -> Duration {
        self.last.map_or(FIRST, |last| (last * 2).min(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_it_works_again() {
        let mut pauses = Pauses::default();
        let seconds = [false; 8].map(|done| pauses.after(done).map(|pause| pause.as_secs()));
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60].map(Some));
        assert_eq!(pauses.after(true), None);
        assert_eq!(pauses.after(false), Some(FIRST));
    }
}
