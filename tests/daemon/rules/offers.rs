//! What a user may do with a request besides yes and no, with the real daemon and hook.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{Hook, Ruled, allowed, call, rule, with};
use crate::support::{PATIENCE, wait_until};
use crate::{prompt, request};

/// One yes for several.
fn together(ruled: &Ruled, all: &[&Value]) -> (u16, Value) {
    let others: Vec<Value> = all[1..].iter().map(|a| json!({ "id": a["id"], "shown": a["shown"] })).collect();
    let path = format!("/approvals/{}/identical", all[0]["id"].as_str().expect("an id"));
    ruled.ask("POST", &path, &json!({ "shown": all[0]["shown"], "ids": others }))
}

fn offers(ruled: &Ruled, approval: &Value) -> Value {
    ruled.good("GET", &format!("/approvals/{}/offers", approval["id"].as_str().expect("an id")), &Value::Null)
}

fn decide(ruled: &Ruled, approval: &Value, mut decision: Value) -> (u16, Value) {
    decision["shown"] = approval["shown"].clone();
    decision["decision"] = json!("allow");
    ruled.ask("POST", &format!("/approvals/{}/decision", approval["id"].as_str().expect("an id")), &decision)
}

/// A project of its own: rules are about real folders.
fn project(ruled: &Ruled) -> String {
    let root = ruled.place.directory.path().canonicalize().expect("a directory").join("project");
    fs::create_dir_all(root.join(".git")).expect("a directory");
    root.to_str().expect("UTF-8").to_owned()
}

fn command(session: &str, cwd: &str, command: &str) -> String {
    call(session, cwd, "Bash", &json!({ "command": command }))
}

#[test]
fn a_rule_made_with_a_yes_answers_the_next() {
    let ruled = Ruled::new();
    let cwd = project(&ruled);
    let (hook, approval) = ruled.asked(&command("one", &cwd, "npm run build"));
    let offers = offers(&ruled, &approval);
    let patterns: Vec<_> = offers["rules"].as_array().expect("a list").iter().map(|o| &o["rule"]["pattern"]).collect();
    assert_eq!(patterns, ["npm run build", "npm run build*", "npm run*"]);
    assert_eq!(offers["identical"], json!([approval["id"]]));
    assert_eq!(offers["project"], json!(format!("{{{cwd},{cwd}/**}}")));

    let rule = with(offers["rules"][2]["rule"].clone(), &json!({ "lasts": "seconds", "seconds": 900 }));
    let (status, settled) = decide(&ruled, &approval, json!({ "rule": rule }));
    assert_eq!((status, &settled["by"], &settled["outcome"]), (200, &json!("cli"), &json!("allowed")));
    assert_eq!(hook.answer(), allowed());
    assert_eq!(ruled.hook(&command("two", &cwd, "npm run lint")).answer(), allowed());
    assert_eq!(ruled.newest()["rule"]["name"], rule["name"]);
    ruled.asked_and_allowed(&command("two", "/", "npm run lint"));
    let (status, _) =
        ruled.ask("GET", &format!("/approvals/{}/offers", approval["id"].as_str().unwrap_or("")), &Value::Null);
    assert_eq!(status, 404, "it does not wait any more");
}

