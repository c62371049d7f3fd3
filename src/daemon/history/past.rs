//! The past, as the API asks for it.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::insight::{Span, Sums};
use super::{StoreHistory, approval, files, story};
use crate::api::past::{Approvals, AuditQuery, Decision, Format, Past, SessionQuery, Sink, Unanswered};
use crate::daemon::clock;
use crate::daemon::record::in_json;
use crate::store::{AuditFilter, FoundSession, Hit, HitKind, SessionFilter, StoreError, SummaryRow};

/// Rows of a page, unless told; and at most.
const PAGE: usize = 50;
const LARGEST_PAGE: usize = 200;

impl Past for StoreHistory {
    fn find(&self, query: &SessionQuery) -> Result<Value, Unanswered> {
        let page = self.0.find_sessions(&sessions(query))?;
        let rows: Vec<Value> = page.rows.iter().filter_map(found).collect();
        Ok(json!({ "sessions": rows, "next": page.next, "total": page.total, "partial": page.partial }))
    }

    fn projects(&self) -> Result<Value, Unanswered> {
        let rows = self.0.projects()?.into_iter().filter(|(project, _)| !project.is_empty());
        let rows: Vec<Value> = rows.map(|(project, n)| json!({ "project": project, "sessions": n })).collect();
        Ok(json!({ "projects": rows }))
    }

    fn knows(&self, key: &str) -> Result<bool, Unanswered> {
        Ok(self.0.session(key)?.is_some())
    }

    fn session(&self, key: &str) -> Result<Value, Unanswered> {
        let row = self.0.session(key)?;
        let session: Option<Value> = row.and_then(|row| serde_json::from_str(&row.json).ok());
        let stats = self.0.session_stats(key)?;
        let summary = self.0.summary(key)?.map(|row| summary(&row));
        let stats = json!({
            "events": stats.events, "prompts": stats.prompts, "tools": stats.tools, "failed": stats.failed,
            "by_tool": counts("tool", stats.by_tool),
            "approvals": { "allowed": stats.allowed, "denied": stats.denied, "other": stats.other },
        });
        Ok(json!({ "session": session, "stats": stats, "summary": summary }))
    }

    fn timeline(&self, key: &str, before: Option<i64>, limit: usize) -> Result<Value, Unanswered> {
        story::page(&self.0, key, before, limit)
    }

    fn export(&self, key: &str, format: Format, sink: Sink<'_>) -> Result<(), Unanswered> {
        files::session(&self.0, key, format, sink)
    }

    fn audit(&self, query: &AuditQuery) -> Result<Value, Unanswered> {
        let page = self.0.audit(&requests(query))?;
        let rows: Vec<Value> = page.rows.iter().map(approval).collect();
        Ok(json!({ "approvals": rows, "next": page.next }))
    }

    fn audit_counts(&self, query: &AuditQuery) -> Result<Value, Unanswered> {
        let sums = self.0.audit_counts(&requests(query))?;
        let named = |counts: Vec<(String, u64)>| counts.into_iter().collect::<std::collections::BTreeMap<_, _>>();
        Ok(json!({
            "total": sums.total, "outcomes": named(sums.outcomes), "by": named(sums.by),
            "tools": counts("tool", sums.tools), "median_ms": sums.median_ms,
        }))
    }

    fn export_audit(&self, query: &AuditQuery, format: Format, sink: Sink<'_>) -> Result<(), Unanswered> {
        files::audit(&self.0, requests(query), format, sink)
    }

    fn insight(&self, days: u16) -> Result<Value, Unanswered> {
        let span = Span::last(days, clock::wall().0, TimeZone::system());
        let (from, to) = (span.from, span.to.saturating_add(1));
        let mut sums = Sums::new(span);
        self.0.insight_rows(from, to, |row| sums.add(row))?;
        Ok(serde_json::to_value(sums.told()).unwrap_or_default())
    }
}

impl From<StoreError> for Unanswered {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Cursor => Self::Odd(error.to_string()),
            other => Self::Broken(other.to_string()),
        }
    }
}

fn sessions(query: &SessionQuery) -> SessionFilter {
    let SessionQuery { q, since, until, project, cwd, approvals, state, limit, cursor } = query.clone();
    SessionFilter {
        text: q,
        since,
        until,
        project,
        cwd,
        approvals: approvals.map(|approvals| approvals == Approvals::With),
        state: state.map(|state| in_json(&state)),
        limit: limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE),
        cursor,
    }
}

fn requests(query: &AuditQuery) -> AuditFilter {
    let AuditQuery { decision, by, tool, project, session, since, until, q, limit, cursor } = query.clone();
    AuditFilter {
        decision: decision.map(Decision::name).map(str::to_owned),
        by: by.map(|by| in_json(&by)),
        tool,
        project,
        session,
        since,
        until,
        text: q,
        limit: limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE),
        cursor,
    }
}

/// A session with the places where the text was found.
fn found(row: &FoundSession) -> Option<Value> {
    let mut session: Value = serde_json::from_str(&row.json).ok()?;
    let hits: Vec<Value> = row.hits.iter().map(hit).collect();
    session.as_object_mut()?.insert("hits".to_owned(), hits.into());
    Some(session)
}

fn hit(hit: &Hit) -> Value {
    let place = match hit.kind {
        HitKind::Prompt => "prompt",
        HitKind::Input => "input",
        HitKind::Summary => "summary",
    };
    json!({ "at": hit.at, "in": place, "tool": hit.tool, "parts": hit.parts })
}

fn summary(row: &SummaryRow) -> Value {
    json!({ "text": row.text, "at": row.at, "model": row.model, "cost_usd": row.cost_usd, "event": row.event })
}

fn counts(name: &str, counts: Vec<(String, u64)>) -> Vec<Value> {
    counts.into_iter().map(|(what, count)| json!({ name: what, "count": count })).collect()
}
