//! What a rule answers, and what none does.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::{Hook, Ruled, allowed, call, rule, with};
use crate::live::{next, until, watch};
use crate::support::{PATIENCE, wait_until};
use crate::{prompt, request};

#[test]
fn an_allow_rule_answers_before_anybody_sees_the_request() {
    let ruled = Ruled::new();
    let id = ruled.add(&rule("allow", "touch *"));
    let mut watcher = watch(&ruled.place);
    assert_eq!(next(&mut watcher)["approvals"], json!([]));

    assert_eq!(ruled.answered("one", "touch foo"), allowed());
    let mut frames = until(&mut watcher, "approval_resolved");
    let resolved = frames.last().expect("a frame")["approval"].clone();
    assert_eq!((&resolved["by"], &resolved["outcome"]), (&json!("rule"), &json!("allowed")));
    assert_eq!(resolved["rule"], json!({ "id": id, "name": "touch *" }));
    assert_eq!(resolved["trial"], json!([]));
    // Whatever was told of it has come before this.
    ruled.place.event(&prompt("one", 7));
    let is_last = |frame: &Value| frame["event"]["payload"]["prompt"] == "prompt 7";
    while !frames.last().is_some_and(is_last) {
        frames.extend(until(&mut watcher, "event"));
    }
    let pending: Vec<_> = frames.iter().filter(|frame| frame["type"] == "approval_pending").collect();
    assert!(pending.is_empty(), "{pending:?}");
    assert_eq!(ruled.rule("touch *")["matches"], 1);
    assert!(ruled.rule("touch *")["last_match"].is_u64());
}

#[test]
fn a_deny_rule_tells_why() {
    let ruled = Ruled::new();
    ruled.add(&with(rule("deny", "npm *"), &json!({ "message": "Use pnpm here." })));
    ruled.add(&rule("deny", "yarn *"));
    let told = ruled.answered("one", "npm install");
    assert_eq!(told, json!({ "behavior": "deny", "message": "Use pnpm here." }));
    let told = ruled.answered("one", "cd sub && yarn add x");
    assert_eq!(told["behavior"], "deny");
    assert!(told["message"].as_str().is_some_and(|text| text.contains("yarn *")), "{told}");
    let newest = ruled.newest();
    assert_eq!((&newest["by"], &newest["outcome"]), (&json!("rule"), &json!("denied")));
    assert_eq!(newest["rule"]["name"], "yarn *");
}

#[test]
fn a_rule_on_trial_only_notes_what_it_would_have_done() {
    let ruled = Ruled::new();
    let id = ruled.add(&with(rule("allow", "touch *"), &json!({ "dry_run": true })));
    let (hook, approval) = ruled.asked(&request("one", "touch foo"));
    assert_eq!(approval["trial"], json!([{ "id": id, "name": "touch *", "decision": "allow" }]));
    assert_eq!(approval["rule"], Value::Null);
    assert_eq!(ruled.rule("touch *")["matches"], 1);
    ruled.place.ccmon.decide(&approval, json!({ "decision": "deny" }));
    assert_eq!(hook.answer()["behavior"], "deny");
    assert_eq!(ruled.place.ccmon.approval(&approval["id"])["by"], "cli");

    ruled.change(id, &json!({ "dry_run": false }));
    assert_eq!(ruled.answered("one", "touch foo"), allowed());
}

#[test]
fn the_first_that_matches_decides_and_rules_can_be_moved() {
    let ruled = Ruled::new();
    let wide = ruled.add(&rule("allow", "git *"));
    let asks = ruled.add(&rule("ask", "git push*"));
    let denies = ruled.add(&with(rule("deny", "git push --tags*"), &json!({ "position": 0 })));
    assert_eq!(ruled.names(), ["git push --tags*", "git *", "git push*"]);
    assert_eq!(ruled.answered("one", "git push --tags")["behavior"], "deny");
    assert_eq!(ruled.answered("one", "git push origin topic"), allowed(), "the wide one comes first");

    ruled.change(asks, &json!({ "position": 0 }));
    assert_eq!(ruled.names(), ["git push*", "git push --tags*", "git *"]);
    let settled = ruled.asked_and_allowed(&request("one", "git push --tags"));
    assert_eq!((&settled["by"], &settled["rule"]["name"]), (&json!("cli"), &json!("git push*")));
    assert_eq!(ruled.answered("one", "git commit -m x"), allowed());

    ruled.change(wide, &json!({ "position": 0, "enabled": false }));
    ruled.change(denies, &json!({ "position": 99 }));
    assert_eq!(ruled.names(), ["git *", "git push*", "git push --tags*"]);
    ruled.asked_and_allowed(&request("one", "git status"));
}

#[test]
fn paused_rules_answer_nothing_until_they_are_resumed() {
    let mut ruled = Ruled::new();
    ruled.add(&rule("allow", "touch *"));
    ruled.add(&rule("deny", "npm *"));
    assert_eq!(ruled.good("POST", "/rules/pause", &Value::Null), json!({ "paused": true }));
    assert_eq!(next(&mut watch(&ruled.place))["rules_paused"], true);
    ruled.asked_and_allowed(&request("one", "touch foo"));
    ruled.asked_and_allowed(&request("one", "npm i"));
    assert_eq!(ruled.rule("touch *")["matches"], 0);
    ruled.restart();
    assert_eq!(ruled.place.ccmon.get("/rules").expect("the rules")["paused"], true, "also after a restart");
    ruled.asked_and_allowed(&request("one", "touch foo"));

    assert_eq!(ruled.good("POST", "/rules/resume", &Value::Null), json!({ "paused": false }));
    assert_eq!(ruled.answered("one", "touch foo"), allowed());
    assert_eq!(ruled.answered("one", "npm i")["behavior"], "deny");
}

