//! What the buttons of notifications do. No press is lost, and none decides what its notification did not say.

use std::fs;
use std::process::Child;

use serde_json::{Value, json};

use super::desk::Signal::{Closed, Leave, Pressed};
use super::desk::{Desk, Server, Shown};
use super::{ask, deny, place};
use crate::support::{PATIENCE, wait_until};
use crate::{Place, request};

const ALL: &[&str] = &["actions", "body", "body-markup"];
const APPROVABLE: [&str; 8] = ["allow", "Approve", "deny", "Deny", "default", "Open", "open", "Open"];

/// What the hook told Claude.
fn heard(hook: Child) -> Value {
    let ended = hook.wait_with_output().expect("the hook ends");
    let answer: Value = serde_json::from_slice(&ended.stdout).unwrap_or_else(|_| panic!("no decision: {ended:?}"));
    answer["hookSpecificOutput"]["decision"]["behavior"].clone()
}

/// The number of the notification that speaks of this.
fn number(seen: &[Shown], body: &str) -> u32 {
    let at = seen.iter().position(|shown| shown.body == body).unwrap_or_else(|| panic!("no {body}: {seen:#?}"));
    u32::try_from(at + 1).expect("a few")
}

fn decided_by(place: &Place) -> Vec<Value> {
    let all = place.ccmon.get("/approvals?state=all").expect("an answer");
    all["approvals"].as_array().expect("a list").iter().map(|approval| approval["by"].clone()).collect()
}

/// A request is pressed on: nothing pressed before it is still on its way.
fn is_pending(place: &Place, server: &Server, command: &str) {
    let last = ask(place, "last", "echo last");
    let body = || server.seen().iter().any(|shown| shown.body == "Bash: echo last").then_some(());
    wait_until(PATIENCE, body, || format!("{:#?}", server.seen()));
    server.press(number(&server.seen(), "Bash: echo last"), "deny");
    assert_eq!(heard(last), "deny");
    assert!(place.ccmon.pending().iter().any(|asked| asked["input"]["command"] == command), "{command} is decided");
}

#[test]
fn twenty_that_are_raised_together_are_all_answered() {
    let desk = Desk::open();
    let server = desk.server(ALL);
    let place = place(&desk, "");
    let hooks: Vec<_> = (0..20).map(|number| ask(&place, &format!("s{number}"), &format!("echo {number}"))).collect();
    let seen = server.wait_for(20, 0);
    assert!(seen.iter().all(|shown| shown.actions == APPROVABLE), "{seen:#?}");
    let key = |number: u32| if number.is_multiple_of(2) { "allow" } else { "deny" };
    let numbers: Vec<_> = (0..20).map(|n| (n, number(&seen, &format!("Bash: echo {n}")))).collect();
    server.say(numbers.iter().flat_map(|(n, at)| [Pressed(*at, key(*n)), Closed(*at)]).collect());
    for (n, hook) in (0..20).zip(hooks) {
        assert_eq!(heard(hook), key(n), "{n}");
    }
    assert_eq!(decided_by(&place), vec![json!("notification"); 20]);
}

#[test]
fn a_press_that_comes_before_the_server_has_answered_counts() {
    let desk = Desk::open();
    let _server = desk.hasty(ALL, Some("allow"));
    let place = place(&desk, "");
    let hooks: Vec<_> = (0..12).map(|number| ask(&place, "one", &format!("echo {number}"))).collect();
    for hook in hooks {
        assert_eq!(heard(hook), "allow");
    }
}

#[test]
fn another_server_gives_the_same_numbers_to_others() {
    let desk = Desk::open();
    let first = desk.server(ALL);
    let place = place(&desk, "");
    let one = ask(&place, "one", "echo one");
    first.wait_for(1, 0);
    first.say(vec![Closed(1)]);
    first.end();
    let second = desk.server(ALL);
    let two = ask(&place, "two", "echo two");
    assert_eq!(second.wait_for(1, 0)[0].body, "Bash: echo two");
    second.press(1, "allow");
    assert_eq!(heard(two), "allow");
    is_pending(&place, &second, "echo one");
    deny(&place, one, "echo one");
}

#[test]
fn nobody_but_the_server_that_shows_it_presses() {
    let desk = Desk::open();
    let (server, forger) = (desk.server(ALL), desk.forger());
    let place = place(&desk, "");
    let hook = ask(&place, "one", "echo one");
    server.wait_for(1, 0);
    forger.press(1, "allow");
    server.say(vec![Pressed(7, "allow"), Pressed(1, "Approve"), Pressed(1, "")]);
    is_pending(&place, &server, "echo one");
    server.press(1, "deny");
    assert_eq!(heard(hook), "deny");
}

