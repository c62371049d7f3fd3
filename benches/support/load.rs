//! Many hooks at once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::play::{Cast, Session};

/// How hard, and for how long.
pub struct Load {
    /// Where to.
    pub socket: PathBuf,
    /// Who sends: each waits for its acknowledgement.
    pub threads: usize,
    /// Events in a second; without it, as fast as they are acknowledged.
    pub rate: Option<u64>,
    /// Ends after so long,
    pub length: Duration,
    /// and after so many events.
    pub most: u64,
    /// Whether hooks also ask, and wait on the side until the session's next event settles it.
    pub asks: bool,
    /// How many events have been begun.
    pub begun: AtomicU64,
}

/// What it came to.
#[derive(Default)]
pub struct Outcome {
    /// From when each event was due until it was acknowledged.
    pub times: Vec<Duration>,
    /// How many were not.
    pub failed: usize,
    /// All of it.
    pub took: Duration,
}

impl Outcome {
    /// Acknowledged events in a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }
}

impl Load {
    /// Without an end, and without questions.
    pub fn new(socket: PathBuf, threads: usize, rate: Option<u64>) -> Self {
        Self { socket, threads, rate, length: Duration::MAX, most: u64::MAX, asks: false, begun: AtomicU64::new(0) }
    }

    /// Plays the cast's sessions.
    pub fn run(&self, cast: &Cast) -> Outcome {
        self.play(cast.sessions())
    }

    /// Plays sessions; each belongs to one thread, as a session's hooks run one after the other.
    pub fn play(&self, sessions: Vec<Session>) -> Outcome {
        let mut shares: Vec<Vec<Session>> = (0..self.threads).map(|_| Vec::new()).collect();
        for (number, session) in sessions.into_iter().enumerate() {
            shares[number % self.threads].push(session);
        }
        let begin = Instant::now();
        let parts: Vec<Outcome> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                shares.into_iter().map(|share| scope.spawn(move || self.send(share, begin))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
        });
        let failed = parts.iter().map(|part| part.failed).sum();
        Outcome { times: parts.into_iter().flat_map(|part| part.times).collect(), failed, took: begin.elapsed() }
    }

    /// One thread's part: its sessions take turns.
    fn send(&self, mut sessions: Vec<Session>, begin: Instant) -> Outcome {
        let mut part = Outcome::default();
        let count = sessions.len();
        for session in (0..count).cycle() {
            let Some(due) = self.due(begin) else {
                break;
            };
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let session = &mut sessions[session];
            let event = if self.asks { session.next() } else { session.report() };
            if event.asks {
                let socket = self.socket.clone();
                std::thread::spawn(move || event.send(&socket));
            } else if event.send(&self.socket) == 204 {
                part.times.push(due.elapsed());
            } else {
                part.failed += 1;
            }
        }
        part
    }

    /// When the next event is due; `None` when there is none.
    fn due(&self, begin: Instant) -> Option<Instant> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let due = self.rate.map_or(now, |rate| begin + Duration::from_nanos(number * 1_000_000_000 / rate));
        (number < self.most && due - begin < self.length).then_some(due)
    }
}
