//! Rules, with the real daemon and the real hook: what they answer, how long they last, who may change them.

mod answers;
mod broken;
mod elsewhere;
mod house;
mod lasting;
mod log;
mod offers;
mod readme;

use std::io::{BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Child;

use serde_json::{Value, json};

use crate::support::http::Message;
use crate::support::{PATIENCE, wait_until};
use crate::{Place, request};

/// A daemon with rules.
struct Ruled {
    place: Place,
}

impl Ruled {
    fn new() -> Self {
        Self { place: Place::with_daemon() }
    }

    /// One request to the API: the status, and the JSON of the answer.
    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.place.ccmon.ask(method, path, body)
    }

    /// The same with any body, as it is; and the answer as it is.
    fn ask_raw(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = UnixStream::connect(self.socket()).expect("the socket");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let head = "Host: ccmon\r\nCcmon-Client: cli\r\nConnection: close\r\nContent-Type: application/json";
        let length = body.len();
        let request = format!("{method} {path} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).expect("sent");
        let answer = Message::read(&mut BufReader::new(stream)).expect("an answer");
        let status = answer.second_word().parse().expect("a status");
        (status, String::from_utf8(answer.body).expect("UTF-8"))
    }

    /// Asks what has to be granted.
    fn good(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(method, path, body);
        assert!((200..300).contains(&status), "{method} {path} {body}: {status} {answer}");
        answer
    }

    /// A new rule at the end: its number.
    fn add(&self, rule: &Value) -> i64 {
        let (status, view) = self.ask("POST", "/rules", rule);
        assert_eq!(status, 201, "{rule}: {view}");
        view["id"].as_i64().expect("a number")
    }

    fn change(&self, id: i64, patch: &Value) -> Value {
        self.good("PATCH", &format!("/rules/{id}"), patch)
    }

    /// The rules, in order.
    fn rules(&self) -> Vec<Value> {
        self.place.ccmon.get("/rules").expect("the rules")["rules"].as_array().expect("a list").clone()
    }

    fn names(&self) -> Vec<String> {
        self.rules().iter().map(|rule| rule["name"].as_str().expect("a name").to_owned()).collect()
    }

    fn rule(&self, name: &str) -> Value {
        let found = self.rules().into_iter().find(|rule| rule["name"] == name);
        found.unwrap_or_else(|| panic!("no rule {name:?} in {:?}", self.names()))
    }

    /// A hook with this request. It waits, unless a rule answers.
    fn hook(&self, payload: &str) -> Hook {
        Hook(self.place.hook(&["--wait"], payload))
    }

    /// Claude asks for a command, and a rule is to answer: what the hook is told.
    fn answered(&self, session: &str, command: &str) -> Value {
        self.hook(&request(session, command)).answer()
    }

    /// Claude asks, and nobody answers: the hook, and the request. There may be no other.
    fn asked(&self, payload: &str) -> (Hook, Value) {
        let hook = self.hook(payload);
        (hook, self.place.ccmon.wait_for_pending(1).remove(0))
    }

    /// The same; then a human allows it.
    fn asked_and_allowed(&self, payload: &str) -> Value {
        let (hook, approval) = self.asked(payload);
        self.place.ccmon.decide(&approval, json!({ "decision": "allow" }));
        hook.answer();
        self.place.ccmon.approval(&approval["id"])
    }

    /// The key of the session's row.
    fn key(&self, session: &str) -> String {
        let sessions = self.place.ccmon.sessions();
        let of = |row: &&Value| row["session_id"] == session && row["state"] != "ended";
        let found = sessions.iter().find(of).unwrap_or_else(|| panic!("no session {session}: {sessions:?}"));
        found["key"].as_str().expect("a key").to_owned()
    }

    /// The newest request, decided or not.
    fn newest(&self) -> Value {
        let all = self.place.ccmon.get("/approvals?state=all").expect("the requests");
        let all = all["approvals"].as_array().expect("a list").clone();
        all.into_iter().max_by_key(|approval| approval["opened"].as_u64()).expect("a request")
    }

    fn restart(&mut self) {
        self.place.ccmon.kill();
        self.place.ccmon.start();
    }

    /// The store; only to be changed while no daemon runs.
    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.place.directory.path().join("state/ccmon.db")).expect("a database")
    }

    fn socket(&self) -> std::path::PathBuf {
        self.place.directory.path().join("door.sock")
    }
}

/// A hook that waits; killed if it still does when it is dropped.
struct Hook(Child);

impl Hook {
    /// The decision that it prints, once it ends; null for none.
    fn answer(mut self) -> Value {
        let ended = || self.0.try_wait().expect("a child of ours");
        wait_until(PATIENCE, ended, || "nobody answers the hook".into());
        let mut printed = String::new();
        self.0.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("UTF-8");
        let printed: Value = serde_json::from_str(&printed).unwrap_or_default();
        printed["hookSpecificOutput"]["decision"].clone()
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a child of ours").is_some()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to end.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A rule for commands, for ever; its name is its pattern.
fn rule(action: &str, glob: &str) -> Value {
    json!({ "name": glob, "tool": "Bash", "kind": "glob", "pattern": glob, "action": action, "lasts": "forever" })
}

/// The rule with some keys changed.
fn with(mut rule: Value, changes: &Value) -> Value {
    for (key, value) in changes.as_object().expect("an object") {
        rule[key] = value.clone();
    }
    rule
}

fn allowed() -> Value {
    json!({ "behavior": "allow" })
}

/// A request of `session` for any tool.
fn call(session: &str, cwd: &str, tool: &str, input: &Value) -> String {
    json!({ "session_id": session, "cwd": cwd, "hook_event_name": "PermissionRequest", "tool_name": tool,
            "tool_input": input })
    .to_string()
}
