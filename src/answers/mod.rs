//! What a person's words mean as an answer: to Claude's questions, to a plan, to what an MCP server asks for.
//!
//! The CLI and the TUI read requests with it and send what it makes; the daemon checks that on its own
//! ([`crate::core::form`] for what a server asks). The pages do the same in `assets/ui/forms`.
#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod entries;
pub mod plan;
pub mod question;

use serde_json::{Map, Value};

/// The text of a field; empty when there is none.
fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The entries of a list; none when it is no list.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What nobody else reads of an object: it is shown too.
fn rest(value: &Value, known: &[&str]) -> Map<String, Value> {
    let fields = value.as_object().into_iter().flatten();
    fields.filter(|(name, _)| !known.contains(&name.as_str())).map(|(name, one)| (name.clone(), one.clone())).collect()
}

/// Which of `names` is meant by a word, if one is: exactly so, or else but for its capitals.
fn named<'a>(names: impl Iterator<Item = &'a str> + Clone, word: &str) -> Option<usize> {
    let exactly = names.clone().position(|name| name.trim() == word);
    let low = word.to_lowercase();
    exactly.or_else(|| {
        let mut alike = names.enumerate().filter(|(_, name)| name.trim().to_lowercase() == low);
        let found = alike.next().map(|(at, _)| at);
        found.filter(|_| alike.next().is_none())
    })
}

/// The place that a word such as `2` or `#2` says, from 0 on.
fn numbered(word: &str) -> Option<usize> {
    let digits = word.strip_prefix('#').unwrap_or(word);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // What is larger than any list is no place in one.
    plain.then(|| digits.parse::<usize>().unwrap_or(usize::MAX).wrapping_sub(1))
}
