//! `ccmon next`, `ccmon jump` and `ccmon back`.

use std::process::{Command, ExitCode};

use serde_json::{Value, json};

use super::caller::caller;
use super::find;
use super::list::in_one_line;
use super::output::{self, field, line, visible};

/// Go to the session that needs you most
#[derive(Debug, Default, clap::Args)]
pub struct Next {
    /// Only say which that is
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    from: From,
}

/// Go to a session's terminal
#[derive(Debug, clap::Args)]
pub struct Jump {
    /// Key of the session, or Claude's id of it, or the beginning of one
    id: String,
    #[command(flatten)]
    from: From,
}

/// Go back to where the last jump came from
#[derive(Debug, clap::Args)]
pub struct Back {
    #[command(flatten)]
    from: From,
}

#[derive(Debug, Default, clap::Args)]
struct From {
    /// The client of tmux in which a key was pressed (`#{client_name}` in a binding); what there is to
    /// say is shown there
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub async fn next(args: Next) -> anyhow::Result<ExitCode> {
    let body = json!({ "dry_run": args.dry_run, "caller": caller(args.from.client.as_deref()) });
    let went = post("/next", &body).await;
    args.from.tell(went, |went: &Value| match went.get("session") {
        Some(session @ Value::Object(_)) if args.dry_run => Some(in_one_line(session)),
        Some(session @ Value::Object(_)) => Some(arrived(session)),
        _ => Some("all clear".into()),
    })
}

pub async fn jump(args: Jump) -> anyhow::Result<ExitCode> {
    let client = super::client()?;
    let session = find::session(&client, &args.id).await?;
    let path = format!("/sessions/{}/jump", field(&session, "key"));
    let went = client.post(&path, &json!({ "caller": caller(args.from.client.as_deref()) })).await;
    args.from.tell(went.map_err(Into::into), |_: &Value| Some(arrived(&session)))
}

pub async fn back(args: Back) -> anyhow::Result<ExitCode> {
    let went = post("/back", &json!({ "caller": caller(args.from.client.as_deref()) })).await;
    args.from.tell(went, |_: &Value| None)
}

async fn post(path: &str, body: &Value) -> anyhow::Result<Value> {
    Ok(super::client()?.post(path, body).await?)
}

/// Said after a jump: who that is, and why there.
fn arrived(session: &Value) -> String {
    let evidence = session.get("evidence").map(|evidence| field(evidence, "text")).unwrap_or_default();
    format!("{} ({evidence})", in_one_line(session))
}

impl From {
    /// Says what came of it: in the terminal, or where the key was pressed.
    fn tell(
        &self,
        went: anyhow::Result<Value>,
        in_words: impl FnOnce(&Value) -> Option<String>,
    ) -> anyhow::Result<ExitCode> {
        if self.json && self.client.is_none() {
            output::json(&went?);
            return Ok(ExitCode::SUCCESS);
        }
        let notes = went.as_ref().ok().and_then(|went| went.get("notes")?.as_array().cloned()).unwrap_or_default();
        let notes: Vec<String> = notes.iter().filter_map(|note| note.as_str().map(visible)).collect();
        let Some(client) = &self.client else {
            if let Some(text) = in_words(&went?) {
                line(&text);
            }
            notes.iter().for_each(|note| output::note(note));
            return Ok(ExitCode::SUCCESS);
        };
        // A binding's command has no terminal of its own.
        match went {
            Ok(went) => {
                let text = in_words(&went).filter(|_| went.get("session").is_none_or(Value::is_null));
                text.into_iter().chain(notes).for_each(|text| show(client, &text));
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                show(client, &visible(&format!("ccmon: {error:#}")));
                // Of a failure tmux would open a view over the user's pane.
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Shows a message in a client of tmux, whose formats it must not use.
fn show(client: &str, text: &str) {
    // Both are expanded: formats, and times.
    let text = text.replace('#', "##").replace('%', "%%");
    let _ = Command::new("tmux").args(["display-message", "-c", client, "--", &text]).status();
}
