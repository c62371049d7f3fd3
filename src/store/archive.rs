//! What is kept of what is over: summaries, forgetting, retention, tidying.
//!
//! The writer does it between the hooks' events, in steps that take a few milliseconds.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::{int, uint};

/// What a session came to, in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SummaryRow {
    /// The key of the session.
    pub session: String,
    /// The words.
    pub text: String,
    /// When they were written.
    pub at: u64,
    /// By which model.
    pub model: Option<String>,
    /// For how much.
    pub cost_usd: Option<f64>,
    /// The last event they tell of.
    pub event: i64,
}

/// What is not to be kept any longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Sessions that ended before this time, and events before it that no session has.
    pub before: Option<u64>,
    /// While the file holds more than this: the sessions that ended first.
    pub max_bytes: Option<u64>,
    /// Requests asked before this time.
    pub audit_before: Option<u64>,
    /// At most so many rows at once; but a session that is begun with is brought to its end.
    pub most: usize,
}

/// What is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions.
    pub sessions: u64,
    /// Events.
    pub events: u64,
    /// Requests.
    pub approvals: u64,
    /// There is more to sweep.
    pub more: bool,
}

/// What the writer does beside storing; once is one step.
#[derive(Clone, Debug)]
pub(super) enum Chore {
    Summarize(SummaryRow),
    /// Some of a session that has ended, and at last the session.
    Forget(String),
    /// Some of the events of a session that has no row, from before then.
    Stray(String, u64),
    /// Some of the requests asked before then.
    Unaudit(u64),
    Tidy,
}

/// A step goes on for so long, after which whoever waits comes first,
const STEP: Duration = Duration::from_millis(2);
/// or for so many rows.
const STEP_ROWS: i64 = 200;
/// So many pages are given back in one step.
const STEP_PAGES: u32 = 64;

const PUT_SUMMARY: &str = "INSERT INTO summaries (session, text, at, model, cost_usd, event)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (session) DO UPDATE SET text = excluded.text, at = excluded.at, model = excluded.model,
        cost_usd = excluded.cost_usd, event = excluded.event
    RETURNING n";
const PUT_WORDS: &str = "INSERT OR REPLACE INTO search (rowid, summary, session) VALUES (-?1, ?2, ?3)";
const DROP_SUMMARY: &str = "DELETE FROM summaries WHERE session = ?1 RETURNING n";
const DROP_WORDS: &str = "DELETE FROM search WHERE rowid = ?1";
const DROP_EVENT: &str = "DELETE FROM events WHERE id = ?1";
const DROP_SESSION: &str = "DELETE FROM sessions WHERE key = ?1";
const DROP_APPROVAL: &str = "DELETE FROM approvals WHERE n = ?1";
const DROP_REQUEST: &str = "DELETE FROM audit WHERE rowid = ?1";
pub(super) const EVENTS_OF: &str = "SELECT id FROM events WHERE session = ?1 ORDER BY id LIMIT ?2";
pub(super) const STRAYS: &str = "SELECT id FROM events WHERE session = ?1 AND at < ?2
        AND NOT EXISTS (SELECT 1 FROM sessions WHERE key = ?1) ORDER BY id LIMIT ?3";
pub(super) const ASKED_FIRST: &str =
    "SELECT n FROM approvals INDEXED BY approvals_facts WHERE opened < ?1 ORDER BY opened LIMIT ?2";
const LIVES: &str = "SELECT ended IS NULL FROM sessions WHERE key = ?1";

pub(super) const WRITES: [&str; 12] = [
    PUT_SUMMARY,
    PUT_WORDS,
    DROP_SUMMARY,
    DROP_WORDS,
    DROP_EVENT,
    DROP_SESSION,
    DROP_APPROVAL,
    DROP_REQUEST,
    EVENTS_OF,
    STRAYS,
    ASKED_FIRST,
    LIVES,
];

impl Chore {
    /// One step of it, and what came of that.
    pub(super) fn step(&self, db: &Connection) -> rusqlite::Result<Swept> {
        match self {
            Self::Summarize(row) => row.put(db).map(|()| Swept::default()),
            Self::Forget(key) => forget(db, key),
            Self::Stray(key, before) => stray(db, key, *before),
            Self::Unaudit(before) => unaudit(db, *before),
            Self::Tidy => tidy(db),
        }
    }

    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Summarize(row) => row.text.len(),
            _ => 0,
        }
    }
}

