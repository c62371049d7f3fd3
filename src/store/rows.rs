//! The rows, as they stand in the tables.
//!
//! Times are milliseconds since the Unix epoch. They are the caller's words turned into columns:
//! this room knows nothing of what a session or an approval is.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

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

/// A line of the audit log; stored when asked and again when settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalRow {
    /// Its id.
    pub id: String,
    /// The key of the session.
    pub session: String,
    /// What the client calls the session.
    pub session_id: String,
    /// What kind of question.
    pub kind: String,
    /// The tool.
    pub tool: String,
    /// Its input, JSON.
    pub input: String,
    /// Where it would run.
    pub cwd: String,
    /// The sub-agent that asks, JSON.
    pub agent: Option<String>,
    /// What the user had asked for.
    pub prompt: Option<String>,
    /// When it was asked.
    pub opened: u64,
    /// Until when the hook waits.
    pub expires: u64,
    /// The hash of what is shown.
    pub shown: String,
    /// What came of it; empty while pending.
    pub outcome: Option<String>,
    /// Who settled it.
    pub by: Option<String>,
    /// What they said.
    pub message: Option<String>,
    /// When it was settled.
    pub settled: Option<u64>,
    /// How long it was pending.
    pub pending_ms: Option<u64>,
    /// The whole of it, as the API shows it.
    pub json: String,
}

const INSERT_EVENT: &str = "INSERT INTO events (hook_id, at, session, session_id, kind, held, context, payload)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (hook_id) DO NOTHING";

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

/// What is settled stays as it was settled: this table is the audit log.
const PUT_APPROVAL: &str = "INSERT INTO approvals (id, session, session_id, kind, tool, input, cwd, agent,
        prompt, opened, expires, shown, outcome, \"by\", message, settled, pending_ms, json)
    VALUES (:id, :session, :session_id, :kind, :tool, :input, :cwd, :agent, :prompt, :opened,
        :expires, :shown, :outcome, :by, :message, :settled, :pending_ms, :json)
    ON CONFLICT (id) DO UPDATE SET session = excluded.session, session_id = excluded.session_id,
        kind = excluded.kind, tool = excluded.tool, input = excluded.input, cwd = excluded.cwd,
        agent = excluded.agent, prompt = excluded.prompt, opened = excluded.opened,
        expires = excluded.expires, shown = excluded.shown, outcome = excluded.outcome,
        \"by\" = excluded.\"by\", message = excluded.message, settled = excluded.settled,
        pending_ms = excluded.pending_ms, json = excluded.json
    WHERE approvals.outcome IS NULL";

/// Everything the writer ever says; whether it still makes sense to this file is asked at the start.
pub(super) const WRITES: [&str; 4] = [INSERT_EVENT, FIND_EVENT, PUT_SESSION, PUT_APPROVAL];

/// The number of the event of that hook call.
pub(super) fn find_event(db: &Connection, hook_id: &str) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached(FIND_EVENT)?.query_row([hook_id], |row| row.get(0)).optional()
}

impl EventRow {
    /// The columns [`StoredEvent::read`] expects.
    pub(super) const COLUMNS: &str = "id, hook_id, at, session, session_id, kind, held, context, payload";

    /// Stores it, unless its hook call already is: then `None`.
    pub(super) fn insert(&self, db: &Connection) -> rusqlite::Result<Option<i64>> {
        let added = db.prepare_cached(INSERT_EVENT)?.execute(params![
            self.hook_id,
            int(self.at),
            self.session,
            self.session_id,
            self.kind,
            self.held,
            self.context,
            self.payload,
        ])?;
        Ok((added > 0).then(|| db.last_insert_rowid()))
    }

    /// About how many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        self.payload.len() + self.context.as_ref().map_or(0, String::len)
    }
}

impl StoredEvent {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            row: EventRow {
                hook_id: row.get(1)?,
                at: uint(row.get(2)?),
                session: row.get(3)?,
                session_id: row.get(4)?,
                kind: row.get(5)?,
                held: row.get(6)?,
                context: row.get(7)?,
                payload: row.get(8)?,
            },
        })
    }
}

impl SessionRow {
    pub(super) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        db.prepare_cached(PUT_SESSION)?.execute(named_params! {
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
        })?;
        Ok(())
    }

    /// About how many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        self.json.len()
    }
}

impl ApprovalRow {
    pub(super) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        db.prepare_cached(PUT_APPROVAL)?.execute(named_params! {
            ":id": self.id,
            ":session": self.session,
            ":session_id": self.session_id,
            ":kind": self.kind,
            ":tool": self.tool,
            ":input": self.input,
            ":cwd": self.cwd,
            ":agent": self.agent,
            ":prompt": self.prompt,
            ":opened": int(self.opened),
            ":expires": int(self.expires),
            ":shown": self.shown,
            ":outcome": self.outcome,
            ":by": self.by,
            ":message": self.message,
            ":settled": self.settled.map(int),
            ":pending_ms": self.pending_ms.map(int),
            ":json": self.json,
        })?;
        Ok(())
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            session: row.get("session")?,
            session_id: row.get("session_id")?,
            kind: row.get("kind")?,
            tool: row.get("tool")?,
            input: row.get("input")?,
            cwd: row.get("cwd")?,
            agent: row.get("agent")?,
            prompt: row.get("prompt")?,
            opened: uint(row.get("opened")?),
            expires: uint(row.get("expires")?),
            shown: row.get("shown")?,
            outcome: row.get("outcome")?,
            by: row.get("by")?,
            message: row.get("message")?,
            settled: row.get::<_, Option<i64>>("settled")?.map(uint),
            pending_ms: row.get::<_, Option<i64>>("pending_ms")?.map(uint),
            json: row.get("json")?,
        })
    }

    /// About how many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        self.input.len() + self.json.len()
    }
}

/// `SQLite`'s integers are signed; a time past the year 292 million is that year.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
