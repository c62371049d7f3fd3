//! `ccmon web`: a browser is opened, signed in, or it is said why not.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::Place;
use crate::support::{PATIENCE, install, wait_until};

const CCMON: &str = env!("CARGO_BIN_EXE_ccmon");

/// Runs `ccmon web` on a desktop whose `xdg-open` is this script.
fn web(place: &Place, opener: &str) -> Output {
    let programs = place.directory.path().join("programs");
    fs::create_dir_all(&programs).expect("a directory");
    let path = programs.join("xdg-open");
    install(&path, &format!("#!/bin/sh\n{opener}\n"));
    let search = format!("{}:/usr/bin:/bin", programs.display());
    let mut command = place.command(Path::new(CCMON));
    command.args(["web"]).env("PATH", search).env("DISPLAY", ":no-such").output().expect("ccmon runs")
}

#[test]
fn a_browser_is_opened_with_an_address_that_signs_in() {
    let place = Place::with_daemon();
    let opened = place.directory.path().join("opened");
    let output = web(&place, &format!("printf '%s\\n' \"$#\" \"$@\" >'{}'", opened.display()));
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    // A browser that takes its time is not waited for.
    let said = || fs::read_to_string(&opened).ok().filter(|said| said.lines().count() == 2 && said.ends_with('\n'));
    let said = wait_until(PATIENCE, said, || "nothing is opened".into());
    let port = fs::read_to_string(place.directory.path().join("state/port")).expect("a port");
    let code = said.trim().strip_prefix(&format!("1\nhttp://127.0.0.1:{}/index.html#code=", port.trim()));
    let code = code.unwrap_or_else(|| panic!("one address: {said}"));
    assert!(code.len() == 64 && code.bytes().all(|byte| byte.is_ascii_hexdigit()), "{code}");
    let log = fs::read_to_string(place.directory.path().join("state/daemon.log")).expect("a log");
    assert!(!log.contains(code), "{log}");
}

#[test]
fn without_a_browser_the_address_is_printed() {
    let place = Place::with_daemon();
    let failed = web(&place, "exit 3");
    let (out, err) = (String::from_utf8_lossy(&failed.stdout), String::from_utf8_lossy(&failed.stderr));
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(out.starts_with("http://127.0.0.1:") && err.contains("found no browser"), "{out} {err}");

    let mut bare = place.command(Path::new(CCMON));
    let bare = bare.args(["web"]).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output().expect("ccmon runs");
    let err = String::from_utf8_lossy(&bare.stderr);
    assert!(bare.stdout.starts_with(b"http://127.0.0.1:") && err.contains("no desktop here"), "{bare:?}");

    let printed = place.ccmon.cli(&["web", "--print-url"]);
    assert!(printed.status.success() && printed.stdout.starts_with(b"http://127.0.0.1:"), "{printed:?}");
}

#[test]
fn it_is_said_why_there_is_no_address() {
    let mut place = Place::new();
    assert_eq!(place.ccmon.cli(&["web", "--print-url"]).status.code(), Some(3), "no daemon");
    let config = place.directory.path().join("config");
    fs::create_dir(&config).expect("a directory");
    fs::write(config.join("config.toml"), "[web]\nenabled = false\n").expect("a file");
    place.ccmon.start();
    let off = place.ccmon.cli(&["web"]);
    let err = String::from_utf8_lossy(&off.stderr);
    assert!(off.status.code() == Some(1) && err.contains("`enabled = true` under [web]"), "{off:?}");

    fs::write(config.join("config.toml"), "").expect("a file");
    place.ccmon.kill();
    place.ccmon.start();
    let mut inside = place.command(Path::new(CCMON));
    let inside = inside.args(["web", "--print-url"]).env("CLAUDECODE", "1").output().expect("ccmon runs");
    assert!(inside.status.code() == Some(1) && inside.stdout.is_empty(), "{inside:?}");
}
