//! What is stored, as files: read in pages, so that nobody's slow reading keeps the database from tidying up.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::{approval, stored};
use crate::api::past::{Format, Sink, Unanswered};
use crate::cli::plain_json;
use crate::export::csv;
use crate::export::markdown::Writer;
use crate::store::{self, AuditFilter, EventsOf, Reader, StoredEvent};
use crate::timeline::Texts;

/// Rows that are in memory at once.
const PAGE: usize = 200;
/// So many events are told together, up to the next prompt: what a turn began may end in a later one.
const TOGETHER: usize = 1_000;
/// A turn longer than this, or with more bytes, is written in pieces.
const LONGEST_TURN: usize = 2_000;
const MOST_BYTES: usize = 32 << 20;

/// Writes a session down.
pub fn session(reader: &Reader, key: &str, format: Format, sink: Sink<'_>) -> Result<(), Unanswered> {
    let row = reader.session(key)?.map(|row| row.json);
    let session: Value = row.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    if format == Format::Json {
        return as_json(reader, key, &session, sink);
    }
    let summary = reader.summary(key)?.map(|summary| summary.text);
    let mut writer = Writer::new(TimeZone::system());
    if !sink(writer.head(&session, summary.as_deref()).into()) {
        return Ok(());
    }
    let (mut turn, mut bytes) = (Vec::<StoredEvent>::new(), 0);
    let mut write = |events: &mut Vec<StoredEvent>| {
        let turns = super::story::told(&std::mem::take(events), 0, Texts::Whole);
        let text: String = turns.iter().map(|turn| writer.turn(turn)).collect();
        text.is_empty() || sink(text.into())
    };
    let more = each_event(reader, key, |event| {
        let at_prompt = event.row.kind == "UserPromptSubmit" && turn.len() >= TOGETHER;
        let ends = at_prompt || turn.len() >= LONGEST_TURN || bytes >= MOST_BYTES;
        let more = !ends || write(&mut turn);
        bytes = if turn.is_empty() { 0 } else { bytes } + event.row.payload.len();
        turn.push(event);
        more
    })?;
    if more {
        write(&mut turn);
    }
    Ok(())
}

fn as_json(reader: &Reader, key: &str, session: &Value, sink: Sink<'_>) -> Result<(), Unanswered> {
    let head = format!("{{\"session\":{},\"events\":[", plain_json(&session.to_string()));
    if !sink(head.into()) {
        return Ok(());
    }
    let mut between = "\n";
    let more = each_event(reader, key, |event| {
        let event = stored(event.id, event.row);
        let line = serde_json::to_string(&event).unwrap_or_else(|_| "null".to_owned());
        let piece = format!("{between}{}", plain_json(&line));
        between = ",\n";
        sink(piece.into())
    })?;
    if more {
        sink(b"\n]}\n".into());
    }
    Ok(())
}

/// Tells of every event of a session, until `tell` has enough; whether it never had.
fn each_event(reader: &Reader, key: &str, mut tell: impl FnMut(StoredEvent) -> bool) -> Result<bool, Unanswered> {
    let of = Some(EventsOf::Session(key.to_owned()));
    let mut query = store::EventQuery { after_id: Some(0), limit: PAGE, newest_first: false, of };
    loop {
        let page = reader.events(&query)?;
        let Some(last) = page.last() else {
            return Ok(true);
        };
        query.after_id = Some(last.id);
        for event in page {
            if !tell(event) {
                return Ok(false);
            }
        }
    }
}

/// Writes requests down, newest first.
pub fn audit(reader: &Reader, filter: AuditFilter, format: Format, sink: Sink<'_>) -> Result<(), Unanswered> {
    let (head, end) = if format == Format::Csv { (csv::head(), "") } else { ("{\"approvals\":[".to_owned(), "\n]}\n") };
    if !sink(head.into()) {
        return Ok(());
    }
    let mut filter = AuditFilter { limit: PAGE, cursor: None, ..filter };
    let mut between = "\n";
    loop {
        let page = reader.audit(&filter)?;
        for row in page.rows {
            let view = approval(&row);
            let piece = match format {
                Format::Csv => csv::approval(&view),
                _ => format!("{between}{}", plain_json(&view.to_string())),
            };
            between = ",\n";
            if !sink(piece.into()) {
                return Ok(());
            }
        }
        filter.cursor = page.next;
        if filter.cursor.is_none() {
            sink(end.into());
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::{Batch, EventRow, Store};

    #[tokio::test]
    async fn a_call_that_ends_after_the_next_prompt_is_written_once() {
        let directory = tempfile::tempdir().unwrap();
        crate::paths::own_directory(directory.path()).unwrap();
        let store = Store::open(&directory.path().join("ccmon.db")).unwrap().store;
        let call =
            json!({ "tool_name": "Bash", "tool_use_id": "a", "tool_input": { "command": "ls" }, "prompt_id": "1" });
        let events = [
            ("UserPromptSubmit", json!({ "prompt": "look", "prompt_id": "1" })),
            ("PreToolUse", call.clone()),
            ("UserPromptSubmit", json!({ "prompt": "and then", "prompt_id": "2" })),
            ("PostToolUse", call),
            ("Stop", json!({ "prompt_id": "1" })),
        ];
        let row = |(at, (kind, payload)): (u64, (&str, Value))| {
            let (session, kind) = ("s".to_owned(), kind.to_owned());
            EventRow { at, session, kind, payload: payload.to_string(), ..EventRow::default() }
        };
        let batch = Batch { events: (1..).zip(events).map(row).collect(), ..Batch::default() };
        store.append(batch).await.unwrap();
        let mut written = Vec::new();
        let mut sink = |piece: Vec<u8>| {
            written.extend(piece);
            true
        };
        session(&store.reader(), "s", Format::Md, &mut sink).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert_eq!(text.matches("`Bash: ls`").count(), 1, "{text}");
        assert!(text.contains("0.0 s, done") && text.contains("and then"), "{text}");
    }
}
