//! Answering questions, plans and forms: what is chosen is what is sent, and nothing before all of it was read.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{Stage, request, session, with};
use crate::tui::ask::ARMING_MS;
use crate::tui::message::{Answer, Command, Message};
use crate::tui::model::Mode;

fn questions() -> Value {
    json!({ "questions": [
        { "question": "Which database?", "header": "Database",
          "options": [{ "label": "SQLite", "description": "One file" }, { "label": "Postgres", "description": "A server" }] },
        { "question": "Which platforms?", "multiSelect": true,
          "options": [{ "label": "Linux" }, { "label": "macOS" }, { "label": "Windows" }] },
    ] })
}

fn form() -> Value {
    json!({ "server": "deploy", "message": "Where to?", "schema": { "required": ["place", "who"], "properties": {
        "place": { "type": "string", "title": "Environment", "enum": ["stage", "prod"], "enumNames": ["Staging", "Production"] },
        "who": { "type": "string", "minLength": 2 },
        "tell": { "type": "boolean", "default": true },
    } } })
}

/// A screen with one session, which asks this.
fn asked(kind: &str, tool: &str, input: &Value) -> Stage {
    let mut stage = Stage::empty(80, 30);
    let approval = with(request("q", "1-1", tool, input), json!({ "kind": kind }));
    let sessions = json!([session("1-1", "shop", "awaiting_answer", 20)]);
    stage.frame(json!({ "type": "snapshot", "sessions": sessions, "approvals": [approval] }));
    stage.keys("a");
    stage.draw();
    stage.pass(ARMING_MS);
    stage
}

fn drawn(stage: &mut Stage) -> String {
    let drawn = stage.draw().backend().to_string();
    drawn.lines().map(|line| line.trim_matches('"').trim_end()).collect::<Vec<_>>().join("\n")
}

