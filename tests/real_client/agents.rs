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
    assert!(!stage.model.steps().is_empty());
}

#[test]
fn release_brings_the_dialog_to_the_terminal() {
    let stage = Stage::new();
    let (claude, approval) = asking_agent(&stage);

    stage
        .ccmon
        .decide(&approval, json!({"decision": "release"}));
    claude.say_yes();
    stage.ccmon.wait_for_event("SubagentStop");
    assert!(stage.has("sub-file"));
}
