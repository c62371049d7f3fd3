//! Sessions and requests as the API shows them.

use ccmon::store::{ApprovalRow, SessionRow};
use serde_json::{Value, json};

/// A session.
pub fn session_json(row: &SessionRow) -> String {
    json!({
        "key": row.key, "session_id": row.session_id, "pid": 4242, "start": 5_000_000, "project": row.project, "cwd": row.cwd,
        "branch": row.branch, "worktree": null, "model": "claude-sonnet", "mode": "default", "prompt": row.title,
        "message": row.title, "activity": "Bash: cargo test", "title": row.title, "started": row.started,
        "last_activity": row.last_activity, "state": row.state, "since": row.last_activity,
        "evidence": { "text": "PreToolUse Bash", "at": row.last_activity }, "tools": row.tools, "approvals": row.approvals,
        "place": "tmux main:1.0", "host": null, "tag": null, "pinned": false, "dismissed": false
    })
    .to_string()
}

/// A request, whose payload that was.
pub fn approval_json(row: &ApprovalRow, payload: &Value) -> String {
    json!({
        "id": row.id, "session": row.session, "session_id": row.session_id, "kind": row.kind, "tool": row.tool,
        "input": payload["tool_input"], "cwd": row.cwd, "agent": null, "prompt": row.prompt, "note": null,
        "suggestions": payload["permission_suggestions"], "mode": "default", "opened": row.opened, "expires": row.expires,
        "shown": row.shown, "hides_terminal": false, "project": row.project, "branch": "main", "tag": null, "place": "tmux main:1.0",
        "host": null, "headless": false, "risk": null, "rule": null, "trial": [],
        "state": if row.outcome.is_some() { "settled" } else { "pending" }, "outcome": row.outcome, "by": row.by,
        "message": row.message, "settled": row.settled, "pending_ms": row.pending_ms
    })
    .to_string()
}
