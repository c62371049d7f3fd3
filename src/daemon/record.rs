//! Between what happened and what is stored. A hook's event is stored as it came and read anew, so
//! that history never depends on what an older version understood; ccmon's own notes are JSON.

use crate::api::given::Given;
use crate::api::view::approval_view;
use crate::claude::payload;
use crate::core::{Approval, Board, Event, HookCall, Note, Session, State, Time};
use crate::store::{ApprovalRow, EventRow, SessionRow};

/// Kind of the rows that hold a [`Note`].
const NOTE: &str = "ccmon.";

/// The row an event becomes; `None` for what only matters while this daemon runs.
#[must_use]
pub fn event_row(board: &Board, event: &Event) -> Option<EventRow> {
    match event {
        Event::Hook(call) => Some(hook_row(board, call, false)),
        Event::Requested(call) => Some(hook_row(board, call, true)),
        Event::Noted { at, note } => note_row(board, *at, note),
    }
}

/// The event a row was made from; `None` when this version cannot read it.
#[must_use]
pub fn event(row: &EventRow) -> Option<Event> {
    let at = Time(row.at);
    if row.kind.starts_with(NOTE) {
        return Some(Event::Noted { at, note: serde_json::from_str(&row.payload).ok()? });
    }
    let call = payload::read(row.context.as_deref()?, row.payload.as_bytes(), at).ok()?;
    let asked = call.what.asks().is_some();
    Some(if row.held && asked { Event::Requested(call) } else { Event::Hook(call) })
}

fn hook_row(board: &Board, call: &HookCall, held: bool) -> EventRow {
    EventRow {
        hook_id: Some(call.id.clone()),
        at: call.at.0,
        session: board.key_of(call).to_string(),
        session_id: call.session_id.clone(),
        kind: call.what.name().to_owned(),
        held,
        context: Some(call.raw.context.to_string()),
        payload: call.raw.payload.to_string(),
    }
}

fn note_row(board: &Board, at: Time, note: &Note) -> Option<EventRow> {
    let (name, key) = match note {
        Note::Settled { approval, .. } => ("settled", Some(board.approvals.get(approval)?.session.clone())),
        Note::Refused { session, .. } => ("refused", session.clone()),
        Note::ProcessGone(process) => ("process_gone", board.of_process(*process).map(|s| s.key.clone())),
        Note::Client(client) => ("client", Some(board.key_for(Some(client.process), &client.session_id))),
        Note::Placed(placed) => ("placed", Some(placed.session.clone())),
        Note::Interrupted { session, .. } => ("interrupted", Some(session.clone())),
        Note::Dialog { session, .. } => ("dialog", Some(session.clone())),
        Note::DialogsGone { session } => ("dialogs_gone", Some(session.clone())),
        Note::Busy { session, .. } => ("busy", Some(session.clone())),
        Note::Silent { session } => ("silent", Some(session.clone())),
        Note::Unheard { session } => ("unheard", Some(session.clone())),
        Note::Forgotten { session } => ("forgotten", Some(session.clone())),
        Note::Marked { session, .. } => ("marked", Some(session.clone())),
        Note::ClockJumped { .. } => ("clock_jumped", None),
        Note::Kept { approval, .. } => ("kept", Some(board.approvals.get(approval)?.session.clone())),
        Note::Assessed { approval, .. } => ("assessed", Some(board.approvals.get(approval)?.session.clone())),
        Note::Transcript { .. } | Note::Trouble { .. } | Note::RulesPaused { .. } | Note::Removed { .. } => {
            return None;
        }
    };
    let session = key.as_ref().and_then(|key| board.sessions.get(key));
    Some(EventRow {
        hook_id: None,
        at: at.0,
        session: key.map(|key| key.to_string()).unwrap_or_default(),
        session_id: session.map(|s| s.session_id.clone()).unwrap_or_default(),
        kind: format!("{NOTE}{name}"),
        held: false,
        context: None,
        payload: serde_json::to_string(note).ok()?,
    })
}

/// The row of a session.
#[must_use]
pub fn session_row(session: &Session) -> SessionRow {
    SessionRow {
        key: session.key.to_string(),
        session_id: session.session_id.clone(),
        project: session.project.clone(),
        cwd: session.cwd.clone(),
        branch: session.branch.clone(),
        started: session.started.0,
        last_activity: session.last_activity.0,
        ended: (session.state == State::Ended).then_some(session.since.0),
        state: in_json(&session.state),
        tools: session.tools.into(),
        approvals: session.approvals.into(),
        title: session.title.clone(),
        host: session.host.clone(),
        json: serde_json::to_string(session).unwrap_or_default(),
    }
}

/// The row of a request: the audit log.
#[must_use]
pub fn approval_row(board: &Board, approval: &Approval) -> ApprovalRow {
    let view = approval_view(board, approval);
    let settled = approval.settled.as_ref();
    ApprovalRow {
        id: approval.id.to_string(),
        session: approval.session.to_string(),
        session_id: approval.session_id.clone(),
        kind: in_json(&approval.kind),
        project: view.project.clone(),
        tool: approval.tool.clone(),
        input: approval.input.to_string(),
        cwd: approval.cwd.clone(),
        agent: approval.agent.as_ref().map(|agent| agent.id.clone()),
        prompt: approval.prompt.clone(),
        opened: approval.opened.0,
        expires: approval.expires.0,
        shown: approval.shown.to_string(),
        outcome: settled.map(|s| in_json(&s.outcome)),
        by: settled.map(|s| in_json(&s.by)),
        message: view.message.clone(),
        settled: settled.map(|s| s.at.0),
        pending_ms: settled.map(|s| s.at.since(approval.opened)),
        given: (view.given != Given::default()).then(|| serde_json::to_string(&view.given).unwrap_or_default()),
        json: serde_json::to_string(&view).unwrap_or_default(),
    }
}

/// The name that an enum of plain variants has in JSON.
pub(super) fn in_json(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
