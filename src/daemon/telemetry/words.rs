//! Which names and numbers a collector is told. Texts, of prompts, commands, results and answers, only when the user
//! says so: one attribute holds them all.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::record::in_json;
use crate::api::StoredEvent;
use crate::core::{Board, Note, Session, Settled, State, Time};
use crate::otlp::body::{LONGEST, short};
use crate::otlp::{Attribute, Metric, Record, Severity};

/// The states that are counted.
const STATES: [State; 8] = [
    State::AwaitingPermission,
    State::AwaitingAnswer,
    State::Failed,
    State::Stuck,
    State::Done,
    State::Working,
    State::Idle,
    State::Lost,
];

/// Who speaks.
pub fn resource() -> Vec<Attribute> {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    vec![
        ("service.name", "ccmon".into()),
        ("service.version", env!("CARGO_PKG_VERSION").into()),
        ("service.instance.id", format!("{host}-{}", rustix::process::getuid().as_raw()).into()),
        ("host.name", host.into()),
    ]
}

/// What an event tells besides texts.
pub struct Told {
    /// What ccmon noted itself,
    pub note: Option<Note>,
    /// or what a hook named.
    named: Named,
}

/// The names in a hook's payload.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    tool_name: Option<Value>,
    permission_mode: Option<Value>,
    agent_type: Option<Value>,
}

impl Told {
    /// Reads it.
    pub fn read(event: &StoredEvent) -> Self {
        let text = event.payload.get();
        match event.kind.starts_with("ccmon.") {
            true => Self { note: serde_json::from_str(text).ok(), named: Named::default() },
            false => Self { note: None, named: serde_json::from_str(text).unwrap_or_default() },
        }
    }
}

/// A stored event.
pub fn happened(event: &StoredEvent, told: &Told, session: Option<&std::sync::Arc<Session>>, content: bool) -> Record {
    let mut attributes = vec![
        ("event.name", event.kind.clone().into()),
        ("session.id", event.session_id.clone().into()),
        ("ccmon.session.key", event.session.clone().into()),
        ("ccmon.event.id", event.id.into()),
    ];
    attributes.extend(host(session.map(AsRef::as_ref)));
    let Named { tool_name, permission_mode, agent_type } = &told.named;
    let named = [("ccmon.tool", tool_name), ("ccmon.mode", permission_mode), ("ccmon.agent", agent_type)];
    attributes.extend(named.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))));
    let noted = told.note.as_ref().map(noted).unwrap_or_default();
    let tool = tool_name.as_ref().and_then(Value::as_str).map(|tool| format!(" {tool}")).unwrap_or_default();
    let text = match &told.note {
        Some(Note::Settled { settled, .. }) => {
            let (outcome, by) = decision(settled);
            format!("{} {outcome} by {by}", event.kind)
        }
        _ => format!("{}{tool}", event.kind),
    };
    attributes.extend(noted);
    if content {
        attributes.extend(contents(event, session.map(AsRef::as_ref)));
    }
    Record { at: event.at, observed: 0, name: event.kind.clone(), severity: severity(&event.kind), text, attributes }
}

/// A session that came into another state.
pub fn moved(session: &Session, before: Option<State>) -> Record {
    let (now, before) = (in_json(&session.state), before.map(|state| in_json(&state)));
    let name = "ccmon.state";
    let mut attributes = vec![
        ("event.name", name.into()),
        ("session.id", session.session_id.clone().into()),
        ("ccmon.session.key", session.key.to_string().into()),
        ("ccmon.session.state", now.clone().into()),
    ];
    attributes.extend(before.clone().map(|before| ("ccmon.session.state.previous", before.into())));
    attributes.extend(host(Some(session)));
    let text = format!("{name} {} -> {now}", before.as_deref().unwrap_or("new"));
    let severity = match session.state {
        State::Failed | State::Stuck | State::Lost => Severity::Warn,
        _ => Severity::Info,
    };
    Record { at: session.since.0, observed: 0, name: name.into(), severity, text, attributes }
}

/// How a request ended, and by whom.
pub fn decision(settled: &Settled) -> (String, String) {
    (in_json(&settled.outcome), in_json(&settled.by))
}

/// How everything stands.
pub fn metrics(board: &Board, began: Time, decisions: &BTreeMap<(String, String), u64>, dropped: u64) -> Vec<Metric> {
    let in_state = |state: State| board.sessions.values().filter(|session| session.state == state).count() as u64;
    let states = STATES.map(|state| (vec![("ccmon.session.state", in_json(&state).into())], in_state(state)));
    let decided = decisions.iter().map(|((outcome, by), count)| {
        (vec![("ccmon.approval.outcome", outcome.clone().into()), ("ccmon.approval.by", by.clone().into())], *count)
    });
    let metric = |name, description, unit, since, points| Metric { name, description, unit, since, points };
    let alone = |number: u64| vec![(Vec::new(), number)];
    let mut all = vec![
        metric("ccmon.sessions", "Living sessions by state", "{session}", None, states.into()),
        metric("ccmon.approvals.pending", "Requests that wait", "{request}", None, alone(board.badge() as u64)),
        metric("ccmon.records.dropped", "Log records lost", "{record}", Some(began.0), alone(dropped)),
    ];
    // A sum without numbers is none.
    if !decisions.is_empty() {
        let (name, about) = ("ccmon.approvals.settled", "Requests settled, by outcome and by whom");
        all.push(metric(name, about, "{request}", Some(began.0), decided.collect()));
    }
    all
}

/// The machine of a session, when it is another one.
fn host(session: Option<&Session>) -> Option<Attribute> {
    let session = session.filter(|session| session.away.is_some())?;
    Some(("ccmon.session.host", session.host.clone()?.into()))
}

/// The names in a note.
fn noted(note: &Note) -> Vec<Attribute> {
    match note {
        Note::Settled { approval, settled } => {
            let (outcome, by) = decision(settled);
            let mut said = vec![
                ("ccmon.approval.id", approval.to_string().into()),
                ("ccmon.approval.outcome", outcome.into()),
                ("ccmon.approval.by", by.into()),
            ];
            said.extend(settled.made.as_ref().map(|rule| ("ccmon.rule.made", json!(rule.id))));
            said
        }
        Note::Assessed { approval, known } => {
            let mut said = vec![
                ("ccmon.approval.id", approval.to_string().into()),
                ("ccmon.risk", in_json(&known.risk.level).into()),
            ];
            said.extend(known.rule.as_ref().map(|rule| ("ccmon.rule", json!(rule.id))));
            said
        }
        _ => Vec::new(),
    }
}

/// The texts.
fn contents(event: &StoredEvent, session: Option<&Session>) -> Vec<Attribute> {
    let payload = event.payload.get();
    // No more of it is ever told, and two thousand of them may wait.
    let mut said = vec![("ccmon.payload", short(payload).into())];
    said.extend((payload.len() > LONGEST).then_some(("ccmon.payload.cut", true.into())));
    said.extend(session.map(|session| ("ccmon.project", session.project.clone().into())));
    said
}

fn severity(kind: &str) -> Severity {
    match kind {
        "StopFailure" => Severity::Error,
        "PostToolUseFailure" | "ccmon.refused" => Severity::Warn,
        _ => Severity::Info,
    }
}
