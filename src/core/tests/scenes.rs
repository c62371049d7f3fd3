//! Scenes as measured with Claude Code 2.1.329: which signal settles which request.

use std::sync::Arc;

use serde_json::{Value, json};

use super::scene::{PROCESS, Scene, allow};
use crate::core::*;

#[test]
fn yes_in_the_terminal_is_seen_in_the_status_file() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "sleep 99");
    assert_eq!(scene.state(), State::AwaitingPermission);
    scene.pass(40).file(ClientStatus::Waiting);
    scene.pass(5_000).file(ClientStatus::Busy);
    assert_eq!(scene.outcome(&id), None, "the file flickers: not believed at once");
    scene.pass(300);
    assert_eq!(scene.outcome(&id), Some(Outcome::AnsweredInTerminal));
    assert_eq!(scene.state(), State::Working);
}

#[test]
fn a_file_that_said_waiting_before_the_request_arrived_counts() {
    let mut scene = Scene::open();
    scene.file(ClientStatus::Waiting).pass(25);
    let id = scene.asks(None, "sleep 99");
    scene.pass(900).file(ClientStatus::Busy).pass(300);
    assert_eq!(scene.outcome(&id), Some(Outcome::AnsweredInTerminal));
}

#[test]
fn a_busy_from_before_the_dialog_settles_nothing() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    scene.pass(20).file(ClientStatus::Busy).pass(60_000);
    assert_eq!(scene.outcome(&id), None);
}

#[test]
fn a_yes_that_was_given_while_the_daemon_was_down_is_believed() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "sleep 99");
    scene.pass(740).file(ClientStatus::Busy).pass(300);
    assert_eq!(scene.outcome(&id), Some(Outcome::AnsweredInTerminal));
}

#[test]
fn of_two_dialogs_only_the_answered_one_is_settled() {
    let mut scene = Scene::open();
    let (first, second) = (scene.asks(None, "a"), scene.asks(None, "b"));
    scene.file(ClientStatus::Waiting).pass(2_000);
    scene.ran("b").pass(1_000);
    assert_eq!((scene.outcome(&first), scene.outcome(&second)), (None, Some(Outcome::AnsweredInTerminal)));
    scene.file(ClientStatus::Busy).pass(300);
    assert_eq!(scene.outcome(&first), Some(Outcome::AnsweredInTerminal));
}

#[test]
fn no_in_the_terminal_hangs_the_hook_up() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    scene.pass(1_000).take(Input::HungUp(id.clone())).file(ClientStatus::Idle);
    scene.pass(400);
    assert_eq!(scene.outcome(&id), Some(Outcome::AnsweredInTerminal));
    assert_eq!(scene.state(), State::Idle, "Esc fires no hook: the status file tells");
}

#[test]
fn a_hook_that_comes_back_in_time_is_still_waited_for() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    let again = scene.core.board().approvals[&id].clone();
    scene.take(Input::HungUp(id.clone())).pass(200);
    let ask = Ask {
        tool: again.tool.clone(),
        input: Arc::clone(&again.input),
        suggestions: Arc::new(Value::Null),
        shown: "hash".into(),
        hold_ms: 0,
    };
    let mut call = scene.call(None, Hook::Asked(ask));
    call.id = id.to_string();
    scene.take(Input::Request(call.clone())).pass(5_000);
    assert_eq!(scene.outcome(&id), None);
    assert_eq!(scene.decide(&id, allow()), None);
    assert!(scene.last.effects.contains(&Effect::Answer(id.clone(), allow())));
    scene.take(Input::Request(call));
    assert_eq!(scene.last.effects, [Effect::Answer(id, allow())], "a decision that was lost on the way is told again");
}

#[test]
fn the_first_decision_wins_and_the_rest_are_refused() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    let changed = Decide { approval: id.clone(), shown: "other".into(), answer: allow(), by: By::Cli, made: None };
    scene.take(Input::Decide(changed));
    assert_eq!(scene.last.refused, Some(Refusal::Changed));
    assert_eq!(scene.decide(&id, Answer::Deny { message: None, interrupt: true }), None);
    assert!(matches!(scene.decide(&id, allow()), Some(Refusal::Settled(_))));
    assert_eq!(scene.outcome(&id), Some(Outcome::Denied));
}

