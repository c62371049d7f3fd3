//! Somebody answers through ccmon while the terminal shows its own dialog.

use serde_json::json;

use crate::support::claude::DIALOG;
use crate::support::stage::Stage;

#[test]
fn allow_runs_the_command_and_nothing_runs_before() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    claude.wait_for(DIALOG);

    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(approval["kind"], "permission");
    assert_eq!(approval["tool"], "Bash");
    assert_eq!(approval["input"]["command"], "touch foo");
    assert_eq!(approval["hides_terminal"], false);
    assert_eq!(approval["headless"], false);
    assert!(!stage.has("foo"), "it ran before anybody allowed it");
    stage.ccmon.wait_for_state(&["awaiting_permission"]);

    let answer = stage.ccmon.decide(&approval, json!({"decision": "allow"}));
    assert_eq!(answer["state"], "settled");
    assert_eq!(answer["outcome"], "allowed");
    assert_eq!(answer["by"], "cli");
    claude.wait_for_end_of("bash");
    assert!(stage.has("foo"));
    assert!(!claude.shows(DIALOG), "the dialog is still there");
    stage.ccmon.wait_for_state(&["done", "idle"]);
}

#[test]
fn deny_tells_the_model_why_and_it_goes_on() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    let deny = json!({"decision": "deny", "message": "Not in this project, use \"bar\"."});
    let answer = stage.ccmon.decide(&approval, deny);
    assert_eq!(answer["outcome"], "denied");
    claude.wait_for_end_of("bash");
    let heard = stage.model.tool_results("bash#end");
    assert!(heard.iter().any(|text| text.contains("Not in this project, use \"bar\".")), "{heard:?}");
    assert!(!stage.has("foo"));
    stage.ccmon.wait_for_state(&["done", "idle"]);
}

#[test]
fn deny_and_interrupt_stops_the_turn() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    let answer = stage.ccmon.decide(&approval, json!({"decision": "deny", "message": "Stop.", "interrupt": true}));
    assert_eq!(answer["outcome"], "denied");
    claude.wait_for_status("idle");
    // No hook tells that the turn is over; ccmon has to see it all the same.
    stage.ccmon.wait_for_state(&["done", "idle"]);
    claude.play("text");
    claude.wait_for("this is plain text");
    assert_eq!(stage.model.steps(), ["bash#0", "text#0"], "the model was asked to go on");
    assert!(!stage.has("foo"));
}

#[test]
fn release_leaves_the_decision_to_the_terminal() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);

    let answer = stage.ccmon.decide(&approval, json!({"decision": "release"}));
    assert_eq!(answer["outcome"], "released");
    claude.say_yes();
    claude.wait_for_end_of("bash");
    assert!(stage.has("foo"));
}

#[test]
fn a_question_is_answered_with_its_options() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("ask");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(approval["kind"], "question");
    stage.ccmon.wait_for_state(&["awaiting_answer"]);

    let mut input = approval["input"].clone();
    input["answers"] = json!({"Which colour do you like?": "Blue"});
    stage.ccmon.decide(&approval, json!({"decision": "allow", "updated_input": input}));
    claude.wait_for_end_of("ask");
    let heard = stage.model.tool_results("ask#end");
    assert!(heard.iter().any(|text| text.contains("Blue")), "{heard:?}");
}
