//! `ccmon list`.

use std::process::ExitCode;

use serde_json::Value;

use super::output::{age, cut, field, json, line};
use crate::daemon::clock;

/// List the sessions, those that need you first
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also those that ended, and those you dismissed
    #[arg(long)]
    all: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Also why each state is believed
    #[arg(short, long)]
    verbose: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let path = if args.all { "/sessions?include_ended=1" } else { "/sessions" };
    let answer: Value = super::client()?.get(path).await?;
    if args.json {
        json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    let sessions = answer.get("sessions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let hidden = |session: &&Value| is(session, "dismissed") && !is(session, "needs_you");
    let (hidden, shown): (Vec<_>, Vec<_>) = sessions.iter().partition(|s| hidden(s) && !args.all);
    if sessions.is_empty() {
        line("No Claude Code session is running. Start `claude` in any terminal and it appears here.");
    }
    for session in shown {
        line(&row(session));
        if args.verbose {
            line(&format!("{:20}{}", "", evidence(session)));
        }
    }
    if !hidden.is_empty() {
        line(&format!("{} dismissed: `ccmon list --all` shows them.", hidden.len()));
    }
    Ok(ExitCode::SUCCESS)
}

/// A session in one line: who, where, and how it stands.
pub fn in_one_line(session: &Value) -> String {
    let tag = field(session, "tag");
    let tag = if tag.is_empty() { tag } else { format!(" [{tag}]") };
    format!("{} {}{tag}: {}", cut(&field(session, "key"), 20), place(session), state_in_words(&field(session, "state")))
}

fn row(session: &Value) -> String {
    let now = clock::wall().0;
    let since = session.get("since").and_then(Value::as_u64).unwrap_or(now);
    let (tag, activity) = (field(session, "tag"), field(session, "activity"));
    let what = [activity, field(session, "title"), field(session, "prompt")];
    let what = what.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let doing = if tag.is_empty() { what } else { format!("[{tag}] {what}") };
    let pin = if is(session, "pinned") { "*" } else { " " };
    let text = format!(
        "{pin}{:<18} {:<18} {:>6}  {:<32} {}",
        cut(&field(session, "key"), 18),
        state_in_words(&field(session, "state")),
        age(now, since),
        cut(&place(session), 32),
        cut(&doing, 60)
    );
    text.trim_end().to_owned()
}

/// Why the state is believed, and since when that is known.
fn evidence(session: &Value) -> String {
    let Some(evidence) = session.get("evidence") else {
        return String::new();
    };
    let at = evidence.get("at").and_then(Value::as_i64).unwrap_or_default();
    let time = jiff::Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
    format!("{} at {}", field(evidence, "text"), time.strftime("%H:%M:%S"))
}

/// Project, branch, and the worktree where that has another name.
pub fn place(session: &Value) -> String {
    let (project, branch, worktree) = (field(session, "project"), field(session, "branch"), field(session, "worktree"));
    let worktree = if worktree == branch { String::new() } else { worktree };
    let parts: Vec<String> = [worktree, branch].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { project } else { format!("{project} ({})", parts.join(": ")) }
}

fn is(session: &Value, what: &str) -> bool {
    session.get(what).and_then(Value::as_bool).unwrap_or(false)
}

/// A state as people call it.
pub fn state_in_words(state: &str) -> &str {
    match state {
        "awaiting_permission" => "needs permission",
        "awaiting_answer" => "needs an answer",
        other => other,
    }
}
