//! What MCP servers ask: held while the terminal shows nothing, answered with what is entered.

use serde_json::json;

use super::scene::{Scene, allow, elicitation};
use crate::core::*;

fn accept(content: serde_json::Value) -> Answer {
    Answer::Accept { content }
}

fn deny(message: Option<&str>) -> Answer {
    Answer::Deny { message: message.map(str::to_owned), interrupt: false }
}

/// A server of the main thread's call has asked.
fn asked() -> (Scene, ApprovalId) {
    let mut scene = Scene::open();
    let id = scene.calls_server(None, "c").elicits();
    (scene, id)
}

#[test]
fn only_what_fits_the_schema_is_accepted() {
    let (mut scene, id) = asked();
    let approval = &scene.core.board().approvals[&id];
    assert_eq!((approval.kind, approval.hides_terminal), (Kind::Elicitation, true));
    assert_eq!((approval.call.as_deref(), approval.expires), (Some("c"), scene.now.plus(120_000)));
    assert_eq!(scene.state(), State::AwaitingAnswer);
    assert_eq!(scene.decide(&id, allow()), Some(Refusal::NeedsContent));
    assert_eq!(scene.decide(&id, deny(Some("no"))), Some(Refusal::NeedsContent));
    let wrong = scene.decide(&id, accept(json!({ "name": 5 })));
    assert_eq!(wrong, Some(Refusal::Content("content.name has to be text".into())));
    assert_eq!(scene.decide(&id, accept(json!({ "name": "Ada" }))), None);
    assert_eq!(scene.last.effects, [Effect::Answer(id.clone(), accept(json!({ "name": "Ada" })))]);
    assert_eq!((scene.outcome(&id), scene.state()), (Some(Outcome::Allowed), State::Working));
}

#[test]
fn no_is_declined_and_cancel_is_cancel() {
    for (answer, told) in [(deny(None), Answer::Decline), (Answer::Cancel, Answer::Cancel)] {
        let (mut scene, id) = asked();
        assert_eq!(scene.decide(&id, answer), None);
        assert_eq!(scene.last.effects, [Effect::Answer(id.clone(), told)]);
        assert_eq!(scene.outcome(&id), Some(Outcome::Denied));
    }
}

#[test]
fn a_permission_takes_no_content() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "ls");
    for answer in [accept(json!({})), Answer::Decline, Answer::Cancel] {
        assert_eq!(scene.decide(&id, answer), Some(Refusal::NoForm));
    }
}

#[test]
fn no_rule_answers_a_server() {
    let mut scene = Scene::open();
    let request = scene.call(None, Hook::Elicited(elicitation()));
    let id = ApprovalId(request.id.as_str().into());
    let rule = RuleRef { id: 1, name: "all".into() };
    let known = Assessed { rule: Some(rule), ..Assessed::default() };
    scene.take(Input::Judged(request, Box::new(Assessment { known, answer: Some(allow()) })));
    assert_eq!(scene.outcome(&id), None);
    assert_eq!(scene.core.board().approvals[&id].known.as_ref().unwrap().rule, None);
}

#[test]
fn its_status_file_says_nothing_of_it_while_the_hook_waits() {
    // 2.1.329, measured: *busy* while the hook runs, *idle* after Escape, which leaves the hook running.
    for status in [ClientStatus::Busy, ClientStatus::Waiting, ClientStatus::Idle] {
        let (mut scene, id) = asked();
        scene.pass(1_000).file(status).pass(1_000).file(ClientStatus::Busy).pass(1_000);
        assert_eq!((scene.outcome(&id), scene.state()), (None, State::AwaitingAnswer), "{status:?}");
    }
}

#[test]
fn let_go_it_is_the_terminals_until_its_result() {
    let (mut scene, id) = asked();
    scene.pass(120_000);
    assert_eq!((scene.outcome(&id), scene.state()), (Some(Outcome::TimedOut), State::AwaitingAnswer));
    scene.file(ClientStatus::Waiting).pass(2_000).hook(Hook::ElicitationEnded);
    assert_eq!(scene.state(), State::Working);
}

