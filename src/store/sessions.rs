//! The list of sessions: filtered, in pages, and what is known of one.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::clauses::Clauses;
use super::query::Query;
use super::reader::{Reader, limit};
use super::rows::{SessionRow, int, uint};
use super::{StoreError, search};

/// Which sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Where this was said: words, `"phrases"`, `beginnings*`, `-not`. Whatever it is, it is no error.
    pub text: Option<String>,
    /// Only those active at this time or later.
    pub since: Option<u64>,
    /// Only those last active before this time.
    pub until: Option<u64>,
    /// Only those of this project.
    pub project: Option<String>,
    /// Only those in this directory or below it.
    pub cwd: Option<String>,
    /// Only those that asked for something, or that did not.
    pub approvals: Option<bool>,
    /// Only those in this state.
    pub state: Option<String>,
    /// At most so many.
    pub limit: usize,
    /// Where the page before this one ended.
    pub cursor: Option<String>,
}

/// Some of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// They, in order.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// How many there are in all pages, when that is known.
    pub total: Option<u64>,
    /// More was found than could be looked at: the newest of it was.
    pub partial: bool,
}

/// A session, and where in it the text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSession {
    /// The whole of it, as the API shows it.
    pub json: String,
    /// At most three, the best first.
    pub hits: Vec<Hit>,
}

/// A place where the text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// When it was said.
    pub at: u64,
    /// In what.
    pub kind: HitKind,
    /// The tool whose input it is.
    pub tool: Option<String>,
    /// Some words of it, and which of them are what was searched for.
    pub parts: Vec<(String, bool)>,
}

/// In what something was found; the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HitKind {
    /// The input of a tool.
    Input,
    /// A summary.
    Summary,
    /// The user's words.
    Prompt,
}

/// What a session did, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionStats {
    /// Events.
    pub events: u64,
    /// Prompts.
    pub prompts: u64,
    /// Tools that started.
    pub tools: u64,
    /// Tools that failed.
    pub failed: u64,
    /// How often each tool started, the most frequent first.
    pub by_tool: Vec<(String, u64)>,
    /// Requests that were allowed.
    pub allowed: u64,
    /// Requests that were denied.
    pub denied: u64,
    /// Requests of which something else came.
    pub other: u64,
}

pub(super) const LIST: &str = "SELECT last_activity, key, json FROM sessions INDEXED BY sessions_facts {}
    ORDER BY last_activity DESC, key DESC LIMIT ?";
pub(super) const COUNT: &str = "SELECT count(*) FROM sessions INDEXED BY sessions_facts {}";
pub(super) const PROJECTS: &str = "SELECT project, count(*) FROM sessions GROUP BY project ORDER BY project";
pub(super) const ONE: &str = "SELECT * FROM sessions WHERE key = ?1";
pub(super) const KINDS: &str = "SELECT kind, tool, count(*) FROM events INDEXED BY events_session
    WHERE session = ?1 GROUP BY kind, tool";
pub(super) const OUTCOMES: &str = "SELECT outcome, count(*) FROM approvals INDEXED BY approvals_session
    WHERE session = ?1 GROUP BY outcome";

impl Reader {
    /// A page of sessions: those last active first, or, when a text is searched for, the best first.
    pub fn find_sessions(&self, filter: &SessionFilter) -> Result<Page<FoundSession>, StoreError> {
        match Query::typed(filter.text.as_deref()) {
            Some(query) if query.is_empty() => {
                Ok(Page { rows: Vec::new(), next: None, total: Some(0), partial: false })
            }
            Some(query) => search::page(self, filter, &query),
            None => page(self, filter),
        }
    }

    /// The projects, and how many sessions each has had.
    pub fn projects(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(|db| {
            let mut all = db.prepare_cached(PROJECTS)?;
            all.query_map([], |row| Ok((row.get(0)?, uint(row.get(1)?))))?.collect()
        })
    }

    /// One session.
    pub fn session(&self, key: &str) -> Result<Option<SessionRow>, StoreError> {
        self.read(|db| db.prepare_cached(ONE)?.query_row([key], SessionRow::read).optional())
    }

