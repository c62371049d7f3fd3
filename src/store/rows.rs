//! The rows, as they stand in the tables.
//!
//! Times are milliseconds since the Unix epoch. They are the caller's words turned into columns:
//! this room knows nothing of what a session or an approval is.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::pack::{Unpacked, pack, said};
use super::words::Words;

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRow {
    /// The id the hook gave to its call; a second row with the same one is not stored.
    pub hook_id: Option<String>,
    /// When.
    pub at: u64,
    /// The key of the session.
    pub session: String,
    /// What the client calls the session.
    pub session_id: String,
    /// What kind of thing.
    pub kind: String,
    /// Whether a hook waits for an answer.
    pub held: bool,
    /// What the hook knew of its surroundings, JSON.
    pub context: Option<String>,
    /// What the hook was given, untouched.
    pub payload: String,
}

/// An event with the number it was stored under. Numbers only grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number.
    pub id: i64,
    /// The event.
    pub row: EventRow,
}

/// How a session stands; stored again whenever it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRow {
    /// Its key.
    pub key: String,
    /// What the client calls it.
    pub session_id: String,
    /// Name of the project.
    pub project: String,
    /// Where it works.
    pub cwd: String,
    /// On which branch.
    pub branch: Option<String>,
    /// When it started.
    pub started: u64,
    /// When it last did something.
    pub last_activity: u64,
    /// When it ended. While this is empty, its events are replayed at the next start.
    pub ended: Option<u64>,
    /// Its state.
    pub state: String,
    /// How many tools it ran.
    pub tools: u64,
    /// How many approvals it asked for.
    pub approvals: u64,
    /// Its title.
    pub title: Option<String>,
    /// The machine, when it is another one.
    pub host: Option<String>,
    /// The whole of it, as the API shows it.
    pub json: String,
}

const INSERT_EVENT: &str = "INSERT INTO events (hook_id, at, session, session_id, kind, tool, held, context, payload)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (hook_id) DO NOTHING";

const INSERT_WORDS: &str = "INSERT INTO search (rowid, prompt, input, session) VALUES (?1, ?2, ?3, ?4)";

const FIND_EVENT: &str = "SELECT id FROM events WHERE hook_id = ?1";

const PUT_SESSION: &str = "INSERT INTO sessions (key, session_id, project, cwd, branch, started,
        last_activity, ended, state, tools, approvals, title, host, json)
    VALUES (:key, :session_id, :project, :cwd, :branch, :started, :last_activity, :ended, :state,
        :tools, :approvals, :title, :host, :json)
    ON CONFLICT (key) DO UPDATE SET session_id = excluded.session_id, project = excluded.project,
        cwd = excluded.cwd, branch = excluded.branch, started = excluded.started,
        last_activity = excluded.last_activity, ended = excluded.ended, state = excluded.state,
        tools = excluded.tools, approvals = excluded.approvals, title = excluded.title,
        host = excluded.host, json = excluded.json";

/// The same for a session that is there, and of which nothing has changed that an index of its own stands for: `SQLite`
/// would take each such row out and put it in again, a page of every index for each event.
const MOVE_SESSION: &str = "UPDATE sessions SET session_id = :session_id, cwd = :cwd, branch = :branch,
        started = :started, last_activity = :last_activity, state = :state, tools = :tools,
        approvals = :approvals, title = :title, host = :host, json = :json
    WHERE key = :key AND project = :project AND ended IS :ended";

/// What the writer says; whether it still makes sense to this file is asked at the start.
pub(super) const WRITES: [&str; 5] = [INSERT_EVENT, INSERT_WORDS, FIND_EVENT, PUT_SESSION, MOVE_SESSION];

/// The number of the event of that hook call.
pub(super) fn find_event(db: &Connection, hook_id: &str) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached(FIND_EVENT)?.query_row([hook_id], |row| row.get(0)).optional()
}

impl EventRow {
    /// The columns [`StoredEvent::read`] expects.
    pub(super) const COLUMNS: &str = "id, hook_id, at, session, session_id, kind, held, context, payload";

    /// Stores it, unless its hook call already is: then `None`.
    pub(super) fn insert(&self, db: &Connection) -> rusqlite::Result<Option<i64>> {
        let words = Words::of(&self.kind, &self.payload);
        let added = db.prepare_cached(INSERT_EVENT)?.execute(params![
            self.hook_id,
            int(self.at),
            self.session,
            self.session_id,
            self.kind,
            words.tool,
            self.held,
            self.context.as_deref().map(pack),
            pack(&self.payload),
        ])?;
        if added == 0 {
            return Ok(None);
        }
        let id = db.last_insert_rowid();
        if !words.is_empty() {
            db.prepare_cached(INSERT_WORDS)?.execute(params![id, words.prompt, words.input, self.session])?;
        }
        Ok(Some(id))
    }

    /// About how many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        self.payload.len() + self.context.as_ref().map_or(0, String::len)
    }
}

impl StoredEvent {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let id = row.get(0)?;
        Ok(Self {
            id,
            row: EventRow {
                hook_id: row.get(1)?,
                at: uint(row.get(2)?),
                session: row.get(3)?,
                session_id: row.get(4)?,
                kind: row.get(5)?,
                held: row.get(6)?,
                context: row.get::<_, Option<Unpacked>>(7)?.map(|text| text.0),
                payload: said(row.get::<_, Unpacked>(8), id)?.0,
            },
        })
    }
}

impl SessionRow {
    pub(super) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        if self.execute(db, MOVE_SESSION)? == 0 {
            self.execute(db, PUT_SESSION)?;
        }
        Ok(())
    }

    /// How many rows that has changed.
    fn execute(&self, db: &Connection, sql: &str) -> rusqlite::Result<usize> {
        db.prepare_cached(sql)?.execute(named_params! {
            ":key": self.key,
            ":session_id": self.session_id,
            ":project": self.project,
            ":cwd": self.cwd,
            ":branch": self.branch,
            ":started": int(self.started),
            ":last_activity": int(self.last_activity),
            ":ended": self.ended.map(int),
            ":state": self.state,
            ":tools": int(self.tools),
            ":approvals": int(self.approvals),
            ":title": self.title,
            ":host": self.host,
            ":json": self.json,
        })
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get("key")?,
            session_id: row.get("session_id")?,
            project: row.get("project")?,
            cwd: row.get("cwd")?,
            branch: row.get("branch")?,
            started: uint(row.get("started")?),
            last_activity: uint(row.get("last_activity")?),
            ended: row.get::<_, Option<i64>>("ended")?.map(uint),
            state: row.get("state")?,
            tools: uint(row.get("tools")?),
            approvals: uint(row.get("approvals")?),
            title: row.get("title")?,
            host: row.get("host")?,
            json: row.get("json")?,
        })
    }

    /// About how many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        self.json.len()
    }
}

/// `SQLite`'s integers are signed; a time past the year 292 million is that year.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
