//! The audit log: filtered, in pages, counted, and drawn.

use std::collections::BTreeMap;

use rusqlite::Row;
use rusqlite::types::Value;

use super::StoreError;
use super::approvals::ApprovalRow;
use super::clauses::Clauses;
use super::query::Query;
use super::reader::{Reader, limit, readable};
use super::rows::{int, uint};
use super::sessions::Page;

/// Which requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What came of them; `pending` for those of which nothing has yet.
    pub decision: Option<String>,
    /// Who settled them.
    pub by: Option<String>,
    /// For which tool.
    pub tool: Option<String>,
    /// Of which project.
    pub project: Option<String>,
    /// Of which session, by its key.
    pub session: Option<String>,
    /// Asked at this time or later.
    pub since: Option<u64>,
    /// Asked before this time.
    pub until: Option<u64>,
    /// With these words in them, as in [`super::SessionFilter::text`].
    pub text: Option<String>,
    /// At most so many.
    pub limit: usize,
    /// Where the page before this one ended.
    pub cursor: Option<String>,
}

/// Requests in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditCounts {
    /// All of them.
    pub total: u64,
    /// By what came of them; `pending` for nothing. The most frequent first, as in the others.
    pub outcomes: Vec<(String, u64)>,
    /// By who settled them.
    pub by: Vec<(String, u64)>,
    /// By tool.
    pub tools: Vec<(String, u64)>,
    /// How long those that a person settled were pending: the middle one.
    pub median_ms: Option<u64>,
}

/// A request, as charts need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsightRow {
    /// When it was asked.
    pub opened: u64,
    /// When it was settled.
    pub settled: Option<u64>,
    /// What came of it.
    pub outcome: Option<String>,
    /// Who settled it.
    pub by: Option<String>,
    /// The tool.
    pub tool: String,
    /// The project.
    pub project: String,
    /// How long it was pending.
    pub pending_ms: Option<u64>,
}

pub(super) const PENDING: &str = "pending";
/// Those who settle requests and are no person.
const NOBODY: [&str; 4] = ["rule", "timeout", "unseen", "session_ended"];

pub(super) const LIST: &str = "SELECT * FROM approvals INDEXED BY {index} {} ORDER BY opened DESC, n DESC LIMIT ?";
pub(super) const COUNT: &str = "SELECT outcome, \"by\", tool, pending_ms FROM approvals INDEXED BY {index} {}";
pub(super) const INSIGHT: &str = "SELECT opened, settled, outcome, \"by\", tool, project, pending_ms
    FROM approvals INDEXED BY approvals_facts WHERE opened >= ?1 AND opened < ?2 ORDER BY opened";

impl AuditFilter {
    /// What the columns have to be.
    pub(super) fn clauses(&self) -> Clauses {
        let mut clauses = Clauses::default();
        match self.decision.as_deref() {
            Some(PENDING) => clauses.and("outcome IS NULL", []),
            decision => clauses.and_some("outcome = ?", decision.map(str::to_owned)),
        }
        clauses.and_some("\"by\" = ?", self.by.clone());
        clauses.and_some("tool = ?", self.tool.clone());
        clauses.and_some("project = ?", self.project.clone());
        clauses.and_some("session = ?", self.session.clone());
        clauses.and_some("opened >= ?", self.since.map(int));
        clauses.and_some("opened < ?", self.until.map(int));
        match Query::typed(self.text.as_deref()) {
            Some(query) if query.is_empty() => clauses.and("n IS NULL", []),
            query => {
                let sought = query.map(|query| query.in_column("text"));
                clauses.and_some("n IN (SELECT rowid FROM audit WHERE audit MATCH ?)", sought);
            }
        }
        clauses
    }

    /// A statement with the index that suits, and the conditions.
    pub(super) fn sql(&self, statement: &str, clauses: &Clauses) -> String {
        let index = if self.session.is_some() { "approvals_session" } else { "approvals_facts" };
        statement.replace("{index}", index).replace("{}", clauses.sql())
    }
}

