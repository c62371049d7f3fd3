//! Sessions and the audit log as files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::Place;

#[test]
fn a_session_is_exported_whole() {
    let place = Place::with_daemon();
    place.story("one", "add a ```webhook```\n<script>x</script>", true);
    let markdown = place.curl(&["-D", "-"], "/sessions/s-one/export");
    for part in [
        "content-type: text/markdown",
        "content-disposition: attachment; filename=\"ccmon-s-one.md\"",
        "\n````text\nadd a ```webhook```\n<script>x</script>\n````\n",
        "```sh\ncurl localhost/webhook\n```",
        ", allowed by cli\n",
        "```text\nAll **done**.\n```",
        "`The session ended`",
    ] {
        assert!(markdown.contains(part), "no {part:?} in\n{markdown}");
    }
    let whole: Value = serde_json::from_str(&place.curl(&[], "/sessions/s-one/export?format=json")).expect("JSON");
    assert_eq!(whole["session"]["key"], "s-one");
    let kinds: Vec<_> = whole["events"].as_array().expect("events").iter().map(|e| e["kind"].as_str()).collect();
    assert_eq!(kinds.first(), Some(&Some("UserPromptSubmit")));
    assert!(kinds.contains(&Some("ccmon.settled")) && kinds.contains(&Some("SessionEnd")), "{kinds:?}");
    assert_eq!(whole["events"][0]["payload"]["prompt"], "add a ```webhook```\n<script>x</script>");
}

#[test]
fn a_large_session_comes_whole() {
    let place = Place::with_daemon();
    for number in 0..5 {
        let prompt = format!("number {number} {}", "x".repeat(2 << 20));
        place.tell("one", "UserPromptSubmit", &json!({ "prompt": prompt }));
    }
    let markdown = place.prints(&["export", "s-on"]);
    assert!(markdown.len() > 10 << 20 && markdown.contains("## 5. "), "{}", markdown.len());
    let whole: Value = serde_json::from_str(&place.prints(&["export", "one", "--format", "json"])).expect("JSON");
    assert_eq!(whole["events"].as_array().map(Vec::len), Some(5));
    let told = place.good("/sessions/s-one/timeline");
    assert!(told.to_string().len() < 200_000, "a page is for looking at");
    // A reader that leaves is no error.
    let mut command = place.command(Path::new(env!("CARGO_BIN_EXE_ccmon")));
    let mut export = command.args(["export", "s-one"]).stdout(Stdio::piped()).spawn().expect("ccmon starts");
    drop(export.stdout.take());
    assert!(export.wait().expect("it ends").success());
}

#[test]
fn a_file_is_whole_private_and_never_overwritten_unasked() {
    let place = Place::with_daemon();
    place.story("one", "add the webhook", true);
    place.story("onwards", "look", true);
    let file = place.directory.path().join("one.md");
    let path = file.to_str().expect("UTF-8");
    place.prints(&["export", "s-one", "-o", path]);
    let written = fs::read_to_string(&file).expect("a file");
    assert!(written.starts_with("# add the webhook\n"), "{written}");
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    fs::write(&file, "mine").expect("writable");
    assert!(place.fails(&["export", "s-one", "-o", path], 1).contains("--force"));
    assert_eq!(fs::read_to_string(&file).expect("a file"), "mine");
    place.prints(&["export", "s-one", "--format", "json", "-o", path, "--force"]);
    assert!(fs::read_to_string(&file).expect("a file").starts_with("{\"session\""));
    assert!(place.fails(&["export", "s-on"], 1).contains("s-onwards"), "the candidates are listed");
    assert!(place.fails(&["export", "nobody"], 1).contains("ccmon history"));
    let nowhere = place.directory.path().join("none/x.md");
    place.fails(&["export", "s-one", "-o", nowhere.to_str().expect("UTF-8")], 1);
    place.fails(&["export", "s-one", "--format", "pdf"], 2);
    let left: Vec<_> = fs::read_dir(place.directory.path()).expect("a directory").flatten().collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().contains(".ccmon-")), "{left:?}");
}

#[test]
fn the_audit_log_is_a_table() {
    let place = Place::with_daemon();
    let command = "=cmd|' /C calc'!A0, \"two\"\nlines";
    place.ask_and_decide("one", command, &json!({ "decision": "deny", "message": "=1+1" }));
    place.ask_and_decide("two", "ls", &json!({ "decision": "allow" }));
    let head = place.curl(&["-I", "-X", "GET"], "/audit/export?format=csv");
    assert!(head.contains("filename=\"ccmon-audit.csv\""), "{head}");
    let csv = place.curl(&[], "/audit/export?format=csv&decision=denied");
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(lines[0].starts_with("asked,settled,pending_ms,outcome,by,"), "{csv}");
    assert!(lines[1].contains(",denied,cli,,'=1+1,Bash,\"{\"\"command\"\":"), "{csv}");
    assert_eq!(place.prints(&["audit", "--csv"]).split("\r\n").count(), 4);
    let whole: Value = serde_json::from_str(&place.curl(&[], "/audit/export?format=json")).expect("JSON");
    assert_eq!(whole["approvals"].as_array().map(Vec::len), Some(2));
    let none: Value = serde_json::from_str(&place.curl(&[], "/audit/export?format=json&tool=No")).expect("JSON");
    assert_eq!(none, json!({ "approvals": [] }));
}
