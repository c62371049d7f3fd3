//! What is to be done soon for some of many sessions. There may be a thousand, and each change asks what is next.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::core::SessionKey;

/// When something is to be done for a session; only for those of which it is known.
#[derive(Debug, Default)]
pub struct Soon(BTreeMap<SessionKey, Instant>);

impl Soon {
    /// Then, whatever was said before.
    pub fn at(&mut self, session: SessionKey, at: Instant) {
        self.0.insert(session, at);
    }

    /// Then, unless that was said before.
    pub fn at_first(&mut self, session: SessionKey, at: Instant) {
        self.0.entry(session).or_insert(at);
    }

    /// Not any more.
    pub fn never(&mut self, session: &SessionKey) {
        self.0.remove(session);
    }

    /// When the next is due.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.0.values().min().copied()
    }

    /// Those that are due now; from then on they are not.
    pub fn take_due(&mut self) -> Vec<SessionKey> {
        let now = Instant::now();
        self.0.extract_if(.., |_, at| *at <= now).map(|(session, _)| session).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_is_due_once_and_when_it_was_said() {
        let (mut soon, now) = (Soon::default(), Instant::now());
        let [one, two, three] = ["1", "2", "3"].map(SessionKey::of_session);
        let later = now + Duration::from_secs(3_600);
        soon.at(one.clone(), now);
        soon.at_first(one.clone(), later);
        soon.at_first(two.clone(), later);
        soon.at(three.clone(), now);
        soon.never(&three);
        assert_eq!((soon.next(), soon.take_due()), (Some(now), vec![one]));
        assert_eq!((soon.next(), soon.take_due()), (Some(later), vec![]));
        soon.at(two.clone(), now);
        assert_eq!(soon.take_due(), [two]);
        assert_eq!(soon.next(), None);
    }
}
