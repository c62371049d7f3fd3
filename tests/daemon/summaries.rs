//! Summaries: `claude -p` is started as was promised, and nothing of a session is told to anybody else.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{PATIENCE, install, wait_until};
use crate::{Place, prompt};

/// What stands for `claude`: it records how it was started, and does as it is told.
const FAKE: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo '99.0.0 (Claude Code)'; exit; fi
run=$(mktemp -d "$HOME/run.XXXXXX")
for argument; do printf '%s\n' "$argument" >> "$run/argv"; done
env > "$run/env"
pwd > "$run/cwd"
cat > "$run/stdin"
mv "$run" "$HOME/runs/"
while [ -e "$HOME/hold" ]; do sleep 0.05; done
cat "$HOME/answer"
"#;
const ANSWER: &str = r#"{"type":"result","is_error":false,"result":"It \u001b[2Jworks.","total_cost_usd":0.25,
    "modelUsage":{"claude-haiku-5-5":{}}}"#;
const ON: &str = "[summaries]\non = true\n";

/// A place with a session of each of these ids, a fake `claude`, and these settings.
fn place(sessions: &[&str], settings: &str) -> Place {
    let mut place = Place::new();
    let home = place.directory.path().to_owned();
    for directory in ["runs", "config", "bin"] {
        fs::create_dir_all(home.join(directory)).expect("a writable directory");
    }
    install(&home.join("bin/claude"), FAKE);
    fs::write(home.join("answer"), ANSWER).expect("a writable directory");
    fs::write(home.join("config/config.toml"), settings).expect("a writable directory");
    place.ccmon.set("PATH", &format!("{}:/usr/bin:/bin", home.join("bin").display()));
    place.ccmon.set("CLAUDE_CODE_ENTRYPOINT", "cli");
    place.ccmon.start();
    sessions.iter().for_each(|session| place.event(&prompt(session, 7)));
    place
}

