//! The README's rules, made as they stand there, decide what stands there.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::Place;

const README: &str = include_str!("../../../README.md");

/// The first block of this kind in the section about rules.
fn block(kind: &str) -> &'static str {
    let (_, behind) = README.split_once("\n## Rules\n").expect("the section");
    let (_, block) = behind.split_once(&format!("\n```{kind}\n")).expect("a block");
    block.split_once("\n```\n").expect("its end").0
}

/// Types these lines into a shell that finds ccmon.
fn typed(place: &Place, lines: &str) {
    let ccmon = Path::new(env!("CARGO_BIN_EXE_ccmon")).parent().expect("a directory");
    let path = format!("{}:{}", ccmon.display(), std::env::var("PATH").expect("a PATH"));
    let done = place.command(Path::new("/bin/sh")).env("PATH", path).args(["-e", "-c", lines]).output();
    let done = done.expect("the shell runs");
    assert!(done.status.success(), "{done:?}");
}

/// What is said of each of these cases.
fn verdicts(place: &Place, cases: &str) -> Vec<Value> {
    let mut test = place.command(Path::new(env!("CARGO_BIN_EXE_ccmon")));
    let test = test.args(["rules", "test", "--jsonl"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = test.spawn().expect("ccmon starts");
    child.stdin.take().expect("a pipe").write_all(cases.as_bytes()).expect("it reads");
    let said = String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("UTF-8");
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// What the rules decide about each of these lines, in the folder that the README names.
fn decided(place: &Place, commands: &[&str]) -> Vec<String> {
    let case = |command: &&str| json!({ "command": command, "cwd": "/home/me/code/shop" }).to_string() + "\n";
    let said = verdicts(place, &commands.iter().map(case).collect::<String>());
    said.iter().map(|verdict| verdict["decision"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn its_rules_decide_as_it_says() {
    let place = Place::with_daemon();
    typed(&place, block("sh"));
    let told: Vec<(&str, &str)> = block("text")
        .lines()
        .map(|line| {
            let mut columns = line.split("  ").map(str::trim).filter(|column| !column.is_empty());
            (columns.next().expect("a decision"), columns.next().expect("a command"))
        })
        .collect();
    assert!(told.len() >= 10, "{told:?}");
    let commands: Vec<&str> = told.iter().map(|(_, command)| *command).collect();
    let told = told.iter().map(|(decision, command)| format!("{decision} {command}"));
    let found =
        decided(&place, &commands).into_iter().zip(&commands).map(|(said, command)| format!("{said} {command}"));
    assert_eq!(found.collect::<Vec<_>>(), told.collect::<Vec<_>>());
}

#[test]
fn the_cases_for_contributors_are_good_ones() {
    let place = Place::new();
    let contributing = include_str!("../../../CONTRIBUTING.md");
    let cases: Vec<&str> = contributing.lines().filter(|line| line.starts_with('{')).collect();
    assert!(cases.len() >= 2, "{cases:?}");
    let found = verdicts(&place, &cases.join("\n"));
    assert_eq!(found.len(), cases.len());
    for (case, found) in cases.iter().zip(&found) {
        let case: Value = serde_json::from_str(case).expect("JSON");
        let told = ["decision", "risk"].into_iter().filter(|key| case.get(key).is_some());
        told.for_each(|key| assert_eq!(case[key], found[key], "{case}: {found}"));
    }
}
