//! Being left alone for a while: known to everybody, kept over a restart, over by itself.

use std::path::Path;

use ccmon::daemon::clock;
use serde_json::{Value, json};

use crate::Place;
use crate::live::{next, until, watch};
use crate::notifications::desk::Desk;
use crate::notifications::{ask, deny, place};

const HOUR: u64 = 3_600_000;

fn set(place: &Place, until: Option<u64>) {
    let (status, set) = place.ccmon.ask("POST", "/quiet", &json!({ "until": until }));
    assert_eq!((status, &set["until"]), (200, &json!(until)), "{set}");
}

fn told(place: &Place) -> Value {
    place.ccmon.get("/healthz").expect("an answer")["quiet_until"].clone()
}

#[test]
fn it_is_known_and_kept_over_a_restart_and_what_waits_is_said_when_it_ends() {
    let desk = Desk::open();
    let server = desk.server(&["body"]);
    let mut place = place(&desk, "");
    let mut watcher = watch(&place);
    assert_eq!(next(&mut watcher)["quiet_until"], Value::Null);
    let then = clock::wall().0 + HOUR;
    set(&place, Some(then));
    assert_eq!(until(&mut watcher, "quiet").pop().expect("a frame")["until"], then);
    assert_eq!(told(&place), then);
    let hooks = ["a", "b"].map(|command| (ask(&place, "one", command), command));
    place.ccmon.wait_for_pending(2);
    place.ccmon.kill();
    place.ccmon.start();
    assert_eq!((told(&place), &next(&mut watch(&place))["quiet_until"]), (json!(then), &json!(then)));
    place.ccmon.wait_for_pending(2);
    // It ends by itself.
    set(&place, Some(clock::wall().0 + 6_000));
    assert_eq!(server.wait_for(1, 0)[0].summary, "2 requests wait for you");
    assert_eq!(told(&place), Value::Null);
    for (hook, command) in hooks {
        deny(&place, hook, command);
    }
    server.wait_for(1, 1);
}

#[test]
fn only_a_time_to_come_is_taken_and_not_from_inside_a_session() {
    let place = Place::with_daemon();
    let now = clock::wall().0;
    for body in [
        json!({}),
        json!({ "until": 0 }),
        json!({ "until": "soon" }),
        json!({ "until": [now + HOUR] }),
        json!({ "until": now - 1 }),
        json!({ "until": now + 32 * 24 * HOUR }),
    ] {
        let (status, problem) = place.ccmon.ask("POST", "/quiet", &body);
        assert_eq!(status, 422, "{body}: {problem}");
    }
    let body = json!({ "until": now + HOUR }).to_string();
    assert!(place.inside("POST", "/quiet", &body).ends_with(" 403 application/problem+json"));
    assert_eq!(told(&place), Value::Null);
}

#[test]
fn the_command_line_sets_and_tells() {
    let place = Place::with_daemon();
    let quiet = |arguments: &[&str]| {
        let mut command = place.command(Path::new(env!("CARGO_BIN_EXE_ccmon")));
        let ended = command.arg("quiet").args(arguments).output().expect("ccmon runs");
        (ended.status.code(), String::from_utf8(ended.stdout).expect("UTF-8"))
    };
    assert_eq!(quiet(&[]), (Some(0), "not quiet\n".into()));
    assert!(quiet(&["1h"]).1.starts_with("quiet until 2"));
    let left = told(&place).as_u64().expect("a time").saturating_sub(clock::wall().0);
    assert!(left > 0 && left <= HOUR, "{left}");
    assert!(quiet(&["tomorrow"]).1.ends_with(" 07:00\n"));
    // The hours that are set count at once, for everybody who asks.
    let hours = json!({ "quiet.on": true, "quiet.from": "22:00", "quiet.to": "08:45" });
    assert_eq!(place.ccmon.ask("PATCH", "/settings", &hours).0, 200);
    assert!(quiet(&["tomorrow"]).1.ends_with(" 08:45\n"));
    let (_, set) = place.ccmon.ask("POST", "/quiet", &json!({ "until": "tomorrow" }));
    assert_eq!(set["until"], told(&place));
    assert_eq!(quiet(&["status", "--json"]).1, format!("{{\n  \"until\": {}\n}}\n", told(&place)));
    assert_eq!(quiet(&["off"]), (Some(0), "not quiet\n".into()));
    assert_eq!(told(&place), Value::Null);
    assert_eq!(quiet(&["soon"]).0, Some(2));
}
