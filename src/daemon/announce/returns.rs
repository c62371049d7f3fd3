//! What a notification server took with it comes back with the next one; not again and again, where servers die of it.

/// Most times within [`LATELY`].
const MOST: usize = 3;
/// In milliseconds.
const LATELY: u64 = 60_000;

/// When what was lost was said again.
#[derive(Debug, Default)]
pub struct Returns(Vec<u64>);

impl Returns {
    /// Whether it may be said again now.
    pub fn may_come(&mut self, at: u64) -> bool {
        self.0.retain(|then| at.saturating_sub(*then) < LATELY);
        self.0.len() < MOST
    }

    /// It was.
    pub fn came(&mut self, at: u64) {
        self.0.push(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_times_a_minute_are_enough() {
        let mut returns = Returns::default();
        let mut come = |at| {
            let may = returns.may_come(at);
            if may {
                returns.came(at);
            }
            may
        };
        assert_eq!(
            [0, 10, 20, 30, 59_999, 60_000, 60_001].map(&mut come),
            [true, true, true, false, false, true, false]
        );
    }
}
