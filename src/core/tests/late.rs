//! Signals that are late, early, lost or doubled: what is on the screen is still what is shown.

use std::sync::Arc;

use serde_json::json;

use super::scene::{PROCESS, Scene, allow};
use crate::core::*;

fn stop(background: usize) -> Hook {
    Hook::Stopped { message: Some("Here it is.".into()), background }
}

fn tool(call: &str, started: bool) -> Hook {
    let (call, tool, input) = (call.to_owned(), "Bash".to_owned(), Arc::new(json!({ "command": "make" })));
    if started { Hook::ToolStarted { call, tool, input } } else { Hook::ToolEnded { call, tool, input, failed: false } }
}

fn restart(scene: &mut Scene, events: &[Event]) {
    let mut core = Core::new(Limits::default());
    events.iter().cloned().for_each(|e| core.refold(e));
    core.resume(scene.now);
    core.apply(scene.now, Input::Listening);
    scene.core = core;
}

// the daemon was away for longer than the hook's patience; the dialog stands in the terminal.
#[test]
fn dialog_outlives_the_hook_over_a_restart() {
    let mut scene = Scene::empty();
    let mut events = Vec::new();
    scene.hook(Hook::Prompted { text: "do it".into(), synthetic: false });
    events.extend(scene.last.events.clone());
    scene.requests(None, "touch foo");
    events.extend(scene.last.events.clone());
    scene.pass(30).file(ClientStatus::Waiting);
    let waiting = scene.client(ClientStatus::Waiting);
    events.extend(scene.last.events.clone());
    scene.pass(20_000);
    restart(&mut scene, &events);
    scene.take(Input::Client(waiting)).pass(5_000);
    assert_eq!(scene.state(), State::AwaitingPermission, "{:?}", scene.session().evidence);
}

// the daemon came back, and has much to take in before it listens.
#[test]
fn who_waits_has_time_from_when_the_doors_are_open() {
    let mut scene = Scene::open();
    let mut events = scene.last.events.clone();
    let id = scene.asks(None, "touch foo");
    events.extend(scene.last.events.clone());
    let mut core = Core::new(Limits::default());
    events.into_iter().for_each(|event| core.refold(event));
    core.resume(scene.now);
    scene.core = core;
    scene.pass(60_000);
    assert!(scene.core.board().approvals[&id].is_pending());
    scene.take(Input::Listening).pass(1_000);
    assert!(scene.core.board().approvals[&id].is_pending());
    scene.pass(2_000);
    assert!(!scene.core.board().approvals[&id].is_pending(), "its hook did not come back");
}

// the hook is killed, times out on the client's side; the file goes on saying waiting.
#[test]
fn a_killed_hook_leaves_the_dialog() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    scene.pass(30).file(ClientStatus::Waiting).pass(5_000);
    scene.take(Input::HungUp(id)).pass(5_000);
    assert_eq!(scene.state(), State::AwaitingPermission, "{:?}", scene.session().evidence);
}

// two dialogs left to the terminal; one answered.
#[test]
fn two_left_to_the_terminal() {
    let mut scene = Scene::open();
    let (a, b) = (scene.asks(None, "a"), scene.asks(None, "b"));
    scene.pass(30).file(ClientStatus::Waiting).pass(1_000);
    scene.decide(&a, Answer::Release);
    scene.decide(&b, Answer::Release);
    scene.pass(1_000).ran("b").pass(2_000);
    assert_eq!(scene.state(), State::AwaitingPermission, "{:?}", scene.session().evidence);
}

// two agents' dialogs.
#[test]
fn two_agents_left_to_the_terminal() {
    let mut scene = Scene::open();
    scene.asks(Some("a"), "a");
    scene.pass(10);
    scene.asks(Some("b"), "b");
    scene.hook(stop(2)).pass(121_000).file(ClientStatus::Waiting).pass(1_000);
    assert_eq!(scene.state(), State::AwaitingPermission);
    let input = Arc::new(json!({ "command": "b" }));
    scene.agent("b", Hook::ToolEnded { call: "call b".into(), tool: "Bash".into(), input, failed: false }).pass(2_000);
    assert_eq!(scene.state(), State::AwaitingPermission, "{:?}", scene.session().evidence);
}

