//! A model that plays from a script: the Anthropic Messages API on a loopback port.
//!
//! The scene is named by the last user message that contains `SCENARIO:<name>`; the step is the
//! number of assistant messages after it. It keeps no state, so retries and several sessions at
//! once do what one expects. `tests/data/scenarios.json` is the script:
//! `{"<name>": [{"text": "…", "tools": [["<tool>", {<input>}], …]}, …]}`; after the last step the
//! model says `DONE <name>`. A turn with `"hangs": true` begins to speak and never ends; one with
//! `"status": 400` is an error of the API.

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use regex::Regex;
use serde_json::{Value, json};

use super::http::Message;

const SCRIPT: &str = include_str!("../data/scenarios.json");

/// The running model; it serves until the test program ends.
pub struct MockApi {
    port: u16,
    model: Arc<Model>,
}

/// One call to the model, as it was understood.
#[derive(Clone)]
pub struct Call {
    /// `bash#0`, `bash#end`, or `side` for calls without tools (titles and the like).
    pub step: String,
    /// What was sent.
    pub body: Value,
}

impl MockApi {
    /// Starts it; in every text of the script each `(from, to)` is replaced.
    pub fn start(replace: &[(&str, &str)]) -> MockApi {
        let mut script = serde_json::from_str(SCRIPT).expect("tests/data/scenarios.json is JSON");
        substitute(&mut script, replace);
        let model = Arc::new(Model { script, calls: Mutex::default() });
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        let port = listener.local_addr().expect("its number").port();
        let served = Arc::clone(&model);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let model = Arc::clone(&served);
                thread::spawn(move || model.serve(connection));
            }
        });
        MockApi { port, model }
    }

    /// What `ANTHROPIC_BASE_URL` has to say.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every call so far but the side ones, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.model.calls.lock().expect("no thread panicked");
        calls.iter().filter(|call| call.step != "side").cloned().collect()
    }

    /// The steps that were played, in order.
    pub fn steps(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.step).collect()
    }

    /// The contents of all `tool_result` blocks in the newest call that reached `step`.
    pub fn tool_results(&self, step: &str) -> Vec<String> {
        let calls = self.calls();
        let call = calls.iter().rfind(|call| call.step == step);
        let call = call.unwrap_or_else(|| panic!("the model was never asked for {step}: {:?}", self.steps()));
        blocks(&call.body).filter(|block| block["type"] == "tool_result").map(|block| text(&block["content"])).collect()
    }
}

struct Reply {
    status: u64,
    kind: &'static str,
    body: String,
    /// More is announced than will ever come.
    hangs: bool,
}

impl Reply {
    fn json(body: &Value) -> Self {
        Self { status: 200, kind: "application/json", body: body.to_string(), hangs: false }
    }
}

struct Model {
    script: Value,
    calls: Mutex<Vec<Call>>,
}

