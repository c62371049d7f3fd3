//! What comes together: so much of it is said one by one, and what is more in one.

/// Most requests within [`LATELY`] that are said each for itself: they can be decided there.
const REQUESTS: usize = 20;
/// Most other things.
const STATES: usize = 3;
/// How long something was said lately, in milliseconds.
const LATELY: u64 = 1_000;
/// More than so many that are new wait for each other, until no more come:
const FEW: usize = 3;
/// the first of them for so long, in milliseconds.
const LONGEST: u64 = 1_200;

/// What was said lately of one sort.
#[derive(Debug, Default)]
pub struct Crowd {
    /// When; each thing counts.
    said: Vec<u64>,
    /// The number under which the last that was too much was said.
    pub card: Option<u64>,
}

impl Crowd {
    /// Whether so many more are too much; they count from now on.
    pub fn is_too_much(&mut self, at: u64, more: usize, are_requests: bool) -> bool {
        self.said.retain(|then| at.saturating_sub(*then) < LATELY);
        self.said.extend(std::iter::repeat_n(at, more));
        more > 0 && self.said.len() > if are_requests { REQUESTS } else { STATES }
    }
}

/// When something of what is due at these times is said.
pub fn when(dues: &[u64]) -> Option<u64> {
    let (first, last) = (dues.iter().min()?, dues.iter().max()?);
    Some(if dues.len() > FEW { (*last).min(first + LONGEST) } else { *first })
}

/// What is due up to then may be said now.
pub fn until(dues: &[u64], now: u64) -> u64 {
    match when(dues) {
        Some(at) if at <= now && dues.len() > FEW => u64::MAX,
        Some(at) if at <= now => now,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_said_when_each_is_due_and_more_when_no_more_come() {
        assert_eq!(when(&[]), None);
        assert_eq!(when(&[300, 500, 400]), Some(300));
        assert_eq!(when(&[300, 500, 400, 600]), Some(600));
        assert_eq!(when(&[300, 500, 400, 9_000]), Some(1_500));
        assert_eq!([300, 350, 299].map(|now| until(&[300, 500, 400], now)), [300, 350, 0]);
        assert_eq!([599, 600].map(|now| until(&[300, 500, 400, 600], now)), [0, u64::MAX]);
    }
}
