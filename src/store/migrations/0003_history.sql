-- History: what is stored is packed (see pack.rs), what was said can be searched, and what is asked of it has its index.
-- pack(), body() and the words of an event are functions of this program, known while it migrates.

ALTER TABLE events RENAME TO old_events;
DROP INDEX events_session;
DROP INDEX events_session_id;

-- Of any type: a text, or a BLOB that is one packed.
CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    hook_id    TEXT UNIQUE,
    at         INTEGER NOT NULL,
    session    TEXT NOT NULL,
    session_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    tool       TEXT,
    held       INTEGER NOT NULL,
    context    ANY,
    payload    ANY NOT NULL
) STRICT;

INSERT INTO events (id, hook_id, at, session, session_id, kind, tool, held, context, payload)
SELECT id, hook_id, at, session, session_id, kind, tool_of(kind, payload), held, pack(context), pack(payload)
FROM old_events ORDER BY id;

-- What covers the counts of a session, too.
CREATE INDEX events_session ON events (session, id, kind, tool);
CREATE INDEX events_session_id ON events (session_id, id);

-- An id that was handed out stays so.
DELETE FROM sqlite_sequence WHERE name = 'events';
INSERT INTO sqlite_sequence (name, seq) SELECT 'events', seq FROM sqlite_sequence WHERE name = 'old_events';

-- The words of prompts and tool inputs, under their event's id, and of summaries, under their number below zero.
-- The session's key is among the words, so that some sessions can be searched alone. The text itself is not kept here.
-- Beginnings of two and three letters are many words: they have entries of their own.
CREATE VIRTUAL TABLE search USING fts5 (
    prompt, input, summary, session,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

INSERT INTO search (rowid, prompt, input, session)
SELECT id, prompt_of(kind, payload), input_of(kind, payload), session
FROM old_events WHERE prompt_of(kind, payload) IS NOT NULL OR input_of(kind, payload) IS NOT NULL ORDER BY id;

DROP TABLE old_events;

CREATE TABLE summaries (
    n        INTEGER PRIMARY KEY,
    session  TEXT NOT NULL UNIQUE,
    text     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    model    TEXT,
    cost_usd REAL,
    event    INTEGER NOT NULL
) STRICT;

-- The list of sessions, whatever it is filtered by.
CREATE INDEX sessions_facts ON sessions (last_activity, key, project, cwd, state, approvals);
CREATE INDEX sessions_project ON sessions (project);

ALTER TABLE approvals RENAME TO old_approvals;
DROP INDEX approvals_opened;
DROP INDEX approvals_settled;
DROP INDEX approvals_tool;

-- What was asked, its prompt and the whole of it as the API shows it say much the same: they are packed together.
CREATE TABLE approvals (
    n          INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    session    TEXT NOT NULL,
    session_id TEXT NOT NULL,
    project    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    tool       TEXT NOT NULL,
    cwd        TEXT NOT NULL,
    agent      TEXT,
    opened     INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    shown      TEXT NOT NULL,
    outcome    TEXT,
    "by"       TEXT,
    message    TEXT,
    settled    INTEGER,
    pending_ms INTEGER,
    body       ANY NOT NULL
) STRICT;

INSERT INTO approvals (n, id, session, session_id, project, kind, tool, cwd, agent, opened, expires, shown, outcome,
    "by", message, settled, pending_ms, body)
SELECT rowid, id, session, session_id, project_of(json), kind, tool, cwd, agent, opened, expires, shown, outcome,
    "by", message, settled, pending_ms, body(prompt, input, json)
FROM old_approvals ORDER BY rowid;

-- All that the audit log is filtered, counted and drawn by.
CREATE INDEX approvals_facts ON approvals (opened, n, outcome, "by", tool, project, session, pending_ms, settled);
CREATE INDEX approvals_session ON approvals (session, opened, n, outcome);

-- The words of a request: its tool, input, directory, and what was said to it; under its n.
CREATE VIRTUAL TABLE audit USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

INSERT INTO audit (rowid, text)
SELECT rowid, words_of(tool, input, cwd, message) FROM old_approvals ORDER BY rowid;

DROP TABLE old_approvals;
