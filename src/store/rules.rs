//! The rows of rules and settings.

use rusqlite::{Connection, Row, named_params, params};

use super::rows::{int, uint};

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleRow {
    /// Its number; never given to another.
    pub id: i64,
    /// Its place among the others: the lowest comes first.
    pub position: i64,
    /// What it says, JSON.
    pub rule: String,
    /// When it was made.
    pub made: u64,
    /// When it ends, in milliseconds since the machine was started.
    pub ends: Option<u64>,
    /// Which start of the machine that was.
    pub boot: Option<String>,
    /// How often it has matched.
    pub matches: u64,
    /// When it last did.
    pub last_match: Option<u64>,
}

/// What is to become of the rules. All of it happens, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleChanges {
    /// Each in place of what was stored under its number before.
    pub put: Vec<RuleRow>,
    /// Numbers of those that are no more.
    pub gone: Vec<i64>,
    /// Settings, by name.
    pub settings: Vec<(String, String)>,
}

const PUT_RULE: &str = "INSERT INTO rules (id, position, rule, made, ends, boot, matches, last_match)
    VALUES (:id, :position, :rule, :made, :ends, :boot, :matches, :last_match)
    ON CONFLICT (id) DO UPDATE SET position = excluded.position, rule = excluded.rule, made = excluded.made,
        ends = excluded.ends, boot = excluded.boot, matches = excluded.matches, last_match = excluded.last_match";

const DROP_RULE: &str = "DELETE FROM rules WHERE id = ?1";

const PUT_SETTING: &str =
    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

pub(super) const WRITES: [&str; 3] = [PUT_RULE, DROP_RULE, PUT_SETTING];

impl RuleChanges {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty() && self.settings.is_empty()
    }

    /// Adds what came later.
    pub fn extend(&mut self, later: Self) {
        self.put.retain(|row| !later.gone.contains(&row.id) && !later.put.iter().any(|new| new.id == row.id));
        self.gone.retain(|id| !later.put.iter().any(|new| new.id == *id));
        self.put.extend(later.put);
        self.gone.extend(later.gone);
        self.settings.extend(later.settings);
    }

    pub(super) fn store(&self, db: &Connection) -> rusqlite::Result<()> {
        for id in &self.gone {
            db.prepare_cached(DROP_RULE)?.execute([id])?;
        }
        for row in &self.put {
            row.put(db)?;
        }
        for (name, value) in &self.settings {
            db.prepare_cached(PUT_SETTING)?.execute(params![name, value])?;
        }
        Ok(())
    }

    /// About how many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        self.put.iter().map(|row| row.rule.len()).sum()
    }
}

impl RuleRow {
    fn put(&self, db: &Connection) -> rusqlite::Result<()> {
        db.prepare_cached(PUT_RULE)?.execute(named_params! {
            ":id": self.id,
            ":position": self.position,
            ":rule": self.rule,
            ":made": int(self.made),
            ":ends": self.ends.map(int),
            ":boot": self.boot,
            ":matches": int(self.matches),
            ":last_match": self.last_match.map(int),
        })?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            position: row.get("position")?,
            rule: row.get("rule")?,
            made: uint(row.get("made")?),
            ends: row.get::<_, Option<i64>>("ends")?.map(uint),
            boot: row.get("boot")?,
            matches: uint(row.get("matches")?),
            last_match: row.get::<_, Option<i64>>("last_match")?.map(uint),
        })
    }
}

/// Every rule, in order.
pub(super) fn rules(db: &Connection) -> rusqlite::Result<Vec<RuleRow>> {
    db.prepare_cached("SELECT * FROM rules ORDER BY position, id")?.query_map([], RuleRow::read)?.collect()
}

/// Every setting, by name.
pub(super) fn settings(db: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut all = db.prepare_cached("SELECT name, value FROM settings ORDER BY name")?;
    all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
