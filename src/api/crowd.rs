//! A bound on the connections of a door, that silent strangers cannot use up.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

/// Set once a request of a connection was let in by the guard; an extension of its requests.
#[derive(Clone, Debug, Default)]
pub struct Known(Arc<AtomicBool>);

impl Known {
    /// This connection's caller has shown that it may come in.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// One of the connections that a door can hold; free again when dropped.
pub type Place = OwnedSemaphorePermit;

/// The connections that came in at one door.
#[derive(Debug)]
pub struct Crowd {
    most: usize,
    places: Arc<Semaphore>,
    /// Oldest first. Some have become known, or left, since.
    strangers: VecDeque<(Known, AbortHandle)>,
}

impl Crowd {
    /// At most this many at once, or half of what the system lets a process have open: the store,
    /// and looking at callers, need descriptors too.
    pub fn of(most: usize) -> Self {
        let open = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let half = open.and_then(|open| usize::try_from(open / 2).ok()).unwrap_or(most);
        let most = most.min(half).max(1);
        Self { most, places: Arc::new(Semaphore::new(most)), strangers: VecDeque::new() }
    }

    /// A place for one more. When none is left, the stranger that came first has to go; when there
    /// are no strangers, somebody has to leave.
    pub async fn place(&mut self) -> Option<Place> {
        if self.places.available_permits() == 0 {
            self.turn_out();
        }
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// Remembers who took a place.
    pub fn came(&mut self, known: Known, task: AbortHandle) {
        if self.strangers.len() >= 2 * self.most {
            self.strangers.retain(is_stranger);
        }
        self.strangers.push_back((known, task));
    }

    fn turn_out(&mut self) {
        while let Some(oldest) = self.strangers.pop_front() {
            if is_stranger(&oldest) {
                return oldest.1.abort();
            }
        }
    }
}

fn is_stranger((known, task): &(Known, AbortHandle)) -> bool {
    !known.get() && !task.is_finished()
}
