//! From what a hook sent to what the core understands: tolerant wire types, one conversion.
//!
//! Unknown events and fields are let pass, missing ones are `None`; only what makes a call
//! unusable is an error. Field names as recorded from Claude Code 2.1.329 and 2.0.76.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::depth;
use crate::core::{Agent, Ask, Away, ELICITATION, Hook, HookCall, Origin, ProcessId, Raw, Time};
use crate::surrogates;

/// Longest path or name taken from outside, in bytes (Linux's `PATH_MAX`).
const LONGEST_NAME: usize = 4_096;

/// Why a hook call is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// Not the JSON it has to be.
    #[error("{what} is not usable JSON: {why}")]
    Json {
        /// Context or payload.
        what: &'static str,
        /// The parser's word.
        why: serde_json::Error,
    },
    /// A field that has to be there is missing, or not what it has to be.
    #[error("{0}")]
    Field(&'static str),
}

/// The context that `ccmon-hook` adds.
#[derive(Deserialize)]
struct Context {
    id: String,
    started_ms: u64,
    pid: Option<u32>,
    start: Option<u64>,
    tty: Option<String>,
    host: Option<String>,
    boot: Option<String>,
    pids: Option<u64>,
    away: Option<Found>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

/// What the daemon added where the numbers above are not those of its own machine.
#[derive(Deserialize)]
struct Found {
    through: String,
    relay: Option<(u32, u64)>,
    process: Option<(u32, u64)>,
}

#[derive(Deserialize)]
struct Payload {
    session_id: String,
    hook_event_name: String,
    #[serde(default)]
    cwd: String,
    transcript_path: Option<String>,
    permission_mode: Option<String>,
    agent_id: Option<String>,
    agent_type: Option<String>,
    source: Option<String>,
    model: Option<String>,
    session_title: Option<String>,
    reason: Option<String>,
    prompt: Option<String>,
    prompt_id: Option<String>,
    tool_name: Option<String>,
    tool_input: Option<Value>,
    tool_use_id: Option<String>,
    tool_calls: Option<Vec<ToolCall>>,
    permission_suggestions: Option<Value>,
    last_assistant_message: Option<String>,
    background_tasks: Option<Vec<BackgroundTask>>,
    error: Option<Value>,
    notification_type: Option<String>,
    new_cwd: Option<String>,
    to_model: Option<String>,
    mcp_server_name: Option<String>,
    message: Option<String>,
    mode: Option<String>,
    requested_schema: Option<Value>,
    url: Option<String>,
    elicitation_id: Option<String>,
}

#[derive(Deserialize)]
struct BackgroundTask {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct ToolCall {
    tool_use_id: Option<String>,
}

/// Reads one hook call as it came from `ccmon-hook` at `now`.
///
/// # Errors
/// When context or payload is not JSON, or lacks an id, a session or an event name.
pub fn read(context: &str, payload: &[u8], now: Time) -> Result<HookCall, Malformed> {
    let wire: Context = parse("the context", context)?;
    if wire.id.len() != 32 || !wire.id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Malformed::Field("the context's id is not 32 hex digits"));
    }
    let text = String::from_utf8_lossy(payload);
    let body: Payload = parse("the payload", &text)?;
    if !is_session_id(&body.session_id) {
        return Err(Malformed::Field("session_id is empty, too long, or has characters no session id has"));
    }
    Ok(HookCall {
        at: Time(wire.started_ms.min(now.0)),
        what: depth::readable(hook(&body, &wire.id)?, &text)?,
        origin: origin(&wire, &body.session_id),
        id: wire.id,
        agent: body.agent_id.map(|id| Agent { id, kind: body.agent_type.unwrap_or_default() }),
        session_id: body.session_id,
        transcript: body.transcript_path.and_then(bounded),
        cwd: bounded(body.cwd).unwrap_or_default(),
        prompt_id: body.prompt_id.and_then(bounded),
        mode: body.permission_mode.and_then(bounded),
        raw: Raw { context: context.trim().into(), payload: text.trim().into() },
    })
}

fn origin(wire: &Context, session_id: &str) -> Origin {
    let process = |(pid, start)| ProcessId { pid, start };
    let (host, env) = (wire.host.clone(), wire.env.clone());
    let Some(found) = &wire.away else {
        let process = wire.pid.zip(wire.start).map(process);
        return Origin { process, tty: wire.tty.clone(), host, env, away: None };
    };
    let relay = found.relay.map(process);
    let away = Away { id: id_among_all(wire, session_id), through: found.through.clone(), relay };
    // Its terminal is none of ours either.
    Origin { process: found.process.map(process), tty: None, host, env, away: Some(away) }
}

/// What tells a session of another machine, or of a container, from all others.
fn id_among_all(wire: &Context, session_id: &str) -> String {
    let machine = wire.boot.as_ref().or(wire.host.as_ref());
    let mut place = digest([machine.map_or("", String::as_str), &wire.pids.unwrap_or_default().to_string()]);
    place.truncate(8);
    match wire.pid.zip(wire.start) {
        Some((pid, start)) => format!("{pid}-{start}-{place}"),
        None => format!("s-{session_id}-{place}"),
    }
}

