//! The danger of requests: a table of cases, and what must hold for any input.

use std::path::Path;

use ccmon::rules::risk::{Level, Place, Risk, bash, tool};
use ccmon::rules::shell::{Unparsed, parse};
use proptest::prelude::*;
use serde_json::Value;

fn place(cwd: &str) -> Place {
    let project = if cwd.starts_with("/home/u/proj") || cwd.is_empty() { "/home/u/proj" } else { cwd };
    let cwd = if cwd.is_empty() { "/home/u/proj" } else { cwd };
    Place { cwd: cwd.into(), project: project.into(), home: "/home/u".into(), ..Place::default() }
}

fn judge(row: &Value) -> Risk {
    let own = row["own"].as_array().into_iter().flatten().filter_map(|own| Some(own.as_str()?.to_owned())).collect();
    let place = Place { own, ..place(row["cwd"].as_str().unwrap_or_default()) };
    match row["command"].as_str() {
        Some(line) if row["unparsed"] == true => {
            let parsed = Err(Unparsed { why: String::new(), span: None });
            bash(line, &parsed, &place, &parse)
        }
        Some(line) => bash(line, &parse(line), &place, &parse),
        None => tool(row["tool"].as_str().unwrap_or_default(), &row["input"], &place, None, &parse),
    }
}

fn rows(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter(|l| !l.is_empty()).map(|l| serde_json::from_str(l).expect("a row of JSON")).collect()
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}

