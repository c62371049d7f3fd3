//! The keeper of the rules: the engine's book, and its rows in the store.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::assess::{Looked, Question};
use super::clock;
use crate::api::RuleEdit;
use crate::core::{Answer, Assessed, Assessment, RuleRef, Trial};
use crate::rules::{self, Book, Decision, Entry, Judged, Lasts, Named, Rule};
use crate::store::{Reader, RuleChanges, RuleRow};

/// Names of settings.
const PAUSED: &str = "rules_paused";
const NEXT_ID: &str = "next_rule";

/// Keeps the book, and what is in the store of it.
#[derive(Debug)]
pub struct Keeper {
    book: Book,
    /// Which start of the machine this is.
    boot: String,
    stored: Vec<RuleRow>,
    /// Why the stored rules cannot be read: they stay as they are then.
    unread: Option<String>,
}

impl Keeper {
    /// The book as it was left. Rules that lasted until a restart, or with a session that is not there
    /// any more, are over. One that cannot be read breaks the book: nothing is automatic then.
    #[must_use]
    pub fn load(reader: &Reader, is_alive: impl Fn(&str) -> bool) -> Self {
        let boot = clock::boot_id();
        let read = reader.rules().and_then(|rows| Ok((rows, reader.settings()?)));
        let (stored, settings) = match read {
            Ok(read) => read,
            Err(error) => return Self::unreadable(error.to_string(), boot, Vec::new(), &[]),
        };
        let entries: Result<Vec<Entry>, _> = stored.iter().map(entry).collect();
        let entries = match entries {
            Ok(entries) => entries,
            Err(why) => return Self::unreadable(why, boot, stored, &settings),
        };
        let goes_on = |(entry, row): &(Entry, &RuleRow)| match &entry.rule.lasts {
            Lasts::Restart => false,
            Lasts::Seconds { .. } => row.boot.as_ref() == Some(&boot),
            Lasts::Session { session } => is_alive(session),
            Lasts::SessionSeconds { session, .. } => row.boot.as_ref() == Some(&boot) && is_alive(session),
            Lasts::Once | Lasts::Forever => true,
        };
        let going_on = entries.into_iter().zip(&stored).filter(goes_on).map(|(entry, _)| entry).collect();
        let book = Book::new(going_on, next_id(&stored, &settings), is_paused(&settings));
        let mut keeper = Self { book, boot, stored, unread: None };
        keeper.book.expire(clock::uptime());
        keeper
    }

    fn unreadable(why: String, boot: String, stored: Vec<RuleRow>, settings: &[(String, String)]) -> Self {
        let book = Book::unreadable(why.clone(), next_id(&stored, settings), is_paused(settings));
        Self { book, boot, stored, unread: Some(why) }
    }

    /// The book.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// In how many milliseconds the next rule ends.
    #[must_use]
    pub fn ends_in(&self) -> Option<u64> {
        self.book.deadline().map(|at| at.saturating_sub(clock::uptime()))
    }

    /// Takes out what is over.
    pub fn expire(&mut self) -> RuleChanges {
        let gone = self.book.expire(clock::uptime());
        self.forget(gone)
    }

    /// A session ended, and with it the rules for it.
    pub fn end_session(&mut self, key: &str) -> RuleChanges {
        let gone = self.book.end_session(key);
        self.forget(gone)
    }

    /// What is known of a request, and what the rules answer to it at `wall`, when anybody `hears`.
    pub fn judge(
        &mut self,
        question: &Question,
        looked: Looked,
        session: &str,
        hears: bool,
        wall: u64,
    ) -> (Assessment, RuleChanges) {
        let judged = looked.judged(question, &self.book, session);
        let changes = if hears { self.count(&judged, wall) } else { RuleChanges::default() };
        let answer = match (hears, &judged.verdict.decision) {
            (false, _) | (_, Decision::Ask) => None,
            (true, Decision::Allow) => Some(Answer::Allow { updated_input: None, updated_permissions: None }),
            (true, Decision::Deny { message }) => {
                let by = judged.by.as_ref().map(|rule| format!("Denied by the user's rule {:?}.", rule.name));
                Some(Answer::Deny { message: message.clone().or(by), interrupt: false })
            }
        };
        let Judged { verdict, by, trial, .. } = judged;
        let known = Assessed {
            risk: looked.risk,
            rule: by.filter(|_| hears).map(|Named { id, name, .. }| RuleRef { id, name }),
            trial: trial.into_iter().map(on_trial).collect(),
            reasons: verdict.reasons,
        };
        (Assessment { known, answer }, changes)
    }

