//! `ccmon rules …`.

mod draft;
mod edit;
mod file;
mod look;
mod test;

use std::process::ExitCode;

use serde_json::Value;

use super::asked;
use super::output::{field, line};
use crate::client::Client;

/// Look after the rules that answer requests without you
#[derive(Debug, clap::Subcommand)]
pub enum Rules {
    /// List the rules, in the order in which they decide
    List(look::List),
    /// Add a rule
    Add(edit::Add),
    /// Change a rule
    Edit(edit::Edit),
    /// Remove a rule
    Rm(edit::Which),
    /// Move a rule to another place: the first that matches decides
    Move(edit::Move),
    /// Let a rule count again
    Enable(edit::Which),
    /// Keep a rule, but do not let it count
    Disable(edit::Which),
    /// Only note what a rule would have done
    DryRun(edit::DryRun),
    /// Say what the rules decide about a command or tool call, and why; needs no daemon
    Test(test::Test),
    /// Say what a rule would have decided about the requests of the past
    Replay(edit::Which),
    /// Write the rules down as TOML
    Export(file::Export),
    /// Read rules from TOML
    Import(file::Import),
    /// Pause all rules: everything is asked
    Pause,
    /// Resume the rules
    Resume,
    /// Suggest rules for what you approve again and again
    Suggest(look::Suggest),
    /// Make a rule of a decided request, on trial
    Promote(edit::Promote),
}

pub fn run(verb: Rules) -> anyhow::Result<ExitCode> {
    match verb {
        Rules::List(args) => asked(look::list(args)),
        Rules::Add(args) => asked(edit::add(args)),
        Rules::Edit(args) => asked(edit::edit(args)),
        Rules::Rm(which) => asked(edit::remove(which)),
        Rules::Move(args) => asked(edit::place(args)),
        Rules::Enable(which) => asked(edit::set(which, "enabled", true)),
        Rules::Disable(which) => asked(edit::set(which, "enabled", false)),
        Rules::DryRun(args) => asked(edit::dry_run(args)),
        Rules::Test(args) => test::run(args),
        Rules::Replay(which) => asked(look::replay(which)),
        Rules::Export(args) => asked(file::export(args)),
        Rules::Import(args) => asked(file::import(args)),
        Rules::Pause => asked(pause("pause", "The rules are paused: everything is asked.")),
        Rules::Resume => asked(pause("resume", "The rules count again.")),
        Rules::Suggest(args) => asked(look::suggest(args)),
        Rules::Promote(args) => asked(edit::promote(args)),
    }
}

async fn pause(what: &str, done: &str) -> anyhow::Result<ExitCode> {
    let _: Value = super::client()?.post(&format!("/rules/{what}"), &Value::Null).await?;
    line(done);
    Ok(ExitCode::SUCCESS)
}

/// The rule of that number, or of that name.
async fn one(client: &Client, which: &str) -> anyhow::Result<Value> {
    let all: Value = client.get("/rules").await?;
    let rules = all.get("rules").and_then(Value::as_array).cloned().unwrap_or_default();
    let number = |rule: &Value| rule.get("id").and_then(Value::as_i64).is_some_and(|id| id.to_string() == which);
    if let Some(found) = rules.iter().find(|rule| number(rule)) {
        return Ok(found.clone());
    }
    let mut named = rules.into_iter().filter(|rule| rule.get("name").and_then(Value::as_str) == Some(which));
    match (named.next(), named.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => anyhow::bail!("several rules are called {which:?}: name one by its number"),
        (None, _) => anyhow::bail!("there is no rule {which:?}: `ccmon rules list` shows those there are"),
    }
}

/// A rule in one line.
fn in_one_line(rule: &Value) -> String {
    let id = rule.get("id").and_then(Value::as_i64).map(|id| format!("{id:>3}  ")).unwrap_or_default();
    format!("{id}{}", described(rule))
}

/// What a rule does, in words.
fn described(rule: &Value) -> String {
    let mut text = format!(
        "{:<5} {} {} {}",
        field(rule, "action"),
        field(rule, "tool"),
        field(rule, "kind"),
        field(rule, "pattern")
    );
    if let Some(cwd) = rule.get("cwd").and_then(Value::as_str) {
        text += &format!("  in {}", super::visible(cwd));
    }
    let is = |key: &str| rule.get(key).and_then(Value::as_bool);
    let notes = [
        (is("enabled") == Some(false)).then(|| "off".to_owned()),
        (is("dry_run") == Some(true)).then(|| "dry run".to_owned()),
        (is("allow_high") == Some(true)).then(|| "also high risk".to_owned()),
        duration(rule),
    ];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    if !notes.is_empty() {
        text += &format!("  ({})", notes.join(", "));
    }
    text
}

fn duration(rule: &Value) -> Option<String> {
    match field(rule, "lasts").as_str() {
        "once" => Some("once".into()),
        "restart" => Some("until ccmon restarts".into()),
        "session" => Some(format!("for session {}", field(rule, "session"))),
        "seconds" => Some(time_left(rule)),
        "session_seconds" => Some(format!("for session {}, {}", field(rule, "session"), time_left(rule))),
        _ => None,
    }
}

fn time_left(rule: &Value) -> String {
    match rule.pointer("/ends/in_ms").and_then(Value::as_u64) {
        Some(ms) => format!("{} min left", ms.div_ceil(60_000)),
        None => format!("{} s", rule.get("seconds").and_then(Value::as_u64).unwrap_or_default()),
    }
}

/// What there is to say against a rule.
fn print_lints(rule: &Value) {
    for lint in rule.get("lints").and_then(Value::as_array).into_iter().flatten() {
        line(&format!("     {}: {}", field(lint, "level"), field(lint, "text")));
    }
}
