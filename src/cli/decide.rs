//! `ccmon approve` and `ccmon deny`.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::{Value, json};

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
    let approval = find(&client, prefix).await?;
    decision["shown"] = approval["shown"].clone();
    let settled: Value = client.post(&format!("/approvals/{}/decision", field(&approval, "id")), &decision).await?;
    line(&format!("{}: {} in {}", field(&settled, "outcome"), field(&settled, "tool"), field(&settled, "project")));
    Ok(ExitCode::SUCCESS)
}

/// The one pending request whose id begins with `prefix`.
async fn find(client: &Client, prefix: &str) -> anyhow::Result<Value> {
    let answer: Value = client.get("/approvals").await?;
    let pending = answer.get("approvals").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut matching: Vec<Value> = pending.into_iter().filter(|a| field(a, "id").starts_with(prefix)).collect();
    match matching.len() {
        1 => Ok(matching.remove(0)),
        0 => bail!("no pending request begins with {prefix:?}: `ccmon approvals` lists them"),
        _ => {
            let ids: Vec<_> =
                matching.iter().map(|a| format!("{} ({})", field(a, "id"), field(a, "project"))).collect();
            bail!("{prefix:?} is the beginning of {} requests: {}", ids.len(), ids.join(", "))
        }
    }
}
