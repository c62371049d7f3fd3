//! `ccmon status`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::output::{json, line};

/// Say in one line what needs you
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let answer: Value = super::client()?.get("/sessions").await?;
    let sessions = answer.get("sessions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let count = |states: &[&str]| {
        let state = |s: &&Value| s.get("state").and_then(Value::as_str).is_some_and(|s| states.contains(&s));
        sessions.iter().filter(state).count()
    };
    let waiting = count(&["awaiting_permission", "awaiting_answer"]);
    let (failed, done, working) = (count(&["failed"]), count(&["done"]), count(&["working"]));
    if args.json {
        let needs_you = waiting + failed + done;
        json(
            &json!({ "needs_you": needs_you, "waiting": waiting, "failed": failed, "done": done, "working": working, "sessions": sessions.len() }),
        );
        return Ok(ExitCode::SUCCESS);
    }
    let parts = [(waiting, "waiting for you"), (failed, "failed"), (done, "done"), (working, "working")];
    let told: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let calm = waiting + failed + done == 0;
    let text = told.join(", ");
    line(&match (calm, text.is_empty()) {
        (true, true) => "All clear".to_owned(),
        (true, false) => format!("All clear, {text}"),
        (false, _) => text,
    });
    Ok(ExitCode::SUCCESS)
}
