//! `ccmon rules …`, as a person types it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::{Place, prompt, request};

impl Place {
    /// Runs `ccmon rules` with these words, and these lines on its stdin.
    fn rules(&self, words: &[&str], stdin: &str) -> Output {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_ccmon")));
        command.arg("rules").args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("ccmon starts");
        // One that refuses its words reads nothing.
        let _ = child.stdin.take().expect("a pipe").write_all(stdin.as_bytes());
        child.wait_with_output().expect("it ends")
    }

    /// What it prints, when it succeeds.
    fn says(&self, words: &[&str]) -> String {
        let output = self.rules(words, "");
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What it says is wrong, when it does not.
    fn refuses(&self, words: &[&str]) -> String {
        let output = self.rules(words, "");
        assert_eq!(output.status.code(), Some(1), "{words:?}: {output:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    fn listed(&self) -> Vec<Value> {
        let all: Value = serde_json::from_str(&self.says(&["list", "--json"])).expect("JSON");
        all["rules"].as_array().expect("rules").clone()
    }
}

#[test]
fn a_rule_is_made_changed_moved_and_removed() {
    let place = Place::with_daemon();
    assert!(place.says(&["list"]).contains("There are no rules"));
    place.says(&["add", "git status*"]);
    place.says(&["add", "git push*", "--deny", "-m", "push by hand", "--name", "no push", "--cwd", "/p/**"]);
    place.says(&["add", "cargo test*", "--for", "15min", "--dry-run", "--position", "1"]);
    let names =
        |rules: &[Value]| rules.iter().map(|r| r["pattern"].as_str().unwrap_or("").to_owned()).collect::<Vec<_>>();
    let rules = place.listed();
    assert_eq!(names(&rules), ["cargo test*", "git status*", "git push*"]);
    assert_eq!(
        (&rules[0]["lasts"], &rules[0]["seconds"], &rules[0]["dry_run"]),
        (&json!("seconds"), &json!(900), &json!(true))
    );
    assert_eq!((&rules[2]["action"], &rules[2]["message"]), (&json!("deny"), &json!("push by hand")));
    place.says(&["move", "no push", "1"]);
    place.says(&["edit", "no push", "--pattern", "git push --force*", "--anywhere"]);
    place.says(&["disable", "no push"]);
    place.says(&["dry-run", "cargo test*", "--off"]);
    let rules = place.listed();
    assert_eq!(names(&rules), ["git push --force*", "cargo test*", "git status*"]);
    assert_eq!((rules[0].get("cwd"), &rules[0]["enabled"], &rules[1]["dry_run"]), (None, &json!(false), &json!(false)));
    place.says(&["rm", "no push"]);
    assert_eq!(names(&place.listed()), ["cargo test*", "git status*"]);
    assert!(place.refuses(&["rm", "no push"]).contains("there is no rule"));
    assert!(place.refuses(&["add", "(", "--kind", "regex"]).contains("cannot be read"));
    assert!(place.refuses(&["add", "x", "--for", "soon"]).contains("is no time"));
    assert!(place.says(&["add", "*"]).contains("warning: "), "a rule for everything is remarked upon");
}

#[test]
fn a_rule_may_be_for_one_session_and_some_time() {
    let place = Place::with_daemon();
    place.event(&prompt("one", 0));
    let added = place.says(&["add", "*", "--tool", "*", "--for", "15min,session:one", "--name", "all of one"]);
    assert!(!added.contains("warning"), "{added}");
    place.says(&["add", "git push*", "--deny"]);
    let rules = place.listed();
    assert_eq!((&rules[0]["action"], &rules[1]["name"]), (&json!("deny"), &json!("all of one")), "it stays behind");
    assert_eq!((&rules[1]["lasts"], &rules[1]["seconds"]), (&json!("session_seconds"), &json!(900)));
    assert!(place.says(&["list"]).contains("15 min left"));
    assert_eq!(place.says(&["export"]).matches("[[rule]]").count(), 1, "rules that end are not exported");
    place.says(&["edit", "all of one", "--for", "session:one"]);
    assert_eq!((&place.listed()[1]["lasts"], place.listed()[1].get("seconds")), (&json!("session"), None));
    assert!(place.refuses(&["edit", "all of one", "--for", "soon,session:one"]).contains("is no time"));
}

#[test]
fn pausing_works_at_once_and_is_remembered() {
    let mut place = Place::with_daemon();
    place.says(&["add", "git status*"]);
    place.says(&["pause"]);
    let hook = place.hook(&["--wait"], &request("s", "git status"));
    place.ccmon.wait_for_pending(1);
    place.ccmon.kill();
    place.ccmon.start();
    place.ccmon.wait_for_pending(1);
    let list = place.rules(&["list"], "");
    assert!(String::from_utf8_lossy(&list.stderr).contains("paused"), "{list:?}");
    place.says(&["resume"]);
    let other = place.hook(&["--wait"], &request("s2", "git status -s")).wait_with_output().expect("it ends");
    assert!(String::from_utf8_lossy(&other.stdout).contains(r#""behavior":"allow""#), "{other:?}");
    drop(hook);
}

#[test]
fn rules_go_to_a_file_and_come_back() {
    let place = Place::with_daemon();
    place.says(&["add", "git status*", "--name", "look"]);
    place.says(&["add", "rm -rf *", "--deny", "--message", "no \"never\""]);
    place.says(&["add", "make", "--for", "1h"]);
    let file = place.directory.path().join("rules.toml");
    let path = file.to_str().expect("UTF-8");
    place.says(&["export", path]);
    assert!(place.refuses(&["export", path]).contains("cannot make"), "nothing is overwritten");
    let toml = fs::read_to_string(&file).expect("a file");
    assert!(toml.contains("glob = \"git status*\"") && !toml.contains("\"make\""), "{toml}");
    place.says(&["import", path, "--replace"]);
    assert_eq!(place.listed().len(), 2);
    fs::write(&file, "[[rule]]\nname = 'x'\naction = 'allow'\nglub = 'y'\n").expect("writable");
    assert!(place.refuses(&["import", path, "--replace"]).contains("line "), "it says where");
    assert_eq!(place.listed().len(), 2, "a file that cannot be read changes nothing");
}

#[test]
fn rules_are_tested_without_a_daemon() {
    let mut place = Place::with_daemon();
    place.says(&["add", "git status*", "--name", "look"]);
    place.says(&["add", "git push*", "--deny", "-m", "push by hand"]);
    place.ccmon.kill();
    let told = place.says(&["test", "git status && git log"]);
    assert!(told.starts_with("ask") && told.contains("rule \"look\"") && told.contains("git log"), "{told}");
    assert!(place.says(&["test", "git status"]).starts_with("allow, by rule 1 \"look\""));
    assert!(place.says(&["test", "sudo git push"]).starts_with("deny"), "looked through");
    let cases = [
        json!({ "rule": { "kind": "glob", "pattern": "ls*" }, "command": "ls -l", "cwd": "/p" }),
        json!({ "rule": { "kind": "glob", "pattern": "ls*" }, "command": "ls; rm -rf ~", "cwd": "/p" }),
        json!({ "command": "git push", "cwd": "/p" }),
        json!({ "tool": "AskUserQuestion", "input": {}, "cwd": "/p" }),
    ];
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    let output = place.rules(&["test", "--jsonl"], &format!("{}\nrubbish\n", lines.join("\n")));
    assert_eq!(output.status.code(), Some(1), "a line that is no case is an error");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let verdicts: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let decided: Vec<_> = verdicts.iter().map(|v| v["decision"].as_str().unwrap_or("")).collect();
    assert_eq!(decided, ["allow", "ask", "deny", "ask", "ask"]);
    assert_eq!(verdicts[1]["risk"], "high");
    assert!(verdicts.iter().all(|v| v["reasons"].as_array().is_some_and(|why| !why.is_empty())), "{text}");
}
