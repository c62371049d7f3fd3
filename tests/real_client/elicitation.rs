//! An MCP server asks the user something, and ccmon answers it: with 2.1.329 before any dialog is drawn.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::claude::Claude;
use crate::support::stage::Stage;
use crate::support::{PATIENCE, wait_until};

/// The client's own dialog for what a server asks.
const DIALOG: &str = r"requests your input|wants to open a URL";

/// How long a key may take to show its effect.
const REPEAT: Duration = Duration::from_secs(2);

/// Arguments that let the client call the test's own server without asking.
fn with_server() -> [String; 5] {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mcp-ask.py");
    let servers = json!({ "mcpServers": { "asker": { "command": "python3", "args": [script] } } });
    let allowed = "mcp__asker__ask".to_owned();
    ["--strict-mcp-config".into(), "--mcp-config".into(), servers.to_string(), "--allowedTools".into(), allowed]
}

/// A client whose server has asked, and what it asks.
fn asked(stage: &Stage, scene: &str) -> (Claude, Value) {
    let arguments = with_server();
    let claude = stage.claude_with(&arguments.each_ref().map(String::as_str));
    claude.play(scene);
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!((&approval["kind"], &approval["hides_terminal"]), (&json!("elicitation"), &json!(true)));
    assert_eq!((&approval["input"]["server"], &approval["risk"]), (&json!("asker"), &Value::Null));
    assert!(!claude.shows(DIALOG), "{}", claude.screen());
    stage.ccmon.wait_for_state(&["awaiting_answer"]);
    (claude, approval)
}

/// Waits for the end, and says what the server heard.
fn heard(stage: &Stage, claude: &Claude, scene: &str) -> Value {
    claude.wait_for_end_of(scene);
    assert!(!claude.shows(DIALOG), "the dialog is still there:\n{}", claude.screen());
    stage.ccmon.wait_for_state(&["done", "idle"]);
    let results = stage.model.tool_results(&format!("{scene}#end"));
    let told = results.iter().find_map(|text| text.split_once("The user's answer: "));
    let (_, answer) = told.unwrap_or_else(|| panic!("no answer in {results:?}"));
    serde_json::from_str(answer).expect("JSON")
}

#[test]
fn what_is_entered_reaches_the_server() {
    let stage = Stage::new();
    let (claude, approval) = asked(&stage, "elicit");
    claude.wait_for("running Elicitation hook");
    assert_eq!(approval["input"]["message"], "Where should release 4.2.1 go?");
    let path = format!("/approvals/{}/decision", approval["id"].as_str().expect("an id"));
    let wrong = json!({ "shown": approval["shown"], "decision": "allow", "content": { "place": "moon" } });
    let (status, problem) = stage.ccmon.ask("POST", &path, &wrong);
    assert_eq!(status, 422, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|why| why.contains("content.place")), "{problem}");

    let content = json!({ "place": "prod", "times": 2, "tell": false });
    let id = approval["id"].as_str().expect("an id");
    let typed = stage.ccmon.cli(&["answer", id, "place=Production", "times=2", "tell=no"]);
    assert!(typed.status.success(), "{typed:?}");
    let answer = stage.ccmon.wait_for_settled(&approval["id"]);
    assert_eq!((&answer["outcome"], &answer["by"]), (&json!("allowed"), &json!("cli")));
    assert_eq!(answer["answers"], content);
    assert_eq!(heard(&stage, &claude, "elicit"), json!({ "action": "accept", "content": content }));
}

#[test]
fn decline_and_cancel_reach_the_server() {
    for (decision, action) in
        [(json!({ "decision": "deny" }), "decline"), (json!({ "decision": "deny", "cancel": true }), "cancel")]
    {
        let stage = Stage::new();
        let (claude, approval) = asked(&stage, "elicit");
        assert_eq!(stage.ccmon.decide(&approval, decision)["outcome"], "denied");
        assert_eq!(heard(&stage, &claude, "elicit")["action"], action);
    }
}