#[test]
fn the_first_press_decides_and_none_after_it_is_settled() {
    let desk = Desk::open();
    let server = desk.server(ALL);
    let place = place(&desk, "");
    let (one, two) = (ask(&place, "one", "echo one"), ask(&place, "two", "echo two"));
    let seen = server.wait_for(2, 0);
    let (first, second) = (number(&seen, "Bash: echo one"), number(&seen, "Bash: echo two"));
    // A double click, of which the server closes the notification before it says so.
    server.say(vec![Closed(first), Pressed(first, "deny"), Pressed(first, "allow")]);
    assert_eq!(heard(one), "deny");
    deny(&place, two, "echo two");
    assert!(server.wait_for(2, 1)[second as usize - 1].closed, "taken back, since it was answered elsewhere");
    server.press(second, "allow");
    let three = ask(&place, "three", "echo three");
    server.wait_for(3, 1);
    is_pending(&place, &server, "echo three");
    assert_eq!(decided_by(&place).iter().filter(|by| **by == "cli").count(), 1);
    deny(&place, three, "echo three");
}

#[test]
fn what_is_dangerous_or_cannot_be_read_whole_is_not_approved_there() {
    let desk = Desk::open();
    let server = desk.server(ALL);
    let place = place(&desk, "");
    let long = format!("echo {}", "x".repeat(400));
    for (at, command) in (1..).zip(["rm -rf ~", &long, "echo one\ntouch two", "echo \u{202e}a"]) {
        let hook = ask(&place, "one", command);
        let shown = server.wait_for_shown(at).remove(at - 1);
        assert_eq!(shown.actions, APPROVABLE[2..], "{shown:#?}");
        let at = u32::try_from(at).expect("a few");
        server.say(vec![Pressed(at, "allow"), Pressed(at, "deny"), Closed(at)]);
        assert_eq!(heard(hook), "deny", "{command}");
    }
}

#[test]
fn questions_are_only_opened_and_opening_decides_nothing() {
    let desk = Desk::open();
    let server = desk.server(ALL);
    let place = place(&desk, "");
    let question = json!({ "session_id": "one", "cwd": "/p", "hook_event_name": "PermissionRequest",
        "tool_name": "AskUserQuestion", "tool_input": { "questions": [{ "question": "Which?", "options": [] }] } });
    let hook = place.hook(&["--wait"], &question.to_string());
    let shown = server.wait_for(1, 0).remove(0);
    assert_eq!((&*shown.body, &shown.actions[..]), ("Which?", &APPROVABLE.map(str::to_owned)[4..]));
    server.say(vec![Leave(1, "leave"), Pressed(1, "default"), Pressed(1, "allow"), Pressed(1, "deny"), Closed(1)]);
    let permission = ask(&place, "two", "echo two");
    server.wait_for(2, 0);
    server.say(vec![Pressed(2, "open"), Pressed(2, "default")]);
    is_pending(&place, &server, "echo two");
    assert_eq!(place.ccmon.pending().len(), 2);
    deny(&place, permission, "echo two");
    let asked = place.ccmon.pending().remove(0);
    place.ccmon.decide(&asked, json!({ "decision": "deny" }));
    assert_eq!(heard(hook), "deny");
}

#[test]
fn a_server_without_buttons_or_bodies_offers_none() {
    for (abilities, offered) in [(&["body"][..], 0), (&["actions"][..], 6)] {
        let desk = Desk::open();
        let server = desk.server(abilities);
        let place = place(&desk, "");
        let hook = ask(&place, "one", "echo one");
        assert_eq!(server.wait_for(1, 0)[0].actions.len(), offered, "{abilities:?}");
        // What was never there is not pressed.
        server.say(vec![Pressed(1, "allow")]);
        is_still_asked(&place);
        deny(&place, hook, "echo one");
    }
}

fn is_still_asked(place: &Place) {
    let other = place.hook(&["--wait"], &request("other", "touch other"));
    place.ccmon.wait_for_pending(2);
    deny(place, other, "touch other");
    assert_eq!(place.ccmon.pending().len(), 1);
}

#[test]
fn where_decisions_may_come_from_is_the_users_to_say() {
    let desk = Desk::open();
    let server = desk.server(ALL);
    let place = place(&desk, "[approvals]\ndecide_from = [\"notification\"]\n");
    let hook = ask(&place, "one", "echo one");
    assert_eq!(server.wait_for(1, 0)[0].actions, APPROVABLE);
    let asked = place.ccmon.wait_for_pending(1).remove(0);
    let path = format!("/approvals/{}/decision", asked["id"].as_str().expect("an id"));
    let (status, problem) = place.ccmon.ask("POST", &path, &json!({ "shown": asked["shown"], "decision": "allow" }));
    let why = "decisions come from a notification only: `approvals.decide_from` says so";
    assert_eq!((status, &problem["detail"]), (403, &json!(why)), "{problem}");
    // The attempt is on record.
    place.ccmon.wait_for_event("ccmon.refused");
    server.press(1, "allow");
    assert_eq!(heard(hook), "allow");

    let config = place.directory.path().join("config/config.toml");
    fs::write(config, "[approvals]\ndecide_from = [\"cli\"]\n").expect("a writable directory");
    let settled = || (place.ccmon.get("/settings")?["values"]["approvals"]["decide_from"][0] == "cli").then_some(());
    wait_until(PATIENCE, settled, || "the new settings never counted".into());
    let hook = ask(&place, "one", "echo two");
    assert_eq!(server.wait_for_shown(2)[1].actions, APPROVABLE[4..]);
    deny(&place, hook, "echo two");
}
