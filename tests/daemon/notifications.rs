//! What is said on the desktop: once, in plain words, and no longer than it is true.

#[path = "notifications/desk.rs"]
pub mod desk;
#[path = "notifications/pressed.rs"]
mod pressed;

use std::fs;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::{Place, prompt, request};
use desk::{Desk, Shown};

/// A place whose daemon is told of this desktop, with these settings.
pub fn place(desk: &Desk, settings: &str) -> Place {
    let mut place = Place::new();
    place.ccmon.set("DBUS_SESSION_BUS_ADDRESS", &desk.address);
    place.write_settings(settings);
    place.ccmon.start();
    place
}

pub fn ask(place: &Place, session: &str, command: &str) -> Child {
    place.hook(&["--wait"], &request(session, command))
}

pub fn deny(place: &Place, hook: Child, command: &str) {
    let pending = place.ccmon.pending();
    let asked = pending.iter().find(|asked| asked["input"]["command"] == command).expect("it waits");
    place.ccmon.decide(asked, json!({ "decision": "deny" }));
    assert!(hook.wait_with_output().expect("the hook ends").status.success());
}

fn signal(place: &Place, signal: Signal) {
    let pid = i32::try_from(place.ccmon.pid()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, signal).expect("a process of ours");
}

#[test]
fn a_request_is_said_as_the_settings_say_and_taken_back_when_it_is_answered() {
    let desk = Desk::open();
    let server = desk.server(&["actions", "body", "body-markup"]);
    let settings = "[notifications.approval]\nurgency = \"critical\"\nsound = \"message-new-instant\"\n";
    let place = place(&desk, settings);
    let hook = ask(&place, "one", "echo '<b>&' \u{202e}x");
    let shown = server.wait_for(1, 0).remove(0);
    assert_eq!((&*shown.app, &*shown.summary), ("ccmon", "p asks for permission"));
    assert!(shown.body.starts_with("Bash: echo '&lt;b&gt;&amp;' \\u{202e}x"), "{shown:?}");
    assert_eq!((shown.urgency, shown.sound.as_deref()), (2, Some("message-new-instant")));
    // Claude's own word for the same is no second one: the next that is said is the next request.
    place.event(
        &json!({ "session_id": "one", "cwd": "/p", "hook_event_name": "Notification",
                 "notification_type": "permission_prompt", "message": "Claude needs your permission" })
        .to_string(),
    );
    let second = ask(&place, "two", "ls");
    assert_eq!(server.wait_for(2, 0)[1].body, "Bash: ls");
    deny(&place, hook, "echo '<b>&' \u{202e}x");
    assert!(server.wait_for(2, 1)[0].closed);
    deny(&place, second, "ls");
    server.wait_for(2, 2);
}

#[test]
fn a_server_without_markup_is_sent_plain_text() {
    let desk = Desk::open();
    let server = desk.server(&["body"]);
    let place = place(&desk, "");
    let hook = ask(&place, "one", "a && b");
    assert_eq!(server.wait_for(1, 0)[0].body, "Bash: a && b");
    deny(&place, hook, "a && b");
}

#[test]
fn a_hundred_at_once_are_not_a_hundred_notifications() {
    let desk = Desk::open();
    let server = desk.server(&["body"]);
    let place = place(&desk, "");
    // The daemon hears of all of them in one moment, however long it takes this machine to start them.
    signal(&place, Signal::STOP);
    let hooks: Vec<_> = (0..100).map(|number| ask(&place, "one", &format!("echo {number}"))).collect();
    signal(&place, Signal::CONT);
    place.ccmon.wait_for_pending(100);
    let is_told = |shown: &Shown| shown.summary.ends_with("requests wait for you");
    let told = || Some(server.seen()).filter(|seen| seen.iter().any(is_told));
    crate::support::wait_until(crate::support::PATIENCE, told, || format!("{:#?}", server.seen()));
    for (number, hook) in hooks.into_iter().enumerate() {
        deny(&place, hook, &format!("echo {number}"));
    }
    // What has come after them is said after them.
    let last = ask(&place, "one", "last");
    let is_last = || server.seen().last().is_some_and(|shown| shown.body == "Bash: last").then(|| server.seen());
    let seen = crate::support::wait_until(crate::support::PATIENCE, is_last, || format!("{:#?}", server.seen()));
    assert!(server.calls() < 40 && seen.len() <= server.calls(), "{seen:#?}");
    assert!(seen[..seen.len() - 1].iter().all(|shown| shown.closed), "{seen:#?}");
    deny(&place, last, "last");
}

