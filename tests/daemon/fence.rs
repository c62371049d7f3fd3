//! What runs inside a Claude session may look, but not decide.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::json;

use crate::support::{PATIENCE, wait_until};
use crate::{Place, request};

const CCMON: &str = env!("CARGO_BIN_EXE_ccmon");

#[test]
fn claudes_own_shell_may_not_approve() {
    let place = Place::with_daemon();
    let hook = place.hook(&["--wait"], &request("one", "touch foo"));
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    let id = pending["id"].as_str().expect("an id");

    let claude = place.directory.path().join("claude");
    // A process is called after the link it was started by. A copy could be busy: still open for writing in a child
    // that another test is just starting.
    symlink("/bin/sh", &claude).expect("a link");
    // The `:` keeps the shell from becoming what it starts.
    let inside =
        place.command(&claude).args(["-c", &format!("{CCMON} approve {id}; code=$?; : ; exit $code")]).output();
    let inside = inside.expect("the shell runs");
    assert_eq!(inside.status.code(), Some(1), "{inside:?}");
    let looked =
        place.command(&claude).args(["-c", &format!("{CCMON} approvals; :")]).output().expect("the shell runs");
    assert!(String::from_utf8_lossy(&looked.stdout).contains("touch foo"), "{looked:?}");

    let marked = place.command(Path::new(CCMON)).args(["approve", id]).env("CLAUDECODE", "1").output();
    let marked = marked.expect("ccmon runs");
    assert_eq!(marked.status.code(), Some(1), "{marked:?}");
    let bare = format!("env -u CLAUDECODE {CCMON} approve {id}; code=$?; : ; exit $code");
    let bare = place.command(Path::new("/bin/sh")).args(["-c", &bare]).env("CLAUDECODE", "1").output();
    let bare = bare.expect("the shell runs");
    assert_eq!(bare.status.code(), Some(1), "its parent is marked: {bare:?}");
    assert_eq!(place.ccmon.approval(&pending["id"])["state"], "pending");
    let refused = || place.ccmon.events().iter().filter(|kind| *kind == "ccmon.refused").count();
    wait_until(PATIENCE, || (refused() == 3).then_some(()), || format!("{} of 3 attempts are on record", refused()));

    let outside = place.command(Path::new(CCMON)).args(["deny", &id[..6], "-m", "no"]).output().expect("ccmon runs");
    assert!(outside.status.success(), "{outside:?}");
    let answered = hook.wait_with_output().expect("the hook ends");
    let answer: serde_json::Value = serde_json::from_slice(&answered.stdout).expect("a decision");
    assert_eq!(answer["hookSpecificOutput"]["decision"], json!({ "behavior": "deny", "message": "no" }));
}

#[test]
fn claudes_own_shell_may_not_answer_itself() {
    let place = Place::with_daemon();
    let hook = place.hook(&["--wait"], include_str!("../data/payloads/PermissionRequest-AskUserQuestion.json"));
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    let id = pending["id"].as_str().expect("an id");
    let inside = place.command(Path::new(CCMON)).args(["answer", id, "1"]).env("CLAUDECODE", "1").output();
    let inside = inside.expect("ccmon runs");
    assert_eq!(inside.status.code(), Some(1), "{inside:?}");
    assert!(String::from_utf8_lossy(&inside.stderr).contains("may not decide"), "{inside:?}");
    place.ccmon.decide(&pending, json!({ "decision": "release" }));
    assert!(hook.wait_with_output().expect("the hook ends").stdout.is_empty());
}

#[test]
fn claudes_own_shell_may_not_change_rules() {
    let place = Place::with_daemon();
    let add = place.command(Path::new(CCMON)).args(["rules", "add", "ls*"]).env("CLAUDECODE", "1").output();
    let add = add.expect("ccmon runs");
    assert_eq!(add.status.code(), Some(1), "{add:?}");
    assert_eq!(place.ccmon.get("/rules").expect("an answer")["rules"], json!([]));
    // The attempt is on record.
    place.ccmon.wait_for_event("ccmon.refused");
}

#[test]
fn another_user_gets_nothing() {
    let place = Place::with_daemon();
    if !rustix_is_root() {
        // Only root can become somebody else; CI is root.
        return;
    }
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("ours");
    open(place.directory.path());
    let socket = place.directory.path().join("door.sock");
    open(&socket);
    let other = place
        .command(Path::new("setpriv"))
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "curl", "-s", "--unix-socket"])
        .args([socket.as_os_str(), "http://ccmon/sessions".as_ref()])
        .output();
    let other = other.expect("setpriv and curl run");
    assert!(!other.status.success() && other.stdout.is_empty(), "{other:?}");
    assert!(place.ccmon.get("/sessions").is_some(), "its owner is still answered");
}

pub(crate) fn rustix_is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").expect("a process")) == 0
}

/// All that a request says can be read by whoever asks: saying it again is no proof of being its hook.
#[test]
fn nobody_takes_the_place_of_a_hook_that_waits() {
    let place = Place::with_daemon();
    let payload = request("one", "touch foo");
    let hook = place.hook(&["--wait"], &payload);
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    let context = json!({ "v": 1, "id": pending["id"], "started_ms": pending["opened"], "env": {} });
    let mut thief = UnixStream::connect(place.directory.path().join("door.sock")).expect("the daemon listens");
    let head = format!(
        "POST /approval HTTP/1.1\r\nHost: ccmon\r\nConnection: close\r\nContent-Type: application/json\r\nCcmon-Context: {context}\r\n"
    );
    let request = format!("{head}Content-Length: {}\r\n\r\n{payload}", payload.len());
    thief.write_all(request.as_bytes()).expect("it is heard");
    let mut said = String::new();
    thief.read_to_string(&mut said).expect("an answer");
    assert!(said.starts_with("HTTP/1.1 400") && said.contains("another request"), "{said}");
    place.ccmon.decide(&pending, json!({ "decision": "allow" }));
    let heard = hook.wait_with_output().expect("the hook ends").stdout;
    assert!(String::from_utf8_lossy(&heard).contains("\"allow\""), "{heard:?}");
}
