//! What somebody changed before allowing it is what runs, and nothing else.

use serde_json::json;

use super::dialogs::{answered, asked, edited};
use crate::support::stage::Stage;

#[test]
fn a_changed_command_runs_instead() {
    let stage = Stage::new();
    let claude = stage.claude();
    let command = "echo 'it was \"changed\"' && touch bar";
    let heard = answered(&stage, &claude, "bash", |a| edited(a, &json!({ "command": command })));
    assert!(heard.contains("it was \"changed\""), "{heard}");
    assert!(stage.has("bar") && !stage.has("foo"));

    let settled = stage.ccmon.wait_for_payload("PostToolUse");
    assert_eq!(settled["tool_input"]["command"], command);
}

#[test]
fn changed_contents_are_what_is_in_the_file() {
    let stage = Stage::new();
    let claude = stage.claude();
    let contents = "eins\n\tzwei – \"2\"\nno end of line";
    answered(&stage, &claude, "write", |a| edited(a, &json!({ "content": contents })));
    assert_eq!(stage.read("project/new.txt").as_deref(), Some(contents));

    answered(&stage, &claude, "edit", |a| edited(a, &json!({ "new_string": "farewell" })));
    assert_eq!(stage.read("project/hello.txt").as_deref(), Some("farewell world\n"));
}

#[test]
fn one_client_is_denied_with_a_reason_and_then_stopped() {
    let stage = Stage::new();
    let claude = stage.claude();
    let no = json!({ "decision": "deny", "message": "Put it into \"src/\" instead." });
    let heard = answered(&stage, &claude, "write", |_| no);
    assert!(heard.contains("Put it into \"src/\" instead."), "{heard}");

    let approval = asked(&stage, &claude, "write_more");
    stage.ccmon.decide(&approval, json!({ "decision": "deny", "message": "Stop.", "interrupt": true }));
    claude.wait_for_status("idle");
    stage.ccmon.wait_for_state(&["done", "idle"]);
    assert!(!stage.model.steps().contains(&"write_more#end".to_owned()), "the model was asked to go on");
    assert!(!stage.has("new.txt") && !stage.has("more.txt"));
}
