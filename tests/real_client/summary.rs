//! Summaries, written by the real client: it is no session of its own, and leaves nothing behind.

use serde_json::json;

use crate::support::stage::Stage;

#[test]
fn a_summary_is_written_and_the_client_that_writes_it_is_no_session() {
    let mut stage = Stage::without_daemon();
    stage.settings("[summaries]\non = true\n");
    stage.lend_model();
    stage.ccmon.start();
    let printing = stage.print("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    stage.ccmon.decide(&approval, json!({"decision": "allow"}));
    assert!(printing.finish().contains("DONE bash"));
    stage.ccmon.wait_for_state(&["ended"]);
    stage.ccmon.wait_for_event("ccmon.process_gone");
    let events = stage.ccmon.events();

    let path = format!("/sessions/{}/summary", approval["session"].as_str().expect("a key"));
    let (status, answer) = stage.ccmon.ask("POST", &path, &json!({}));
    assert_eq!((status, &answer["state"]), (200, &json!("ready")), "{answer}");
    let summary = &answer["summary"];
    assert_eq!(summary["text"], "A side answer", "{summary}");
    assert!(summary["cost_usd"].as_f64().is_some_and(|cost| cost > 0.0), "{summary}");
    assert!(summary["model"].as_str().is_some_and(|model| model.contains("haiku")), "{summary}");

    // Its hooks were silent, and its status file was not taken for a session's.
    assert_eq!(stage.ccmon.events(), events);
    assert_eq!(stage.ccmon.sessions().len(), 1, "{:?}", stage.ccmon.sessions());
}