    /// Changes the rules: the numbers of those that are new or different.
    ///
    /// # Errors
    /// In words; nothing is changed.
    pub fn edit(&mut self, edit: RuleEdit, wall: u64) -> Result<(Vec<i64>, RuleChanges), String> {
        self.may_be_changed(&edit)?;
        let now = clock::uptime();
        let said = |refused: crate::rules::Refused| refused.to_string();
        let ids = match edit {
            RuleEdit::Add { rule, position } => {
                sound(&rule)?;
                self.book.add(rule, position, wall, now).map(|id| vec![id]).map_err(said)?
            }
            RuleEdit::Change { id, patch, position } => {
                let rule = self.patched(id, patch)?;
                sound(&rule)?;
                self.book.change(id, rule, position, now).map_err(said)?;
                vec![id]
            }
            RuleEdit::Remove(id) => self.book.remove(id).map(|()| Vec::new()).map_err(said)?,
            RuleEdit::Pause(paused) => {
                self.book.pause(paused);
                Vec::new()
            }
            RuleEdit::Import { rules, instead } => {
                for rule in &rules {
                    sound(rule).map_err(|why| format!("rule {:?}: {why}", rule.name))?;
                }
                let ids = self.book.import(rules, instead, wall, now).map_err(said)?;
                self.unread = None;
                ids
            }
        };
        Ok((ids, self.changes()))
    }

    /// Rules that cannot be read are not lost for a change of others: only somebody who says so replaces them.
    fn may_be_changed(&self, edit: &RuleEdit) -> Result<(), String> {
        let Some(why) = &self.unread else {
            return Ok(());
        };
        match edit {
            RuleEdit::Pause(_) => Ok(()),
            RuleEdit::Import { instead: true, .. } if !self.stored.is_empty() => Ok(()),
            _ => Err(format!("the rules stay as they are: {why}; import a file with `replace` to begin anew")),
        }
    }

    /// A rule with some of its keys changed.
    fn patched(&self, id: i64, patch: Map<String, Value>) -> Result<Rule, String> {
        let entry = self.book.entries().iter().find(|entry| entry.id == id);
        let entry = entry.ok_or_else(|| crate::rules::Refused::Unknown(id).to_string())?;
        let mut rule = serde_json::to_value(&entry.rule).map_err(|error| error.to_string())?;
        if let Value::Object(keys) = &mut rule {
            for (key, value) in patch {
                match value {
                    Value::Null => drop(keys.remove(&key)),
                    value => drop(keys.insert(key, value)),
                }
            }
        }
        serde_json::from_value(rule).map_err(|error| format!("this is no rule: {error}"))
    }

    fn count(&mut self, judged: &Judged, wall: u64) -> RuleChanges {
        if judged.used.is_empty() {
            return RuleChanges::default();
        }
        let gone = self.book.count(judged, wall);
        let mut changes = self.forget(gone);
        let used = |entry: &&Arc<Entry>| judged.used.contains(&entry.id);
        for entry in self.book.entries().iter().filter(used) {
            // Its place is the stored one: the others keep theirs, and rules that went have left gaps.
            for row in self.stored.iter_mut().filter(|row| row.id == entry.id) {
                (row.matches, row.last_match) = (entry.matches, entry.last_match);
                changes.put.push(row.clone());
            }
        }
        changes
    }

    fn forget(&mut self, gone: Vec<i64>) -> RuleChanges {
        self.stored.retain(|row| !gone.contains(&row.id));
        RuleChanges { gone, ..RuleChanges::default() }
    }