// a sibling tool of the same message ends while the released dialog stands.
#[test]
fn a_sibling_tool_ends() {
    let mut scene = Scene::open();
    scene.hook(tool("sibling", true));
    let a = scene.asks(None, "a");
    scene.pass(30).file(ClientStatus::Waiting).pass(1_000);
    scene.decide(&a, Answer::Release);
    scene.pass(1_000).hook(tool("sibling", false)).pass(2_000);
    assert_eq!(scene.state(), State::AwaitingPermission, "{:?}", scene.session().evidence);
}

// an answer the client ignores.
#[test]
fn an_answer_that_the_client_ignores() {
    let mut scene = Scene::open();
    let a = scene.asks(None, "a");
    scene.pass(30).file(ClientStatus::Waiting).pass(1_000);
    scene.decide(&a, allow());
    scene.pass(10_000);
    assert_eq!(scene.state(), State::AwaitingPermission, "{:?}", scene.session().evidence);
}

// a prompt and Esc while the daemon was down: file first, then the spool.
#[test]
fn esc_while_down_then_spool() {
    let mut scene = Scene::open();
    scene.pass(1_000).hook(stop(0)).pass(40).file(ClientStatus::Idle).pass(10_000);
    assert_eq!(scene.state(), State::Done);
    let prompted = scene.call(None, Hook::Prompted { text: "more".into(), synthetic: false });
    scene.pass(5_000);
    let idle = scene.client(ClientStatus::Idle);
    scene.pass(5_000).take(Input::Client(idle)).pass(20).take(Input::Hook(prompted)).pass(10_000);
    assert_eq!(scene.state(), State::Idle, "{:?}", scene.session().evidence);
}

// live: a hook of just before Esc arrives just after the file said idle.
#[test]
fn a_hook_from_before_esc_is_late() {
    let mut scene = Scene::open();
    scene.pass(1_000);
    let late = scene.call(None, tool("x", true));
    scene.pass(50).file(ClientStatus::Idle).pass(20).take(Input::Hook(late)).pass(10_000);
    assert_eq!(scene.state(), State::Idle, "{:?}", scene.session().evidence);
}

// Stop was spooled and is drained 300 ms after the file was read.
#[test]
fn a_stop_that_comes_after_idle_was_believed() {
    let mut scene = Scene::open();
    scene.pass(1_000);
    let late = scene.call(None, stop(0));
    scene.pass(50).file(ClientStatus::Idle).pass(300).take(Input::Hook(late)).pass(1_000);
    assert_eq!(scene.state(), State::Done, "{:?}", scene.session().evidence);
}

// prompt at once after Esc.
#[test]
fn a_prompt_in_the_moment_esc_is_believed() {
    let mut scene = Scene::open();
    scene.pass(1_000).file(ClientStatus::Idle).pass(240);
    let prompt = scene.call(None, Hook::Prompted { text: "more".into(), synthetic: false });
    scene.pass(20).take(Input::Hook(prompt)).pass(1_000);
    assert_eq!(scene.state(), State::Working, "{:?}", scene.session().evidence);
}

// a status file from the future.
#[test]
fn a_file_from_the_future() {
    let mut scene = Scene::empty();
    let mut client = scene.client(ClientStatus::Busy);
    client.updated = scene.now.plus(3_600_000);
    scene.take(Input::Client(client)).pass(1_000).hook(stop(0));
    assert_eq!(scene.state(), State::Done, "{:?}", scene.session().evidence);
}

