//! What is said, where to, and what an answer means; `tests/daemon/otlp.rs` plays the collector.

use serde_json::{Value, json};

use super::body::{LONGEST, logs, metrics};
use super::*;

fn record(text: &str) -> Record {
    let attributes = vec![("session.id", "s".into()), ("ccmon.event.id", 7.into()), ("cut", true.into())];
    let (at, observed) = (1_700_000_000_123, 1_700_000_000_124);
    Record { at, observed, name: "Stop".into(), severity: Severity::Warn, text: text.into(), attributes }
}

#[test]
fn a_record_is_written_as_the_specification_has_it() {
    let said: Value = serde_json::from_str(&logs(&[("service.name", "ccmon".into())], &[record("Stop")])).unwrap();
    let resource = &said["resourceLogs"][0]["resource"]["attributes"];
    assert_eq!(resource, &json!([{ "key": "service.name", "value": { "stringValue": "ccmon" } }]));
    assert_eq!(
        said["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0],
        json!({
            "timeUnixNano": "1700000000123000000",
            "observedTimeUnixNano": "1700000000124000000",
            "severityNumber": 13,
            "severityText": "WARN",
            "eventName": "Stop",
            "body": { "stringValue": "Stop" },
            "attributes": [
                { "key": "session.id", "value": { "stringValue": "s" } },
                { "key": "ccmon.event.id", "value": { "intValue": "7" } },
                { "key": "cut", "value": { "boolValue": true } },
            ],
        })
    );
}

#[test]
fn a_metric_only_grows_or_does_not() {
    let metric = |since| Metric { name: "m", description: "d", unit: "{x}", since, points: vec![(Vec::new(), 3)] };
    let said: Value = serde_json::from_str(&metrics(&[], &[metric(None), metric(Some(1))], 2)).unwrap();
    let both = &said["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
    let point = json!({ "attributes": [], "timeUnixNano": "2000000", "asInt": "3" });
    assert_eq!(both[0]["gauge"]["dataPoints"], json!([point]));
    let sum = &both[1]["sum"];
    assert_eq!((&sum["isMonotonic"], &sum["aggregationTemporality"]), (&json!(true), &json!(2)));
    assert_eq!(sum["dataPoints"][0]["startTimeUnixNano"], "1000000");
}

#[test]
fn texts_are_cut_between_characters() {
    let said: Value = serde_json::from_str(&logs(&[], &[record(&"é".repeat(LONGEST))])).unwrap();
    let text = said["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["body"]["stringValue"].as_str().unwrap();
    assert!(text.len() <= LONGEST && text.chars().all(|c| c == 'é'));
}

#[test]
fn only_this_machine_is_an_endpoint() {
    for (text, port, path) in [
        ("http://127.0.0.1:4318", 4318, ""),
        ("http://localhost:4318/", 4318, ""),
        ("http://[::1]:80/otlp/", 80, "/otlp"),
        ("http://127.9.9.9:1/a/b", 1, "/a/b"),
    ] {
        let read = Endpoint::parse(text).unwrap().unwrap();
        assert_eq!((read.port, read.path.as_str()), (port, path), "{text}");
        assert!(read.addresses.iter().all(std::net::IpAddr::is_loopback), "{text}");
    }
    assert_eq!(Endpoint::parse(""), Ok(None));
    for (text, word) in [
        ("https://127.0.0.1:4318", "no TLS"),
        ("http://example.com:4318", "of this machine"),
        ("http://127.0.0.1.nip.io:4318", "of this machine"),
        ("http://localhost.evil.example:4318", "of this machine"),
        ("http://10.0.0.1:4318", "of this machine"),
        ("http://0.0.0.0:4318", "of this machine"),
        ("http://[::ffff:10.0.0.1]:4318", "of this machine"),
        ("http://127.0.0.1:4318@example.com:4318", "without user"),
        ("http://me:secret@127.0.0.1:4318", "without user"),
        ("http://127.0.0.1:4318?x", "without user or query"),
        ("http://127.0.0.1", "port"),
        ("http://127.0.0.1:0", "port"),
        ("unix:/run/x", "http"),
        ("127.0.0.1:4318", "http"),
        ("\0", "http"),
        (" ", "http"),
    ] {
        let why = Endpoint::parse(text).unwrap_err();
        assert!(why.contains(word), "{text}: {why}");
    }
}