    /// What differs from what is stored.
    fn changes(&mut self) -> RuleChanges {
        let paused = (PAUSED.to_owned(), self.book.is_paused().to_string());
        if self.unread.is_some() {
            return RuleChanges { settings: vec![paused], ..RuleChanges::default() };
        }
        let rows = self.rows();
        let put = rows.iter().filter(|row| !self.stored.contains(row)).cloned().collect();
        let is_there = |id: i64| rows.iter().any(|row| row.id == id);
        let gone = self.stored.iter().map(|row| row.id).filter(|id| !is_there(*id)).collect();
        let settings = vec![paused, (NEXT_ID.to_owned(), self.book.next_id().to_string())];
        self.stored = rows;
        RuleChanges { put, gone, settings }
    }

    fn rows(&self) -> Vec<RuleRow> {
        (0..).zip(self.book.entries()).map(|(position, entry)| self.row(position, entry)).collect()
    }

    fn row(&self, position: i64, entry: &Entry) -> RuleRow {
        RuleRow {
            id: entry.id,
            position,
            rule: serde_json::to_string(&entry.rule).unwrap_or_default(),
            made: entry.made,
            ends: entry.ends,
            boot: entry.ends.map(|_| self.boot.clone()),
            matches: entry.matches,
            last_match: entry.last_match,
        }
    }
}

fn setting<'a>(settings: &'a [(String, String)], name: &str) -> Option<&'a str> {
    settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn is_paused(settings: &[(String, String)]) -> bool {
    setting(settings, PAUSED) == Some("true")
}

/// The number of the next rule: above all that there ever were.
fn next_id(stored: &[RuleRow], settings: &[(String, String)]) -> i64 {
    let said = setting(settings, NEXT_ID).and_then(|id| id.parse().ok()).unwrap_or(1);
    stored.iter().map(|row| row.id.saturating_add(1)).fold(said, i64::max)
}

/// Refuses what may not be saved.
fn sound(rule: &Rule) -> Result<(), String> {
    let errors: Vec<String> = rules::faults(rule).into_iter().map(|lint| lint.text).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join(" ")) }
}

fn entry(row: &RuleRow) -> Result<Entry, String> {
    let rule = serde_json::from_str(&row.rule).map_err(|error| format!("rule {} cannot be read: {error}", row.id))?;
    Ok(Entry { id: row.id, rule, made: row.made, ends: row.ends, matches: row.matches, last_match: row.last_match })
}

fn on_trial(named: Named) -> Trial {
    let decision = match named.decision {
        Decision::Allow => "allow",
        Decision::Deny { .. } => "deny",
        Decision::Ask => "ask",
    };
    Trial { id: named.id, name: named.name, decision: decision.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::daemon::assess;

    fn keeper(rule: Value) -> Keeper {
        let mut book = Book::new(Vec::new(), 1, false);
        book.add(serde_json::from_value(rule).unwrap(), None, 1, 1).unwrap();
        let mut keeper = Keeper { book, boot: "boot".into(), stored: Vec::new(), unread: None };
        keeper.changes();
        keeper
    }

    #[test]
    fn for_a_hook_that_is_gone_no_rule_answers_or_counts() {
        let rule = json!({ "name": "x", "tool": "Bash", "kind": "glob", "pattern": "touch *", "action": "allow",
                           "lasts": "once" });
        let mut keeper = keeper(rule);
        let input = Arc::new(json!({ "command": "touch x" }));
        let question = Question { tool: "Bash".into(), input, cwd: "/p".into(), away: false };
        let (gone, changes) = keeper.judge(&question, assess::look(&question), "s", false, 7);
        assert_eq!((gone.answer, gone.known.rule), (None, None));
        assert!(changes.is_empty() && keeper.book.entries()[0].matches == 0, "{changes:?}");

        let (heard, changes) = keeper.judge(&question, assess::look(&question), "s", true, 7);
        let allow = Answer::Allow { updated_input: None, updated_permissions: None };
        assert_eq!((heard.answer, heard.known.rule.map(|rule| rule.id)), (Some(allow), Some(1)));
        assert_eq!((changes.gone, keeper.stored.len()), (vec![1], 0));
    }
}
