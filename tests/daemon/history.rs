//! The past: found, read, counted, taken away as files, and forgotten.

mod files;
mod given;
mod refusals;
mod words;

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{PATIENCE, wait_until};
use crate::{Place, request};

impl Place {
    /// An event of `session` with these fields.
    fn tell(&self, session: &str, kind: &str, fields: &Value) {
        let mut payload = json!({ "session_id": session, "cwd": "/home/dev/shop", "hook_event_name": kind });
        let more = fields.as_object().cloned().unwrap_or_default();
        payload.as_object_mut().expect("an object").extend(more);
        self.event(&payload.to_string());
    }

    /// A whole session: a prompt, a call that was asked for, and the end, if it is to have one.
    fn story(&self, session: &str, prompt: &str, ends: bool) {
        let call = json!({ "tool_name": "Bash", "tool_input": { "command": "curl localhost/webhook" }, "tool_use_id": session });
        self.tell(session, "UserPromptSubmit", &json!({ "prompt": prompt }));
        self.tell(session, "PreToolUse", &call);
        self.ask_and_decide(session, "curl localhost/webhook", &json!({ "decision": "allow" }));
        self.tell(session, "PostToolUse", &call);
        self.tell(session, "Stop", &json!({ "last_assistant_message": "All **done**." }));
        if ends {
            self.tell(session, "SessionEnd", &json!({ "reason": "other" }));
        }
    }

    fn ask_and_decide(&self, session: &str, command: &str, decision: &Value) {
        let hook = self.hook(&["--wait"], &request(session, command).replace("/p", "/home/dev/shop"));
        let approval = self.ccmon.wait_for_pending(1).remove(0);
        self.ccmon.decide(&approval, decision.clone());
        assert!(hook.wait_with_output().expect("the hook ends").status.success());
    }

