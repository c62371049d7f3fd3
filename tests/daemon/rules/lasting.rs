//! How long a rule lasts.

use serde_json::{Value, json};

use super::{Ruled, allowed, rule, with};
use crate::support::{PATIENCE, wait_until};
use crate::{prompt, request};

/// A rule of another time.
fn lasting(name: &str, lasts: &Value) -> Value {
    with(with(rule("allow", "touch *"), &json!({ "name": name })), lasts)
}

#[test]
fn a_rule_for_a_session_is_for_that_one_and_ends_with_it() {
    let mut ruled = Ruled::new();
    ruled.place.event(&prompt("one", 0));
    ruled.place.event(&prompt("two", 0));
    ruled.add(&lasting("mine", &json!({ "lasts": "session", "session": ruled.key("one") })));
    assert_eq!(ruled.answered("one", "touch foo"), allowed());
    ruled.asked_and_allowed(&request("two", "touch foo"));

    ruled.restart();
    assert_eq!(ruled.answered("one", "touch foo"), allowed(), "the session is still there");
    let end = json!({ "session_id": "one", "cwd": "/p", "hook_event_name": "SessionEnd", "reason": "other" });
    ruled.place.event(&end.to_string());
    assert_eq!(ruled.names(), Vec::<String>::new());
    ruled.asked_and_allowed(&request("one", "touch foo"));
    ruled.restart();
    assert_eq!(ruled.names(), Vec::<String>::new());
}

#[test]
fn a_rule_for_a_session_that_ends_while_nobody_is_there_is_over() {
    let mut ruled = Ruled::new();
    ruled.place.event(&prompt("one", 0));
    ruled.add(&lasting("mine", &json!({ "lasts": "session", "session": ruled.key("one") })));
    ruled.place.ccmon.kill();
    let end = json!({ "session_id": "one", "cwd": "/p", "hook_event_name": "SessionEnd", "reason": "other" });
    ruled.place.event(&end.to_string());
    ruled.place.ccmon.start();
    assert_eq!(ruled.names(), Vec::<String>::new());
    ruled.asked_and_allowed(&request("one", "touch foo"));
}

#[test]
fn some_rules_outlive_the_daemon_and_some_do_not() {
    let mut ruled = Ruled::new();
    ruled.place.event(&prompt("one", 0));
    let rules = [
        ("until restart", json!({ "lasts": "restart" })),
        ("forever", json!({ "lasts": "forever" })),
        ("hour", json!({ "lasts": "seconds", "seconds": 3600 })),
        ("session", json!({ "lasts": "session", "session": ruled.key("one") })),
        ("once", json!({ "lasts": "once" })),
    ];
    for (name, lasts) in &rules {
        ruled.add(&lasting(name, lasts));
    }
    let before = ruled.rules();
    let left = ruled.rule("hour")["ends"]["in_ms"].as_u64().expect("an end");
    assert!((1..=3_600_000).contains(&left), "{left}");

    ruled.restart();
    assert_eq!(ruled.names(), ["forever", "hour", "session", "once"]);
    let still = ruled.rule("hour")["ends"]["in_ms"].as_u64().expect("an end");
    assert!((1..=left).contains(&still), "it lasts no longer than before: {still}");
    for rule in &before[1..] {
        let now = ruled.rule(rule["name"].as_str().expect("a name"));
        for key in ["id", "pattern", "lasts", "session", "seconds", "made", "matches"] {
            assert_eq!(now[key], rule[key], "{key}");
        }
    }
    // Numbers are never given again, also those of rules that are over.
    let newest = before.iter().filter_map(|rule| rule["id"].as_i64()).max().expect("a number");
    ruled.good("DELETE", &format!("/rules/{newest}"), &Value::Null);
    ruled.restart();
    assert_eq!(ruled.add(&lasting("new", &json!({}))), newest + 1);
}

#[test]
fn a_rule_of_seconds_ends_by_itself() {
    let ruled = Ruled::new();
    ruled.add(&lasting("short", &json!({ "lasts": "seconds", "seconds": 1 })));
    ruled.add(&lasting("long", &json!({ "lasts": "seconds", "seconds": 1000, "enabled": false })));
    let over = || (ruled.names() == ["long"]).then_some(());
    wait_until(PATIENCE, over, || format!("{:?}", ruled.rules()));
    ruled.asked_and_allowed(&request("one", "touch foo"));
}

#[test]
fn a_rule_of_seconds_does_not_outlive_its_start_of_the_machine() {
    let mut ruled = Ruled::new();
    for name in ["other boot", "over", "going on"] {
        ruled.add(&lasting(name, &json!({ "lasts": "seconds", "seconds": 3600 })));
    }
    ruled.place.ccmon.kill();
    let change = |what: &str, name: &str| {
        let sql = format!("UPDATE rules SET {what} WHERE rule LIKE '%\"{name}\"%'");
        assert_eq!(ruled.database().execute(&sql, []), Ok(1), "{sql}");
    };
    change("boot = 'another'", "other boot");
    change("ends = 1", "over");
    ruled.place.ccmon.start();
    assert_eq!(ruled.names(), ["going on"]);
}

#[test]
fn counts_outlive_the_daemon() {
    let mut ruled = Ruled::new();
    ruled.add(&rule("allow", "touch *"));
    ruled.add(&with(rule("deny", "npm *"), &json!({ "dry_run": true })));
    ruled.answered("one", "touch foo");
    ruled.answered("one", "touch bar");
    ruled.asked_and_allowed(&request("one", "npm i"));
    let before = ruled.rules();
    assert_eq!((&before[0]["matches"], &before[1]["matches"]), (&json!(2), &json!(1)));
    assert!(before.iter().all(|rule| rule["last_match"].is_u64()), "{before:?}");
    ruled.restart();
    assert_eq!(ruled.rules(), before);
}

#[test]
fn the_order_outlives_rules_that_went_and_counts() {
    let mut ruled = Ruled::new();
    ruled.add(&rule("allow", "touch *"));
    ruled.add(&with(rule("deny", "touch bad*"), &json!({ "position": 0 })));
    ruled.add(&with(rule("allow", "make once"), &json!({ "position": 0, "lasts": "once" })));
    ruled.answered("one", "make once");
    ruled.answered("one", "touch good");
    let before = ruled.rules();
    assert_eq!(ruled.names(), ["touch bad*", "touch *"]);
    ruled.restart();
    assert_eq!(ruled.rules(), before);
    assert_eq!(ruled.answered("one", "touch bad")["behavior"], "deny");
}
