//! Questions, plans and forms: answered on the screen, and where `ccmon answer` asks back in a terminal.

use serde_json::{Value, json};

use crate::support::tmux::Tmux;
use crate::{Place, told};

fn questions() -> Value {
    json!({ "session_id": "two", "cwd": "/srv/api", "hook_event_name": "PermissionRequest",
        "tool_name": "AskUserQuestion", "tool_input": { "questions": [
            { "question": "Which database?", "header": "Database", "multiSelect": false,
              "options": [{ "label": "SQLite", "description": "One file" }, { "label": "Postgres", "description": "A server" }] },
            { "question": "Which platforms?", "header": "Platforms", "multiSelect": true,
              "options": [{ "label": "Linux" }, { "label": "macOS" }] },
        ] } })
}

/// A terminal in which `ccmon` asks back about the only request.
fn asking(place: &Place, verb: &str) -> Tmux {
    let id = place.ccmon.wait_for_pending(1)[0]["id"].as_str().expect("an id").to_owned();
    place.shell(&format!("$CCMON {verb} {id}; echo ENDED $?; exec cat"), 100, 30)
}

#[test]
fn a_question_is_answered_on_the_screen() {
    let place = Place::new();
    let hook = place.hook(&["--wait"], &questions());
    let terminal = place.tui(80, 24);
    terminal.wait_for("needs an answer");
    terminal.press(&["a"]);
    terminal.wait_for(r"(?s)Claude asks.*\[Database\] Which database\?.*❯ \( \) 1  SQLite.*\[ \] 1  Linux");
    terminal.press(&["2"]);
    terminal.wait_for(r"❯ \(•\) 2  Postgres");
    terminal.press(&["Enter"]);
    terminal.press(&["1", "2"]);
    terminal.wait_for(r"(?s)\[x\] 1  Linux.*\[x\] 2  macOS.*● Enter answer");
    terminal.press(&["Enter"]);
    let answers = json!({ "Which database?": "Postgres", "Which platforms?": "Linux, macOS" });
    assert_eq!(told(hook)["updatedInput"]["answers"], answers);
    terminal.wait_for("Approved: AskUserQuestion in api");
}

#[test]
fn a_plan_is_approved_on_the_screen() {
    let place = Place::new();
    let plan = json!({ "session_id": "two", "cwd": "/srv/api", "hook_event_name": "PermissionRequest",
        "tool_name": "ExitPlanMode", "tool_input": { "plan": "# Do it" } });
    let hook = place.hook(&["--wait"], &plan);
    let terminal = place.tui(80, 24);
    terminal.wait_for("needs an answer");
    terminal.press(&["a"]);
    terminal.wait_for(r"(?s)Approve this plan\?.*Then Claude keeps asking.*● Enter approve");
    terminal.press(&["Tab"]);
    terminal.wait_for("Then Claude edits without asking");
    terminal.press(&["Enter"]);
    let mode = json!([{ "type": "setMode", "mode": "acceptEdits", "destination": "session" }]);
    let decision = told(hook);
    assert_eq!((&decision["updatedInput"], &decision["updatedPermissions"]), (&json!({ "plan": "# Do it" }), &mode));
}

#[test]
fn in_a_terminal_answer_asks_for_what_was_not_given() {
    let place = Place::new();
    let hook = place.hook(&["--wait"], &questions());
    let terminal = asking(&place, "answer");
    terminal.wait_for(
        r"(?s)1\. \[Database\] Which database\?.*1  SQLite    One file.*2  Postgres  A server.*or your own words:",
    );
    terminal.send("7");
    terminal.press(&["Enter"]);
    terminal.wait_for("there is no option 7: they go from 1 to 2");
    terminal.send("postgres");
    terminal.press(&["Enter"]);
    terminal.wait_for(r"(?s)2\. \[Platforms\] Which platforms\? \(any number of\).*with commas, or your own words:");
    terminal.send("1, BeOS");
    terminal.press(&["Enter"]);
    terminal
        .wait_for(r"(?s)allowed: AskUserQuestion in api.*Which platforms\? Linux, BeOS  \(your own words\).*ENDED 0");
    let answers = json!({ "Which database?": "Postgres", "Which platforms?": "Linux, BeOS" });
    assert_eq!(told(hook)["updatedInput"]["answers"], answers);
}

#[test]
fn leaving_a_prompt_decides_nothing() {
    let place = Place::new();
    let hook = place.hook(&["--wait"], &questions());
    let terminal = asking(&place, "answer");
    terminal.wait_for("or your own words:");
    terminal.press(&["C-d"]);
    terminal.wait_for(r"(?s)nothing was decided.*ENDED 1");
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    place.ccmon.decide(&pending, json!({ "decision": "deny", "message": "no" }));
    assert_eq!(told(hook)["message"], "no");
}

#[test]
fn a_form_is_asked_for_field_by_field() {
    let place = Place::new();
    let schema = json!({ "type": "object", "required": ["place"], "properties": {
        "place": { "type": "string", "title": "Environment", "enum": ["stage", "prod"] },
        "times": { "type": "integer", "default": 2 }, "why": { "type": "string" } } });
    let form = json!({ "session_id": "two", "cwd": "/srv/api", "hook_event_name": "Elicitation", "mcp_server_name": "deploy",
        "message": "Where to?", "mode": "form", "requested_schema": schema });
    let hook = place.hook(&["--wait"], &form);
    let terminal = asking(&place, "answer");
    terminal.wait_for(r"(?s)“deploy” asks: Where to\?.*place +Environment, needed: one of stage, prod.*\nplace:");
    terminal.press(&["Enter"]);
    terminal.wait_for("it is needed");
    terminal.send("prod");
    terminal.press(&["Enter"]);
    terminal.wait_for(r"(?s)times +a whole number \(2\).*\ntimes:");
    terminal.press(&["Enter"]);
    terminal.wait_for(r"\nwhy:");
    terminal.press(&["Enter"]);
    terminal.wait_for("ENDED 0");
    let output = hook.wait_with_output().expect("the hook ends").stdout;
    let printed = serde_json::from_slice::<Value>(&output).expect("an answer")["hookSpecificOutput"].clone();
    assert_eq!(printed["content"], json!({ "place": "prod", "times": 2 }));
}

#[test]
fn what_was_edited_is_approved_when_it_is_looked_at() {
    let place = Place::new();
    let hook = place.request("two", "/srv/api", "rm -rf build");
    let id = place.ccmon.wait_for_pending(1)[0]["id"].as_str().expect("an id").to_owned();
    let terminal = place.shell(&format!("EDITOR='sed -i s/build/dist/' $CCMON approve --edit {id}; exec cat"), 100, 30);
    terminal.wait_for(r"(?s)- rm -rf build.*\+ rm -rf dist.*risk: .*Approve it so\? \[y/N\]");
    terminal.send("n");
    terminal.press(&["Enter"]);
    terminal.wait_for("Nothing was decided.");
    let terminal = place.shell(&format!("EDITOR='sed -i s/build/dist/' $CCMON approve -e {id}; exec cat"), 100, 30);
    terminal.wait_for(r"Approve it so\? \[y/N\]");
    terminal.send("y");
    terminal.press(&["Enter"]);
    assert_eq!(told(hook)["updatedInput"], json!({ "command": "rm -rf dist" }));
}