fn hook(body: &Payload, id: &str) -> Result<Hook, Malformed> {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    Ok(match body.hook_event_name.as_str() {
        "SessionStart" => Hook::SessionStarted {
            source: text(&body.source),
            model: body.model.clone(),
            title: body.session_title.clone(),
        },
        "SessionEnd" => Hook::SessionEnded { reason: text(&body.reason) },
        "UserPromptSubmit" => prompted(text(&body.prompt)),
        "PreToolUse" => {
            let (call, tool, input) = call(body)?;
            Hook::ToolStarted { call, tool, input }
        }
        name @ ("PostToolUse" | "PostToolUseFailure") => {
            let (call, tool, input) = call(body)?;
            Hook::ToolEnded { call, tool, input, failed: name == "PostToolUseFailure" }
        }
        "PostToolBatch" => {
            let calls = body.tool_calls.iter().flatten();
            Hook::BatchEnded { calls: calls.filter_map(|c| c.tool_use_id.clone()).collect() }
        }
        "PermissionRequest" => Hook::Asked(ask(body, id)?),
        "Stop" => Hook::Stopped {
            message: body.last_assistant_message.clone(),
            background: body.background_tasks.iter().flatten().filter(|task| task.is_agent()).count(),
        },
        "StopFailure" => Hook::Failed { error: body.error.as_ref().map(in_words).unwrap_or_default() },
        "SubagentStart" => Hook::AgentStarted,
        "SubagentStop" => Hook::AgentStopped,
        "Notification" => Hook::Notified { kind: text(&body.notification_type) },
        "Elicitation" => Hook::Elicited(elicitation(body, id)),
        "ElicitationResult" => Hook::ElicitationEnded,
        "PostModelSwitch" if body.to_model.is_some() => Hook::ModelSwitched { model: text(&body.to_model) },
        "CwdChanged" => Hook::Moved { cwd: bounded(text(&body.new_cwd)).unwrap_or_default() },
        name => Hook::Other { name: bounded(name.to_owned()).unwrap_or_default() },
    })
}

impl BackgroundTask {
    /// A shell may run for days while Claude waits for the user (2.1.329: its own status is then `shell`).
    fn is_agent(&self) -> bool {
        self.kind.as_deref() != Some("shell")
    }
}

/// A background agent's end arrives as a prompt that nobody typed.
fn prompted(text: String) -> Hook {
    Hook::Prompted { synthetic: text.trim_start().starts_with("<task-notification>"), text }
}

fn call(body: &Payload) -> Result<(String, String, Arc<Value>), Malformed> {
    let tool = tool(body)?;
    let input = Arc::new(body.tool_input.clone().unwrap_or(Value::Null));
    Ok((body.tool_use_id.clone().unwrap_or_default(), tool, input))
}

fn ask(body: &Payload, id: &str) -> Result<Ask, Malformed> {
    let tool = tool(body)?;
    let input = match &body.tool_input {
        Some(input @ Value::Object(_)) => input.clone(),
        _ => {
            return Err(Malformed::Field("a PermissionRequest's tool_input has to be an object"));
        }
    };
    let shown = shown(id, body, &tool, &input);
    let suggestions = body.permission_suggestions.clone().filter(Value::is_array);
    let suggestions = Arc::new(suggestions.unwrap_or_else(|| Value::Array(Vec::new())));
    Ok(Ask { tool, input: Arc::new(input), suggestions, shown, hold_ms: 0 })
}

/// What an MCP server asks: `form` with a schema, or `url` with an address (2.1.329 knows both, measured).
fn elicitation(body: &Payload, id: &str) -> Ask {
    let text = |name: &str, value: &Option<String>| Some((name.to_owned(), Value::String(value.clone()?)));
    let told = [
        text("server", &body.mcp_server_name),
        text("message", &body.message),
        text("mode", &body.mode),
        text("url", &body.url),
        text("elicitation_id", &body.elicitation_id),
        body.requested_schema.clone().map(|schema| ("schema".to_owned(), schema)),
    ];
    let input = Value::Object(told.into_iter().flatten().collect::<Map<_, _>>());
    let shown = shown(id, body, ELICITATION, &input);
    let suggestions = Arc::new(Value::Array(Vec::new()));
    Ask { tool: ELICITATION.to_owned(), input: Arc::new(input), suggestions, shown, hold_ms: 0 }
}

fn tool(body: &Payload) -> Result<String, Malformed> {
    let name = body.tool_name.clone().and_then(bounded).filter(|name| !name.is_empty());
    name.ok_or(Malformed::Field("tool_name is missing or too long"))
}

/// The hash that ties a decision to what was shown: SHA-256 over the request's id, session,
/// directory, tool and input, each behind its length.
fn shown(id: &str, body: &Payload, tool: &str, input: &Value) -> Arc<str> {
    digest([id, &body.session_id, &body.cwd, tool, &input.to_string()]).into()
}

