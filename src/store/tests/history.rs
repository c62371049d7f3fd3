//! Finding what was said, and the audit log.

use super::*;

pub(super) fn said(session: &str, prompt: &str) -> EventRow {
    let payload = serde_json::json!({ "prompt": prompt }).to_string();
    EventRow { hook_id: None, kind: "UserPromptSubmit".to_owned(), payload, ..event(session, "") }
}

pub(super) fn ran(session: &str, tool: &str, command: &str) -> EventRow {
    let payload = serde_json::json!({ "tool_name": tool, "tool_input": { "command": command } }).to_string();
    EventRow { hook_id: None, payload, ..event(session, "") }
}

fn sessions(keys: &[(&str, u64)]) -> Batch {
    let row = |&(key, active): &(&str, u64)| SessionRow { last_activity: active, ..session(key, Some(active)) };
    Batch { sessions: keys.iter().map(row).collect(), ..Batch::default() }
}

pub(super) fn text(text: &str) -> SessionFilter {
    SessionFilter { text: Some(text.to_owned()), limit: 50, ..SessionFilter::default() }
}

/// The keys of what is found, in order.
pub(super) fn found(store: &Store, filter: &SessionFilter) -> Vec<String> {
    let page = store.reader().find_sessions(filter).unwrap();
    page.rows.iter().map(|row| key(&row.json)).collect()
}

fn key(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json).unwrap()["key"].as_str().unwrap().to_owned()
}

/// Three sessions that speak of the same and of different things.
fn three() -> (tempfile::TempDir, Store) {
    let (dir, store) = opened();
    let rows = [
        said("1-1", "Mend the parser in src/lib.rs"),
        ran("1-1", "Bash", "cargo test --workspace parser_test"),
        ran("2-2", "Bash", "grep -rn parser src/lib.rs"),
        said("3-3", "Write about the café"),
        ran("2-2", "Edit", "parser"),
    ];
    wait(store.append(Batch { events: rows.into(), ..sessions(&[("1-1", 10), ("2-2", 30), ("3-3", 20)]) })).unwrap();
    (dir, store)
}

#[test]
fn words_phrases_beginnings_and_nots_find_what_people_mean() {
    let (_dir, store) = three();
    let cases: [(&str, &[&str]); 14] = [
        ("parser", &["1-1", "2-2"]),
        ("cargo test", &["1-1"]),
        ("src/lib.rs ", &["1-1", "2-2"]),
        ("parser_test ", &["1-1"]),
        ("test_parser ", &[]),
        ("\"the parser\"", &["1-1"]),
        ("\"parser the\"", &[]),
        ("par", &["1-1", "2-2"]),
        ("par ", &[]),
        ("par* ", &["1-1", "2-2"]),
        ("cafe ", &["3-3"]),
        ("parser -mend ", &["2-2", "1-1"]),
        ("--workspace ", &["1-1"]),
        ("PARSER OR ", &[]),
    ];
    for (typed, expected) in cases {
        assert_eq!(found(&store, &text(typed)), expected, "{typed}");
    }
    assert_eq!(found(&store, &text(" \" ")), ["2-2", "3-3", "1-1"], "no word at all");
}

#[test]
fn hits_are_shown_the_best_first() {
    let (_dir, store) = three();
    let page = store.reader().find_sessions(&text("parser")).unwrap();
    let hits = &page.rows[0].hits;
    assert_eq!(hits.iter().map(|hit| hit.kind).collect::<Vec<_>>(), [HitKind::Prompt, HitKind::Input]);
    let part = |text: &str, hit| (text.to_owned(), hit);
    assert_eq!(hits[0].parts, [part("Mend the ", false), part("parser", true), part(" in src/lib.rs", false)]);
    assert_eq!((hits[1].tool.as_deref(), hits[1].at), (Some("Bash"), 1_763_700_000_000));
    assert_eq!((page.total, page.partial), (Some(2), false));
    assert_eq!(page.rows[1].hits[0].tool.as_deref(), Some("Edit"), "the newest first");
}

