//! How fast history is found, and how much room it takes, when there is much of it: a million events of 2,000
//! sessions, made of the recorded turn and of this project's sources, written through the real store.
//!
//! `cargo bench --no-default-features --bench history`. `CCMON_EVENTS` sets another size; `CCMON_MAKE=DIR` only makes
//! the database, in a directory of your choice; `CCMON_IN=DIR` measures one that was made so.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

mod support;

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ccmon::store::{AuditFilter, Page, Reader, SessionFilter, Store, StoreError};
use support::past::{RARE, Size, make};
use support::{median, percentile, setting, verdict};

const ROUNDS: usize = 30;
const SLOWEST: Duration = Duration::from_millis(50);
/// The file, to the payloads in it.
const LARGEST: f64 = 1.3;

fn main() -> io::Result<()> {
    let size = size();
    if let Some(dir) = std::env::var_os("CCMON_MAKE") {
        return made(Path::new(&dir), size).map(drop);
    }
    let (dir, kept) = match std::env::var_os("CCMON_IN") {
        Some(dir) => (PathBuf::from(dir), true),
        None => (Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/history-{}", std::process::id())), false),
    };
    if !kept {
        made(&dir, size)?;
    }
    let reader = Reader::beside(&dir.join("ccmon.db"));
    plans(&reader)?;
    println!("{:<44} {:>8} {:>9} {:>9} {:>9}   target", "", "found", "p50", "p99", "worst");
    searches(&reader)?;
    tables(&reader)?;
    drop(reader);
    if !kept {
        retention(&dir)?;
        fs::remove_dir_all(&dir)?;
    }
    Ok(())
}

fn size() -> Size {
    let events = setting("CCMON_EVENTS", 1_000_000) as usize;
    Size { events, sessions: (events / 500).max(20) }
}

/// Makes it, and says how long that took and how large it is.
fn made(dir: &Path, size: Size) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let begin = Instant::now();
    let written = make(dir, size)?;
    let took = begin.elapsed().as_secs_f64();
    let file = fs::metadata(dir.join("ccmon.db"))?.len();
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let (payloads, contexts) = (written.payloads as u64, written.contexts as u64);
    println!(
        "{} events of {} sessions, {} requests, in {}",
        size.events,
        size.sessions,
        written.approvals,
        dir.display()
    );
    println!("made and stored in {took:.0} s: {:.0} events/s", size.events as f64 / took);
    println!("payloads {:.0} MiB, contexts {:.0} MiB, file {:.0} MiB", mib(payloads), mib(contexts), mib(file));
    let ratio = file as f64 / payloads as f64;
    println!("file to payloads: {ratio:.2}   {}", verdict("≤ 1.3", ratio <= LARGEST));
    Ok(())
}

/// How every question is answered; an error if one reads a whole table.
fn plans(reader: &Reader) -> io::Result<()> {
    for plan in reader.plans().map_err(io::Error::other)? {
        println!("{}", plan.sql.split_whitespace().collect::<Vec<_>>().join(" "));
        for step in &plan.steps {
            println!("    {step}");
        }
        if plan.is_slow() {
            return Err(io::Error::other("that reads a whole table"));
        }
    }
    Ok(())
}

fn searches(reader: &Reader) -> io::Result<()> {
    let hostile = format!("\"({}\0^* NEAR(a b) -x {{prompt}}: ", "' OR ".repeat(200));
    let texts = [
        ("rare word", RARE),
        ("common word", "the "),
        ("commonest in code", "let "),
        ("two words", "cargo test "),
        ("three common words", "the a of "),
        ("common and rare", "fn quokka "),
        ("a path", "src/store/mod.rs "),
        ("snake_case", "no_default_features "),
        ("a flag", "--no-default-features "),
        ("phrase", "\"as it was\" "),
        ("phrase of common words, never so", "\"self let pub\" "),
        ("beginning, two letters", "st"),
        ("beginning, one letter, starred", "s* "),
        ("beginning, three letters", "con"),
        ("and a beginning", "cargo te"),
        ("common but not common", "fn -let "),
        ("nowhere", "zzyzx "),
        ("hostile", hostile.as_str()),
    ];
    for (name, text) in texts {
        let filter = SessionFilter { text: Some(text.to_owned()), limit: 50, ..SessionFilter::default() };
        report(name, || rows(reader.find_sessions(&filter)))?;
    }
    let common = SessionFilter { text: Some("fn ".to_owned()), limit: 50, ..SessionFilter::default() };
    let notes = SessionFilter { project: Some("notes".to_owned()), ..common.clone() };
    report("common, one project", || rows(reader.find_sessions(&notes)))?;
    let below = SessionFilter { cwd: Some("/home/dev/work/shop".to_owned()), approvals: Some(false), ..common.clone() };
    report("common, a directory, without requests", || rows(reader.find_sessions(&below)))?;
    let old = SessionFilter { until: Some(1_755_300_000_000), ..common };
    report("common, long ago", || rows(reader.find_sessions(&old)))
}

