//! Random lives of the store, held against a model of it; and whatever anybody may type.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::history::{found, ran, said, text};
use super::retention::check;
use super::*;

const WORDS: [&str; 4] = ["walrus", "otter", "src/lib.rs ", "café "];

#[derive(Clone, Debug)]
enum Step {
    Say { session: usize, word: usize },
    Run { session: usize, word: usize },
    Row { session: usize, ended: Option<u64> },
    Ask { at: u64 },
    Summarize { session: usize, word: usize },
    Forget { session: usize },
    Sweep { before: u64 },
    Unaudit { before: u64 },
    Tidy,
}

fn step() -> impl Strategy<Value = Step> {
    let (session, word) = (0..3_usize, 0..WORDS.len());
    prop_oneof![
        4 => (session.clone(), word.clone()).prop_map(|(session, word)| Step::Say { session, word }),
        4 => (session.clone(), word.clone()).prop_map(|(session, word)| Step::Run { session, word }),
        4 => (session.clone(), prop::option::of(0..50_u64)).prop_map(|(session, ended)| Step::Row { session, ended }),
        2 => (0..50_u64).prop_map(|at| Step::Ask { at }),
        2 => (session.clone(), word).prop_map(|(session, word)| Step::Summarize { session, word }),
        1 => session.prop_map(|session| Step::Forget { session }),
        1 => (0..60_u64).prop_map(|before| Step::Sweep { before }),
        1 => (0..60_u64).prop_map(|before| Step::Unaudit { before }),
        1 => Just(Step::Tidy),
    ]
}

/// What ought to be stored.
#[derive(Default)]
struct Model {
    /// When it was, in which session, and the word.
    events: Vec<(u64, usize, usize)>,
    rows: BTreeMap<usize, Option<u64>>,
    summaries: BTreeMap<usize, usize>,
    asked: Vec<u64>,
    clock: u64,
}

impl Model {
    fn live(&mut self, store: &Store, step: &Step) {
        self.clock += 1;
        let append = |batch| drop(wait(store.append(batch)).unwrap());
        match *step {
            Step::Say { session, word } => {
                append(events([EventRow { at: self.clock, ..said(&key(session), WORDS[word]) }]));
                self.events.push((self.clock, session, word));
            }
            Step::Run { session, word } => {
                append(events([EventRow { at: self.clock, ..ran(&key(session), "Bash", WORDS[word]) }]));
                self.events.push((self.clock, session, word));
            }
            Step::Row { session, ended } => {
                append(Batch { sessions: vec![super::session(&key(session), ended)], ..Batch::default() });
                self.rows.insert(session, ended);
            }
            Step::Ask { at } => {
                append(Batch { approvals: vec![approval(&self.clock.to_string(), at)], ..Batch::default() });
                self.asked.push(at);
            }
            Step::Summarize { session, word } => {
                let row = SummaryRow { session: key(session), text: WORDS[word].to_owned(), ..SummaryRow::default() };
                wait(store.put_summary(row)).unwrap();
                self.summaries.insert(session, word);
            }
            _ => self.lose(store, step),
        }
    }

    fn lose(&mut self, store: &Store, step: &Step) {
        match *step {
            Step::Forget { session } => {
                let row = self.rows.get(&session);
                let forgotten = wait(store.forget(&key(session))).unwrap();
                assert_eq!(forgotten, matches!(row, Some(Some(_))));
                if row != Some(&None) {
                    self.drop_session(session);
                }
            }
            Step::Sweep { before } => {
                let sweep = Sweep { before: Some(before), most: 1_000, ..Sweep::default() };
                assert!(!wait(store.sweep(sweep)).unwrap().more);
                let old = |ended: &Option<u64>| ended.is_some_and(|ended| ended < before);
                let gone: Vec<usize> = self.rows.iter().filter(|row| old(row.1)).map(|row| *row.0).collect();
                gone.into_iter().for_each(|session| self.drop_session(session));
                self.events.retain(|(at, session, _)| self.rows.contains_key(session) || *at >= before);
            }
            Step::Unaudit { before } => {
                let sweep = Sweep { audit_before: Some(before), most: 1_000, ..Sweep::default() };
                wait(store.sweep(sweep)).unwrap();
                self.asked.retain(|at| *at >= before);
            }
            _ => while wait(store.tidy()).unwrap() {},
        }
    }

    fn drop_session(&mut self, session: usize) {
        self.events.retain(|event| event.1 != session);
        self.rows.remove(&session);
        self.summaries.remove(&session);
    }

    fn compare(&self, store: &Store) {
        for (at, word) in WORDS.iter().enumerate() {
            let said = self.events.iter().filter(|event| event.2 == at).map(|event| event.1);
            let told = self.summaries.iter().filter(|summary| *summary.1 == at).map(|summary| *summary.0);
            let shown = said.chain(told).filter(|session| self.rows.contains_key(session));
            let expected: BTreeSet<String> = shown.map(key).collect();
            assert_eq!(found(store, &text(word)).into_iter().collect::<BTreeSet<_>>(), expected, "{word}");
        }
        let sizes = store.reader().sizes().unwrap();
        let counts = [self.events.len(), self.rows.len(), self.asked.len()];
        assert_eq!([sizes.events, sizes.sessions, sizes.approvals], counts.map(|count| count as u64));
        assert_eq!(store.reader().audit_counts(&AuditFilter::default()).unwrap().total, sizes.approvals);
    }
}

fn key(session: usize) -> String {
    format!("{session}-{session}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_store_is_as_its_model(steps in prop::collection::vec(step(), 1..40)) {
        let (_dir, path) = place();
        let store = Store::open(&path).unwrap().store;
        let mut model = Model::default();
        for step in &steps {
            model.live(&store, step);
            model.compare(&store);
        }
        wait(store.close()).unwrap();
        check(&path);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn whatever_is_typed_is_no_error(
        typed in prop::collection::vec(prop_oneof![
            any::<String>(),
            "[-\"*()^:+{}|&\\\\' a\0]{0,20}",
            Just("NEAR(a b, 5)".to_owned()),
            Just(" AND OR NOT ".to_owned()),
            Just("prompt : x".to_owned()),
            Just("\u{301}\u{93f}\u{202e} ".to_owned()),
            Just("long ".repeat(200_000)),
        ], 0..5)
    ) {
        let (_dir, store) = opened();
        let typed = typed.concat();
        let rows = [said("1-1", &typed), ran("1-1", "Bash", &typed)];
        wait(store.append(Batch { sessions: vec![session("1-1", None)], ..events(rows) })).unwrap();
        for typed in [typed.clone(), format!("{typed} "), format!("a -{typed}"), format!("\"{typed}\"")] {
            let filter = SessionFilter { project: Some(typed.clone()), cwd: Some(typed.clone()), ..text(&typed) };
            store.reader().find_sessions(&filter).unwrap();
            store.reader().find_sessions(&text(&typed)).unwrap();
            store.reader().audit(&AuditFilter { text: Some(typed), limit: 9, ..AuditFilter::default() }).unwrap();
        }
    }
}