    /// What has to be granted.
    fn good(&self, path: &str) -> Value {
        let (status, answer) = self.ccmon.ask("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn curl(&self, arguments: &[&str], path: &str) -> String {
        let socket = self.directory.path().join("door.sock");
        let mut curl = self.command(Path::new("curl"));
        let asked = curl.args(arguments).arg("-s").arg("--unix-socket").arg(socket).arg(format!("http://ccmon{path}"));
        String::from_utf8(asked.output().expect("curl runs").stdout).expect("UTF-8")
    }

    /// Runs `ccmon`; what it prints when it succeeds.
    fn prints(&self, words: &[&str]) -> String {
        let output = self.ccmon_says(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What it says is wrong, when it does not.
    fn fails(&self, words: &[&str], code: i32) -> String {
        let output = self.ccmon_says(words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {output:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    fn ccmon_says(&self, words: &[&str]) -> Output {
        self.command(Path::new(env!("CARGO_BIN_EXE_ccmon"))).args(words).output().expect("ccmon starts")
    }
}

#[test]
fn sessions_are_found_by_what_was_said_in_them() {
    let place = Place::with_daemon();
    place.story("one", "add the new webhook", true);
    place.tell("two", "UserPromptSubmit", &json!({ "prompt": "look at the door" }));

    let all = place.good("/history/sessions");
    assert_eq!((&all["total"], &all["next"], &all["partial"]), (&json!(2), &Value::Null, &json!(false)));
    assert_eq!(all["sessions"][0]["key"], "s-two", "newest activity first, living ones too");
    assert_eq!(all["sessions"][0]["hits"], json!([]));

    let found = place.good("/history/sessions?q=new%20webhook");
    let sessions = found["sessions"].as_array().expect("sessions");
    assert_eq!((sessions.len(), &sessions[0]["key"]), (1, &json!("s-one")), "{found}");
    let hit = &sessions[0]["hits"][0];
    assert_eq!((&hit["in"], &hit["tool"]), (&json!("prompt"), &Value::Null));
    assert!(hit["parts"].as_array().is_some_and(|parts| parts.contains(&json!(["webhook", true]))), "{hit}");

    let count = |query: &str| {
        let found = place.good(&format!("/history/sessions?{query}"));
        found["sessions"].as_array().expect("sessions").len()
    };
    assert_eq!((count("approvals=with"), count("approvals=without"), count("state=ended")), (1, 1, 1));
    assert_eq!(
        (count("project=shop"), count("project=none"), count("project="), count("since=9999999999999")),
        (2, 0, 2, 0)
    );
    assert_eq!((count("cwd=/home/dev"), count("cwd=/home/dev/sho"), count("q=%22%2a-()%00%ff%27%25")), (2, 0, 0));
    assert_eq!((count("q=%22"), count("q=%20-")), (2, 2), "a search that is only begun");
    let first = place.good("/history/sessions?limit=1");
    let next = first["next"].as_str().expect("another page");
    let second = place.good(&format!("/history/sessions?limit=1&cursor={next}"));
    assert_eq!((&second["sessions"][0]["key"], &second["next"]), (&json!("s-one"), &Value::Null));
    assert_eq!(place.good("/history/projects"), json!({ "projects": [{ "project": "shop", "sessions": 2 }] }));
}

#[test]
fn a_session_is_told_in_numbers_and_turns() {
    let place = Place::with_daemon();
    place.story("one", "add the webhook", false);
    let session = place.good("/sessions/s-one");
    assert_eq!((&session["live"], &session["session"]["session_id"]), (&json!(true), &json!("one")));
    let stats = &session["stats"];
    assert_eq!((&stats["prompts"], &stats["tools"], &stats["failed"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(stats["by_tool"], json!([{ "tool": "Bash", "count": 1 }]));
    assert_eq!(stats["approvals"], json!({ "allowed": 1, "denied": 0, "other": 0 }));
    assert_eq!(session["summary"], Value::Null);

    let told = place.good("/sessions/s-one/timeline");
    assert_eq!(told["earlier"], Value::Null);
    let turn = &told["turns"][0];
    assert_eq!((&turn["prompt"], &turn["outcome"]), (&json!("add the webhook"), &json!("done")));
    let call = &turn["items"][0];
    assert_eq!((&call["kind"], &call["preview"]), (&json!("tool"), &json!("Bash: curl localhost/webhook")));
    assert_eq!((&call["approval"]["outcome"], &call["approval"]["by"]), (&json!("allowed"), &json!("cli")));
    assert!(call["ended"].as_u64() >= call["at"].as_u64(), "{call}");
    assert_eq!(turn["items"][1]["text"], "All **done**.");
}

#[test]
fn a_timeline_comes_in_pages() {
    let place = Place::with_daemon();
    place.tell("one", "UserPromptSubmit", &json!({ "prompt": "count" }));
    for number in 0..6 {
        let call = json!({ "tool_name": "Read", "tool_input": { "file_path": format!("/{number}") }, "tool_use_id": format!("t{number}") });
        place.tell("one", "PreToolUse", &call);
        place.tell("one", "PostToolUse", &call);
    }
    let whole = place.good("/sessions/s-one/timeline");
    let (turn, mut seen) = (whole["turns"][0]["id"].clone(), Vec::new());
    let mut page = place.good("/sessions/s-one/timeline?limit=3");
    assert_eq!(page["last"], whole["last"]);
    loop {
        assert_eq!((page["turns"].as_array().map(Vec::len), &page["turns"][0]["id"]), (Some(1), &turn), "{page}");
        assert_eq!(page["turns"][0]["prompt"], "count");
        seen.extend(page["turns"][0]["items"].as_array().expect("items").iter().map(|item| item["id"].as_i64()));
        let Some(earlier) = page["earlier"].as_i64() else { break };
        page = place.good(&format!("/sessions/s-one/timeline?limit=3&before={earlier}"));
    }
    seen.sort_unstable();
    seen.dedup();
    let all: Vec<_> =
        whole["turns"][0]["items"].as_array().expect("items").iter().map(|item| item["id"].as_i64()).collect();
    assert_eq!(seen, all);
}

#[test]
fn the_audit_log_is_filtered_counted_and_added_up() {
    let place = Place::with_daemon();
    place.story("one", "add the webhook", true);
    place.ask_and_decide("two", "rm -rf node_modules", &json!({ "decision": "deny", "message": "keep them" }));
    let hook = place.hook(&["--wait"], &request("three", "touch foo"));
    // It is shown a moment before it is stored.
    place.ccmon.wait_for_pending(1);
    let stored = || Some(place.good("/audit")).filter(|all| all["approvals"].as_array().map(Vec::len) == Some(3));
    let all = wait_until(PATIENCE, stored, || format!("{:#}", place.good("/audit")));
    let outcomes: Vec<_> =
        all["approvals"].as_array().expect("approvals").iter().map(|a| a["outcome"].clone()).collect();
    assert_eq!(outcomes, [Value::Null, json!("denied"), json!("allowed")], "newest first");
    assert_eq!(all["approvals"][0]["pending_ms"], Value::Null);
    assert_eq!(all["approvals"][1]["message"], "keep them");
    let count = |query: &str| place.good(&format!("/audit?{query}"))["approvals"].as_array().expect("approvals").len();
    assert_eq!((count("decision=denied"), count("decision=pending"), count("by=cli"), count("by=rule")), (1, 1, 2, 0));
    assert_eq!(
        (count("tool=Bash"), count("session=s-one"), count("q=node_modules"), count("project=shop")),
        (3, 1, 1, 2)
    );
    let first = place.good("/audit?limit=2");
    let next = first["next"].as_str().expect("another page");
    assert_eq!(count(&format!("limit=2&cursor={next}")), 1);

    let counts = place.good("/audit/counts");
    assert_eq!((&counts["total"], &counts["by"]["cli"]), (&json!(3), &json!(2)));
    assert_eq!(counts["outcomes"], json!({ "allowed": 1, "denied": 1, "pending": 1 }));
    assert_eq!(counts["tools"], json!([{ "tool": "Bash", "count": 3 }]));
    assert!(counts["median_ms"].is_u64(), "{counts}");
    assert_eq!(place.good("/audit/counts?decision=denied")["total"], 1);

    let insight = place.good("/insight?days=14");
    assert_eq!((&insight["decisions"], &insight["by_you"], &insight["by_rules"]), (&json!(2), &json!(2), &json!(0)));
    assert_eq!(insight["days"].as_array().map(Vec::len), Some(14));
    // Yesterday, where midnight has passed meanwhile.
    let lately = |what: &str| [12, 13].iter().filter_map(|day| insight["days"][day][what].as_u64()).sum::<u64>();
    assert_eq!((lately("you"), lately("denied")), (1, 1));
    assert_eq!(insight["tools"][0]["tool"], "Bash");
    drop(hook);
}

#[test]
fn an_ended_session_is_forgotten_and_its_audit_stays() {
    let mut place = Place::with_daemon();
    place.story("one", "add the webhook", false);
    let delete = |place: &Place| place.ccmon.ask("DELETE", "/sessions/s-one", &Value::Null);
    let (status, problem) = delete(&place);
    assert_eq!(status, 409, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("has not ended")), "{problem}");
    place.tell("one", "SessionEnd", &json!({ "reason": "other" }));
    place.ccmon.wait_for_state(&["ended"]);

    let refused = place.curl(&["-X", "DELETE", "-H", "Ccmon-Client: cli", "-w", " %{http_code}"], "/sessions/none");
    assert!(refused.ends_with(" 404"), "{refused}");
    assert_eq!(delete(&place).0, 204);
    assert_eq!(delete(&place).0, 404);
    let gone = |place: &Place| {
        assert_eq!(place.ccmon.sessions(), Vec::<Value>::new());
        assert_eq!(place.good("/history/sessions?q=webhook")["sessions"], json!([]));
        assert_eq!(place.ccmon.ask("GET", "/sessions/s-one", &Value::Null).0, 404);
        assert_eq!(place.ccmon.ask("GET", "/sessions/s-one/timeline", &Value::Null).0, 404);
        assert!(!place.ccmon.events().iter().any(|kind| kind == "UserPromptSubmit"));
        assert_eq!(place.good("/audit?session=s-one")["approvals"][0]["outcome"], "allowed");
    };
    gone(&place);
    place.ccmon.kill();
    place.ccmon.start();
    gone(&place);
    // The same conversation may go on.
    place.tell("one", "UserPromptSubmit", &json!({ "prompt": "again" }));
    wait_until(PATIENCE, || (place.ccmon.sessions().len() == 1).then_some(()), || "it does not come back".into());
}
