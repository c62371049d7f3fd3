//! Lines made at random.

use ccmon::rules::{Decision, Table};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::harness::{Case, rules};

const COVERED: &[&str] = &[
    "git status",
    "git log -3",
    "cargo test",
    "ls src",
    "echo hi",
    "true",
    "pwd",
    "timeout 5 git status",
    "LC_ALL=C git status",
    "git status 2>&1",
    "git status >/dev/null",
    "cd src",
];
const UNCOVERED: &[&str] = &[
    "rm -rf ~",
    "touch x",
    "sh",
    "git push",
    "git status >f",
    "git -c a.b=c status",
    "echo $(touch x)",
    "PATH=/x git status",
    "sudo git status",
    "eval ls",
    "export A=1",
    "xargs touch",
    "git log --output=f",
    "f() { ls; }",
    "ls ~/.ssh/id_rsa",
    "cat <f",
    "timeout -x 5 ls",
    "env -S ls",
    "./git status",
    "git statusx",
    "{ touch x; }",
    "cd /etc",
    "read A",
];
const BETWEEN: &[&str] = &["; ", " && ", " || ", " | ", "\n", " & "];

fn table() -> Table {
    let allow = |pattern: &str| json!({ "pattern": pattern });
    let all = ["git status*", "git log*", "cargo test*", "ls*", "echo *"].map(allow);
    Table::new(&rules(&json!({ "rules": all }))).unwrap()
}

fn strictness(line: &str, table: &Table) -> u8 {
    match Case::new(&json!({ "command": line })).judge(table).decision {
        Decision::Allow => 0,
        Decision::Ask => 1,
        Decision::Deny { .. } => 2,
    }
}

fn wrapped(line: &str, how: usize) -> String {
    match how {
        0 => format!("( {line} )"),
        1 => format!("{{ {line}; }}"),
        2 => format!("if true; then {line}; fi"),
        3 => format!("! {line}"),
        4 => format!("for i in 1 2; do {line}; done"),
        5 => format!("echo \"$({line})\""),
        _ => line.to_owned(),
    }
}

fn one(of: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(of)
}

fn parts() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    prop::collection::vec((one(COVERED), one(BETWEEN)), 0..4)
}

fn line(parts: &[(&str, &str)]) -> String {
    let mut line: String = parts.iter().map(|(part, between)| format!("{part}{between}")).collect();
    let end = line.trim_end_matches(|c: char| " ;&|\n".contains(c)).len();
    line.truncate(end);
    line
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_covered_is_allowed(parts in parts().prop_filter("more than cd", |p| p.iter().any(|(c, _)| c.starts_with("git")))) {
        // A second `cd` starts from elsewhere.
        prop_assume!(parts.iter().filter(|(part, _)| *part == "cd src").count() < 2);
        prop_assert_eq!(strictness(&line(&parts), &table()), 0, "{}", line(&parts));
    }

    #[test]
    fn one_part_that_is_not_covered_is_enough(
        before in parts(), bad in one(UNCOVERED), between in one(BETWEEN), after in parts(), how in 0..8_usize
    ) {
        let mut all = before;
        let bad = wrapped(bad, how);
        let text = format!("{}{}", all.drain(..).map(|(a, b)| format!("{a}{b}")).collect::<String>(), bad);
        let text = if after.is_empty() { text } else { format!("{text}{between}{}", line(&after)) };
        prop_assert!(strictness(&text, &table()) > 0, "{}", text);
    }

    #[test]
    fn more_parts_are_never_less_strict(
        first in prop::collection::vec((prop_oneof![one(COVERED), one(UNCOVERED)], one(BETWEEN)), 1..4),
        more in prop_oneof![one(COVERED), one(UNCOVERED)], between in one(BETWEEN)
    ) {
        let less = line(&first);
        let both = format!("{less}{between}{more}");
        let table = Table::new(&rules(&json!({ "rules": [
            { "pattern": "git push*", "action": "deny" }, { "pattern": "git *" }, { "pattern": "ls*" }, { "pattern": "rm *" },
        ] }))).unwrap();
        prop_assert!(
            strictness(&both, &table) >= strictness(&less, &table).min(1) || no_rule(&less, &table),
            "{} is less strict than {}", both, less
        );
        prop_assert!(strictness(&both, &table) >= u8::from(strictness(more, &table) == 2) * 2, "{}", both);
    }

    #[test]
    fn anything_is_judged(tool in "(Bash|Read|Edit|Glob|Grep|WebFetch|WebSearch|Agent|mcp__a__b|.{0,6})", key in
        "(command|file_path|url|query|pattern|path|notebook_path|subagent_type)", text in ".{0,60}", pattern in ".{1,30}",
        kind in "(literal|glob|regex)", action in "(allow|deny|ask)", dry in any::<bool>()) {
        let rule = json!({ "tool": "*", "kind": kind, "pattern": pattern, "action": action, "dry_run": dry });
        let Ok(table) = Table::new(&rules(&json!({ "rule": rule }))) else { return Ok(()) };
        for input in [json!({ &key: &text }), json!({ &key: 1 }), json!([text]), Value::Null] {
            let verdict = Case::new(&json!({ "tool": tool, "input": input })).judge(&table);
            prop_assert!(action == "allow" || verdict.decision != Decision::Allow);
            prop_assert!(!dry || verdict.decision == Decision::Ask);
        }
    }
}

/// A line of parts that need no rule is asked for because no rule has answered; another part may bring one.
fn no_rule(line: &str, table: &Table) -> bool {
    Case::new(&json!({ "command": line })).judge(table).parts.iter().all(|part| part.why.contains("nothing by itself"))
}
