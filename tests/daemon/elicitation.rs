//! What an MCP server asks, from the hook's payload to what the hook prints.

use serde_json::{Value, json};

use crate::Place;
use crate::support::{PATIENCE, wait_until};

const FORM: &str = include_str!("../data/payloads/Elicitation-form.json");
const PAGE: &str = include_str!("../data/payloads/Elicitation-url.json");

/// What the hook prints once this was decided.
fn printed(payload: &str, decision: Value) -> Value {
    let place = Place::with_daemon();
    let hook = place.hook(&["--wait"], payload);
    let approval = place.ccmon.wait_for_pending(1).remove(0);
    let settled = place.ccmon.decide(&approval, decision);
    assert_eq!((&settled["kind"], &settled["by"]), (&json!("elicitation"), &json!("cli")));
    let answered = hook.wait_with_output().expect("the hook ends");
    assert!(answered.status.success(), "{answered:?}");
    serde_json::from_slice(&answered.stdout).unwrap_or_default()
}

#[test]
fn each_answer_is_what_the_client_takes() {
    let output = |more: Value| {
        let mut output = json!({ "hookEventName": "Elicitation" });
        output.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        json!({ "hookSpecificOutput": output })
    };
    let accept = json!({ "decision": "allow", "content": { "name": "Ada" } });
    assert_eq!(printed(FORM, accept), output(json!({ "action": "accept", "content": { "name": "Ada" } })));
    assert_eq!(printed(FORM, json!({ "decision": "deny" })), output(json!({ "action": "decline" })));
    assert_eq!(printed(PAGE, json!({ "decision": "deny", "cancel": true })), output(json!({ "action": "cancel" })));
    assert_eq!(printed(PAGE, json!({ "decision": "release" })), Value::Null);
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason_and_the_hook_waits_on() {
    let place = Place::with_daemon();
    let hook = place.hook(&["--wait"], FORM);
    let approval = place.ccmon.wait_for_pending(1).remove(0);
    let path = format!("/approvals/{}/decision", approval["id"].as_str().expect("an id"));
    for (body, why) in [
        (json!({ "decision": "allow" }), "takes `content`"),
        (json!({ "decision": "allow", "updated_input": {} }), "takes `content`"),
        (json!({ "decision": "allow", "content": {} }), "content.name is missing"),
        (json!({ "decision": "allow", "content": { "name": 5 } }), "content.name has to be text"),
        (json!({ "decision": "allow", "content": { "name": "a", "b": 1 } }), "content.b is nothing"),
        (json!({ "decision": "deny", "message": "no" }), "neither `message`"),
    ] {
        let mut body = body;
        body["shown"] = approval["shown"].clone();
        let (status, problem) = place.ccmon.ask("POST", &path, &body);
        let told = problem["detail"].as_str().unwrap_or_default();
        assert!(status == 422 && told.contains(why), "{body}: {status} {problem}");
    }
    assert_eq!(place.ccmon.wait_for_pending(1)[0]["id"], approval["id"]);
    let told = place.ccmon.cli(&["approvals"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("demo") && told.contains("What is your name?"), "{told}");
    place.ccmon.decide(&approval, json!({ "decision": "deny" }));
    assert!(hook.wait_with_output().expect("the hook ends").status.success());
    let row = place.ccmon.get("/audit").expect("the log")["approvals"][0].clone();
    assert_eq!((&row["kind"], &row["outcome"]), (&json!("elicitation"), &json!("denied")), "{row}");
}

#[test]
fn no_rule_gives_a_server_anything() {
    let place = Place::with_daemon();
    let rule = json!({ "name": "all", "tool": "Elicitation", "kind": "glob", "pattern": "*", "action": "allow", "lasts": "forever" });
    let (status, told) = place.ccmon.ask("POST", "/rules", &rule);
    assert_eq!(status, 201, "{told}");
    let hook = place.hook(&["--wait"], FORM);
    let approval = place.ccmon.wait_for_pending(1).remove(0);
    assert_eq!((&approval["rule"], &approval["risk"]), (&Value::Null, &Value::Null));
    place.ccmon.decide(&approval, json!({ "decision": "release" }));
    assert!(hook.wait_with_output().expect("the hook ends").stdout.is_empty());
}

#[test]
fn who_fills_it_in_is_waited_for_and_claude_may_not_say_so() {
    let mut place = Place::new();
    place.write_settings("[approvals]\nhold = 61\nsubagent_hold = 60\n");
    place.ccmon.start();
    let hook = place.hook(&["--wait"], FORM);
    let approval = place.ccmon.wait_for_pending(1).remove(0);
    let path = format!("/approvals/{}/filling", approval["id"].as_str().expect("an id"));
    let at = |name: &str| approval[name].as_u64().expect("a time");
    assert_eq!(at("expires"), at("opened") + 60_000);
    assert!(place.inside("POST", &path, "{}").ends_with(" 403 application/problem+json"));
    // As long again as at first, and not longer than any hook.
    let kept = || {
        let (status, kept) = place.ccmon.ask("POST", &path, &json!({}));
        assert_eq!(status, 200, "{kept}");
        (kept["expires"] == at("opened") + 61_000).then_some(())
    };
    wait_until(PATIENCE, kept, || format!("{:#?}", place.ccmon.pending()));
    assert_eq!(place.ccmon.pending()[0]["expires"], at("opened") + 61_000);
    assert_eq!(place.ccmon.ask("POST", "/approvals/x/filling", &json!({})).0, 404);
    place.ccmon.decide(&approval, json!({ "decision": "deny" }));
    assert!(hook.wait_with_output().expect("the hook ends").status.success());
    assert_eq!(place.ccmon.ask("POST", &path, &json!({})).0, 409);
}
