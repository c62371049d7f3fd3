//! The splices that take our hooks out, and what we had made for them, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::found::ours;
use super::plan::Created;
use super::scan::{Child, Doc, NodeId};
use super::splice::Splice;

/// Takes every hook of ours out of `doc`. What becomes empty by it goes too, as far as we had `created` it;
/// when nothing is known about that, all of it.
#[must_use]
pub fn strip(doc: &Doc<'_>, created: Option<&Created>) -> Vec<Splice> {
    let gone = condemned(doc, created);
    let mut holders: BTreeMap<NodeId, BTreeSet<usize>> = BTreeMap::new();
    let mut visit = vec![Doc::ROOT];
    while let Some(id) = visit.pop() {
        for (index, child) in doc.node(id).children.iter().enumerate() {
            if gone.contains(&child.value) {
                holders.entry(id).or_default().insert(index);
            } else {
                visit.push(child.value);
            }
        }
    }
    holders.iter().flat_map(|(&holder, indexes)| remove(doc, holder, indexes)).collect()
}

/// The values to remove: our hooks, the groups, event lists and the table that hold nothing else.
pub(super) fn condemned(doc: &Doc<'_>, created: Option<&Created>) -> BTreeSet<NodeId> {
    let found = ours(doc);
    let mut gone: BTreeSet<NodeId> = found.iter().map(|found| found.hook).collect();
    for place in &found {
        if emptied(doc, place.hooks, &gone) {
            gone.insert(place.group);
        }
    }
    for place in &found {
        let made = created.is_none_or(|created| created.events.contains(&place.event));
        if made && emptied(doc, place.groups, &gone) && alone(doc, place.table, &place.event) {
            gone.insert(place.groups);
        }
    }
    let made = created.is_none_or(|created| created.hooks);
    for place in found.iter().filter(|_| made && alone(doc, Doc::ROOT, "hooks")) {
        if emptied(doc, place.table, &gone) {
            gone.insert(place.table);
        }
    }
    gone
}

/// Whether no member of the same name would come to light if this one went.
fn alone(doc: &Doc<'_>, object: NodeId, key: &str) -> bool {
    doc.members(object, key).count() == 1
}

fn emptied(doc: &Doc<'_>, holder: NodeId, gone: &BTreeSet<NodeId>) -> bool {
    doc.node(holder).children.iter().all(|child| gone.contains(&child.value))
}

/// Takes some children out of an object or array, with the white space before each and one comma.
fn remove(doc: &Doc<'_>, holder: NodeId, indexes: &BTreeSet<usize>) -> Vec<Splice> {
    let children = &doc.node(holder).children;
    let mut splices = Vec::new();
    for &index in indexes {
        let run_end = (index..).take_while(|next| indexes.contains(next)).last().unwrap_or(index);
        splices.push(Splice::remove(span(doc, &children[index], &children[run_end])));
        splices.extend(comma(&children[index]));
    }
    let no_comma_at_end = children.last().is_some_and(|last| last.comma.is_none());
    match (0..children.len()).rev().find(|index| !indexes.contains(index)) {
        // The last one that stays had a comma only because of ours behind it.
        Some(last) if no_comma_at_end => splices.extend(comma(&children[last])),
        Some(_) => {}
        None => splices.extend(collapse(doc, holder)),
    }
    splices
}

fn comma(child: &Child) -> Option<Splice> {
    child.comma.map(|at| Splice::remove(at..at + 1))
}

/// A child and the white space before it. A line comment before it keeps its newline, unless one follows the
/// last of the children that go together.
fn span(doc: &Doc<'_>, child: &Child, last: &Child) -> Range<usize> {
    let after = last.comma.map_or(doc.end(last), |comma| comma + 1);
    let rest = doc.text[after..].trim_start_matches([' ', '\t']);
    let mut start = child.gap.at;
    if child.gap.after_line_comment && !rest.starts_with(['\n', '\r']) {
        let gap = &doc.text[start..child.start];
        start += gap.find('\n').map_or(gap.len(), |newline| newline + 1);
    }
    start..doc.end(child)
}

/// The white space that is left between the brackets when everything went, unless there are comments.
fn collapse(doc: &Doc<'_>, holder: NodeId) -> Option<Splice> {
    let node = doc.node(holder);
    let (mut at, close) = (node.span.start + 1, node.span.end - 1);
    for child in &node.children {
        let end = doc.end(child);
        let after = child.comma.map_or(end, |comma| comma + 1);
        if child.gap.at != at || doc.text[end..after].contains('/') {
            return None;
        }
        at = after;
    }
    (node.tail.at == at).then(|| Splice::remove(at..close))
}
