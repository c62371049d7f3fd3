//! `ccmon rules test`: what the rules decide, and why. Needs no daemon: people test their rules in CI with it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::iter;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::Trying;
use crate::cli::output::{field, json as print_json, line, visible};
use crate::daemon::assess;
use crate::daemon::explain::explain;
use crate::daemon::rulebook::{question, stored};
use crate::paths::Paths;
use crate::rules::{Book, Rule};

/// Say what the rules decide about a command or tool call, and why
#[derive(Debug, clap::Args)]
pub struct Test {
    /// A command for Bash; each word is one argument of it, a single one is the whole line
    #[arg(required_unless_present_any = ["input", "jsonl"], conflicts_with_all = ["input", "jsonl"])]
    command: Option<String>,
    /// Another tool than Bash
    #[arg(long, requires = "input")]
    tool: Option<String>,
    /// The tool's whole input, JSON
    #[arg(long)]
    input: Option<String>,
    /// Where it would run; here, unless told
    #[arg(long)]
    cwd: Option<PathBuf>,
    /// As the session of this key
    #[arg(long, default_value = "")]
    session: String,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Read one case a line from this file (`-` for standard input), print one verdict a line:
    /// `{"rule":{"kind":"glob","pattern":"git status*"},"command":"git status","cwd":"/home/me/shop"}`;
    /// `also` lists more rules; without `rule`, your own decide
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    jsonl: Option<PathBuf>,
}

pub fn run(args: Test) -> anyhow::Result<ExitCode> {
    // The parsers recurse.
    let work = assess::with_room(move || match &args.jsonl {
        Some(file) => lines(file),
        None => single(&args),
    })?;
    work.join().unwrap_or_else(|_| bail!("that failed; it is a fault of ccmon's"))
}

fn single(args: &Test) -> anyhow::Result<ExitCode> {
    let input = args.input.as_deref().map(serde_json::from_str).transpose().context("--input is not JSON")?;
    let cwd = args.cwd.clone().map_or_else(here, |cwd| std::path::absolute(cwd).unwrap_or_default());
    let trying = Trying {
        tool: args.tool.clone(),
        input,
        command: args.command.clone(),
        cwd: cwd.to_string_lossy().into_owned(),
        session: args.session.clone(),
    };
    let (question, session) = question(trying).map_err(anyhow::Error::msg)?;
    let book = own_rules()?;
    let answer = explain(&book, &question, &session);
    if args.json {
        print_json(&answer);
    } else {
        print(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(answer: &Value) {
    let rule = answer.get("rule").filter(|rule| !rule.is_null());
    let by = rule.map(|rule| format!(", by rule {} {:?}", rule["id"], field(rule, "name"))).unwrap_or_default();
    line(&format!("{}{by}", field(answer, "decision")));
    for reason in answer.get("reasons").and_then(Value::as_array).into_iter().flatten() {
        line(&format!("  because {}", visible(reason.as_str().unwrap_or_default())));
    }
    for part in answer.get("parts").and_then(Value::as_array).into_iter().flatten() {
        line(&format!("  part  {:<40} {}", field(part, "text"), field(part, "why")));
    }
    for trial in answer.get("trial").and_then(Value::as_array).into_iter().flatten() {
        line(&format!("  rule {} {:?}, on trial, would have decided", trial["id"], field(trial, "name")));
    }
    line(&format!("risk {}", field(answer, "risk")));
    for finding in answer.get("findings").and_then(Value::as_array).into_iter().flatten() {
        line(&format!("  {:<6} {}", field(finding, "level"), field(finding, "text")));
    }
}

/// One case of a file; what else stands in the row is the writer's own.
#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    rule: Option<Map<String, Value>>,
    /// Further rules that exist beside it, after it.
    #[serde(default)]
    also: Vec<Map<String, Value>>,
    #[serde(default)]
    tool: Option<String>,
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    command: Option<String>,
    #[serde(default)]
    cwd: Option<String>,
}

/// Decides every case of the file. One that cannot be read is `ask`, and makes the exit code 1.
fn lines(path: &PathBuf) -> anyhow::Result<ExitCode> {
    let source: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        Box::new(BufReader::new(file))
    };
    let (mut own, mut sound) = (None, true);
    for (number, row) in (1..).zip(source.lines()) {
        let row = row.with_context(|| format!("cannot read line {number}"))?;
        if row.trim().is_empty() {
            continue;
        }
        let verdict = decide(&row, &mut own).unwrap_or_else(|error| {
            sound = false;
            let why = format!("line {number} is no case: {error:#}");
            json!({ "decision": "ask", "risk": "medium", "reasons": [why], "rule": null, "error": true })
        });
        if !crate::cli::output::is_read(&verdict.to_string()) {
            break;
        }
    }
    Ok(ExitCode::from(u8::from(!sound)))
}

fn decide(row: &str, own: &mut Option<Book>) -> anyhow::Result<Value> {
    let Case { rule, also, tool, input, command, cwd } = serde_json::from_str(row)?;
    let cwd = cwd.unwrap_or_else(|| here().to_string_lossy().into_owned());
    let alone = rule.map(|rule| only(iter::once(rule).chain(also), tool.as_deref())).transpose()?;
    let trying = Trying { tool, input, command, cwd, session: String::new() };
    let (question, session) = question(trying).map_err(anyhow::Error::msg)?;
    let answer = match (&alone, &own) {
        (Some(book), _) | (None, Some(book)) => explain(book, &question, &session),
        (None, None) => explain(own.insert(own_rules()?), &question, &session),
    };
    let findings = answer.get("findings").and_then(Value::as_array).into_iter().flatten();
    let told = answer.get("reasons").and_then(Value::as_array).into_iter().flatten();
    let reasons: Vec<&Value> = told.chain(findings.filter_map(|finding| finding.get("text"))).collect();
    Ok(json!({
        "decision": answer["decision"],
        "risk": answer["risk"],
        "reasons": reasons,
        "rule": answer["rule"],
    }))
}

/// A book of these rules; what one does not say is as usual: an allow for this tool, for ever.
fn only(rules: impl Iterator<Item = Map<String, Value>>, tool: Option<&str>) -> anyhow::Result<Book> {
    let usual =
        [("name", "the case's own"), ("tool", tool.unwrap_or("Bash")), ("action", "allow"), ("lasts", "forever")];
    let mut book = Book::default();
    for mut rule in rules {
        for (key, value) in usual {
            rule.entry(key).or_insert_with(|| json!(value));
        }
        if let Some(odd) = rule.keys().find(|key| !Rule::KEYS.contains(&key.as_str())) {
            bail!("a rule has no {odd:?}");
        }
        book.add(serde_json::from_value(Value::Object(rule))?, None, 0, 0)?;
    }
    Ok(book)
}

/// The user's rules, as they stand in the database.
fn own_rules() -> anyhow::Result<Book> {
    Ok(stored(&Paths::find()?))
}

fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}
