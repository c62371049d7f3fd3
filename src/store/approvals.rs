//! The rows of the audit log.

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::pack::{Unpacked, Unreadable, pack, said};
use super::rows::{int, uint};
use super::words;

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
    /// Name of the project.
    pub project: String,
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
    /// What came with the answer, JSON: only to be searched, it is in `json` too.
    pub given: Option<String>,
    /// The whole of it, as the API shows it.
    pub json: String,
}

const FIND_APPROVAL: &str = "SELECT n FROM approvals WHERE id = ?1";

/// What is settled stays as it was settled: this table is the audit log.
const PUT_APPROVAL: &str = "INSERT INTO approvals (id, session, session_id, project, kind, tool, cwd, agent,
        opened, expires, shown, outcome, \"by\", message, settled, pending_ms, body)
    VALUES (:id, :session, :session_id, :project, :kind, :tool, :cwd, :agent, :opened,
        :expires, :shown, :outcome, :by, :message, :settled, :pending_ms, :body)
    ON CONFLICT (id) DO UPDATE SET session = excluded.session, session_id = excluded.session_id,
        project = excluded.project, kind = excluded.kind, tool = excluded.tool, cwd = excluded.cwd,
        agent = excluded.agent, opened = excluded.opened, expires = excluded.expires, shown = excluded.shown,
        outcome = excluded.outcome, \"by\" = excluded.\"by\", message = excluded.message,
        settled = excluded.settled, pending_ms = excluded.pending_ms, body = excluded.body
    WHERE approvals.outcome IS NULL
    RETURNING n";

const PUT_WORDS: &str = "INSERT OR REPLACE INTO audit (rowid, text) VALUES (?1, ?2)";

pub(super) const WRITES: [&str; 3] = [FIND_APPROVAL, PUT_APPROVAL, PUT_WORDS];

impl ApprovalRow {
    pub(super) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        let known: Option<i64> =
            db.prepare_cached(FIND_APPROVAL)?.query_row([&self.id], |row| row.get(0)).optional()?;
        let body = body(self.prompt.as_deref(), &self.input, &self.json);
        let put = db.prepare_cached(PUT_APPROVAL)?.query_row(
            named_params! {
                ":id": self.id,
                ":session": self.session,
                ":session_id": self.session_id,
                ":project": self.project,
                ":kind": self.kind,
                ":tool": self.tool,
                ":cwd": self.cwd,
                ":agent": self.agent,
                ":opened": int(self.opened),
                ":expires": int(self.expires),
                ":shown": self.shown,
                ":outcome": self.outcome,
                ":by": self.by,
                ":message": self.message,
                ":settled": self.settled.map(int),
                ":pending_ms": self.pending_ms.map(int),
                ":body": pack(&body),
            },
            |row| row.get::<_, i64>(0),
        );
        match put.optional()? {
            // What was asked does not change; what was said to it is new.
            Some(n) if known.is_none() || self.message.is_some() || self.given.is_some() => self.put_words(db, n),
            _ => Ok(()),
        }
    }

    fn put_words(&self, db: &Connection, n: i64) -> rusqlite::Result<()> {
        let words =
            words::of_request(&self.tool, &self.input, &self.cwd, [self.message.as_deref(), self.given.as_deref()]);
        db.prepare_cached(PUT_WORDS)?.execute(params![n, words])?;
        Ok(())
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let id: String = row.get("id")?;
        let body: Body = said(row.get("body"), &id)?;
        Ok(Self {
            id,
            session: row.get("session")?,
            session_id: row.get("session_id")?,
            kind: row.get("kind")?,
            project: row.get("project")?,
            tool: row.get("tool")?,
            input: body.input,
            cwd: row.get("cwd")?,
            agent: row.get("agent")?,
            prompt: body.prompt,
            opened: uint(row.get("opened")?),
            expires: uint(row.get("expires")?),
            shown: row.get("shown")?,
            outcome: row.get("outcome")?,
            by: row.get("by")?,
            message: row.get("message")?,
            settled: row.get::<_, Option<i64>>("settled")?.map(uint),
            pending_ms: row.get::<_, Option<i64>>("pending_ms")?.map(uint),
            given: None,
            json: body.json,
        })
    }

    /// About how many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        let more = [&self.prompt, &self.given].into_iter().flatten().map(String::len);
        self.input.len() + self.json.len() + more.sum::<usize>()
    }
}

/// What repeats itself, in one text: how long the prompt and the input are, then they and the JSON.
pub(super) fn body(prompt: Option<&str>, input: &str, json: &str) -> String {
    let length = prompt.map_or("-".to_owned(), |prompt| prompt.len().to_string());
    format!("{length} {}\n{}{input}{json}", input.len(), prompt.unwrap_or_default())
}

/// A [`body`], taken apart.
pub(super) struct Body {
    prompt: Option<String>,
    input: String,
    pub json: String,
}

impl FromSql for Body {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = Unpacked::column_result(value)?.0;
        Self::read(&text).ok_or_else(|| rusqlite::types::FromSqlError::other(Unreadable::Frame))
    }
}

impl Body {
    fn read(text: &str) -> Option<Self> {
        let (lengths, rest) = text.split_once('\n')?;
        let (prompt, input) = lengths.split_once(' ')?;
        let (given, rest) = match prompt {
            "-" => (None, rest),
            length => rest.split_at_checked(length.parse().ok()?).map(|(prompt, rest)| (Some(prompt), rest))?,
        };
        let (input, json) = rest.split_at_checked(input.parse().ok()?)?;
        Some(Self { prompt: given.map(str::to_owned), input: input.to_owned(), json: json.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_taken_apart_as_it_was_put_together() {
        for prompt in [None, Some(""), Some("5 7\nä"), Some("-")] {
            for (input, json) in [("", ""), ("{}", "{\"a\":\"\\n\"}"), ("ü", "1 2\n")] {
                let read = Body::read(&body(prompt, input, json)).unwrap();
                assert_eq!((read.prompt.as_deref(), &*read.input, &*read.json), (prompt, input, json));
            }
        }
    }

    #[test]
    fn another_text_is_no_body() {
        for text in ["", "x", "1 1\n", "9 9\nab", "1 1\nä", "-1 0\nab", " \n"] {
            assert!(Body::read(text).is_none(), "{text}");
        }
    }
}
