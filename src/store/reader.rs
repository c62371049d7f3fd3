//! Reading beside the writer, on connections that cannot write.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Params, params};

use super::approvals::{ApprovalRow, Body};
use super::pack::is_unreadable;
use super::rows::{EventRow, StoredEvent, uint};
use super::rules::{self, RuleRow};
use super::{StoreError, SummaryRow, archive, migrations, open};

/// Reads; every call blocks, so not from an async task (`spawn_blocking`). Cheap to clone.
/// It sees what was committed before the call began.
#[derive(Clone, Debug)]
pub struct Reader {
    pool: Arc<Pool>,
}

/// Most bytes of payload in a page of more than one event: one alone may have 8 MiB.
const PAGE_BYTES: usize = 8 << 20;

/// Which events, and in what order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Only those after this number.
    pub after_id: Option<i64>,
    /// At most so many.
    pub limit: usize,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
    /// Only those of one session.
    pub of: Option<EventsOf>,
}

/// The session whose events are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventsOf {
    /// By its key.
    Session(String),
    /// By what the client calls it.
    SessionId(String),
}

/// How much is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of the file that are in use.
    pub bytes: u64,
    /// Events.
    pub events: u64,
    /// Sessions.
    pub sessions: u64,
    /// Requests.
    pub approvals: u64,
    /// When the first of the events was.
    pub oldest: Option<u64>,
}

pub(super) const EVENTS_BEFORE: &str = "WHERE session = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
pub(super) const SUMMARY: &str = "SELECT * FROM summaries WHERE session = ?1";
pub(super) const OLDEST: &str = "SELECT at FROM events WHERE id = (SELECT min(id) FROM events)";

impl Reader {
    /// Tells of every event of a session that has not ended, in order. One at a time is in memory.
    ///
    /// An event whose session has no row counts as well: whatever happened to the row, the event
    /// is not lost.
    pub fn each_open_event(&self, mut tell: impl FnMut(StoredEvent)) -> Result<(), StoreError> {
        self.read(|db| {
            // One picture for all of it, whatever is written meanwhile.
            let picture = db.unchecked_transaction()?;
            let ids = open_ids(&picture)?;
            let sql = format!("SELECT {} FROM events WHERE id = ?1", EventRow::COLUMNS);
            let mut event = picture.prepare_cached(&sql)?;
            let events = ids.into_iter().map(|id| event.query_row([id], StoredEvent::read));
            events.filter_map(readable).try_for_each(|event| event.map(&mut tell))
        })
    }

    /// A page of events: as many as were asked for, unless they are large; at least one if there is one.
    pub fn events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError> {
        let (filter, of) = match &query.of {
            None => ("?3 IS NULL", None),
            Some(EventsOf::Session(key)) => ("session = ?3", Some(key)),
            Some(EventsOf::SessionId(id)) => ("session_id = ?3", Some(id)),
        };
        let order = if query.newest_first { "DESC" } else { "ASC" };
        let sql =
            format!("SELECT {} FROM events WHERE id > ?1 AND {filter} ORDER BY id {order} LIMIT ?2", EventRow::COLUMNS);
        let after = query.after_id.unwrap_or(0);
        self.page_of_events(&sql, params![after, limit(query.limit), of])
    }

    /// The events of a session before that one, or its last ones; the newest first. As many as were asked for, unless
    /// they are large; at least one if there is one.
    pub fn events_before(
        &self,
        session: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let sql = format!("SELECT {} FROM events {EVENTS_BEFORE}", EventRow::COLUMNS);
        self.page_of_events(&sql, params![session, before.unwrap_or(i64::MAX), super::reader::limit(limit)])
    }