#[test]
fn who_fills_it_in_is_waited_for_as_long_as_any_hook_is() {
    let (mut scene, id) = asked();
    let opened = scene.now;
    let expires = |scene: &Scene| scene.core.board().approvals[&id].expires;
    let fill = |scene: &mut Scene| scene.take(Input::Filling(id.clone())).last.events.len();
    assert_eq!((fill(&mut scene), expires(&scene)), (0, opened.plus(120_000)), "it has just begun");
    scene.pass(60_000);
    assert_eq!((fill(&mut scene), expires(&scene)), (1, opened.plus(180_000)));
    assert_eq!(fill(scene.pass(9_000)), 0, "not with each letter");
    for _ in 0..7 {
        fill(scene.pass(60_000));
        assert_eq!(scene.outcome(&id), None);
    }
    assert_eq!(expires(&scene), opened.plus(540_000));
    assert_eq!(fill(&mut scene), 0);
    scene.pass(60_000);
    assert_eq!(scene.outcome(&id), Some(Outcome::TimedOut));
    fill(&mut scene);
    assert!(matches!(scene.last.refused, Some(Refusal::Settled(_))));
}

#[test]
fn nobody_at_it_any_more_leaves_it_to_the_terminal_and_nothing_else_is_filled_in() {
    let (mut scene, id) = asked();
    scene.pass(100_000).take(Input::Filling(id.clone()));
    scene.pass(119_999);
    assert_eq!(scene.outcome(&id), None);
    scene.pass(1);
    assert_eq!(scene.outcome(&id), Some(Outcome::TimedOut));
    let other = scene.asks(Some("a"), "ls");
    scene.pass(100_000).take(Input::Filling(other.clone()));
    scene.pass(20_000);
    assert_eq!(scene.outcome(&other), Some(Outcome::TimedOut));
    scene.take(Input::Filling(ApprovalId("x".into())));
    assert_eq!(scene.last.refused, Some(Refusal::Unknown));
}

#[test]
fn a_sub_agents_is_told_by_its_call() {
    let mut scene = Scene::open();
    let id = scene.calls_server(Some("a"), "c").elicits();
    assert_eq!(scene.core.board().approvals[&id].agent.as_ref().unwrap().id, "a");
    // The main thread's turn ends while the agent goes on in the background.
    scene.pass(1).hook(Hook::Stopped { message: None, background: 1 });
    assert_eq!(scene.outcome(&id), None);
    scene.agent(
        "a",
        Hook::ToolEnded { call: "c".into(), tool: "mcp__my_db__ask".into(), input: json!({}).into(), failed: true },
    );
    assert_eq!(scene.outcome(&id), Some(Outcome::AnsweredInTerminal));
}

#[test]
fn whose_it_is_may_be_told_late_or_never() {
    let mut scene = Scene::open();
    let id = scene.elicits();
    assert_eq!(scene.core.board().approvals[&id].call, None);
    // It might be a background agent's: the main thread's signals say nothing of it.
    scene.pass(1).hook(Hook::Stopped { message: None, background: 1 });
    scene.hook(Hook::Prompted { text: "more".into(), synthetic: false });
    assert_eq!(scene.outcome(&id), None);
    let mut late = scene.call(
        Some("a"),
        Hook::ToolStarted { call: "c".into(), tool: "mcp__my_db__ask".into(), input: json!({}).into() },
    );
    late.at = late.at.shifted(-5);
    scene.take(Input::Hook(late));
    let approval = &scene.core.board().approvals[&id];
    assert_eq!((approval.call.as_deref(), approval.agent.is_some()), (Some("c"), true));
}

#[test]
fn a_hook_registered_twice_asks_once() {
    let (mut scene, id) = asked();
    let twin = scene.elicits();
    assert_eq!(scene.last.effects, [Effect::Answer(twin.clone(), Answer::Release)]);
    assert_eq!(scene.core.board().badge(), 1);
    // The same question later, by another call, is another one.
    scene.pass(1_000);
    let other = scene.elicits();
    assert_eq!((scene.outcome(&id), scene.outcome(&other)), (None, None));
    assert_eq!(scene.core.board().badge(), 2);
}

#[test]
fn without_a_terminal_it_hides_none() {
    let mut scene = Scene::open();
    let mut request = scene.call(None, Hook::Elicited(elicitation()));
    request.origin.env.insert("CLAUDE_CODE_ENTRYPOINT".into(), "sdk-cli".into());
    let id = ApprovalId(request.id.as_str().into());
    scene.take(Input::Request(request));
    let approval = &scene.core.board().approvals[&id];
    assert_eq!((approval.hides_terminal, approval.expires), (false, scene.now.plus(540_000)));
}