#[test]
fn summaries_are_found_and_replaced() {
    let (_dir, store) = three();
    let row = |text: &str| SummaryRow {
        session: "2-2".to_owned(),
        text: text.to_owned(),
        at: 7,
        model: Some("small".to_owned()),
        cost_usd: Some(0.25),
        event: 5,
    };
    for words in ["It looked for zebras.", "It looked for a quagga."] {
        wait(store.put_summary(row(words))).unwrap();
        assert_eq!(store.reader().summary("2-2").unwrap(), Some(row(words)));
    }
    assert_eq!(found(&store, &text("zebras")), [""; 0]);
    let page = store.reader().find_sessions(&text("quagga")).unwrap();
    assert_eq!((page.rows[0].hits[0].kind, page.rows[0].hits[0].at), (HitKind::Summary, 7));
    assert_eq!(store.reader().summary("1-1").unwrap(), None);
}

#[test]
fn filters_hold_with_and_without_a_text() {
    let (_dir, store) = three();
    let place = |key, project: &str, cwd: &str, approvals, state: &str, at| SessionRow {
        project: project.to_owned(),
        cwd: cwd.to_owned(),
        approvals,
        state: state.to_owned(),
        last_activity: at,
        ..session(key, None)
    };
    let rows = vec![
        place("1-1", "a", "/home/a", 0, "idle", 10),
        place("2-2", "b", "/home/a/sub", 2, "ended", 30),
        place("3-3", "a", "/home/ab", 1, "idle", 20),
    ];
    wait(store.append(Batch { sessions: rows, ..Batch::default() })).unwrap();
    let all = SessionFilter { limit: 50, ..SessionFilter::default() };
    let some = |text: &str| Some(text.to_owned());
    let cases: [(SessionFilter, &[&str]); 8] = [
        (SessionFilter { since: Some(20), ..all.clone() }, &["2-2", "3-3"]),
        (SessionFilter { until: Some(20), ..all.clone() }, &["1-1"]),
        (SessionFilter { project: some("a"), ..all.clone() }, &["3-3", "1-1"]),
        (SessionFilter { cwd: some("/home/a/"), ..all.clone() }, &["2-2", "1-1"]),
        (SessionFilter { approvals: Some(true), ..all.clone() }, &["2-2", "3-3"]),
        (SessionFilter { approvals: Some(false), ..all.clone() }, &["1-1"]),
        (SessionFilter { state: some("idle"), ..all.clone() }, &["3-3", "1-1"]),
        (SessionFilter { project: some("none"), ..all.clone() }, &[]),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(&store, &filter), expected, "{filter:?}");
        let mut both: Vec<_> = ["1-1", "2-2"].into_iter().filter(|key| expected.contains(key)).collect();
        both.sort_unstable();
        assert_eq!(found(&store, &SessionFilter { text: some("parser"), ..filter.clone() }), both, "{filter:?}");
    }
    assert_eq!(store.reader().projects().unwrap(), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
}

