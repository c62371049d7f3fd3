//! When an age or a countdown on the screen reads differently, so that nobody wakes up before.

use super::layout::{self, Entry};
use super::model::{Mode, Model};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The steady time of the next change; `None` when nothing on the screen has a time.
#[must_use]
pub fn next_change(model: &Model) -> Option<u64> {
    let now = model.now.wall;
    let strips = layout::strips(model);
    let in_sight = strips.iter().flat_map(|strip| strip.in_sight(model.scroll(strip.number)));
    let listed = in_sight.filter_map(|(_, entry)| match entry {
        Entry::Session(key) => model.board.session(key),
        Entry::Heading(..) => None,
    });
    let ages = listed.chain(model.selected()).map(|session| until_next(now.saturating_sub(session.since)));
    let counts = counts_down(model).then_some(SECOND - now % SECOND);
    // At most once a second, whatever the ages say.
    let wait = ages.chain(counts).min()?.max(SECOND);
    Some(model.now.steady + wait)
}

/// A countdown is on the screen.
fn counts_down(model: &Model) -> bool {
    matches!(model.mode, Mode::Ask(_)) || (!model.areas().detail.is_empty() && model.focused().is_some())
}

/// For how long an age stays as it is written.
fn until_next(age: u64) -> u64 {
    let step = match age {
        0..MINUTE => SECOND,
        MINUTE..HOUR => MINUTE,
        HOUR..DAY => HOUR,
        _ => DAY,
    };
    step - age % step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_ages_change_seldom() {
        assert_eq!(until_next(1_400), 600);
        assert_eq!(until_next(MINUTE), MINUTE);
        assert_eq!(until_next(2 * HOUR + 30 * MINUTE), 30 * MINUTE);
        assert_eq!(until_next(0), SECOND);
    }
}
