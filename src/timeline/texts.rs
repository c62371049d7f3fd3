//! How much of a text is kept.

use serde_json::Value;

/// Whether texts are for looking at, or for keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// Cut to what a page can show.
    Cut,
    /// All of them.
    Whole,
}

/// Characters of a prompt or a message.
const TEXT: usize = 20_000;
/// Characters of a line.
const LINE: usize = 300;
/// Characters of each text in an input.
const INPUT: usize = 8_000;
/// Entries of each list in an input, and how deep it goes.
const ENTRIES: usize = 200;
const DEPTH: usize = 8;

impl Texts {
    pub(super) fn text(self, text: String) -> String {
        if self == Self::Whole { text } else { cut(text, TEXT) }
    }

    pub(super) fn input(self, input: Value) -> Value {
        if self == Self::Whole { input } else { short(input, DEPTH) }
    }
}

/// One line, for a preview.
pub(super) fn line(text: &str) -> String {
    cut(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned(), LINE)
}

/// `text`, or the beginning of it and how much is missing.
fn cut(mut text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text;
    };
    let missing = text.get(end..).map_or(0, |rest| rest.chars().count());
    text.truncate(end);
    if most <= LINE { text + "…" } else { format!("{text}… ({missing} more characters)") }
}

fn short(value: Value, depth: usize) -> Value {
    match value {
        Value::String(text) => Value::String(cut(text, INPUT)),
        Value::Array(_) | Value::Object(_) if depth == 0 => Value::String("…".to_owned()),
        Value::Array(list) => list.into_iter().take(ENTRIES).map(|each| short(each, depth - 1)).collect(),
        Value::Object(map) => {
            let entries = map.into_iter().take(ENTRIES);
            entries.map(|(key, each)| (cut(key, LINE), short(each, depth - 1))).collect()
        }
        plain => plain,
    }
}
