//! Lives of rules, with a clock that the tests move.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::rules::risk::{Level, Place, Risk};
use crate::rules::shell;
use crate::rules::{Action, Kind};

/// Some moment by the wall.
const WALL: u64 = 1_700_000_000_000;

fn rule(name: &str, lasts: Lasts) -> Rule {
    Rule { name: name.into(), lasts, ..Rule::allow("Bash", Kind::Glob, "make *") }
}

fn bad(name: &str) -> Rule {
    Rule { kind: Kind::Regex, pattern: "make (".into(), ..rule(name, Lasts::Forever) }
}

fn judge_as(book: &Book, session: &str, level: Level) -> Judged {
    let (input, line): (Value, _) = (json!({ "command": "make all" }), shell::parse("make all"));
    let place = Place { cwd: "/p".into(), project: "/p".into(), ..Place::default() };
    let risk = Risk { automatic: true, level, ..Risk::default() };
    book.judge(&Call { tool: "Bash", input: &input, line: Some(&line), place: &place, session, risk: &risk })
}

fn judge(book: &Book) -> Judged {
    judge_as(book, "s1", Level::Low)
}

fn names(book: &Book) -> Vec<&str> {
    book.entries().iter().map(|entry| entry.rule.name.as_str()).collect()
}

fn add(book: &mut Book, name: &str, lasts: Lasts, now: u64) -> i64 {
    book.add(rule(name, lasts), None, WALL, now).unwrap()
}

#[test]
fn a_rule_ends_at_its_moment_and_not_before() {
    let mut book = Book::default();
    let short = add(&mut book, "short", Lasts::Seconds { seconds: 2 }, 10_000);
    let long = add(&mut book, "long", Lasts::Seconds { seconds: 60 }, 10_000);
    add(&mut book, "forever", Lasts::Forever, 10_000);
    assert_eq!(book.deadline(), Some(12_000));
    assert_eq!(book.expire(11_999), Vec::<i64>::new());
    assert_eq!(judge(&book).by.unwrap().id, short);
    assert_eq!(book.expire(12_000), [short]);
    assert_eq!((judge(&book).by.unwrap().id, book.deadline()), (long, Some(70_000)));
    assert_eq!(book.expire(u64::MAX), [long]);
    assert_eq!((names(&book), book.deadline()), (vec!["forever"], None));
}

#[test]
fn a_rule_for_all_of_a_session_stands_behind_the_others_and_ends_with_whichever_is_first() {
    let wide = || Rule::session_wide("wide", "s1", 900);
    let mut book = Book::default();
    let first = book.add(wide(), None, WALL, 5_000).unwrap();
    let deny = Rule { action: Action::Deny { message: None }, ..rule("deny", Lasts::Forever) };
    assert_eq!(judge(&book).by.map(|by| by.id), Some(first));
    let denies = book.add(deny, None, WALL, 5_000).unwrap();
    book.import(vec![rule("imported", Lasts::Forever)], false, WALL, 5_000).unwrap();
    assert_eq!(names(&book), ["deny", "imported", "wide"]);
    assert_eq!(judge(&book).by.map(|by| by.id), Some(denies));
    book.remove(denies).unwrap();
    assert_eq!(judge_as(&book, "s2", Level::Low).by.map(|by| by.name), Some("imported".into()));
    assert_eq!(judge_as(&book, "s1", Level::High).verdict.decision, Decision::Ask);
    assert_eq!((book.deadline(), book.expire(904_999)), (Some(905_000), vec![]));
    assert_eq!(book.expire(905_000), [first]);
    let second = book.add(wide(), None, WALL, 0).unwrap();
    assert_eq!((book.end_session("s2"), book.end_session("s1")), (vec![], vec![second]));
    let moved = book.add(wide(), Some(0), WALL, 0).unwrap();
    assert_eq!(book.entries()[0].id, moved, "a person may put it elsewhere");
    book.import(vec![rule("only", Lasts::Forever)], true, WALL, 0).unwrap();
    assert_eq!(names(&book), ["only"]);
}

