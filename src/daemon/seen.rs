//! Which events of hooks the core has folded lately.

use std::collections::{HashSet, VecDeque};

/// How many are remembered: as many as a spool holds.
const MOST: usize = ccmon_hook::spool::FILES;

/// The events that were applied to the core last. One of them that comes again, because it could
/// not be stored, or because nobody heard that it was, must not be folded twice.
#[derive(Debug, Default)]
pub struct Applied {
    ids: HashSet<u128>,
    /// Oldest first.
    order: VecDeque<u128>,
}

impl Applied {
    /// Remembers a hook's id; whether it is new.
    pub fn add(&mut self, id: &str) -> bool {
        let Ok(id) = u128::from_str_radix(id, 16) else {
            return true;
        };
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > MOST {
            self.order.pop_front().map(|oldest| self.ids.remove(&oldest));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_known_and_no_more() {
        let mut applied = Applied::default();
        let id = |number: usize| format!("{number:032x}");
        assert!((0..MOST).all(|number| applied.add(&id(number))));
        assert!((0..MOST).all(|number| !applied.add(&id(number))));
        assert!(applied.add(&id(MOST)), "one more");
        assert!(applied.add(&id(0)), "the oldest was forgotten for it");
        assert!(!applied.add(&id(2)));
        assert_eq!((applied.ids.len(), applied.order.len()), (MOST, MOST));
    }
}
