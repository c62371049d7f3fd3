//! Rules held against what was asked before.

use serde_json::{Value, json};

use super::{Ruled, allowed, call, rule, with};
use crate::request;

impl Ruled {
    /// Claude asks for a command, and a human answers.
    fn human(&self, command: &str, decision: &Value) -> Value {
        let (hook, approval) = self.asked(&request("one", command));
        self.place.ccmon.decide(&approval, decision.clone());
        hook.answer();
        approval["id"].clone()
    }
}

#[test]
fn a_call_can_be_tried() {
    let ruled = Ruled::new();
    let id = ruled.add(&rule("allow", "touch *"));
    ruled.add(&with(rule("deny", "npm *"), &json!({ "message": "No." })));
    ruled.add(&with(rule("deny", "make *"), &json!({ "dry_run": true })));
    let test = |body: Value| ruled.good("POST", "/rules/test", &body);
    let tried = test(json!({ "command": "touch é && touch b", "cwd": "/p" }));
    assert_eq!((&tried["decision"], &tried["rule"]["id"]), (&json!("allow"), &json!(id)));
    assert_eq!(tried["parts"][1]["text"], "touch b");
    assert_eq!(tried["parts"][1]["span"], json!({ "start": 12, "end": 19 }), "in bytes");
    let tried = test(json!({ "command": "touch a && npm i", "cwd": "/p" }));
    assert_eq!((&tried["decision"], &tried["message"]), (&json!("deny"), &json!("No.")));
    let tried = test(json!({ "command": "make all", "cwd": "/p" }));
    assert_eq!((&tried["decision"], &tried["trial"][0]["name"]), (&json!("ask"), &json!("make *")));
    let tried = test(json!({ "command": "rm -rf /", "cwd": "/p" }));
    assert_eq!((&tried["decision"], &tried["risk"]), (&json!("ask"), &json!("high")));
    assert!(tried["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{tried}");
    let tried = test(json!({ "tool": "WebFetch", "input": { "url": "https://example.org" } }));
    assert_eq!(tried["decision"], "ask");
    assert!(ruled.rules().iter().all(|rule| rule["matches"] == 0), "trying does not count");
    for odd in [json!({}), json!({ "command": "ls", "input": {} }), json!({ "command": "ls", "tol": "x" })] {
        assert_eq!(ruled.ask("POST", "/rules/test", &odd).0, 422, "{odd}");
    }
}

#[test]
fn a_rule_is_replayed_over_what_was_decided() {
    let ruled = Ruled::new();
    ruled.human("npm test", &json!({ "decision": "allow" }));
    ruled.human("npm test", &json!({ "decision": "allow" }));
    ruled.human("npm publish", &json!({ "decision": "deny" }));
    ruled.human("touch foo", &json!({ "decision": "allow" }));
    let edit = call("one", "/p", "Edit", &json!({ "file_path": "/p/x", "old_string": "a", "new_string": "b" }));
    ruled.asked_and_allowed(&edit);

    let replay = ruled.good("POST", "/rules/replay", &rule("deny", "npm *"));
    let count = |key: &str| replay[key].as_u64().unwrap_or_else(|| panic!("no {key}: {replay}"));
    assert_eq!((count("looked_at"), count("in_scope")), (5, 4));
    assert_eq!((count("would_deny"), count("would_allow"), count("would_ask")), (3, 0, 0));
    assert_eq!((count("denied_but_allowed"), count("agree")), (2, 1));
    let samples = replay["samples"].as_array().expect("samples");
    assert_eq!(samples.len(), 5);
    assert_eq!((&samples[0]["tool"], &samples[4]["text"]), (&json!("Edit"), &json!("npm test")), "newest first");
    assert_eq!(ruled.rules(), Vec::<Value>::new(), "it is not saved");
}

#[test]
fn a_rule_is_tried_while_it_is_written() {
    let ruled = Ruled::new();
    ruled.human("npm test", &json!({ "decision": "allow" }));
    ruled.human("touch foo", &json!({ "decision": "allow" }));
    ruled.add(&rule("allow", "npm test"));

    let mut written = rule("allow", "npm test");
    let seen = ruled.good("POST", "/rules/preview", &written);
    assert_eq!(seen["samples"][0]["fit"], "no_match", "{seen}");
    assert_eq!(seen["samples"][1]["fit"], "match", "{seen}");
    assert_eq!(seen["lints"][0]["code"], "shadowed", "it stands behind the same: {seen}");

    written["position"] = json!(0);
    assert_eq!(ruled.good("POST", "/rules/preview", &written)["lints"], json!([]), "it stands first");

    let half = json!({ "tool": "Bash", "kind": "regex", "pattern": "npm (", "action": "allow" });
    let seen = ruled.good("POST", "/rules/preview", &half);
    assert_eq!(seen["samples"], json!([]), "{seen}");
    assert!(seen["lints"].as_array().is_some_and(|all| all.iter().any(|l| l["code"] == "pattern-malformed")), "{seen}");
    assert_eq!(ruled.rules().len(), 1, "it is not saved");
}

#[test]
fn what_was_allowed_by_hand_three_times_is_suggested() {
    let ruled = Ruled::new();
    let suggestions = || ruled.good("GET", "/rules/suggest", &Value::Null)["suggestions"].clone();
    for _ in 0..2 {
        ruled.human("make check", &json!({ "decision": "allow" }));
    }
    assert_eq!(suggestions(), json!([]));
    ruled.human("make check", &json!({ "decision": "allow" }));
    let suggested = suggestions();
    assert_eq!(suggested.as_array().map(Vec::len), Some(1), "{suggested}");
    assert_eq!((&suggested[0]["seen"], &suggested[0]["rule"]["pattern"]), (&json!(3), &json!("make check")));
    // The draft is a rule as it is, and answers what it came from.
    ruled.add(&suggested[0]["rule"]);
    assert_eq!(suggestions(), json!([]));
    assert_eq!(ruled.answered("one", "make check"), allowed());
}

#[test]
fn a_decision_becomes_a_draft() {
    let ruled = Ruled::new();
    let denied = ruled.human("npm publish", &json!({ "decision": "deny", "message": "Never." }));
    let draft = ruled.good("POST", "/rules/promote", &json!({ "approval": denied }));
    assert_eq!((&draft["action"], &draft["message"]), (&json!("deny"), &json!("Never.")));
    assert_eq!(
        (&draft["kind"], &draft["pattern"], &draft["cwd"]),
        (&json!("literal"), &json!("npm publish"), &json!("/p"))
    );
    assert_eq!(draft["dry_run"], true);
    assert_eq!(ruled.rules(), Vec::<Value>::new(), "it is not saved");
    ruled.add(&with(draft, &json!({ "dry_run": false })));
    assert_eq!(ruled.answered("one", "npm publish"), json!({ "behavior": "deny", "message": "Never." }));
    assert_eq!(ruled.ask("POST", "/rules/promote", &json!({ "approval": "0".repeat(32) })).0, 404);
}