#[test]
fn let_go_it_is_answered_in_the_terminal() {
    let stage = Stage::new();
    let (claude, approval) = asked(&stage, "elicit");
    stage.ccmon.decide(&approval, json!({ "decision": "release" }));
    claude.wait_for(DIALOG);
    claude.wait_for_status("waiting");
    stage.ccmon.wait_for_state(&["awaiting_answer"]);
    press_until_gone(&claude, "Escape");
    stage.ccmon.wait_for_event("ElicitationResult");
    assert_eq!(heard(&stage, &claude, "elicit")["action"], "cancel");
}

#[test]
fn escape_in_the_terminal_leaves_the_server_waiting_and_us_answering() {
    let stage = Stage::new();
    let (claude, approval) = asked(&stage, "elicit");
    claude.press(&["Escape"]);
    claude.wait_for("What should Claude do instead");
    claude.wait_for_status("idle");
    assert_eq!(stage.ccmon.approval(&approval["id"])["state"], "pending");
    stage.ccmon.decide(&approval, json!({ "decision": "deny", "cancel": true }));
    // The next turn goes on as if nothing had been.
    claude.play("text");
    claude.wait_for("this is plain text");
    stage.ccmon.wait_for_state(&["done", "idle"]);
    assert!(!claude.shows(DIALOG), "{}", claude.screen());
}

#[test]
fn a_page_is_opened_only_by_the_terminal() {
    let stage = Stage::new();
    let (claude, approval) = asked(&stage, "elicit_page");
    assert_eq!(
        (&approval["input"]["mode"], &approval["input"]["url"]),
        (&json!("url"), &json!("https://example.org/login"))
    );
    let path = format!("/approvals/{}/decision", approval["id"].as_str().expect("an id"));
    let accept = json!({ "shown": approval["shown"], "decision": "allow", "content": {} });
    assert_eq!(stage.ccmon.ask("POST", &path, &accept).0, 422);
    stage.ccmon.decide(&approval, json!({ "decision": "deny" }));
    assert_eq!(heard(&stage, &claude, "elicit_page")["action"], "decline");
}

#[test]
fn a_sub_agents_server_is_told_from_the_main_threads() {
    let stage = Stage::new();
    let (claude, approval) = asked(&stage, "elicit_agent");
    // Its call tells whose it is, and the hook of that call runs beside it.
    let whose = || (stage.ccmon.approval(&approval["id"])["agent"]["type"] == "general-purpose").then_some(());
    wait_until(PATIENCE, whose, || format!("{:#}", stage.ccmon.approval(&approval["id"])));
    claude.wait_for_end_of("elicit_agent");
    assert_eq!(stage.ccmon.approval(&approval["id"])["state"], "pending");
    let content = json!({ "place": "stage" });
    stage.ccmon.decide(&approval, json!({ "decision": "allow", "content": content }));
    stage.ccmon.wait_for_event("SubagentStop");
}

#[test]
fn without_a_terminal_it_is_held_and_answered() {
    let stage = Stage::new();
    let arguments = with_server();
    let printing = stage.print_with("elicit", &arguments.each_ref().map(String::as_str));
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    assert_eq!((&approval["headless"], &approval["hides_terminal"]), (&json!(true), &json!(false)));
    stage.ccmon.decide(&approval, json!({ "decision": "allow", "content": { "place": "stage" } }));
    assert!(printing.finish().contains("DONE elicit"));
    let results = stage.model.tool_results("elicit#end");
    assert!(results.iter().any(|text| text.contains(r#""action": "accept""#)), "{results:?}");
}

/// For a moment after a dialog has appeared the client ignores keys; one too many would reach what is behind it.
fn press_until_gone(claude: &Claude, key: &str) {
    let mut pressed = None::<Instant>;
    let gone = || {
        if claude.shows(DIALOG) && pressed.is_none_or(|at| at.elapsed() > REPEAT) {
            claude.press(&[key]);
            pressed = Some(Instant::now());
        }
        (!claude.shows(DIALOG)).then_some(())
    };
    wait_until(PATIENCE, gone, || format!("{key} does not answer:\n{}", claude.screen()));
}
