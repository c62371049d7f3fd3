//! Sessions by what was said in them.
//!
//! The words are looked up among prompts, summaries and tool inputs, in each from the newest on, until there are
//! enough: then the rest is not looked at, and the page says that it is partial. What was found is put in order here.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::clauses::Clauses;
use super::pack::Unpacked;
use super::query::{Query, quoted};
use super::reader::Reader;
use super::rows::uint;
use super::sessions::{FoundSession, Hit, HitKind, Page, SessionFilter};
use super::snippet::snippet;
use super::words::Words;
use super::{StoreError, reader};

/// So many hits of each kind are put in order,
const MOST_HITS: usize = 1_000;
/// so many are looked at for them,
const MOST_SEEN: usize = 4_000;
/// and no longer than this; tests wait longer on a busy machine.
const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 60_000 } else { 25 });
/// So many hits of a session are shown.
const SHOWN: usize = 3;
/// If the filters leave so few sessions, only in them is searched.
const FEW: usize = 100;

pub(super) const NEWEST: &str = "SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
pub(super) const SESSION_OF_EVENT: &str = "SELECT session FROM events WHERE id = ?1";
pub(super) const SESSION_OF_SUMMARY: &str = "SELECT session FROM summaries WHERE n = -?1";
pub(super) const SOME_KEYS: &str = "SELECT key FROM sessions INDEXED BY sessions_facts {} LIMIT ?";
pub(super) const JSON: &str = "SELECT json FROM sessions WHERE key = ?1";
pub(super) const EVENT: &str = "SELECT at, kind, payload FROM events WHERE id = ?1";
pub(super) const SUMMARY: &str = "SELECT at, text FROM summaries WHERE n = -?1";

/// A session's place: in what it was found, how often, and how new it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    kind: HitKind,
    hits: u64,
    active: i64,
    key: String,
}

struct Found {
    rank: Rank,
    /// The rows of the search table that are shown.
    shown: Vec<(HitKind, i64)>,
}

/// A page of the sessions where this was said.
pub(super) fn page(reader: &Reader, filter: &SessionFilter, query: &Query) -> Result<Page<FoundSession>, StoreError> {
    let after = filter.cursor.as_deref().map(|cursor| Rank::read(cursor).ok_or(StoreError::Cursor)).transpose()?;
    reader.read(|db| {
        // One picture for all of it, whatever is written meanwhile.
        let db = &*db.unchecked_transaction()?;
        let (mut found, partial) = Walk::new(db, filter)?.all(query)?;
        let total = (!partial).then_some(found.len() as u64);
        found.sort_unstable_by(|a, b| b.rank.cmp(&a.rank));
        let mut found = found.into_iter().skip_while(|found| after.as_ref().is_some_and(|after| found.rank >= *after));
        let page: Vec<Found> = found.by_ref().take(filter.limit).collect();
        let next = page.last().filter(|_| found.next().is_some()).map(|last| last.rank.cursor());
        let rows = page.into_iter().map(|found| found.show(db, query)).collect::<rusqlite::Result<_>>()?;
        Ok(Page { rows, next, total, partial })
    })
}

/// Goes through what was found and gathers it by session.
struct Walk<'a> {
    db: &'a Connection,
    filter: &'a SessionFilter,
    admit: CachedStatement<'a>,
    /// `None` for a session that is not asked for.
    found: HashMap<String, Option<Found>>,
    /// In which sessions alone it is searched, in FTS5's language.
    only: Option<String>,
    until: Instant,
}

impl<'a> Walk<'a> {
    fn new(db: &'a Connection, filter: &'a SessionFilter) -> rusqlite::Result<Self> {
        let clauses = filter.clauses();
        let admit = db.prepare_cached(&admit(&clauses))?;
        let only = if clauses.is_empty() { None } else { few(db, filter)? };
        Ok(Self { db, filter, admit, found: HashMap::new(), only, until: Instant::now() + PATIENCE })
    }

    /// The sessions, and whether there may be more.
    fn all(mut self, query: &Query) -> rusqlite::Result<(Vec<Found>, bool)> {
        let mut partial = false;
        let columns = [("prompt", HitKind::Prompt), ("summary", HitKind::Summary), ("input", HitKind::Input)];
        for (column, kind) in columns {
            let mut sought = query.in_column(column);
            if let Some(only) = &self.only {
                sought = format!("({sought}) AND (session : ({only}))");
            }
            partial |= self.column(kind, &sought)?;
        }
        Ok((self.found.into_values().flatten().collect(), partial))
    }

