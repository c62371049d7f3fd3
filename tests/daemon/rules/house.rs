//! Who may change the rules, and how they have to ask.

use serde_json::{Value, json};

use super::{Ruled, allowed, rule, with};
use crate::request;
use crate::support::PATIENCE;

#[test]
fn what_runs_inside_claude_may_look_at_the_rules_but_not_change_them() {
    let ruled = Ruled::new();
    let id = ruled.add(&rule("deny", "npm *"));
    let before = ruled.place.ccmon.get("/rules").expect("the rules");
    let one = format!("/rules/{id}");
    let import = json!({ "toml": "", "replace": true });
    let changes = [
        ("POST", "/rules", rule("allow", "*")),
        ("PATCH", one.as_str(), json!({ "enabled": false })),
        ("DELETE", one.as_str(), Value::Null),
        ("POST", "/rules/pause", Value::Null),
        ("POST", "/rules/resume", Value::Null),
        ("POST", "/rules/import", import),
    ];
    for (method, path, body) in &changes {
        let answer = ruled.place.inside(method, path, &if body.is_null() { String::new() } else { body.to_string() });
        assert!(answer.ends_with(" 403 application/problem+json"), "{method} {path}: {answer}");
    }
    for path in ["/rules", "/rules/export", "/rules/suggest"] {
        assert!(ruled.place.inside("GET", path, "").contains(" 200 "), "{path}");
    }
    assert!(ruled.place.inside("POST", "/rules/test", r#"{"command":"ls"}"#).contains(" 200 "));
    assert_eq!(ruled.place.ccmon.get("/rules"), Some(before), "nothing has changed");
    // Outside, each of them is granted.
    for (method, path, body) in &changes {
        ruled.good(method, path, body);
    }
}

#[test]
fn what_is_no_rule_is_refused_and_changes_nothing() {
    let ruled = Ruled::new();
    let id = ruled.add(&rule("allow", "touch *"));
    let before = ruled.place.ccmon.get("/rules").expect("the rules");
    let good = rule("allow", "make *");
    for changes in &spoilt() {
        refused(&ruled, "POST", "/rules", &with(good.clone(), changes).to_string());
        refused(&ruled, "PATCH", &format!("/rules/{id}"), &changes.to_string());
    }
    for body in ["", "{", "[]", "7", "null", "{\"name\":\"a\",\"name\":\"b\"}", "\u{0}"] {
        refused(&ruled, "POST", "/rules", body);
        refused(&ruled, "POST", "/rules/import", body);
        refused(&ruled, "POST", "/rules/replay", body);
        refused(&ruled, "POST", "/rules/promote", body);
        refused(&ruled, "POST", "/rules/test", body);
    }
    for path in ["/rules/99", "/rules/x", "/rules/-1", "/rules/99999999999999999999"] {
        for (method, body) in [("PATCH", "{\"name\":\"x\"}"), ("DELETE", "")] {
            assert_eq!(refused(&ruled, method, path, body), 404, "{method} {path}");
        }
    }
    assert_eq!(refused(&ruled, "PUT", "/rules", "{}"), 405);
    assert_eq!(ruled.place.ccmon.get("/rules"), Some(before));
}

/// What spoils a rule, new or changed.
fn spoilt() -> Vec<Value> {
    vec![
        json!({ "name": "" }),
        json!({ "tool": 5 }),
        json!({ "kind": "semver" }),
        json!({ "kind": "regex", "pattern": "make (" }),
        json!({ "kind": "regex", "pattern": "(a{1000}){1000}" }),
        json!({ "pattern": "" }),
        json!({ "pattern": "x".repeat(5_000) }),
        json!({ "action": "perhaps" }),
        json!({ "action": null }),
        json!({ "lasts": "seconds" }),
        json!({ "lasts": "seconds", "seconds": 0 }),
        json!({ "lasts": "seconds", "seconds": -1 }),
        json!({ "lasts": "seconds", "seconds": u64::MAX }),
        json!({ "lasts": "session" }),
        json!({ "allow_high": true }),
        json!({ "dry_run": "no" }),
        json!({ "dryrun": true }),
        json!({ "id": 7 }),
        json!({ "matches": 7 }),
        json!({ "cwd": "/x/{a" }),
        json!({ "position": -1 }),
        json!({ "position": "first" }),
    ]
}

/// A refusal in the form that all have: its status.
fn refused(ruled: &Ruled, method: &str, path: &str, body: &str) -> u16 {
    let (status, answer) = ruled.ask_raw(method, path, body);
    assert!((400..500).contains(&status), "{method} {path} {body}: {status} {answer}");
    let problem: Value = serde_json::from_str(&answer).unwrap_or_default();
    assert!(problem["title"].is_string() || problem["detail"].is_string(), "{method} {path} {body}: {answer}");
    status
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let ruled = Ruled::new();
    let first = json!({ "message": "No.", "cwd": "/p/**", "lasts": "seconds", "seconds": 3600 });
    let id = ruled.add(&with(rule("deny", "npm *"), &first));
    let before = ruled.rule("npm *");
    let after = ruled.change(id, &json!({ "name": "new", "cwd": null, "message": null }));
    assert_eq!((&after["name"], &after["cwd"], &after["message"]), (&json!("new"), &Value::Null, &Value::Null));
    for key in ["id", "tool", "kind", "pattern", "action", "lasts", "seconds", "made", "enabled", "dry_run"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert!(after["ends"]["in_ms"].as_u64() <= before["ends"]["in_ms"].as_u64(), "its time goes on");
    let after = ruled.change(id, &json!({ "lasts": "forever" }));
    assert_eq!((&after["ends"], &after["seconds"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_file_of_rules_is_taken_as_a_whole_or_not_at_all() {
    let mut ruled = Ruled::new();
    ruled.add(&rule("allow", "touch *"));
    ruled.add(&with(rule("deny", "npm *"), &json!({ "message": "Use \"pnpm\"." })));
    let (status, file) = ruled.ask_raw("GET", "/rules/export", "");
    assert_eq!(status, 200, "{file}");
    let before = ruled.rules();

    let more = "[[rule]]\nname = \"more\"\naction = \"allow\"\nglob = \"make *\"\n";
    let spoilt = ["[[rule]]\nname = ", "[[rule]]\nname = \"x\"\naction = \"allow\"\nregex = \"(\"\n", "[[rule]]\n"];
    for bad in spoilt {
        for replace in [true, false] {
            let body = json!({ "toml": format!("{more}\n{bad}"), "replace": replace });
            refused(&ruled, "POST", "/rules/import", &body.to_string());
            assert_eq!(ruled.rules(), before, "{bad}");
        }
    }
    let added = ruled.good("POST", "/rules/import", &json!({ "toml": more }));
    assert_eq!(added["added"], 1);
    assert_eq!(ruled.names(), ["touch *", "npm *", "more"]);
    ruled.good("POST", "/rules/import", &json!({ "toml": more, "replace": true }));
    assert_eq!(ruled.names(), ["more"]);

    ruled.good("POST", "/rules/import", &json!({ "toml": file, "replace": true }));
    ruled.restart();
    assert_eq!(ruled.names(), ["touch *", "npm *"]);
    for (now, then) in ruled.rules().iter().zip(&before) {
        for key in ["name", "tool", "kind", "pattern", "action", "message", "lasts", "enabled"] {
            assert_eq!(now[key], then[key], "{key}");
        }
        assert!(now["id"].as_i64() > before[1]["id"].as_i64(), "a new number");
    }
    assert_eq!(ruled.answered("one", "npm i")["message"], "Use \"pnpm\".");
}

#[test]
fn a_thousand_rules_are_taken_and_not_one_more() {
    let ruled = Ruled::new();
    let one = |n: usize| format!("[[rule]]\nname = \"r{n}\"\naction = \"allow\"\nglob = \"make t{n} *\"\n\n");
    let many = |count: usize| (0..count).map(one).collect::<String>();
    let import = |toml: String| ruled.ask("POST", "/rules/import", &json!({ "toml": toml, "replace": true }));
    assert_eq!(import(many(999)).0, 200);
    ruled.add(&rule("allow", "touch *"));
    let (status, problem) = ruled.ask("POST", "/rules", &rule("allow", "rm x"));
    assert_eq!(status, 422, "{problem}");
    assert_eq!(import(many(1_001)).0, 422);

    assert_eq!(ruled.answered("one", "touch foo"), allowed(), "the last of a thousand");
    ruled.asked_and_allowed(&request("one", "make nothing"));
    assert_eq!(ruled.rules().len(), 1_000, "they are listed within {PATIENCE:?}");
}
