-- Rules that answer requests, in their order, and what is set for all of them.

CREATE TABLE rules (
    id         INTEGER NOT NULL PRIMARY KEY,
    position   INTEGER NOT NULL,
    rule       TEXT NOT NULL,
    made       INTEGER NOT NULL,
    ends       INTEGER,
    boot       TEXT,
    matches    INTEGER NOT NULL,
    last_match INTEGER
) STRICT;

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Replay and suggestions read the audit log by what was decided.
CREATE INDEX approvals_tool ON approvals (tool, opened);
