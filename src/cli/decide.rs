//! `ccmon approve` and `ccmon deny`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::find;
use super::output::{field, line};
use crate::client::Client;

/// Approve a request
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// Id of the request, or the beginning of it
    id: String,
}

/// Deny a request
#[derive(Debug, clap::Args)]
pub struct Deny {
    /// Id of the request, or the beginning of it
    id: String,
    /// Tell Claude why, or what to do instead
    #[arg(short, long)]
    message: Option<String>,
    /// Stop Claude's turn as well
    #[arg(long)]
    interrupt: bool,
}

pub async fn approve(args: Approve) -> anyhow::Result<ExitCode> {
    decide(&args.id, json!({ "decision": "allow" })).await
}

pub async fn deny(args: Deny) -> anyhow::Result<ExitCode> {
    decide(&args.id, json!({ "decision": "deny", "message": args.message, "interrupt": args.interrupt })).await
}

async fn decide(prefix: &str, mut decision: Value) -> anyhow::Result<ExitCode> {
    let client = super::client()?;
    let approval = pending(&client, prefix).await?;
    decision["shown"] = approval["shown"].clone();
    let settled: Value = client.post(&format!("/approvals/{}/decision", field(&approval, "id")), &decision).await?;
    line(&format!("{}: {} in {}", field(&settled, "outcome"), field(&settled, "tool"), field(&settled, "project")));
    Ok(ExitCode::SUCCESS)
}

/// The one pending request whose id begins with `prefix`.
async fn pending(client: &Client, prefix: &str) -> anyhow::Result<Value> {
    let answer: Value = client.get("/approvals").await?;
    let pending = answer.get("approvals").and_then(Value::as_array).cloned().unwrap_or_default();
    let matching = pending.into_iter().filter(|a| field(a, "id").starts_with(prefix)).collect();
    find::one(matching, prefix, "request", "ccmon approvals", "id")
}