#[test]
fn a_daemon_that_comes_back_says_what_waits_at_most_once_more() {
    let desk = Desk::open();
    let server = desk.server(&["body"]);
    let mut place = place(&desk, "[notifications.finished]\non = true\n");
    place.event(&prompt("two", 1));
    place.event(&json!({ "session_id": "two", "cwd": "/p", "hook_event_name": "Stop" }).to_string());
    server.wait_for(1, 0);
    let hooks = ["a", "b"].map(|command| (ask(&place, "one", command), command));
    server.wait_for(3, 0);
    place.ccmon.kill();
    place.ccmon.start();
    let again = server.wait_for(4, 0).remove(3);
    assert_eq!((&*again.summary, &*again.body), ("2 requests wait for you", "p: 2"));
    for (hook, command) in hooks {
        deny(&place, hook, command);
    }
    server.wait_for(4, 1);
}

#[test]
fn what_still_waits_is_shown_once_to_the_server_that_comes_after_another() {
    let desk = Desk::open();
    let place = place(&desk, "");
    // Nobody shows it yet.
    let early = ask(&place, "one", "early");
    place.ccmon.wait_for_pending(1);
    let log = || fs::read_to_string(place.directory.path().join("state/daemon.log")).unwrap_or_default();
    let unheard = || log().contains("no notifications").then_some(());
    crate::support::wait_until(crate::support::PATIENCE, unheard, log);
    let first = desk.server(&["actions", "body"]);
    assert_eq!(first.wait_for(1, 0)[0].body, "Bash: early");
    let [closed, settled, waits] = ["closed", "settled", "waits"].map(|command| {
        let (hook, before) = (ask(&place, "one", command), first.seen().len());
        first.wait_for(before + 1, 0);
        hook
    });
    first.say(vec![desk::Signal::Closed(1), desk::Signal::Closed(2)]);
    first.end();
    deny(&place, settled, "settled");
    let second = desk.server(&["actions", "body"]);
    assert_eq!(second.wait_for(1, 0)[0].body, "Bash: waits");
    // What was the fourth there is nothing here: only its new number counts.
    second.say(vec![desk::Signal::Pressed(4, "deny")]);
    second.press(1, "allow");
    let answer = waits.wait_with_output().expect("the hook ends").stdout;
    assert!(String::from_utf8_lossy(&answer).contains("allow"), "{answer:?}");
    deny(&place, closed, "closed");
    deny(&place, early, "early");
    let last = ask(&place, "one", "last");
    assert_eq!(second.wait_for(2, 0)[1].body, "Bash: last", "nothing else was said or taken away");
    deny(&place, last, "last");
    assert_eq!(second.calls(), 2);
}

#[test]
fn a_test_tells_who_shows_notifications_and_what_to_do_when_nobody_does() {
    let desk = Desk::open();
    let mut place = place(&desk, "[quiet]\non = true\nfrom = \"00:00\"\nto = \"23:59\"\n");
    let test = |place: &Place| place.ccmon.ask("POST", "/notifications/test", &json!({ "channel": "failed" }));
    let (status, problem) = test(&place);
    assert_eq!(status, 503, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("install")), "{problem}");
    let server = desk.server(&["actions", "body"]);
    let (status, tested) = test(&place);
    assert_eq!((status, &tested["server"], &tested["version"]), (200, &json!("fake"), &json!("7.1")), "{tested}");
    assert!(tested["actions"] == true && tested["took_ms"].is_u64(), "{tested}");
    assert_eq!(test(&place).0, 200);
    server.wait_for(2, 1);
    let (status, problem) = place.ccmon.ask("POST", "/notifications/test", &json!({ "channel": "all" }));
    assert_eq!(status, 422, "{problem}");

    place.ccmon.kill();
    place.ccmon.set("CCMON_NO_NOTIFY", "1");
    place.ccmon.start();
    let (status, problem) = test(&place);
    assert_eq!(status, 409, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("CCMON_NO_NOTIFY")), "{problem}");
    server.wait_for(2, 1);
}