#[test]
fn a_sub_agents_request_goes_to_the_terminal_after_two_minutes() {
    let mut scene = Scene::open();
    let id = scene.asks(Some("agent-1"), "touch foo");
    assert!(scene.core.board().approvals[&id].hides_terminal);
    scene.hook(Hook::Stopped { message: None, background: 1 }).pass(119_000);
    assert_eq!(scene.outcome(&id), None, "the main thread's Stop says nothing of the agent");
    scene.pass(2_000);
    assert_eq!(scene.outcome(&id), Some(Outcome::TimedOut));
    assert_eq!(scene.state(), State::AwaitingPermission, "now the terminal asks");
    scene.pass(40).file(ClientStatus::Waiting);
    scene.pass(1_000).file(ClientStatus::Busy).pass(100).file(ClientStatus::Waiting).pass(1_000);
    assert_eq!(scene.session().evidence.text, "the terminal asks", "it flickers between two dialogs");
    scene.file(ClientStatus::Busy).pass(300);
    assert_eq!(scene.state(), State::Working);
}

#[test]
fn a_hook_registered_twice_asks_once() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    let again = Arc::clone(&scene.core.board().approvals[&id]);
    let ask = Ask {
        tool: again.tool.clone(),
        input: Arc::clone(&again.input),
        suggestions: Arc::new(json!([])),
        shown: "hash".into(),
        hold_ms: 0,
    };
    let twin = scene.call(None, Hook::Asked(ask));
    let twin_id = ApprovalId(twin.id.as_str().into());
    scene.take(Input::Request(twin));
    assert_eq!(scene.last.effects, [Effect::Answer(twin_id, Answer::Release)]);
    assert_eq!(scene.core.board().badge(), 1);
}

#[test]
fn sleep_and_clock_changes_do_not_eat_the_time_to_decide() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    scene.now = scene.now.plus(8 * 3_600_000);
    scene.take(Input::ClockJumped { by_ms: 8 * 3_600_000 }).pass(500_000);
    assert_eq!(scene.outcome(&id), None);
    scene.pass(40_001);
    assert_eq!(scene.outcome(&id), Some(Outcome::TimedOut));
}

#[test]
fn a_question_is_not_answered_by_a_bare_yes_and_only_offers_are_remembered() {
    let mut scene = Scene::open();
    let ask = |tool: &str| Ask {
        tool: tool.into(),
        input: Arc::new(json!({})),
        suggestions: Arc::new(json!([{ "type": "setMode", "mode": "acceptEdits", "destination": "session" }])),
        shown: "hash".into(),
        hold_ms: 0,
    };
    let question = scene.call(None, Hook::Asked(ask("AskUserQuestion")));
    let id = ApprovalId(question.id.as_str().into());
    scene.take(Input::Request(question));
    assert_eq!(scene.state(), State::AwaitingAnswer);
    assert_eq!(scene.decide(&id, allow()), Some(Refusal::NeedsInput));
    let wish = |wish: Value| Answer::Allow { updated_input: Some(json!({})), updated_permissions: Some(vec![wish]) };
    let everything = json!({ "type": "setMode", "mode": "bypassPermissions", "destination": "session" });
    assert_eq!(scene.decide(&id, wish(everything)), Some(Refusal::NotOffered));
    let offered = json!({ "type": "setMode", "mode": "acceptEdits", "destination": "session" });
    assert_eq!(scene.decide(&id, wish(offered)), None);
}

