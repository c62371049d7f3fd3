//! Questions: the words that were chosen or written are the words that Claude reads.

use serde_json::json;

use super::dialogs::{answered, edited};
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