impl Model {
    fn serve(&self, mut connection: TcpStream) {
        let Ok(reading) = connection.try_clone() else {
            return;
        };
        let mut reading = BufReader::new(reading);
        while let Some(request) = Message::read(&mut reading) {
            let Reply { status, kind, body, hangs } = self.answer(&request);
            let length = body.len() + usize::from(hangs);
            let head = format!("HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
            if connection.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: &Message) -> Reply {
        let path = request.second_word().split('?').next().unwrap_or_default();
        let body = request.json();
        if path.ends_with("/count_tokens") {
            return Reply::json(&json!({"input_tokens": 1000}));
        }
        if !path.ends_with("/v1/messages") {
            return Reply::json(&json!({"data": [], "has_more": false}));
        }
        let (step, turn) = self.turn(&body);
        let streamed = body["stream"] == true;
        let message = message(&turn, &body["model"]);
        self.calls.lock().expect("no thread panicked").push(Call { step, body });
        if let Some(status) = turn["status"].as_u64() {
            let error = json!({"type": "error", "error": {"type": "invalid_request_error", "message": "mock error"}});
            return Reply { status, ..Reply::json(&error) };
        }
        if !streamed {
            return Reply::json(&message);
        }
        let hangs = turn["hangs"] == true;
        Reply { status: 200, kind: "text/event-stream", body: stream(&message, hangs), hangs }
    }

    fn turn(&self, body: &Value) -> (String, Value) {
        if body["tools"].as_array().is_none_or(Vec::is_empty) {
            return ("side".to_owned(), json!({"text": side_answer(body)}));
        }
        let Some((name, step)) = scene(body) else {
            return ("none".to_owned(), json!({"text": "No scenario was named."}));
        };
        match self.script[&name].get(step) {
            Some(turn) => {
                let mut turn = turn.clone();
                substitute(&mut turn, &[("{plan_file}", &plan_file(body))]);
                (format!("{name}#{step}"), turn)
            }
            None => (format!("{name}#end"), json!({"text": format!("DONE {name}")})),
        }
    }
}

/// The scene the conversation is in, and how many turns of it were played.
fn scene(body: &Value) -> Option<(String, usize)> {
    let named = Regex::new(r"SCENARIO:([A-Za-z0-9_]+)").expect("a valid pattern");
    let reminder = Regex::new(r"(?s)<system-reminder>.*?</system-reminder>").expect("a valid pattern");
    let mut played = 0;
    for message in body["messages"].as_array()?.iter().rev() {
        if message["role"] == "assistant" {
            played += 1;
        }
        let said = text(&message["content"]);
        let said = reminder.replace_all(&said, "");
        if message["role"] == "user"
            && let Some(found) = named.captures_iter(&said).last()
        {
            return Some((found[1].to_owned(), played));
        }
    }
    None
}

/// The file that plan mode names for the plan; the newest one, when there were several.
fn plan_file(body: &Value) -> String {
    let named = Regex::new(r#"/[^\s"'`\\]+/plans/[^\s"'`\\]+\.md"#).expect("a valid pattern");
    let told = body["messages"].to_string();
    named.find_iter(&told).last().map_or_else(|| "no-plan-file.md".to_owned(), |file| file.as_str().to_owned())
}

/// Titles, summaries and the like: something that fits the asked schema.
fn side_answer(body: &Value) -> String {
    match &body["output_config"]["format"]["schema"] {
        Value::Null => "A side answer".to_owned(),
        schema => instance(schema).to_string(),
    }
}

fn instance(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(properties) = schema["properties"].as_object() {
        return properties.iter().map(|(name, schema)| (name.clone(), instance(schema))).collect();
    }
    match schema["type"].as_str() {
        Some("boolean") => json!(false),
        Some("integer" | "number") => json!(0),
        Some("array") => json!([]),
        _ => json!("A title"),
    }
}

/// The API's answer for a turn of the script.
fn message(turn: &Value, model: &Value) -> Value {
    let mut content = Vec::new();
    if let Some(text) = turn["text"].as_str() {
        content.push(json!({"type": "text", "text": text}));
    }
    let tools = turn["tools"].as_array().into_iter().flatten();
    content.extend(
        tools.map(|call| json!({"type": "tool_use", "id": serial("toolu"), "name": call[0], "input": call[1]})),
    );
    let stop = if turn["tools"].is_array() { "tool_use" } else { "end_turn" };
    json!({
        "id": serial("msg"), "type": "message", "role": "assistant", "model": model, "content": content,
        "stop_reason": stop, "stop_sequence": null,
        "usage": {"input_tokens": 1200, "output_tokens": 42, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 5000},
    })
}

/// The same answer as the server-sent events of a streamed call.
fn stream(message: &Value, hangs: bool) -> String {
    let mut opening = message.clone();
    opening["content"] = json!([]);
    opening["stop_reason"] = Value::Null;
    let mut events = vec![json!({"type": "message_start", "message": opening})];
    for (index, block) in message["content"].as_array().into_iter().flatten().enumerate() {
        let (start, delta) = if block["type"] == "text" {
            (json!({"type": "text", "text": ""}), json!({"type": "text_delta", "text": block["text"]}))
        } else {
            let mut start = block.clone();
            start["input"] = json!({});
            (start, json!({"type": "input_json_delta", "partial_json": block["input"].to_string()}))
        };
        events.push(json!({"type": "content_block_start", "index": index, "content_block": start}));
        events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    if hangs {
        events.pop();
    }
    let ending = json!({"stop_reason": message["stop_reason"], "stop_sequence": null});
    if !hangs {
        events.push(json!({"type": "message_delta", "delta": ending, "usage": {"output_tokens": 42}}));
        events.push(json!({"type": "message_stop"}));
    }
    let kind = |event: &Value| event["type"].as_str().unwrap_or_default().to_owned();
    events.iter().map(|event| format!("event: {}\ndata: {event}\n\n", kind(event))).collect()
}

fn serial(of: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{of}_mock{:018}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn blocks(body: &Value) -> impl Iterator<Item = &Value> {
    let messages = body["messages"].as_array().into_iter().flatten();
    messages.flat_map(|message| message["content"].as_array().into_iter().flatten())
}

/// The text of a message's content, which may be one string or a list of blocks.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

fn substitute(value: &mut Value, replace: &[(&str, &str)]) {
    match value {
        Value::String(text) => {
            for (from, to) in replace {
                *text = text.replace(from, to);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| substitute(item, replace)),
        Value::Object(fields) => fields.values_mut().for_each(|field| substitute(field, replace)),
        _ => {}
    }
}
