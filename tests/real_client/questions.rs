//! Questions: the words that were chosen or written are the words that Claude reads.

use serde_json::json;

use super::dialogs::{answered, answered_by, edited};
use crate::support::stage::Stage;

#[test]
fn chosen_and_written_answers_reach_claude() {
    let stage = Stage::new();
    let claude = stage.claude();

    let one = |a: &_| edited(a, &json!({ "answers": { "Which colour do you like?": "Blue" } }));
    let heard = answered(&stage, &claude, "ask", one);
    assert!(heard.contains(r#""Which colour do you like?"="Blue""#), "{heard}");

    let many = |a: &_| edited(a, &json!({ "answers": { "Which toppings?": "Cheese, Olives" } }));
    let heard = answered(&stage, &claude, "ask_many", many);
    assert!(heard.contains(r#""Which toppings?"="Cheese, Olives""#), "{heard}");

    // A list, where a comma would not tell one answer from two.
    let list = |a: &_| edited(a, &json!({ "answers": { "Which toppings?": ["Ham", "salt, pepper"] } }));
    let heard = answered(&stage, &claude, "ask_many", list);
    assert!(heard.contains("Ham") && heard.contains("salt, pepper"), "{heard}");

    let own = "Neither: a \"plain\" file, please – später mehr.";
    let two = |a: &_| edited(a, &json!({ "answers": { "Which database?": own, "Which platforms?": "Linux, macOS" } }));
    let heard = answered(&stage, &claude, "ask_two", two);
    assert!(heard.contains(own) && heard.contains(r#""Which platforms?"="Linux, macOS""#), "{heard}");

    let refused = |_: &_| json!({ "decision": "deny", "message": "Ask me about food instead." });
    let heard = answered(&stage, &claude, "ask", refused);
    assert!(heard.contains("Ask me about food instead."), "{heard}");
}

/// From another terminal, as people type it.
#[test]
fn the_command_line_answers_as_the_popup_does() {
    let stage = Stage::new();
    let claude = stage.claude();
    let typed = |more: &[&str]| {
        let more: Vec<String> = more.iter().map(|word| (*word).to_owned()).collect();
        let ccmon = &stage.ccmon;
        move |approval: &serde_json::Value| {
            let id = &approval["id"].as_str().expect("an id")[..8];
            let words: Vec<&str> = ["answer", id].into_iter().chain(more.iter().map(String::as_str)).collect();
            let output = ccmon.cli(&words);
            assert!(output.status.success(), "{words:?}: {output:?}");
        }
    };
    let heard = answered_by(&stage, &claude, "ask", typed(&["2"]));
    assert!(heard.contains(r#""Which colour do you like?"="Blue""#), "{heard}");
    let heard = answered_by(&stage, &claude, "ask_two", typed(&["postgres", "1,2"]));
    assert!(
        heard.contains(r#""Which database?"="Postgres""#) && heard.contains(r#""Which platforms?"="Linux, macOS""#),
        "{heard}"
    );
    let heard = answered_by(&stage, &claude, "ask_many", typed(&["-q", "Toppings=Ham", "-q", "1=salt, pepper"]));
    assert!(heard.contains("Ham") && heard.contains("salt, pepper"), "{heard}");
}

/// What came of each question is in the client's own report of the tool.
#[test]
fn an_answer_is_what_the_tool_tells() {
    let stage = Stage::new();
    let claude = stage.claude();
    let several =
        |a: &_| edited(a, &json!({ "answers": { "Which database?": "SQLite", "Which platforms?": "Windows" } }));
    answered(&stage, &claude, "ask_two", several);
    let told = stage.ccmon.wait_for_payload("PostToolUse");
    let answers = json!({ "Which database?": "SQLite", "Which platforms?": "Windows" });
    assert_eq!(told["tool_response"]["answers"], answers, "{told:#}");
}
