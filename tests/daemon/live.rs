//! What happens is told to whoever watches, as it happens.

use std::fs::File;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

use crate::support::{PATIENCE, wait_until};
use crate::{Place, prompt, request};

#[test]
fn frames_tell_of_sessions_requests_and_events() {
    let place = Place::with_daemon();
    place.event(&prompt("one", 0));
    let mut watcher = watch(&place);
    let snapshot = next(&mut watcher);
    assert_eq!(snapshot["type"], "snapshot");
    assert_eq!(snapshot["sessions"][0]["session_id"], "one");
    assert_eq!(snapshot["approvals"], json!([]));

    let hook = place.hook(&["--wait"], &request("one", "touch foo"));
    let pending = last(until(&mut watcher, "approval_pending"));
    assert_eq!(pending["approval"]["input"]["command"], "touch foo");
    let event = last(until(&mut watcher, "event"));
    assert_eq!(event["event"]["kind"], "PermissionRequest");
    place.ccmon.decide(&pending["approval"], json!({ "decision": "deny" }));
    let frames = until(&mut watcher, "approval_resolved");
    assert!(frames.iter().any(|frame| frame["type"] == "session_update"), "{frames:?}");
    let resolved = last(frames);
    assert_eq!((&resolved["approval"]["outcome"], &resolved["approval"]["by"]), (&json!("denied"), &json!("cli")));
    hook.wait_with_output().expect("the hook ends");
}

#[test]
fn a_session_that_is_deleted_is_told_of() {
    let place = Place::with_daemon();
    place.event(&prompt("one", 0));
    place.event(r#"{"session_id":"one","hook_event_name":"SessionEnd","reason":"other"}"#);
    place.ccmon.wait_for_state(&["ended"]);
    let mut watcher = watch(&place);
    assert_eq!(next(&mut watcher)["sessions"][0]["key"], "s-one");
    assert_eq!(place.ccmon.ask("DELETE", "/sessions/s-one", &Value::Null).0, 204);
    assert_eq!(last(until(&mut watcher, "session_gone")), json!({ "type": "session_gone", "key": "s-one" }));
    assert_eq!(next(&mut watch(&place))["sessions"], json!([]));
}

#[test]
fn frames_tell_of_rules() {
    let place = Place::with_daemon();
    let mut watcher = watch(&place);
    assert_eq!(next(&mut watcher)["rules_paused"], false);
    for (path, paused) in [("/rules/pause", true), ("/rules/resume", false)] {
        assert_eq!(place.ccmon.ask("POST", path, &json!({})).0, 200);
        assert_eq!(last(until(&mut watcher, "rules"))["paused"], paused, "{path}");
    }
    let rule = json!({ "name": "make", "tool": "Bash", "kind": "literal", "pattern": "make", "action": "allow" });
    let (status, made) = place.ccmon.ask("POST", "/rules", &rule);
    assert_eq!(status, 201, "{made}");
    until(&mut watcher, "rules");
    assert_eq!(place.ccmon.ask("DELETE", &format!("/rules/{}", made["id"]), &json!(null)).0, 204);
    until(&mut watcher, "rules");
}

#[test]
fn tail_prints_events_as_they_happen() {
    let place = Place::with_daemon();
    let printed = place.directory.path().join("tail");
    let output = File::create(&printed).expect("a file");
    let mut command: Command = place.command(Path::new(env!("CARGO_BIN_EXE_ccmon")));
    let mut tail: Child = command.args(["tail", "s-on"]).stdout(Stdio::from(output)).spawn().expect("ccmon starts");
    let seen = |place: &Place, number: usize| {
        place.event(&prompt("two", number));
        place.event(&prompt("one", number));
        let text = std::fs::read_to_string(&printed).expect("a file");
        text.contains("UserPromptSubmit").then_some(text)
    };
    let mut number = 0;
    let text = wait_until(
        PATIENCE,
        || {
            number += 1;
            seen(&place, number)
        },
        || "tail prints nothing".into(),
    );
    assert!(text.contains("s-one") && !text.contains("s-two"), "{text}");
    tail.kill().expect("a child of ours");
    tail.wait().expect("a child of ours");
}

/// A watcher of what happens.
pub fn watch(place: &Place) -> WebSocket<TcpStream> {
    let read = |name| std::fs::read_to_string(place.directory.path().join("state").join(name)).expect("a file");
    let (port, token) = (read("port"), read("token"));
    let host = format!("127.0.0.1:{}", port.trim());
    let request = Request::get(format!("ws://{host}/ws"))
        .header("Host", &host)
        .header("Authorization", format!("Bearer {token}"))
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
    let stream = TcpStream::connect(&host).expect("the door is open");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    client(request.body(()).expect("a request"), stream).expect("an upgrade").0
}

/// The next frame.
pub fn next(watcher: &mut WebSocket<TcpStream>) -> Value {
    loop {
        if let Message::Text(text) = watcher.read().expect("a frame") {
            return serde_json::from_str(&text).expect("JSON");
        }
    }
}

/// The frames up to the first of this kind. Pings would keep a silent connection alive for ever: so a deadline.
pub fn until(watcher: &mut WebSocket<TcpStream>, kind: &str) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    let mut frames = Vec::new();
    while Instant::now() < deadline {
        frames.push(next(watcher));
        if frames.last().is_some_and(|frame| frame["type"] == kind) {
            return frames;
        }
    }
    panic!("no {kind} among {frames:?}");
}

fn last(mut frames: Vec<Value>) -> Value {
    frames.pop().expect("at least one frame")
}