    pub(super) fn page_of_events(&self, sql: &str, parameters: impl Params) -> Result<Vec<StoredEvent>, StoreError> {
        self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map(parameters, StoredEvent::read)?;
            let (mut page, mut bytes) = (Vec::new(), 0);
            for event in rows.filter_map(readable) {
                let event = event?;
                bytes += event.row.payload.len();
                if bytes > PAGE_BYTES && !page.is_empty() {
                    break;
                }
                page.push(event);
            }
            Ok(page)
        })
    }

    /// What was written of a session last.
    pub fn summary(&self, session: &str) -> Result<Option<SummaryRow>, StoreError> {
        self.read(|db| db.prepare_cached(SUMMARY)?.query_row([session], SummaryRow::read).optional())
    }

    /// How much there is.
    pub fn sizes(&self) -> Result<Sizes, StoreError> {
        self.read(|db| {
            let count = |of| db.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0)).map(uint);
            let oldest = db.prepare_cached(OLDEST)?.query_row([], |row| row.get(0)).optional()?;
            Ok(Sizes {
                bytes: archive::used(db)?,
                events: count("events")?,
                sessions: count("sessions")?,
                approvals: count("approvals")?,
                oldest: oldest.map(uint),
            })
        })
    }

    /// The approvals asked for last, newest first, as JSON.
    pub fn approvals(&self, most: usize) -> Result<Vec<String>, StoreError> {
        self.read(|db| {
            let mut all = db.prepare_cached("SELECT body FROM approvals ORDER BY opened DESC, n DESC LIMIT ?1")?;
            let rows = all.query_map([limit(most)], |row| Ok(row.get::<_, Body>(0)?.json))?;
            rows.filter_map(readable).collect()
        })
    }

    /// One approval.
    pub fn approval(&self, id: &str) -> Result<Option<ApprovalRow>, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT * FROM approvals WHERE id = ?1")?.query_row([id], ApprovalRow::read).optional()
        })
    }

    /// Every rule, in order.
    pub fn rules(&self) -> Result<Vec<RuleRow>, StoreError> {
        self.read(rules::rules)
    }

    /// Every setting, by name.
    pub fn settings(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(rules::settings)
    }

    /// Tells of the requests asked for last, newest first, until `tell` says that it has enough.
    pub fn each_approval(&self, mut tell: impl FnMut(ApprovalRow) -> bool) -> Result<(), StoreError> {
        self.read(|db| {
            let mut all = db.prepare_cached("SELECT * FROM approvals ORDER BY opened DESC, n DESC")?;
            for row in all.query_map([], ApprovalRow::read)?.filter_map(readable) {
                if !tell(row?) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// The sessions that ended last, newest first, as JSON.
    pub fn ended_sessions(&self, most: usize) -> Result<Vec<String>, StoreError> {
        self.json(
            "SELECT json FROM sessions WHERE ended IS NOT NULL
             ORDER BY ended DESC, rowid DESC LIMIT ?1",
            most,
        )
    }

    /// Reads the file at `path`, which another process may be writing.
    #[must_use]
    pub fn beside(path: &Path) -> Self {
        Self::new(path)
    }

    pub(super) fn new(path: &Path) -> Self {
        Self { pool: Arc::new(Pool { path: path.to_owned(), idle: Mutex::new(Some(Vec::new())) }) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.pool.path
    }

    /// Lets go of the file; every later call says so.
    pub(super) fn close(&self) {
        *self.pool.lock() = None;
    }

    fn json(&self, sql: &str, most: usize) -> Result<Vec<String>, StoreError> {
        self.read(|db| db.prepare_cached(sql)?.query_map([limit(most)], |row| row.get(0))?.collect())
    }

    pub(super) fn read<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let db = self.pool.take()?;
        let answer = ask(&db);
        self.pool.put_back(db);
        answer.map_err(|error| StoreError::new(&self.pool.path, &error))
    }
}

/// Leaves out what cannot be read: one row that is damaged hides no other.
pub(super) fn readable<T>(row: rusqlite::Result<T>) -> Option<rusqlite::Result<T>> {
    match row {
        Err(error) if is_unreadable(&error) => None,
        row => Some(row),
    }
}

/// Eight bytes an event, so even a long history fits; the rows themselves would not.
fn open_ids(db: &Connection) -> rusqlite::Result<Vec<i64>> {
    // Steps from session to session in the index, instead of reading every event's entry.
    db.prepare_cached(
        "WITH RECURSIVE seen (key) AS (
             SELECT min(session) FROM events
             UNION ALL
             SELECT (SELECT min(session) FROM events WHERE session > seen.key)
             FROM seen WHERE seen.key IS NOT NULL
         )
         SELECT events.id FROM seen CROSS JOIN events ON events.session = seen.key
         WHERE NOT EXISTS (
             SELECT 1 FROM sessions WHERE sessions.key = seen.key AND sessions.ended IS NOT NULL
         )
         ORDER BY events.id",
    )?
    .query_map([], |row| row.get(0))?
    .collect()
}

pub(super) fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// Connections at rest. Their lock is held only to take one or put it back.
#[derive(Debug)]
struct Pool {
    path: PathBuf,
    /// `None` once the store is closed.
    idle: Mutex<Option<Vec<Connection>>>,
}

/// So many are kept; more may be in use.
const KEPT: usize = 4;

impl Pool {
    fn take(&self) -> Result<Connection, StoreError> {
        if let Some(db) = self.lock().as_mut().ok_or(StoreError::Closed)?.pop() {
            return Ok(db);
        }
        let db = open::connect_to_read(&self.path).map_err(|error| StoreError::new(&self.path, &error))?;
        let found = migrations::version(&db).map_err(|error| StoreError::new(&self.path, &error))?;
        if found != migrations::KNOWN {
            return Err(StoreError::Format { path: self.path.clone(), found, known: migrations::KNOWN });
        }
        Ok(db)
    }

    fn put_back(&self, db: Connection) {
        if let Some(idle) = self.lock().as_mut()
            && idle.len() < KEPT
        {
            idle.push(db);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Vec<Connection>>> {
        // A list of connections cannot be half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
