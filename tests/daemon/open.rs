//! Links, and what else asks for windows, where no desktop is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;

use crate::support::{install, install_copy};
use crate::{Place, prompt, request};

/// A `ccmon` of this place alone, beside which there is a `ccmon-tray` that does this.
fn installed(place: &Place, tray: &str) -> PathBuf {
    let programs = place.directory.path().join("programs");
    fs::create_dir_all(&programs).expect("a directory");
    let (ccmon, path) = (programs.join("ccmon"), programs.join("ccmon-tray"));
    let built = env!("CARGO_BIN_EXE_ccmon");
    // A copy onto a link to itself would empty the program.
    if !ccmon.exists() {
        fs::hard_link(built, &ccmon).unwrap_or_else(|_| install_copy(built.as_ref(), &ccmon));
    }
    install(&path, &format!("#!/bin/sh\n{tray}\n"));
    ccmon
}

/// Runs `ccmon open`, on a desktop that is not looked at.
fn open(place: &Place, ccmon: &Path, link: &str, more: impl FnOnce(&mut Command)) -> Output {
    let mut command = place.command(ccmon);
    command.args(["open", "--", link]).env("DISPLAY", ":no-such").env_remove("WAYLAND_DISPLAY");
    command.env("CCMON_NO_NOTIFY", "1");
    more(&mut command);
    command.output().expect("ccmon runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_daemon_without_windows_says_so_and_decides_nothing() {
    let place = Place::with_daemon();
    let hook = place.hook(&["--wait"], &request("one", "touch foo"));
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    let id = pending["id"].as_str().expect("an id");
    let said = place.ccmon.ask("POST", "/open", &json!({ "approval": id }));
    assert!(said.0 == 409 && said.1["detail"].as_str().is_some_and(|why| why.contains("ccmon-tray")), "{said:?}");
    assert_eq!(place.ccmon.approval(&pending["id"])["state"], "pending");
    place.ccmon.decide(&pending, json!({ "decision": "deny" }));
    hook.wait_with_output().expect("the hook ends");
    // Settled, and still known.
    assert_eq!(place.ccmon.ask("POST", "/open", &json!({ "approval": id })).0, 409);
}

#[test]
fn a_session_is_known_by_its_key_and_by_claudes_id() {
    let place = Place::with_daemon();
    place.event(&prompt("5c8d0a34-one", 1));
    let session = place.ccmon.sessions().remove(0);
    for id in [session["key"].clone(), json!("5c8d0a34-one")] {
        assert_eq!(place.ccmon.ask("POST", "/open", &json!({ "session": id })).0, 409, "{id}");
    }
    assert_eq!(place.ccmon.ask("POST", "/open", &json!({ "session": "5c8d0a34" })).0, 404, "a link names it whole");
}

#[test]
fn claudes_own_shell_opens_nothing() {
    let place = Place::with_daemon();
    for body in [r#"{"next":true}"#, r#"{"dashboard":true}"#] {
        let said = place.inside("POST", "/open", body);
        assert!(said.ends_with(" 403 application/problem+json"), "{said}");
    }
    // The attempt is on record.
    place.ccmon.wait_for_event("ccmon.refused");
}

#[test]
fn a_link_that_is_none_is_a_mistake_and_starts_nothing() {
    let place = Place::new();
    let started = place.directory.path().join("started");
    let ccmon = installed(&place, &format!("touch '{}'", started.display()));
    for link in ["ccmon://approval/../../x", "ccmon://next?now", "ccmon://approval/a\nb", "https://example.com", ""] {
        let output = open(&place, &ccmon, link, |_| {});
        assert!(output.status.code() == Some(2) && said(&output).contains("ccmon://session/ID"), "{output:?}");
        assert!(said(&output).lines().count() == 1 && output.stdout.is_empty(), "{output:?}");
    }
    let touching = format!("ccmon://session/$(touch {})", started.display());
    assert_eq!(open(&place, &ccmon, &touching, |_| {}).status.code(), Some(2));
    assert!(!started.exists());
}

#[test]
fn a_link_starts_the_tray_and_waits_for_it() {
    let place = Place::new();
    let (log, pid) = (place.directory.path().join("started"), place.directory.path().join("tray.pid"));
    // It has no windows either: this is about the start.
    let daemon = format!(
        "echo \"$# ${{DESKTOP_STARTUP_ID-none}} $PWD\" >>'{}'\necho $$ >'{}'\nexec '{}' daemon",
        log.display(),
        pid.display(),
        env!("CARGO_BIN_EXE_ccmon"),
    );
    let ccmon = installed(&place, &daemon);
    let leave = |command: &mut Command| {
        command.env("DESKTOP_STARTUP_ID", "panel/1-0-host_TIME1");
    };
    let first = open(&place, &ccmon, "ccmon://next", leave);
    let again = open(&place, &ccmon, "ccmon://session/no-such", |_| {});
    let headless = open(&place, &ccmon, "dashboard", |_| {});
    // As the desktop's menu starts it.
    let menu = place.command(&ccmon).arg("open").env("CCMON_NO_NOTIFY", "1").output().expect("ccmon runs");
    let tray = fs::read_to_string(&pid).expect("it was started");
    let ended = Command::new("kill").arg(tray.trim()).status().expect("kill runs");
    assert!(ended.success());
    assert!(first.status.success() && first.stdout == b"all clear\n", "{first:?}");
    assert!(again.status.code() == Some(1) && said(&again).contains("no such session"), "{again:?}");
    assert!(headless.status.code() == Some(1) && said(&headless).contains("ccmon-tray"), "{headless:?}");
    assert_eq!(
        (menu.status.code(), said(&menu)),
        (headless.status.code(), said(&headless)),
        "no link is the dashboard"
    );
    assert_eq!(fs::read_to_string(&log).expect("it was started"), "0 none /\n", "once, bare");
}

#[test]
fn a_tray_that_cannot_start_is_told_of() {
    let place = Place::new();
    let ends = open(&place, &installed(&place, "exit 7"), "ccmon://next", |_| {});
    assert!(ends.status.code() == Some(3) && said(&ends).contains("exit status: 7"), "{ends:?}");

    let started = place.directory.path().join("started");
    let ccmon = installed(&place, &format!("touch '{}'", started.display()));
    let bare = open(&place, &ccmon, "ccmon://next", |command| {
        command.env_remove("DISPLAY");
    });
    assert!(bare.status.code() == Some(3) && said(&bare).contains("no desktop"), "{bare:?}");
    let inside = open(&place, &ccmon, "ccmon://next", |command| {
        command.env("CLAUDECODE", "1");
    });
    assert!(inside.status.code() == Some(3) && said(&inside).contains("inside a Claude session"), "{inside:?}");
    assert!(!started.exists());
    fs::remove_file(ccmon.with_file_name("ccmon-tray")).expect("it was there");
    let without = open(&place, &ccmon, "ccmon://next", |command| {
        command.env("PATH", "/no/such");
    });
    assert!(without.status.code() == Some(3) && said(&without).contains("desktop package"), "{without:?}");
}