fn rows<T>(page: Result<Page<T>, StoreError>) -> Result<(usize, bool), StoreError> {
    page.map(|page| (page.rows.len(), page.partial))
}

fn tables(reader: &Reader) -> io::Result<()> {
    let sessions = SessionFilter { limit: 50, ..SessionFilter::default() };
    let deep = SessionFilter {
        cursor: deep(&sessions, |filter| reader.find_sessions(filter), |filter, next| filter.cursor = next)?,
        ..sessions.clone()
    };
    report("sessions, first page", || rows(reader.find_sessions(&sessions)))?;
    report("sessions, deep", || rows(reader.find_sessions(&deep)))?;
    let project = SessionFilter { project: Some("notes".to_owned()), approvals: Some(true), ..sessions };
    report("sessions of a project, with requests", || rows(reader.find_sessions(&project)))?;
    report("projects", || reader.projects().map(|all| (all.len(), false)))?;
    audit(reader)?;
    let key = &a_session(reader)?;
    report("session, in numbers", || reader.session_stats(key).map(|stats| (stats.events as usize, false)))?;
    report("timeline, last 300", || reader.events_before(key, None, 300).map(|page| (page.len(), false)))?;
    let middle = reader.events_before(key, None, 300).map_err(io::Error::other)?.last().map(|event| event.id);
    report("timeline, 300 before", || reader.events_before(key, middle, 300).map(|page| (page.len(), false)))?;
    report("sizes", || reader.sizes().map(|sizes| (sizes.events as usize, false)))
}

fn audit(reader: &Reader) -> io::Result<()> {
    let all = AuditFilter { limit: 50, ..AuditFilter::default() };
    let deep = AuditFilter {
        cursor: deep(&all, |filter| reader.audit(filter), |filter, next| filter.cursor = next)?,
        ..all.clone()
    };
    let denied = AuditFilter { decision: Some("denied".to_owned()), tool: Some("WebFetch".to_owned()), ..all.clone() };
    let said = AuditFilter { text: Some("cargo test ".to_owned()), ..all.clone() };
    let none = AuditFilter { text: Some("bash ".to_owned()), tool: Some("Edit".to_owned()), ..all.clone() };
    let filters = [
        ("all", &all),
        ("deep", &deep),
        ("a rare tool denied", &denied),
        ("two words", &said),
        ("a common word, hardly any", &none),
    ];
    for (name, filter) in filters {
        report(&format!("audit, {name}"), || rows(reader.audit(filter)))?;
        report(&format!("audit counts, {name}"), || {
            reader.audit_counts(filter).map(|counts| (counts.total as usize, false))
        })?;
    }
    let insight = || {
        let mut seen = 0;
        reader.insight_rows(0, u64::MAX, |_| seen += 1).map(|()| (seen, false))
    };
    report("insight, all of it", insight)
}

/// Where the tenth page begins.
fn deep<F: Clone, T>(
    first: &F,
    page: impl Fn(&F) -> Result<Page<T>, StoreError>,
    turn: impl Fn(&mut F, Option<String>),
) -> io::Result<Option<String>> {
    let (mut filter, mut cursor) = (first.clone(), None);
    for _ in 0..10 {
        let Some(next) = page(&filter).map_err(io::Error::other)?.next else { break };
        cursor = Some(next);
        turn(&mut filter, cursor.clone());
    }
    Ok(cursor)
}

/// The one with the most tools.
fn a_session(reader: &Reader) -> io::Result<String> {
    let filter = SessionFilter { limit: usize::MAX - 1, ..SessionFilter::default() };
    let all = reader.find_sessions(&filter).map_err(io::Error::other)?;
    let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).ok();
    let tools = |view: &serde_json::Value| view["tools"].as_u64();
    let most = all.rows.iter().filter_map(|row| read(&row.json)).max_by_key(tools);
    Ok(most.and_then(|view| view["key"].as_str().map(str::to_owned)).unwrap_or_default())
}

fn report(name: &str, ask: impl Fn() -> Result<(usize, bool), StoreError>) -> io::Result<()> {
    let (mut times, mut found) = (Vec::new(), (0, false));
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        found = ask().map_err(io::Error::other)?;
        times.push(begin.elapsed());
    }
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let (p50, p99) = (median(&mut times), percentile(&mut times, 99));
    let worst = times.last().copied().unwrap_or_default();
    let count = format!("{}{}", found.0, if found.1 { "+" } else { "" });
    let (p50, p99, worst, promise) = (ms(p50), ms(p99), ms(worst), verdict("≤ 50 ms", p99 <= SLOWEST));
    println!("{name:<44} {count:>8} {p50:>9} {p99:>9} {worst:>9}   {promise}");
    Ok(())
}

/// What a hook waits for while half of the past is swept away.
fn retention(dir: &Path) -> io::Result<()> {
    let store = Store::open(&dir.join("ccmon.db")).map_err(io::Error::other)?.store;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    support::sweep::measure(&store, &runtime).map_err(io::Error::other)
}