// a transcript from the future.
#[test]
fn a_transcript_from_the_future() {
    let mut scene = Scene::open();
    let tells = Transcript { at: scene.now.plus(3_600_000), tokens: Some(1), ..Transcript::default() };
    scene.reads(tells);
    scene.pass(1_000).file(ClientStatus::Idle).pass(1_000);
    assert_eq!(scene.state(), State::Idle, "{:?}", scene.session().evidence);
}

// /clear, the file says the new id before SessionStart.
#[test]
fn clear_with_the_file_first() {
    let mut scene = Scene::open();
    let at = scene.now;
    let old = Transcript { at, title: Some("old".into()), tokens: Some(5), ..Transcript::default() };
    scene.pass(100).reads(old.clone());
    assert_eq!(scene.session().tokens, Some(5));
    scene.pass(1_000).hook(stop(0)).pass(1_000).hook(Hook::SessionEnded { reason: "clear".into() });
    let mut client = scene.client(ClientStatus::Idle);
    client.session_id = "new".into();
    scene.pass(5).take(Input::Client(client));
    assert!(scene.last.effects.iter().any(|e| matches!(e, Effect::Unfollow(..))), "{:?}", scene.last.effects);
    // It had been read just before, once more.
    scene.reads(old.clone()).pass(5);
    let mut start = scene.call(None, Hook::SessionStarted { source: "clear".into(), model: None, title: None });
    start.session_id = "new".into();
    start.transcript = Some("/c/projects/p/new.jsonl".into());
    scene.take(Input::Hook(start)).reads(old).pass(100);
    let mut prompt = scene.call(None, Hook::Prompted { text: "<task-notification>".into(), synthetic: true });
    prompt.session_id = "new".into();
    prompt.transcript = Some("/c/projects/p/new.jsonl".into());
    scene.take(Input::Hook(prompt));
    let session = scene.session();
    assert_eq!((session.prompt, session.message, session.title, session.tokens), (None, None, None, None));
    assert!(scene.last.effects.iter().any(|e| matches!(e, Effect::Follow(..))), "followed until it told something");
}

// a row whose process only the status file knows.
#[test]
fn a_process_learnt_from_the_file_is_watched() {
    let mut scene = Scene::empty();
    let mut call = scene.call(None, stop(0));
    call.origin.process = None;
    scene.take(Input::Hook(call)).pass(100).file(ClientStatus::Idle);
    assert!(scene.last.effects.contains(&Effect::Watch(PROCESS)), "{:?}", scene.last.effects);
}

// a dialog of the file, an agent's hook in between.
#[test]
fn a_dialog_is_met_though_agents_work() {
    let mut scene = Scene::open();
    scene.pass(1_000).file(ClientStatus::Waiting).pass(100).agent("a", tool("t", true)).pass(5_000);
    assert_eq!(scene.state(), State::AwaitingPermission, "{:?}", scene.session().evidence);
}

// dialog answered; the file's word arrives after a later hook.
#[test]
fn a_dialog_of_the_file_ends_though_a_hook_was_faster() {
    let mut scene = Scene::open();
    scene.pass(1_000).file(ClientStatus::Waiting).pass(5_000);
    let busy = scene.client(ClientStatus::Busy);
    scene.pass(40).hook(tool("t", false)).pass(5).take(Input::Client(busy)).pass(60_000);
    assert_eq!(scene.state(), State::Working, "{:?}", scene.session().evidence);
}

// a late hook of the conversation before /clear.
#[test]
fn a_late_hook_does_not_bring_the_old_conversation_back() {
    let mut scene = Scene::open();
    scene.pass(1_000);
    let late = scene.call(None, tool("t", false));
    scene.pass(10).hook(Hook::SessionEnded { reason: "clear".into() });
    let mut start = scene.call(None, Hook::SessionStarted { source: "clear".into(), model: None, title: None });
    start.session_id = "new".into();
    scene.pass(10).take(Input::Hook(start)).take(Input::Hook(late));
    assert_eq!(scene.session().session_id, "new");
}