    /// Whether it had to stop before the end.
    fn column(&mut self, kind: HitKind, sought: &str) -> rusqlite::Result<bool> {
        let mut newest = self.db.prepare_cached(NEWEST)?;
        let of = if kind == HitKind::Summary { SESSION_OF_SUMMARY } else { SESSION_OF_EVENT };
        let mut session = self.db.prepare_cached(of)?;
        let mut rows = newest.query((sought, reader::limit(MOST_SEEN + 1)))?;
        let (mut seen, mut hits) = (0, 0);
        while let Some(row) = rows.next()? {
            seen += 1;
            if seen > MOST_SEEN || hits >= MOST_HITS || (seen % 64 == 0 && Instant::now() > self.until) {
                return Ok(true);
            }
            let n = row.get(0)?;
            if let Some(key) = session.query_row([n], |row| row.get::<_, String>(0)).optional()?
                && self.count(&key, kind, n)?
            {
                hits += 1;
            }
        }
        Ok(false)
    }

    /// Whether the session is one that is asked for.
    fn count(&mut self, key: &str, kind: HitKind, n: i64) -> rusqlite::Result<bool> {
        if !self.found.contains_key(key) {
            let values = self.filter.clauses();
            let active = self.admit.query_row(values.values([key.to_owned().into()]), |row| row.get(0)).optional()?;
            let rank = active.map(|active| Rank { kind, hits: 0, active, key: key.to_owned() });
            self.found.insert(key.to_owned(), rank.map(|rank| Found { rank, shown: Vec::new() }));
        }
        let Some(Some(found)) = self.found.get_mut(key) else { return Ok(false) };
        found.rank.hits += 1;
        if found.shown.len() < SHOWN {
            found.shown.push((kind, n));
        }
        Ok(true)
    }
}

/// When a session was last active, if it is one that is asked for.
pub(super) fn admit(clauses: &Clauses) -> String {
    let before = if clauses.is_empty() { "WHERE".to_owned() } else { format!("{} AND", clauses.sql()) };
    format!("SELECT last_activity FROM sessions {before} key = ?")
}

/// The keys of the sessions that are asked for, when there are few.
fn few(db: &Connection, filter: &SessionFilter) -> rusqlite::Result<Option<String>> {
    let clauses = filter.clauses();
    let mut some = db.prepare_cached(&SOME_KEYS.replace("{}", clauses.sql()))?;
    let keys = some.query_map(clauses.values([reader::limit(FEW + 1).into()]), |row| row.get::<_, String>(0))?;
    let keys: Vec<String> = keys.map(|key| Ok(quoted(&key?))).collect::<rusqlite::Result<_>>()?;
    let searchable = keys.iter().all(|key| key.contains(|c: char| c.is_ascii_alphanumeric()));
    Ok((keys.len() <= FEW && searchable && !keys.is_empty()).then(|| keys.join(" OR ")))
}

impl Rank {
    fn cursor(&self) -> String {
        format!("{}.{}.{}.{}", self.kind as u8, self.hits, self.active, self.key)
    }

    fn read(cursor: &str) -> Option<Self> {
        let mut parts = cursor.splitn(4, '.');
        let kind = match parts.next()? {
            "0" => HitKind::Input,
            "1" => HitKind::Summary,
            "2" => HitKind::Prompt,
            _ => return None,
        };
        let (hits, active) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { kind, hits, active, key: parts.next()?.to_owned() })
    }
}

impl Found {
    fn show(self, db: &Connection, query: &Query) -> rusqlite::Result<FoundSession> {
        let mut shown = self.shown;
        shown.sort_by_key(|(kind, n)| (Reverse(*kind), Reverse(*n)));
        let hits = shown.into_iter().map(|(kind, n)| hit(db, query, kind, n)).filter_map(reader::readable);
        Ok(FoundSession {
            hits: hits.collect::<rusqlite::Result<_>>()?,
            json: db.prepare_cached(JSON)?.query_row([&self.rank.key], |row| row.get(0))?,
        })
    }
}

fn hit(db: &Connection, query: &Query, kind: HitKind, n: i64) -> rusqlite::Result<Hit> {
    if kind == HitKind::Summary {
        let mut summary = db.prepare_cached(SUMMARY)?;
        return summary.query_row([n], |row| {
            let parts = snippet(query, row.get_ref(1)?.as_str()?);
            Ok(Hit { at: uint(row.get(0)?), kind, tool: None, parts })
        });
    }
    db.prepare_cached(EVENT)?.query_row([n], |row| {
        let words = Words::of(row.get_ref(1)?.as_str()?, &row.get::<_, Unpacked>(2)?.0);
        let text = words.prompt.or(words.input).unwrap_or_default();
        Ok(Hit { at: uint(row.get(0)?), kind, tool: words.tool, parts: snippet(query, &text) })
    })
}
