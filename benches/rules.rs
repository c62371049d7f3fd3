//! What rules decide, and what it costs: the project's own cases, and with `CCMON_CORPUS` (a folder) the
//! cases of others; then the time of reading, rating and judging each of them, by number of rules.
//!
//! `cargo bench --no-default-features --bench rules`
#![allow(clippy::print_stdout)] // The table is what a bench is for.

#[path = "../tests/rules/harness.rs"]
#[allow(dead_code)] // The tests use the rest.
mod harness;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ccmon::rules::risk::Level;
use ccmon::rules::{Decision, Rule, Table};
use harness::{Case, judge, rows, rules, word};
use serde_json::{Value, json};

fn main() {
    let mut lines = Vec::new();
    own(&mut lines);
    if let Some(folder) = std::env::var_os("CCMON_CORPUS").map(PathBuf::from) {
        lines.clear();
        promises(&folder, &mut lines);
        read_only(&folder, &mut lines);
        destructive(&folder, &mut lines);
    }
    println!("\n{:<44}{:>10}{:>10}{:>10}", format!("{} lines", lines.len()), "median", "p99", "longest");
    speed(&lines);
    hostile();
}

/// The project's own cases, file by file.
fn own(lines: &mut Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rules");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the cases").map(|f| f.expect("a file").path()).collect();
    files.sort();
    for file in files {
        let rows = rows(&file);
        let right = rows.iter().filter(|row| word(&judge(row).decision) == row["decision"]).count();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{name:<44}{right:>6} of {:>4} as they should be", rows.len());
        lines.extend(rows.iter().filter_map(|row| row["command"].as_str()).map(str::to_owned));
    }
}

/// Rules, and calls that they may or may not answer.
fn promises(folder: &Path, lines: &mut Vec<String>) {
    let all = rows(&folder.join("rule-cases.jsonl"));
    for tier in ["core", "flags", "policy", "stretch"] {
        let (mut approved, mut good, mut wrong, mut bad) = (0, 0, 0, 0);
        for row in all.iter().filter(|row| row["tier"] == tier) {
            let allowed = judge(&ours(row)).decision == Decision::Allow;
            let may = row["must_auto_approve"] == true;
            (good, approved) = (good + usize::from(may), approved + usize::from(may && allowed));
            (bad, wrong) = (bad + usize::from(!may), wrong + usize::from(!may && allowed));
            if allowed != may {
                println!("  {tier}: {}: {} {}", word(&judge(&ours(row)).decision), row["rule"], row["command"]);
            }
        }
        println!("{:<44}{approved:>6} of {good:>4} approved, {wrong} of {bad} wrongly", format!("rule-cases, {tier}"));
    }
    lines.extend(all.iter().filter_map(|row| row["command"].as_str()).map(str::to_owned));
}

/// A row of the corpus in the form of the project's own.
fn ours(row: &Value) -> Value {
    let mut ours = row.clone();
    let also = row["also"].as_array().into_iter().flatten();
    let rules = std::iter::once(&row["rule"]).chain(also).map(|rule| {
        let mut rule = rule.clone();
        let inside = rule["pattern"].as_str().and_then(|text| text.split_once('(')?.1.strip_suffix(')'));
        if let Some(inside) = inside.filter(|_| row["tool"].is_string()).map(str::to_owned) {
            rule["pattern"] = json!(inside);
        }
        rule
    });
    let rules: Vec<Value> = rules.collect();
    if let Some(fields) = ours.as_object_mut() {
        fields.remove("rule");
        fields.insert("rules".into(), json!(rules));
        if row["input"].is_object() {
            fields.remove("command");
        }
    }
    ours
}

