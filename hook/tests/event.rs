//! `ccmon-hook`: an event reaches the daemon, or the spool, and the session notices nothing.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

use ccmon_hook::{proc, spool};

use support::{Daemon, HOOK, PAYLOAD, Place, Running, http};

mod support;

/// Far above the 250 ms that a hook may take with any daemon, since the machine may be busy with other tests; far below what
/// a hang would take.
const PROMPT: Duration = Duration::from_secs(10);

#[test]
fn an_acknowledged_event_carries_the_payload_untouched() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let payload = b" \n{\"a\":\"\\\"}\", \"b\" : [1e999,\"\xff\"]}";
    let mut hook = Running::start(&mut place.hook());
    hook.give(payload);
    hook.give(b"\ntrailing");
    let request = daemon.answer(&http(204, ""));
    hook.finish().assert_silent();
    assert_eq!(request.line, "POST /event HTTP/1.1");
    assert_eq!(request.body, payload);
    assert!(!place.state().exists(), "nothing to spool, nothing to complain about");
}

#[test]
fn the_context_says_where_the_hook_ran() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let own = std::process::id();
    let mut command = place.hook();
    command.env("TMUX_PANE", "%3").env("STY", "é\n").env("WINDOW", "").env("SECRET", "s");
    command.env("KITTY_LISTEN_ON", "x".repeat(1025)).env("CLAUDE_PID", own.to_string());
    let mut hook = Running::start(&mut command);
    hook.give(PAYLOAD.as_bytes());
    let context = daemon.answer(&http(204, "")).context;
    hook.finish().assert_silent();
    let start = proc::Stat::read(own).unwrap().start;
    assert!(context.starts_with("{\"v\":1,\"id\":\""), "{context}");
    assert!(context.contains(&format!(",\"pid\":{own},\"start\":{start},")), "{context}");
    let env = ",\"env\":{\"TMUX_PANE\":\"%3\",\"STY\":\"\\u00e9\\u000a\"}}";
    assert!(context.ends_with(env), "{context}");
}

#[test]
fn claude_is_found_among_the_parents_and_the_nearest_counts() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let claude = place.root.join("claude");
    // A process is called after the link it was started by. A copy could be busy: still open for writing in a child
    // that another test is just starting.
    symlink("/bin/sh", &claude).unwrap();
    for outer in [None, Some(std::process::id().to_string())] {
        let mut command = place.hook_at(&claude);
        // In a shell in between, as Claude Code runs it; `:` keeps either from making way for its child.
        let script = "sh -c '\"$0\"; :' \"$0\"; :";
        command.args(["-c", script, HOOK]).envs(outer.map(|pid| ("CLAUDE_PID", pid)));
        let mut hook = Running::start(&mut command);
        let pid = hook.child.id();
        hook.give(PAYLOAD.as_bytes());
        let context = daemon.answer(&http(204, "")).context;
        hook.finish().assert_silent();
        assert!(context.contains(&format!(",\"pid\":{pid},")), "{pid}: {context}");
    }
}

#[test]
fn without_a_daemon_one_file_waits_in_the_spool() {
    let place = Place::new();
    place.run(&[], PAYLOAD.as_bytes()).assert_silent();
    let entries = spool::list(&place.state()).unwrap();
    assert_eq!(entries.len(), 1);
    let record = spool::read(&entries[0]).unwrap();
    assert_eq!(record.payload, PAYLOAD.as_bytes());
    let identity = format!("\"id\":\"{}\",\"started_ms\":{},", entries[0].id, entries[0].started_ms);
    assert!(record.context.contains(&identity), "{}", record.context);
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(entries[0].path.clone()), 0o600);
    assert_eq!(mode(place.state().join("spool")), 0o700);
    assert_eq!(mode(place.state()), 0o700);
    assert_eq!(place.errors(), "", "an absent daemon is nothing to complain about");
}

#[test]
fn the_spool_keeps_the_order_and_every_event() {
    let place = Place::new();
    let payload = |number| format!("{{\"n\":{number}}}");
    for number in 0..5 {
        place.run(&[], payload(number).as_bytes()).assert_silent();
    }
    let found: Vec<_> = place.spooled().into_iter().map(|record| record.payload).collect();
    let sent: Vec<_> = (0..5).map(|number| payload(number).into_bytes()).collect();
    assert_eq!(found, sent);
}

#[test]
fn a_daemon_that_never_answers_is_not_waited_for() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let hook = place.run(&[], PAYLOAD.as_bytes());
    hook.assert_silent();
    assert!(hook.took < PROMPT, "{:?}", hook.took);
    assert_eq!(place.spooled().len(), 1);
    assert_eq!(daemon.next().0.id(), spool::list(&place.state()).unwrap()[0].id);
}

