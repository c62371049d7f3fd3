//! The API's reads, answered by the store.

mod files;
mod insight;
mod past;
mod story;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::api::{EventQuery, History, Order, StoredEvent};
use crate::claude::depth::is_deep;
use crate::store::{self, ApprovalRow, EventRow, EventsOf, Reader};

/// Most events that one answer holds.
const MOST: u32 = 1_000;

/// Reads from the store for the API.
pub struct StoreHistory(pub Reader);

impl History for StoreHistory {
    fn events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, String> {
        let page = store::EventQuery {
            after_id: query.after_id,
            limit: query.limit.unwrap_or(100).min(MOST) as usize,
            newest_first: query.order == Order::Desc,
            of: query.session_id.clone().map(EventsOf::SessionId),
        };
        let rows = self.0.events(&page).map_err(|error| error.to_string())?;
        Ok(rows.into_iter().map(|event| stored(event.id, event.row)).collect())
    }

    fn approvals(&self, limit: u32) -> Result<Vec<Value>, String> {
        json(self.0.approvals(limit.min(MOST) as usize))
    }

    fn approval(&self, id: &str) -> Result<Option<Value>, String> {
        let row = self.0.approval(id).map_err(|error| error.to_string())?;
        Ok(row.and_then(|row| serde_json::from_str(&row.json).ok()))
    }

    fn ended_sessions(&self, limit: u32) -> Result<Vec<Value>, String> {
        json(self.0.ended_sessions(limit.min(MOST) as usize))
    }
}

/// A stored event as the API tells it.
#[must_use]
pub fn stored(id: i64, row: EventRow) -> StoredEvent {
    // Nobody could read what else is told with one that is nested without an end.
    let payload = Some(row.payload).filter(|text| !is_deep(text)).map(RawValue::from_string);
    let payload = payload.and_then(Result::ok).unwrap_or_else(|| RawValue::NULL.to_owned());
    StoredEvent { id, at: row.at, session: row.session, session_id: row.session_id, kind: row.kind, payload }
}

/// A stored request as the API tells it.
fn approval(row: &ApprovalRow) -> Value {
    let mut view: Value = serde_json::from_str(&row.json).unwrap_or_default();
    if let Some(view) = view.as_object_mut() {
        // One that waits has none yet; whoever reads a list need not ask.
        view.entry("pending_ms").or_insert(Value::Null);
    }
    view
}

fn json<E: ToString>(rows: Result<Vec<String>, E>) -> Result<Vec<Value>, String> {
    let rows = rows.map_err(|error| error.to_string())?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(row).ok()).collect())
}
