//! Plans: sent back, changed, approved; and the mode that the client is in afterwards.

use serde_json::{Value, json};

use super::dialogs::{answered, answered_by, edited, unasked};
use crate::support::claude::Claude;
use crate::support::stage::Stage;

const PLAN: &str = "# My plan\n\n1. Do a thing\n2. Do another thing\n";

#[test]
fn a_plan_is_sent_back_changed_and_approved() {
    let stage = Stage::new();
    let claude = stage.claude_with(&["--permission-mode", "plan"]);

    // Without a file there is no plan in it, and the answer is as empty.
    let heard = answered(&stage, &claude, "plan", |a| {
        assert_eq!((&a["kind"], &a["input"]), (&json!("plan"), &json!({})), "{a:#}");
        edited(a, &json!({}))
    });
    assert!(heard.contains("approved"), "{heard}");
    claude.wait_for("manual mode on");

    plan_again(&claude);
    let back = json!({ "decision": "deny", "message": "Write the test before the fix." });
    let heard = answered(&stage, &claude, "plan_file", |a| {
        assert_eq!(a["input"]["plan"], PLAN, "{a:#}");
        back
    });
    assert!(heard.contains("Write the test before the fix."), "{heard}");
    assert!(claude.shows("plan mode on"), "{}", claude.screen());

    // Keep asking: without the mode it would be the one from before the plan, whichever that was.
    let longer = format!("{PLAN}3. And a *third* one, which \"you\" wrote\n");
    let heard = answered(&stage, &claude, "plan_file", |a| then(a, &json!({ "plan": longer }), "default"));
    assert!(heard.contains("3. And a *third* one, which \"you\" wrote"), "{heard}");
    claude.wait_for("manual mode on");

    plan_again(&claude);
    answered_by(&stage, &claude, "plan_file", |a| {
        let output = stage.ccmon.cli(&["approve", a["id"].as_str().expect("an id"), "--mode", "acceptEdits"]);
        assert!(output.status.success(), "{output:?}");
    });
    claude.wait_for("accept edits on");
    unasked(&stage, &claude, "write");
    assert_eq!(stage.read("project/new.txt").as_deref(), Some("line one\nline two\n"));
}

/// Approved, with these changes, and in this mode from then on.
fn then(approval: &Value, changes: &Value, mode: &str) -> Value {
    let mut answer = edited(approval, changes);
    answer["updated_permissions"] = json!([{ "type": "setMode", "mode": mode, "destination": "session" }]);
    answer
}

/// Goes through the client's modes until it plans.
fn plan_again(claude: &Claude) {
    claude.press_until("BTab", "plan mode on");
}