impl Place {
    fn path_of(&self, session: &str) -> String {
        let sessions = self.ccmon.sessions();
        let found = sessions.iter().find(|s| s["session_id"] == session).expect("it is there");
        format!("/sessions/{}/summary", found["key"].as_str().expect("a key"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Has one written.
    fn sum_up(&self, session: &str) -> (u16, Value) {
        self.ccmon.ask("POST", &self.path_of(session), &json!({}))
    }

    /// Waits until the fake was started exactly so often.
    fn runs(&self, count: usize) -> Vec<PathBuf> {
        let all = || fs::read_dir(self.file("runs")).expect("ours").flatten().map(|entry| entry.path()).collect();
        let there = || Some(all()).filter(|runs: &Vec<PathBuf>| runs.len() == count);
        wait_until(PATIENCE, there, || format!("never {count}"))
    }
}

fn read(run: &Path, name: &str) -> String {
    fs::read_to_string(run.join(name)).expect("it is recorded")
}

#[test]
fn claude_is_told_what_it_needs_on_stdin_and_nothing_more() {
    let place = place(&["one"], ON);
    let (status, answer) = place.sum_up("one");
    assert_eq!((status, &answer["state"]), (200, &json!("ready")), "{answer}");
    let summary = &answer["summary"];
    assert_eq!((&summary["text"], &summary["cost_usd"]), (&json!("It [2Jworks."), &json!(0.25)), "{summary}");
    assert_eq!(summary["model"], "claude-haiku-5-5");

    let run = place.runs(1).remove(0);
    let arguments = read(&run, "argv");
    for argument in
        ["-p\n", "--setting-sources\n\n", "--tools\n\n", "--strict-mcp-config\n", "--no-session-persistence\n"]
    {
        assert!(arguments.contains(argument), "{argument} in {arguments}");
    }
    assert!(!arguments.contains("prompt 7"), "{arguments}");
    assert_eq!(read(&run, "stdin"), "| User: prompt 7\n");
    let environment = read(&run, "env");
    assert!(environment.lines().any(|line| line == "CCMON_SUMMARIZER=1"), "{environment}");
    assert!(!environment.contains("CLAUDE_CODE_ENTRYPOINT"), "{environment}");
    let cwd = PathBuf::from(read(&run, "cwd").trim());
    assert!(cwd.ends_with("state/summaries") && fs::read_dir(&cwd).expect("ours").next().is_none(), "{cwd:?}");

    // Within half a minute it is given again, and it outlives the daemon.
    place.event(&prompt("one", 8));
    assert_eq!(place.sum_up("one").1["summary"], *summary);
    place.runs(1);
    let mut place = place;
    place.ccmon.kill();
    place.ccmon.start();
    let (status, again) = place.ccmon.ask("GET", &place.path_of("one"), &Value::Null);
    assert_eq!((status, &again["summary"], &again["state"]), (200, summary, &json!("ready")), "{again}");
}

#[test]
fn two_run_at_once_the_rest_wait() {
    let place = place(&["one", "two", "three"], ON);
    fs::write(place.file("hold"), "").expect("a writable directory");
    let paths = ["one", "two", "three"].map(|session| place.path_of(session));
    std::thread::scope(|scope| {
        let asked = paths.each_ref().map(|path| scope.spawn(|| place.ccmon.ask("POST", path, &json!({}))));
        let running = |path: &String| place.ccmon.get(path).is_some_and(|answer| answer["state"] == "running");
        let all = || paths.iter().all(running).then_some(());
        wait_until(PATIENCE, all, || "never all on their way".to_owned());
        place.runs(2);
        fs::remove_file(place.file("hold")).expect("it is there");
        for asked in asked {
            let (status, answer) = asked.join().expect("no panic");
            assert_eq!((status, &answer["state"]), (200, &json!("ready")), "{answer}");
        }
    });
    place.runs(3);
}

#[test]
fn off_none_is_asked_for() {
    let mut place = place(&["one"], "");
    let (status, problem) = place.sum_up("one");
    assert_eq!(status, 409, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("[summaries]")), "{problem}");
    let (status, answer) = place.ccmon.ask("GET", &place.path_of("one"), &Value::Null);
    assert_eq!((status, answer), (200, json!({ "summary": null, "state": "off", "error": null })));
    place.runs(0);
    for method in ["GET", "POST"] {
        let (status, problem) = place.ccmon.ask(method, "/sessions/s-nobody/summary", &json!({}));
        assert_eq!(status, 404, "{problem}");
    }
    let told = place.ccmon.cli(&["summary", "one"]);
    let said = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.code() == Some(1) && said.contains("[summaries]"), "{told:?}");
    // Nor does what runs inside of a session spend the user's money.
    place.ccmon.set("CLAUDECODE", "1");
    let inside = place.ccmon.cli(&["summary", "one"]);
    let said = String::from_utf8_lossy(&inside.stderr);
    assert!(inside.status.code() == Some(1) && said.contains("inside a Claude session"), "{inside:?}");
}

#[test]
fn what_goes_wrong_is_told_and_remembered() {
    let place = place(&["one"], ON);
    let failure = r#"{"type":"result","is_error":true,"result":"Not logged in · Please run /login"}"#;
    fs::write(place.file("answer"), failure).expect("a writable directory");
    let (status, answer) = place.sum_up("one");
    assert_eq!((status, &answer["state"]), (200, &json!("failed")), "{answer}");
    assert!(answer["error"].as_str().is_some_and(|error| error.contains("log in")), "{answer}");
    let told = place.ccmon.cli(&["summary", "one"]);
    assert!(told.status.code() == Some(1) && String::from_utf8_lossy(&told.stderr).contains("log in"), "{told:?}");
    let told = place.ccmon.cli(&["summary", "one", "--no-refresh", "--json"]);
    let answer: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    assert_eq!((told.status.code(), &answer["state"]), (Some(0), &json!("failed")), "{answer}");
}

#[test]
fn the_command_line_prints_it() {
    let place = place(&["one"], ON);
    let none = place.ccmon.cli(&["summary", "one", "--no-refresh"]);
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    let told = place.ccmon.cli(&["summary", "on"]);
    let said = String::from_utf8_lossy(&told.stdout);
    let expected =
        regex::Regex::new(r"^It \[2Jworks\.\n\(\d+ s ago, claude-haiku-5-5, \$0\.2500\)").expect("a pattern");
    assert!(told.status.success() && expected.is_match(&said), "{told:?}");
    let again = place.ccmon.cli(&["summary", "one", "--no-refresh"]);
    assert!(again.status.success() && String::from_utf8_lossy(&again.stdout).starts_with("It [2J"), "{again:?}");
    place.runs(1);
}
