use serde_json::{Value, json};

use super::*;
use crate::rules::shell::{self, Line, Unparsed};
use crate::rules::{
    replay::Says,
    risk::{self, Place, Risk},
};

/// A row with all that the judge needs to know about it.
struct Row {
    past: Past,
    line: Option<Result<Line, Unparsed>>,
    place: Place,
    risk: Risk,
}

fn row(tool: &str, input: Value, cwd: &str, outcome: PastOutcome) -> Row {
    let mut place =
        Place { cwd: cwd.into(), project: "/home/me/app".into(), home: "/home/me".into(), ..Place::default() };
    if !cwd.starts_with("/home/me/app") {
        place.project = cwd.into();
    }
    if let Some(path) = input["file_path"].as_str() {
        place.real.insert(path.to_owned(), path.to_owned());
    }
    let line = input["command"].as_str().map(shell::parse);
    let risk = risk::tool(tool, &input, &place, line.as_ref(), &shell::parse);
    let past = Past {
        id: String::new(),
        tool: tool.into(),
        input,
        cwd: cwd.into(),
        outcome,
        by_human: true,
        message: None,
        at: 1,
    };
    Row { past, line, place, risk }
}

fn ran(command: &str) -> Row {
    row("Bash", json!({ "command": command }), "/home/me/app", PastOutcome::Allowed)
}

fn denied(command: &str) -> Row {
    row("Bash", json!({ "command": command }), "/home/me/app", PastOutcome::Denied)
}

fn all(commands: &[&str]) -> Vec<Row> {
    commands.iter().map(|command| ran(command)).collect()
}

fn suggested(mut rows: Vec<Row>, existing: &[Rule]) -> Vec<Suggestion> {
    rows.iter_mut().enumerate().for_each(|(at, row)| row.past.id = at.to_string());
    let seen: Vec<Seen<'_>> = rows
        .iter()
        .map(|Row { past, line, place, risk }| Seen {
            past,
            call: Call { tool: &past.tool, input: &past.input, line: line.as_ref(), place, session: "", risk },
        })
        .collect();
    suggest(&seen, existing)
}

/// The patterns, with how often each was seen.
fn patterns(rows: Vec<Row>) -> Vec<(Kind, String, usize)> {
    suggested(rows, &[]).into_iter().map(|found| (found.rule.kind, found.rule.pattern, found.seen)).collect()
}

#[test]
fn the_same_again_is_taken_to_the_letter() {
    assert_eq!(patterns(all(&["cargo test", "cargo test", "cargo test"])), [(Kind::Literal, "cargo test".into(), 3)]);
    assert_eq!(patterns(all(&["cargo test", "cargo test"])), [], "twice is not enough");
    let piped = all(&["cargo test 2>&1 | tail -5", "cargo test | head -9", "cargo test"]);
    assert_eq!(patterns(piped), [(Kind::Literal, "cargo test".into(), 3)]);
}

#[test]
fn nothing_wider_than_needed() {
    let twice = all(&["cargo test a", "cargo test a", "cargo test a", "cargo test b"]);
    assert_eq!(patterns(twice), [(Kind::Literal, "cargo test a".into(), 3)]);
    let thrice = all(&["cargo test a", "cargo test a", "cargo test a", "cargo test b", "cargo test c"]);
    assert_eq!(patterns(thrice), [(Kind::Glob, "cargo test*".into(), 5)]);
    let pairs = all(&["cargo test a", "cargo test a", "cargo test b", "cargo test b"]);
    assert_eq!(patterns(pairs), [(Kind::Glob, "cargo test*".into(), 4)]);
}

