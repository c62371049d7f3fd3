//! `claude -p`: no terminal to fall back to, so that no decision is a denial.

use serde_json::json;

use crate::support::stage::Stage;

#[test]
fn allow_reaches_a_printing_client() {
    let stage = Stage::new();
    let printing = stage.print("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(approval["headless"], true);
    assert!(!stage.has("foo"), "it ran before anybody allowed it");

    stage.ccmon.decide(&approval, json!({"decision": "allow"}));
    assert!(printing.finish().contains("DONE bash"));
    assert!(stage.has("foo"));
}

#[test]
fn deny_reaches_a_printing_client() {
    let stage = Stage::new();
    let printing = stage.print("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    stage.ccmon.decide(&approval, json!({"decision": "deny", "message": "Not today."}));
    assert!(printing.finish().contains("DONE bash"));
    let heard = stage.model.tool_results("bash#end");
    assert!(heard.iter().any(|text| text.contains("Not today.")), "{heard:?}");
    assert!(!stage.has("foo"));
}

#[test]
fn a_printing_client_takes_no_decision_for_no() {
    let stage = Stage::new();
    let printing = stage.print("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    stage.ccmon.decide(&approval, json!({"decision": "release"}));
    assert!(printing.finish().contains("DONE bash"));
    assert!(!stage.has("foo"));
}
