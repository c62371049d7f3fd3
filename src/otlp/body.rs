//! What is said, in OTLP's JSON encoding: 64-bit numbers are strings, enums are numbers, keys are lowerCamelCase.
//!
//! <https://github.com/open-telemetry/opentelemetry-proto>; `tests/daemon/otlp.rs` reads it with protobuf's own parser.

use serde_json::{Value, json};

/// Longest text of an attribute, in bytes; one that a hook made up may be megabytes long.
pub const LONGEST: usize = 8 * 1024;
/// Of sums: all since the start.
const CUMULATIVE: u8 = 2;

/// A name and what it is: a text, a number or a truth.
pub type Attribute = (&'static str, Value);

/// One log record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When it happened, in milliseconds since the Unix epoch.
    pub at: u64,
    /// When we learnt of it.
    pub observed: u64,
    /// The name of the event.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// A line for people.
    pub text: String,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
}

/// How bad something is, by OpenTelemetry's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// As it should be.
    Info = 9,
    /// Somebody may want to look.
    Warn = 13,
    /// It failed.
    Error = 17,
}

/// One metric as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is, in words.
    pub description: &'static str,
    /// What is counted, by UCUM: `{session}`.
    pub unit: &'static str,
    /// Since when it only grows; none of what goes up and down.
    pub since: Option<u64>,
    /// Its numbers.
    pub points: Vec<(Vec<Attribute>, u64)>,
}

/// The body of a request with these records.
#[must_use]
pub fn logs(resource: &[Attribute], records: &[Record]) -> String {
    let records: Vec<_> = records.iter().map(record).collect();
    let scoped = json!([{ "scope": scope(), "logRecords": records }]);
    json!({ "resourceLogs": [{ "resource": { "attributes": attributes(resource) }, "scopeLogs": scoped }] }).to_string()
}

/// The body of a request with these metrics, as they were at that time.
#[must_use]
pub fn metrics(resource: &[Attribute], metrics: &[Metric], at: u64) -> String {
    let metrics: Vec<_> = metrics.iter().map(|metric| measured(metric, at)).collect();
    let scoped = json!([{ "scope": scope(), "metrics": metrics }]);
    json!({ "resourceMetrics": [{ "resource": { "attributes": attributes(resource) }, "scopeMetrics": scoped }] })
        .to_string()
}

fn scope() -> Value {
    json!({ "name": "ccmon", "version": env!("CARGO_PKG_VERSION") })
}

fn record(record: &Record) -> Value {
    let severity = match record.severity {
        Severity::Info => "INFO",
        Severity::Warn => "WARN",
        Severity::Error => "ERROR",
    };
    json!({
        "timeUnixNano": nanos(record.at),
        "observedTimeUnixNano": nanos(record.observed),
        "severityNumber": record.severity as u8,
        "severityText": severity,
        "eventName": short(&record.name),
        "body": { "stringValue": short(&record.text) },
        "attributes": attributes(&record.attributes),
    })
}

fn measured(metric: &Metric, at: u64) -> Value {
    let point = |(about, number): &(Vec<Attribute>, u64)| {
        let mut point =
            json!({ "attributes": attributes(about), "timeUnixNano": nanos(at), "asInt": number.to_string() });
        if let Some(since) = metric.since {
            point["startTimeUnixNano"] = nanos(since).into();
        }
        point
    };
    let points: Vec<_> = metric.points.iter().map(point).collect();
    let mut said = json!({ "name": metric.name, "description": metric.description, "unit": metric.unit });
    if metric.since.is_some() {
        said["sum"] = json!({ "dataPoints": points, "aggregationTemporality": CUMULATIVE, "isMonotonic": true });
    } else {
        said["gauge"] = json!({ "dataPoints": points });
    }
    said
}

fn attributes(all: &[Attribute]) -> Vec<Value> {
    let one = |(key, value): &Attribute| {
        let value = match value {
            Value::Bool(truth) => json!({ "boolValue": truth }),
            Value::Number(number) => json!({ "intValue": number.to_string() }),
            Value::String(text) => json!({ "stringValue": short(text) }),
            _ => return None,
        };
        Some(json!({ "key": key, "value": value }))
    };
    all.iter().filter_map(one).collect()
}

/// Milliseconds as OTLP's JSON has times.
fn nanos(ms: u64) -> String {
    ms.saturating_mul(1_000_000).to_string()
}

/// As much of it as may be sent.
#[must_use]
pub fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}
