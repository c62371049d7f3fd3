//! One client, several requests: each is answered through ccmon while its dialog stands in the terminal.

use serde_json::{Value, json};

use crate::support::claude::{Claude, DIALOG};
use crate::support::stage::Stage;
use crate::support::{PATIENCE, wait_until};

/// The heading of any dialog of the client: for a permission, a plan, a question.
const ANY: &str = "Do you want to |Would you like to |Enter to select|wants to exit plan mode";

/// A scene that asks once, played until its dialog stands in the terminal.
pub fn asked(stage: &Stage, claude: &Claude, scene: &str) -> Value {
    claude.play(scene);
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    claude.wait_for_status("waiting");
    claude.wait_for(ANY);
    approval
}

/// The same, answered and played to its end: what Claude heard of the tool.
pub fn answered(stage: &Stage, claude: &Claude, scene: &str, answer: impl FnOnce(&Value) -> Value) -> String {
    answered_by(stage, claude, scene, |approval| drop(stage.ccmon.decide(approval, answer(approval))))
}

/// The same, by whatever answers it.
pub fn answered_by(stage: &Stage, claude: &Claude, scene: &str, answer: impl FnOnce(&Value)) -> String {
    let ends = || stage.model.steps().iter().filter(|step| **step == format!("{scene}#end")).count();
    let before = ends();
    let approval = asked(stage, claude, scene);
    answer(&approval);
    let over = || (ends() > before).then_some(());
    wait_until(PATIENCE, over, || format!("never the end of {scene}:\n{}", claude.screen()));
    claude.wait_for_status("idle");
    assert!(!claude.shows(DIALOG), "the dialog is still there:\n{}", claude.screen());
    stage.model.tool_results(&format!("{scene}#end")).pop().expect("a result of the tool")
}

/// A scene that nobody is asked about any more.
pub fn unasked(stage: &Stage, claude: &Claude, scene: &str) {
    let before = stage.model.steps().len();
    claude.play(scene);
    let end = || stage.model.steps()[before..].contains(&format!("{scene}#end")).then_some(());
    wait_until(PATIENCE, end, || format!("{scene} is asked:\n{}", claude.screen()));
    claude.wait_for_status("idle");
}

/// The input of a request with some fields of it replaced: an edit before it is allowed.
pub fn edited(approval: &Value, fields: &Value) -> Value {
    let mut input = approval["input"].clone();
    for (name, value) in fields.as_object().expect("an object") {
        input[name] = value.clone();
    }
    json!({ "decision": "allow", "updated_input": input })
}