#[test]
fn without_its_rule_nothing_is_decided() {
    let ruled = Ruled::new();
    let (hook, approval) = ruled.asked(&request("one", "touch foo"));
    let good = rule("allow", "touch *");
    for (change, word) in [
        (json!({ "kind": "regex", "pattern": "(" }), "pattern"),
        (json!({ "allow_high": true }), "literal"),
        (json!({ "name": "" }), "name"),
        (json!({ "action": "deny" }), "lets run"),
        (json!({ "dry_run": true }), "in force"),
        (json!({ "enabled": false }), "in force"),
        (json!({ "patern": "x" }), "patern"),
        (json!({ "lasts": "session_seconds", "seconds": 5 }), "session"),
    ] {
        let (status, problem) = decide(&ruled, &approval, json!({ "rule": with(good.clone(), &change) }));
        assert_eq!(status, 422, "{change}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains(word)), "{change}: {problem}");
    }
    let stale =
        json!({ "rule": good, "updated_permissions": [{ "type": "setMode", "mode": "x", "destination": "session" }] });
    assert_eq!(decide(&ruled, &approval, stale).0, 422);
    assert_eq!(ruled.names(), Vec::<String>::new(), "no rule without its decision");
    let with_no = json!({ "shown": approval["shown"], "decision": "deny", "rule": good });
    let path = format!("/approvals/{}/decision", approval["id"].as_str().expect("an id"));
    assert_eq!(ruled.ask("POST", &path, &with_no).0, 422);
    assert_eq!(ruled.place.ccmon.wait_for_pending(1)[0]["id"], approval["id"]);

    assert_eq!(decide(&ruled, &approval, json!({ "rule": good })).0, 200);
    assert_eq!(hook.answer(), allowed());
    let (status, _) = decide(&ruled, &approval, json!({ "rule": rule("allow", "make *") }));
    assert_eq!((status, ruled.names()), (409, vec!["touch *".to_owned()]), "the first answer won");
}

#[test]
fn what_asks_the_same_is_allowed_together_or_not_at_all() {
    let ruled = Ruled::new();
    let payloads = ["one", "two", "three"].map(|session| request(session, "touch foo"));
    let hooks: Vec<Hook> = payloads.iter().map(|payload| ruled.hook(payload)).collect();
    let other = ruled.hook(&request("four", "touch bar"));
    let pending = ruled.place.ccmon.wait_for_pending(4);
    let (alike, odd): (Vec<&Value>, Vec<&Value>) =
        pending.iter().partition(|approval| approval["input"]["command"] == "touch foo");
    assert_eq!(offers(&ruled, alike[0])["identical"].as_array().map(Vec::len), Some(3));

    assert_eq!(together(&ruled, &[alike[0], alike[1], odd[0]]).0, 422, "another command");
    assert_eq!(together(&ruled, &[alike[0], alike[0]]).0, 422, "twice the same");
    let changed = with(alike[2].clone(), &json!({ "shown": "another" }));
    assert_eq!(together(&ruled, &[alike[0], alike[1], &changed]).0, 409, "not what was shown");
    let unknown = json!({ "id": "00000000000000000000000000000000", "shown": "x" });
    assert_eq!(together(&ruled, &[alike[0], &unknown]).0, 404);
    assert_eq!(ruled.place.ccmon.wait_for_pending(4).len(), 4, "nothing was decided");

    let (status, told) = together(&ruled, &alike);
    assert_eq!((status, &told["approved"]), (200, &json!(3)), "{told}");
    assert!(hooks.into_iter().all(|hook| hook.answer() == allowed()));
    let all = ruled.place.ccmon.get("/approvals?state=all").expect("the requests");
    for approval in &alike {
        let row = all["approvals"].as_array().and_then(|all| all.iter().find(|row| row["id"] == approval["id"]));
        let row = row.expect("each has its row");
        assert_eq!(
            (&row["by"], &row["outcome"], &row["shown"]),
            (&json!("cli"), &json!("allowed"), &approval["shown"])
        );
    }
    assert_eq!(together(&ruled, &alike).0, 409, "they are settled");
    drop(other);
}

#[test]
fn what_is_dangerous_is_decided_one_by_one() {
    let ruled = Ruled::new();
    let _hooks = ["one", "two"].map(|session| ruled.hook(&request(session, "rm -rf /srv/x")));
    let pending = ruled.place.ccmon.wait_for_pending(2);
    assert_eq!(pending[0]["risk"]["level"], "high");
    let all: Vec<&Value> = pending.iter().collect();
    assert_eq!(together(&ruled, &all).0, 422);
    let offers = offers(&ruled, all[0]);
    assert_eq!((&offers["identical"], &offers["session_rule"]), (&json!([]), &Value::Null));
    assert_eq!(ruled.place.ccmon.wait_for_pending(2).len(), 2);
}

#[test]
fn questions_are_not_answered_together_and_make_no_rule() {
    let ruled = Ruled::new();
    let input = json!({ "questions": [{ "question": "Which?", "header": "W", "multiSelect": false,
        "options": [{ "label": "a", "description": "" }, { "label": "b", "description": "" }] }] });
    let _hooks = ["one", "two"].map(|session| ruled.hook(&call(session, "/p", "AskUserQuestion", &input)));
    let pending = ruled.place.ccmon.wait_for_pending(2);
    assert_eq!(together(&ruled, &pending.iter().collect::<Vec<_>>()).0, 422);
    let offers = offers(&ruled, &pending[0]);
    assert_eq!(
        (&offers["rules"], &offers["identical"], &offers["session_rule"]),
        (&json!([]), &json!([]), &Value::Null)
    );
}

#[test]
fn all_of_one_session_runs_for_a_while() {
    let mut ruled = Ruled::new();
    let cwd = project(&ruled);
    ruled.place.event(&prompt("one", 0));
    ruled.place.event(&prompt("two", 0));
    let (hook, approval) = ruled.asked(&command("one", &cwd, "touch foo"));
    let offers = offers(&ruled, &approval);
    assert_eq!(offers["session_covers"], true);
    let wide = offers["session_rule"].clone();
    assert_eq!(
        (&wide["lasts"], &wide["seconds"], &wide["session"]),
        (&json!("session_seconds"), &json!(900), &json!(ruled.key("one")))
    );
    assert_eq!(decide(&ruled, &approval, json!({ "rule": wide })).0, 200);
    assert_eq!(hook.answer(), allowed());

    let name = wide["name"].as_str().expect("a name");
    assert_eq!(ruled.rule(name)["lints"], json!([]));
    assert_eq!(ruled.hook(&command("one", &cwd, "git status")).answer(), allowed());
    assert_eq!((&ruled.newest()["by"], &ruled.newest()["rule"]["name"]), (&json!("rule"), &json!(name)));
    ruled.asked_and_allowed(&command("two", &cwd, "touch foo"));
    ruled.asked_and_allowed(&command("one", &cwd, "rm -rf /srv/x"));
    ruled.asked_and_allowed(&command("one", &cwd, "some-program --x"));
    ruled.asked_and_allowed(&command("one", &cwd, "tar xf a.tar"));
    // The state is kept elsewhere than usual here, and the token is the token all the same.
    let token = ruled.place.directory.path().join("state/token");
    ruled.asked_and_allowed(&command("one", &cwd, &format!("cat {}", token.display())));
    let settings = json!({ "file_path": format!("{cwd}/.cargo/config.toml"), "content": "" });
    ruled.asked_and_allowed(&call("one", &cwd, "Write", &settings));

    // What is denied or asked meanwhile is so in that session too, though the rule was there first.
    ruled.add(&rule("ask", "git push*"));
    ruled.add(&rule("deny", "npm *"));
    assert_eq!(ruled.names(), ["git push*", "npm *", name]);
    assert_eq!(ruled.hook(&command("one", &cwd, "npm i")).answer()["behavior"], "deny");
    ruled.asked_and_allowed(&command("one", &cwd, "git push origin topic"));

    ruled.good("POST", "/rules/pause", &Value::Null);
    ruled.asked_and_allowed(&command("one", &cwd, "touch foo"));
    ruled.good("POST", "/rules/resume", &Value::Null);
    ruled.restart();
    let left = ruled.rule(name)["ends"]["in_ms"].as_u64().expect("an end");
    assert!((1..=900_000).contains(&left), "{left}");
    assert_eq!(ruled.hook(&command("one", &cwd, "touch foo")).answer(), allowed());

    let id = ruled.rule(name)["id"].as_i64().expect("a number");
    ruled.change(id, &json!({ "enabled": false }));
    ruled.asked_and_allowed(&command("one", &cwd, "touch foo"));
    ruled.change(id, &json!({ "enabled": true }));
    let end = json!({ "session_id": "one", "cwd": cwd, "hook_event_name": "SessionEnd", "reason": "other" });
    ruled.place.event(&end.to_string());
    assert_eq!(ruled.names(), ["git push*", "npm *"], "it ends with its session");
}

#[test]
fn something_else_to_run_is_looked_at_first() {
    let ruled = Ruled::new();
    ruled.add(&rule("deny", "npm publish*"));
    let (_hook, approval) = ruled.asked(&request("one", "touch foo"));
    let assess = |body: Value| {
        ruled.ask("POST", &format!("/approvals/{}/assess", approval["id"].as_str().expect("an id")), &body)
    };
    let level = |command: &str| assess(json!({ "input": { "command": command } })).1["risk"]["level"].clone();
    assert_eq!((level("rm -rf /srv/x"), level("ls")), (json!("high"), json!("low")));
    let (_, denied) = assess(json!({ "input": { "command": "npm publish" } }));
    assert_eq!(denied["denied_by"]["name"], "npm publish*");
    assert_eq!(assess(json!({ "input": { "command": "x".repeat(300_000) } })).1["risk"]["automatic"], false);
    for body in [json!({ "input": "ls" }), json!({}), json!({ "input": {}, "more": 1 })] {
        assert_eq!(assess(body.clone()).0, 422, "{body}");
    }
    let (status, problem) = assess(json!({ "input": { "command": "x".repeat(1 << 20) } }));
    assert_eq!((status, &problem["detail"]), (413, &json!("what is to run instead is longer than 1 MiB")));
    let nobody = "/approvals/00000000000000000000000000000000/assess";
    assert_eq!(ruled.ask("POST", nobody, &json!({ "input": {} })).0, 404);
}

/// Whoever may look may ask for any number of looks.
#[test]
fn looks_at_something_else_take_nothing_from_requests() {
    let ruled = Ruled::new();
    ruled.add(&rule("allow", "touch *"));
    let (_hook, approval) = ruled.asked(&request("one", "make"));
    let path = format!("/approvals/{}/assess", approval["id"].as_str().expect("an id"));
    let body = json!({ "input": { "command": "a; ".repeat(300_000) } }).to_string();
    let (over, refused, answered) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let ask = || {
        while !over.load(Ordering::Relaxed) {
            let (status, problem) = ruled.ask_raw("POST", &path, &body);
            let counter = if status == 503 { &refused } else { &answered };
            assert!(status == 200 || problem.contains("too much is being looked at already"), "{status} {problem}");
            counter.fetch_add(1, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..48 {
            scope.spawn(ask);
        }
        let _end = Ending(&over);
        for n in 0..8 {
            let before = refused.load(Ordering::Relaxed);
            let crowded = || (refused.load(Ordering::Relaxed) > before).then_some(());
            wait_until(PATIENCE, crowded, || "never more looks than there are turns".to_owned());
            assert_eq!(ruled.answered("one", &format!("touch {n}")), allowed());
        }
    });
    assert!(answered.into_inner() > 0, "some have their turn");
}

/// Ends the others, also where this one panics.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn only_what_claude_offers_is_remembered() {
    let ruled = Ruled::new();
    let offered = json!([
        { "type": "addRules", "rules": [{ "toolName": "Bash", "ruleContent": "npm run *" }], "behavior": "allow",
          "destination": "localSettings" },
        { "type": "setMode", "mode": "acceptEdits", "destination": "session" },
    ]);
    let mut payload: Value = serde_json::from_str(&request("one", "npm run build")).expect("JSON");
    payload["permission_suggestions"] = offered.clone();
    let (hook, approval) = ruled.asked(&payload.to_string());
    assert_eq!(approval["suggestions"], offered);
    for (path, value) in [
        ("/destination", json!("userSettings")),
        ("/rules/0/ruleContent", json!("*")),
        ("/rules/0/toolName", json!("*")),
        ("/behavior", json!("deny")),
        ("/type", json!("replaceRules")),
    ] {
        let mut wish = offered[0].clone();
        *wish.pointer_mut(path).expect("it is there") = value;
        let (status, problem) = decide(&ruled, &approval, json!({ "updated_permissions": [offered[1], wish] }));
        assert_eq!(status, 422, "{wish}: {problem}");
    }
    let mut more = offered[0].clone();
    more["rules"].as_array_mut().expect("a list").push(json!({ "toolName": "Bash" }));
    let bypass = json!({ "type": "setMode", "mode": "bypassPermissions", "destination": "session" });
    for wish in [more, bypass, with(offered[1].clone(), &json!({ "x": 1 })), offered.clone(), Value::Null] {
        assert_eq!(decide(&ruled, &approval, json!({ "updated_permissions": [wish] })).0, 422, "{wish}");
    }
    assert_eq!(decide(&ruled, &approval, json!({ "updated_permissions": [offered[0]] })).0, 200);
    assert_eq!(hook.answer(), json!({ "behavior": "allow", "updatedPermissions": [offered[0]] }));
}
