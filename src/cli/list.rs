//! `ccmon list`.

use std::process::ExitCode;

use serde_json::Value;

use super::output::{age, cut, field, json, line};
use crate::daemon::clock;

/// List the sessions, those that need you first
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also those that ended
    #[arg(long)]
    all: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let path = if args.all { "/sessions?include_ended=1" } else { "/sessions" };
    let answer: Value = super::client()?.get(path).await?;
    if args.json {
        json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    let sessions = answer.get("sessions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if sessions.is_empty() {
        line("No Claude Code session is running. Start `claude` in any terminal and it appears here.");
    }
    for session in sessions {
        line(&row(session));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(session: &Value) -> String {
    let now = clock::wall().0;
    let since = session.get("since").and_then(Value::as_u64).unwrap_or(now);
    let branch = field(session, "branch");
    let project = field(session, "project");
    let place = if branch.is_empty() { project } else { format!("{project} ({branch})") };
    let activity = field(session, "activity");
    let doing = if activity.is_empty() { field(session, "prompt") } else { activity };
    format!(
        "{:<16} {:<18} {:>6}  {:<32} {}",
        cut(&field(session, "key"), 16),
        state_in_words(&field(session, "state")),
        age(now, since),
        cut(&place, 32),
        cut(&doing, 60)
    )
    .trim_end()
    .to_owned()
}

fn state_in_words(state: &str) -> &str {
    match state {
        "awaiting_permission" => "needs permission",
        "awaiting_answer" => "needs an answer",
        other => other,
    }
}
