//! What is tried elsewhere already: the same tests, run against the same programs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use crate::hold;
use crate::suite::{Suite, Verdict};

/// The promise, the test program and the test, and what it shows.
const CALLED: &[(&str, &str, &str, &str)] = &[
    (
        "launching.names",
        "daemon",
        "jump::hostile_names_are_only_names",
        "hostile names of tmux sessions -> the right pane, nothing run",
    ),
    (
        "launching.names",
        "daemon",
        "jump::a_false_server_is_not_talked_to",
        "a socket that is no tmux of that session -> not talked to",
    ),
    ("agent.fence", "daemon", "jump::what_runs_inside_a_session_leads_nobody_anywhere", "jumps from inside -> refused"),
    ("agent.fence", "daemon", "remote::a_forwarded_socket_is_for_hooks_alone", "a forwarded socket -> hooks alone"),
    ("agent.fence", "daemon", "cards::a_session_is_not_told_what_files_hold", "what files hold -> not told inside"),
    (
        "agent.answers",
        "daemon",
        "fence::nobody_takes_the_place_of_a_hook_that_waits",
        "a request in a waiting one's place -> refused",
    ),
    (
        "display.text",
        "daemon",
        "notifications::a_server_without_markup_is_sent_plain_text",
        "a notification server without markup -> plain text",
    ),
    ("display.text", "tui", "hostile_names_are_shown_and_not_obeyed", "hostile names in the TUI -> shown, not obeyed"),
    (
        "display.tail",
        "tui",
        "a_long_command_is_read_before_it_runs",
        "a long command in the TUI -> read to its end before it can be approved",
    ),
    (
        "files.transcript",
        "daemon",
        "cards::the_systems_own_files_are_not_read_by_whatever_way",
        "the system's own files -> not read by whatever way",
    ),
];

/// Files of tests that a browser runs, and what they show.
const BROWSED: &[(&str, &str, &str)] = &[
    (
        "http.browser",
        "signin",
        "a page of another port, with the cookie in the same browser -> reads, changes and hears nothing",
    ),
    ("display.text", "hostile", "hostile text in every page -> text, nothing fetched, nothing run"),
    ("display.tail", "hostile-popup", "hostile and long text in the popup -> all of it there, as text"),
];

type Ran = Arc<LazyLock<BTreeMap<String, bool>, Box<dyn FnOnce() -> BTreeMap<String, bool> + Send>>>;

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    let programs = ["daemon", "tui"].map(|program| {
        let make: Box<dyn FnOnce() -> _ + Send> = Box::new(move || run(program));
        (program, Ran::new(LazyLock::new(make)))
    });
    for (promise, program, test, shows) in CALLED {
        let ran = programs.iter().find(|(name, _)| name == program).map(|(_, ran)| ran.clone()).expect("a program");
        suite.about(promise);
        suite.whole(*shows, move || {
            let passed = ran.get(*test);
            hold!(
                passed == Some(&true),
                "tests/{program} {test}: {}",
                if passed.is_some() { "failed" } else { "was not run" }
            );
            Ok(())
        });
    }
    for (promise, file, shows) in BROWSED {
        suite.about(promise);
        suite.whole(*shows, move || browse(file));
    }
}

/// Runs those of one program: whether each passed.
fn run(program: &str) -> BTreeMap<String, bool> {
    let names = CALLED.iter().filter(|(_, of, _, _)| *of == program).map(|(_, _, test, _)| *test);
    let flags = std::env::var("CCMON_CARGO_FLAGS").unwrap_or_default();
    let mut cargo = Command::new("cargo");
    cargo.arg("test").args(flags.split_whitespace()).args(["--test", program, "--", "--exact"]).args(names);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).output().expect("cargo runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = told.lines().filter_map(|line| line.strip_prefix("test ")?.split_once(" ... "));
    lines.map(|(name, ended)| (name.to_owned(), ended == "ok")).collect()
}

fn browse(file: &str) -> Result<Verdict, String> {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !there("node") || !Path::new("/usr/bin/chromium").exists() {
        return Ok(Verdict::Skipped("node and chromium are not there".to_owned()));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(root.join("tests/browser/run")).arg(file).stdin(Stdio::null()).output();
    let output = output.map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let last: String = told.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    hold!(output.status.success(), "tests/browser/run {file}: {last}\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(().into())
}
