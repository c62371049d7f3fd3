//! What may be changed from a place that `approvals.decide_from` does not name: nothing that lets more run without
//! a decision, nor the settings that say who decides. Whoever keeps decisions to the popup would have a fence with
//! a gate beside it otherwise.

use serde_json::{Map, Value};

use crate::api::{Refused, RuleEdit};
use crate::config::Approvals;
use crate::core::{By, Refusal};
use crate::rules::{Action, Book, Rule};

/// Whether a change of the rules may let something run that would be asked or denied without it. What only makes
/// more be asked or denied is nobody's to hinder.
#[must_use]
pub fn lets_more_run(book: &Book, edit: &RuleEdit) -> bool {
    match edit {
        RuleEdit::Pause(paused) => !paused,
        // No rule counts: any change may be the one that mends them.
        _ if book.broken().is_some() => true,
        RuleEdit::Add { rule, .. } => lets_run(rule),
        RuleEdit::Import { rules, instead } => *instead || rules.iter().any(lets_run),
        RuleEdit::Remove(id) => !can_go(book, *id),
        RuleEdit::Change { id, patch, position: None } if switches_off(patch) => !can_go(book, *id),
        RuleEdit::Change { .. } => true,
    }
}

fn lets_run(rule: &Rule) -> bool {
    rule.action == Action::Allow
}

fn switches_off(patch: &Map<String, Value>) -> bool {
    patch.len() == 1 && patch.get("enabled") == Some(&Value::Bool(false))
}

/// Whether without this rule less runs: it is one that lets run, and hides none that lets more run than it does.
fn can_go(book: &Book, id: i64) -> bool {
    let rules = || book.entries().iter().map(|entry| (entry.id, &entry.rule));
    let is_allow = rules().any(|(known, rule)| known == id && lets_run(rule));
    is_allow && rules().all(|(known, rule)| known == id || !rule.allow_high)
}

/// Whether somebody at that place may make these settings of those, and is not locked out by them.
///
/// # Errors
/// Why not, in words.
pub fn may_set(now: &Approvals, then: &Approvals, by: By) -> Result<(), Refused> {
    if now == then {
        return Ok(());
    }
    if let Some(refusal) = Refusal::elsewhere(&now.decide_from, by) {
        return Err(Refused::Elsewhere(refusal.to_string()));
    }
    if now.decide_from != then.decide_from && Refusal::elsewhere(&then.decide_from, by).is_some() {
        let here = by.place().unwrap_or_default();
        return Err(Refused::Unusable(format!(
            "`approvals.decide_from` has to name {here} too: you are there, and could not change it back; to leave it \
             out, write it into config.toml yourself"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(action: &str, more: &Value) -> Rule {
        let mut rule = json!({ "name": "r", "tool": "Bash", "kind": "literal", "pattern": "ls", "action": action,
            "lasts": "forever" });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(rule).unwrap()
    }

    fn book(rules: Vec<Rule>) -> Book {
        let mut book = Book::default();
        book.import(rules, false, 0, 0).unwrap();
        book
    }

    fn change(id: i64, patch: &Value, position: Option<usize>) -> RuleEdit {
        RuleEdit::Change { id, patch: patch.as_object().unwrap().clone(), position }
    }

    #[test]
    fn only_what_falls_towards_asking_is_free() {
        let plain = json!({});
        let book = book(vec![rule("allow", &plain), rule("deny", &plain), rule("ask", &plain)]);
        let [allow, deny, ask] = [0, 1, 2].map(|at: usize| book.entries()[at].id);
        let add = |action: &str| RuleEdit::Add { rule: rule(action, &plain), position: Some(0) };
        let import = |action: &str, instead| RuleEdit::Import {
            rules: vec![rule("deny", &plain), rule(action, &plain)],
            instead,
        };
        let off = || json!({ "enabled": false });
        for edit in [
            RuleEdit::Pause(true),
            add("deny"),
            add("ask"),
            import("ask", false),
            RuleEdit::Remove(allow),
            change(allow, &off(), None),
        ] {
            assert!(!lets_more_run(&book, &edit), "{edit:?}");
        }
        for edit in [
            RuleEdit::Pause(false),
            add("allow"),
            import("ask", true),
            import("allow", false),
            RuleEdit::Remove(deny),
            RuleEdit::Remove(ask),
            RuleEdit::Remove(99),
            change(deny, &off(), None),
            change(ask, &off(), None),
            change(allow, &off(), Some(2)),
            change(allow, &json!({ "enabled": true }), None),
            change(allow, &json!({ "enabled": false, "pattern": "*" }), None),
            change(allow, &json!({ "enabled": null }), None),
            change(deny, &json!({ "action": "allow" }), None),
        ] {
            assert!(lets_more_run(&book, &edit), "{edit:?}");
        }
    }

    #[test]
    fn a_rule_that_hides_one_for_danger_stays() {
        let book = book(vec![rule("allow", &json!({})), rule("allow", &json!({ "allow_high": true }))]);
        let [plain, high] = [0, 1].map(|at: usize| book.entries()[at].id);
        assert!(lets_more_run(&book, &RuleEdit::Remove(plain)), "the other would come to the fore");
        assert!(!lets_more_run(&book, &RuleEdit::Remove(high)));
    }

    #[test]
    fn while_no_rule_counts_none_is_touched() {
        let book = Book::unreadable("it is broken".to_owned(), 1, false);
        assert!(lets_more_run(&book, &RuleEdit::Add { rule: rule("deny", &json!({})), position: None }));
        assert!(!lets_more_run(&book, &RuleEdit::Pause(true)));
    }

    #[test]
    fn who_decides_is_set_from_where_one_decides_and_stays_there() {
        let at = |places: &[By]| Approvals { decide_from: places.to_vec(), ..Approvals::default() };
        let shorter = |places: &[By]| Approvals { hold: 60, ..at(places) };
        let set = |now: &Approvals, then: &Approvals| may_set(now, then, By::Cli);
        for (now, then) in [
            (at(&[]), at(&[By::Cli, By::Popup])),
            (at(&[By::Cli]), at(&[])),
            (at(&[]), shorter(&[])),
            (at(&[By::Cli]), shorter(&[By::Cli])),
            (at(&[By::Popup]), at(&[By::Popup])),
        ] {
            assert_eq!(set(&now, &then), Ok(()), "{now:?} {then:?}");
        }
        for then in [at(&[]), at(&[By::Cli]), at(&[By::Popup, By::Cli]), shorter(&[By::Popup])] {
            let words = "decisions come from the popup only: `approvals.decide_from` says so";
            assert_eq!(set(&at(&[By::Popup]), &then), Err(Refused::Elsewhere(words.to_owned())), "{then:?}");
        }
        let locked = set(&at(&[]), &at(&[By::Popup]));
        assert!(matches!(&locked, Err(Refused::Unusable(why)) if why.contains("the command line")), "{locked:?}");
    }
}
