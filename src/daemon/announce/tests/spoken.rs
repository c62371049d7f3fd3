//! Cases.

use super::*;
use crate::config::{Quiet, Urgency};
use crate::core::{Agent, ClientStatus};
use crate::notify::Button;

#[test]
fn a_turn_is_over_when_the_client_says_so_too() {
    let mut scene = Scene::begun();
    scene.config.notifications.finished.on = true;
    scene.session("k", State::Done).client = Some(ClientStatus::Busy);
    assert_eq!(scene.pass(10_000), []);
    scene.session("k", State::Done).client = Some(ClientStatus::Idle);
    assert_eq!(scene.card().summary, "api (main) is done");

    // A daemon that was away has read of the Stop, and not yet what the client says now.
    let mut scene = Scene::new();
    scene.config.notifications.finished.on = true;
    scene.session("k", State::Done).client = Some(ClientStatus::Busy);
    assert_eq!(scene.pass(10_000), []);
    scene.session("k", State::Done).client = Some(ClientStatus::Idle);
    assert_eq!(scene.pass(10_000), [], "that is no news");
}

#[test]
fn a_request_is_said_once_and_taken_back_when_it_is_settled() {
    let mut scene = Scene::begun();
    scene.ask("1", "Bash", bash("cargo test"));
    let card = scene.card();
    assert_eq!((&*card.summary, &*card.body), ("api (main) asks for permission", "Bash: cargo test"));
    assert_eq!(scene.pass(600_000), []);
    scene.settle("1");
    let steps = scene.look();
    assert_eq!((steps.len(), withdrawn(&steps)), (1, 1));
    assert_eq!(scene.pass(600_000), []);
}

#[test]
fn what_is_settled_at_once_is_never_said() {
    let mut scene = Scene::begun();
    scene.ask("1", "Bash", bash("ls"));
    assert_eq!(scene.look(), []);
    scene.settle("1");
    assert_eq!(scene.pass(10_000), []);
}

#[test]
fn many_at_once_are_one() {
    let mut scene = Scene::begun();
    for number in 0..100 {
        scene.ask(&format!("{number:02}"), "Bash", bash("ls"));
    }
    let card = scene.card();
    assert_eq!((&*card.summary, &*card.body), ("100 requests wait for you", "api: 100"));
    assert_eq!(card.buttons, [Button::Open]);
    for number in 0..99 {
        scene.settle(&format!("{number:02}"));
    }
    assert_eq!(scene.pass(10_000), [], "one of them still waits");
    scene.settle("99");
    assert_eq!(withdrawn(&scene.look()), 1);
}

#[test]
fn twenty_are_twenty_and_those_that_come_at_once_after_them_are_one_that_grows() {
    let mut scene = Scene::begun();
    for number in 0..20 {
        scene.ask(&format!("{number:02}"), "Bash", bash("ls"));
    }
    let cards = cards(scene.pass(300));
    assert_eq!((cards.len(), &*cards[0].body), (20, "Bash: ls"));
    let mut numbers = Vec::new();
    for id in ["a", "b", "c", "d"] {
        scene.ask(id, "Bash", bash("ls"));
        for step in scene.pass(301) {
            if let Step::Say { number, about, .. } = step {
                numbers.push((number, about.len()));
            }
        }
    }
    assert_eq!(numbers, [(20, 1), (20, 2), (20, 3), (21, 1)], "one more, later, is one more");
    for id in ["a", "b", "c"] {
        scene.settle(id);
    }
    assert_eq!(withdrawn(&scene.look()), 1);
}

#[test]
fn a_burst_is_waited_for() {
    let mut scene = Scene::begun();
    let mut said = Vec::new();
    for number in 0..100 {
        scene.ask(&format!("{number:02}"), "Bash", bash("ls"));
        said.extend(scene.pass(20));
    }
    said.extend(scene.pass(10_000));
    let cards = cards(said);
    assert!(cards.len() < 10 && cards.iter().all(|card| card.summary.ends_with("requests wait for you")), "{cards:#?}");
    assert_eq!(cards.last().expect("one").summary, "100 requests wait for you");
}

