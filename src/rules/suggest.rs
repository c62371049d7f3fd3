//! Rules that would save a person from answering the same again.
//!
//! What was approved three times by hand, and never denied, is drafted as a rule, generalised as little
//! as needed. Every draft is tried on the calls it comes from, and on those that were denied.

pub(super) mod shape;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::input;
use super::past::{Past, PastOutcome};
use super::replay::allows;
use super::risk::Level;
use super::{Action, Call, Decision, Kind, Rule, Table, lint, promote};

/// So many approvals of the same shape make a suggestion.
const ENOUGH: usize = 3;
/// More suggestions than that help nobody.
const MOST: usize = 20;
/// So many drafts are tried on the rows.
const TRIED: usize = 100;
/// Examples kept with each.
const EXAMPLES: usize = 5;

/// One row of the audit log, assessed where it ran.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What was decided.
    pub past: &'a Past,
    /// The same call, as the judge sees it.
    pub call: Call<'a>,
}

/// A rule that might be worth having.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The draft: an allow for ever, not saved anywhere.
    pub rule: Rule,
    /// How many approvals by hand it would have saved.
    pub seen: usize,
    /// Some of them, in the order of the rows.
    pub examples: Vec<Shown>,
}

/// A call that a suggestion comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The approval's id.
    pub id: String,
    /// The call's main input, shortened.
    pub text: String,
    /// When: milliseconds since the Unix epoch.
    pub at: u64,
}

/// A suggestion, with the ids of all rows that it would have saved.
type Proven<'a> = (Suggestion, BTreeSet<&'a str>);