#[test]
fn pages_join_without_gap_or_repetition() {
    let (_dir, store) = opened();
    let keys: Vec<String> = (0..25).map(|n| format!("s-{n}.x")).collect();
    let rows = keys.iter().zip(0..).map(|(key, n)| (key.as_str(), n / 4)).collect::<Vec<_>>();
    let events = keys.iter().flat_map(|key| [said(key, "hello"), ran(key, "Bash", "echo hello")]);
    wait(store.append(Batch { events: events.collect(), ..sessions(&rows) })).unwrap();
    for text in [None, Some("hello".to_owned())] {
        let whole = SessionFilter { text, limit: 50, ..SessionFilter::default() };
        let mut pages = Vec::new();
        let mut cursor = None;
        loop {
            let filter = SessionFilter { limit: 7, cursor, ..whole.clone() };
            let page = store.reader().find_sessions(&filter).unwrap();
            assert_eq!(page.total, Some(25));
            pages.extend(page.rows.iter().map(|row| key(&row.json)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(pages.len(), 25);
        assert_eq!(pages, found(&store, &whole));
    }
}

#[test]
fn a_broken_cursor_is_said_to_be_one() {
    let (_dir, store) = three();
    for cursor in ["", "x", "1", ".", "9.9.9.9", "1.x", "\0"] {
        let cursor = Some(cursor.to_owned());
        for text in [None, Some("parser".to_owned())] {
            let filter = SessionFilter { text, cursor: cursor.clone(), limit: 9, ..SessionFilter::default() };
            let answer = store.reader().find_sessions(&filter);
            assert!(matches!(answer, Err(StoreError::Cursor) | Ok(_)), "{answer:?}");
        }
        let filter = AuditFilter { cursor, limit: 9, ..AuditFilter::default() };
        assert!(matches!(store.reader().audit(&filter), Err(StoreError::Cursor) | Ok(_)));
    }
    let filter = SessionFilter { cursor: Some("x".to_owned()), ..text("parser") };
    assert_eq!(store.reader().find_sessions(&filter), Err(StoreError::Cursor));
}

/// Requests of two tools; every second one is settled, by one after the other.
fn log() -> (tempfile::TempDir, Store) {
    let (dir, store) = opened();
    let settled =
        [("allowed", "popup", 40), ("denied", "cli", 20), ("allowed", "rule", 0), ("timed_out", "timeout", 99)];
    let row = |n: u64| {
        let tool = ["Bash", "Edit", "Bash"][n as usize % 3].to_owned();
        let input = format!(r#"{{"command":"make target-{n}"}}"#);
        let asked = ApprovalRow { tool, input, project: "p".to_owned(), ..approval(&n.to_string(), n / 3) };
        let Some((outcome, by, ms)) = settled.get(n as usize / 2).filter(|_| n.is_multiple_of(2)) else { return asked };
        let (outcome, by) = (Some((*outcome).to_owned()), Some((*by).to_owned()));
        ApprovalRow {
            outcome,
            by,
            settled: Some(n + ms),
            pending_ms: Some(*ms),
            message: Some("go away".into()),
            ..asked
        }
    };
    wait(store.append(Batch { approvals: (0..10).map(row).collect(), ..Batch::default() })).unwrap();
    (dir, store)
}

/// The ids of the requests with these words in them.
pub(super) fn audit_text(store: &Store, text: &str) -> Vec<String> {
    let filter = AuditFilter { text: Some(text.to_owned()), limit: 50, ..AuditFilter::default() };
    store.reader().audit(&filter).unwrap().rows.into_iter().map(|row| row.id).collect()
}

fn asked(store: &Store, filter: &AuditFilter) -> String {
    let mut whole = String::new();
    let mut filter = AuditFilter { limit: 3, ..filter.clone() };
    loop {
        let page = store.reader().audit(&filter).unwrap();
        whole.extend(page.rows.iter().map(|row| row.id.as_str()));
        filter.cursor = page.next;
        if filter.cursor.is_none() {
            break;
        }
    }
    let mut streamed = String::new();
    store
        .reader()
        .each_audit(&filter, |row| {
            streamed += &row.id;
            true
        })
        .unwrap();
    assert_eq!(whole, streamed);
    let counts = store.reader().audit_counts(&filter).unwrap();
    assert_eq!(counts.total, whole.len() as u64);
    whole
}

#[test]
fn the_audit_log_is_filtered_in_pages() {
    let (_dir, store) = log();
    let all = AuditFilter::default();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(asked(&store, &all), "9876543210");
    assert_eq!(asked(&store, &AuditFilter { decision: some("pending"), ..all.clone() }), "987531");
    assert_eq!(asked(&store, &AuditFilter { decision: some("allowed"), ..all.clone() }), "40");
    assert_eq!(asked(&store, &AuditFilter { by: some("cli"), ..all.clone() }), "2");
    assert_eq!(asked(&store, &AuditFilter { tool: some("Edit"), ..all.clone() }), "741");
    assert_eq!(asked(&store, &AuditFilter { project: some("q"), ..all.clone() }), "");
    assert_eq!(
        asked(&store, &AuditFilter { session: some("1-1"), since: Some(1), until: Some(2), ..all.clone() }),
        "543"
    );
    assert_eq!(asked(&store, &AuditFilter { text: some("target-7"), ..all.clone() }), "7");
    assert_eq!(asked(&store, &AuditFilter { text: some("away make"), ..all.clone() }), "6420");
    assert_eq!(asked(&store, &AuditFilter { text: some("'\" OR 1"), ..all }), "");
}

#[test]
fn the_audit_log_is_counted_and_drawn() {
    let (_dir, store) = log();
    let counts = store.reader().audit_counts(&AuditFilter::default()).unwrap();
    let pairs = |of: &[(&str, u64)]| of.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(counts.outcomes, pairs(&[("pending", 6), ("allowed", 2), ("denied", 1), ("timed_out", 1)]));
    assert_eq!(counts.by, pairs(&[("cli", 1), ("popup", 1), ("rule", 1), ("timeout", 1)]));
    assert_eq!(counts.tools, pairs(&[("Bash", 7), ("Edit", 3)]));
    assert_eq!((counts.total, counts.median_ms), (10, Some(20)), "of 20 and 40, as `insight` has it");
    let mut drawn = Vec::new();
    store.reader().insight_rows(0, 1, |row| drawn.push((row.tool, row.pending_ms, row.project))).unwrap();
    let row = |tool: &str, ms| (tool.to_owned(), ms, "p".to_owned());
    assert_eq!(drawn, [row("Bash", Some(40)), row("Edit", None), row("Bash", Some(20))]);
}

#[test]
fn a_session_is_told_in_numbers_and_pages() {
    let (_dir, store) = three();
    let stats = store.reader().session_stats("2-2").unwrap();
    assert_eq!((stats.events, stats.tools, stats.by_tool.len()), (2, 2, 2));
    let asked = ApprovalRow { outcome: Some("allowed".to_owned()), ..approval("a", 1) };
    wait(store.append(Batch { approvals: vec![asked, approval("b", 2)], ..Batch::default() })).unwrap();
    let stats = store.reader().session_stats("1-1").unwrap();
    assert_eq!((stats.prompts, stats.allowed, stats.denied, stats.other), (1, 1, 0, 1));
    let ids = |before| {
        let events = store.reader().events_before("2-2", before, 9).unwrap();
        events.into_iter().map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!((ids(None), ids(Some(5)), ids(Some(3))), (vec![5, 3], vec![3], vec![]));
    assert_eq!(store.reader().session("2-2").unwrap().map(|row| row.last_activity), Some(30));
    assert_eq!(store.reader().session("x").unwrap(), None);
    let sizes = store.reader().sizes().unwrap();
    assert_eq!((sizes.events, sizes.sessions, sizes.approvals), (5, 3, 2));
    assert_eq!(sizes.oldest, Some(1_763_700_000_000));
}

#[test]
fn no_question_reads_a_whole_table() {
    let (_dir, store) = three();
    let plans = store.reader().plans().unwrap();
    assert!(plans.len() > 40);
    for plan in plans {
        assert!(!plan.is_slow(), "{plan:#?}");
    }
}

#[test]
fn what_came_with_an_answer_is_found_by_its_words() {
    let (_dir, store) = opened();
    let given = Some(r#"{"answers":{"Which colour?":"Ultramarine"},"edited":{"command":"make clean"}}"#.to_owned());
    let settled = ApprovalRow { outcome: Some("allowed".to_owned()), given, ..approval("a", 10) };
    for row in [approval("a", 10), approval("b", 11), settled] {
        wait(store.append(Batch { approvals: vec![row], durable: true, ..Batch::default() })).unwrap();
    }
    for words in ["ultramarine", "clean"] {
        assert_eq!(audit_text(&store, words), ["a"], "{words}");
    }
    assert_eq!(audit_text(&store, "ls"), ["b", "a"], "what was asked is still found");
}