#[test]
fn changing_a_rule_moves_its_end_only_with_its_time() {
    let mut book = Book::default();
    let minute = Lasts::Seconds { seconds: 60 };
    let id = add(&mut book, "x", minute.clone(), 0);
    book.change(id, rule("y", minute), None, 50_000).unwrap();
    assert_eq!((names(&book), book.deadline()), (vec!["y"], Some(60_000)), "renamed, it lasts no longer");
    book.change(id, rule("y", Lasts::Seconds { seconds: 90 }), None, 50_000).unwrap();
    assert_eq!(book.deadline(), Some(140_000));
    book.change(id, rule("y", Lasts::Forever), None, 50_000).unwrap();
    assert_eq!(book.deadline(), None);
    let far = Lasts::Seconds { seconds: u64::MAX };
    book.change(id, rule("y", far), None, 50_000).unwrap();
    assert_eq!(book.deadline(), Some(u64::MAX), "it does not wrap around");
}

#[test]
fn once_ends_with_the_first_decision_that_is_counted() {
    let mut book = Book::default();
    let id = add(&mut book, "x", Lasts::Once, 0);
    let judged = judge(&book);
    assert_eq!(judged.used, [id]);
    assert_eq!(judge(&book), judged, "asking does not use it up");
    assert_eq!(book.count(&judged, WALL), [id]);
    assert_eq!(judge(&book).verdict.decision, Decision::Ask);
    assert_eq!(book.count(&judged, WALL), Vec::<i64>::new(), "it is gone");

    let trial = Rule { dry_run: true, ..rule("trial", Lasts::Once) };
    let trial = book.add(trial, None, WALL, 0).unwrap();
    let asks = Rule { action: Action::Ask, ..rule("asks", Lasts::Once) };
    let asks = book.add(asks, None, WALL, 0).unwrap();
    let judged = judge(&book);
    assert_eq!(book.count(&judged, WALL), Vec::<i64>::new(), "neither has decided anything");
    assert_eq!(book.entries().iter().map(|entry| entry.id).collect::<Vec<_>>(), [trial, asks]);
}

#[test]
fn a_rule_for_a_session_is_for_that_one() {
    let mut book = Book::default();
    let of = |session: &str| Lasts::Session { session: session.into() };
    let mine = add(&mut book, "mine", of("s1"), 0);
    add(&mut book, "yours", of("s2"), 0);
    assert_eq!(judge_as(&book, "s1", Level::Low).by.unwrap().name, "mine");
    assert_eq!(judge_as(&book, "s2", Level::Low).by.unwrap().name, "yours");
    assert_eq!(judge_as(&book, "", Level::Low).by, None);
    assert_eq!(book.end_session("s1"), [mine]);
    assert_eq!(judge_as(&book, "s1", Level::Low).by, None);
    assert_eq!(names(&book), ["yours"]);
}

#[test]
fn what_is_too_dangerous_was_decided_by_no_rule() {
    let mut book = Book::default();
    add(&mut book, "x", Lasts::Once, 0);
    let judged = judge_as(&book, "s1", Level::High);
    assert_eq!((&judged.verdict.decision, &judged.by), (&Decision::Ask, &None));
    assert_eq!(judged.used, Vec::<i64>::new());
    assert_eq!(book.count(&judged, WALL), Vec::<i64>::new());
}

#[test]
fn one_bad_rule_breaks_the_book_until_it_is_gone() {
    let entry = |id: i64, rule: Rule| Entry::new(id, rule, WALL, 0);
    let mut book = Book::new(vec![entry(4, rule("good", Lasts::Forever)), entry(9, bad("bad"))], 3, false);
    assert_eq!(book.next_id(), 10, "whatever is told");
    assert!(book.broken().is_some_and(|why| why.contains("\"bad\"")), "{:?}", book.broken());
    assert_eq!((judge(&book).verdict.decision, judge(&book).by), (Decision::Ask, None));
    assert!(matches!(book.add(rule("more", Lasts::Forever), None, WALL, 0), Err(Refused::Pattern(_))));
    assert_eq!(book.remove(7), Err(Refused::Unknown(7)));
    assert!(book.broken().is_some());
    book.remove(9).unwrap();
    assert_eq!((book.broken(), judge(&book).by.unwrap().id), (None, 4));
}