/// Drafts rules from what was approved by hand, those that save most first. Rows may come in any order;
/// the examples keep it, so newest first shows the newest. `existing` are all rules there are: what one of
/// them allows or decides is not suggested, also when it is on trial or switched off, because that was an
/// answer to the same question.
#[must_use]
pub fn suggest(rows: &[Seen<'_>], existing: &[Rule]) -> Vec<Suggestion> {
    let answers = existing.iter().filter(|rule| rule.enabled || rule.action == Action::Allow);
    let answers: Vec<Rule> = answers.map(|rule| Rule { dry_run: false, enabled: true, ..rule.clone() }).collect();
    // A table that cannot be used may have denied this: then nothing is suggested.
    let Ok(table) = Table::new(&answers) else {
        return Vec::new();
    };
    let approved: Vec<&Seen<'_>> = rows.iter().filter(|row| is_candidate(row, &table)).collect();
    let denied: Vec<&Seen<'_>> = rows.iter().filter(|row| is_denied(row)).collect();
    let (narrow, taken) = literals(&approved, &denied);
    let wide = drafts(
        &approved,
        |row| shape::of(&row.call),
        |shape, group| {
            let again = |row: &&&Seen<'_>| taken.contains(row.past.id.as_str());
            let inputs: BTreeSet<Option<String>> = group.iter().map(|row| main(&row.call)).collect();
            // Where a few rules to the letter do as well, nothing wider is needed.
            let needed = group.len() - group.iter().filter(again).count() >= ENOUGH || inputs.len() >= ENOUGH;
            needed.then(|| shape::draft(shape, group)).flatten()
        },
    );
    let wide = wide.into_iter();
    let mut kept: Vec<Proven<'_>> = wide.filter_map(|rule| proven(rule, &approved, &denied)).collect();
    for (suggestion, ids) in narrow {
        if !kept.iter().any(|(_, wider)| ids.is_subset(wider)) {
            kept.push((suggestion, ids));
        }
    }
    kept.sort_by(|(a, _), (b, _)| b.seen.cmp(&a.seen).then_with(|| key(&a.rule).cmp(&key(&b.rule))));
    kept.truncate(MOST);
    kept.into_iter().map(|(suggestion, _)| suggestion).collect()
}

fn key(rule: &Rule) -> (&str, &str, Option<&str>) {
    (&rule.tool, &rule.pattern, rule.cwd.as_deref())
}

/// Approved by hand, fit to be decided by a rule, and not decided by one yet.
fn is_candidate(row: &Seen<'_>, table: &Table) -> bool {
    let Seen { past, call } = row;
    let by_hand = past.by_human && past.outcome == PastOutcome::Allowed;
    by_hand && call.risk.automatic && call.risk.level < Level::High && table.judge(call).rule.is_none()
}

fn is_denied(row: &Seen<'_>) -> bool {
    row.past.by_human && row.past.outcome == PastOutcome::Denied
}

/// The same input again and again; with the rows that are spoken for.
fn literals<'a>(approved: &[&Seen<'a>], denied: &[&Seen<'a>]) -> (Vec<Proven<'a>>, BTreeSet<&'a str>) {
    let literal = |text: &String, _: &[&Seen<'_>]| Some((Kind::Literal, text.clone()));
    let rules = drafts(approved, |row| main(&row.call), literal).into_iter();
    let found: Vec<Proven<'_>> = rules.filter_map(|rule| proven(rule, approved, denied)).collect();
    let taken = found.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    (found, taken)
}

/// What the pattern of a rule would be compared with.
fn main(call: &Call<'_>) -> Option<String> {
    input::main(call.tool, call.input, call.place)
}

/// Rules for rows of the same shape, the largest groups first.
fn drafts<'a, K: Ord>(
    rows: &[&Seen<'a>],
    shape: impl Fn(&Seen<'a>) -> Option<K>,
    pattern: impl Fn(&K, &[&Seen<'a>]) -> Option<(Kind, String)>,
) -> Vec<Rule> {
    let mut groups: BTreeMap<(&str, K), Vec<&Seen<'a>>> = BTreeMap::new();
    for row in rows {
        if let Some(shape) = shape(row) {
            groups.entry((row.call.tool, shape)).or_default().push(row);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().filter(|(_, group)| group.len() >= ENOUGH).collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.len()));
    groups.truncate(TRIED);
    let draft = |((tool, shape), group): &((&str, K), Vec<&Seen<'a>>)| {
        let (kind, pattern) = pattern(shape, group)?;
        Some(rule(tool, kind, &pattern, group))
    };
    groups.iter().filter_map(draft).collect()
}

fn rule(tool: &str, kind: Kind, pattern: &str, group: &[&Seen<'_>]) -> Rule {
    let (cwd, project) = scope(group);
    let name = promote::name(tool, pattern, &Action::Allow, &project);
    Rule { name, cwd, ..Rule::allow(tool, kind, pattern) }
}

/// The folder that all of them come from: the very one, or their project; with its plain name.
fn scope(group: &[&Seen<'_>]) -> (Option<String>, String) {
    let one = |of: fn(&Seen<'_>) -> String| {
        let first = group.first().map(|row| of(row)).filter(|path| path.len() > 1)?;
        group.iter().all(|row| of(row) == first).then_some(first)
    };
    let Some(project) = one(|row| row.call.place.project.clone()) else {
        return (None, String::new());
    };
    if let Some(cwd) = one(|row| row.call.place.cwd.clone()) {
        return (Some(globset::escape(&cwd)), project);
    }
    // `/**` alone is what is below the folder, not the folder itself.
    let escaped = globset::escape(&project);
    (Some(format!("{{{escaped},{escaped}/**}}")), project)
}

/// Keeps a draft that allows what it comes from, would not have allowed what was denied, and about which
/// there is nothing to say. What counts are all approvals that it would have saved.
fn proven<'a>(rule: Rule, approved: &[&Seen<'a>], denied: &[&Seen<'a>]) -> Option<Proven<'a>> {
    let table = Table::new(std::slice::from_ref(&rule)).ok()?;
    // Looked at without its folder: that bounds neither what a command loses nor what it reaches.
    let anywhere = Rule { cwd: None, ..rule.clone() };
    if !lint(&anywhere, &[], None).is_empty() || denied.iter().any(|row| allows(&table, &row.call)) {
        return None;
    }
    let saved: Vec<&&Seen<'a>> = approved
        .iter()
        .filter(|row| row.call.tool == rule.tool && table.judge(&row.call).decision == Decision::Allow)
        .collect();
    if saved.len() < ENOUGH {
        return None;
    }
    let shown = |row: &&&Seen<'_>| Shown { id: row.past.id.clone(), text: row.past.shown(), at: row.past.at };
    let examples = saved.iter().take(EXAMPLES).map(shown).collect();
    let ids = saved.iter().map(|row| row.past.id.as_str()).collect();
    Some((Suggestion { rule, seen: saved.len(), examples }, ids))
}

#[cfg(test)]
mod tests;
