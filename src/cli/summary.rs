//! `ccmon summary`.

use std::process::ExitCode;

use anyhow::bail;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::find;
use super::output::{self, age, field, visible};
use crate::client::{Client, ClientError};
use crate::daemon::clock;

/// Say in a few sentences what a session did
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The beginning of the session's key, or of Claude's session id
    id: String,
    /// Only read the last one: have none written, which costs tokens
    #[arg(long)]
    no_refresh: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let client = super::client()?;
    let session = find::session(&client, &args.id).await?;
    let path = format!("/sessions/{}/summary", field(&session, "key"));
    let answer = if args.no_refresh { client.get(&path).await? } else { asked(&client, &path).await? };
    if args.json {
        output::json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    let failed = field(&answer, "error");
    if !failed.is_empty() && !args.no_refresh {
        bail!("no summary was written: {failed}");
    }
    let Some(summary) = answer.get("summary").filter(|summary| !summary.is_null()) else {
        bail!("there is no summary of it yet: `ccmon summary {}` has one written", visible(&args.id));
    };
    print(summary);
    Ok(ExitCode::SUCCESS)
}

/// Has one written, and waits for as long as that takes. When none may be, there may still be an old one.
async fn asked(client: &Client, path: &str) -> anyhow::Result<Value> {
    loop {
        let answer: Result<Value, _> = client.post(path, &json!({})).await;
        match answer {
            Ok(answer) if answer["state"] == "running" => {}
            Err(ClientError::Refused { status: StatusCode::CONFLICT, detail }) => {
                let old: Value = client.get(path).await?;
                if old["summary"].is_null() {
                    bail!("{detail}");
                }
                output::note(&detail);
                return Ok(old);
            }
            answer => return Ok(answer?),
        }
    }
}

fn print(summary: &Value) {
    let text = summary["text"].as_str().unwrap_or_default();
    text.lines().for_each(|line| output::line(&visible(line)));
    let written = summary["at"].as_u64().unwrap_or_default();
    let model = Some(field(summary, "model")).filter(|model| !model.is_empty());
    let cost = summary["cost_usd"].as_f64().map(|cost| format!("${cost:.4}"));
    let facts = [Some(format!("{} ago", age(clock::wall().0, written))), model, cost];
    output::line(&format!("({})", facts.into_iter().flatten().collect::<Vec<_>>().join(", ")));
}
