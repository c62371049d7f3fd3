//! Keeps the daemon's frames coming, through its restarts.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite;

use super::message::Message;
use crate::client::Client;

/// How long to wait before asking a daemon again that did not answer.
const AGAIN: Duration = Duration::from_millis(500);

/// The daemon asks every 30 s whether we are still there: one that is silent for longer hangs.
const SILENCE: Duration = Duration::from_secs(75);

/// Hands on every frame, until nobody wants them; `refresh` begins anew with a snapshot.
pub async fn keep(client: Client, sender: mpsc::Sender<Message>, refresh: Arc<Notify>) {
    loop {
        let lost = tokio::select! {
            why = follow(&client, &sender) => Some(why),
            () = refresh.notified() => None,
        };
        let Some(why) = lost else {
            continue;
        };
        if sender.send(Message::Lost(why)).await.is_err() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = refresh.notified() => {}
        }
    }
}

/// Follows one connection to its end, and says why it ended.
async fn follow(client: &Client, sender: &mpsc::Sender<Message>) -> String {
    let mut frames = match client.frames().await {
        Ok(frames) => frames,
        Err(error) => return error.to_string(),
    };
    loop {
        let frame = match tokio::time::timeout(SILENCE, frames.next()).await {
            Ok(Some(frame)) => frame,
            Ok(None) => return "the daemon ended the connection".to_owned(),
            Err(_) => return "the daemon is silent".to_owned(),
        };
        let text = match frame {
            Ok(tungstenite::Message::Text(text)) => text,
            Ok(_) => continue,
            Err(error) => return error.to_string(),
        };
        // A frame that cannot be read comes from a later daemon: the others still count.
        if let Ok(frame) = serde_json::from_str(&text)
            && sender.send(Message::Frame(frame)).await.is_err()
        {
            return "nobody listens".to_owned();
        }
    }
}
