//! `ccmon history` and `ccmon audit`, as a person types them.

use serde_json::{Value, json};

use crate::Place;

#[test]
fn history_lists_and_finds() {
    let mut place = Place::with_daemon();
    assert!(place.prints(&["history"]).starts_with("No session is found."));
    place.story("one", "add the \u{1b}[2J webhook", true);
    place.tell("two", "UserPromptSubmit", &json!({ "prompt": "look at the door" }));
    let all = place.prints(&["history"]);
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines.len(), 2, "{all}");
    assert!(lines[0].contains("s-two") && lines[1].contains("s-one") && lines[1].contains(" 1 tools"), "{all}");
    assert!(!all.contains('\u{1b}') && all.contains("\\u{1b}[2J"), "{all}");

    let found = place.prints(&["history", "webhook", "--since", "24h", "--project", "shop", "--with-approvals"]);
    assert!(found.contains("s-one") && !found.contains("s-two"), "{found}");
    assert!(found.contains("prompt: ") && found.contains("Bash: "), "{found}");
    assert!(!found.contains('\u{1b}'), "{found}");
    assert!(place.prints(&["history", "--without-approvals"]).contains("s-two"));
    let one: Value = serde_json::from_str(&place.prints(&["history", "--limit", "1", "--json"])).expect("JSON");
    assert_eq!(one["sessions"].as_array().map(Vec::len), Some(1));

    assert!(place.fails(&["history", "--since", "soon"], 2).contains("is no time"));
    place.fails(&["history", "--limit", "0"], 2);
    place.fails(&["history", "--with-approvals", "--without-approvals"], 2);
    place.ccmon.kill();
    for verb in [vec!["history"], vec!["audit"], vec!["audit", "--csv"], vec!["export", "x"]] {
        assert!(place.fails(&verb, 3).contains("no ccmon daemon is running"), "{verb:?}");
    }
}

#[test]
fn audit_lists_and_filters() {
    let place = Place::with_daemon();
    assert!(place.prints(&["audit"]).starts_with("Nothing was asked"));
    place.story("one", "add the webhook", true);
    place.ask_and_decide("two", "rm -rf \u{1b}[2J", &json!({ "decision": "deny" }));
    let all = place.prints(&["audit"]);
    assert_eq!(all.lines().count(), 2, "{all}");
    assert!(all.lines().next().is_some_and(|line| line.contains("denied") && line.contains("Bash: rm -rf")), "{all}");
    assert!(!all.contains('\u{1b}'), "{all}");
    let denied = place.prints(&["audit", "--decision", "denied", "--by", "cli", "--tool", "Bash", "--since", "1h"]);
    assert_eq!(denied.lines().count(), 1);
    let json: Value = serde_json::from_str(&place.prints(&["audit", "--json", "--limit", "1"])).expect("JSON");
    assert_eq!(json["approvals"][0]["outcome"], "denied");
    place.fails(&["audit", "--decision", "perhaps"], 2);
    place.fails(&["audit", "--csv", "--json"], 2);
}
