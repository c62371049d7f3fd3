//! What a row says beside its state: whose prompt, which model, which branch, what runs.

use std::sync::Arc;

use serde_json::json;

use super::scene::{PROCESS, Scene, allow};
use crate::core::*;

fn stop(background: usize) -> Hook {
    Hook::Stopped { message: Some("Here it is.".into()), background }
}

fn prompt(text: &str) -> Hook {
    Hook::Prompted { text: text.into(), synthetic: false }
}

fn bash_ended() -> Hook {
    let (tool, input) = ("Bash".to_owned(), Arc::new(json!({ "command": "git switch fix" })));
    Hook::ToolEnded { call: "c".into(), tool, input, failed: false }
}

fn deny() -> Answer {
    Answer::Deny { message: Some("no".into()), interrupt: false }
}

fn places(scene: &Scene) -> bool {
    scene.last.effects.iter().any(|effect| matches!(effect, Effect::Place(..)))
}

fn follows(scene: &Scene) -> bool {
    scene.last.effects.iter().any(|effect| matches!(effect, Effect::Follow(..)))
}

#[test]
fn what_was_denied_does_not_run() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "rm -rf x");
    assert_eq!(scene.session().activity.as_deref(), Some("Bash: rm -rf x"));
    scene.decide(&id, deny());
    assert_eq!((scene.state(), scene.session().activity), (State::Working, None));

    // No in the terminal, or by Claude's own judgement: the end of the batch alone tells.
    scene.asks(None, "rm -rf y");
    scene.pass(100).hook(Hook::BatchEnded { calls: vec!["call rm -rf y".into()] });
    assert_eq!(scene.session().activity, None);

    // A rule was faster than the hook of the call's start, which runs beside the session.
    let id = scene.requests(None, "rm -rf z");
    scene.decide(&id, deny());
    let input = Arc::new(json!({ "command": "rm -rf z" }));
    scene.hook(Hook::ToolStarted { call: "late".into(), tool: "Bash".into(), input });
    assert_eq!(scene.session().activity, None);
}

#[test]
fn a_declined_elicitation_leaves_its_call_at_work() {
    let mut scene = Scene::open();
    let id = scene.calls_server(None, "c").elicits();
    scene.decide(&id, deny());
    assert_eq!(scene.session().activity.as_deref(), Some("mcp__my_db__ask"));
}

#[test]
fn the_branch_is_looked_up_when_a_command_may_have_changed_it() {
    let mut scene = Scene::open();
    scene.hook(bash_ended());
    assert!(places(&scene));
    let resumed = scene.core.resume(scene.now);
    assert!(resumed.iter().any(|effect| matches!(effect, Effect::Place(..))), "and after a restart: {resumed:?}");
}

#[test]
fn an_agent_asks_for_the_prompt_that_sent_it() {
    let mut scene = Scene::empty();
    let mut with_prompt = |what: Hook, agent: Option<&str>, id: &str| {
        let mut call = scene.pass(10).call(agent, what);
        call.prompt_id = Some(id.into());
        scene.take(Input::Hook(call));
    };
    with_prompt(prompt("first"), None, "1");
    with_prompt(stop(1), None, "1");
    with_prompt(prompt("second"), None, "2");
    let led = [
        (Some("a"), "1", Some("first")),
        (None, "2", Some("second")),
        (None, "made up", Some("second")),
        (Some("b"), "long ago", None),
    ];
    for (agent, id, led) in led {
        let mut request = scene.request(agent, id);
        request.prompt_id = Some(id.into());
        let approval = ApprovalId(request.id.as_str().into());
        scene.take(Input::Request(request));
        assert_eq!(scene.core.board().approvals[&approval].prompt.as_deref(), led, "{id}");
    }
    assert_eq!(scene.session().prompt.as_deref(), Some("second"));
}

#[test]
fn what_comes_late_names_nothing_anew() {
    let mut scene = Scene::open();
    let late = [
        prompt("old"),
        Hook::Moved { cwd: "/old".into() },
        Hook::SessionStarted { source: "startup".into(), model: Some("old".into()), title: Some("old".into()) },
    ];
    let late = late.map(|what| scene.call(None, what));
    scene.pass(1_000).hook(Hook::SessionEnded { reason: "clear".into() });
    for what in [Hook::SessionStarted { source: "clear".into(), model: None, title: None }, prompt("new")] {
        let mut call = scene.pass(10).call(None, what);
        (call.session_id, call.cwd) = ("new".into(), "/p".into());
        scene.take(Input::Hook(call));
    }
    for call in late {
        scene.take(Input::Hook(call));
    }
    let session = scene.session();
    assert_eq!((session.prompt.as_deref(), session.cwd.as_str()), (Some("new"), "/p"));
    assert_eq!((session.model, session.title), (None, None));
}

#[test]
fn the_model_is_the_one_named_last() {
    let told = |at| Transcript { at, model: Some("opus".into()), model_at: at, ..Transcript::default() };
    let mut scene = Scene::open();
    let before = scene.now;
    let (source, model) = ("resume".into(), Some("haiku".into()));
    scene.pass(1_000).hook(Hook::SessionStarted { source, model, title: None }).reads(told(before));
    assert_eq!(scene.session().model.as_deref(), Some("haiku"), "the last answer is older");
    let now = scene.pass(1_000).now;
    scene.reads(told(now));
    assert_eq!(scene.session().model.as_deref(), Some("opus"));
    scene.pass(1_000).hook(Hook::ModelSwitched { model: "sonnet".into() }).reads(told(now));
    assert_eq!(scene.session().model.as_deref(), Some("sonnet"));
}