impl Reader {
    /// A page of requests, the newest first.
    pub fn audit(&self, filter: &AuditFilter) -> Result<Page<ApprovalRow>, StoreError> {
        let mut clauses = filter.clauses();
        if let Some(cursor) = &filter.cursor {
            clauses.and("(opened, n) < (?, ?)", read_cursor(cursor).ok_or(StoreError::Cursor)?);
        }
        self.read(|db| {
            let mut list = db.prepare_cached(&filter.sql(LIST, &clauses))?;
            let values = clauses.values([limit(filter.limit.saturating_add(1)).into()]);
            let mut all = list.query(values)?;
            let (mut rows, mut last, mut next, mut seen) = (Vec::new(), None, None, 0);
            while let Some(row) = all.next()? {
                if seen == filter.limit {
                    next = last;
                    break;
                }
                seen += 1;
                last = Some(format!("{}.{}", row.get::<_, i64>("opened")?, row.get::<_, i64>("n")?));
                rows.extend(readable(ApprovalRow::read(row)).transpose()?);
            }
            Ok(Page { rows, next, total: None, partial: false })
        })
    }

    /// Requests in numbers.
    pub fn audit_counts(&self, filter: &AuditFilter) -> Result<AuditCounts, StoreError> {
        let clauses = filter.clauses();
        self.read(|db| {
            let mut tally = Tally::default();
            let mut all = db.prepare_cached(&filter.sql(COUNT, &clauses))?;
            let mut rows = all.query(clauses.values([]))?;
            while let Some(row) = rows.next()? {
                tally.add(row)?;
            }
            Ok(tally.counts())
        })
    }

    /// Tells of all requests, the newest first, until `tell` says that it has enough. `limit` and `cursor` do not matter.
    pub fn each_audit(
        &self,
        filter: &AuditFilter,
        mut tell: impl FnMut(ApprovalRow) -> bool,
    ) -> Result<(), StoreError> {
        let clauses = filter.clauses();
        self.read(|db| {
            let mut all = db.prepare_cached(&filter.sql(LIST, &clauses))?;
            let rows = all.query_map(clauses.values([limit(usize::MAX).into()]), ApprovalRow::read)?;
            for row in rows.filter_map(readable) {
                if !tell(row?) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Tells of the requests asked at `since` or later and before `until`, the oldest first.
    pub fn insight_rows(&self, since: u64, until: u64, mut tell: impl FnMut(InsightRow)) -> Result<(), StoreError> {
        self.read(|db| {
            let mut all = db.prepare_cached(INSIGHT)?;
            let mut rows = all.query_map([int(since), int(until)], InsightRow::read)?;
            rows.try_for_each(|row| row.map(&mut tell))
        })
    }
}

impl InsightRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            opened: uint(row.get(0)?),
            settled: row.get::<_, Option<i64>>(1)?.map(uint),
            outcome: row.get(2)?,
            by: row.get(3)?,
            tool: row.get(4)?,
            project: row.get(5)?,
            pending_ms: row.get::<_, Option<i64>>(6)?.map(uint),
        })
    }
}

fn read_cursor(cursor: &str) -> Option<[Value; 2]> {
    let (at, n) = cursor.split_once('.')?;
    Some([at.parse::<i64>().ok()?.into(), n.parse::<i64>().ok()?.into()])
}

/// Counts as rows come by.
#[derive(Default)]
struct Tally {
    total: u64,
    outcomes: BTreeMap<String, u64>,
    by: BTreeMap<String, u64>,
    tools: BTreeMap<String, u64>,
    waits: Vec<u64>,
}

impl Tally {
    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        self.total += 1;
        let by = row.get_ref(1)?.as_str_or_null()?;
        count(&mut self.outcomes, row.get_ref(0)?.as_str_or_null()?.unwrap_or(PENDING));
        count(&mut self.tools, row.get_ref(2)?.as_str()?);
        if let Some(by) = by {
            count(&mut self.by, by);
            if !NOBODY.contains(&by) {
                self.waits.extend(row.get::<_, Option<i64>>(3)?.map(uint));
            }
        }
        Ok(())
    }

    fn counts(mut self) -> AuditCounts {
        // Of two in the middle the smaller.
        let middle = self.waits.len().checked_sub(1).map(|last| last / 2);
        let median_ms = middle.map(|middle| *self.waits.select_nth_unstable(middle).1);
        let [outcomes, by, tools] = [self.outcomes, self.by, self.tools].map(most_first);
        AuditCounts { total: self.total, outcomes, by, tools, median_ms }
    }
}

/// Without a new string for what was counted before.
fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(counts.insert(name.to_owned(), 1)),
    }
}

fn most_first(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
