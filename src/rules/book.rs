//! The rules that a person has, with what has become of each: numbers, counts, ends.
//!
//! Time is an argument, in milliseconds since the machine was started (sleep included), so that nobody's
//! clock makes a rule last longer than was said.

use std::sync::Arc;

use super::{BadPattern, Call, Decision, Lasts, Rule, Table, Verdict};

/// Most rules that a book holds.
pub const MOST_RULES: usize = 1_000;

/// A rule in the book.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number; never given to another.
    pub id: i64,
    /// What it says.
    pub rule: Rule,
    /// When it was made, ms since the Unix epoch.
    pub made: u64,
    /// When it ends, in milliseconds since the machine was started.
    pub ends: Option<u64>,
    /// How often it has decided, or would have.
    pub matches: u64,
    /// When it last did, ms since the Unix epoch.
    pub last_match: Option<u64>,
}

impl Entry {
    fn new(id: i64, rule: Rule, wall: u64, now: u64) -> Self {
        let ends = ends(&rule, now);
        Self { id, rule, made: wall, ends, matches: 0, last_match: None }
    }
}

/// Why the book was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No rule of this number.
    #[error("there is no rule {0}: `ccmon rules list` shows those there are")]
    Unknown(i64),
    /// A pattern that cannot be used.
    #[error("{0}")]
    Pattern(#[from] BadPattern),
    /// Enough is enough.
    #[error("there are {MOST_RULES} rules already: remove some")]
    Full,
}

/// A rule that decided, or would have.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// What it says.
    pub decision: Decision,
}

/// What becomes of a call by the book.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The verdict, with places in the table.
    pub verdict: Verdict,
    /// The rule that decided.
    pub by: Option<Named>,
    /// The rules on trial that would have.
    pub trial: Vec<Named>,
    /// Numbers of all that had a part in it.
    pub used: Vec<i64>,
    /// Of which state of the book this is.
    version: u64,
}

/// The rules, in order.
#[derive(Clone, Debug, Default)]
pub struct Book {
    entries: Vec<Arc<Entry>>,
    table: Arc<Table>,
    next_id: i64,
    paused: bool,
    /// Why no rule counts, when the stored ones cannot be used.
    broken: Option<String>,
    /// Another one whenever something else may be decided.
    version: u64,
}

impl Book {
    /// The book as it was stored. A rule that cannot be used breaks it: nothing is automatic then, as
    /// the one that is missing may have been the one that denies.
    #[must_use]
    pub fn new(entries: Vec<Entry>, next_id: i64, paused: bool) -> Self {
        let above = entries.iter().map(|entry| entry.id + 1).max().unwrap_or(1);
        let entries = entries.into_iter().map(Arc::new).collect();
        let mut book = Self { entries, next_id: next_id.max(above), paused, ..Self::default() };
        book.mend();
        book
    }

    /// A book that cannot be read.
    #[must_use]
    pub fn unreadable(why: String, next_id: i64, paused: bool) -> Self {
        Self { broken: Some(why), next_id, paused, ..Self::default() }
    }

    /// The rules, in order.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Whether all of them are paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Why no rule counts.
    #[must_use]
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// The number of the next rule.
    #[must_use]
    pub fn next_id(&self) -> i64 {
        self.next_id
    }