#[test]
fn what_differs_at_its_end_is_a_prefix() {
    let found = suggested(all(&["git log -1", "git log -2 --oneline", "git log src"]), &[]);
    let rule = &found[0].rule;
    assert_eq!((found.len(), rule.kind, rule.pattern.as_str(), found[0].seen), (1, Kind::Glob, "git log*", 3));
    assert_eq!((rule.name.as_str(), rule.cwd.as_deref()), ("git log in app", Some("/home/me/app")));
    assert_eq!(
        (&rule.action, &rule.lasts, rule.dry_run, rule.allow_high),
        (&Action::Allow, &crate::rules::Lasts::Forever, false, false)
    );
    assert_eq!(patterns(all(&["npm run lint", "npm run build", "npm run test"])), [], "three things, one of each");
    let same = all(&["npm run test a", "npm run test b", "npm run test c"]);
    assert_eq!(patterns(same), [(Kind::Glob, "npm run test*".into(), 3)]);
    let dashes = all(&["git diff -- x", "git diff -- 'y z'", "git diff -- z"]);
    assert_eq!(patterns(dashes), [(Kind::Glob, "git diff -- *".into(), 3)]);
    let longest = all(&["cargo nextest run --lib a", "cargo nextest run --lib b", "cargo nextest run --lib c"]);
    assert_eq!(patterns(longest), [(Kind::Glob, "cargo nextest run --lib*".into(), 3)]);
}

#[test]
fn different_works_of_one_program_are_no_prefix() {
    assert_eq!(patterns(all(&["git log", "git status", "git diff"])), []);
    assert_eq!(patterns(all(&["git -C a log", "git -C a status", "git -C a diff"])), []);
}

#[test]
fn what_runs_anything_or_is_dangerous_is_not_suggested() {
    for commands in [
        ["python a.py", "python b.py", "python c.py"],
        ["npx a", "npx b", "npx c"],
        ["sudo ls", "sudo ls", "sudo ls"],
        ["rm -rf a", "rm -rf a", "rm -rf a"],
        ["rm a", "rm b", "rm c"],
        ["git push origin a", "git push origin b", "git push origin c"],
        ["curl https://a.org/1", "curl https://a.org/2", "curl https://a.org/3"],
        ["ls $x", "ls $x", "ls $x"],
        ["ccmon allow", "ccmon allow", "ccmon allow"],
    ] {
        assert_eq!(patterns(all(&commands)), [], "{commands:?}");
    }
}

#[test]
fn one_denial_kills_what_would_have_covered_it() {
    let mut rows = all(&["git log -1", "git log -2", "git log -3", "git log -1", "git log -1"]);
    assert_eq!(patterns(all(&["git log -1", "git log -2", "git log -3", "git log -1", "git log -1"])).len(), 1);
    rows.push(denied("git log --all"));
    assert_eq!(patterns(rows), [(Kind::Literal, "git log -1".into(), 3)]);
    let mut rows = all(&["git log -1", "git log -1", "git log -1"]);
    rows.push(denied("git log -1"));
    assert_eq!(patterns(rows), []);
    let mut rows = all(&["git add a", "git add b", "git add c"]);
    rows.push(Row { risk: Risk { level: Level::High, ..Risk::default() }, ..denied("git add .env") });
    assert_eq!(patterns(rows), [], "also one that is held back anyway");
}

#[test]
fn what_a_rule_decides_or_decided_is_not_suggested_again() {
    let rows = || all(&["git log -1", "git log -2", "git log -3"]);
    let rule = suggested(rows(), &[]).remove(0).rule;
    assert_eq!(suggested(rows(), std::slice::from_ref(&rule)), []);
    assert_eq!(suggested(rows(), &[Rule { dry_run: true, ..rule.clone() }]), []);
    assert_eq!(suggested(rows(), &[Rule { enabled: false, ..rule.clone() }]), []);
    assert_eq!(suggested(rows(), &[Rule { action: Action::Ask, ..rule.clone() }]), []);
    assert_eq!(suggested(rows(), &[Rule { cwd: Some("/q".into()), ..rule.clone() }]).len(), 1);
    assert_eq!(suggested(rows(), &[Rule { kind: Kind::Regex, pattern: "(".into(), ..rule }]), []);
}

#[test]
fn only_what_a_person_approved_counts() {
    let by_rule = |command: &str| {
        let mut row = ran(command);
        row.past.by_human = false;
        row
    };
    assert_eq!(patterns(vec![by_rule("cargo test"), ran("cargo test"), ran("cargo test")]), []);
    let other = row("Bash", json!({"command": "cargo test"}), "/home/me/app", PastOutcome::Other);
    assert_eq!(patterns(vec![other, ran("cargo test"), ran("cargo test")]), []);
}

