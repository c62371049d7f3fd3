//! Sub-agents: the terminal shows nothing while ccmon holds their request.

use serde_json::{Value, json};

use super::dialogs::edited;
use crate::support::claude::{Claude, DIALOG};
use crate::support::stage::Stage;
use crate::support::{PATIENCE, wait_until};

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
fn changes_reasons_and_suggestions_reach_the_agent() {
    let stage = Stage::new();
    let (claude, approval) = asking_agent(&stage);
    stage.ccmon.decide(&approval, edited(&approval, &json!({ "command": "echo changed && touch other-file" })));
    let heard = heard_by_agent(&stage, &claude, 1);
    assert!(heard.contains("changed") && stage.has("other-file") && !stage.has("sub-file"), "{heard}");

    next_agent(&stage, &claude, |_| json!({ "decision": "deny", "message": "Agents leave no files." }));
    let heard = heard_by_agent(&stage, &claude, 2);
    assert!(heard.contains("Agents leave no files."), "{heard}");

    // Stopped, it hears nothing; its session goes on.
    next_agent(&stage, &claude, |_| json!({ "decision": "deny", "message": "Stop.", "interrupt": true }));
    claude.wait_for("was stopped by user");
    claude.wait_for_status("idle");

    // What was suggested counts for the next one, too.
    next_agent(&stage, &claude, |a| json!({ "decision": "allow", "updated_permissions": a["suggestions"] }));
    heard_by_agent(&stage, &claude, 3);
    assert!(stage.has("sub-file"));
    claude.play("agent");
    heard_by_agent(&stage, &claude, 4);
}

/// Starts another agent that asks, and answers it.
fn next_agent(stage: &Stage, claude: &Claude, answer: impl FnOnce(&Value) -> Value) {
    claude.play("agent");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(approval["hides_terminal"], true);
    stage.ccmon.decide(&approval, answer(&approval));
}

/// What the agent heard of its tool, once that many agents have.
fn heard_by_agent(stage: &Stage, claude: &Claude, count: usize) -> String {
    let steps = || stage.model.steps().iter().filter(|step| *step == "sub#1").count();
    let there = || (steps() == count).then_some(());
    wait_until(PATIENCE, there, || format!("the agent never goes on:\n{}", claude.screen()));
    stage.model.tool_results("sub#1").pop().expect("a result of the tool")
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
