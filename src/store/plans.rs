//! How the questions are answered: for the tests and benches that see to it that none reads a whole table.

use rusqlite::Connection;

use super::archive::{ASKED_FIRST, EVENTS_OF, STRAYS};
use super::retention::{ENDED_FIRST, ENDED_NOWHERE};
use super::rows::EventRow;
use super::{AuditFilter, Reader, SessionFilter, StoreError, audit, prompts, reader, search, sessions};

/// How one question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The question, in SQL.
    pub sql: String,
    /// What `SQLite` says it does.
    pub steps: Vec<String>,
}

impl Plan {
    /// Whether it reads a whole table that grows, or puts in order what an index has in order.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        let grows = |step: &String| {
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            let table = matches!(scanned, Some("events" | "approvals" | "sessions"));
            table && (scanned == Some("events") || !step.contains("INDEX"))
        };
        let sorts = |step: &String| step.contains("TEMP B-TREE") && !self.sql.contains("GROUP BY");
        self.steps.iter().any(|step| grows(step) || sorts(step))
    }
}

impl Reader {
    /// How each question about history is answered.
    pub fn plans(&self) -> Result<Vec<Plan>, StoreError> {
        self.read(|db| all().into_iter().map(|sql| plan(db, sql)).collect())
    }
}

fn plan(db: &Connection, sql: String) -> rusqlite::Result<Plan> {
    let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    // What the values are does not matter.
    let steps = explain.raw_query().mapped(|row| row.get(3)).collect::<rusqlite::Result<_>>()?;
    Ok(Plan { sql, steps })
}

fn all() -> Vec<String> {
    let fixed = [
        sessions::PROJECTS,
        sessions::ONE,
        sessions::KINDS,
        sessions::OUTCOMES,
        search::NEWEST,
        search::SESSION_OF_EVENT,
        search::SESSION_OF_SUMMARY,
        search::JSON,
        search::EVENT,
        search::SUMMARY,
        audit::INSIGHT,
        reader::SUMMARY,
        reader::OLDEST,
        EVENTS_OF,
        ENDED_FIRST,
        STRAYS,
        ASKED_FIRST,
        ENDED_NOWHERE,
    ];
    let mut all: Vec<String> = fixed.map(str::to_owned).into();
    for end in [reader::EVENTS_BEFORE, prompts::PROMPT_BEFORE] {
        all.push(format!("SELECT {} FROM events {end}", EventRow::COLUMNS));
    }
    for filter in session_filters() {
        let clauses = filter.clauses();
        let statements = [sessions::LIST, sessions::COUNT, search::SOME_KEYS];
        all.extend(statements.map(|sql| sql.replace("{}", clauses.sql())));
        all.push(search::admit(&clauses));
    }
    for filter in audit_filters() {
        let clauses = filter.clauses();
        all.extend([audit::LIST, audit::COUNT].map(|sql| filter.sql(sql, &clauses)));
    }
    all
}

/// One of each kind, and all together.
fn session_filters() -> Vec<SessionFilter> {
    let (none, some) = (SessionFilter::default(), Some(String::new()));
    let all = SessionFilter {
        since: Some(1),
        until: Some(2),
        project: some.clone(),
        cwd: some.clone(),
        approvals: Some(true),
        state: some.clone(),
        ..none.clone()
    };
    vec![
        SessionFilter { since: Some(1), ..none.clone() },
        SessionFilter { project: some.clone(), ..none.clone() },
        SessionFilter { cwd: some.clone(), ..none.clone() },
        SessionFilter { approvals: Some(false), ..none.clone() },
        SessionFilter { state: some, ..none.clone() },
        none,
        all,
    ]
}

fn audit_filters() -> Vec<AuditFilter> {
    let (none, some) = (AuditFilter::default(), Some("a".to_owned()));
    vec![
        AuditFilter { decision: some.clone(), ..none.clone() },
        AuditFilter { by: some.clone(), ..none.clone() },
        AuditFilter { tool: some.clone(), ..none.clone() },
        AuditFilter { project: some.clone(), since: Some(1), until: Some(2), ..none.clone() },
        AuditFilter { session: some.clone(), ..none.clone() },
        AuditFilter { text: some, ..none.clone() },
        none,
    ]
}
