//! Looking at rules: as they stand, against the past, and those that might be worth having.

use std::process::ExitCode;

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::edit::Which;
use super::{described, in_one_line, one, print_lints};
use crate::cli::output::{age, field, json as print_json, line, note};
use crate::daemon::clock;
use crate::rules::Rule;

/// List the rules, in the order in which they decide
#[derive(Debug, clap::Args)]
pub struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Suggest rules for what you approve again and again
#[derive(Debug, clap::Args)]
pub struct Suggest {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Add the suggestion of this number, on trial
    #[arg(long, value_name = "NUMBER")]
    add: Option<usize>,
}

pub async fn list(args: List) -> anyhow::Result<ExitCode> {
    let answer: Value = crate::cli::client()?.get("/rules").await?;
    if args.json {
        print_json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(why) = answer.get("broken").and_then(Value::as_str) {
        note(&format!("no rule counts, everything is asked: {why}"));
    } else if answer.get("paused").and_then(Value::as_bool) == Some(true) {
        note("the rules are paused, everything is asked: `ccmon rules resume`");
    }
    let rules = answer.get("rules").and_then(Value::as_array).cloned().unwrap_or_default();
    if rules.is_empty() {
        line("There are no rules. `ccmon rules add 'git status*'` lets `git status` run without asking.");
    }
    for rule in &rules {
        line(&format!("{}  {:?}, {}", in_one_line(rule), field(rule, "name"), matched(rule)));
        print_lints(rule);
    }
    Ok(ExitCode::SUCCESS)
}

fn matched(rule: &Value) -> String {
    let count = rule.get("matches").and_then(Value::as_u64).unwrap_or_default();
    match rule.get("last_match").and_then(Value::as_u64) {
        Some(last) => format!("matched {count} times, last {} ago", age(clock::wall().0, last)),
        None => "never matched".into(),
    }
}

pub async fn replay(which: Which) -> anyhow::Result<ExitCode> {
    let client = crate::cli::client()?;
    let rule = one(&client, &which.rule).await?;
    let own = |(key, _): &(String, Value)| Rule::KEYS.contains(&key.as_str());
    let rule: Map<String, Value> = rule.as_object().cloned().unwrap_or_default().into_iter().filter(own).collect();
    print_replay(&client.post("/rules/replay", &Value::Object(rule)).await?);
    Ok(ExitCode::SUCCESS)
}

/// What a rule would have decided.
pub fn print_replay(replay: &Value) {
    let count = |key: &str| replay.get(key).and_then(Value::as_u64).unwrap_or_default();
    line(&format!(
        "Of {} requests it is about {}. It would have decided {}: allowed {}, denied {}.",
        count("looked_at"),
        count("in_scope"),
        count("would_decide"),
        count("would_allow"),
        count("would_deny")
    ));
    line(&format!(
        "Against you: {} allowed that you denied, {} denied that you allowed. Held back for their danger: {}.",
        count("allowed_but_denied"),
        count("denied_but_allowed"),
        count("held_back")
    ));
    for (title, key) in
        [("against you", "against"), ("held back", "held_back"), ("as you did", "agree"), ("new", "new")]
    {
        for example in replay.pointer(&format!("/examples/{key}")).and_then(Value::as_array).into_iter().flatten() {
            line(&format!("  {title:<12} {} {}", field(example, "tool"), field(example, "text")));
        }
    }
}

pub async fn suggest(args: Suggest) -> anyhow::Result<ExitCode> {
    let client = crate::cli::client()?;
    let answer: Value = client.get("/rules/suggest").await?;
    let all = answer.get("suggestions").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(number) = args.add {
        let chosen = number.checked_sub(1).and_then(|at| all.get(at));
        let chosen = chosen.with_context(|| format!("there is no suggestion {number}: there are {}", all.len()))?;
        let mut rule = chosen.get("rule").cloned().unwrap_or_default();
        rule["dry_run"] = json!(true);
        let added: Value = client.post("/rules", &rule).await?;
        line(&in_one_line(&added));
        line("It is on trial: `ccmon rules dry-run NUMBER --off` lets it decide.");
        return Ok(ExitCode::SUCCESS);
    }
    if args.json {
        print_json(&answer);
    } else if all.is_empty() {
        line(
            "Nothing to suggest: a rule is suggested when you approved the same thing three times, and never denied it.",
        );
    }
    for (number, suggestion) in (1..).zip(all.iter().filter(|_| !args.json)) {
        let seen = suggestion.get("seen").and_then(Value::as_u64).unwrap_or_default();
        line(&format!("{number:>3}  {}", described(suggestion.get("rule").unwrap_or(&Value::Null))));
        line(&format!("     would have saved you {seen} questions; `ccmon rules suggest --add {number}`"));
    }
    Ok(ExitCode::SUCCESS)
}
