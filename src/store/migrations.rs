//! The formats the file has had, one after the other.

use rusqlite::{Connection, TransactionBehavior};

/// In order; never edited, only added to. Each file brings the database to its place in this list.
const STEPS: [&str; 2] = [include_str!("migrations/0001_first.sql"), include_str!("migrations/0002_rules.sql")];

/// The format this ccmon writes.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// The format of the file; 0 before the first one.
pub(super) fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the file to [`KNOWN`], each step whole or not at all.
pub(super) fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    for (known, sql) in (1..).zip(STEPS) {
        // IMMEDIATE, and asked again inside: whoever else opens the file waits, then sees it done.
        let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&step)? < known {
            step.execute_batch(sql)?;
            step.pragma_update(None, "user_version", known)?;
        }
        step.commit()?;
    }
    Ok(())
}
