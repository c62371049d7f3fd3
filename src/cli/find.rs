//! Sessions and requests named by the beginning of an id.

use anyhow::bail;
use serde_json::Value;

use super::output::field;
use super::query;
use crate::client::Client;

/// The one session whose key, or Claude's id of it, begins with `prefix`. A living one wins over those
/// that ended.
pub async fn session(client: &Client, prefix: &str) -> anyhow::Result<Value> {
    let living: Value = client.get("/sessions").await?;
    let mut matching = matches(&living, prefix);
    if matching.is_empty() {
        let all: Value = client.get("/sessions?include_ended=1").await?;
        matching = matches(&all, prefix);
    }
    one(matching, prefix, "session", "ccmon list --all", "key")
}

/// The one session of all that are kept.
pub async fn kept(client: &Client, prefix: &str) -> anyhow::Result<Value> {
    // A whole key saves going through all of them.
    if let Ok(known) = client.get::<Value>(&format!("/sessions/{}", query::encoded(prefix))).await {
        return Ok(known.get("session").cloned().unwrap_or_default());
    }
    let all = query::rows(client, "/history/sessions", "sessions", usize::MAX).await?;
    one(matches(&all, prefix), prefix, "session", "ccmon history", "key")
}

/// So many candidates are listed.
const LISTED: usize = 20;

/// The one of `matching`, or an error that lists the candidates. Nothing at all names none: `ccmon approve "$ID"`
/// with an empty variable would approve whatever waits.
pub fn one(mut matching: Vec<Value>, prefix: &str, what: &str, list: &str, id: &str) -> anyhow::Result<Value> {
    match matching.len() {
        _ if prefix.trim().is_empty() => bail!("that is no id: `{list}` lists them"),
        1 => Ok(matching.remove(0)),
        0 => bail!("no {what} begins with {prefix:?}: `{list}` lists them"),
        many => {
            let ids = matching.iter().take(LISTED).map(|a| format!("{} ({})", field(a, id), field(a, "project")));
            let more = if many > LISTED { ", …" } else { "" };
            bail!("{prefix:?} is the beginning of {many} {what}s: {}{more}", ids.collect::<Vec<_>>().join(", "))
        }
    }
}

fn matches(answer: &Value, prefix: &str) -> Vec<Value> {
    let sessions = answer.get("sessions").and_then(Value::as_array).cloned().unwrap_or_default();
    let exact = |s: &Value| field(s, "key") == prefix || field(s, "session_id") == prefix;
    if let Some(found) = sessions.iter().find(|s| exact(s)) {
        return vec![found.clone()];
    }
    let begins = |s: &Value| field(s, "key").starts_with(prefix) || field(s, "session_id").starts_with(prefix);
    sessions.into_iter().filter(begins).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_at_all_names_nothing() {
        let only = || vec![json!({ "id": "0a1b", "project": "shop" })];
        for prefix in ["", " "] {
            assert!(one(only(), prefix, "request", "ccmon approvals", "id").is_err());
        }
        assert_eq!(one(only(), "0", "request", "ccmon approvals", "id").ok(), only().pop());
        let two = [only(), only()].concat();
        assert!(one(two, "0", "request", "ccmon approvals", "id").is_err());
    }
}
