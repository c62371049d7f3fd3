//! What a session's row says, and why: states, marks and silence.

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

#[test]
fn done_becomes_idle_when_seen() {
    let mut scene = Scene::open();
    scene.pass(1_000).hook(stop(0));
    assert_eq!((scene.state(), scene.session().needs_you), (State::Done, true));
    scene.pass(500).mark(Mark::Seen("jumped to".into()));
    let session = scene.session();
    assert_eq!((session.state, session.needs_you), (State::Idle, false));
    assert_eq!(session.evidence.text, "Stop, then seen: jumped to");
    scene.mark(Mark::Seen("again".into()));
    assert!(scene.last.events.is_empty(), "an idle session is not seen once more");
}

#[test]
fn a_failure_that_was_seen_is_still_a_failure() {
    let mut scene = Scene::open();
    scene.hook(Hook::Failed { error: "500".into() }).mark(Mark::Seen("jumped to".into()));
    assert_eq!((scene.state(), scene.session().needs_you), (State::Failed, false));
    scene.pass(10).hook(Hook::Prompted { text: "again".into(), synthetic: false });
    scene.pass(10).hook(Hook::Failed { error: "500".into() });
    assert!(scene.session().needs_you, "another failure needs another look");
}

#[test]
fn nobody_is_nagged_about_what_nobody_sits_at() {
    let mut scene = Scene::open();
    let client = Client { headless: true, ..scene.client(ClientStatus::Busy) };
    scene.take(Input::Client(client)).hook(stop(0));
    assert_eq!((scene.state(), scene.session().needs_you), (State::Done, false));
    let mut scene = Scene::open();
    let client = Client { background: true, ..scene.client(ClientStatus::Busy) };
    scene.take(Input::Client(client));
    scene.asks(None, "touch foo");
    assert!(scene.session().needs_you, "who asks needs somebody all the same");
}

#[test]
fn dismissed_is_hidden_until_it_needs_you_again() {
    let mut scene = Scene::open();
    scene.hook(stop(0)).mark(Mark::Dismiss(true));
    assert!(!scene.session().needs_you);
    scene.pass(10).hook(Hook::Prompted { text: "more".into(), synthetic: false });
    assert!(scene.session().dismissed);
    scene.pass(10).hook(stop(0));
    assert_eq!((scene.session().dismissed, scene.session().needs_you), (false, true));
}

#[test]
fn silence_is_stuck_only_when_asked_for_and_unexplained() {
    let mut scene = Scene::open();
    scene.pass(3_600_000);
    assert_eq!(scene.state(), State::Working, "age alone says nothing");

    let mut scene = Scene::open_with(Limits { stuck_ms: Some(60_000), ..Limits::default() });
    scene.hook(tool("a", true)).pass(3_600_000);
    assert_eq!(scene.state(), State::Working, "a tool under way says why it takes long");
    scene.hook(tool("a", false)).pass(60_000);
    assert_eq!(scene.state(), State::Stuck);
    assert!(scene.session().needs_you && scene.session().evidence.text.contains("PostToolUse Bash"));
    scene.hook(tool("b", true));
    assert_eq!(scene.state(), State::Working);
    scene.hook(tool("b", false)).pass(59_000).take(Input::ClockJumped { by_ms: 0 }).pass(500);
    scene.now = scene.now.plus(8 * 3_600_000);
    scene.take(Input::ClockJumped { by_ms: 8 * 3_600_000 }).take(Input::Tick);
    assert_eq!(scene.state(), State::Working, "a machine that slept was not silent");
}

#[test]
fn new_limits_count_from_then_on() {
    let mut scene = Scene::open();
    let expires = |scene: &Scene, id: &ApprovalId| scene.core.board().approvals[id].expires;
    let first = scene.asks(None, "touch foo");
    let until = expires(&scene, &first);
    let limits = Limits { hold_ms: 60_000, stuck_ms: Some(30_000), ..Limits::default() };
    scene.pass(1_000).take(Input::Limit(limits.clone()));
    assert_eq!(expires(&scene, &first), until, "who waits waits as long as was said");
    let second = scene.asks(None, "touch bar");
    assert_eq!(expires(&scene, &second), scene.now.plus(60_000));

    let mut scene = Scene::open();
    scene.hook(tool("a", true)).hook(tool("a", false)).pass(29_000).take(Input::Limit(limits)).pass(1_000);
    assert_eq!(scene.state(), State::Stuck, "silence that came before counts too");
}

