//! `ccmon-hook --wait`: a permission request is held until somebody decides.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Instant;

use ccmon_hook::wait;
use rustix::process::{Pid, Signal};

use support::{Daemon, PAYLOAD, Place, Running, http};

mod support;

const DECISION: &str = r#"{"hookSpecificOutput":{"decision":{"behavior":"allow"}}}"#;

fn waiting(place: &Place) -> Running {
    let mut hook = Running::start(place.hook().arg("--wait"));
    hook.give(PAYLOAD.as_bytes());
    hook
}

#[test]
fn a_decision_is_printed_exactly() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let long = format!("{{\"a\":\"{}é\"}}\n", "x".repeat(2_000_000));
    for decision in [DECISION, "{ }\n", &long] {
        let hook = waiting(&place);
        let (request, mut stream) = daemon.next();
        let answer = http(200, decision);
        let writer = std::thread::spawn(move || stream.write_all(&answer));
        hook.finish().assert_printed(decision);
        writer.join().unwrap().unwrap();
        assert_eq!(request.line, "POST /approval HTTP/1.1");
        assert_eq!(request.body, PAYLOAD.as_bytes());
    }
    assert!(!place.state().exists());
}

#[test]
fn everything_else_is_silence() {
    for answer in [
        http(204, ""),
        http(200, ""),
        http(200, "allow"),
        http(404, DECISION),
        http(409, DECISION),
        http(302, DECISION),
        format!("HTTP/1.1 200 OK\r\n\r\n{DECISION}").into_bytes(),
        format!("HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n{DECISION}").into_bytes(),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{DECISION}").into_bytes(),
        DECISION.into(),
    ] {
        let place = Place::new();
        let daemon = Daemon::listen(&place);
        let hook = waiting(&place);
        daemon.answer(&answer);
        hook.finish().assert_silent();
        daemon.assert_unasked();
    }
}

#[test]
fn a_dropped_connection_is_made_again_with_the_same_id() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let hook = waiting(&place);
    let first = daemon.answer(b"");
    let in_the_head = daemon.answer(b"HTTP/1.1 200 OK\r\nContent-Le");
    let busy = daemon.answer(&http(503, "{}"));
    let last = daemon.answer(&http(200, DECISION));
    hook.finish().assert_printed(DECISION);
    assert_eq!(first.context, last.context);
    assert_eq!(first.id(), in_the_head.id());
    assert_eq!(first.id(), busy.id());
    assert_eq!(first.body, last.body);
}

#[test]
fn a_daemon_that_restarts_gets_the_same_request() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let hook = waiting(&place);
    let (first, stream) = daemon.next();
    drop(daemon);
    drop(stream);
    let daemon = Daemon::listen(&place);
    let again = daemon.answer(&http(200, DECISION));
    hook.finish().assert_printed(DECISION);
    assert_eq!(first.id(), again.id());
}

#[test]
fn a_partial_decision_is_never_printed() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let hook = waiting(&place);
    let whole = http(200, DECISION);
    daemon.answer(&whole[..whole.len() - 1]);
    daemon.answer(&http(204, ""));
    hook.finish().assert_silent();
}

#[test]
fn a_daemon_that_does_not_come_back_is_given_up() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let hook = waiting(&place);
    let (request, stream) = daemon.next();
    drop(daemon);
    drop(stream);
    let hook = hook.finish();
    hook.assert_silent();
    assert!(hook.took < ccmon_hook::wait::OUTAGE * 3 / 2, "{:?}", hook.took);
    // It may have died before it had stored that.
    let spooled = place.spooled();
    assert_eq!((spooled.len(), spooled[0].context.as_str()), (1, request.context.as_str()));
}

#[test]
fn a_daemon_that_hangs_is_given_up_at_the_deadline() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let ended = wait::hold(&place.socket(), &request(), Instant::now());
    assert_eq!(ended, wait::End::Silence);
    // It was asked: with patience left, that would have been waited for.
    let (asked, _stream) = daemon.next();
    assert_eq!(asked.body, PAYLOAD.as_bytes());
}

fn request() -> Vec<u8> {
    ccmon_hook::http::request("/approval", r#"{"v":1,"id":"00"}"#, PAYLOAD.as_bytes())
}

#[test]
fn without_a_daemon_the_terminal_is_left_alone_and_the_history_told() {
    let place = Place::new();
    place.run(&["--wait"], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(place.spooled()[0].payload, PAYLOAD.as_bytes());
    // A socket that its daemon has left behind.
    drop(std::os::unix::net::UnixListener::bind(place.socket()).unwrap());
    place.run(&["--wait"], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(place.spooled().len(), 2);
}

#[test]
fn a_closed_output_ends_the_waiting() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let mut hook = waiting(&place);
    let (_, mut stream) = daemon.next();
    drop(hook.child.stdout.take());
    assert!(hook.wait().success());
    assert_hung_up(&mut stream);

    // Claude Code gives its hooks sockets.
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut hook = {
        let mut command: Command = place.hook();
        command.arg("--wait").stdin(Stdio::piped()).stdout(OwnedFd::from(theirs));
        Running::start_as_is(&mut command)
    };
    hook.give(PAYLOAD.as_bytes());
    let (_, mut stream) = daemon.next();
    drop(ours);
    assert!(hook.wait().success());
    assert_hung_up(&mut stream);
}

#[test]
fn a_closed_output_ends_the_reconnecting_too() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let mut hook = waiting(&place);
    let (_, stream) = daemon.next();
    drop(daemon);
    drop(stream);
    drop(hook.child.stdout.take());
    let hook = hook.finish();
    hook.assert_silent();
    assert!(hook.took < ccmon_hook::wait::OUTAGE / 2, "{:?}", hook.took);
}

#[test]
fn sigterm_ends_the_waiting() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let mut hook = waiting(&place);
    let (_, mut stream) = daemon.next();
    rustix::process::kill_process(Pid::from_child(&hook.child), Signal::TERM).unwrap();
    assert_eq!(hook.wait().signal(), Some(Signal::TERM.as_raw()));
    assert_hung_up(&mut stream);
}

/// The daemon learns of it by the end of the connection.
fn assert_hung_up(stream: &mut UnixStream) {
    use std::io::Read;
    stream.set_read_timeout(Some(support::PATIENCE)).unwrap();
    assert_eq!(stream.read(&mut [0; 16]).unwrap(), 0);
}
