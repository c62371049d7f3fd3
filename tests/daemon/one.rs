//! One daemon per user.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use crate::support::http;
use crate::support::{PATIENCE, wait_until};
use crate::{Place, request};

const CCMON: &str = env!("CARGO_BIN_EXE_ccmon");

#[test]
fn a_second_daemon_says_who_holds_the_place() {
    let place = Place::with_daemon();
    let second = place.command(Path::new(CCMON)).arg("daemon").output().expect("ccmon runs");
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("already running") && said.contains("process"), "{said}");
    assert!(place.ccmon.get("/healthz").is_some(), "the first goes on, its socket untouched");
}

#[test]
fn of_many_started_at_once_one_wins() {
    let place = Place::new();
    for _ in 0..5 {
        let mut command = place.command(Path::new(CCMON));
        command.arg("daemon").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemons: Vec<_> = (0..6).map(|_| command.spawn().expect("ccmon starts")).collect();
        let lost = |daemon: &mut std::process::Child| daemon.try_wait().expect("a child of ours").is_some();
        wait_until(
            PATIENCE,
            || (daemons.iter_mut().filter_map(|d| lost(d).then_some(())).count() == 5).then_some(()),
            || "not exactly one of six is left".into(),
        );
        wait_until(PATIENCE, || place.ccmon.get("/healthz"), || "the winner does not answer".into());
        for mut daemon in daemons {
            // The losers are gone already.
            let _ = daemon.kill();
            daemon.wait().expect("a child of ours");
        }
    }
}

#[test]
fn it_takes_as_many_descriptors_as_it_may_need() {
    let place = Place::new();
    let mut command = place.command(Path::new("/bin/sh"));
    command.args(["-c", "ulimit -Sn 300; ulimit -Hn 700; exec \"$0\" daemon", CCMON]).stdout(Stdio::null());
    let mut daemon = command.spawn().expect("ccmon starts");
    wait_until(PATIENCE, || place.ccmon.get("/healthz"), || "it does not answer".into());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", daemon.id())).expect("a process of ours");
    daemon.kill().and_then(|()| daemon.wait()).expect("a child of ours");
    let open = limits.lines().find(|line| line.starts_with("Max open files")).expect("a line about files");
    assert_eq!(open.split_whitespace().nth(3), Some("700"), "{open}");
}

#[test]
fn a_daemon_that_is_asked_to_leave_leaves_its_requests_to_the_next() {
    let mut place = Place::with_daemon();
    let hook = place.hook(&["--wait"], &request("one", "touch foo"));
    let before = place.ccmon.wait_for_pending(1).remove(0);
    let socket = place.directory.path().join("door.sock");
    let asked = http::ask(&socket, "POST", "/shutdown", Some(&json!({})));
    assert!(asked.is_some_and(|(status, _)| status < 300));
    let (left, said) = place.ccmon.wait_for_end();
    assert!(left.success(), "{left}: {said}");

    place.ccmon.start();
    let after = place.ccmon.wait_for_pending(1).remove(0);
    assert_eq!(after["id"], before["id"]);
    place.ccmon.decide(&after, json!({ "decision": "release" }));
    let answered = hook.wait_with_output().expect("the hook ends");
    assert!(answered.status.success() && answered.stdout.is_empty(), "{answered:?}");
}