/// The decision of the only command.
fn sent(commands: &[Command]) -> Value {
    match commands {
        [Command::Decide { id, shown, answer: Answer::With(decision) }] if id == "q" && shown == "hash-q" => {
            decision.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn answers(commands: &[Command]) -> Value {
    sent(commands)["updated_input"]["answers"].clone()
}

#[test]
fn a_question_stands_there_with_its_options() {
    let mut stage = asked("question", "AskUserQuestion", &questions());
    stage.keys("2");
    assert_snapshot!(drawn(&mut stage));
}

#[test]
fn questions_are_answered_one_after_the_other() {
    let mut stage = asked("question", "AskUserQuestion", &questions());
    assert_eq!(stage.press(KeyCode::Down), []);
    assert_eq!(stage.press(KeyCode::Enter), [], "it chooses, and goes on to the next question");
    assert_eq!(stage.press(KeyCode::Char(' ')), []);
    assert_eq!(stage.keys("3"), []);
    let heard = sent(&stage.press(KeyCode::Enter));
    assert_eq!(heard["decision"], "allow");
    assert_eq!(heard["updated_input"]["questions"], questions()["questions"]);
    let both = json!({ "Which database?": "Postgres", "Which platforms?": "Linux, Windows" });
    assert_eq!(heard["updated_input"]["answers"], both);
    assert_eq!(stage.status(), "Answering: AskUserQuestion in api-server…");
}

#[test]
fn one_choice_takes_the_place_of_another_and_several_stand_together() {
    let mut stage = asked("question", "AskUserQuestion", &questions());
    stage.keys("12");
    stage.press(KeyCode::Tab);
    stage.keys("1232");
    let both = json!({ "Which database?": "Postgres", "Which platforms?": "Linux, Windows" });
    assert_eq!(answers(&stage.press(KeyCode::Enter)), both);
}

#[test]
fn own_words_are_typed_in_the_last_row() {
    let mut stage = asked("question", "AskUserQuestion", &questions());
    stage.keys("13");
    stage.keys("2 files, no server");
    stage.tell(Message::Key(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL)));
    stage.tell(Message::Paste("daemon\nplease".into()));
    assert!(drawn(&mut stage).contains("In your own words: 2 files, no daemon please"));
    stage.press(KeyCode::Enter);
    stage.keys("1");
    let both = json!({ "Which database?": "2 files, no daemon please", "Which platforms?": "Linux" });
    assert_eq!(answers(&stage.press(KeyCode::Enter)), both);
}

#[test]
fn nothing_is_sent_while_something_is_open_or_unread() {
    let mut stage = asked("question", "AskUserQuestion", &questions());
    stage.press(KeyCode::Tab);
    stage.keys("1");
    assert_eq!(stage.press(KeyCode::Enter), [], "the first question is open");
    assert!(drawn(&mut stage).contains("Enter choose and go on"));
    stage.keys("1");
    assert!(drawn(&mut stage).contains("● Enter answer"));

    let mut stage = asked("question", "AskUserQuestion", &questions());
    stage.tell(Message::Resize(80, 12));
    stage.draw();
    stage.keys("1");
    stage.press(KeyCode::Tab);
    stage.keys("1");
    stage.draw();
    stage.pass(ARMING_MS);
    assert_eq!(stage.press(KeyCode::Enter), []);
    assert_eq!(stage.status(), "Read it to its end first.");
    for _ in 0..4 {
        stage.draw();
        stage.press(KeyCode::PageDown);
    }
    stage.draw();
    stage.pass(ARMING_MS);
    assert_eq!(answers(&stage.press(KeyCode::Enter))["Which platforms?"], "Linux");
}

#[test]
fn another_question_under_the_same_id_is_answered_anew() {
    let mut stage = asked("question", "AskUserQuestion", &questions());
    stage.keys("1");
    let other =
        json!({ "questions": [{ "question": "Delete it?", "options": [{ "label": "Yes" }, { "label": "No" }] }] });
    let changed = with(request("q", "1-1", "AskUserQuestion", &other), json!({ "kind": "question", "shown": "other" }));
    stage.frame(json!({ "type": "approval_pending", "approval": changed }));
    stage.draw();
    stage.pass(ARMING_MS);
    assert!(drawn(&mut stage).contains("( ) 1  Yes"));
    assert_eq!(stage.press(KeyCode::Enter), [], "what was chosen before is no answer");
}

#[test]
fn a_plan_is_approved_with_a_mode_or_sent_back() {
    let plan = json!({ "plan": "# A plan", "planFilePath": "/p" });
    let approved = |stage: &mut Stage| sent(&stage.press(KeyCode::Enter));
    let mut stage = asked("plan", "ExitPlanMode", &plan);
    assert!(drawn(&mut stage).contains("Then Claude keeps asking before edits · Tab changes that"));
    let decision = approved(&mut stage);
    assert_eq!(
        (&decision["updated_input"], &decision["updated_permissions"][0]["mode"]),
        (&json!({ "plan": "# A plan" }), &json!("default"))
    );
    let mut stage = asked("plan", "ExitPlanMode", &plan);
    stage.press(KeyCode::Tab);
    assert!(drawn(&mut stage).contains("Then Claude edits without asking"));
    assert_eq!(approved(&mut stage)["updated_permissions"][0]["mode"], "acceptEdits");
    let mut stage = asked("plan", "ExitPlanMode", &plan);
    stage.press(KeyCode::Esc);
    stage.keys("d");
    stage.keys("test first");
    stage.draw();
    stage.pass(ARMING_MS);
    let back = Answer::Deny(Some("test first".into()));
    assert_eq!(stage.press(KeyCode::Enter), [Command::Decide { id: "q".into(), shown: "hash-q".into(), answer: back }]);
}

#[test]
fn a_form_is_filled_in() {
    let mut stage = asked("elicitation", "Elicitation", &form());
    assert_snapshot!(drawn(&mut stage));
    stage.keys("2");
    stage.press(KeyCode::Tab);
    stage.keys("A");
    assert_eq!(stage.press(KeyCode::Enter), []);
    assert_eq!(stage.status(), "Nothing was sent: who has to have at least 2 characters");
    stage.keys("da");
    let content = json!({ "place": "prod", "who": "Ada", "tell": true });
    assert_eq!(sent(&stage.press(KeyCode::Enter)), json!({ "decision": "allow", "content": content }));
}

#[test]
fn what_is_chosen_is_sent_whatever_it_is_called() {
    let places = json!(["London", "UK", "London,UK", "Paris, France"]);
    let fields = json!({ "where": { "type": "array", "items": { "type": "string", "enum": places } }, "a=b": { "type": "string" },
        "a": { "type": "string" } });
    let form =
        json!({ "server": "s", "message": "Where?", "schema": { "required": ["a=b", "where"], "properties": fields } });
    let content = |keys: &str| {
        let mut stage = asked("elicitation", "Elicitation", &form);
        stage.keys(keys);
        stage.press(KeyCode::Tab);
        stage.keys("x");
        sent(&stage.press(KeyCode::Enter))["content"].clone()
    };
    assert_eq!(content("12"), json!({ "where": ["London", "UK"], "a=b": "x" }));
    assert_eq!(content("34"), json!({ "where": ["London,UK", "Paris, France"], "a=b": "x" }));
}

#[test]
fn what_cannot_be_answered_here_says_where() {
    let page = json!({ "server": "x", "message": "Log in", "mode": "url", "url": "https://example.org" });
    let stage = asked("elicitation", "Elicitation", &page);
    let said =
        "Not from here: it wants a page to be opened, which only the terminal does. o hands it over to its terminal.";
    assert_eq!(stage.status(), said);
    assert!(!matches!(stage.model.mode, Mode::Ask(_)));
    let stage = asked("something new", "New", &json!({}));
    assert_eq!(stage.status(), "Answer it in the popup or in the terminal (o hands it over, Enter jumps).");
}