#[test]
fn decisions_come_from_where_the_user_wants_them_alone_and_rules_decide_all_the_same() {
    let limits = Limits { decide_from: vec![By::Tui, By::Notification], ..Limits::default() };
    let mut scene = Scene::open_with(limits.clone());
    let id = scene.asks(None, "touch foo");
    assert_eq!(scene.decide(&id, allow()), Some(Refusal::Elsewhere(limits.decide_from.clone())));
    let words = "decisions come from the terminal interface or a notification only: `approvals.decide_from` says so";
    assert_eq!(scene.last.refused.as_ref().map(ToString::to_string).as_deref(), Some(words));
    let noted = |event: &Event| matches!(event, Event::Noted { note: Note::Refused { approval: Some(_), .. }, .. });
    assert!(scene.last.events.iter().any(noted), "{:?}", scene.last.events);
    assert_eq!(scene.outcome(&id), None);
    let put_off = scene.asks(None, "touch bar");
    assert_eq!(scene.decide(&put_off, Answer::Release), None, "the terminal may always ask");
    let by = |by| Input::Decide(Decide { approval: id.clone(), shown: "hash".into(), answer: allow(), by, made: None });
    scene.take(by(By::Rule));
    assert_eq!(scene.outcome(&id), Some(Outcome::Allowed));
}

#[test]
fn with_a_plan_the_mode_may_change_and_nothing_else() {
    let mut scene = Scene::open();
    let plan = scene.call(
        None,
        Hook::Asked(Ask {
            tool: "ExitPlanMode".into(),
            input: Arc::new(json!({})),
            suggestions: Arc::new(Value::Null),
            shown: "hash".into(),
            hold_ms: 0,
        }),
    );
    let id = ApprovalId(plan.id.as_str().into());
    scene.take(Input::Request(plan));
    let wish = |wish: Value| Answer::Allow { updated_input: Some(json!({})), updated_permissions: Some(vec![wish]) };
    let more = json!({ "type": "setMode", "mode": "default", "destination": "session", "rules": ["Bash"] });
    assert_eq!(scene.decide(&id, wish(more)), Some(Refusal::NotOffered));
    let plain = json!({ "type": "setMode", "mode": "default", "destination": "session" });
    assert_eq!(scene.decide(&id, wish(plain)), None);
}

#[test]
fn a_late_copy_of_an_older_event_settles_nothing() {
    let mut scene = Scene::open();
    let mut stop = scene.call(None, Hook::Stopped { message: None, background: 0 });
    scene.pass(1_000);
    let id = scene.asks(None, "touch foo");
    stop.at = Time(1_000_000);
    scene.take(Input::Hook(stop));
    assert_eq!(scene.outcome(&id), None);
}

#[test]
fn another_request_under_a_known_id_gets_nothing() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    scene.decide(&id, allow());
    let ask = Ask {
        tool: "Bash".into(),
        input: Arc::new(json!({ "command": "rm -rf /" })),
        suggestions: Arc::new(json!([])),
        shown: "another hash".into(),
        hold_ms: 0,
    };
    let mut forged = scene.call(None, Hook::Asked(ask));
    forged.id = id.to_string();
    assert!(scene.core.is_taken(&id, &forged));
    scene.take(Input::Request(forged));
    assert_eq!(scene.last, Step::default());
}

#[test]
fn many_released_at_once_are_all_on_record() {
    let mut scene = Scene::open();
    for number in 0..60 {
        scene.asks(None, &format!("touch {number}"));
    }
    scene.take(Input::ReleaseAll);
    let settled = scene.core.board().settled().len();
    assert_eq!((scene.last.events.len(), settled), (60, 60), "none is forgotten before it is stored");
}

#[test]
fn a_killed_claude_leaves_nothing_pending() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    scene.take(Input::ProcessGone(PROCESS));
    assert_eq!(scene.outcome(&id), Some(Outcome::SessionEnded));
    assert_eq!(scene.state(), State::Ended);
    scene.ran("touch foo");
    assert_eq!(scene.state(), State::Ended, "a late hook does not raise the dead");

    let mut scene = Scene::open();
    scene.hook(Hook::SessionEnded { reason: "other".into() }).take(Input::ProcessGone(PROCESS));
    scene.ran("touch foo");
    assert_eq!(scene.state(), State::Ended, "nor one that had said goodbye");
}
