//! OpenTelemetry, with a stand-in for a collector: what it is told, and what it may do to us. `tests/otlp/run` reads the
//! same with protobuf's own parser.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::support::http::Message;
use crate::support::{PATIENCE, Reserved, wait_until};
use crate::{Place, prompt, request};

/// What the collector does with a request for logs.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Answers with this status, and these headers.
    Status(u16, &'static str),
    /// Takes all but one.
    Partial,
    /// Answers with something else than HTTP.
    Garbage,
    /// Never answers.
    Hang,
}

/// A collector that takes everything, after what it was told to do first.
struct Collector {
    port: u16,
    heard: Arc<Mutex<Vec<Message>>>,
}

impl Collector {
    fn start(first: &[Does]) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").expect("a free port"), first)
    }

    fn at(listener: TcpListener, first: &[Does]) -> Self {
        let port = listener.local_addr().expect("its number").port();
        let (heard, plan) = (Arc::new(Mutex::default()), Arc::new(Mutex::new(VecDeque::from(first.to_vec()))));
        let collector = Self { port, heard: Arc::clone(&heard) };
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (heard, plan) = (Arc::clone(&heard), Arc::clone(&plan));
                thread::spawn(move || serve(connection, &heard, &plan));
            }
        });
        collector
    }

    fn settings(&self, more: &str) -> String {
        format!("[otlp]\nendpoint = \"http://localhost:{}\"\n{more}\n", self.port)
    }

    /// The bodies of what was taken at `path`.
    fn bodies(&self, path: &str) -> Vec<Value> {
        let heard = self.heard.lock().expect("no thread panicked");
        heard.iter().filter(|message| message.second_word() == path).map(Message::json).collect()
    }

    /// The records that were taken, oldest first.
    fn records(&self) -> Vec<Value> {
        let of = |body: &Value| body["resourceLogs"][0]["scopeLogs"][0]["logRecords"].clone();
        let all = self.bodies("/v1/logs");
        all.iter().flat_map(|body| of(body).as_array().cloned().unwrap_or_default()).collect()
    }

    fn wait_for(&self, place: &Place, so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let there = || Some(self.records()).filter(|records| so(records));
        wait_until(PATIENCE, there, || format!("told {:#?}; {}", self.records(), standing(place)))
    }
}

fn serve(mut connection: TcpStream, heard: &Mutex<Vec<Message>>, plan: &Mutex<VecDeque<Does>>) {
    let reading = connection.try_clone().expect("a second handle");
    let Some(message) = Message::read(&mut BufReader::new(reading)) else { return };
    let next = || plan.lock().expect("no thread panicked").pop_front();
    let does = if message.second_word() == "/v1/logs" { next() } else { None };
    let answer = match does {
        None | Some(Does::Partial) => {
            heard.lock().expect("no thread panicked").push(message);
            let rejected = if does.is_some() { r#"{"partialSuccess":{"rejectedLogRecords":"1"}}"# } else { "{}" };
            let kind = "Content-Type: application/json";
            format!("HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {}\r\n\r\n{rejected}", rejected.len())
        }
        Some(Does::Status(status, headers)) => {
            format!("HTTP/1.1 {status} No\r\n{headers}Content-Length: 0\r\n\r\n")
        }
        Some(Does::Garbage) => "\0\u{1b}[31m nothing of the sort\r\n\r\n".to_owned(),
        Some(Does::Hang) => {
            // Until the other side gives up.
            let _ = connection.read(&mut [0]);
            return;
        }
    };
    let _ = connection.write_all(answer.as_bytes());
}

fn with(settings: &str) -> Place {
    let mut place = Place::new();
    place.write_settings(settings);
    place.ccmon.start();
    place
}

fn standing(place: &Place) -> Value {
    place.ccmon.get("/settings").expect("the settings")["otlp"].clone()
}

fn wait_for_standing(place: &Place, so: impl Fn(&Value) -> bool) -> Value {
    wait_until(PATIENCE, || Some(standing(place)).filter(&so), || format!("it stands {:#}", standing(place)))
}

fn log(place: &Place) -> String {
    fs::read_to_string(place.directory.path().join("state/daemon.log")).expect("a log")
}

/// One attribute of a record.
fn said(record: &Value, key: &str) -> Value {
    let all = record["attributes"].as_array().cloned().unwrap_or_default();
    let found = all.into_iter().find(|attribute| attribute["key"] == key);
    found.map(|attribute| attribute["value"]["stringValue"].clone()).unwrap_or_default()
}

fn named<'a>(records: &'a [Value], name: &str) -> Vec<&'a Value> {
    records.iter().filter(|record| record["eventName"] == name).collect()
}