#[test]
fn a_refusal_leaves_the_book_as_it_was() {
    let mut book = Book::default();
    let id = add(&mut book, "x", Lasts::Seconds { seconds: 9 }, 0);
    let (before, next) = (book.entries().to_vec(), book.next_id());
    assert!(book.add(bad("a"), Some(0), WALL, 0).is_err());
    assert!(book.change(id, bad("b"), Some(0), 5).is_err());
    assert!(book.import(vec![rule("c", Lasts::Forever), bad("d")], true, WALL, 0).is_err());
    let many = vec![rule("e", Lasts::Forever); MOST_RULES];
    assert_eq!(book.import(many.clone(), false, WALL, 0), Err(Refused::Full));
    assert_eq!((book.entries(), book.next_id(), book.broken()), (&before[..], next, None));
    assert_eq!(judge(&book).by.unwrap().id, id);
    assert_eq!(book.import(many, true, WALL, 0).unwrap().len(), MOST_RULES);
    assert_eq!(book.add(rule("f", Lasts::Forever), None, WALL, 0), Err(Refused::Full));
}

/// One step of a life.
#[derive(Clone, Debug)]
enum Step {
    Add { rule: Rule, position: Option<usize> },
    Change { which: usize, rule: Rule, position: Option<usize> },
    Remove { which: usize },
    Import { rules: Vec<Rule>, instead: bool },
    Pause(bool),
    EndSession(usize),
    Pass(u64),
    Judge { session: usize },
    Restart,
}

fn any_lasts() -> impl Strategy<Value = Lasts> {
    prop_oneof![
        Just(Lasts::Forever),
        Just(Lasts::Once),
        Just(Lasts::Restart),
        (1_u64..5).prop_map(|seconds| Lasts::Seconds { seconds }),
        (0_usize..2).prop_map(|n| Lasts::Session { session: session(n) }),
    ]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let action = prop_oneof![
        4 => Just(Action::Allow),
        1 => Just(Action::Deny { message: None }),
        1 => Just(Action::Ask),
    ];
    let pattern = prop_oneof![5 => Just("make *"), 1 => Just("other"), 1 => Just("")];
    (any_lasts(), action, pattern, 0_u8..4).prop_map(|(lasts, action, pattern, odd)| Rule {
        action,
        pattern: pattern.into(),
        dry_run: odd == 1,
        enabled: odd != 2,
        ..rule("x", lasts)
    })
}

fn any_step() -> impl Strategy<Value = Step> {
    let place = || proptest::option::of(0_usize..6);
    prop_oneof![
        4 => (any_rule(), place()).prop_map(|(rule, position)| Step::Add { rule, position }),
        2 => (0_usize..8, any_rule(), place())
            .prop_map(|(which, rule, position)| Step::Change { which, rule, position }),
        1 => (0_usize..8).prop_map(|which| Step::Remove { which }),
        1 => (proptest::collection::vec(any_rule(), 0..4), any::<bool>())
            .prop_map(|(rules, instead)| Step::Import { rules, instead }),
        1 => any::<bool>().prop_map(Step::Pause),
        1 => (0_usize..2).prop_map(Step::EndSession),
        3 => (0_u64..3_000).prop_map(Step::Pass),
        6 => (0_usize..3).prop_map(|session| Step::Judge { session }),
        1 => Just(Step::Restart),
    ]
}

fn session(n: usize) -> String {
    format!("s{n}")
}

/// A book, its clock, and what is known of the past.
#[derive(Default)]
struct Life {
    book: Book,
    now: u64,
    given: BTreeSet<i64>,
    decided_once: BTreeSet<i64>,
}

impl Life {
    fn step(&mut self, step: Step) {
        self.book.expire(self.now);
        let (before, paused) = (self.book.entries().to_vec(), self.book.is_paused());
        let id = |which: usize| before.get(which).map_or(-1, |entry| entry.id);
        let done = match step {
            Step::Add { rule, position } => self.book.add(rule, position, WALL, self.now).map(|id| vec![id]),
            Step::Change { which, rule, position } => {
                let changed = self.book.change(id(which), rule, position, self.now);
                self.check_moved(&before, id(which), position, changed.is_ok());
                changed.map(|()| Vec::new())
            }
            Step::Remove { which } => self.book.remove(id(which)).map(|()| Vec::new()),
            Step::Import { rules, instead } => self.book.import(rules, instead, WALL, self.now),
            other => {
                self.pass(&other);
                Ok(Vec::new())
            }
        };
        match done {
            Ok(new) => new.into_iter().for_each(|id| assert!(self.given.insert(id), "{id} was given before")),
            Err(_) => assert_eq!((self.book.entries(), self.book.is_paused()), (&before[..], paused)),
        }
    }

