//! `ccmon tag`, `ccmon pin`, `ccmon dismiss` and `ccmon seen`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::find;
use super::list::in_one_line;
use super::output::{field, line};

/// Give a session a label of your own
#[derive(Debug, clap::Args)]
pub struct Tag {
    /// Key of the session, or Claude's id of it, or the beginning of one
    id: String,
    /// The label; none takes it away
    #[arg(default_value = "")]
    text: String,
}

/// Keep a session at the top of every list
#[derive(Debug, clap::Args)]
pub struct Pin {
    /// Key of the session, or Claude's id of it, or the beginning of one
    id: String,
    /// Not any more
    #[arg(long)]
    off: bool,
}

/// Hide a session until it needs you again
#[derive(Debug, clap::Args)]
pub struct Dismiss {
    /// Key of the session, or Claude's id of it, or the beginning of one
    id: String,
    /// Show it again
    #[arg(long)]
    off: bool,
}

/// Say that you have looked at a session: done becomes idle
#[derive(Debug, clap::Args)]
pub struct Seen {
    /// Key of the session, or Claude's id of it, or the beginning of one
    id: String,
}

pub async fn tag(args: Tag) -> anyhow::Result<ExitCode> {
    mark(&args.id, "tag", json!({ "text": args.text })).await
}

pub async fn pin(args: Pin) -> anyhow::Result<ExitCode> {
    mark(&args.id, "pin", json!({ "on": !args.off })).await
}

pub async fn dismiss(args: Dismiss) -> anyhow::Result<ExitCode> {
    mark(&args.id, "dismiss", json!({ "on": !args.off })).await
}

pub async fn seen(args: Seen) -> anyhow::Result<ExitCode> {
    mark(&args.id, "seen", json!({})).await
}

async fn mark(prefix: &str, what: &str, body: Value) -> anyhow::Result<ExitCode> {
    let client = super::client()?;
    let session = find::session(&client, prefix).await?;
    let marked: Value = client.post(&format!("/sessions/{}/{what}", field(&session, "key")), &body).await?;
    line(&in_one_line(&marked));
    Ok(ExitCode::SUCCESS)
}