#[test]
fn of_states_there_are_fewer() {
    let mut scene = Scene::begun();
    for key in ["a", "b", "c"] {
        scene.session(key, State::Failed);
    }
    assert_eq!(cards(scene.pass(300)).len(), 3);
    scene.session("d", State::Failed);
    assert_eq!(cards(scene.pass(300)).len(), 1);
    scene.session("e", State::Failed);
    assert_eq!(scene.card().summary, "2 sessions need you");
    scene.session("f", State::Failed);
    assert_eq!(scene.card().summary, "api (main) failed");
}

#[test]
fn what_was_there_at_the_start_is_said_in_one_when_its_hooks_are_back() {
    let mut scene = Scene::new();
    for id in ["1", "2"] {
        scene.ask(id, "Bash", bash("ls"));
    }
    scene.session("done", State::Failed);
    assert_eq!(scene.pass(2_000), []);
    assert_eq!(scene.card().summary, "2 requests wait for you");
    assert_eq!(scene.pass(600_000), []);
}

#[test]
fn each_state_is_said_in_its_words_when_its_channel_is_on() {
    let mut scene = Scene::begun();
    scene.session("k", State::Done).message = Some("All green.\nReally.".into());
    assert_eq!(scene.pass(10_000), [], "finished is off");
    scene.session("k", State::Working);
    assert_eq!(scene.pass(10_000), []);
    scene.config.notifications.finished.on = true;
    scene.session("k", State::Done).message = Some("All green.\nReally.".into());
    let card = scene.card();
    assert_eq!((&*card.summary, &*card.body), ("api (main) is done", "All green. Really."));
    assert_eq!(card.urgency, Urgency::Low);
    scene.session("k", State::Failed).evidence.text = "StopFailure: overloaded".into();
    let steps = scene.pass(10_000);
    assert_eq!(withdrawn(&steps), 1, "the other state is over");
    assert_eq!(cards(steps)[0].body, "StopFailure: overloaded");
    scene.session("k", State::Failed).needs_you = false;
    assert_eq!(withdrawn(&scene.look()), 1, "somebody looked");
    scene.session("k", State::Stuck).activity = Some("Bash: sleep 9".into());
    assert_eq!(scene.card().body, " Last: Bash: sleep 9");
}

#[test]
fn who_asks_and_what_is_told_whole() {
    let mut scene = Scene::begun();
    scene.ask("1", "AskUserQuestion", json!({ "questions": [{ "question": "Which?" }, { "question": "When?" }] }));
    scene.session("k", State::AwaitingAnswer).tag = Some("the <b>big</b> one".into());
    let card = scene.card();
    assert_eq!((&*card.summary, &*card.body), ("api (main) [the <b>big</b> one] has a question", "Which? When?"));
    scene.ask("2", "ExitPlanMode", json!({ "plan": "# Plan\n\n1. Do it" }));
    let card = scene.card();
    assert_eq!((&*card.summary, &*card.body), ("api (main) has a plan for you", "# Plan 1. Do it"));
    scene.ask("4", ELICITATION, json!({ "server": "de\u{202e}ploy", "message": "Where\nto?" }));
    let card = scene.card();
    let told = ("api (main) is asked by an MCP server", "“de\\u{202e}ploy” asks: Where to?");
    assert_eq!((&*card.summary, &*card.body), told);
    let mut agents = approval("3", "mcp__x__y", json!({ "a": 1 }));
    agents.agent = Some(Agent { id: "a".into(), kind: "explorer".into() });
    scene.board.approvals.insert(agents.id.clone(), Arc::new(agents));
    assert_eq!(scene.card().body, "mcp__x__y\nAsked by the sub-agent explorer.");
}

#[test]
fn quiet_hours_are_quiet_and_what_still_waits_is_said_once_after_them() {
    let mut scene = Scene::begun();
    scene.config.quiet = Quiet { on: true, ..Quiet::default() };
    scene.local = NIGHT;
    for id in ["1", "2", "3"] {
        scene.ask(id, "Bash", bash("ls"));
        assert_eq!(scene.pass(1_000), []);
    }
    assert_eq!(scene.wait(), Some(270 * 60_000), "until half past seven");
    scene.settle("2");
    assert_eq!(scene.pass(1_000), []);
    scene.local = time(7, 30, 0, 0);
    assert_eq!(scene.card().summary, "2 requests wait for you");
    assert_eq!(scene.pass(600_000), []);
}