#[test]
fn a_dialog_that_no_hook_told_of_is_believed_after_a_moment() {
    let mut scene = Scene::open();
    scene.pass(2_000).file(ClientStatus::Waiting).pass(100);
    assert_eq!(scene.state(), State::Working);
    scene.pass(200);
    assert_eq!(scene.state(), State::AwaitingPermission);
    assert_eq!(scene.session().evidence.text, "its status file says: permission prompt");
    scene.pass(1_000).file(ClientStatus::Busy).pass(300);
    assert_eq!(scene.state(), State::Working);

    scene.pass(1_000).file(ClientStatus::Waiting).pass(40);
    let id = scene.asks(None, "touch foo");
    scene.pass(1_000);
    assert!(scene.session().evidence.text.starts_with("PermissionRequest"), "the request tells more");
    scene.decide(&id, allow());
    assert_eq!(scene.state(), State::Working, "and its answer is believed before the file says so");
}

#[test]
fn background_agents_work_on_and_shells_do_not_count() {
    let mut scene = Scene::open();
    scene.hook(stop(1)).pass(1_000);
    assert_eq!((scene.state(), scene.session().needs_you), (State::Working, false));
    assert_eq!(scene.session().evidence.text, "Stop, 1 agent goes on in the background");
    scene.agent("a", tool("t", true)).agent("a", tool("t", false)).agent("a", Hook::AgentStopped);
    // The file flickers when an agent ends (2.1.329: 2 to 10 ms).
    scene.file(ClientStatus::Idle).pass(8).file(ClientStatus::Busy).pass(1_000);
    assert_eq!(scene.state(), State::Working);
    scene.hook(Hook::Prompted { text: "<task-notification>".into(), synthetic: true }).pass(100).hook(stop(0));
    scene.pass(40).file(ClientStatus::Shell).pass(1_000);
    assert_eq!(scene.state(), State::Done, "a shell in the background is not Claude at work");
}

#[test]
fn agents_that_vanish_leave_a_last_word_to_read() {
    let mut scene = Scene::open();
    scene.hook(stop(2)).pass(1_000).file(ClientStatus::Idle).pass(300);
    assert_eq!(scene.state(), State::Done);
    assert_eq!(scene.session().evidence.text, "its agents are gone: its status file says idle");
}

#[test]
fn a_question_left_to_the_terminal_outlives_the_work_of_agents() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    scene.decide(&id, Answer::Release);
    scene.pass(100).agent("a", tool("t", true)).agent("a", tool("t", false));
    assert_eq!(
        (scene.state(), scene.session().evidence.text.as_str()),
        (State::AwaitingPermission, "the terminal asks")
    );
    scene.pass(100).hook(tool("call touch foo", false));
    assert_eq!(scene.state(), State::Working);
}

#[test]
fn a_spooled_stop_does_not_undo_a_newer_prompt() {
    let mut scene = Scene::open();
    let late = scene.call(None, stop(0));
    scene.pass(1_000).hook(Hook::Prompted { text: "more".into(), synthetic: false });
    scene.take(Input::Hook(late));
    assert_eq!(scene.state(), State::Working);
}

#[test]
fn a_clock_that_was_set_back_does_not_stop_the_news() {
    let mut scene = Scene::open();
    scene.now = scene.now.shifted(-600_000);
    scene.take(Input::ClockJumped { by_ms: -600_000 }).pass(1_000).hook(stop(0));
    assert_eq!(scene.state(), State::Done);
}

#[test]
fn a_transcript_tells_of_interruptions_where_no_status_file_does() {
    let mut scene = Scene::open_without_files();
    let id = scene.asks(None, "touch foo");
    let told = |at: Time| Transcript { at, interrupted: Some(at), ..Transcript::default() };
    let before = scene.now;
    scene.pass(1_000).reads(told(before));
    assert_eq!(scene.outcome(&id), None, "an older interruption says nothing of this request");
    let now = scene.now;
    scene.reads(told(now));
    assert_eq!(scene.outcome(&id), Some(Outcome::AnsweredInTerminal));
    assert_eq!(
        (scene.state(), scene.session().evidence.text.as_str()),
        (State::Idle, "interrupted: its transcript says so")
    );
}

