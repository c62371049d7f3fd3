//! Transcripts that were named and are not there yet: Claude Code makes them with the first prompt, a
//! moment after its hook.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::soon::Soon;
use crate::core::SessionKey;

/// How often one is looked for.
const AGAIN: Duration = Duration::from_millis(400);
/// And how often at most: the session's next hook names it again.
const TRIES: u8 = 10;

/// Transcripts to look for again.
#[derive(Debug, Default)]
pub struct Missing {
    wanted: BTreeMap<SessionKey, Wanted>,
    /// When they are looked for next; those that are not in it, not before they are named again.
    soon: Soon,
}

#[derive(Debug)]
struct Wanted {
    path: PathBuf,
    tries: u8,
}

impl Missing {
    /// One was looked for in vain.
    pub fn add(&mut self, session: SessionKey, path: &Path) {
        let fresh = || Wanted { path: path.to_owned(), tries: 0 };
        let wanted = self.wanted.entry(session.clone()).or_insert_with(fresh);
        if wanted.path.as_os_str() != path.as_os_str() || wanted.tries >= TRIES {
            *wanted = fresh();
        }
        wanted.tries += 1;
        if wanted.tries < TRIES {
            self.soon.at(session, Instant::now() + AGAIN);
        } else {
            self.soon.never(&session);
        }
    }

    /// It is not wanted any more, or found.
    pub fn remove(&mut self, session: &SessionKey) {
        self.wanted.remove(session);
        self.soon.never(session);
    }

    /// When the next is looked for.
    pub fn due(&self) -> Option<Instant> {
        self.soon.next()
    }

    /// Those to look for now.
    pub fn take_due(&mut self) -> Vec<(SessionKey, PathBuf)> {
        let path = |session: &SessionKey| self.wanted.get(session).map(|wanted| wanted.path.clone());
        self.soon.take_due().into_iter().filter_map(|session| Some((session.clone(), path(&session)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_for_a_few_times_and_again_when_named_again() {
        let (mut missing, session, path) = (Missing::default(), SessionKey::of_session("s"), Path::new("/p/s.jsonl"));
        for try_number in 1..TRIES {
            missing.add(session.clone(), path);
            assert!(missing.due().is_some(), "{try_number}");
        }
        missing.add(session.clone(), path);
        assert!(missing.due().is_none() && missing.take_due().is_empty());
        missing.add(session.clone(), path);
        assert!(missing.due().is_some());
        missing.remove(&session);
        assert!(missing.due().is_none());
    }
}
