//! Pages of a session's timeline.

use serde_json::{Value, json};

use crate::api::past::Unanswered;
use crate::claude::payload;
use crate::store::{Reader, StoredEvent};
use crate::timeline::{Happened, Texts, Turn, turns};

/// Events before a page that are read to explain it: the starts of what ends in it.
const LEAD: usize = 100;

/// The turns of `limit` events before event `before`.
pub fn page(reader: &Reader, key: &str, before: Option<i64>, limit: usize) -> Result<Value, Unanswered> {
    let mut events = reader.events_before(key, before, limit + LEAD + 1)?;
    let last = events.first().map(|event| event.id);
    let from = events.get(limit.saturating_sub(1)).or(events.last()).map_or(0, |event| event.id);
    let earlier = before_it(reader, key, &events, limit)?.then_some(from);
    events.reverse();
    // The prompt that the page is about, when that was long ago.
    let first = events.first().map(|event| event.id).filter(|_| earlier.is_some());
    let prompt = first.map(|first| reader.prompt_before(key, first)).transpose()?.flatten();
    let events: Vec<StoredEvent> = prompt.into_iter().chain(events).collect();
    Ok(json!({ "turns": told(&events, from, Texts::Cut), "earlier": earlier, "last": last }))
}

/// Whether there is more before the page. The store answers with fewer events than asked for when they are large.
fn before_it(reader: &Reader, key: &str, events: &[StoredEvent], limit: usize) -> Result<bool, Unanswered> {
    match events.last() {
        Some(oldest) if events.len() <= limit => Ok(!reader.events_before(key, Some(oldest.id), 1)?.is_empty()),
        oldest => Ok(oldest.is_some()),
    }
}

/// Stored events as turns.
pub fn told(events: &[StoredEvent], from: i64, texts: Texts) -> Vec<Turn> {
    let payloads: Vec<_> = events.iter().map(|event| payload::mended(&event.row.payload)).collect();
    let happened: Vec<Happened<'_>> = events
        .iter()
        .zip(&payloads)
        .map(|(event, payload)| Happened {
            id: event.id,
            at: event.row.at,
            kind: &event.row.kind,
            hook: event.row.hook_id.as_deref(),
            payload,
        })
        .collect();
    turns(&happened, from, texts)
}
