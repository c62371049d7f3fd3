//! `ccmon tail`.

use std::process::ExitCode;

use futures_util::StreamExt;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use super::output::{cut, field, is_read, visible};

/// Follow what happens, as it happens
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this session: the beginning of its key or of Claude's session id
    id: Option<String>,
    /// Each event as one line of JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut frames = super::client()?.frames().await?;
    while let Some(frame) = frames.next().await {
        let Message::Text(text) = frame? else {
            continue;
        };
        let Ok(frame) = serde_json::from_str::<Value>(&text) else {
            continue;
        };
        let Some(event) = frame.get("event") else {
            continue;
        };
        if args.id.as_deref().is_none_or(|id| is_of(event, id)) {
            let text = if args.json { event.to_string() } else { in_words(event) };
            if !is_read(&text) {
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    anyhow::bail!("the daemon ended the connection: it stopped, or restarts")
}

fn is_of(event: &Value, prefix: &str) -> bool {
    field(event, "session").starts_with(prefix) || field(event, "session_id").starts_with(prefix)
}

fn in_words(event: &Value) -> String {
    let payload = event.get("payload").cloned().unwrap_or_default();
    let tool = field(&payload, "tool_name");
    let input = payload.get("tool_input").map(|input| visible(&input.to_string())).unwrap_or_default();
    let prompt = field(&payload, "prompt");
    let detail = [tool, input, prompt].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let session = cut(&field(event, "session"), 16);
    let text = format!("{}  {session:<16}  {:<18} {}", clock(event), field(event, "kind"), cut(&detail, 120));
    text.trim_end().to_owned()
}

/// The event's time of day, where the user is.
fn clock(event: &Value) -> String {
    let at = event.get("at").and_then(Value::as_i64).unwrap_or_default();
    let time = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string()
}
