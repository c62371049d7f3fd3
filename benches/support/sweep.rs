//! Sweeping beside the hooks.

use std::time::{Duration, Instant};

use ccmon::store::{Batch, EventRow, Store, StoreError, Sweep};
use tokio::runtime::Runtime;

use super::{median, percentile};

/// Sweeps half of what there is, and says how long events waited meanwhile to be stored.
pub fn measure(store: &Store, runtime: &Runtime) -> Result<(), StoreError> {
    let bytes = store.reader().sizes()?.bytes;
    let sweep = Sweep { max_bytes: Some(bytes / 2), most: 20_000, ..Sweep::default() };
    let sweeper = store.clone();
    let begin = Instant::now();
    let thread = std::thread::spawn(move || sweep_all(&sweeper, &sweep));
    let mut waits = Vec::new();
    while !thread.is_finished() {
        let begin = Instant::now();
        runtime.block_on(store.append(batch(waits.len())))?;
        waits.push(begin.elapsed());
        std::thread::sleep(Duration::from_millis(2));
    }
    let swept = thread.join().map_err(|_| StoreError::Closed)??;
    let (p50, p99) = (median(&mut waits), percentile(&mut waits, 99));
    let worst = waits.last().copied().unwrap_or_default();
    let took = begin.elapsed();
    println!(
        "swept {swept} events in {took:.1?}; {} events waited p50 {p50:.1?}, p99 {p99:.1?}, worst {worst:.1?}",
        waits.len()
    );
    println!("file {} MiB before, {} MiB in use after", bytes >> 20, store.reader().sizes()?.bytes >> 20);
    runtime.block_on(store.close())
}

fn sweep_all(store: &Store, sweep: &Sweep) -> Result<u64, StoreError> {
    // A runtime of its own: the other one is busy with hooks.
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|_| StoreError::Closed)?;
    let mut events = 0;
    loop {
        let swept = runtime.block_on(store.sweep(*sweep))?;
        events += swept.events;
        if !swept.more {
            return Ok(events);
        }
    }
}

fn batch(n: usize) -> Batch {
    let payload = r#"{"prompt":"How far are you with it?"}"#.to_owned();
    let row = EventRow {
        hook_id: Some(format!("sweep-{n}")),
        kind: "UserPromptSubmit".to_owned(),
        payload,
        ..EventRow::default()
    };
    Batch { events: vec![row], ..Batch::default() }
}