#[test]
fn a_daemon_that_never_accepts_is_not_waited_for() {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};
    let place = Place::new();
    let address = SocketAddrUnix::new(place.socket()).unwrap();
    let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &address).unwrap();
    rustix::net::listen(&socket, 0).unwrap();
    // The queue of length 0 has room for one.
    let _first = std::os::unix::net::UnixStream::connect(place.socket()).unwrap();
    let hook = place.run(&[], PAYLOAD.as_bytes());
    hook.assert_silent();
    assert!(hook.took < PROMPT, "{:?}", hook.took);
    assert_eq!(place.spooled().len(), 1);
}

#[test]
fn only_an_acknowledgement_or_a_refusal_counts_as_seen() {
    for (answer, spooled) in [
        (http(204, ""), 0),
        (http(200, "{\"known\":true}"), 0),
        (b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), 0),
        (http(400, "{}"), 0),
        (http(413, "{}"), 0),
        (http(500, "{}"), 1),
        (http(503, "{}"), 1),
        (http(301, ""), 1),
        (b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), 1),
        (b"HTTP/1.1 204 No Con".to_vec(), 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec(), 1),
        (b"220 smtp.example.org ESMTP\r\n\r\n".to_vec(), 1),
        (b"\0\xff\0\xff".to_vec(), 1),
        (vec![b'H'; 100_000], 1),
        (Vec::new(), 1),
    ] {
        let place = Place::new();
        let daemon = Daemon::listen(&place);
        let mut hook = Running::start(&mut place.hook());
        hook.give(PAYLOAD.as_bytes());
        let (_, mut stream) = daemon.next();
        // The hook may hang up as soon as it has seen enough.
        let _ = stream.write_all(&answer);
        drop(stream);
        hook.finish().assert_silent();
        assert_eq!(place.spooled().len(), spooled, "{:?}", String::from_utf8_lossy(&answer));
    }
}

#[test]
fn a_refusal_in_the_middle_of_a_large_payload_counts() {
    use std::io::Read;
    let place = Place::new();
    let listener = std::os::unix::net::UnixListener::bind(place.socket()).unwrap();
    let payload = format!("{{\"a\":\"{}\"}}", "x".repeat(6_000_000));
    let mut hook = Running::start(&mut place.hook());
    hook.give(payload.as_bytes());
    let (mut stream, _) = listener.accept().unwrap();
    stream.read_exact(&mut [0; 1000]).unwrap();
    stream.write_all(&http(413, "{}")).unwrap();
    drop(stream);
    hook.finish().assert_silent();
    assert_eq!(place.spooled().len(), 0);
}

#[test]
fn stdin_may_stay_open() {
    let place = Place::new();
    let mut hook = Running::start(&mut place.hook());
    for piece in PAYLOAD.as_bytes().chunks(7) {
        hook.give(piece);
    }
    let open = hook.child.stdin.take();
    hook.finish().assert_silent();
    drop(open);
    assert_eq!(place.spooled()[0].payload, PAYLOAD.as_bytes());
}

#[test]
fn a_payload_that_never_completes_is_given_up() {
    let place = Place::new();
    let mut hook = Running::start(&mut place.hook());
    hook.give(b"{\"a\":");
    let open = hook.child.stdin.take();
    hook.finish().assert_silent();
    drop(open);
    assert_eq!(place.spooled().len(), 0);
    assert!(place.errors().contains("did not complete"), "{}", place.errors());
}

#[test]
fn what_is_no_payload_is_dropped() {
    let over = format!("{{\"a\":\"{}\"}}", "x".repeat(9 << 20));
    for (bytes, complaint) in [
        ("", ""),
        (" \n", ""),
        ("garbage", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("\0\0\0", "not a JSON object"),
        ("{\"a\":\"}", "ended inside"),
        (&"{".repeat(1_000_000), "ended inside"),
        (&over, "more than 8 MiB"),
    ] {
        let place = Place::new();
        let daemon = Daemon::listen(&place);
        place.run(&[], bytes.as_bytes()).assert_silent();
        daemon.assert_unasked();
        assert_eq!(place.spooled().len(), 0);
        let errors = place.errors();
        assert!(errors.contains(complaint) && errors.is_empty() == complaint.is_empty(), "{errors}");
    }
}

#[test]
fn eight_mebibytes_pass() {
    let place = Place::new();
    let frame = "{\"a\":\"\"}".len();
    let payload = format!("{{\"a\":\"{}\"}}", "x".repeat((8 << 20) - frame));
    place.run(&[], payload.as_bytes()).assert_silent();
    assert!(place.spooled()[0].payload == payload.as_bytes());
}

#[test]
fn the_summarizers_own_client_is_ignored() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    for args in [[].as_slice(), &["--wait"]] {
        let hook = Running::start(place.hook().args(args).env("CCMON_SUMMARIZER", "1"));
        hook.finish().assert_silent();
    }
    daemon.assert_unasked();
    assert!(!place.state().exists());
}

#[test]
fn unknown_arguments_are_ignored_and_the_version_is_told() {
    let place = Place::new();
    place.run(&["--newer", "x", "-q"], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(place.spooled().len(), 1);
    let version = format!("ccmon-hook {}\n", ccmon_hook::version(option_env!("CCMON_COMMIT")));
    place.run(&["--version"], b"").assert_printed(&version);
}