#[test]
fn folders_and_hosts_and_servers() {
    let edit = |path: &str| row("Edit", json!({ "file_path": path }), "/home/me/app", PastOutcome::Allowed);
    let found =
        suggested(vec![edit("/home/me/app/src/a"), edit("/home/me/app/src/b"), edit("/home/me/app/src/c")], &[]);
    assert_eq!(
        (found[0].rule.pattern.as_str(), found[0].rule.name.as_str()),
        ("/home/me/app/src/*", "edit src in app")
    );
    let read = |path: &str| row("Read", json!({ "file_path": path }), "/home/me/app", PastOutcome::Allowed);
    assert_eq!(patterns(vec![read("/opt/x/a"), read("/opt/x/b"), read("/opt/x/c")]), [], "not of the project");
    let fetch = |url: &str| row("WebFetch", json!({ "url": url }), "/home/me/app", PastOutcome::Allowed);
    let hosts = vec![fetch("https://docs.rs/a"), fetch("https://docs.rs/b"), fetch("https://docs.rs/c")];
    assert_eq!(patterns(hosts), [(Kind::Literal, "docs.rs".into(), 3)]);
    let search = || Row {
        risk: Risk { level: Level::Medium, automatic: true, ..Risk::default() },
        ..row("mcp__github__search", json!({"q": 1}), "/home/me/app", PastOutcome::Allowed)
    };
    assert_eq!(patterns(vec![search(), search(), search()]), [(Kind::Literal, "mcp__github__search".into(), 3)]);
}

#[test]
fn one_project_is_a_scope_and_two_are_none() {
    let at = |cwd: &str| row("Bash", json!({"command": "cargo test"}), cwd, PastOutcome::Allowed);
    let scope = |places: [&str; 3]| suggested(places.map(at).into(), &[]).remove(0).rule.cwd;
    assert_eq!(scope(["/home/me/app/a"; 3]).as_deref(), Some("/home/me/app/a"));
    let both = scope(["/home/me/app", "/home/me/app/a", "/home/me/app/b"]);
    assert_eq!(both.as_deref(), Some("{/home/me/app,/home/me/app/**}"));
    assert_eq!(scope(["/home/me/app", "/home/me/other", "/home/me/app"]), None);
}

#[test]
fn most_seen_first_and_the_rows_order_does_not_matter() {
    let mut rows = all(&["cargo test", "cargo fmt", "cargo test", "cargo fmt", "cargo fmt", "cargo test", "cargo fmt"]);
    let forth =
        patterns(all(&["cargo test", "cargo fmt", "cargo test", "cargo fmt", "cargo fmt", "cargo test", "cargo fmt"]));
    assert_eq!(forth, [(Kind::Literal, "cargo fmt".into(), 4), (Kind::Literal, "cargo test".into(), 3)]);
    rows.reverse();
    assert_eq!(patterns(rows), forth);
}

#[test]
fn every_suggestion_allows_its_examples() {
    let commands = [
        "git log -1",
        "git log 'a b' -2",
        "git log | head",
        "ls src",
        "ls -la",
        "ls a b",
        "wc -l x",
        "wc -l y",
        "wc -c z",
        "cargo test a",
        "cargo test a",
        "cargo test a",
        "git diff -- \"x y\"",
        "git diff -- 'a*'",
        "git diff -- z",
        "rg 'a|b' src",
        "rg c src",
        "rg d src",
        "cd src && cargo check",
        "cargo check -q",
        "cargo check --tests",
    ];
    let rows = all(&commands);
    let found = suggested(all(&commands), &[]);
    assert!(found.len() >= 5, "{found:#?}");
    for suggestion in found {
        let replaying = crate::rules::Replaying::new(&suggestion.rule).unwrap();
        for shown in &suggestion.examples {
            let Row { past, line, place, risk } = &rows[shown.id.parse::<usize>().unwrap()];
            let call = Call { tool: &past.tool, input: &past.input, line: line.as_ref(), place, session: "", risk };
            assert_eq!(replaying.sample(past, &call).now, Some(Says::Allow), "{suggestion:?} {past:?}");
        }
        assert_eq!(lint(&suggestion.rule, &[], None), []);
    }
}