    /// Pauses all rules, or resumes them.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.version += 1;
    }

    /// When the next rule ends.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        self.entries.iter().filter_map(|entry| entry.ends).min()
    }

    /// Takes out the rules whose time is over at `now`: their numbers.
    pub fn expire(&mut self, now: u64) -> Vec<i64> {
        if self.deadline().is_none_or(|first| now < first) {
            return Vec::new();
        }
        self.drop_where(|entry| entry.ends.is_some_and(|ends| ends <= now))
    }

    /// Takes out the rules that last while a session does which has ended: their numbers.
    pub fn end_session(&mut self, key: &str) -> Vec<i64> {
        self.drop_where(|entry| entry.rule.lasts.session() == Some(key))
    }

    /// What becomes of a call. While the rules are paused or broken, nothing.
    #[must_use]
    pub fn judge(&self, call: &Call<'_>) -> Judged {
        if let Some(why) = self.unavailable() {
            return self.undecided(&why);
        }
        let verdict = self.table.judge(call);
        // One that would have allowed what is too dangerous has not decided.
        let by = verdict.rule.and_then(|at| Some((at, self.named(at)?)));
        let by = by.filter(|(_, named)| named.decision == verdict.decision);
        let parts = verdict.parts.iter().filter_map(|part| part.rule);
        let deciding = by.iter().map(|(at, _)| *at);
        let all: Vec<usize> = match verdict.decision {
            Decision::Allow => parts.chain(deciding).collect(),
            Decision::Deny { .. } | Decision::Ask => deciding.collect(),
        };
        let mut used: Vec<i64> = all.iter().chain(&verdict.trial).filter_map(|at| self.id(*at)).collect();
        used.sort_unstable();
        used.dedup();
        let by = by.map(|(_, named)| named);
        let trial = verdict.trial.iter().filter_map(|at| self.named(*at)).collect();
        Judged { verdict, by, trial, used, version: self.version }
    }

    /// A person has to decide, whatever the rules say.
    #[must_use]
    pub fn undecided(&self, why: &str) -> Judged {
        let verdict = Verdict::ask(why);
        Judged { verdict, by: None, trial: Vec::new(), used: Vec::new(), version: self.version }
    }

    /// Whether the book would still say this.
    #[must_use]
    pub fn stands(&self, judged: &Judged) -> bool {
        judged.version == self.version
    }

    /// Counts the rules that had a part in a decision at `wall`, and takes out those that were for one
    /// decision: their numbers.
    pub fn count(&mut self, judged: &Judged, wall: u64) -> Vec<i64> {
        let mut spent = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| judged.used.contains(&entry.id)) {
            let entry = Arc::make_mut(entry);
            entry.matches += 1;
            entry.last_match = Some(wall);
            let decided = judged.verdict.decision != Decision::Ask && !entry.rule.dry_run;
            if entry.rule.lasts == Lasts::Once && decided {
                spent.push(entry.id);
            }
        }
        if !spent.is_empty() {
            self.drop_where(|entry| spent.contains(&entry.id));
        }
        spent
    }

    /// Adds a rule: its number.
    ///
    /// # Errors
    /// [`Refused`]; the book is as it was.
    pub fn add(&mut self, rule: Rule, position: Option<usize>, wall: u64, now: u64) -> Result<i64, Refused> {
        if self.entries.len() >= MOST_RULES {
            return Err(Refused::Full);
        }
        let id = self.next_id;
        let last = if rule.is_session_wide() { self.entries.len() } else { self.end() };
        let at = position.unwrap_or(last).min(self.entries.len());
        let mut changed = self.entries.clone();
        changed.insert(at, Arc::new(Entry::new(id, rule, wall, now)));
        self.replace(changed)?;
        self.next_id += 1;
        Ok(id)
    }

    /// Changes a rule, and its place.
    ///
    /// # Errors
    /// [`Refused`]; the book is as it was.
    pub fn change(&mut self, id: i64, rule: Rule, position: Option<usize>, now: u64) -> Result<(), Refused> {
        let mut changed = self.entries.clone();
        let at = changed.iter().position(|entry| entry.id == id).ok_or(Refused::Unknown(id))?;
        let mut entry = Entry::clone(&changed.remove(at));
        if entry.rule.lasts != rule.lasts {
            entry.ends = ends(&rule, now);
        }
        entry.rule = rule;
        changed.insert(position.unwrap_or(at).min(changed.len()), Arc::new(entry));
        self.replace(changed)
    }

    /// Adds rules at the end, in order; `instead` of all that there are, if so wished. Their numbers.
    ///
    /// # Errors
    /// [`Refused`]; the book is as it was.
    pub fn import(&mut self, rules: Vec<Rule>, instead: bool, wall: u64, now: u64) -> Result<Vec<i64>, Refused> {
        let mut kept = if instead { Vec::new() } else { self.entries.clone() };
        let wide = kept.split_off(self.end().min(kept.len()));
        if kept.len() + wide.len() + rules.len() > MOST_RULES {
            return Err(Refused::Full);
        }
        let first = self.next_id;
        let new = (first..).zip(rules).map(|(id, rule)| Entry::new(id, rule, wall, now));
        let new: Vec<Arc<Entry>> = new.map(Arc::new).collect();
        let ids: Vec<i64> = new.iter().map(|entry| entry.id).collect();
        self.replace(kept.into_iter().chain(new).chain(wide).collect())?;
        self.next_id = ids.last().map_or(first, |last| last + 1);
        Ok(ids)
    }

    /// Takes a rule out.
    ///
    /// # Errors
    /// [`Refused::Unknown`].
    pub fn remove(&mut self, id: i64) -> Result<(), Refused> {
        let gone = self.drop_where(|entry| entry.id == id);
        if gone.is_empty() { Err(Refused::Unknown(id)) } else { Ok(()) }
    }

    /// Where a rule comes whose place nobody said: at the end, before those that let a whole session run for a
    /// while. What is denied while one of them lasts is denied in that session too.
    fn end(&self) -> usize {
        let stays = |entry: &Arc<Entry>| !entry.rule.is_session_wide();
        self.entries.iter().rposition(stays).map_or(0, |at| at + 1)
    }

    fn unavailable(&self) -> Option<String> {
        let broken = self.broken.as_ref().map(|why| format!("no rule counts: {why}"));
        broken.or_else(|| self.paused.then(|| "the rules are paused".into()))
    }

    fn drop_where(&mut self, which: impl Fn(&Entry) -> bool) -> Vec<i64> {
        let gone: Vec<i64> = self.entries.iter().filter(|entry| which(entry)).map(|entry| entry.id).collect();
        if !gone.is_empty() {
            self.entries.retain(|entry| !gone.contains(&entry.id));
            self.mend();
        }
        gone
    }

    /// After something was taken out: what was broken may be whole again.
    fn mend(&mut self) {
        self.broken = self.compile().err().map(|(at, bad)| {
            let name = self.entries.get(at).map(|entry| entry.rule.name.as_str()).unwrap_or_default();
            format!("rule {name:?} cannot be used: {bad}")
        });
    }

    fn replace(&mut self, entries: Vec<Arc<Entry>>) -> Result<(), Refused> {
        let before = std::mem::replace(&mut self.entries, entries);
        match self.compile() {
            Ok(()) => self.broken = None,
            Err((_, bad)) => {
                self.entries = before;
                return Err(bad.into());
            }
        }
        Ok(())
    }

    fn compile(&mut self) -> Result<(), (usize, BadPattern)> {
        self.version += 1;
        let rules: Vec<Rule> = self.entries.iter().map(|entry| entry.rule.clone()).collect();
        self.table = Arc::new(Table::new(&rules)?);
        Ok(())
    }

    fn id(&self, at: usize) -> Option<i64> {
        self.entries.get(at).map(|entry| entry.id)
    }

    fn named(&self, at: usize) -> Option<Named> {
        let entry = self.entries.get(at)?;
        let decision = Decision::of(&entry.rule.action);
        Some(Named { id: entry.id, name: entry.rule.name.clone(), decision })
    }
}

/// When a rule made at `now` ends.
fn ends(rule: &Rule, now: u64) -> Option<u64> {
    rule.lasts.seconds().map(|seconds| now.saturating_add(seconds.saturating_mul(1_000)))
}

#[cfg(test)]
mod tests;