// since.
#[test]
fn working_since_the_answer() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "a");
    scene.pass(300_000);
    scene.decide(&id, allow());
    assert_eq!(scene.session().since, scene.now);
}

// a spooled SessionEnd/duplicate hooks: StopFailure of an agent.
#[test]
fn an_agents_failure_is_not_the_sessions() {
    let mut scene = Scene::open();
    scene.agent("a", Hook::Failed { error: "500".into() });
    assert_eq!(scene.state(), State::Working, "{:?}", scene.session().evidence);
}

#[test]
fn after_clear_the_new_transcript_is_followed() {
    let mut scene = Scene::open();
    let at = scene.now;
    scene.pass(100).reads(Transcript { at, tokens: Some(5), ..Transcript::default() });
    scene.pass(1_000).hook(Hook::SessionEnded { reason: "clear".into() });
    let mut client = scene.client(ClientStatus::Idle);
    client.session_id = "new".into();
    scene.pass(5).take(Input::Client(client)).pass(5);
    let path = Some("/c/projects/p/new.jsonl".to_owned());
    // The file is not there yet: this Follow finds nothing.
    let mut start = scene.call(None, Hook::SessionStarted { source: "clear".into(), model: None, title: None });
    (start.session_id, start.transcript) = ("new".into(), path.clone());
    scene.take(Input::Hook(start)).pass(100);
    assert!(scene.last.effects.iter().any(|e| matches!(e, Effect::Follow(..))));
    let mut call = scene.call(None, Hook::Prompted { text: "go".into(), synthetic: false });
    (call.session_id, call.transcript) = ("new".into(), path);
    scene.take(Input::Hook(call));
    assert!(scene.last.effects.iter().any(|e| matches!(e, Effect::Follow(..))), "until it told something");
}

// Stop dropped by a row from before a restart with a forgotten stranger that asks.
#[test]
fn a_stranger_that_asks_is_not_forgotten() {
    let mut core = Core::new(Limits::default());
    for number in 0..150_u64 {
        let mut call = Scene::empty().call(None, stop(0));
        (call.origin.process, call.session_id, call.at) = (None, format!("s{number}"), Time(1_000 + number));
        call.id = format!("{number:032x}");
        if number == 0 {
            let ask = Ask {
                tool: "Bash".into(),
                input: Arc::new(json!({})),
                suggestions: Arc::new(json!([])),
                shown: "h".into(),
                hold_ms: 0,
            };
            call.what = Hook::Asked(ask);
            core.apply(Time(1_000), Input::Request(call));
        } else {
            core.apply(Time(1_000 + number), Input::Hook(call));
        }
    }
    let board = core.board();
    for a in board.pending() {
        assert_ne!(board.sessions[&a.session].state, State::Ended, "asks, and shown as ended");
    }
}

// the hook of a tool's start runs beside the session: it may be heard of late.
#[test]
fn a_start_heard_after_its_request_belongs_to_it() {
    let mut scene = Scene::open();
    let started = scene.call(None, tool("c1", true));
    scene.pass(3);
    let id = scene.requests(None, "make");
    scene.pass(2).take(Input::Hook(started));
    assert_eq!(scene.core.board().approvals[&id].call.as_deref(), Some("c1"));
    scene.pass(5).hook(tool("another", false));
    assert!(scene.core.board().approvals[&id].is_pending(), "the same command, another call");
    scene.pass(5).hook(tool("c1", false));
    assert!(!scene.core.board().approvals[&id].is_pending());
}

#[test]
fn a_start_heard_after_its_end_leaves_nothing_open() {
    let mut scene = Scene::open();
    let started = scene.call(None, tool("c1", true));
    scene.pass(3).hook(tool("c1", false)).pass(2).take(Input::Hook(started));
    let session = scene.core.board().sessions.values().next().expect("a session");
    assert_eq!((session.activity.as_deref(), session.tools), (None, 1));
}
