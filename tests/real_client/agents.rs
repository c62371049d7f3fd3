//! Sub-agents: the terminal shows nothing while ccmon holds their request.

use serde_json::{Value, json};

use crate::support::claude::{Claude, DIALOG};
use crate::support::stage::Stage;

/// Starts a sub-agent that asks for a permission.
fn asking_agent(stage: &Stage) -> (Claude, Value) {
    let claude = stage.claude();
    claude.play("agent");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(approval["hides_terminal"], true);
    assert_eq!(approval["agent"]["type"], "general-purpose");
    assert!(!claude.shows(DIALOG), "{}", claude.screen());
    assert!(!stage.has("sub-file"));
    (claude, approval)
}

#[test]
fn allow_reaches_the_agent() {
    let stage = Stage::new();
    let (claude, approval) = asking_agent(&stage);

    stage.ccmon.decide(&approval, json!({"decision": "allow"}));
    claude.wait_for_end_of("agent");
    stage.ccmon.wait_for_event("SubagentStop");
    assert!(stage.has("sub-file"));
}

#[test]
fn release_brings_the_dialog_to_the_terminal() {
    let stage = Stage::new();
    let (claude, approval) = asking_agent(&stage);

    stage.ccmon.decide(&approval, json!({"decision": "release"}));
    claude.say_yes();
    stage.ccmon.wait_for_event("SubagentStop");
    assert!(stage.has("sub-file"));
}

#[test]
fn yes_to_the_main_thread_leaves_the_hidden_request_alone() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("agent_and_bash");
    let pending = stage.ccmon.wait_for_pending(2);
    let (hidden, shown): (Vec<_>, Vec<_>) =
        pending.into_iter().partition(|approval| approval["hides_terminal"] == true);
    assert_eq!(hidden[0]["input"]["command"], "touch sub-file");
    assert_eq!(shown[0]["input"]["command"], "touch foo");

    claude.say_yes();
    let settled = stage.ccmon.wait_for_settled(&shown[0]["id"]);
    assert_eq!(settled["outcome"], "answered_in_terminal", "{settled:#}");
    claude.wait_for_end_of("agent_and_bash");
    assert_eq!(stage.ccmon.approval(&hidden[0]["id"])["state"], "pending");
    assert!(!stage.has("sub-file"));

    stage.ccmon.decide(&hidden[0], json!({"decision": "allow"}));
    stage.ccmon.wait_for_event("SubagentStop");
    assert!(stage.has("sub-file"));
}
