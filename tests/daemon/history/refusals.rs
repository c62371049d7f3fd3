//! What makes no sense is refused with a word on what would; what may not be done is not.

use serde_json::{Value, json};

use crate::Place;

#[test]
fn odd_questions_are_refused_in_words() {
    let place = Place::with_daemon();
    place.story("one", "add the webhook", true);
    for path in [
        "/history/sessions?limit=many",
        "/history/sessions?limit=-1",
        "/history/sessions?since=yesterday",
        "/history/sessions?approvals=maybe",
        "/history/sessions?state=asleep",
        "/history/sessions?cursor=nonsense",
        "/history/sessions?q=x&cursor=nonsense",
        "/sessions/s-one/timeline?before=x",
        "/sessions/s-one/timeline?limit=x",
        "/sessions/s-one/export?format=pdf",
        "/sessions/s-one/export?format=csv",
        "/audit?decision=perhaps",
        "/audit?by=nobody",
        "/audit?limit=1e3",
        "/audit?cursor=;DROP",
        "/audit/counts?decision=perhaps",
        "/audit/export?format=md",
        "/audit/export?format=xls",
        "/insight?days=8",
        "/insight?days=-1",
    ] {
        let (status, problem) = place.ccmon.ask("GET", path, &Value::Null);
        assert_eq!((status, &problem["status"]), (400, &json!(400)), "{path}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 8), "{path}: {problem}");
    }
    for path in
        ["/sessions/s-none", "/sessions/s-none/timeline", "/sessions/s-none/export", "/sessions/..%2f", "/sessions/%00"]
    {
        let (status, problem) = place.ccmon.ask("GET", path, &Value::Null);
        assert_eq!((status, &problem["status"]), (404, &json!(404)), "{path}: {problem}");
    }
}

#[test]
fn too_much_is_cut_and_not_an_error() {
    let place = Place::with_daemon();
    place.story("one", "add the webhook", true);
    for path in [
        "/history/sessions?limit=0",
        "/history/sessions?limit=99999999",
        "/audit?limit=99999999",
        "/sessions/s-one/timeline?limit=0",
        "/sessions/s-one/timeline?limit=99999999&before=0",
        "/sessions/s-one/timeline?before=-5",
        "/sessions/s-one/timeline?before=9223372036854775807",
        "/history/sessions?since=18446744073709551615&until=0",
        "/audit?since=18446744073709551615",
        "/history/sessions?unknown=1",
    ] {
        place.good(path);
    }
    let long = "%22".repeat(15_000);
    place.good(&format!("/history/sessions?q={long}"));
    place.good(&format!("/audit?q={long}"));
    assert_eq!(place.good("/sessions/s-one/timeline?before=1"), json!({ "turns": [], "earlier": null, "last": null }));
}

#[test]
fn what_runs_inside_claude_may_read_and_not_delete() {
    let place = Place::with_daemon();
    place.story("one", "add the webhook", true);
    let socket = place.directory.path().join("door.sock");
    let inside = |method: &str, path: &str| {
        let mut curl = place.command(std::path::Path::new("curl"));
        let asked = curl
            .env("CLAUDECODE", "1")
            .args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method, "--unix-socket"])
            .args([socket.as_os_str(), format!("http://ccmon{path}").as_ref()])
            .output();
        String::from_utf8(asked.expect("curl runs").stdout).expect("UTF-8")
    };
    assert_eq!(inside("DELETE", "/sessions/s-one"), "403");
    for path in ["/sessions/s-one", "/sessions/s-one/timeline", "/sessions/s-one/export", "/audit", "/audit/export"] {
        assert_eq!(inside("GET", path), "200", "{path}");
    }
    assert_eq!(place.good("/sessions/s-one")["live"], false);
}