#[test]
fn once_is_once_for_ten_at_the_same_time() {
    let ruled = Ruled::new();
    ruled.add(&with(rule("allow", "touch *"), &json!({ "lasts": "once" })));
    let mut hooks: Vec<_> = (0..10).map(|n| ruled.hook(&request("one", &format!("touch f{n}")))).collect();
    ruled.place.ccmon.wait_for_pending(9);
    let ended = || hooks.iter_mut().position(Hook::has_ended);
    let first = wait_until(PATIENCE, ended, || "none is answered".into());
    assert_eq!(hooks.remove(first).answer(), allowed());
    assert!(hooks.iter_mut().all(|hook| !hook.has_ended()), "more than one is answered");
    assert_eq!(ruled.names(), Vec::<String>::new());
}

#[test]
fn once_is_not_used_up_by_what_it_does_not_decide() {
    let ruled = Ruled::new();
    ruled.add(&with(rule("allow", "touch *"), &json!({ "lasts": "once" })));
    ruled.asked_and_allowed(&request("one", "touch x && make it"));
    assert_eq!(ruled.names(), ["touch *"], "the line was not decided by it");
    assert_eq!(ruled.answered("one", "touch x"), allowed());
}

#[test]
fn questions_and_plans_are_never_automatic() {
    let ruled = Ruled::new();
    for action in ["allow", "deny"] {
        ruled.add(&with(rule(action, "*"), &json!({ "tool": "*", "name": action })));
    }
    let question = json!({ "questions": [{ "question": "Which?", "header": "W", "multiSelect": false,
        "options": [{ "label": "a", "description": "" }, { "label": "b", "description": "" }] }] });
    for (tool, input) in [("AskUserQuestion", question), ("ExitPlanMode", json!({ "plan": "# Plan" }))] {
        let (hook, approval) = ruled.asked(&call("one", "/p", tool, &input));
        assert_eq!((&approval["tool"], &approval["rule"]), (&json!(tool), &Value::Null));
        ruled.place.ccmon.decide(&approval, json!({ "decision": "release" }));
        assert_eq!(hook.answer(), Value::Null);
    }
    assert_eq!((&ruled.rule("allow")["matches"], &ruled.rule("deny")["matches"]), (&json!(0), &json!(0)));
}

#[test]
fn what_is_dangerous_needs_a_literal_rule_that_says_so() {
    let ruled = Ruled::new();
    let any = with(rule("allow", "*"), &json!({ "name": "any" }));
    ruled.add(&any);
    let command = "git push --force origin main";
    let settled = ruled.asked_and_allowed(&request("one", command));
    assert_eq!((&settled["by"], &settled["risk"]["level"]), (&json!("cli"), &json!("high")));
    assert_eq!(ruled.rule("any")["matches"], 0);
    let (status, problem) = ruled.ask("POST", "/rules", &with(any, &json!({ "allow_high": true })));
    assert_eq!(status, 422, "{problem}");

    let literal = json!({ "kind": "literal", "allow_high": true, "position": 0 });
    ruled.add(&with(rule("allow", command), &literal));
    assert_eq!(ruled.answered("one", command), allowed());
    assert_eq!(ruled.newest()["rule"]["name"], command);
}

#[test]
fn a_path_rule_ends_where_a_link_leads_out_of_the_project() {
    let ruled = Ruled::new();
    let root = ruled.place.directory.path().canonicalize().expect("a directory");
    let [project, secrets] = ["project", "elsewhere"].map(|name| root.join(name));
    for folder in [project.join(".git"), secrets.clone()] {
        fs::create_dir_all(folder).expect("a directory");
    }
    symlink(&secrets, project.join("inside")).expect("a link");
    symlink(secrets.join("new"), project.join("note.txt")).expect("a link");
    let text = project.to_str().expect("UTF-8");
    let glob = format!("{text}/**");
    ruled.add(&with(rule("allow", &glob), &json!({ "tool": "Edit" })));
    let edit = |file: &str| {
        let input = json!({ "file_path": format!("{text}/{file}"), "old_string": "a", "new_string": "b" });
        call("one", text, "Edit", &input)
    };
    for file in ["inside/x", "note.txt", "../elsewhere/x", "inside/../../elsewhere/y"] {
        let settled = ruled.asked_and_allowed(&edit(file));
        assert_eq!(settled["by"], "cli", "{file}");
    }
    assert_eq!(ruled.hook(&edit("src/main.rs")).answer(), allowed());
    assert_eq!(ruled.newest()["rule"]["name"], glob);
}

#[test]
fn only_answers_that_a_hook_was_there_for_are_counted() {
    let ruled = Ruled::new();
    ruled.add(&rule("allow", "touch *"));
    for number in 0..5 {
        // Killed, wherever it has come to.
        drop(ruled.hook(&request("one", &format!("touch gone{number}"))));
    }
    assert_eq!(ruled.answered("one", "touch foo"), allowed());
    let counted = || {
        let all = ruled.place.ccmon.get("/approvals?state=all")?["approvals"].as_array()?.clone();
        let decided = all.iter().filter(|approval| approval["by"] == "rule").count();
        let settled = all.iter().all(|approval| approval["state"] == "settled");
        (settled && ruled.rule("touch *")["matches"] == decided).then_some(())
    };
    wait_until(PATIENCE, counted, || format!("{:#}", ruled.newest()));
}