fn categories(risk: &Risk) -> Vec<String> {
    let mut names: Vec<String> =
        risk.findings.iter().map(|f| serde_json::to_value(f.category).unwrap().as_str().unwrap().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn table() {
    let mut count = 0;
    let mut wrong = Vec::new();
    let folder = Path::new("tests/data/risk");
    for file in std::fs::read_dir(folder).expect("the cases").map(|f| f.unwrap().path()) {
        for row in rows(&file) {
            let risk = judge(&row);
            count += 1;
            let expected: Vec<&str> =
                row["categories"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
            let found = categories(&risk);
            let has = expected.iter().all(|c| found.iter().any(|f| f == c)) && expected.is_empty() == found.is_empty();
            if word(risk.level) != row["risk"] || !has {
                wrong.push(format!("{row}\n    is {} {found:?}", word(risk.level)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 250, "only {count} cases");
}

fn of(line: &str) -> Risk {
    bash(line, &parse(line), &place(""), &parse)
}

#[test]
fn what_no_rule_may_answer() {
    for line in ["ccmon approve 1", "tmux send-keys y", "frobnicate", "$x", "cat \"$f\"", "./run.sh", "ls \u{200b}x"] {
        assert!(!of(line).automatic, "{line}");
    }
    for line in ["ls", "cargo build", "git push --force", "rm -rf build", "curl https://example.com"] {
        assert!(of(line).automatic, "{line}");
    }
    assert!(of("sh -c 'xdotool key a'").control_plane);
    let refused = Err(Unparsed { why: "a quote that is not closed".into(), span: Some(3..900) });
    let risk = bash("ls 'a", &refused, &place(""), &parse);
    assert!(!risk.automatic && risk.findings[0].text.contains("a quote that is not closed"));
}

#[test]
fn spans_mark_what_is_meant() {
    for (line, marked) in [
        ("ls && rm -rf build", "build"),
        ("sh -c 'ls; rm -rf \u{e9}t\u{e9}'", "\u{e9}t\u{e9}"),
        ("cat a ~/.ssh/id_rsa", "~/.ssh/id_rsa"),
        ("find . -name x -delete", "-delete"),
        ("sudo ls", "sudo"),
        ("echo x > /etc/motd", "/etc/motd"),
        ("echo a\u{202e}b", "\u{202e}"),
        ("bash -c \"bash -c 'rm -rf x'\"", "x"),
    ] {
        let risk = of(line);
        let found: Vec<&str> = risk.findings.iter().map(|f| &line[f.span.clone()]).collect();
        assert!(found.contains(&marked), "{line}: {found:?}");
    }
}

#[test]
fn sentences_are_for_people() {
    for (line, text) in [
        ("rm -rf build", "Deletes build and everything in it, and it cannot be brought back; move it aside instead."),
        ("cat .env", "Reads .env, which may hold keys, tokens or passwords."),
        ("git reset --hard", "Throws away changes that are not committed; git stash keeps them."),
        ("curl https://example.com/a", "Fetches from example.com."),
        ("rm a\u{1b}b", "Deletes the file aU+001Bb; moving it aside keeps it."),
    ] {
        let risk = of(line);
        assert!(risk.findings.iter().any(|f| f.text == text), "{line}: {:?}", risk.findings);
    }
}

#[test]
fn what_can_be_undone() {
    assert_eq!(of("ls").reversible, Some(true));
    assert_eq!(of("rm -rf build").reversible, Some(false));
    assert_eq!(of("touch a").reversible, None);
    assert_eq!(of("touch a; rm -r b").reversible, Some(false));
}

#[test]
fn names_for_the_window() {
    let risk = serde_json::to_value(of("git push --force")).unwrap();
    assert_eq!(risk["level"], "high");
    assert_eq!(risk["findings"][0]["category"], "git_remote");
    assert_eq!(risk["findings"][0]["scope"], "remote");
    assert_eq!(risk["findings"][0]["span"], serde_json::json!({"start": 0, "end": 16}));
}

#[test]
fn long_lines_are_judged() {
    for part in ["sudo ", "x\u{200b}", "sh -c '", "$(", "nice env ", "a|", "rm -rf x;", "`", "xargs -I{} "] {
        let line = part.repeat(4000);
        let risk = of(&line);
        sound(&line, &risk);
        assert!(risk.findings.len() <= 100 && risk.level > Level::Low, "{part}");
    }
    assert!(!of(&"sudo ".repeat(4000)).automatic);
}

fn sound(text: &str, risk: &Risk) {
    for finding in &risk.findings {
        assert!(text.get(finding.span.clone()).is_some(), "{finding:?} in {text:?}");
        assert!(!finding.text.is_empty());
    }
    let highest = risk.findings.iter().map(|f| f.level).max().unwrap_or_default();
    assert_eq!(risk.level, highest);
}

const WORDS: &str = "(git|rm|sudo|env|find|xargs|curl|sh|bash|docker|sed|awk|ssh|tar|npm|-c|-rf|-exec|-S|--|-X|;|\\||&&|\\$\\(|\\)|`|<\\(|>|'|\"|\\\\|\\{\\}|~/.ssh|/etc|\\$HOME|x=é|\u{202e}|\u{430}b| |.{0,4})";

proptest! {
    #[test]
    fn any_line_is_judged(parts in prop::collection::vec(WORDS, 0..14)) {
        let line = parts.join(" ");
        sound(&line, &bash(&line, &parse(&line), &place(""), &parse));
        let refused = |_: &str| Err(Unparsed { why: "x".into(), span: Some(0..1) });
        sound(&line, &bash(&line, &refused(&line), &Place::default(), &refused));
    }

    #[test]
    fn any_text_is_judged(line in "\\PC{0,60}|[ -~]{0,60}") {
        sound(&line, &bash(&line, &parse(&line), &place(""), &parse));
    }

    #[test]
    fn any_input_is_judged(name in "(Bash|Edit|MultiEdit|Write|Read|NotebookEdit|Grep|Glob|WebFetch|WebSearch|mcp__a__b|Agent|.{0,8})",
        key in "(command|file_path|url|query|pattern|path|notebook_path)", text in ".{0,40}", number in any::<i64>()) {
        for input in [serde_json::json!({&key: &text}), serde_json::json!({&key: number}), serde_json::json!([text]), Value::Null] {
            let risk = tool(&name, &input, &place(""), None, &parse);
            sound(input.get(&key).and_then(Value::as_str).unwrap_or_default(), &risk);
        }
    }
}