    /// What a session did, in numbers.
    pub fn session_stats(&self, key: &str) -> Result<SessionStats, StoreError> {
        self.read(|db| {
            let mut stats = SessionStats::default();
            stats.count_events(db, key)?;
            stats.count_approvals(db, key)?;
            Ok(stats)
        })
    }
}

impl SessionStats {
    fn count_events(&mut self, db: &Connection, key: &str) -> rusqlite::Result<()> {
        let mut kinds = db.prepare_cached(KINDS)?;
        let mut rows = kinds.query([key])?;
        while let Some(row) = rows.next()? {
            let (kind, tool, count) = (row.get_ref(0)?, row.get::<_, Option<String>>(1)?, uint(row.get(2)?));
            self.events += count;
            match kind.as_str()? {
                "UserPromptSubmit" => self.prompts += count,
                "PreToolUse" => {
                    self.tools += count;
                    self.by_tool.extend(tool.map(|tool| (tool, count)));
                }
                "PostToolUseFailure" => self.failed += count,
                _ => {}
            }
        }
        self.by_tool.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(())
    }

    fn count_approvals(&mut self, db: &Connection, key: &str) -> rusqlite::Result<()> {
        let mut outcomes = db.prepare_cached(OUTCOMES)?;
        let mut rows = outcomes.query([key])?;
        while let Some(row) = rows.next()? {
            let count = uint(row.get(1)?);
            match row.get_ref(0)?.as_str_or_null()? {
                Some("allowed") => self.allowed += count,
                Some("denied") => self.denied += count,
                _ => self.other += count,
            }
        }
        Ok(())
    }
}

impl SessionFilter {
    /// What the columns have to be.
    pub(super) fn clauses(&self) -> Clauses {
        let mut clauses = Clauses::default();
        clauses.and_some("last_activity >= ?", self.since.map(int));
        clauses.and_some("last_activity < ?", self.until.map(int));
        clauses.and_some("project = ?", self.project.clone());
        if let Some(cwd) = &self.cwd {
            // Whatever is below it comes before the character after the slash.
            let cwd = cwd.trim_end_matches('/');
            let [below, past] = ['/', '0'].map(|next| Value::from(format!("{cwd}{next}")));
            clauses.and("(cwd = ? OR (cwd >= ? AND cwd < ?))", [cwd.to_owned().into(), below, past]);
        }
        match self.approvals {
            Some(true) => clauses.and("approvals > 0", []),
            Some(false) => clauses.and("approvals = 0", []),
            None => {}
        }
        clauses.and_some("state = ?", self.state.clone());
        clauses
    }
}

/// A page without a text: by last activity.
fn page(reader: &Reader, filter: &SessionFilter) -> Result<Page<FoundSession>, StoreError> {
    let counted = filter.clauses();
    let mut clauses = filter.clauses();
    if let Some(cursor) = &filter.cursor {
        let (at, key) = read_cursor(cursor).ok_or(StoreError::Cursor)?;
        clauses.and("(last_activity, key) < (?, ?)", [at.into(), key.to_owned().into()]);
    }
    reader.read(|db| {
        let total = db.prepare_cached(&COUNT.replace("{}", counted.sql()))?;
        let total = { total }.query_row(counted.values([]), |row| row.get(0)).map(uint)?;
        let mut list = db.prepare_cached(&LIST.replace("{}", clauses.sql()))?;
        // One more, to know whether there is more.
        let values = clauses.values([limit(filter.limit.saturating_add(1)).into()]);
        let rows = list.query_map(values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let mut rows: Vec<(i64, String, String)> = rows.collect::<rusqlite::Result<_>>()?;
        let more = rows.len() > filter.limit;
        rows.truncate(filter.limit);
        let next = rows.last().filter(|_| more).map(|(at, key, _)| format!("{at}.{key}"));
        let rows = rows.into_iter().map(|(_, _, json)| FoundSession { json, hits: Vec::new() }).collect();
        Ok(Page { rows, next, total: Some(total), partial: false })
    })
}

fn read_cursor(cursor: &str) -> Option<(i64, &str)> {
    let (at, key) = cursor.split_once('.')?;
    Some((at.parse().ok()?, key))
}
