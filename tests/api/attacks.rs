//! What strangers, greedy callers and Claude's own shell try at the doors.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use axum::http::Request;
use ccmon::api::{doors, from_window};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::house::{House, PATIENCE, ask, got, posted};

const ID: &str = "00000000000000000000000000000001";

/// Taken without its change, this would let the original input run.
const MISSPELT: &str = r#"{"shown":"x","decision":"allow","updatedInput":{"command":"true"}}"#;

/// Shorter than the doors' patience with silent callers: who was answered sooner did not wait for that.
const SOON: Duration = Duration::from_secs(3);

#[tokio::test]
async fn strangers_cannot_fill_the_house() {
    let public = "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n";
    let refused = "GET /sessions HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n";
    for tactic in ["", "GET /sessions HT", public, refused] {
        let house = House::open();
        let mut strangers = Vec::new();
        for _ in 0..400 {
            let mut stranger = house.tcp().await;
            let _ = stranger.write_all(tactic.replace("PORT", &house.port.to_string()).as_bytes()).await;
            strangers.push(stranger);
        }
        let before = Instant::now();
        let (status, answer) = ask(house.tcp().await, &got("/sessions", &house.key())).await;
        assert_eq!(status, 200, "{tactic}: {answer}");
        assert!(before.elapsed() < SOON, "{tactic}: that took {:?}", before.elapsed());
    }
}

#[tokio::test]
async fn who_was_let_in_is_not_turned_out_for_strangers() {
    let house = House::open();
    let mut watcher = house.tcp().await;
    let head = format!("POST /approval HTTP/1.1\r\n{}\r\nCcmon-Context: {}", house.key(), json!({ "id": ID }));
    watcher.write_all(posted(&head, "{}").as_bytes()).await.expect("the door is open");
    house.was_asked("Approval {").await;
    let mut strangers = Vec::new();
    for _ in 0..600 {
        strangers.push(house.tcp().await);
    }
    let path = format!("POST /approvals/{ID}/decision HTTP/1.1\r\n{}", house.key());
    let (status, answer) = ask(house.tcp().await, &posted(&path, &house.decision(ID, "allow"))).await;
    assert_eq!(status, 200, "{answer}");
    let held = crate::house::rest(watcher).await;
    assert!(held.ends_with("yes"), "{held}");
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let house = House::open();
    for (request, expected) in [
        (got("/nowhere", "Host: ccmon"), 404),
        (got("/approvals/none", "Host: ccmon"), 404),
        (got("/approvals/%ff", "Host: ccmon"), 404),
        (got("/approvals/%1b%5b2J", "Host: ccmon"), 404),
        (got("/ws", "Host: ccmon"), 400),
        (got("/events?limit=many", "Host: ccmon"), 400),
        (got("/event", "Host: ccmon"), 405),
        (got("/sessions", "Host: ccmon\r\nOrigin: http://evil.example"), 403),
        ("DELETE /sessions HTTP/1.1\r\nHost: ccmon\r\nConnection: close\r\n\r\n".into(), 405),
        (posted("POST /approvals/none/decision HTTP/1.1\r\nHost: ccmon", "{"), 400),
        (posted("POST /approvals/none/decision HTTP/1.1\r\nHost: ccmon", "{}"), 422),
        (posted("POST /approvals/none/decision HTTP/1.1\r\nHost: ccmon", MISSPELT), 422),
        (posted("POST /event HTTP/1.1\r\nHost: ccmon", &"x".repeat(10 << 20)), 413),
    ] {
        let (status, answer) = ask(house.unix().await, &request).await;
        let line = &request[..request.len().min(60)];
        assert_eq!(status, expected, "{line}: {answer}");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.contains("application/problem+json") && head.contains("nosniff"), "{line}: {head}");
        assert_eq!(status == 405, head.to_lowercase().contains("\r\nallow: "), "{line}: {head}");
        let problem: Value = serde_json::from_str(body).expect(line);
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    }
    let (status, answer) = ask(house.tcp().await, &got("/sessions", &format!("Host: localhost:{}", house.port))).await;
    assert_eq!(status, 401);
    assert!(answer.to_lowercase().contains("www-authenticate: bearer"), "{answer}");
}

