//! `ccmon audit`.

use std::process::ExitCode;

use serde_json::Value;

use super::output::{cut, field, json, line, note};
use super::{export, given, query, when};
use crate::core::activity;

const DECISIONS: [&str; 7] =
    ["allowed", "denied", "released", "timed_out", "answered_in_terminal", "session_ended", "pending"];
const DECIDERS: [&str; 11] = [
    "popup",
    "dashboard",
    "web",
    "cli",
    "tui",
    "notification",
    "rule",
    "timeout",
    "unseen",
    "terminal",
    "session_ended",
];

/// List what was asked, and who decided how
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only with this outcome
    #[arg(long, value_parser = DECISIONS)]
    decision: Option<String>,
    /// Only settled by them
    #[arg(long, value_parser = DECIDERS)]
    by: Option<String>,
    /// Only for this tool
    #[arg(long)]
    tool: Option<String>,
    /// Only those asked since so long ago: 24h, 7d, 30d, or any
    #[arg(long, default_value = "any", value_parser = when::since, value_name = "TIME")]
    since: when::Since,
    /// Only of this project
    #[arg(long)]
    project: Option<String>,
    /// At most so many; 50, unless told
    #[arg(long, conflicts_with = "csv", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: Option<u32>,
    /// As JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// All of them, as comma-separated values
    #[arg(long)]
    csv: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let filter = [
        ("decision", args.decision),
        ("by", args.by),
        ("tool", args.tool),
        ("since", args.since.in_query()),
        ("project", args.project),
    ];
    let client = super::client()?;
    if args.csv {
        export::print(&client, &query::path("/audit/export?format=csv", &filter)).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let most = args.limit.unwrap_or(50) as usize;
    let answer = query::rows(&client, &query::path("/audit", &filter), "approvals", most).await?;
    if args.json {
        json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    let approvals = answer.get("approvals").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if approvals.is_empty() {
        line("Nothing was asked that these filters let through.");
    }
    for approval in approvals {
        line(&row(approval));
        given::lines(approval).iter().for_each(|more| line(&format!("    {more}")));
    }
    if answer.get("next").is_some_and(Value::is_string) {
        note("there are older ones: `--limit` shows more");
    }
    Ok(ExitCode::SUCCESS)
}

fn row(approval: &Value) -> String {
    let number = |name: &str| approval.get(name).and_then(Value::as_u64);
    let outcome = field(approval, "outcome").replace('_', " ");
    let rule = approval.get("rule").map(|rule| field(rule, "name")).filter(|name| !name.is_empty());
    let by = rule.map_or_else(|| field(approval, "by").replace('_', " "), |name| format!("rule {name}"));
    let input = approval.get("input").cloned().unwrap_or_default();
    let tool = approval.get("tool").and_then(Value::as_str).unwrap_or_default();
    let text = format!(
        "{}  {:<20} {:<18} {:>7}  {:<18} {}",
        when::moment(number("opened")),
        if outcome.is_empty() { "pending" } else { &outcome },
        cut(&by, 18),
        number("pending_ms").map(when::took).unwrap_or_default(),
        cut(&field(approval, "project"), 18),
        cut(&super::visible(&activity(tool, &input)), 90)
    );
    text.trim_end().to_owned()
}
