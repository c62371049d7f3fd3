//! The formats the file has had, one after the other.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, TransactionBehavior};
use serde::Deserialize;

use super::approvals::body;
use super::pack::pack;
use super::words::{self, Words};

/// In order; never edited, only added to. Each file brings the database to its place in this list.
const STEPS: [&str; 3] = [
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_rules.sql"),
    include_str!("migrations/0003_history.sql"),
];

/// The format this ccmon writes.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// The format of the file; 0 before the first one.
pub(super) fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the file to [`KNOWN`], each step whole or not at all.
pub(super) fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    let found = version(db)?;
    if found == KNOWN {
        return Ok(());
    }
    teach(db)?;
    if found > 0 {
        tracing::info!(found, known = KNOWN, "bringing the database to this version's format");
    }
    for (known, sql) in (1..).zip(STEPS) {
        // IMMEDIATE, and asked again inside: whoever else opens the file waits, then sees it done.
        let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&step)? < known {
            step.execute_batch(sql)?;
            step.pragma_update(None, "user_version", known)?;
        }
        step.commit()?;
    }
    if found > 0 {
        // All of it went through the log, which is as large now as the database.
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}

/// The functions that the steps call.
fn teach(db: &Connection) -> rusqlite::Result<()> {
    define(db, "pack", 1, |row| Ok(row.get::<Option<String>>(0)?.map(|text| pack(&text)).into()))?;
    define(db, "body", 3, |row| {
        let prompt: Option<String> = row.get(0)?;
        Ok(pack(&body(prompt.as_deref(), &row.get::<String>(1)?, &row.get::<String>(2)?)))
    })?;
    define(db, "prompt_of", 2, |row| Ok(said(row)?.prompt.into()))?;
    define(db, "input_of", 2, |row| Ok(said(row)?.input.into()))?;
    define(db, "tool_of", 2, |row| Ok(said(row)?.tool.into()))?;
    define(db, "project_of", 1, |row| Ok(project(&row.get::<String>(0)?).into()))?;
    define(db, "words_of", 4, |row| {
        let [tool, input, cwd] = [row.get::<String>(0)?, row.get(1)?, row.get(2)?];
        Ok(words::of_request(&tool, &input, &cwd, [row.get::<Option<String>>(3)?.as_deref(), None]).into())
    })
}

type Function = fn(&Context<'_>) -> rusqlite::Result<Value>;

fn define(db: &Connection, name: &str, arguments: i32, function: Function) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    db.create_scalar_function(name, arguments, flags, function)
}

fn said(row: &Context<'_>) -> rusqlite::Result<Words> {
    Ok(Words::of(&row.get::<String>(0)?, &row.get::<String>(1)?))
}

/// What the JSON of a request calls its project; none when it does not say.
fn project(json: &str) -> String {
    #[derive(Deserialize)]
    struct View {
        project: String,
    }
    serde_json::from_str(json).map(|view: View| view.project).unwrap_or_default()
}
