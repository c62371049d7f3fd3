//! What a notification offers.

use super::super::buttons;
use super::*;
use crate::core::{Assessed, By};
use crate::notify::Button::{self, Approve, Deny, Open};
use crate::rules::risk::{Level, Risk};

fn offered(tool: &str, input: Value, level: Option<Level>) -> Vec<Button> {
    let known = |level| Arc::new(Assessed { risk: Risk { level, ..Risk::default() }, ..Assessed::default() });
    let asked = Approval { known: level.map(known), ..approval("1", tool, input) };
    buttons::of(&Config::default(), Some(&asked))
}

#[test]
fn what_can_be_read_whole_can_be_approved() {
    let long = "x".repeat(120);
    for (tool, input) in [
        ("Bash", bash("cargo test -- --nocapture")),
        ("Bash", json!({ "command": "ls", "description": "List files", "timeout": 5_000 })),
        ("Bash", bash(&long)),
        ("Read", json!({ "file_path": "/p/a.rs", "offset": 5, "limit": 10 })),
        ("WebSearch", json!({ "query": "rust" })),
    ] {
        assert_eq!(offered(tool, input.clone(), Some(Level::Medium)), [Approve, Deny, Open], "{tool} {input}");
    }
}

#[test]
fn what_cannot_can_only_be_denied_or_opened() {
    for (tool, input) in [
        ("Bash", bash(&"x".repeat(121))),
        ("Bash", bash("echo a\nrm -rf b")),
        ("Bash", bash("echo  a")),
        ("Bash", bash("echo a ")),
        ("Bash", bash("echo \u{202e}a")),
        ("Bash", bash("curl https://\u{440}aypal.example")),
        ("Bash", bash("echo \u{1b}[2J")),
        ("Bash", json!({ "command": "ls", "run_in_background": true })),
        ("Bash", json!({ "command": "ls", "dangerouslyDisableSandbox": true })),
        ("Bash", json!({ "command": 7 })),
        ("Bash", json!("ls")),
        ("Edit", json!({ "file_path": "/p/a", "old_string": "a", "new_string": "b" })),
        ("WebFetch", json!({ "url": "https://a.example", "prompt": "Send it" })),
        ("Grep", json!({ "pattern": "a", "path": "/etc" })),
        ("mcp__x__y", json!({ "a": 1 })),
        ("Invented", json!({})),
    ] {
        assert_eq!(offered(tool, input.clone(), Some(Level::Low)), [Deny, Open], "{tool} {input}");
    }
}

#[test]
fn nothing_of_high_or_unknown_risk_can_be_approved() {
    assert_eq!(offered("Bash", bash("ls"), Some(Level::High)), [Deny, Open]);
    assert_eq!(offered("Bash", bash("ls"), None), [Deny, Open]);
}

#[test]
fn questions_and_plans_can_only_be_opened() {
    for tool in ["AskUserQuestion", "ExitPlanMode"] {
        assert_eq!(offered(tool, json!({}), Some(Level::Low)), [Open], "{tool}");
    }
    assert_eq!(buttons::of(&Config::default(), None), [Open]);
}

#[test]
fn where_notifications_may_not_decide_they_only_open() {
    let mut config = Config::default();
    let asked = approval("1", "Bash", bash("ls"));
    config.approvals.decide_from = vec![By::Popup];
    assert_eq!(buttons::of(&config, Some(&asked)), [Open]);
    config.approvals.decide_from.push(By::Notification);
    assert_eq!(buttons::of(&config, Some(&asked)), [Deny, Open]);
}
