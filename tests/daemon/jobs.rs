//! Work that takes long: told of while it goes on, and what it leaves.

use std::fs;

use serde_json::{Value, json};

use crate::live::{next, until, watch};
use crate::support::{PATIENCE, wait_until};
use crate::{Place, request};

impl Place {
    fn start_job(&self, job: &Value) -> Value {
        let (status, job) = self.ccmon.ask("POST", "/jobs", job);
        assert_eq!(status, 202, "{job}");
        job
    }

    /// Waits until a job has ended.
    fn finished(&self, job: &Value) -> Value {
        let job = || self.ccmon.get(&format!("/jobs/{}", job["id"])).expect("the job");
        let ended = || Some(job()).filter(|job| job["state"] != "running");
        wait_until(PATIENCE, ended, || format!("it goes on: {}", job()))
    }

    fn done(&self, job: &Value) -> Value {
        let ended = self.finished(&self.start_job(job));
        assert_eq!((&ended["state"], &ended["error"]), (&json!("done"), &Value::Null), "{ended}");
        ended
    }
}

#[test]
fn a_replay_is_a_job_and_says_what_the_other_route_says() {
    let place = Place::with_daemon();
    for (session, command) in [("one", "npm test"), ("two", "npm publish"), ("three", "touch foo")] {
        let hook = place.hook(&["--wait"], &request(session, command));
        place.ccmon.decide(&place.ccmon.wait_for_pending(1)[0], json!({ "decision": "allow" }));
        hook.wait_with_output().expect("the hook ends");
    }
    let mut watcher = watch(&place);
    next(&mut watcher);
    let rule = json!({ "name": "r", "tool": "Bash", "kind": "glob", "pattern": "npm *", "action": "deny", "lasts": "forever" });
    let job = place.done(&json!({ "kind": "replay", "rule": rule }));
    let (status, replay) = place.ccmon.ask("POST", "/rules/replay", &rule);
    assert_eq!((status, &replay["would_deny"]), (200, &json!(2)));
    assert_eq!(job["result"], replay);
    assert_eq!((&job["done"], &job["total"]), (&json!(3), &json!(3)));
    let told = until(&mut watcher, "job");
    assert_eq!(told.last().expect("a frame")["job"]["kind"], "replay");
    assert_eq!(place.ccmon.get("/jobs").expect("the jobs")["jobs"], json!([job]));
    assert_eq!(place.ccmon.ask("DELETE", &format!("/jobs/{}", job["id"]), &Value::Null), (200, job));
}

#[test]
fn what_is_no_job_is_refused() {
    let place = Place::with_daemon();
    for body in [
        json!({}),
        json!({ "kind": "sleep" }),
        json!({ "kind": "replay" }),
        json!({ "kind": "replay", "rule": { "name": 7 } }),
        json!({ "kind": "purge", "days": 1 }),
    ] {
        assert_eq!(place.ccmon.ask("POST", "/jobs", &body).0, 422, "{body}");
    }
    let regex =
        json!({ "name": "r", "tool": "Bash", "kind": "regex", "pattern": "(", "action": "allow", "lasts": "forever" });
    let job = place.start_job(&json!({ "kind": "replay", "rule": regex }));
    let failed = place.finished(&job);
    assert!(failed["state"] == "failed" && failed["error"].is_string(), "{failed}");
    for path in ["/jobs/99", "/jobs/x", "/jobs/-1"] {
        assert_eq!(place.ccmon.ask("GET", path, &Value::Null).0, 404, "{path}");
        assert_eq!(place.ccmon.ask("DELETE", path, &Value::Null).0, 404, "{path}");
    }
    for kind in ["purge", "compact"] {
        let body = json!({ "kind": kind }).to_string();
        assert!(place.inside("POST", "/jobs", &body).contains(" 403 "), "{kind}");
    }
}

/// A place where sessions ended so many days ago, each with some events.
fn with_past(days: &[u64]) -> Place {
    let mut place = Place::new();
    let spool = place.directory.path().join("state/spool");
    fs::create_dir_all(&spool).expect("a directory");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    for (number, days) in days.iter().enumerate() {
        for (step, event) in ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"].iter().enumerate() {
            let (at, id) = (now - u128::from(days * 86_400_000) + step as u128, format!("{number:016}{step:016}"));
            let context = json!({ "id": id, "started_ms": at as u64, "env": {} });
            let payload = json!({ "session_id": format!("old{number}"), "cwd": "/p", "hook_event_name": event,
                "prompt": "do it", "source": "startup", "reason": "exit" });
            fs::write(spool.join(format!("{at:020}-{id}.event")), format!("{context}\n{payload}")).expect("a file");
        }
    }
    place.ccmon.start();
    place
}

#[test]
fn what_is_not_kept_goes_when_it_is_asked_for() {
    let place = with_past(&[400, 100, 20, 3]);
    let kept = || place.ccmon.get("/retention").expect("an answer");
    let count = |name: &str| kept()[name].as_u64().unwrap_or_else(|| panic!("no {name}: {}", kept()));
    let full = || Some(count("events")).filter(|events| *events >= 16);
    wait_until(PATIENCE, full, || format!("the past is not taken in: {}", kept()));
    assert_eq!((count("sessions"), &kept()["last"]), (4, &Value::Null));
    let events = count("events");

    let shown = || next(&mut watch(&place))["sessions"].as_array().map_or(0, Vec::len);
    assert_eq!(shown(), 4);
    let purged = place.done(&json!({ "kind": "purge" }));
    assert_eq!(purged["result"]["sessions"], 2, "more than 90 days ago: {purged}");
    assert_eq!((count("sessions"), kept()["last"]["sessions"].as_u64()), (2, Some(2)));
    assert_eq!(count("events") + purged["result"]["events"].as_u64().expect("a number"), events);
    assert_eq!(place.done(&json!({ "kind": "purge" }))["result"]["sessions"], 0);

    let (status, _) = place.ccmon.ask("PATCH", "/settings", &json!({ "retention.days": 10 }));
    assert_eq!(status, 200);
    assert_eq!(place.done(&json!({ "kind": "purge" }))["result"]["sessions"], 1);
    assert_eq!((count("sessions"), shown()), (1, 1));

    let compacted = place.done(&json!({ "kind": "compact" }));
    let bytes = |name: &str| compacted["result"][name].as_u64().unwrap_or_else(|| panic!("no {name}: {compacted}"));
    assert!(bytes("bytes_after") <= bytes("bytes_before"), "{compacted}");
}