fn digest<const N: usize>(parts: [&str; N]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn in_words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn bounded(name: String) -> Option<String> {
    (name.len() <= LONGEST_NAME).then_some(name)
}

fn is_session_id(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=128).contains(&id.len()) && id.bytes().all(fits)
}

/// Parses JSON; when that fails, once more with lone surrogates replaced, which JavaScript writes
/// where it cut a string in two.
fn parse<T: for<'a> Deserialize<'a>>(what: &'static str, text: &str) -> Result<T, Malformed> {
    serde_json::from_str(text)
        .or_else(|first| surrogates::mend(text).map_or(Err(first), |mended| serde_json::from_str(&mended)))
        .map_err(|why| Malformed::Json { what, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &str = r#"{"v":1,"id":"0123456789abcdef0123456789abcdef","started_ms":5,"pid":7,"start":9}"#;

    fn read_text(payload: &str) -> Result<HookCall, Malformed> {
        read(CONTEXT, payload.as_bytes(), Time(10))
    }

    #[test]
    fn a_permission_request_is_understood() {
        let call = read_text(
            r#"{"session_id":"s-1","cwd":"/p","hook_event_name":"PermissionRequest","tool_name":"Bash",
               "tool_input":{"command":"touch foo"},"permission_suggestions":[{"type":"setMode"}],"new":{"x":[1]}}"#,
        )
        .unwrap();
        assert_eq!(call.origin.process, Some(ProcessId { pid: 7, start: 9 }));
        let Hook::Asked(ask) = call.what else { panic!("not a request") };
        assert_eq!(ask.tool, "Bash");
        assert_eq!(ask.input["command"], "touch foo");
        assert_eq!(ask.shown.len(), 64);
    }

    #[test]
    fn an_elicitation_is_understood_and_its_hash_covers_all_of_it() {
        let elicited = |payload: &str| match read_text(payload).unwrap().what {
            Hook::Elicited(ask) => ask,
            other => panic!("{other:?}"),
        };
        let recorded = include_str!("../../tests/data/payloads/Elicitation-form.json");
        let form = elicited(recorded);
        assert_eq!((form.tool.as_str(), &form.input["server"]), ("Elicitation", &Value::from("demo")));
        assert_eq!(form.input["schema"]["properties"]["name"]["title"], "Name");
        for (was, is) in [("\"demo\"", "\"other\""), ("your name", "your password"), ("Name", "Key"), ("form", "url")] {
            assert_ne!(elicited(&recorded.replacen(was, is, 1)).shown, form.shown, "{was}");
        }
        let page = elicited(include_str!("../../tests/data/payloads/Elicitation-url.json"));
        let told = (&page.input["mode"], &page.input["url"], page.input.get("schema"));
        assert_eq!(told, (&Value::from("url"), &Value::from("https://example.org/login"), None));
        let bare = elicited(r#"{"session_id":"s","hook_event_name":"Elicitation"}"#);
        assert_eq!(*bare.input, Value::Object(Map::new()));
    }

    #[test]
    fn lone_surrogates_are_mended_and_pairs_kept() {
        let ask = |command: &str| {
            let payload = format!(
                r#"{{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{{"command":"{command}"}}}}"#
            );
            let Hook::ToolStarted { input, .. } = read_text(&payload).unwrap().what else { panic!() };
            input["command"].as_str().unwrap().to_owned()
        };
        assert_eq!(ask(r"a\ud83d"), "a\u{FFFD}");
        assert_eq!(ask(r"\udc00b\\ud83d"), "\u{FFFD}b\\ud83d");
        assert_eq!(ask(r"\ud83d\ude00"), "😀");
    }

    #[test]
    fn the_unusable_is_refused_and_the_unknown_let_pass() {
        for bad in [
            "",
            "{",
            "[]",
            "null",
            r#"{"session_id":"s"}"#,
            r#"{"session_id":"","hook_event_name":"Stop"}"#,
            r#"{"session_id":"../x","hook_event_name":"Stop"}"#,
            r#"{"session_id":5,"hook_event_name":"Stop"}"#,
            r#"{"session_id":"s","hook_event_name":"PermissionRequest","tool_name":"Bash"}"#,
            r#"{"session_id":"s","hook_event_name":"PermissionRequest","tool_name":"Bash","tool_input":[]}"#,
            r#"{"session_id":"s","session_id":"t","hook_event_name":"Stop"}"#,
            r#"{"session_id":"s","hook_event_name":"PreToolUse","tool_name":"X","tool_input":1e999}"#,
        ] {
            assert!(read_text(bad).is_err(), "{bad}");
        }
        assert!(read_text(&"[".repeat(1_000_000)).is_err());
        let call = read_text(r#"{"session_id":"s","hook_event_name":"Tomorrow","what":1}"#).unwrap();
        assert_eq!(call.what, Hook::Other { name: "Tomorrow".into() });
    }
}
