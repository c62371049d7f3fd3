//! Does what the model says is to be done, and tells it how that went.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::model::{Answer, Command, Message};
use super::wire::Session;
use crate::cli::caller;
use crate::client::{Client, ClientError};

/// Speaks to the daemon for the model.
pub struct Performer {
    /// The daemon.
    pub client: Client,
    /// The model's inbox.
    pub sender: mpsc::Sender<Message>,
    /// Makes the link begin anew.
    pub refresh: Arc<Notify>,
}

impl Performer {
    /// Does it, while the screen goes on.
    pub fn perform(&self, command: Command) {
        if command == Command::Refresh {
            self.refresh.notify_one();
            return;
        }
        let (client, sender) = (self.client.clone(), self.sender.clone());
        tokio::spawn(async move {
            if let Some(message) = answered(&client, command).await {
                // Whoever has left does not care.
                let _ = sender.send(message).await;
            }
        });
    }
}

async fn answered(client: &Client, command: Command) -> Option<Message> {
    let changed = match command {
        Command::Jump { key } => return Some(Message::Jumped(jump(client, &key).await)),
        Command::Decide { id, shown, answer } => {
            let result =
                post(client, &format!("/approvals/{}/decision", segment(&id)), &decision(&shown, answer)).await;
            return Some(Message::Decided { id, result: result.map(drop).map_err(|error| error.to_string()) });
        }
        Command::LoadPast => {
            let answer = client.get::<Value>("/sessions?include_ended=1").await.ok()?;
            let sessions: Vec<Session> = serde_json::from_value(answer.get("sessions")?.clone()).ok()?;
            return Some(Message::Past(sessions));
        }
        Command::Tag { key, text } => post(client, &of(&key, "tag"), &json!({ "text": text })).await,
        Command::Pin { key, on } => post(client, &of(&key, "pin"), &json!({ "on": on })).await,
        Command::Dismiss { key, on } => post(client, &of(&key, "dismiss"), &json!({ "on": on })).await,
        Command::Seen { key } => {
            // Nobody asked for it in so many words, so nobody is told that it failed.
            let _ = post(client, &of(&key, "seen"), &json!({})).await;
            return None;
        }
        Command::Refresh | Command::Redraw | Command::Quit => return None,
    };
    changed.err().map(|error| Message::Refused(error.to_string()))
}

async fn jump(client: &Client, key: &str) -> Result<String, String> {
    let caller = tokio::task::spawn_blocking(|| caller(None)).await.unwrap_or_default();
    let landed =
        post(client, &of(key, "jump"), &json!({ "caller": caller })).await.map_err(|error| error.to_string())?;
    let place = landed.get("place").and_then(Value::as_str).unwrap_or("its terminal");
    let notes = landed.get("notes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let said = notes.fold(format!("Now at {place}"), |said, note| format!("{said} · {note}"));
    Ok(said)
}

fn decision(shown: &str, answer: Answer) -> Value {
    match answer {
        Answer::Allow => json!({ "shown": shown, "decision": "allow" }),
        Answer::Deny(None) => json!({ "shown": shown, "decision": "deny" }),
        Answer::Deny(Some(message)) => json!({ "shown": shown, "decision": "deny", "message": message }),
    }
}

async fn post(client: &Client, path: &str, body: &Value) -> Result<Value, ClientError> {
    client.post(path, body).await
}

fn of(key: &str, verb: &str) -> String {
    format!("/sessions/{}/{verb}", segment(key))
}

/// One segment of a path, whatever the daemon took for a key.
fn segment(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_lead_elsewhere() {
        assert_eq!(segment("12-34"), "12-34");
        assert_eq!(of("s-../x?é", "tag"), "/sessions/s-%2E%2E%2Fx%3F%C3%A9/tag");
    }

    #[test]
    fn decisions_name_what_was_shown() {
        assert_eq!(decision("h", Answer::Allow), json!({ "shown": "h", "decision": "allow" }));
        let told = json!({ "shown": "h", "decision": "deny", "message": "no" });
        assert_eq!(decision("h", Answer::Deny(Some("no".into()))), told);
    }
}