#[test]
fn a_session_from_before_the_hooks_is_as_its_status_file_says() {
    let mut scene = Scene::empty();
    scene.file(ClientStatus::Idle);
    assert_eq!((scene.state(), scene.session().evidence.text.as_str()), (State::Idle, "its status file says idle"));
    let mut scene = Scene::empty();
    scene.file(ClientStatus::Waiting).pass(300);
    assert_eq!(scene.state(), State::AwaitingPermission);
    let mut scene = Scene::empty();
    scene.file(ClientStatus::Busy);
    assert_eq!(scene.state(), State::Working);
}

#[test]
fn nobody_answers_a_hook_that_is_gone() {
    let mut scene = Scene::open();
    let id = scene.asks(None, "touch foo");
    scene.take(Input::HungUp(id.clone()));
    assert_eq!(scene.decide(&id, allow()), Some(Refusal::Gone));
}

#[test]
fn rows_without_a_process_do_not_pile_up() {
    let mut core = Core::new(Limits::default());
    for number in 0..250_u64 {
        let mut call = Scene::empty().call(None, stop(0));
        (call.origin.process, call.session_id, call.at) = (None, format!("s{number}"), Time(number));
        core.apply(Time(1_000 + number), Input::Hook(call));
    }
    let living = core.board().sessions.values().filter(|s| s.state != State::Ended).count();
    assert!((90..=110).contains(&living), "{living}");
    assert!(core.board().sessions.len() < 200);
}

/// Nothing is looked for where nothing can have come to be forgotten: that is never seen.
#[test]
fn what_is_over_is_forgotten_as_soon_as_if_it_were_always_looked_for() {
    let (mut core, mut busy) = (Core::new(Limits::default()), Core::new(Limits::default()));
    let (mut scene, mut spared) = (Scene::empty(), 0);
    for number in 0..2_000_u64 {
        // Rows of many kinds: known or not, that go on, end, die or ask, and some that come back.
        let (row, kind) = ((number * 37) % 301, number % 7);
        let process = ProcessId { pid: u32::try_from(row).unwrap(), start: 1 };
        let mut call = match kind {
            0 => scene.call(None, Hook::SessionEnded { reason: "other".into() }),
            1 | 3 => scene.request(None, "make"),
            _ => scene.call(None, stop(0)),
        };
        (call.session_id, call.at) = (format!("s{row}"), Time(number));
        call.origin.process = (row % 5 < 3).then_some(process);
        let input = match kind {
            1 | 3 => Input::Request(call),
            2 => Input::ProcessGone(process),
            _ => Input::Hook(call),
        };
        (spared, busy.tidy) = (spared + usize::from(core.tidy), false);
        let steps = [&mut core, &mut busy].map(|core| core.apply(Time(10_000 + number), input.clone()));
        assert!(steps[0] == steps[1] && core.board() == busy.board(), "{number}");
    }
    assert!(core.board().sessions.len() < 301 && spared > 300, "{spared}");
}

#[test]
fn the_order_of_need_is_pinned_then_state_then_the_longest_waiting() {
    let mut core = Core::new(Limits::default());
    let mut scene = Scene::empty();
    let mut say = |pid: u32, at: u64, what: Hook| {
        let mut call = scene.call(None, what);
        call.origin.process = Some(ProcessId { pid, start: 1 });
        (call.session_id, call.at) = (format!("s{pid}"), Time(at));
        core.apply(Time(at), Input::Hook(call));
    };
    say(1, 10, Hook::Prompted { text: "go".into(), synthetic: false });
    say(2, 30, stop(0));
    say(3, 20, stop(0));
    say(4, 40, Hook::Failed { error: "500".into() });
    say(5, 50, stop(0));
    core.apply(Time(60), Input::Mark(SessionKey::of_process(ProcessId { pid: 5, start: 1 }), Mark::Pin(true)));
    let order: Vec<u32> = core.board().by_need().iter().map(|s| s.process.unwrap().pid).collect();
    assert_eq!(order, [5, 4, 3, 2, 1]);
    assert_eq!(core.board().needing().len(), 4);
}

#[test]
fn only_what_has_ended_is_forgotten() {
    let mut scene = Scene::open();
    let key = SessionKey::of_process(PROCESS);
    scene.take(Input::Forget(key.clone()));
    assert_eq!(scene.last.refused, Some(Refusal::Lives));
    scene.hook(Hook::SessionEnded { reason: "other".into() }).take(Input::Forget(key.clone()));
    assert_eq!(scene.last.refused, None);
    assert!(scene.core.board().sessions.is_empty());
    // What is not on the Board may still be stored.
    scene.take(Input::Forget(key));
    assert_eq!(scene.last, Step::default());
}
