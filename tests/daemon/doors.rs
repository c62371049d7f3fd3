//! The TCP door, knocked at by whoever can: pages of any browser, and programs without the token.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::{Place, request};

/// A daemon with its TCP door, and what its owner knows.
struct Open {
    place: Place,
    port: u16,
    token: String,
}

impl Open {
    fn new() -> Self {
        let place = Place::with_daemon();
        let read = |name| fs::read_to_string(place.directory.path().join("state").join(name)).expect("a file");
        let (port, token) = (read("port").trim().parse().expect("a port"), read("token"));
        Self { place, port, token }
    }

    /// Sends these lines, and the body; the status of the answer and its text.
    fn ask(&self, lines: &[&str], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the door is open");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let filled: Vec<_> = lines.iter().map(|line| self.fill(line)).collect();
        let length = format!("Content-Length: {}", body.len());
        let text = format!("{}\r\n{length}\r\nConnection: close\r\n\r\n{body}", filled.join("\r\n"));
        // A daemon that refuses early may close before all is sent.
        let _ = stream.write_all(text.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, answer)
    }

    fn fill(&self, line: &str) -> String {
        line.replace("PORT", &self.port.to_string()).replace("TOKEN", &self.token)
    }
}

const GET: &str = "GET /sessions HTTP/1.1";
const HOST: &str = "Host: 127.0.0.1:PORT";
const AUTH: &str = "Authorization: Bearer TOKEN";

#[test]
fn only_the_tokens_holder_is_answered() {
    let open = Open::new();
    assert_eq!(open.ask(&[GET, HOST, AUTH], "").0, 200);
    let long = format!("Authorization: Bearer {}", "a".repeat(10_000));
    let wrong = format!("Authorization: Bearer {}", "0".repeat(open.token.len()));
    for authorization in [
        "X-Nothing: here",
        "Authorization: Bearer ",
        "Authorization: TOKEN",
        "Authorization: Basic TOKEN",
        "Authorization: Bearer TOKENx",
        "Authorization: Bearer TOKEN\r\nAuthorization: Bearer TOKEN",
        &long,
        &wrong,
    ] {
        let (status, answer) = open.ask(&[GET, HOST, authorization], "");
        assert_eq!(status, 401, "{authorization}: {answer}");
        assert!(!answer.contains("sessions\":"), "{authorization}");
    }
    assert_eq!(open.ask(&["GET /sessions?token=TOKEN HTTP/1.1", HOST], "").0, 401);
}

#[test]
fn only_this_machines_name_and_no_other_page_is_answered() {
    let open = Open::new();
    for host in ["localhost:PORT", "[::1]:PORT"] {
        assert_eq!(open.ask(&[GET, &format!("Host: {host}"), AUTH], "").0, 200, "{host}");
    }
    for host in [
        "Host: evil.example:PORT",
        "Host: localhost.evil.example:PORT",
        "Host: 127.0.0.1.nip.io:PORT",
        "Host: 127.0.0.1",
        "Host: 127.0.0.1:1",
        "Host: ",
        "Host: 127.0.0.1:PORT\r\nHost: evil.example",
        "X-No: host",
    ] {
        let (status, answer) = open.ask(&[GET, host, AUTH], "");
        assert!(matches!(status, 400 | 403), "{host}: {answer}");
    }
    for origin in [
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: file://",
        "Origin: http://127.0.0.1:1",
        "Origin: https://127.0.0.1:PORT",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: http://127.0.0.1:PORT\r\nOrigin: http://evil.example",
    ] {
        let (status, answer) = open.ask(&[GET, HOST, AUTH, origin], "");
        assert_eq!(status, 403, "{origin}: {answer}");
        assert!(!answer.to_lowercase().contains("access-control"), "no CORS: {answer}");
    }
    assert_eq!(open.ask(&[GET, HOST, AUTH, "Origin: http://127.0.0.1:PORT"], "").0, 200);
    let absolute = open.ask(&["GET http://evil.example/sessions HTTP/1.1", HOST, AUTH], "");
    assert!(matches!(absolute.0, 400 | 403), "{absolute:?}");
}

