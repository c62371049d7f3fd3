//! What the API shows: the Board's pieces as JSON.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::given::Given;
use crate::core::{Agent, Answer, Approval, Board, By, Kind, Outcome, RuleRef, Session, Trial};
use crate::rules::risk::Risk;

/// A request with what a person needs to know of its session.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalView {
    /// Id of the request.
    pub id: String,
    /// Key of its session's row.
    pub session: String,
    /// Claude's id of the conversation.
    pub session_id: String,
    /// What sort of answer is wanted.
    pub kind: Kind,
    /// The tool.
    pub tool: String,
    /// Its whole input.
    pub input: Arc<Value>,
    /// Where it would run.
    pub cwd: String,
    /// The sub-agent that asks.
    pub agent: Option<Agent>,
    /// The user's prompt that led here.
    pub prompt: Option<String>,
    /// What Claude says it is for.
    pub note: Option<String>,
    /// What Claude offers to remember.
    pub suggestions: Arc<Value>,
    /// Permission mode.
    pub mode: Option<String>,
    /// When the hook began to wait, ms since the Unix epoch.
    pub opened: u64,
    /// When it will be let go.
    pub expires: u64,
    /// Hash that a decision has to name.
    pub shown: String,
    /// The terminal shows nothing meanwhile.
    pub hides_terminal: bool,
    /// Project.
    pub project: String,
    /// Branch.
    pub branch: Option<String>,
    /// The user's label of the session.
    pub tag: Option<String>,
    /// Where its terminal is.
    pub place: Option<String>,
    /// Machine.
    pub host: Option<String>,
    /// `claude -p`.
    pub headless: bool,
    /// Its danger.
    pub risk: Option<Risk>,
    /// The rule that decided it.
    pub rule: Option<RuleRef>,
    /// Rules on trial that would have.
    pub trial: Vec<Trial>,
    /// `pending` or `settled`.
    pub state: &'static str,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Who settled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// What Claude was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What came with the answer.
    #[serde(flatten)]
    pub given: Given,
    /// When it was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<u64>,
    /// How long it was pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_ms: Option<u64>,
}

/// A request as the API shows it.
#[must_use]
pub fn approval_view(board: &Board, approval: &Approval) -> ApprovalView {
    let session = board.sessions.get(&approval.session);
    let of = |field: fn(&Session) -> &Option<String>| session.and_then(|s| field(s).clone());
    let (settled, known) = (approval.settled.as_ref(), approval.known.as_deref());
    ApprovalView {
        id: approval.id.to_string(),
        session: approval.session.to_string(),
        session_id: approval.session_id.clone(),
        kind: approval.kind,
        tool: approval.tool.clone(),
        input: Arc::clone(&approval.input),
        cwd: approval.cwd.clone(),
        agent: approval.agent.clone(),
        prompt: approval.prompt.clone(),
        note: note(approval),
        suggestions: Arc::clone(&approval.suggestions),
        mode: approval.mode.clone(),
        opened: approval.opened.0,
        expires: approval.expires.0,
        shown: approval.shown.to_string(),
        hides_terminal: approval.hides_terminal,
        project: session.map(|s| s.project.clone()).unwrap_or_default(),
        branch: of(|s| &s.branch),
        tag: of(|s| &s.tag),
        place: of(|s| &s.place),
        host: of(|s| &s.host),
        headless: session.is_some_and(|s| s.headless),
        risk: known.map(|known| known.risk.clone()),
        rule: known.and_then(|known| known.rule.clone()),
        trial: known.map(|known| known.trial.clone()).unwrap_or_default(),
        state: if settled.is_some() { "settled" } else { "pending" },
        outcome: settled.map(|s| s.outcome),
        by: settled.map(|s| s.by),
        message: settled.and_then(|s| message(s.answer.as_ref()?)),
        given: Given::with(approval),
        settled: settled.map(|s| s.at.0),
        pending_ms: settled.map(|s| s.at.since(approval.opened)),
    }
}

/// Claude's own tools have a field for it; what an MCP server calls a description is something else.
fn note(approval: &Approval) -> Option<String> {
    let own = !approval.tool.starts_with("mcp__");
    approval.input.get("description").filter(|_| own).and_then(Value::as_str).map(str::to_owned)
}

fn message(answer: &Answer) -> Option<String> {
    match answer {
        Answer::Deny { message, .. } => message.clone(),
        _ => None,
    }
}
