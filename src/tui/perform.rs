//! Does what the model says is to be done, and tells it how that went.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::message::{Answer, Command, Message};
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
        Answer::With(mut decision) => {
            decision["shown"] = json!(shown);
            decision
        }
        Answer::Release => json!({ "shown": shown, "decision": "release" }),
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
    use std::sync::Mutex;

    use axum::extract::State;
    use axum::http::{HeaderMap, StatusCode, Uri};
    use axum::{Json, Router};

    use super::*;

    type Asked = Arc<Mutex<Vec<(String, String, Value)>>>;

    /// A daemon that remembers what it was asked: jumps succeed, all else is refused.
    async fn answer(
        State(asked): State<Asked>,
        uri: Uri,
        headers: HeaderMap,
        Json(body): Json<Value>,
    ) -> (StatusCode, Json<Value>) {
        let named = headers["ccmon-client"].to_str().unwrap_or_default().to_owned();
        asked.lock().expect("no panic").push((uri.path().to_owned(), named, body));
        if uri.path().ends_with("/jump") {
            return (
                StatusCode::OK,
                Json(json!({ "place": "tmux main:2.1", "notes": ["the window is on workspace 3"] })),
            );
        }
        (StatusCode::CONFLICT, Json(json!({ "detail": "it was answered in the terminal" })))
    }

    #[tokio::test]
    async fn what_is_done_is_asked_of_the_daemon_and_told() {
        let directory = tempfile::tempdir().expect("a directory");
        let socket = directory.path().join("door.sock");
        let (asked, listener) = (Asked::default(), tokio::net::UnixListener::bind(&socket).expect("a socket"));
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&asked));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await });
        let client = Client::new(&socket).named("tui");
        let key = || "1-2".to_owned();

        let jumped = answered(&client, Command::Jump { key: key() }).await;
        let said = "Now at tmux main:2.1 · the window is on workspace 3";
        assert!(matches!(jumped, Some(Message::Jumped(Ok(text))) if text == said));
        let decide = Command::Decide { id: "a".into(), shown: "h".into(), answer: Answer::Allow };
        let decided = answered(&client, decide).await;
        assert!(matches!(decided, Some(Message::Decided { result: Err(why), .. }) if why.contains("in the terminal")));
        let commands = [
            Command::Tag { key: key(), text: None },
            Command::Pin { key: key(), on: true },
            Command::Dismiss { key: key(), on: false },
        ];
        for command in commands {
            assert!(matches!(answered(&client, command).await, Some(Message::Refused(_))));
        }
        assert!(answered(&client, Command::Seen { key: key() }).await.is_none(), "nobody asked, nobody is told");

        server.abort();
        let asked = asked.lock().expect("no panic");
        assert!(asked.iter().all(|(_, named, _)| named == "tui"));
        assert!(asked[0].2["caller"]["env"].is_object());
        let rest: Vec<_> = asked[1..].iter().map(|(path, _, body)| format!("{path} {body}")).collect();
        let expected = [
            r#"/approvals/a/decision {"shown":"h","decision":"allow"}"#,
            r#"/sessions/1-2/tag {"text":null}"#,
            r#"/sessions/1-2/pin {"on":true}"#,
            r#"/sessions/1-2/dismiss {"on":false}"#,
            "/sessions/1-2/seen {}",
        ];
        assert_eq!(rest, expected);
    }

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
