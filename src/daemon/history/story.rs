//! Pages of a session's timeline.

use serde_json::{Value, json};

use crate::api::past::Unanswered;
use crate::store::{Reader, StoredEvent};
use crate::surrogates;
use crate::timeline::{Happened, Texts, Turn, turns};

/// Events before a page that are read to explain it: the starts of what ends in it.
const LEAD: usize = 100;
/// So many starts of the turn's sub-agents are read, however long ago they were: what goes on in an agent has to
/// stand in the same item on every page.
const AGENTS: usize = 100;

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
    let since = prompt.as_ref().map_or(0, |prompt| prompt.id);
    let agents = first.map(|first| reader.agents_between(key, since, first, AGENTS)).transpose()?.unwrap_or_default();
    let events: Vec<StoredEvent> = prompt.into_iter().chain(agents).chain(events).collect();
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
    let payloads: Vec<_> = events.iter().map(|event| surrogates::mended(&event.row.payload)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Batch, EventRow, Store};

    #[tokio::test]
    async fn a_sub_agent_is_the_same_item_on_every_page() {
        let directory = tempfile::tempdir().unwrap();
        crate::paths::own_directory(directory.path()).unwrap();
        let store = Store::open(&directory.path().join("ccmon.db")).unwrap().store;
        let event = |at, kind: &str, payload: Value| EventRow {
            at,
            session: "s".into(),
            kind: kind.into(),
            payload: payload.to_string(),
            ..EventRow::default()
        };
        let call = json!({ "tool_name": "Agent", "tool_use_id": "a", "tool_input": { "subagent_type": "Explore" } });
        let agent = json!({ "agent_id": "x", "agent_type": "Explore" });
        let mut events = vec![
            event(1, "UserPromptSubmit", json!({ "prompt": "look" })),
            event(2, "PreToolUse", call),
            event(3, "SubagentStart", agent),
        ];
        events.extend((4..400).map(|at| {
            let input = json!({ "command": format!("ls {at}") });
            event(
                at,
                "PreToolUse",
                json!({ "tool_name": "Bash", "tool_use_id": at.to_string(), "agent_id": "x",
                "agent_type": "Explore", "tool_input": input }),
            )
        }));
        store.append(Batch { events, ..Batch::default() }).await.unwrap();
        let mut before = None;
        let mut pages = 0;
        loop {
            let page = page(&store.reader(), "s", before, 50).unwrap();
            let items = &page["turns"][0]["items"];
            assert_eq!((items.as_array().map(Vec::len), &items[0]["id"]), (Some(1), &json!(2)), "{page:#}");
            pages += 1;
            before = page["earlier"].as_i64();
            if before.is_none() {
                break;
            }
        }
        assert_eq!(pages, 8);
    }
}
