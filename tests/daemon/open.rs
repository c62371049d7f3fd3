//! Links, and what else asks for windows, where no desktop is.

use serde_json::json;

use crate::{Place, prompt, request};

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
    assert!(place.ccmon.events().iter().any(|kind| kind == "ccmon.refused"), "the attempt is on record");
}