fn read_only(folder: &Path, lines: &mut Vec<String>) {
    for (expected, what) in [("allow", "rated above low"), ("ask", "rated low")] {
        let rows = rows(&folder.join("dippy-half.jsonl"));
        let rows: Vec<&Value> = rows.iter().filter(|row| row["expected"] == expected).collect();
        let low = |row: &&&Value| (Case::new(row).risk.level == Level::Low) == (expected == "ask");
        let found: Vec<&Value> = rows.iter().filter(low).copied().collect();
        println!("{:<44}{:>6} of {:>4} {what}", format!("dippy-half, {expected}"), found.len(), rows.len());
        if expected == "ask" && std::env::var_os("CCMON_SHOW").is_some() {
            found.iter().for_each(|row| println!("  {}", row["command"]));
        }
        lines.extend(rows.iter().filter_map(|row| row["command"].as_str()).map(str::to_owned));
    }
}

fn destructive(folder: &Path, lines: &mut Vec<String>) {
    let rows = rows(&folder.join("cc-safety-net.jsonl"));
    let rows: Vec<&Value> = rows.iter().filter(|row| row["expected"] == "deny").collect();
    let high = rows.iter().filter(|row| Case::new(row).risk.level == Level::High).count();
    println!("{:<44}{high:>6} of {:>4} rated high", "cc-safety-net, deny", rows.len());
    lines.extend(rows.iter().filter_map(|row| row["command"].as_str()).map(str::to_owned));
}

fn table(count: usize, action: &str) -> Table {
    let kind = |at: usize| ["glob", "glob", "glob", "literal", "regex"][at % 5];
    let pattern = |at: usize| match at % 5 {
        4 => format!("program{at} (run|test) [a-z]+( .*)?"),
        3 => format!("program{at} run x"),
        _ => format!("program{at} run *"),
    };
    let one = |at: usize| json!({ "kind": kind(at), "pattern": pattern(at), "action": action });
    let mut all: Vec<Value> = (1..count).map(one).collect();
    all.push(json!({ "pattern": "git *" }));
    let all: Vec<Rule> = rules(&json!({ "rules": all }));
    Table::new(&all).expect("rules")
}

fn speed(lines: &[String]) {
    let one = table(1, "allow");
    let rows: Vec<Value> = lines.iter().map(|line| json!({ "command": line })).collect();
    report("parse, rate and judge, 1 rule", &rows, |row| drop(black_box(Case::new(row).judge(&one))));
    let cases: Vec<Case> = rows.iter().map(Case::new).collect();
    report("judge alone, 1 rule", &cases, |case| drop(black_box(case.judge(&one))));
    for action in ["allow", "deny"] {
        let many = table(1000, action);
        report(&format!("judge alone, 1,000 rules that {action}"), &cases, |case| drop(black_box(case.judge(&many))));
    }
}

/// Lines that are made to be slow.
fn hostile() {
    let many = table(1000, "deny");
    let shapes: [(&str, String); 9] = [
        ("16 KiB of words", "git ".to_owned() + &"a ".repeat(8000)),
        ("deep substitutions", "$(".repeat(32) + "ls" + &")".repeat(32)),
        ("nested scripts", "sh -c \"".repeat(500) + "ls"),
        ("250 pipes", "ls|".repeat(250) + "ls"),
        ("50 commands of 80 words", ("git".to_owned() + &" -a".repeat(80) + ";").repeat(50)),
        ("wrappers", "timeout 5 nice env ".repeat(800) + "ls"),
        ("quotes", "'a'\"b\"".repeat(2700)),
        ("globs", "ls ".to_owned() + &"*a".repeat(8000)),
        ("a here-document", format!("cat <<'E'\n{}E\n", "rm -rf x\n".repeat(1800))),
    ];
    for (name, line) in shapes {
        let rows = [json!({ "command": line })];
        report(&format!("all, 1,000 that deny: {name}"), &rows, |row| drop(black_box(Case::new(row).judge(&many))));
    }
}

/// One row of the table.
fn report<T>(name: &str, all: &[T], work: impl Fn(&T)) {
    let rounds = if all.len() > 1000 { 3 } else { 10 };
    let mut times = Vec::new();
    for one in (0..rounds).flat_map(|_| all) {
        let start = Instant::now();
        work(one);
        times.push(start.elapsed());
    }
    times.sort();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last()).map_or(0.0, micros);
    println!("{name:<44}{:>7.1} µs{:>7.1} µs{:>7.1} µs", at(0.5), at(0.99), at(1.0));
}

fn micros(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
