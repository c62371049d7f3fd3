-- The first shape: what happened, how the sessions stand, and the audit log.
-- Never edited once released: a change is a new file.

-- Append-only. AUTOINCREMENT, so that an id that was handed out is never handed out again,
-- whatever retention deletes.
CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    hook_id    TEXT UNIQUE,
    at         INTEGER NOT NULL,
    session    TEXT NOT NULL,
    session_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    held       INTEGER NOT NULL,
    context    TEXT,
    payload    TEXT NOT NULL
) STRICT;
CREATE INDEX events_session ON events (session, id);
CREATE INDEX events_session_id ON events (session_id, id);

CREATE TABLE sessions (
    key           TEXT NOT NULL PRIMARY KEY,
    session_id    TEXT NOT NULL,
    project       TEXT NOT NULL,
    cwd           TEXT NOT NULL,
    branch        TEXT,
    started       INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    ended         INTEGER,
    state         TEXT NOT NULL,
    tools         INTEGER NOT NULL,
    approvals     INTEGER NOT NULL,
    title         TEXT,
    host          TEXT,
    json          TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_ended ON sessions (ended);

CREATE TABLE approvals (
    id         TEXT NOT NULL PRIMARY KEY,
    session    TEXT NOT NULL,
    session_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    tool       TEXT NOT NULL,
    input      TEXT NOT NULL,
    cwd        TEXT NOT NULL,
    agent      TEXT,
    prompt     TEXT,
    opened     INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    shown      TEXT NOT NULL,
    outcome    TEXT,
    "by"       TEXT,
    message    TEXT,
    settled    INTEGER,
    pending_ms INTEGER,
    json       TEXT NOT NULL
) STRICT;
CREATE INDEX approvals_opened ON approvals (opened);
CREATE INDEX approvals_settled ON approvals (settled);