#[test]
fn a_prompt_that_only_the_transcript_told_gives_way() {
    let told = |text: &str| Transcript { prompt: Some(text.into()), ..Transcript::default() };
    let mut scene = Scene::empty();
    scene.hook(stop(0)).reads(told("first")).reads(told("second"));
    assert_eq!(scene.session().prompt.as_deref(), Some("second"));
    scene.hook(prompt("third")).reads(told("second"));
    assert_eq!(scene.session().prompt.as_deref(), Some("third"), "the transcript is behind");
}

#[test]
fn a_hook_that_says_nothing_of_the_turn_does_not_outdate_the_file() {
    let mut scene = Scene::open();
    let idle = scene.pass(1_000).client(ClientStatus::Idle);
    let notice = scene.pass(60_000).call(None, Hook::Notified { kind: "idle_prompt".into() });
    // The daemon was away: what was spooled comes first.
    scene.take(Input::Hook(notice)).take(Input::Client(idle)).pass(300);
    assert_eq!(scene.state(), State::Idle, "{:?}", scene.session().evidence);
}

#[test]
fn a_failed_turn_is_compacted_and_failed_again() {
    let mut scene = Scene::open();
    scene.pass(100).hook(Hook::Failed { error: "prompt is too long".into() }).pass(5_000);
    assert_eq!(scene.state(), State::Failed, "though the file still says busy");
    scene.mark(Mark::Seen("looked".into()));
    let since = scene.session().since;
    scene.pass(1_000).file(ClientStatus::Idle).pass(1_000).file(ClientStatus::Busy);
    assert_eq!(scene.state(), State::Working);
    scene.pass(30_000).file(ClientStatus::Idle).pass(300);
    assert_eq!((scene.state(), scene.session().needs_you), (State::Failed, false), "it was seen");
    assert_eq!(scene.session().since, since);
}

#[test]
fn a_stop_that_another_hook_forbade_is_none() {
    let mut scene = Scene::open();
    scene.pass(1_000).hook(stop(0)).pass(300);
    assert_eq!(scene.state(), State::Done);
    scene.pass(2_000);
    assert_eq!((scene.state(), scene.session().needs_you), (State::Working, false));
    assert_eq!(scene.session().evidence.text, "its status file still says busy");
    scene.pass(10_000).hook(stop(0));
    assert_eq!(scene.state(), State::Done, "again");
    scene.pass(230).file(ClientStatus::Idle).pass(10_000);
    assert_eq!(scene.state(), State::Done);
}

#[test]
fn esc_after_a_forbidden_stop_is_esc() {
    for file_first in [true, false] {
        let mut scene = Scene::open();
        scene.pass(1_000).hook(stop(0)).pass(5_000);
        let told = Transcript { at: scene.now, interrupted: Some(scene.now), ..Transcript::default() };
        if file_first {
            scene.file(ClientStatus::Idle).pass(260).reads(told);
        } else {
            scene.reads(told).file(ClientStatus::Idle).pass(260);
        }
        assert_eq!((scene.state(), scene.session().needs_you), (State::Idle, false));
        assert_eq!(scene.session().evidence.text, "interrupted: its transcript says so");
    }
}

#[test]
fn a_stop_that_another_hook_thinks_about_for_long_is_one() {
    let mut scene = Scene::open();
    scene.pass(1_000).hook(stop(0)).pass(60_000).file(ClientStatus::Idle).pass(300);
    assert_eq!((scene.state(), scene.session().evidence.text.as_str()), (State::Done, "Stop"));
    let told = |note: &Event| matches!(note, Event::Noted { note: Note::Busy { on: false, .. }, .. });
    assert!(scene.last.events.iter().all(told), "no turn was interrupted: {:?}", scene.last.events);
}

#[test]
fn a_stop_that_an_agents_hook_overtook_says_what_it_says() {
    let mut scene = Scene::open();
    let stopped = scene.pass(1_000).call(None, stop(1));
    scene.pass(3).agent("a", bash_ended()).take(Input::Hook(stopped));
    assert_eq!(scene.session().message.as_deref(), Some("Here it is."));
    scene.pass(5_000).file(ClientStatus::Idle).pass(300);
    assert_eq!(scene.state(), State::Done, "its agents are gone, and its last word is to be read");
}

#[test]
fn the_last_word_of_a_process_that_is_gone_is_heard() {
    let mut scene = Scene::open();
    let ended = scene.pass(1_000).call(None, Hook::SessionEnded { reason: "other".into() });
    scene.take(Input::ProcessGone(PROCESS)).take(Input::Hook(ended));
    assert_eq!((scene.state(), scene.session().evidence.text.as_str()), (State::Ended, "SessionEnd other"));
    let late = scene.call(None, prompt("late"));
    scene.pass(10).take(Input::Hook(late));
    assert_eq!(scene.state(), State::Ended);
}

#[test]
fn a_call_that_a_busy_machine_started_after_its_request_is_known() {
    let mut scene = Scene::open();
    let id = scene.elicits();
    scene.pass(20).calls_server(Some("a"), "c");
    assert_eq!(scene.core.board().approvals[&id].call.as_deref(), Some("c"));
    scene.decide(&id, allow());
    let id = scene.pass(1_000).elicits();
    scene.pass(2_000).calls_server(Some("b"), "d");
    assert_ne!(scene.core.board().approvals[&id].call.as_deref(), Some("d"), "another one, later");
}

#[test]
fn what_goes_on_after_its_end_is_followed_again() {
    let mut scene = Scene::empty();
    for what in [prompt("one"), Hook::SessionEnded { reason: "other".into() }, prompt("two")] {
        let mut call = scene.pass(1_000).call(None, what);
        call.origin.process = None;
        scene.take(Input::Hook(call));
    }
    assert!(follows(&scene), "{:?}", scene.last.effects);
}