#[test]
fn names_and_decisions_are_told_and_nothing_that_was_said() {
    let collector = Collector::start(&[]);
    let place = with(&collector.settings(""));
    place.event(&prompt("one", 7_777));
    let hook = place.hook(&["--wait"], &request("one", "touch secret-file"));
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    place.ccmon.decide(&pending, json!({ "decision": "deny", "message": "not-this-reason" }));
    hook.wait_with_output().expect("the hook ends");

    let records = collector.wait_for(&place, |all| !named(all, "ccmon.settled").is_empty());
    let prompted = named(&records, "UserPromptSubmit")[0];
    assert_eq!((said(prompted, "session.id"), &prompted["severityNumber"]), (json!("one"), &json!(9)));
    let asked = named(&records, "PermissionRequest")[0];
    assert_eq!(
        (said(asked, "ccmon.tool"), &asked["body"]["stringValue"]),
        (json!("Bash"), &json!("PermissionRequest Bash"))
    );
    let settled = named(&records, "ccmon.settled")[0];
    assert_eq!(
        ["id", "outcome", "by"].map(|key| said(settled, &format!("ccmon.approval.{key}"))),
        [pending["id"].clone(), json!("denied"), json!("cli")]
    );
    let moves = named(&records, "ccmon.state").into_iter().map(|one| said(one, "ccmon.session.state"));
    assert_eq!(moves.take(3).collect::<Vec<_>>(), ["working", "awaiting_permission", "working"]);
    let all = format!("{:?}", collector.heard.lock().expect("no panic").iter().map(Message::json).collect::<Vec<_>>());
    for word in ["7777", "secret-file", "not-this-reason"] {
        assert!(!all.contains(word), "{word} was said");
    }

    let gauges = wait_until(PATIENCE, || collector.bodies("/v1/metrics").pop(), || "no metrics".into());
    let metrics = &gauges["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
    assert_eq!(metrics[0]["name"], "ccmon.sessions");
    let count = u64::try_from(records.len()).expect("a count");
    wait_for_standing(&place, |told| told["sent"].as_u64() >= Some(count) && told["dropped"] == 0);
    let doctor = place.ccmon.cli(&["doctor"]);
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("records went to localhost:"), "{doctor:?}");
}

#[test]
fn what_was_said_is_told_when_the_user_says_so() {
    let collector = Collector::start(&[]);
    let place = with(&collector.settings("content = true"));
    place.event(&prompt("one", 7_777));
    let records = collector.wait_for(&place, |all| !named(all, "UserPromptSubmit").is_empty());
    let payload = said(named(&records, "UserPromptSubmit")[0], "ccmon.payload");
    assert!(payload.as_str().is_some_and(|payload| payload.contains("prompt 7777")), "{payload}");
}

#[test]
fn nobody_is_told_until_a_collector_is_named() {
    let collector = Collector::start(&[]);
    let mut place = Place::new();
    place.ccmon.set("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://localhost:{}", collector.port));
    place.ccmon.start();
    place.event(&prompt("one", 1));
    assert_eq!(standing(&place), Value::Null);
    let named_now = json!({ "otlp.endpoint": format!("http://localhost:{}", collector.port) });
    assert_eq!(place.ccmon.ask("PATCH", "/settings", &named_now).0, 200);
    wait_for_standing(&place, Value::is_object);
    place.event(&prompt("one", 2));
    let records = collector.wait_for(&place, |all| !named(all, "UserPromptSubmit").is_empty());
    assert_eq!(named(&records, "UserPromptSubmit").len(), 1, "what was before is not told");
    assert_eq!(place.ccmon.ask("PATCH", "/settings", &json!({ "otlp.endpoint": null })).0, 200);
    wait_for_standing(&place, Value::is_null);
}