#[test]
fn a_websocket_is_checked_before_it_opens() {
    let open = Open::new();
    let upgrade = [
        "GET /ws HTTP/1.1",
        HOST,
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ];
    assert_eq!(open.ask(&upgrade, "").0, 401);
    let foreign = [upgrade.as_slice(), &[AUTH, "Origin: http://evil.example"]].concat();
    assert_eq!(open.ask(&foreign, "").0, 403);
}

#[test]
fn only_json_that_is_posted_changes_anything() {
    let open = Open::new();
    let mut hook = open.place.hook(&["--wait"], &request("one", "touch foo"));
    let pending = open.place.ccmon.wait_for_pending(1).remove(0);
    let path =
        |method: &str| format!("{method} /approvals/{}/decision HTTP/1.1", pending["id"].as_str().expect("an id"));
    let body = json!({ "decision": "allow", "shown": pending["shown"] }).to_string();
    for (method, kind, expected) in [
        ("GET", "application/json", 405),
        ("HEAD", "application/json", 405),
        ("POST", "text/plain", 415),
        ("POST", "application/x-www-form-urlencoded", 415),
    ] {
        let (status, answer) = open.ask(&[&path(method), HOST, AUTH, &format!("Content-Type: {kind}")], &body);
        assert_eq!(status, expected, "{method} {kind}: {answer}");
    }
    let json_type = "Content-Type: application/json";
    for wrong in [
        "",
        "{}",
        "[",
        r#"{"decision":"allow"}"#,
        r#"{"decision":"allow","shown":"other"}"#,
        r#"{"decision":"maybe","shown":"x"}"#,
    ] {
        let (status, answer) = open.ask(&[&path("POST"), HOST, AUTH, json_type], wrong);
        assert!((400..500).contains(&status), "{wrong}: {answer}");
    }
    assert_eq!(open.place.ccmon.approval(&pending["id"])["state"], "pending");
    let (status, answer) = open.ask(&[&path("POST"), HOST, AUTH, json_type], &body);
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains(r#""by":"web""#), "{answer}");
    assert!(hook.wait().expect("the hook ends").success());
    let (status, again) = open.ask(&[&path("POST"), HOST, AUTH, json_type], &body);
    assert_eq!(status, 409, "{again}");
}

#[test]
fn odd_paths_and_slow_or_greedy_callers_hurt_nobody() {
    let open = Open::new();
    for path in ["/../state/token", "/approvals/..%2f..%2ftoken", "/%00", "/style/../../token", "//sessions"] {
        let (status, _) = open.ask(&[&format!("GET {path} HTTP/1.1"), HOST, AUTH], "");
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    let idle: Vec<_> =
        (0..200).map(|_| TcpStream::connect(("127.0.0.1", open.port)).expect("the door is open")).collect();
    assert_eq!(open.ask(&[GET, HOST, AUTH], "").0, 200, "others are still answered");
    drop(idle);
    let (status, _) =
        open.ask(&["POST /event HTTP/1.1", HOST, AUTH, "Content-Type: application/json"], &"x".repeat(10 << 20));
    assert!(matches!(status, 413 | 0), "{status}");
    let (status, _) =
        open.ask(&["POST /event HTTP/1.1", HOST, AUTH, "Content-Type: application/json"], &"[".repeat(1_000_000));
    assert_eq!(status, 400);
    assert_eq!(open.ask(&[GET, HOST, AUTH], "").0, 200);
}

#[test]
fn the_start_page_tells_nothing_and_is_hardened() {
    let open = Open::new();
    let (status, page) = open.ask(&["GET / HTTP/1.1", HOST], "");
    assert_eq!(status, 200);
    for header in [
        "content-security-policy: default-src 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
    ] {
        assert!(page.contains(header), "{header}: {page}");
    }
    assert!(!page.contains(&open.token));
    assert_eq!(open.ask(&["GET / HTTP/1.1", "Host: evil.example"], "").0, 403);
}
