//! Batches on their way: what waits is bounded, what is lost is counted, and nobody waits for a collector.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use serde::Serialize;
use tokio::sync::{mpsc, watch};

use super::body::{self, Attribute, Metric, Record};
use super::post::{Collector, Outcome};

/// How much may wait, as OpenTelemetry's own SDKs have it. What comes then is dropped.
pub const QUEUE: usize = 2_048;
/// How many records go at once,
const BATCH: usize = 512;
/// and how long the first of them waits for others.
const GATHER: Duration = Duration::from_millis(500);
/// How long to wait before the second attempt; twice as long before each further one,
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// up to this.
const LAST_WAIT: Duration = Duration::from_secs(60);

/// What is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A record.
    Record(Box<Record>),
    /// The metrics as they stood then. They are sent once or not at all: the next ones say more.
    Metrics(u64, Vec<Metric>),
}

/// How it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Where to.
    pub endpoint: String,
    /// Records that were taken.
    pub sent: u64,
    /// Records that were lost: there was no room for them, or the collector did not want them.
    pub dropped: u64,
    /// Why nothing is taken just now, or the last was not.
    pub problem: Option<String>,
}

/// Sends what comes out of a queue.
pub struct Export {
    /// Where to.
    pub collector: Collector,
    /// What is told of ourselves with each request.
    pub resource: Arc<[Attribute]>,
    /// How it goes.
    pub standing: Arc<watch::Sender<Standing>>,
}

impl Export {
    /// Sends until the queue is closed and empty.
    pub async fn run(self, mut queue: mpsc::Receiver<Piece>) {
        while let Some(first) = queue.recv().await {
            let (records, metrics) = gather(first, &mut queue).await;
            if !records.is_empty() {
                self.deliver(records).await;
            }
            if let Some((at, metrics)) = metrics {
                let told = body::metrics(&self.resource, &metrics, at).into();
                let told = self.collector.post("/v1/metrics", told).await;
                if !matches!(told, Outcome::Taken(0)) {
                    tracing::debug!("metrics were not taken: {told:?}");
                }
            }
        }
    }

    /// Sends these until they are taken, or refused for good.
    async fn deliver(&self, records: Vec<Record>) {
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        // Megabytes, where texts are sent: others use this thread.
        let resource = Arc::clone(&self.resource);
        let encoded = tokio::task::spawn_blocking(move || body::logs(&resource, &records)).await;
        let said = Bytes::from(encoded.unwrap_or_default());
        let mut usual = FIRST_WAIT;
        loop {
            match self.collector.post("/v1/logs", said.clone()).await {
                Outcome::Taken(rejected) => return self.taken(count, rejected.min(count)),
                Outcome::Refused(why) => {
                    lose(&self.standing, count);
                    return self.trouble(format!("{why}: records of that kind are dropped"));
                }
                Outcome::Later(wait, why) => {
                    self.trouble(why);
                    tokio::time::sleep(wait.unwrap_or_else(|| with_jitter(usual))).await;
                    usual = (usual * 2).min(LAST_WAIT);
                }
            }
        }
    }

    fn taken(&self, count: u64, rejected: u64) {
        if rejected > 0 {
            lose(&self.standing, rejected);
        }
        let ended = self.standing.borrow().problem.is_some() && rejected == 0;
        self.standing.send_modify(|standing| standing.sent += count - rejected);
        if rejected > 0 {
            self.trouble(format!("the collector did not take {rejected} of {count} records"));
        } else if ended {
            self.standing.send_modify(|standing| standing.problem = None);
            let dropped = self.standing.borrow().dropped;
            tracing::info!("OpenTelemetry goes on; records dropped so far: {dropped}");
        }
    }

    /// Says so in the log once, and to whoever looks.
    fn trouble(&self, why: String) {
        if self.standing.borrow().problem.is_none() {
            tracing::warn!("OpenTelemetry: {why}");
        }
        self.standing.send_modify(|standing| standing.problem = Some(why));
    }
}

/// Counts what nobody will get; says so in the log when it begins.
pub fn lose(standing: &watch::Sender<Standing>, count: u64) {
    if standing.borrow().dropped == 0 && count > 0 {
        tracing::warn!("OpenTelemetry: records are dropped; `ccmon doctor` tells how many");
    }
    standing.send_modify(|standing| standing.dropped += count);
}

/// What goes together with the first, and the newest metrics among it.
async fn gather(first: Piece, queue: &mut mpsc::Receiver<Piece>) -> (Vec<Record>, Option<(u64, Vec<Metric>)>) {
    if matches!(first, Piece::Record(_)) && queue.len() < BATCH {
        tokio::time::sleep(GATHER).await;
    }
    let (mut records, mut metrics, mut next) = (Vec::new(), None, Some(first));
    while let Some(piece) = next {
        match piece {
            Piece::Record(record) => records.push(*record),
            Piece::Metrics(at, all) => metrics = Some((at, all)),
        }
        next = if records.len() < BATCH { queue.try_recv().ok() } else { None };
    }
    (records, metrics)
}

/// Somewhere between half of it and all, so that many who were turned away do not come back together.
fn with_jitter(wait: Duration) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    wait / 2 + wait / 2 * (now.subsec_nanos() % 1_000) / 1_000
}
