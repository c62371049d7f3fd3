//! `ccmon approve` and `ccmon deny`.

use std::process::ExitCode;

use anyhow::bail;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::output::{field, line};
use super::{asking, edit, find};
use crate::answers::{entries, plan};
use crate::client::Client;

/// Approve a request, or a plan
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// Id of the request, or the beginning of it
    id: String,
    /// How Claude goes on after a plan: asking before each edit, unless told
    #[arg(long)]
    mode: Option<Mode>,
    /// Change the plan, the command, the new text or the address in $EDITOR first
    #[arg(short, long)]
    edit: bool,
    /// Approve what was edited without being asked again
    #[arg(short, long, requires = "edit")]
    yes: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// Ask before each edit
    #[value(name = "default")]
    Default,
    /// Edit without asking
    #[value(name = "acceptEdits")]
    AcceptEdits,
}

/// Deny a request, send a plan back, or decline what a server asks
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
    let client = super::client()?;
    let approval = pending(&client, &args.id).await?;
    let kind = field(&approval, "kind");
    if args.mode.is_some() && kind != "plan" {
        bail!("--mode goes with a plan, and this asks for {}", field(&approval, "tool"));
    }
    let decision = match kind.as_str() {
        "question" => bail!("this is a question, and Claude takes no bare yes to one: {}", instead(&approval)),
        "elicitation" => bare(&approval)?,
        "plan" => approved(&approval, &args)?,
        _ => allowed(&client, &approval, &args).await?,
    };
    let Some(decision) = decision else {
        line("Nothing was decided.");
        return Ok(ExitCode::from(1));
    };
    let words = args.mode.filter(|_| kind == "plan").map(|mode| format!(": Claude {}", mode.plan().words()));
    decide(&client, &approval, decision, &words.unwrap_or_default()).await?;
    Ok(ExitCode::SUCCESS)
}

pub async fn deny(args: Deny) -> anyhow::Result<ExitCode> {
    let client = super::client()?;
    let approval = pending(&client, &args.id).await?;
    if field(&approval, "kind") == "elicitation" && (args.message.is_some() || args.interrupt) {
        bail!("an MCP server hears no reason, and no turn is stopped by it: `ccmon deny {}` declines", args.id);
    }
    let decision = json!({ "decision": "deny", "message": args.message, "interrupt": args.interrupt });
    decide(&client, &approval, decision, "").await?;
    Ok(ExitCode::SUCCESS)
}

/// Sends a decision about what was shown, and says what came of it, with `more` behind.
pub async fn decide(client: &Client, approval: &Value, mut decision: Value, more: &str) -> anyhow::Result<Value> {
    decision["shown"] = approval["shown"].clone();
    let settled: Value = client.post(&format!("/approvals/{}/decision", field(approval, "id")), &decision).await?;
    line(&format!(
        "{}: {} in {}{more}",
        field(&settled, "outcome"),
        field(&settled, "tool"),
        field(&settled, "project")
    ));
    Ok(settled)
}

/// The one pending request whose id begins with `prefix`.
pub async fn pending(client: &Client, prefix: &str) -> anyhow::Result<Value> {
    let answer: Value = client.get("/approvals").await?;
    let pending = answer.get("approvals").and_then(Value::as_array).cloned().unwrap_or_default();
    let matching = pending.into_iter().filter(|a| field(a, "id").starts_with(prefix)).collect();
    find::one(matching, prefix, "request", "ccmon approvals", "id")
}

/// The beginning of its id, as lists show it.
pub fn short(approval: &Value) -> String {
    field(approval, "id").chars().take(8).collect()
}

/// How it is answered.
pub fn instead(approval: &Value) -> String {
    let how = asking::how(approval, &short(approval));
    how.map_or_else(|| "answer it in its terminal".to_owned(), |how| format!("`{how}`"))
}

/// A server that asks for nothing but a yes gets it.
fn bare(approval: &Value) -> anyhow::Result<Option<Value>> {
    match entries::read(&approval["input"]) {
        Ok(fields) if fields.is_empty() => Ok(Some(json!({ "decision": "allow", "content": {} }))),
        Ok(_) => bail!("an MCP server asks for details: {}", instead(approval)),
        Err(why) => bail!("{why}: answer it in the terminal"),
    }
}

fn approved(approval: &Value, args: &Approve) -> anyhow::Result<Option<Value>> {
    let mode = args.mode.unwrap_or(Mode::Default).plan();
    let text = plan::text_of(&approval["input"]);
    if !args.edit {
        return Ok(Some(plan::approved(text, mode)));
    }
    let Some(text) = text else {
        bail!("Claude sent no plan along that could be edited: see it in the terminal");
    };
    let Some(changed) = edit::text(text, "md")? else {
        return Ok(edit::settled(args.yes, true)?.then(|| plan::approved(Some(text), mode)));
    };
    edit::show(text, &changed);
    Ok(edit::settled(args.yes, false)?.then(|| plan::approved(Some(&changed), mode)))
}

async fn allowed(client: &Client, approval: &Value, args: &Approve) -> anyhow::Result<Option<Value>> {
    if !args.edit {
        return Ok(Some(json!({ "decision": "allow" })));
    }
    let Some(input) = edit::input(approval)? else {
        return Ok(edit::settled(args.yes, true)?.then(|| json!({ "decision": "allow" })));
    };
    edit::assess(client, approval, &input).await?;
    Ok(edit::settled(args.yes, false)?.then(|| json!({ "decision": "allow", "updated_input": input })))
}

impl Mode {
    fn plan(self) -> plan::Mode {
        match self {
            Self::Default => plan::Mode::Default,
            Self::AcceptEdits => plan::Mode::AcceptEdits,
        }
    }
}
