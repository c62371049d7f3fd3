//! Transcripts that were named and are not there yet: Claude Code makes them with the first prompt, a
//! moment after its hook.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::core::SessionKey;

/// How often one is looked for.
const AGAIN: Duration = Duration::from_millis(400);
/// And how often at most: the session's next hook names it again.
const TRIES: u8 = 10;

/// Transcripts to look for again.
#[derive(Debug, Default)]
pub struct Missing(BTreeMap<SessionKey, Wanted>);

#[derive(Debug)]
struct Wanted {
    path: PathBuf,
    tries: u8,
    /// When it is looked for next; not before it is named again, when there is nothing.
    due: Option<Instant>,
}

impl Missing {
    /// One was looked for in vain.
    pub fn add(&mut self, session: SessionKey, path: &Path) {
        let wanted = self.0.entry(session).or_insert_with(|| Wanted { path: path.to_owned(), tries: 0, due: None });
        if wanted.path != path || wanted.tries >= TRIES {
            *wanted = Wanted { path: path.to_owned(), tries: 0, due: None };
        }
        wanted.tries += 1;
        wanted.due = (wanted.tries < TRIES).then(|| Instant::now() + AGAIN);
    }

    /// It is not wanted any more, or found.
    pub fn remove(&mut self, session: &SessionKey) {
        self.0.remove(session);
    }

    /// When the next is looked for.
    pub fn due(&self) -> Option<Instant> {
        self.0.values().filter_map(|wanted| wanted.due).min()
    }

    /// Those to look for now.
    pub fn take_due(&mut self) -> Vec<(SessionKey, PathBuf)> {
        let now = Instant::now();
        let due = self.0.iter_mut().filter(|(_, wanted)| wanted.due.is_some_and(|at| at <= now));
        due.map(|(session, wanted)| {
            wanted.due = None;
            (session.clone(), wanted.path.clone())
        })
        .collect()
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
