//! Where decisions come from is not walked around by rules and settings.

use std::fs;

use serde_json::{Value, json};

use super::{Ruled, allowed, rule, with};
use crate::request;
use crate::support::{PATIENCE, wait_until};

const WORDS: &str = "decisions come from the popup only: `approvals.decide_from` says so";

impl Ruled {
    /// As the user does in an editor; waits until it counts.
    fn decide_from(&self, places: &Value) {
        let directory = self.place.directory.path().join("config");
        fs::create_dir_all(&directory).expect("a writable directory");
        fs::write(directory.join("config.toml"), format!("[approvals]\ndecide_from = {places}\n")).expect("a file");
        let counts = || (self.settings()["decide_from"] == *places).then_some(());
        wait_until(PATIENCE, counts, || format!("it stays {}", self.settings()));
    }

    fn settings(&self) -> Value {
        self.place.ccmon.get("/settings").expect("the settings")["values"]["approvals"].clone()
    }

    /// Asks what nobody may from the command line.
    fn fenced(&self, method: &str, path: &str, body: &Value) {
        let (status, problem) = self.ask(method, path, body);
        assert_eq!((status, &problem["detail"]), (403, &json!(WORDS)), "{method} {path} {body}");
    }
}

#[test]
fn rules_let_no_more_run_from_where_nobody_decides() {
    let ruled = Ruled::new();
    let allow = ruled.add(&rule("allow", "touch *"));
    let deny = ruled.add(&rule("deny", "npm *"));
    ruled.decide_from(&json!(["popup"]));
    let before = ruled.rules();
    let new = rule("allow", "make *");
    let at = |id: i64| format!("/rules/{id}");
    let brief = json!({ "lasts": "session_seconds", "seconds": 60, "session": "s-one" });
    for (method, path, body) in [
        ("POST", "/rules", new.clone()),
        ("POST", "/rules", with(new.clone(), &json!({ "dry_run": true }))),
        ("POST", "/rules", with(new, &brief)),
        ("PATCH", &at(allow), json!({ "pattern": "*" })),
        ("PATCH", &at(allow), json!({ "position": 1 })),
        ("PATCH", &at(deny), json!({ "enabled": false })),
        ("PATCH", &at(deny), json!({ "action": "allow" })),
        ("DELETE", &at(deny), Value::Null),
        ("POST", "/rules/import", json!({ "toml": "", "replace": true })),
        ("POST", "/rules/import", json!({ "toml": one_rule("allow") })),
        ("POST", "/rules/resume", json!({})),
    ] {
        ruled.fenced(method, path, &body);
    }
    assert_eq!(ruled.rules(), before);
    ruled.place.ccmon.wait_for_event("ccmon.refused");

    // What falls towards asking stays everybody's.
    assert_eq!(ruled.answered("one", "touch x"), allowed());
    ruled.add(&with(rule("deny", "touch *"), &json!({ "position": 0 })));
    assert_eq!(ruled.answered("one", "touch x")["behavior"], "deny");
    ruled.good("POST", "/rules/import", &json!({ "toml": one_rule("ask") }));
    ruled.change(allow, &json!({ "enabled": false }));
    ruled.fenced("PATCH", &at(allow), &json!({ "enabled": true }));
    ruled.good("DELETE", &at(allow), &Value::Null);
    ruled.good("POST", "/rules/pause", &Value::Null);
    ruled.fenced("POST", "/rules/resume", &Value::Null);
    let (_hook, approval) = ruled.asked(&request("one", "touch x"));
    let decision = json!({ "decision": "allow", "shown": approval["shown"], "rule": rule("allow", "x") });
    ruled.fenced("POST", &format!("/approvals/{}/decision", approval["id"].as_str().expect("an id")), &decision);

    ruled.decide_from(&json!([]));
    ruled.good("POST", "/rules/resume", &Value::Null);
    ruled.add(&rule("allow", "make *"));
}

fn one_rule(action: &str) -> String {
    format!("[[rule]]\nname = \"of a file\"\naction = \"{action}\"\nglob = \"cargo *\"\n")
}

#[test]
fn who_decides_is_not_set_from_elsewhere() {
    let ruled = Ruled::new();
    ruled.decide_from(&json!(["popup"]));
    let before = ruled.settings();
    for patch in [
        json!({ "approvals.decide_from": [] }),
        json!({ "approvals.decide_from": null }),
        json!({ "approvals.decide_from": ["popup", "cli"] }),
        json!({ "retention.days": 5, "approvals.decide_from": ["cli"] }),
        json!({ "approvals.hold": 60 }),
        json!({ "approvals.subagent_hold": 60 }),
    ] {
        ruled.fenced("PATCH", "/settings", &patch);
    }
    assert_eq!(ruled.settings(), before);
    ruled.place.ccmon.wait_for_event("ccmon.refused");
    ruled.good("PATCH", "/settings", &json!({ "retention.days": 5, "approvals.hold": 540 }));
    assert_eq!(ruled.settings(), before, "others are everybody's");
}

#[test]
fn nobody_locks_themselves_out() {
    let ruled = Ruled::new();
    let set = |places: Value| ruled.ask("PATCH", "/settings", &json!({ "approvals.decide_from": places }));
    let (status, problem) = set(json!(["popup"]));
    let why = problem["detail"].as_str().unwrap_or_default();
    assert!(status == 422 && why.contains("has to name the command line too"), "{status} {problem}");
    assert_eq!(ruled.settings()["decide_from"], json!([]));
    assert_eq!(set(json!(["popup", "cli"])).0, 200);
    assert_eq!(set(json!(["popup"])).0, 422);
    assert_eq!(ruled.settings()["decide_from"], json!(["popup", "cli"]));
    ruled.add(&rule("allow", "make *"));
    assert_eq!(set(Value::Null).0, 200);
}