    /// A step that is no edit.
    fn pass(&mut self, step: &Step) {
        match *step {
            Step::Pause(paused) => self.book.pause(paused),
            Step::EndSession(n) => {
                self.book.end_session(&session(n));
                let over = |entry: &Entry| entry.rule.lasts == Lasts::Session { session: session(n) };
                assert!(!self.book.entries().iter().any(|entry| over(entry)));
            }
            Step::Pass(ms) => {
                self.now += ms;
                self.book.expire(self.now);
            }
            Step::Judge { session: n } => self.judge(&session(n)),
            Step::Restart => {
                let entries = self.book.entries().iter().map(|entry| Entry::clone(entry)).collect();
                self.book = Book::new(entries, self.book.next_id(), self.book.is_paused());
            }
            _ => unreachable!("an edit"),
        }
    }

    fn judge(&mut self, session: &str) {
        let judged = judge_as(&self.book, session, Level::Low);
        let before = self.book.entries().to_vec();
        let spent = self.book.count(&judged, WALL + self.now);
        if self.book.is_paused() {
            assert_eq!((&judged.verdict.decision, &judged.used), (&Decision::Ask, &Vec::new()), "paused");
        }
        for id in &judged.used {
            let entry = before.iter().find(|entry| entry.id == *id).expect("one that is there");
            assert!(entry.rule.enabled && entry.ends.is_none_or(|ends| self.now < ends), "{entry:?}");
            let mine = !matches!(&entry.rule.lasts, Lasts::Session { session: other } if other != session);
            assert!(mine, "{entry:?} is for another session");
            let decided = !entry.rule.dry_run && judged.verdict.decision != Decision::Ask;
            let once = entry.rule.lasts == Lasts::Once && decided;
            assert_eq!(spent.contains(id), once, "{entry:?}");
            assert!(!once || self.decided_once.insert(*id), "{entry:?} decided twice");
        }
        self.check_counts(&before, &judged.used);
        let deciding = judged.by.map(|by| by.id);
        assert!(deciding.is_none_or(|id| judged.used.contains(&id)), "it decided, so it counts");
    }

    /// Each that had a part counts one more; the others nothing.
    fn check_counts(&self, before: &[Arc<Entry>], used: &[i64]) {
        for entry in self.book.entries() {
            let old = before.iter().find(|old| old.id == entry.id).expect("none is new");
            let counts = u64::from(used.contains(&entry.id));
            assert_eq!(entry.matches, old.matches + counts);
            let last = if counts == 1 { Some(WALL + self.now) } else { old.last_match };
            assert_eq!(entry.last_match, last);
        }
    }

    /// A changed rule stands where it was sent, and the others in the order that they had.
    fn check_moved(&self, before: &[Arc<Entry>], id: i64, position: Option<usize>, done: bool) {
        let others = |all: &[Arc<Entry>]| all.iter().map(|entry| entry.id).filter(|other| *other != id).collect();
        let (then, now): (Vec<i64>, Vec<i64>) = (others(before), others(self.book.entries()));
        assert_eq!(then, now);
        let at = |all: &[Arc<Entry>]| all.iter().position(|entry| entry.id == id);
        if done {
            let wanted = position.map(|wanted| wanted.min(then.len()));
            assert_eq!(at(self.book.entries()), wanted.or(at(before)));
        }
    }

    fn check(&self) {
        let entries = self.book.entries();
        let ids: BTreeSet<i64> = entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), entries.len(), "two rules of one number");
        assert!(ids.is_subset(&self.given));
        assert!(ids.iter().all(|id| *id < self.book.next_id()));
        assert!(ids.is_disjoint(&self.decided_once), "one that is over");
        assert_eq!(self.book.deadline(), entries.iter().filter_map(|entry| entry.ends).min());
        assert!(self.book.deadline().is_none_or(|ends| self.now < ends), "over, and still there");
        let timed = |entry: &Entry| matches!(entry.rule.lasts, Lasts::Seconds { .. });
        assert!(entries.iter().all(|entry| entry.ends.is_some() == timed(entry)));
        assert!(self.book.broken().is_none() && entries.iter().all(|entry| !entry.rule.pattern.is_empty()));
    }
}

proptest! {
    #[test]
    fn whatever_happens_a_book_keeps_its_promises(steps in proptest::collection::vec(any_step(), 1..60)) {
        let mut life = Life::default();
        for step in steps {
            life.step(step);
            life.check();
        }
    }
}
