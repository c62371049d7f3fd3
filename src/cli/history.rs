//! `ccmon history`.

use std::process::ExitCode;

use serde_json::Value;

use super::list::{place, state_in_words};
use super::output::{cut, field, json, line, note, visible};
use super::{query, when};

/// List sessions of the past, or find those where something was said
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Words in prompts, tool inputs and summaries: `webhook`, `"exact words"`, `begin*`, `-without`
    query: Vec<String>,
    /// Only those active since so long ago: 24h, 7d, 30d, or any
    #[arg(long, default_value = "any", value_parser = when::since, value_name = "TIME")]
    since: when::Since,
    /// Only of this project
    #[arg(long)]
    project: Option<String>,
    /// Only those that asked for permission
    #[arg(long, conflicts_with = "without_approvals")]
    with_approvals: bool,
    /// Only those that never asked
    #[arg(long)]
    without_approvals: bool,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let q = args.query.join(" ");
    let approvals = [(args.with_approvals, "with"), (args.without_approvals, "without")];
    let question = query::path(
        "/history/sessions",
        &[
            ("q", Some(q).filter(|q| !q.trim().is_empty())),
            ("since", args.since.in_query()),
            ("project", args.project),
            ("approvals", approvals.into_iter().find(|(said, _)| *said).map(|(_, which)| which.to_owned())),
        ],
    );
    let answer = query::rows(&super::client()?, &question, "sessions", args.limit as usize).await?;
    if args.json {
        json(&answer);
    } else {
        draw(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

fn draw(answer: &Value) {
    let sessions = answer.get("sessions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if sessions.is_empty() {
        line("No session is found. `ccmon history` without words lists all that are kept.");
    }
    for session in sessions {
        line(&row(session));
        for hit in session.get("hits").and_then(Value::as_array).into_iter().flatten() {
            line(&format!("{:18}{}", "", found(hit)));
        }
    }
    let total = answer.get("total").and_then(Value::as_u64).filter(|total| *total > sessions.len() as u64);
    if let Some(total) = total {
        note(&format!("{} of {total} sessions: `--limit` shows more", sessions.len()));
    }
    if answer.get("partial").and_then(Value::as_bool) == Some(true) {
        note("more was found than could be put in order: add words, or --since");
    }
}

fn row(session: &Value) -> String {
    let number = |name: &str| session.get(name).and_then(Value::as_u64);
    let what = ["title", "prompt"].map(|name| field(session, name)).into_iter().find(|text| !text.is_empty());
    let text = format!(
        "{}  {:<18} {:<16} {:>4} tools {:>3} asked  {:<28} {}",
        when::moment(number("last_activity")),
        cut(&field(session, "key"), 18),
        state_in_words(&field(session, "state")),
        number("tools").unwrap_or(0),
        number("approvals").unwrap_or(0),
        cut(&place(session), 28),
        cut(&what.unwrap_or_default(), 60)
    );
    text.trim_end().to_owned()
}

/// Where the words stand: `Bash: curl localhost/webhook`.
fn found(hit: &Value) -> String {
    let parts = hit.get("parts").and_then(Value::as_array).into_iter().flatten();
    let text: String = parts.filter_map(|part| part.get(0)?.as_str()).collect();
    let tool = field(hit, "tool");
    let label = if tool.is_empty() { field(hit, "in") } else { tool };
    cut(&format!("{label}: {}", visible(&text.replace(['\n', '\t'], " "))), 140)
}
