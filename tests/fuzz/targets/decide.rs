//! Any call meets any rule without a panic, and only what a rule may let run is let run.
//!
//! An input is `KIND ACTION TOOL`, one letter each, the rule's pattern, a NUL, and the call's main text:
//! `gabgit status*\0git status` is a glob that allows, for Bash.

use ccmon::rules::risk::{self, Level, Place, Risk};
use ccmon::rules::shell::{Line, Unparsed, parse};
use ccmon::rules::{Action, Call, Decision, Kind, Lasts, Rule, Table, Verdict};
use serde_json::{Value, json};

/// A rule and a call.
pub fn run(bytes: &[u8]) {
    let Some((head, main)) = std::str::from_utf8(bytes).ok().and_then(|text| text.split_once('\0')) else { return };
    let mut letters = head.chars();
    let (Some(kind), Some(action), Some(tool)) = (letters.next(), letters.next(), letters.next()) else { return };
    let (tool, key) = tool_of(tool);
    let rule = rule(kind, action, tool, letters.as_str());
    let Ok(table) = Table::new(std::slice::from_ref(&rule)) else { return };
    let place =
        Place { cwd: "/home/u/p/src".into(), project: "/home/u/p".into(), home: "/home/u".into(), ..Place::default() };
    let input = json!({ key: main });
    let line = (tool == "Bash").then(|| parse(main));
    let risk = match &line {
        Some(line) => risk::bash(main, line, &place, &parse),
        None => risk::tool(tool, &input, &place, None, &parse),
    };
    sound(main, &risk);
    let verdict =
        table.judge(&Call { tool, input: &input, line: line.as_ref(), place: &place, session: "", risk: &risk });
    lawful(&rule, main, line.as_ref(), &risk, &verdict);
    trusts_nothing(&table, &Call { tool, input: &Value::Null, line: None, place: &place, session: "", risk: &risk });
}

fn tool_of(letter: char) -> (&'static str, &'static str) {
    match letter {
        'e' => ("Edit", "file_path"),
        'w' => ("WebFetch", "url"),
        's' => ("WebSearch", "query"),
        'm' => ("mcp__a__b", "x"),
        'r' => ("Read", "file_path"),
        _ => ("Bash", "command"),
    }
}

fn rule(kind: char, action: char, tool: &str, pattern: &str) -> Rule {
    Rule {
        name: "fuzz".into(),
        tool: tool.into(),
        kind: match kind {
            'l' | 'h' => Kind::Literal,
            'r' => Kind::Regex,
            _ => Kind::Glob,
        },
        pattern: pattern.into(),
        cwd: None,
        action: match action {
            'd' => Action::Deny { message: None },
            'q' => Action::Ask,
            _ => Action::Allow,
        },
        lasts: Lasts::Forever,
        dry_run: action == 't',
        enabled: true,
        allow_high: kind == 'h' || kind == 'H',
    }
}

/// What holds for every risk.
fn sound(text: &str, risk: &Risk) {
    for finding in &risk.findings {
        assert!(text.get(finding.span.clone()).is_some(), "{finding:?}");
        assert!(!finding.text.is_empty());
    }
    assert_eq!(risk.level, risk.findings.iter().map(|finding| finding.level).max().unwrap_or_default());
    assert!(!(risk.control_plane && risk.automatic));
}

/// What holds for every verdict.
fn lawful(rule: &Rule, main: &str, line: Option<&Result<Line, Unparsed>>, risk: &Risk, verdict: &Verdict) {
    assert!(verdict.parts.iter().all(|part| main.get(part.span.clone()).is_some()));
    match verdict.decision {
        Decision::Ask => return,
        Decision::Deny { .. } => return assert!(matches!(rule.action, Action::Deny { .. })),
        Decision::Allow => {}
    }
    let whole = rule.kind == Kind::Literal && rule.pattern == main;
    let named = rule.tool.starts_with("mcp__");
    assert!(rule.action == Action::Allow && !rule.dry_run && !risk.control_plane);
    assert!(risk.automatic || whole || named, "{risk:?}");
    assert!(risk.level < Level::High || whole && rule.allow_high, "{risk:?}");
    if let Some(line) = line {
        assert!(line.is_ok() || whole);
    }
}

fn trusts_nothing(table: &Table, call: &Call<'_>) {
    assert_ne!(table.judge(call).decision, Decision::Allow);
}
