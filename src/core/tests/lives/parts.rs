//! What random lives are made of, by small numbers: the same number is the same thing.

use super::*;

/// The id of a conversation.
pub fn conversation(session: u8, talk: u8) -> String {
    format!("session-{session}-{talk}")
}

pub fn transcript(conversation: &str) -> String {
    format!("/c/projects/p/{conversation}.jsonl")
}

pub fn process(session: u8) -> ProcessId {
    ProcessId { pid: 100 + u32::from(session), start: 7 }
}

/// What rules say: nothing, yes, or no.
pub fn judged(rule: u8) -> Assessment {
    let answer = match rule {
        0 => None,
        1 => Some(Answer::Allow { updated_input: None, updated_permissions: None }),
        _ => Some(Answer::Deny { message: None, interrupt: false }),
    };
    let by = answer.as_ref().map(|_| RuleRef { id: 1, name: "r".into() });
    Assessment { known: Assessed { rule: by, ..Assessed::default() }, answer }
}

pub fn approval_id(id: u8) -> ApprovalId {
    ApprovalId(format!("{id:032}").into())
}

/// What the user looks at, and what notifications do not tell.
pub fn watched(popup: bool, untold: Option<u8>, terminal: Option<u8>) -> Watched {
    let terminals = terminal.map(|session| SessionKey::of_process(process(session))).into_iter().collect();
    Watched { popup, untold: untold.map(|id| [approval_id(id)].into()), terminals, ..Watched::default() }
}

/// With stuck detection on, or off.
pub fn limits(stuck: bool) -> Limits {
    Limits { stuck_ms: stuck.then_some(60_000), ..Limits::default() }
}

pub fn ask(call: u8) -> Ask {
    Ask {
        tool: if call == 3 { "AskUserQuestion" } else { "Bash" }.into(),
        input: Arc::new(json!({ "command": call })),
        suggestions: Arc::new(json!([{ "type": "setMode", "mode": "acceptEdits", "destination": "session" }])),
        shown: "hash".into(),
        hold_ms: 0,
    }
}

pub fn elicitation(call: u8) -> Ask {
    let input = Arc::new(json!({ "server": "s", "message": call, "schema": { "properties": {} } }));
    Ask { tool: ELICITATION.into(), input, ..ask(call) }
}

pub fn mark(what: u8) -> Mark {
    match what {
        0 => Mark::Tag(Some("mine".into())),
        1 => Mark::Tag(None),
        2 => Mark::Pin(true),
        3 => Mark::Dismiss(true),
        4 => Mark::Dismiss(false),
        _ => Mark::Seen("looked".into()),
    }
}

pub fn decide(id: u8, right: bool, answer: u8) -> Decide {
    let answer = match answer {
        0 => Answer::Allow { updated_input: None, updated_permissions: None },
        1 => Answer::Allow {
            updated_input: Some(json!({})),
            updated_permissions: Some(vec![json!({ "type": "addRules" })]),
        },
        2 => Answer::Deny { message: None, interrupt: false },
        3 => Answer::Accept { content: json!({}) },
        4 => Answer::Accept { content: json!({ "more": 1 }) },
        5 => Answer::Cancel,
        _ => Answer::Release,
    };
    let shown = if right { "hash" } else { "other" };
    Decide { approval: approval_id(id), shown: shown.into(), answer, by: By::Cli, made: None }
}
