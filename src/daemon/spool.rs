//! Drains what hooks left on disk while nobody listened: in order, each once.

use std::future::pending;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use ccmon_hook::spool::{self, Entry, Record};
use tokio::sync::{mpsc, oneshot};

use super::changes::Changes;
use crate::api::Ask;
use crate::paths::own_directory;
use crate::store::Store;

/// Half-written files of hooks that were killed are removed after this long.
const TORN: Duration = Duration::from_secs(60);
/// The first pause before what failed is tried again; each is twice as long as the one before,
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Where spooled events come from and go to.
pub struct Spool {
    state: PathBuf,
    inbox: mpsc::Sender<Ask>,
    store: Store,
    read: fn(&Entry) -> io::Result<Record>,
}

/// What became of the files that lay there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Events that were not known yet.
    pub new: usize,
    /// Files that could not be read just now, and lie there still.
    pub unread: usize,
}

impl Spool {
    /// The spool in the state directory.
    #[must_use]
    pub fn new(state: PathBuf, inbox: mpsc::Sender<Ask>, store: Store) -> Self {
        Self { state, inbox, store, read: spool::read }
    }

    /// Hands over everything that lies there now.
    ///
    /// # Errors
    /// When the directory cannot be read, or an event cannot be stored: then it stays where it is,
    /// with everything younger.
    pub async fn drain(&self) -> Result<Drained> {
        let mut drained = Drained::default();
        for entry in spool::list(&self.state)? {
            if !self.store.knows(&entry.id).await? {
                match (self.read)(&entry) {
                    Ok(record) => drained.new += usize::from(self.send(record).await?),
                    Err(error) if error.kind() == ErrorKind::InvalidData => {
                        tracing::warn!("dropped a spooled event, {}: {error}", entry.path.display());
                    }
                    // Out of descriptors, or a disk in trouble: that says nothing about the event.
                    Err(error) => {
                        tracing::warn!("cannot read {}: {error}", entry.path.display());
                        drained.unread += 1;
                        continue;
                    }
                }
            }
            if let Err(error) = std::fs::remove_file(&entry.path) {
                tracing::warn!("cannot remove {}: {error}", entry.path.display());
            }
        }
        Ok(drained)
    }

    /// Drains whenever something new lies there: a hook that found nobody a moment before the
    /// daemon listened spools a moment after it looked. What fails is tried again and again, less
    /// and less often.
    pub async fn follow(self) {
        // Without a file yet, or with a clock set back, there is nothing to sweep.
        let _ = spool::sweep(&self.state, TORN);
        let (mut watched, mut pauses) = (None, Pauses::default());
        loop {
            // Before draining, so that nothing comes unseen in between.
            watched = watched.or_else(|| self.watch());
            let drained = self.drain().await;
            if let Err(error) = &drained {
                tracing::error!("spooled events stay where they are: {error:#}");
            }
            let done = drained.as_ref().is_ok_and(|drained| drained.unread == 0) && watched.is_some();
            let pause = pauses.after(done);
            // While the store fails, another file is no reason to ask it again.
            let listening = watched.as_mut().filter(|_| drained.is_ok());
            let there = tokio::select! {
                () = elapse(pause) => true,
                there = news(listening) => there,
            };
            watched = watched.filter(|_| there);
        }
    }

    /// Watches the directory, which is made when it is missing.
    fn watch(&self) -> Option<Changes> {
        let directory = ccmon_hook::paths::spool_dir(&self.state);
        let made = own_directory(&directory);
        let watched = made.and_then(|()| Changes::of(&directory).context("cannot watch it"));
        watched.inspect_err(|error| tracing::error!("{}: {error:#}", directory.display())).ok()
    }

    /// Whether it was an event, once it is stored.
    async fn send(&self, record: Record) -> Result<bool> {
        let (reply, answer) = oneshot::channel();
        let ask = Ask::Event { context: record.context, payload: record.payload, reply };
        self.inbox.send(ask).await.context("the engine has stopped")?;
        Ok(answer.await.context("the event could not be stored")?.is_ok())
    }
}

/// Lets the pause pass; no pause is for ever.
async fn elapse(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => pending().await,
    }
}

/// Waits for something new; `false` when the directory is gone.
async fn news(watched: Option<&mut Changes>) -> bool {
    match watched {
        Some(changes) => changes.next().await.is_ok_and(|changed| !changed.gone),
        None => pending().await,
    }
}

/// The pauses between attempts.
#[derive(Debug, Default)]
struct Pauses {
    last: Option<Duration>,
}

impl Pauses {
    /// How long to wait after this attempt; as long as it takes when it was the last one.
    fn after(&mut self, done: bool) -> Option<Duration> {
        let longer = self.last.map_or(FIRST_PAUSE, |last| (last * 2).min(LONGEST_PAUSE));
        self.last = (!done).then_some(longer);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn pauses_grow_until_it_works_again() {
        let mut pauses = Pauses::default();
        let seconds = [false; 8].map(|done| pauses.after(done).map(|pause| pause.as_secs()));
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60].map(Some));
        assert_eq!(pauses.after(true), None);
        assert_eq!(pauses.after(false), Some(FIRST_PAUSE));
    }

    #[tokio::test]
    async fn only_what_can_never_be_read_is_dropped() {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let folder = ccmon_hook::paths::spool_dir(directory.path());
        fs::create_dir(&folder).unwrap();
        let file = |number: u64| folder.join(format!("{number:020}-{number:032x}.event"));
        (1..=3).for_each(|number| fs::write(file(number), "{}\n{}").unwrap());
        let store = Store::open(&directory.path().join("test.db")).unwrap().store;
        let (inbox, mut asks) = mpsc::channel(8);
        let mut spool = Spool::new(directory.path().to_owned(), inbox, store);
        spool.read = |entry| match entry.started_ms {
            1 => Err(ErrorKind::PermissionDenied.into()),
            2 => Err(ErrorKind::InvalidData.into()),
            _ => spool::read(entry),
        };
        let engine = tokio::spawn(async move {
            let Some(Ask::Event { reply, .. }) = asks.recv().await else {
                panic!("no event");
            };
            reply.send(Ok(())).unwrap();
        });
        assert_eq!(spool.drain().await.unwrap(), Drained { new: 1, unread: 1 });
        engine.await.unwrap();
        assert_eq!([1, 2, 3].map(|number| file(number).exists()), [true, false, false]);
    }
}
