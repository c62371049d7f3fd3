//! Making, changing, moving and removing rules.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::draft::Draft;
use super::{in_one_line, one, print_lints};
use crate::cli::output::{cut, field, line, visible};
use crate::client::Client;

/// Add a rule
#[derive(Debug, clap::Args)]
pub struct Add {
    /// What the tool's main input has to be: a command, path, host or name
    pattern: String,
    #[command(flatten)]
    draft: Draft,
    /// Only note what it would have done
    #[arg(long)]
    dry_run: bool,
    /// Its place, counted from 1; the last, unless told
    #[arg(long)]
    position: Option<usize>,
    /// Do not add it: say what it would have decided about the requests of the past
    #[arg(long)]
    replay: bool,
}

/// Change a rule
#[derive(Debug, clap::Args)]
pub struct Edit {
    /// The rule's number or name
    rule: String,
    /// Another pattern
    #[arg(long)]
    pattern: Option<String>,
    #[command(flatten)]
    draft: Draft,
    /// Everywhere again, not only in some folders
    #[arg(long, conflicts_with = "cwd")]
    anywhere: bool,
}

/// Which rule
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The rule's number or name
    pub rule: String,
}

/// Move a rule to another place
#[derive(Debug, clap::Args)]
pub struct Move {
    /// The rule's number or name
    rule: String,
    /// Its new place, counted from 1
    position: usize,
}

/// Only note what a rule would have done
#[derive(Debug, clap::Args)]
pub struct DryRun {
    /// The rule's number or name
    rule: String,
    /// Let it decide again
    #[arg(long)]
    off: bool,
}

/// Make a rule of a decided request, on trial
#[derive(Debug, clap::Args)]
pub struct Promote {
    /// The whole id of the request
    approval: String,
}

pub async fn add(args: Add) -> anyhow::Result<ExitCode> {
    let client = crate::cli::client()?;
    let mut keys = args.draft.keys(&client).await?;
    for (key, usual) in [("tool", "Bash"), ("kind", "glob"), ("action", "allow"), ("lasts", "forever")] {
        keys.entry(key).or_insert_with(|| json!(usual));
    }
    keys.entry("name").or_insert_with(|| json!(cut(&visible(&args.pattern), 40)));
    keys.insert("pattern".into(), json!(args.pattern));
    keys.insert("dry_run".into(), json!(args.dry_run));
    keys.retain(|_, value| !value.is_null());
    if args.replay {
        let replay = client.post("/rules/replay", &Value::Object(keys)).await?;
        super::look::print_replay(&replay);
        return Ok(ExitCode::SUCCESS);
    }
    keys.extend(args.position.map(|at| ("position".to_owned(), json!(at.saturating_sub(1)))));
    told(&client.post("/rules", &Value::Object(keys)).await?)
}

pub async fn edit(args: Edit) -> anyhow::Result<ExitCode> {
    let client = crate::cli::client()?;
    let mut keys = args.draft.keys(&client).await?;
    keys.extend(args.pattern.map(|pattern| ("pattern".to_owned(), json!(pattern))));
    if args.anywhere {
        keys.insert("cwd".into(), Value::Null);
    }
    anyhow::ensure!(!keys.is_empty(), "nothing to change: `ccmon rules edit --help` says what can be");
    patch(&client, &args.rule, &Value::Object(keys)).await
}

pub async fn remove(which: Which) -> anyhow::Result<ExitCode> {
    let client = crate::cli::client()?;
    let rule = one(&client, &which.rule).await?;
    client.delete(&path(&rule)).await?;
    line(&format!("Removed: {}", in_one_line(&rule).trim_start()));
    Ok(ExitCode::SUCCESS)
}

pub async fn place(args: Move) -> anyhow::Result<ExitCode> {
    let client = crate::cli::client()?;
    patch(&client, &args.rule, &json!({ "position": args.position.saturating_sub(1) })).await
}

pub async fn dry_run(args: DryRun) -> anyhow::Result<ExitCode> {
    set(Which { rule: args.rule }, "dry_run", !args.off).await
}

pub async fn set(which: Which, key: &str, on: bool) -> anyhow::Result<ExitCode> {
    let client = crate::cli::client()?;
    patch(&client, &which.rule, &json!({ key: on })).await
}

pub async fn promote(args: Promote) -> anyhow::Result<ExitCode> {
    let client = crate::cli::client()?;
    let draft: Value = client.post("/rules/promote", &json!({ "approval": args.approval })).await?;
    told(&client.post("/rules", &draft).await?)
}

async fn patch(client: &Client, which: &str, keys: &Value) -> anyhow::Result<ExitCode> {
    let rule = one(client, which).await?;
    told(&client.patch(&path(&rule), keys).await?)
}

fn path(rule: &Value) -> String {
    format!("/rules/{}", rule.get("id").and_then(Value::as_i64).unwrap_or_default())
}

fn told(rule: &Value) -> anyhow::Result<ExitCode> {
    line(&format!("{}  {:?}", in_one_line(rule), field(rule, "name")));
    print_lints(rule);
    Ok(ExitCode::SUCCESS)
}