/// Each of these is waited out, and nothing is told twice that was taken once.
#[test]
fn a_collector_in_trouble_gets_everything_later() {
    let trouble = [
        Does::Status(503, "Retry-After: 1\r\n"),
        Does::Status(429, "Retry-After: soon\r\n"),
        Does::Garbage,
        Does::Hang,
    ];
    let collector = Collector::start(&trouble);
    let place = with(&collector.settings(""));
    place.event(&prompt("one", 1));
    let told = wait_for_standing(&place, |told| told["problem"].is_string());
    assert_eq!(told["sent"], 0);
    let doctor = String::from_utf8(place.ccmon.cli(&["doctor"]).stdout).expect("UTF-8");
    assert!(doctor.contains("OpenTelemetry"), "{doctor}");
    (2..5).for_each(|number| place.event(&prompt("one", number)));
    let records = collector.wait_for(&place, |all| named(all, "UserPromptSubmit").len() >= 4);
    assert_eq!(named(&records, "UserPromptSubmit").len(), 4);
    let mended = wait_for_standing(&place, |told| told["problem"].is_null());
    assert_eq!(mended["dropped"], 0, "{mended}");
    let goes_on = || log(&place).contains("OpenTelemetry goes on").then_some(());
    wait_until(PATIENCE, goes_on, || log(&place));
    assert!(!log(&place).contains('\u{1b}'), "{}", log(&place));
}

#[test]
fn a_collector_that_is_away_gets_everything_when_it_comes() {
    let reserved = Reserved::new();
    let place = with(&format!("[otlp]\nendpoint = \"http://127.0.0.1:{}\"\n", reserved.port));
    place.event(&prompt("one", 1));
    let told = wait_for_standing(&place, |told| told["problem"].is_string());
    assert!(told["problem"].as_str().is_some_and(|why| why.contains("nobody answers")), "{told}");
    let collector = Collector::at(reserved.listen(), &[]);
    collector.wait_for(&place, |all| named(all, "UserPromptSubmit").len() == 1);
    wait_for_standing(&place, |told| told["problem"].is_null());
}

#[test]
fn what_is_refused_is_dropped_and_counted() {
    let collector = Collector::start(&[Does::Status(400, ""), Does::Partial]);
    let place = with(&collector.settings(""));
    place.event(&prompt("one", 1));
    let problem = |told: &Value, why: &str| told["problem"].as_str().is_some_and(|text| text.contains(why));
    let told = wait_for_standing(&place, |told| told["dropped"].as_u64() > Some(0) && problem(told, "400"));
    let refused = told["dropped"].as_u64().expect("a count");
    place.event(&prompt("one", 2));
    let in_part = |told: &Value| told["dropped"].as_u64() == Some(refused + 1) && problem(told, "did not take 1 of");
    wait_for_standing(&place, in_part);
    assert_eq!(named(&collector.records(), "UserPromptSubmit").len(), 1, "what was refused is not sent again");
    place.event(&prompt("one", 3));
    wait_for_standing(&place, |told| told["problem"].is_null());
    assert!(log(&place).contains("records are dropped"), "{}", log(&place));
}

#[test]
fn headers_are_sent_from_a_file_that_is_ours_alone_and_never_shown() {
    let collector = Collector::start(&[Does::Status(503, "")]);
    let mut place = Place::new();
    let file = place.directory.path().join("headers");
    fs::write(&file, "# for the collector\nAuthorization: Bearer swordfish\n\nX-Scope: team\n").expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a file of ours");
    place.write_settings(&collector.settings(&format!("headers_file = {:?}", file.display().to_string())));
    place.ccmon.set("CCMON_LOG", "trace");
    place.ccmon.start();
    place.event(&prompt("one", 1));
    let told = wait_for_standing(&place, |told| told["problem"].is_string());
    assert!(told["problem"].as_str().is_some_and(|why| why.contains("chmod 600")), "{told}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a file of ours");
    collector.wait_for(&place, |all| !all.is_empty());
    let heard = collector.heard.lock().expect("no panic");
    let logs = heard.iter().find(|message| message.second_word() == "/v1/logs").expect("a request");
    let sent = logs.headers.join("\n").to_lowercase();
    assert!(sent.contains("authorization: bearer swordfish") && sent.contains("x-scope: team"), "{sent}");
    let shown = format!("{} {}", place.ccmon.get("/settings").expect("the settings"), log(&place));
    assert!(!shown.contains("swordfish"), "{shown}");
}
