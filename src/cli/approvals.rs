//! `ccmon approvals`.

use std::process::ExitCode;

use serde_json::Value;

use super::output::{age, field, json, line, visible};
use super::{asking, decide};
use crate::daemon::clock;

/// List the requests that wait for an answer
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let answer: Value = super::client()?.get("/approvals").await?;
    if args.json {
        json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    let approvals = answer.get("approvals").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if approvals.is_empty() {
        line("Nothing waits for you.");
    }
    for approval in approvals {
        describe(approval);
    }
    Ok(ExitCode::SUCCESS)
}

/// The whole input, never cut: what is approved has to have been seen.
fn describe(approval: &Value) {
    let now = clock::wall().0;
    let opened = approval.get("opened").and_then(Value::as_u64).unwrap_or(now);
    let id = decide::short(approval);
    line(&format!("{id}  {}  {}  asked {} ago", field(approval, "project"), field(approval, "tool"), age(now, opened)));
    match asking::lines(approval) {
        Some(lines) => lines.iter().for_each(|text| line(&format!("    {text}"))),
        None => input(approval.get("input").unwrap_or(&Value::Null)),
    }
    danger(approval);
    if let Some(how) = asking::how(approval, &id) {
        line(&format!("    {:<14} {how}", "answer:"));
    }
}

fn input(input: &Value) {
    for (name, value) in input.as_object().into_iter().flatten() {
        for (number, part) in asking::plain(value).split('\n').enumerate() {
            let label = if number == 0 { visible(name) + ":" } else { String::new() };
            line(&format!("    {label:<14} {}", visible(part)));
        }
    }
}

/// Its danger, with the reasons, and what rules on trial would have done.
pub fn danger(approval: &Value) {
    let Some(risk) = approval.get("risk").filter(|risk| !risk.is_null()) else {
        return;
    };
    line(&format!("    {:<14} {}", "risk:", field(risk, "level")));
    for finding in risk.get("findings").and_then(Value::as_array).into_iter().flatten() {
        line(&format!("    {:<14} {}: {}", "", field(finding, "level"), field(finding, "text")));
    }
    for trial in approval.get("trial").and_then(Value::as_array).into_iter().flatten() {
        line(&format!("    {:<14} rule {:?}, on trial: {}", "", field(trial, "name"), field(trial, "decision")));
    }
}