impl SummaryRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            session: row.get("session")?,
            text: row.get("text")?,
            at: uint(row.get("at")?),
            model: row.get("model")?,
            cost_usd: row.get("cost_usd")?,
            event: row.get("event")?,
        })
    }

    fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        let Self { session, text, at, model, cost_usd, event } = self;
        let row = params![session, text, int(*at), model, cost_usd, event];
        let n: i64 = db.prepare_cached(PUT_SUMMARY)?.query_row(row, |row| row.get(0))?;
        db.prepare_cached(PUT_WORDS)?.execute(params![n, text, session])?;
        Ok(())
    }
}

/// Does to one after the other what is to be done, for one step's time. How many that was.
fn each(ids: Vec<i64>, mut to: impl FnMut(i64) -> rusqlite::Result<()>) -> rusqlite::Result<u64> {
    let until = Instant::now() + STEP;
    let mut done = 0;
    for id in ids {
        to(id)?;
        done += 1;
        if Instant::now() > until {
            break;
        }
    }
    Ok(done)
}

fn ids(db: &Connection, sql: &str, of: impl rusqlite::Params) -> rusqlite::Result<Vec<i64>> {
    db.prepare_cached(sql)?.query_map(of, |row| row.get(0))?.collect()
}

/// Nothing, if the session lives: who asks may not have heard that it does again.
fn forget(db: &Connection, key: &str) -> rusqlite::Result<Swept> {
    let lives: Option<bool> = db.prepare_cached(LIVES)?.query_row([key], |row| row.get(0)).optional()?;
    if lives == Some(true) {
        return Ok(Swept::default());
    }
    let found = ids(db, EVENTS_OF, params![key, STEP_ROWS])?;
    if !found.is_empty() {
        let events = each(found, |id| drop_event(db, id))?;
        return Ok(Swept { events, more: true, ..Swept::default() });
    }
    // At last: until then it is known that it has ended.
    let summary: Option<i64> = db.prepare_cached(DROP_SUMMARY)?.query_row([key], |row| row.get(0)).optional()?;
    if let Some(n) = summary {
        db.prepare_cached(DROP_WORDS)?.execute([-n])?;
    }
    let sessions = db.prepare_cached(DROP_SESSION)?.execute([key])? as u64;
    Ok(Swept { sessions, ..Swept::default() })
}

fn drop_event(db: &Connection, id: i64) -> rusqlite::Result<()> {
    db.prepare_cached(DROP_WORDS)?.execute([id])?;
    db.prepare_cached(DROP_EVENT)?.execute([id])?;
    Ok(())
}

fn stray(db: &Connection, key: &str, before: u64) -> rusqlite::Result<Swept> {
    let found = ids(db, STRAYS, params![key, int(before), STEP_ROWS])?;
    let more = !found.is_empty();
    let events = each(found, |id| drop_event(db, id))?;
    Ok(Swept { events, more, ..Swept::default() })
}

fn unaudit(db: &Connection, before: u64) -> rusqlite::Result<Swept> {
    let found = ids(db, ASKED_FIRST, params![int(before), STEP_ROWS])?;
    let more = !found.is_empty();
    let approvals = each(found, |n| {
        db.prepare_cached(DROP_REQUEST)?.execute([n])?;
        db.prepare_cached(DROP_APPROVAL)?.execute([n])?;
        Ok(())
    })?;
    Ok(Swept { approvals, more, ..Swept::default() })
}

/// Gives pages back; when none is left to give, has the search table merged, and at last the planner look again.
fn tidy(db: &Connection) -> rusqlite::Result<Swept> {
    let free = pages(db, "freelist_count")?;
    give_back(db)?;
    // In a file that cannot give pages back, none is given.
    let mut more = pages(db, "freelist_count")? < free && free > u64::from(STEP_PAGES);
    if !more {
        let before = db.total_changes();
        db.execute_batch("INSERT INTO search (search, rank) VALUES ('merge', 50)")?;
        // So FTS5 says that there was something to do.
        more = db.total_changes() - before > 1;
    }
    if !more {
        db.execute_batch("PRAGMA optimize")?;
    }
    Ok(Swept { more, ..Swept::default() })
}

/// One page with each row that is asked for.
fn give_back(db: &Connection) -> rusqlite::Result<()> {
    let mut give = db.prepare_cached(&format!("PRAGMA incremental_vacuum({STEP_PAGES})"))?;
    let mut given = give.query([])?;
    while given.next()?.is_some() {}
    Ok(())
}

/// What the file holds, beside what it holds free.
pub(super) fn used(db: &Connection) -> rusqlite::Result<u64> {
    Ok((pages(db, "page_count")? - pages(db, "freelist_count")?) * pages(db, "page_size")?)
}

fn pages(db: &Connection, pragma: &str) -> rusqlite::Result<u64> {
    db.pragma_query_value(None, pragma, |row| row.get(0)).map(uint)
}