#[test]
fn who_wants_to_be_left_alone_hears_in_one_what_still_waits_after_it() {
    let mut scene = Scene::begun();
    scene.hushed = true;
    for id in ["1", "2", "3"] {
        scene.ask(id, "Bash", bash("ls"));
        assert_eq!(scene.pass(1_000), []);
    }
    assert_eq!(scene.wait(), None, "somebody will say when it is over");
    scene.settle("2");
    // Quiet hours have begun meanwhile: they count by themselves.
    (scene.config.quiet, scene.local) = (Quiet { on: true, ..Quiet::default() }, NIGHT);
    scene.hushed = false;
    assert_eq!(scene.pass(1_000), []);
    scene.local = NOON;
    assert_eq!(scene.card().summary, "2 requests wait for you");
}

#[test]
fn the_most_pressing_says_how_a_mixed_one_sounds() {
    let mut scene = Scene::begun();
    scene.config.notifications.failed.urgency = Urgency::Critical;
    scene.config.notifications.failed.sound = "dialog-error".into();
    scene.hushed = true;
    scene.ask("1", "Bash", bash("ls"));
    for key in ["a", "b", "c"] {
        scene.session(key, State::Failed);
    }
    assert_eq!(scene.pass(10_000), []);
    scene.hushed = false;
    let card = scene.card();
    assert_eq!(card.summary, "A request waits, and 3 sessions need you");
    assert_eq!((card.urgency, &*card.sound), (Urgency::Critical, "dialog-error"));
}

#[test]
fn at_the_end_everything_is_taken_back() {
    let mut scene = Scene::begun();
    scene.ask("1", "Bash", bash("ls"));
    scene.card();
    assert_eq!(withdrawn(&scene.news.end()), 1);
    assert_eq!(scene.news.end(), []);
}

#[test]
fn what_the_popup_shows_or_the_user_looks_at_is_not_said_unless_they_want_it() {
    let look = |popup: bool, terminal: Option<&str>, besides: bool| {
        let mut scene = Scene::begun();
        let terminals = terminal.map(|key| SessionKey(key.into())).into_iter().collect();
        scene.watched = Some(Watched { popup, terminals, ..Watched::default() });
        scene.config.notifications.beside_popup = besides;
        scene.ask("1", "Bash", bash("ls"));
        let said = cards(scene.pass(10_000)).len();
        // It is not made up for.
        scene.watched = None;
        said + cards(scene.pass(10_000)).len()
    };
    assert_eq!([look(true, None, false), look(false, Some("k"), false)], [0, 0]);
    assert_eq!([look(false, None, false), look(false, Some("x"), false), look(true, None, true)], [1, 1, 1]);
}

#[test]
fn where_no_popup_comes_by_itself_all_is_said_but_what_it_was_asked_to_show() {
    let mut scene = Scene::begun();
    let shown = [ApprovalId("2".into())].into();
    scene.watched = Some(Watched { popup: false, shown, untold: Some([].into()), ..Watched::default() });
    scene.ask("1", "Bash", bash("ls"));
    scene.ask("2", "Bash", bash("make"));
    assert_eq!(scene.news.over().count(), 0, "not yet");
    assert_eq!(scene.card().body, "Bash: ls");
    assert_eq!(scene.news.over().count(), 2);
}

#[test]
fn questions_and_plans_have_a_channel_of_their_own() {
    let mut scene = Scene::begun();
    scene.config.notifications.approval.on = false;
    scene.config.notifications.question.urgency = Urgency::Critical;
    scene.ask("1", "Bash", bash("ls"));
    scene.ask("2", "AskUserQuestion", json!({ "questions": [{ "question": "Which?" }] }));
    let card = scene.card();
    assert_eq!((card.urgency, &*card.body, &card.buttons[..]), (Urgency::Critical, "Which?", &[Button::Open][..]));
}
