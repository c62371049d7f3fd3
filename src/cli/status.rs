//! `ccmon status`: one line for people, status bars and scripts.

use std::process::ExitCode;

use clap::ValueEnum;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::list::in_one_line;
use super::output::{is_read, line};
use crate::client::{Client, ClientError};

/// Say in one line what needs you
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What the line is for
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Say it again whenever it changes, until interrupted
    #[arg(long)]
    watch: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For tmux's status-right, with colours: `#(ccmon status --format tmux)`
    Tmux,
    /// For a custom module of waybar, with `"return-type": "json"`
    Waybar,
    /// For scripts
    Json,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let format = if args.json { Format::Json } else { args.format };
    let client = super::client()?;
    if args.watch {
        return watch(&client, format).await;
    }
    match client.get::<Value>("/sessions").await {
        Ok(answer) => line(&Count::of(sessions(&answer)).told(format)),
        // A bar shows what it is given: an error on stderr would be nothing.
        Err(ClientError::NotRunning(_)) if matches!(format, Format::Tmux | Format::Waybar) => line(&absent(format)),
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Says how things stand at every change of that, for as long as somebody reads; waits for a daemon that
/// restarts.
async fn watch(client: &Client, format: Format) -> anyhow::Result<ExitCode> {
    let mut said = String::new();
    let mut say = |text: String| {
        let news = text != said;
        said.clone_from(&text);
        !news || is_read(&text)
    };
    loop {
        if let Ok(mut frames) = client.frames().await {
            while let Some(Ok(frame)) = frames.next().await {
                if !is_news(&frame) {
                    continue;
                }
                // What changes together is one change.
                let together = tokio::time::Instant::now() + TOGETHER;
                while let Ok(Some(Ok(_))) = tokio::time::timeout_at(together, frames.next()).await {}
                if let Ok(answer) = client.get::<Value>("/sessions").await
                    && !say(Count::of(sessions(&answer)).told(format))
                {
                    return Ok(ExitCode::SUCCESS);
                }
            }
        }
        if !say(absent(format)) {
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Changes within this time are told at once.
const TOGETHER: std::time::Duration = std::time::Duration::from_millis(100);
/// How long after a daemon went away it is looked for again.
const RETRY: std::time::Duration = std::time::Duration::from_secs(1);

/// Frames that may change the line.
fn is_news(frame: &Message) -> bool {
    let Message::Text(text) = frame else {
        return false;
    };
    serde_json::from_str(text).is_ok_and(|frame: Value| frame.get("type").is_none_or(|kind| kind != "event"))
}

fn sessions(answer: &Value) -> &[Value] {
    answer.get("sessions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The line when no daemon runs.
fn absent(format: Format) -> String {
    match format {
        Format::Text => "ccmon is not running".into(),
        Format::Tmux => "#[fg=red]ccmon off#[default]".into(),
        Format::Waybar => {
            json!({ "text": "off", "tooltip": "ccmon is not running", "class": "trouble", "alt": "trouble" })
                .to_string()
        }
        Format::Json => json!({ "running": false }).to_string(),
    }
}

/// Sessions by what they want. What you dismissed, or nobody sits at, wants nothing.
#[derive(Debug, Default)]
struct Count {
    waiting: usize,
    failed: usize,
    stuck: usize,
    done: usize,
    working: usize,
    all: usize,
    /// Those that need you, in order.
    needing: Vec<String>,
}

impl Count {
    fn of(sessions: &[Value]) -> Self {
        let mut count = Self { all: sessions.len(), ..Self::default() };
        for session in sessions {
            let needs_you = session.get("needs_you").and_then(Value::as_bool).unwrap_or(false);
            match session.get("state").and_then(Value::as_str).unwrap_or_default() {
                "awaiting_permission" | "awaiting_answer" => count.waiting += 1,
                "failed" if needs_you => count.failed += 1,
                "stuck" if needs_you => count.stuck += 1,
                "done" if needs_you => count.done += 1,
                "working" => count.working += 1,
                _ => {}
            }
            if needs_you {
                count.needing.push(in_one_line(session));
            }
        }
        count
    }

    fn told(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Tmux => self.tmux(),
            Format::Waybar => self.waybar().to_string(),
            Format::Json => self.json().to_string(),
        }
    }

    fn text(&self) -> String {
        let parts = [
            (self.waiting, "waiting for you"),
            (self.failed, "failed"),
            (self.stuck, "stuck"),
            (self.done, "done"),
            (self.working, "working"),
        ];
        let told: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        let text = told.join(", ");
        match (self.needing.is_empty(), text.is_empty()) {
            (true, true) => "All clear".to_owned(),
            (true, false) => format!("All clear, {text}"),
            (false, _) => text,
        }
    }

    /// Only numbers of ours: nothing that a session says gets into tmux's formats.
    fn tmux(&self) -> String {
        let parts = [
            (self.waiting, "fg=yellow,bold", "!"),
            (self.failed, "fg=red", "x"),
            (self.stuck, "fg=red", "~"),
            (self.done, "fg=green", "+"),
            (self.working, "fg=blue", "…"),
        ];
        let told = parts.iter().filter(|(n, ..)| *n > 0);
        told.map(|(n, style, sign)| format!("#[{style}]{n}{sign}#[default]")).collect::<Vec<_>>().join(" ")
    }

    fn waybar(&self) -> Value {
        let class = match () {
            () if self.waiting > 0 => "waiting",
            () if self.failed + self.stuck > 0 => "failed",
            () if self.done > 0 => "done",
            () if self.working > 0 => "working",
            () => "calm",
        };
        let text = if self.needing.is_empty() { String::new() } else { self.needing.len().to_string() };
        let lines = if self.needing.is_empty() { vec![self.text()] } else { self.needing.clone() };
        // Waybar draws the tooltip as Pango markup.
        let tooltip = lines.join("\n").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        json!({ "text": text, "tooltip": tooltip, "class": class, "alt": class })
    }

    fn json(&self) -> Value {
        json!({
            "running": true,
            "needs_you": self.needing.len(),
            "waiting": self.waiting,
            "failed": self.failed,
            "stuck": self.stuck,
            "done": self.done,
            "working": self.working,
            "sessions": self.all,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(state: &str, needs_you: bool) -> Value {
        json!({ "key": "1-2", "project": "<shop> & #[fg=red]", "state": state, "needs_you": needs_you })
    }

    #[test]
    fn every_format_counts_what_needs_you() {
        let sessions = [
            session("awaiting_permission", true),
            session("done", true),
            session("done", false),
            session("working", false),
        ];
        let count = Count::of(&sessions);
        assert_eq!(count.text(), "1 waiting for you, 1 done, 1 working");
        assert_eq!(count.tmux(), "#[fg=yellow,bold]1!#[default] #[fg=green]1+#[default] #[fg=blue]1…#[default]");
        let waybar = count.waybar();
        assert_eq!((waybar["text"].as_str(), waybar["class"].as_str()), (Some("2"), Some("waiting")));
        assert!(waybar["tooltip"].as_str().is_some_and(|t| t.contains("&lt;shop&gt; &amp; ")), "{waybar}");
        assert_eq!(count.json()["needs_you"], 2);
    }

    #[test]
    fn nothing_is_all_clear() {
        let count = Count::of(&[session("working", false)]);
        assert_eq!(count.text(), "All clear, 1 working");
        assert_eq!(Count::default().text(), "All clear");
        assert_eq!(Count::default().tmux(), "");
        assert_eq!(Count::default().waybar()["class"], "calm");
    }
}
