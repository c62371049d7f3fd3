//! Stories told from recorded payloads.

mod pages;
mod random;
mod scenes;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Happened, Item, Texts, Turn, turns};

/// The recorded payloads, by name.
pub fn recorded() -> BTreeMap<String, Value> {
    let lines = include_str!("../../../tests/data/timeline/payloads.jsonl").lines();
    let rows = lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    rows.map(|row| (row["name"].as_str().expect("a name").to_owned(), row["payload"].clone())).collect()
}

/// A stored event that owns what it holds.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: i64,
    pub at: u64,
    pub kind: String,
    pub hook: String,
    pub payload: String,
}

impl Row {
    fn happened(&self) -> Happened<'_> {
        let Self { id, at, kind, hook, payload } = self;
        Happened { id: *id, at: *at, kind, hook: Some(hook), payload }
    }
}

/// Events of one session, a second apart unless told.
#[derive(Default)]
pub struct Log {
    pub rows: Vec<Row>,
    recorded: BTreeMap<String, Value>,
}

impl Log {
    pub fn new() -> Self {
        Self { rows: Vec::new(), recorded: recorded() }
    }

    /// A recorded payload, with some of its fields changed.
    pub fn hook(&mut self, name: &str, changes: &Value) -> &mut Self {
        let mut payload = self.recorded[name].clone();
        for (key, value) in changes.as_object().expect("an object") {
            payload[key] = value.clone();
        }
        let kind = payload["hook_event_name"].as_str().expect("a name").to_owned();
        self.row(&kind, &payload)
    }

    /// One of ccmon's own.
    pub fn note(&mut self, name: &str, payload: &Value) -> &mut Self {
        self.row(&format!("ccmon.{name}"), payload)
    }

    fn row(&mut self, kind: &str, payload: &Value) -> &mut Self {
        let id = self.rows.len() as i64 + 1;
        let row = Row {
            id,
            at: id as u64 * 1_000,
            kind: kind.into(),
            hook: format!("hook-{id}"),
            payload: payload.to_string(),
        };
        self.rows.push(row);
        self
    }

    /// The last event happened then.
    pub fn at(&mut self, ms: u64) -> &mut Self {
        self.rows.last_mut().expect("an event").at = ms;
        self
    }

    pub fn turns(&self) -> Vec<Turn> {
        told(&self.rows, 0)
    }
}

pub fn told(rows: &[Row], from: i64) -> Vec<Turn> {
    let events: Vec<_> = rows.iter().map(Row::happened).collect();
    turns(&events, from, Texts::Cut)
}

/// A turn a line, an item a line, indented.
pub fn drawn(turns: &[Turn]) -> String {
    let mut out = String::new();
    for turn in turns {
        let prompt = turn.prompt.as_deref().unwrap_or("-");
        out += &format!("turn {} {} {:?} {}\n", turn.id, span(turn.at, turn.ended), turn.outcome, prompt);
        draw(&turn.items, 1, &mut out);
    }
    out
}

fn draw(items: &[Item], depth: usize, out: &mut String) {
    for item in items {
        let mut line = format!("{:?} {} {} {}", item.kind, item.id, span(item.at, item.ended), item.preview);
        if let Some(agent) = &item.agent {
            line += &format!(" [{} {}]", agent.kind, agent.id);
        }
        if let Some(asked) = &item.approval {
            let word = |text: &Option<String>| text.clone().unwrap_or("?".into());
            line += &format!(" <{} {} {}>", asked.id, word(&asked.outcome), word(&asked.by));
        }
        if let Some(error) = &item.error {
            line += &format!(" {}: {error:?}", if item.failed { "failed" } else { "not run" });
        }
        *out += &format!("{}{line}\n", "  ".repeat(depth));
        draw(&item.items, depth + 1, out);
    }
}

fn span(at: u64, ended: Option<u64>) -> String {
    let ended = ended.map(|ended| format!("{}", ended / 100)).unwrap_or_default();
    format!("{}..{ended}", at / 100)
}

/// An object without changes.
pub fn same() -> Value {
    json!({})
}
