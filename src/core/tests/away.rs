//! Sessions of other machines: the same numbers, and nothing here that they say.

use super::scene::{PROCESS, Scene};
use crate::core::*;

const SSH: ProcessId = ProcessId { pid: 4_711, start: 8 };

fn away(id: &str, relay: Option<ProcessId>) -> Option<Away> {
    Some(Away { id: id.into(), through: "ssh".into(), relay })
}

/// A session of machine `id`, heard through [`SSH`], has been sent a prompt.
fn prompt(scene: &mut Scene, id: &str) -> SessionKey {
    prompt_through(scene, id, SSH)
}

fn prompt_through(scene: &mut Scene, id: &str, relay: ProcessId) -> SessionKey {
    let mut call = scene.call(None, Hook::Prompted { text: "go".into(), synthetic: false });
    (call.origin.process, call.origin.away, call.origin.host) = (None, away(id, Some(relay)), Some("box".into()));
    (call.cwd, call.transcript) = ("/home/me/shop".into(), Some("/home/me/.claude/projects/p/s.jsonl".into()));
    let key = scene.core.board().key_of(&call);
    scene.take(Input::Hook(call));
    key
}

#[test]
fn the_same_conversation_elsewhere_is_another_session() {
    let mut scene = Scene::open();
    let (one, two) = (prompt(&mut scene, "42-7-aaaa"), prompt(&mut scene, "42-7-bbbb"));
    let again = prompt(&mut scene, "42-7-aaaa");
    assert_eq!((one.0.as_ref(), two.0.as_ref(), &again), ("42-7-aaaa", "42-7-bbbb", &one));
    assert_eq!(scene.core.board().sessions.len(), 3);
    scene.take(Input::ProcessGone(PROCESS));
    let ended = scene.core.board().sessions.values().filter(|s| s.state == State::Ended).count();
    assert_eq!(ended, 1, "the one that lived here");
    let stranger = scene.core.board().key_for(None, &scene.core.board().sessions[&one].session_id);
    assert!(stranger != one && stranger != two, "nor does one of here take its place");
}

#[test]
fn nothing_of_it_is_looked_for_here() {
    let mut scene = Scene::empty();
    let key = prompt(&mut scene, "42-7-aaaa");
    assert_eq!(scene.last.effects, [Effect::Watch(SSH)]);
    let session = &scene.core.board().sessions[&key];
    assert_eq!((session.project.as_str(), session.process), ("box:shop", None));
    assert_eq!(session.evidence.text, "UserPromptSubmit (on box, heard through ssh)");
    let now = scene.now;
    assert_eq!(scene.core.resume(now), [Effect::Watch(SSH)]);
}

#[test]
fn a_connection_that_ends_loses_its_sessions_and_ends_none() {
    let mut scene = Scene::open();
    let key = prompt(&mut scene, "42-7-aaaa");
    let mut request = scene.request(None, "touch foo");
    (request.origin.process, request.origin.away) = (None, away("42-7-aaaa", Some(SSH)));
    let id = ApprovalId(request.id.as_str().into());
    scene.take(Input::Request(request)).take(Input::ProcessGone(SSH));
    let board = scene.core.board();
    let outcome = board.approvals[&id].settled.as_ref().map(|settled| settled.outcome);
    assert_eq!(outcome, Some(Outcome::Released), "the terminal over there still asks");
    let lost = &board.sessions[&key];
    assert_eq!((lost.state, lost.needs_you), (State::Lost, false));
    assert_ne!(board.sessions[&SessionKey::of_process(PROCESS)].state, State::Lost);
    scene.pass(1_000);
    prompt(&mut scene, "42-7-aaaa");
    assert_eq!(scene.core.board().sessions[&key].state, State::Working, "heard again");
}

/// Each connection may bring so many; those that are lost count together, however many connections they came through.
#[test]
fn the_oldest_of_too_many_are_forgotten_for_each_connection() {
    let mut scene = Scene::empty();
    let living = |scene: &Scene| scene.core.board().sessions.values().filter(|s| s.state != State::Ended).count();
    let other = ProcessId { pid: 4_712, start: 8 };
    for number in 0..60 {
        prompt_through(&mut scene, &format!("{number}-7-aaaa"), SSH);
        prompt_through(&mut scene, &format!("{number}-7-bbbb"), other);
    }
    scene.take(Input::Tick);
    assert_eq!(living(&scene), 120, "a hundred through each");
    for number in 60..150 {
        scene.pass(1);
        prompt_through(&mut scene, &format!("{number}-7-aaaa"), SSH);
    }
    scene.take(Input::Tick);
    assert_eq!(living(&scene), 160);
    scene.take(Input::ProcessGone(SSH)).take(Input::ProcessGone(other));
    scene.take(Input::Tick);
    assert_eq!(living(&scene), 100, "nobody is left who would tell of their end");
}
