//! Questions about the past: the words of a query, and pages put together.

use std::fmt::Write;

use serde_json::Value;

use crate::client::Client;

/// `path?name=value&…`, of the values that are given.
pub fn path(path: &str, values: &[(&str, Option<String>)]) -> String {
    let mut out = path.to_owned();
    let mut between = if path.contains('?') { '&' } else { '?' };
    for (name, value) in values {
        if let Some(value) = value {
            let _ = write!(out, "{between}{name}={}", encoded(value));
            between = '&';
        }
    }
    out
}

/// `text` as a part of a path, or a value.
pub fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The largest page there is.
const PAGE: usize = 200;

/// The first answer to `question`, with up to `most` rows of all pages in it, under `rows`.
pub async fn rows(client: &Client, question: &str, rows: &str, most: usize) -> anyhow::Result<Value> {
    let page = |cursor, left: usize| path(question, &[("limit", Some(left.min(PAGE).to_string())), ("cursor", cursor)]);
    let mut answer: Value = client.get(&page(None, most)).await?;
    let mut all = taken(&mut answer, rows);
    let mut next = cursor(&answer);
    while let Some(cursor_) = next.filter(|_| all.len() < most) {
        let mut more: Value = client.get(&page(Some(cursor_), most - all.len())).await?;
        let got = taken(&mut more, rows);
        next = cursor(&more).filter(|_| !got.is_empty());
        all.extend(got);
        answer["next"] = next.clone().into();
    }
    answer[rows] = all.into();
    Ok(answer)
}

fn cursor(answer: &Value) -> Option<String> {
    answer.get("next").and_then(Value::as_str).map(str::to_owned)
}

fn taken(answer: &mut Value, rows: &str) -> Vec<Value> {
    match answer.get_mut(rows).map(Value::take) {
        Some(Value::Array(rows)) => rows,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_stays_a_value() {
        let values = [("q", Some("a b&c=d#é\n%".to_owned())), ("since", None), ("tool", Some("Bash".to_owned()))];
        assert_eq!(path("/x", &values), "/x?q=a%20b%26c%3Dd%23%C3%A9%0A%25&tool=Bash");
        assert_eq!(path("/x?a=1", &[("b", Some("2".to_owned()))]), "/x?a=1&b=2");
        assert_eq!(path("/x", &[]), "/x");
    }
}
