//! Drains what hooks left on disk while nobody listened: in order, each once.

use std::future::pending;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use ccmon_hook::spool::{self, Entry, Record};
use rustix::io::Errno;
use tokio::sync::{mpsc, oneshot};

use super::changes::Changes;
use crate::api::Ask;
use crate::paths::own_directory;
use crate::pauses::Pauses;
use crate::store::Store;

/// Half-written files of hooks that were killed are removed after this long.
const TORN: Duration = Duration::from_secs(60);
/// So many are on their way into the store at once, and share a commit: while a daemon that starts takes in what lies
/// there, more comes.
const TOGETHER: usize = 64;

/// Where spooled events come from and go to.
pub struct Spool {
    state: PathBuf,
    inbox: mpsc::Sender<Ask>,
    store: Store,
    read: fn(&Entry) -> io::Result<Record>,
    /// How often it was drained.
    drains: u64,
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
        Self { state, inbox, store, read: spool::read, drains: 0 }
    }

    /// Hands over everything that lies there now.
    ///
    /// # Errors
    /// When the directory cannot be read, or an event cannot be stored: then it stays where it is,
    /// with everything younger.
    pub async fn drain(&mut self) -> Result<Drained> {
        self.drains += 1;
        let mut drained = Drained::default();
        for some in spool::list(&self.state)?.chunks(TOGETHER) {
            self.drain_some(some, &mut drained).await?;
        }
        Ok(drained)
    }

    /// Hands over some, in order: none is stored once one could not be. A file is removed once its event is stored.
    async fn drain_some(&self, entries: &[Entry], drained: &mut Drained) -> Result<()> {
        let (mut unknown, mut sent) = (Vec::new(), Vec::new());
        for entry in entries {
            if self.store.knows(&entry.id).await? {
                remove(entry);
                continue;
            }
            match (self.read)(entry) {
                Ok(record) => unknown.push((entry, record)),
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    tracing::warn!("dropped a spooled event, {}: {error}", entry.path.display());
                    remove(entry);
                }
                // The next ones would be read when it is over, and come before this one.
                Err(error) if is_short(&error) => return Err(error).context("no spooled event can be read"),
                // A disk in trouble: that says nothing about the event.
                Err(error) => {
                    tracing::warn!("cannot read {}: {error}", entry.path.display());
                    drained.unread += 1;
                }
            }
        }
        for (entry, record) in unknown {
            sent.push((entry, self.send(record).await?));
        }
        for (entry, answer) in sent {
            let taken = answer.await.context("the event could not be stored")?;
            drained.new += usize::from(taken.is_ok());
            remove(entry);
        }
        Ok(())
    }

    /// Drains whenever something new lies there: a hook that found nobody a moment before the
    /// daemon listened spools a moment after it looked. What fails is tried again and again, less
    /// and less often.
    pub async fn follow(mut self) {
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

    /// Who says, once it is stored, whether it was an event.
    async fn send(&self, record: Record) -> Result<oneshot::Receiver<Result<(), String>>> {
        let (reply, answer) = oneshot::channel();
        let ask = Ask::Event {
            context: record.context,
            payload: record.payload,
            hook: None,
            spooled: Some(self.drains),
            reply: reply.into(),
        };
        self.inbox.send(ask).await.map_err(|_| anyhow!("the engine has stopped"))?;
        Ok(answer)
    }
}

/// Whether no file could be read just now.
fn is_short(error: &io::Error) -> bool {
    let short = [Errno::MFILE, Errno::NFILE, Errno::NOMEM];
    Errno::from_io_error(error).is_some_and(|error| short.contains(&error))
}

fn remove(entry: &Entry) {
    if let Err(error) = std::fs::remove_file(&entry.path) {
        tracing::warn!("cannot remove {}: {error}", entry.path.display());
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A spool with so many events, the engine's inbox, and the file of each event.
    fn spool(events: u64) -> (tempfile::TempDir, Spool, mpsc::Receiver<Ask>, impl Fn(u64) -> PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let folder = ccmon_hook::paths::spool_dir(directory.path());
        fs::create_dir(&folder).unwrap();
        let file = move |number: u64| folder.join(format!("{number:020}-{number:032x}.event"));
        (1..=events).for_each(|number| fs::write(file(number), "{}\n{}").unwrap());
        let store = Store::open(&directory.path().join("test.db")).unwrap().store;
        let (inbox, asks) = mpsc::channel(8);
        let spool = Spool::new(directory.path().to_owned(), inbox, store);
        (directory, spool, asks, file)
    }

    #[tokio::test]
    async fn only_what_can_never_be_read_is_dropped() {
        let (_directory, mut spool, mut asks, file) = spool(3);
        spool.read = |entry| match entry.started_ms {
            1 => Err(ErrorKind::PermissionDenied.into()),
            2 => Err(ErrorKind::InvalidData.into()),
            _ => spool::read(entry),
        };
        let engine = tokio::spawn(async move {
            let Some(Ask::Event { reply, .. }) = asks.recv().await else {
                panic!("no event");
            };
            reply.send(Ok(()));
        });
        assert_eq!(spool.drain().await.unwrap(), Drained { new: 1, unread: 1 });
        engine.await.unwrap();
        assert_eq!([1, 2, 3].map(|number| file(number).exists()), [true, false, false]);
    }

    #[tokio::test]
    async fn while_none_can_be_read_none_comes_before_another() {
        let (_directory, mut spool, mut asks, file) = spool(3);
        spool.read = |entry| match entry.started_ms {
            2 => Err(Errno::MFILE.into()),
            _ => spool::read(entry),
        };
        assert!(spool.drain().await.is_err());
        assert!(asks.try_recv().is_err(), "the third would come before the second");
        assert_eq!([1, 2, 3].map(|number| file(number).exists()), [true, true, true]);
    }

    #[tokio::test]
    async fn each_drain_is_told_from_the_last_and_ends_where_one_is_not_stored() {
        let (_directory, mut spool, mut asks, file) = spool(3);
        let mut drains = Vec::new();
        for fails in [Some(2), None] {
            let engine = async {
                let mut told = Vec::new();
                let coming: u64 = if fails.is_some() { 3 } else { 2 };
                for number in 1..=coming {
                    let Some(Ask::Event { spooled, reply, .. }) = asks.recv().await else {
                        panic!("no event");
                    };
                    told.push(spooled.unwrap());
                    // Not answered: it could not be stored.
                    let _ = (Some(number) != fails).then(|| reply.send(Ok(())));
                }
                told
            };
            let (drained, told) = tokio::join!(spool.drain(), engine);
            assert_eq!(drained.is_err(), fails.is_some());
            drains.push(told);
            let left = [1, 2, 3].map(|number| file(number).exists());
            assert_eq!(left, if fails.is_some() { [false, true, true] } else { [false; 3] });
        }
        assert_eq!(drains, [vec![1; 3], vec![2; 2]]);
    }
}
