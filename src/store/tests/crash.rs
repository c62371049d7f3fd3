//! Killed at any moment, it has forgotten nothing that it acknowledged.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use super::*;

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let (_dir, path) = place();
    let mut acknowledged = Vec::new();
    for round in 0..20 {
        acknowledged.extend(run_and_kill(&path, random(400)));
        let opened = Store::open(&path).unwrap();
        assert_eq!(opened.set_aside, None, "round {round}");
        assert_eq!(check(&path), "ok", "round {round}");
        let known = acknowledged.iter().all(|ack| is_stored(&opened.store, ack));
        assert!(known, "round {round}");
        wait(opened.store.close()).unwrap();
    }
    assert!(acknowledged.len() > 1000, "{}", acknowledged.len());
}

/// What it acknowledged before it was killed, some time after `lines` of it.
fn run_and_kill(path: &Path, lines: usize) -> Vec<String> {
    let mut child = child(&[], "store::tests::crash::writes", path).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut killed = false;
    loop {
        if !killed && acknowledged.len() >= lines {
            child.kill().unwrap();
            killed = true;
        }
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        if !line.ends_with('\n') {
            break;
        }
        acknowledged.extend(line.strip_prefix("ack ").map(|ack| ack.trim().to_owned()));
    }
    child.wait().unwrap();
    assert!(killed, "it stopped by itself");
    acknowledged
}

fn is_stored(store: &Store, ack: &str) -> bool {
    let reader = store.reader();
    let decided = || reader.approval(ack).unwrap().is_some_and(|row| row.outcome.is_some());
    wait(store.knows(ack)).unwrap() && (!ack.ends_with('0') || decided())
}

fn check(path: &Path) -> String {
    let db = rusqlite::Connection::open(path).unwrap();
    db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

fn random(below: usize) -> usize {
    usize::try_from(getrandom::u32().unwrap()).unwrap() % below
}

#[test]
fn writes() {
    let Some(path) = told() else { return };
    let store = Store::open(&path).unwrap().store;
    let round = std::process::id();
    let mut stdout = std::io::stdout();
    writeln!(stdout).unwrap();
    for n in (0..1_000_000).step_by(4) {
        let ids: Vec<_> = (n..n + 4).map(|n| format!("{round}-{n}")).collect();
        let commits: Vec<_> = ids.iter().map(|id| store.append(batch(id))).collect();
        for (id, commit) in ids.iter().zip(commits) {
            wait(commit).unwrap();
            writeln!(stdout, "ack {id}").unwrap();
        }
    }
}

/// Every tenth is a decision.
fn batch(id: &str) -> Batch {
    let decided = ApprovalRow { outcome: Some("denied".to_owned()), ..approval(id, 1) };
    let durable = id.ends_with('0');
    Batch {
        events: vec![event("1-1", id)],
        approvals: durable.then_some(decided).into_iter().collect(),
        sessions: vec![session("1-1", None)],
        durable,
        ..Batch::default()
    }
}
