//! What somebody changed before allowing it is what runs, and nothing else.

use serde_json::{Value, json};

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

/// The lines of the file after the edit, as the card of a request shows them.
fn shown(stage: &Stage, approval: &Value) -> String {
    let path = format!("/approvals/{}/card", approval["id"].as_str().expect("an id"));
    let card = stage.ccmon.get(&path).expect("a card");
    let hunks = card["file"]["diff"]["hunks"].as_array().expect("hunks");
    let rows = hunks.iter().flat_map(|hunk| hunk["rows"].as_array().expect("rows"));
    let stays = |row: &&Value| row[0] == " " || row[0] == "+";
    assert_eq!(card["file"]["problem"], json!(null));
    rows.filter(stays).map(|row| format!("{}\n", row[1].as_str().expect("a text"))).collect()
}

#[test]
fn an_edit_that_is_found_by_its_looks_writes_what_was_shown() {
    let stage = Stage::new();
    let claude = stage.claude();
    for (scene, file, before, after) in [
        ("edit_quoted", "quoted.txt", "say “hi”, it’s\n", "write “no”, that’s (‘it’)\n"),
        ("edit_escaped", "escaped.txt", "x = 'n\\u00E9'\n", "x = 'n\\u00E9 \\u00FC'\n"),
    ] {
        stage.write(file, before);
        let mut lines = String::new();
        answered(&stage, &claude, scene, |approval| {
            lines = shown(&stage, approval);
            json!({ "decision": "allow" })
        });
        assert_eq!((lines.as_str(), stage.read(&format!("project/{file}")).as_deref()), (after, Some(after)));
    }
}

#[test]
fn the_changed_source_of_a_cell_is_what_is_in_the_notebook() {
    let stage = Stage::new();
    let claude = stage.claude();
    let cell = json!({ "id": "c1", "cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": null });
    let notebook = json!({ "cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5 });
    stage.write("count.ipynb", &notebook.to_string());
    answered(&stage, &claude, "edit_notebook", |a| edited(a, &json!({ "new_source": "x = 3" })));
    let written = stage.read("project/count.ipynb").expect("the notebook");
    let written: Value = serde_json::from_str(&written).expect("JSON");
    assert!(
        ["x = 3", "[\"x = 3\"]"].contains(&written["cells"][0]["source"].to_string().trim_matches('"')),
        "{written}"
    );
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
