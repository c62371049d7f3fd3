//! What came with an answer stays known: in the log, its table, and what `ccmon audit` tells.

use serde_json::{Value, json};

use crate::{Place, request};

const QUESTIONS: &str = include_str!("../../data/payloads/PermissionRequest-AskUserQuestion-two.json");
const NPM: &str = include_str!("../../data/payloads/PermissionRequest-Bash-npm.json");
const PLAN: &str = include_str!("../../data/payloads/PermissionRequest-ExitPlanMode.json");
const FORM: &str = include_str!("../../data/payloads/Elicitation-form.json");

/// The log's newest line, once this was answered to `payload`: what the answer says, made of the request.
fn settled(place: &Place, payload: &str, decision: impl FnOnce(&Value) -> Value) -> Value {
    let hook = place.hook(&["--wait"], payload);
    let approval = place.ccmon.wait_for_pending(1).remove(0);
    let told = place.ccmon.decide(&approval, decision(&approval));
    assert!(hook.wait_with_output().expect("the hook ends").status.success());
    let row = place.good("/audit?limit=1")["approvals"][0].clone();
    // What the caller heard, what the Board shows and what the file holds is one thing.
    for name in ["answers", "edited", "remembered", "interrupted", "cancelled", "made"] {
        assert_eq!((&told[name], &place.ccmon.approval(&approval["id"])[name]), (&row[name], &row[name]), "{name}");
    }
    row
}

/// The newest line as `ccmon audit` tells it, and what stands below it.
fn told(place: &Place) -> Vec<String> {
    let text = place.prints(&["audit", "--limit", "1"]);
    text.lines().skip(1).map(|line| line.trim_start().to_owned()).collect()
}

#[test]
fn answers_are_kept_with_their_questions() {
    let place = Place::with_daemon();
    let said = json!({ "Which colour do you like?": "Blue", "Which toppings?": ["Ham", "salt, pepper"] });
    let row = settled(&place, QUESTIONS, |a| {
        let mut input = a["input"].clone();
        input["answers"] = said.clone();
        json!({ "decision": "allow", "updated_input": input })
    });
    assert_eq!((&row["answers"], &row["edited"], &row["remembered"]), (&said, &Value::Null, &Value::Null), "{row}");
    let lines = ["answered: Which colour do you like? Blue", "answered: Which toppings? Ham · salt, pepper"];
    assert_eq!(told(&place), lines);

    assert_eq!(place.good("/audit?q=Ham")["approvals"][0]["id"], row["id"], "what was said is found");

    let content = json!({ "name": "Ada" });
    let row = settled(&place, FORM, |_| json!({ "decision": "allow", "content": content }));
    assert_eq!(row["answers"], content);
    assert_eq!(told(&place), ["answered: name Ada"]);
    let row = settled(&place, FORM, |_| json!({ "decision": "deny", "cancel": true }));
    assert_eq!((&row["outcome"], &row["cancelled"]), (&json!("denied"), &json!(true)));
    assert_eq!(told(&place), ["dismissed, not declined"]);
    let table = place.prints(&["audit", "--csv"]);
    assert!(table.contains(r#""{""Which colour do you like?"":""Blue"","#), "{table}");
}

#[test]
fn of_an_edit_both_texts_are_kept() {
    let place = Place::with_daemon();
    let row = settled(
        &place,
        &request("one", "rm -rf build"),
        |_| json!({ "decision": "allow", "updated_input": { "command": "make clean", "timeout": 5 } }),
    );
    assert_eq!(row["edited"], json!({ "command": "make clean", "timeout": 5 }));
    assert_eq!(row["input"]["command"], "rm -rf build");
    let lines =
        ["edited: command was rm -rf build", "command is  make clean", "edited: timeout was nothing", "timeout is  5"];
    assert_eq!(told(&place), lines);
    let row = settled(&place, &request("one", "ls"), |_| json!({ "decision": "allow", "updated_input": {} }));
    assert_eq!(row["edited"], json!({ "command": null }));
    let row = settled(&place, &request("one", "ls"), |a| json!({ "decision": "allow", "updated_input": a["input"] }));
    assert_eq!(row["edited"], Value::Null, "it is what was asked");

    let mode = json!([{ "type": "setMode", "mode": "acceptEdits", "destination": "session" }]);
    let row = settled(
        &place,
        PLAN,
        |_| json!({ "decision": "allow", "updated_input": { "plan": "# Mine" }, "updated_permissions": mode }),
    );
    assert_eq!((&row["edited"], &row["remembered"]), (&json!({ "plan": "# Mine" }), &mode));
    assert!(
        told(&place).contains(&"remembered: mode acceptEdits, until the session ends".to_owned()),
        "{:?}",
        told(&place)
    );
}

#[test]
fn what_is_remembered_and_made_is_kept() {
    let place = Place::with_daemon();
    let row = settled(&place, NPM, |a| json!({ "decision": "allow", "updated_permissions": a["suggestions"] }));
    assert_eq!(row["remembered"], row["suggestions"], "{row}");
    assert_eq!(told(&place), ["remembered: allow Bash(npm run *), in .claude/settings.local.json"]);

    let rule = json!({ "name": "builds", "tool": "Bash", "kind": "glob", "pattern": "make*", "action": "allow", "lasts": "forever" });
    let row = settled(&place, &request("one", "make all"), |_| json!({ "decision": "allow", "rule": rule }));
    let made = place.good("/rules")["rules"][0].clone();
    assert_eq!((&row["made"]["id"], &row["made"]["name"]), (&made["id"], &json!("builds")));
    assert_eq!((&row["rule"], &row["by"]), (&Value::Null, &json!("cli")), "no rule decided it");
    assert_eq!(told(&place), [format!("made: rule {} builds", made["id"])]);
    let row =
        settled(&place, &request("one", "ls"), |_| json!({ "decision": "deny", "message": "no", "interrupt": true }));
    assert_eq!((&row["interrupted"], &row["message"]), (&json!(true), &json!("no")));
    assert_eq!(told(&place), ["told: no", "the turn was stopped"]);
}

#[test]
fn it_survives_the_daemon() {
    let mut place = Place::with_daemon();
    let rule = json!({ "name": "builds", "tool": "Bash", "kind": "glob", "pattern": "make*", "action": "allow", "lasts": "forever" });
    let before = settled(
        &place,
        &request("one", "rm -rf build"),
        |_| json!({ "decision": "allow", "updated_input": { "command": "make clean" }, "rule": rule }),
    );
    place.ccmon.kill();
    place.ccmon.start();
    let after = place.ccmon.approval(&before["id"]);
    assert_eq!((&after["edited"], &after["made"]), (&before["edited"], &before["made"]), "{after}");
    assert_eq!(place.good("/audit?limit=1")["approvals"][0], before);
}