#[tokio::test]
async fn over_tcp_too_claudes_own_shell_may_look_but_not_decide() {
    let house = House::open();
    let _hook = house.hold(ID).await;
    let claude = house.directory.path().join("claude");
    // A process is called after the link it was started by. A copy could be busy: still open for writing in a child
    // that another test is just starting.
    symlink("/bin/sh", &claude).expect("a link");
    let url = format!("http://127.0.0.1:{}/approvals", house.port);
    let curl = format!("curl -s -w '%{{http_code}}' -H 'Authorization: Bearer {}'", house.token);
    let body = house.decision(ID, "allow");
    let decide = format!("{curl} -H 'Content-Type: application/json' -d '{body}' {url}/{ID}/decision");

    assert!(shell(&claude, &format!("{curl} {url}; :"), "").await.ends_with("200"));
    let inside = shell(&claude, &format!("{decide}; :"), "").await;
    assert!(inside.ends_with("403") && inside.contains("terminal of your own"), "{inside}");
    let marked = shell("/bin/sh".as_ref(), &decide, "CLAUDE_CODE_SESSION_ID").await;
    assert!(marked.ends_with("403"), "{marked}");
    house.was_asked(&format!("Refused {{ approval: Some(ApprovalId(\"{ID}\"))")).await;
    assert!(house.hub.board.borrow().pending().len() == 1, "nothing was decided");
    let outside = shell("/bin/sh".as_ref(), &decide, "").await;
    assert!(outside.ends_with("200") && outside.contains(r#""by":"web""#), "{outside}");
}

/// What a shell of this name prints.
async fn shell(program: &std::path::Path, script: &str, mark: &str) -> String {
    let mut command = Command::new(program);
    command.args(["-c", script]).env_remove("CLAUDECODE").env_remove("CLAUDE_CODE_SESSION_ID");
    if !mark.is_empty() {
        command.env(mark, "1");
    }
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("in time").expect("a shell");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_name_is_believed_only_where_it_can_be() {
    let house = House::open();
    for (number, (named, by)) in [("dashboard", "dashboard"), ("web", "popup"), ("", "popup")].iter().enumerate() {
        let id = format!("{number:032}");
        let _hook = house.hold(&id).await;
        let request = Request::post(format!("ccmon://popup/approvals/{id}/decision"))
            .header("content-type", "application/json")
            .header("origin", "ccmon://popup")
            .header("ccmon-client", *named);
        let request = request.body(house.decision(&id, "deny").into_bytes()).expect("a request");
        let answer = from_window(&house.router, request).await;
        assert_eq!(answer.status(), 200);
        let view: Value = serde_json::from_slice(answer.body()).expect("JSON");
        assert_eq!(view["by"], *by);
    }
    let id = format!("{:032}", 9);
    let _hook = house.hold(&id).await;
    let head = format!("POST /approvals/{id}/decision HTTP/1.1\r\n{}\r\nCcmon-Client: popup", house.key());
    let (status, answer) = ask(house.tcp().await, &posted(&head, &house.decision(&id, "deny"))).await;
    assert!(status == 200 && answer.contains(r#""by":"web""#), "{answer}");
    let (status, again) = ask(house.tcp().await, &posted(&head, &house.decision(&id, "allow"))).await;
    assert!(status == 409 && again.contains(r#""outcome":"denied""#) && again.contains(r#""by":"web""#), "{again}");
    let (status, _) =
        ask(house.tcp().await, &posted(&format!("POST /shutdown HTTP/1.1\r\n{}", house.key()), "{}")).await;
    assert_eq!(status, 403, "only the Unix door stops the daemon");
}

#[tokio::test]
async fn a_socket_is_made_only_where_nothing_of_others_is() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("real")).expect("a directory");
    symlink(at("real"), at("linked")).expect("a link");
    symlink(at("victim"), at("link.sock")).expect("a link");
    fs::write(at("file.sock"), "precious").expect("a file");
    for path in [at("linked").join("door.sock"), at("link.sock"), at("file.sock"), at(&"x".repeat(120))] {
        assert!(doors::bind_unix(&path).is_err(), "{}", path.display());
    }
    assert_eq!(fs::read_to_string(at("file.sock")).expect("still there"), "precious");
    assert!(!at("victim").exists() && !at("real").join("door.sock").exists());

    drop(doors::bind_unix(&at("new/door.sock")).expect("a socket"));
    let again = doors::bind_unix(&at("new/door.sock")).expect("a dead daemon's socket is in nobody's way");
    let mode = |path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(at("new")), mode(at("new/door.sock"))), (0o700, 0o600));
    assert!(tokio::net::UnixStream::connect(at("new/door.sock")).await.is_ok());
    assert_eq!(fs::read_dir(at("new")).expect("a directory").count(), 1, "nothing else is left");
    drop(again);

    let longest = 107 - directory.path().as_os_str().len() - 1;
    doors::bind_unix(&at(&"x".repeat(longest))).expect("the longest path that others can connect to");
}

#[tokio::test]
async fn token_and_port_are_files_of_ours_alone() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| directory.path().join(name);
    let (first, _) = doors::bind_tcp(directory.path(), 0).expect("a port");
    let token = fs::read_to_string(at("token")).expect("a token");
    let taken = first.local_addr().expect("an address").port();
    let (second, _) = doors::bind_tcp(directory.path(), taken).expect("the next port");
    let port = second.local_addr().expect("an address").port();
    assert!(port > taken && second.local_addr().expect("an address").ip().is_loopback());
    assert_eq!(fs::read_to_string(at("port")).expect("a port").trim(), port.to_string());
    assert_eq!(fs::read_to_string(at("token")).expect("a token"), token, "kept");
    for name in ["token", "port"] {
        assert_eq!(fs::metadata(at(name)).expect("there").permissions().mode() & 0o777, 0o600);
    }
    fs::write(at("token"), "short").expect("a file");
    doors::bind_tcp(directory.path(), 0).expect("a port");
    assert_eq!(fs::read_to_string(at("token")).expect("a token").len(), 64, "made anew");
    fs::remove_file(at("token")).expect("a file");
    fs::write(at("victim"), &token).expect("a file");
    for trap in [symlink, |from, to| fs::hard_link(from, to)] as [fn(_, _) -> _; 2] {
        trap(at("victim"), at("token")).expect("a link");
        assert!(doors::bind_tcp(directory.path(), 0).is_err());
        fs::remove_file(at("token")).expect("a link");
    }
    assert_eq!(fs::read_to_string(at("victim")).expect("still there"), token);
}
