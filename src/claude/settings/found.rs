//! Our hooks in a settings document.

use super::command::{self, Ours};
use super::scan::{Doc, Kind, NodeId};

/// A hook of ours and where it stands: `hooks` → event → group → `hooks` → this.
#[derive(Clone, Debug)]
pub struct Found {
    /// The event it is registered for.
    pub event: String,
    /// What it runs.
    pub ours: Ours,
    /// The command as it is written.
    pub command: String,
    /// The seconds it is given, when said in whole seconds.
    pub timeout: Option<u64>,
    /// Whether the session goes on beside it.
    pub beside: bool,
    /// The group's matcher, when it narrows the hook to some tools or kinds.
    pub matcher: Option<String>,
    /// Whether a client runs it at all: not hidden by a later key of the same name, of the right type.
    pub effective: bool,
    /// The object of events that holds it.
    pub table: NodeId,
    /// The array of groups that holds it.
    pub groups: NodeId,
    /// Its group.
    pub group: NodeId,
    /// The array of hooks in the group.
    pub hooks: NodeId,
    /// The hook object itself.
    pub hook: NodeId,
}

/// Every hook of ours in `doc`, also under keys that a later duplicate hides.
#[must_use]
pub fn ours(doc: &Doc<'_>) -> Vec<Found> {
    let hooks = walk(doc);
    hooks.filter_map(|place| place.ours(doc)).collect()
}

/// Commands of other people that say our program's name, with their event.
#[must_use]
pub fn mentions(doc: &Doc<'_>) -> Vec<(String, String)> {
    let commands = walk(doc).filter_map(|place| Some((place.event.to_owned(), place.command(doc)?)));
    commands.filter(|(_, command)| command::mentions(command) && command::recognise(command).is_none()).collect()
}

/// A hook of anybody's.
struct Place<'d> {
    event: &'d str,
    effective: bool,
    table: NodeId,
    groups: NodeId,
    group: NodeId,
    hooks: NodeId,
    hook: NodeId,
}

fn walk<'d>(doc: &'d Doc<'_>) -> impl Iterator<Item = Place<'d>> {
    let tables = doc.members(Doc::ROOT, "hooks").filter(|&table| doc.node(table).kind == Kind::Object);
    let lists = tables.flat_map(move |table| {
        let effective = doc.get(Doc::ROOT, "hooks") == Some(table);
        let events = doc.node(table).children.iter();
        events.filter_map(move |child| {
            let event = child.key.as_deref()?;
            Some((event, table, child.value, effective && doc.get(table, event) == Some(child.value)))
        })
    });
    let groups = lists.flat_map(move |(event, table, groups, effective)| {
        elements(doc, groups).map(move |group| (event, table, groups, group, effective))
    });
    groups.flat_map(move |(event, table, groups, group, effective)| {
        doc.members(group, "hooks").flat_map(move |hooks| {
            let effective = effective && doc.get(group, "hooks") == Some(hooks);
            elements(doc, hooks).map(move |hook| Place { event, effective, table, groups, group, hooks, hook })
        })
    })
}

fn elements<'d>(doc: &'d Doc<'_>, array: NodeId) -> impl Iterator<Item = NodeId> + 'd {
    let node = doc.node(array);
    let array = node.kind == Kind::Array;
    node.children.iter().filter(move |_| array).map(|child| child.value)
}

impl Place<'_> {
    fn command(&self, doc: &Doc<'_>) -> Option<String> {
        doc.string(doc.get(self.hook, "command")?)
    }

    fn ours(&self, doc: &Doc<'_>) -> Option<Found> {
        let command = self.command(doc)?;
        let is_command = doc.get(self.hook, "type").and_then(|id| doc.string(id)).as_deref() == Some("command");
        let matcher = doc.get(self.group, "matcher").map(|id| doc.string(id).unwrap_or_else(|| doc.raw(id).to_owned()));
        Some(Found {
            event: self.event.to_owned(),
            ours: command::recognise(&command)?,
            command,
            timeout: doc.get(self.hook, "timeout").and_then(|id| doc.raw(id).parse().ok()),
            beside: doc.get(self.hook, "async").is_some_and(|id| doc.raw(id) == "true"),
            matcher: matcher.filter(|matcher| !matcher.is_empty() && matcher != "*"),
            effective: self.effective && is_command,
            table: self.table,
            groups: self.groups,
            group: self.group,
            hooks: self.hooks,
            hook: self.hook,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::*;

    #[test]
    fn found_wherever_they_stand_and_whoever_stands_beside_them() {
        let text = r#"{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "/old/ccmon-hook"}]}]},
            "hooks": {"Stop": [7, {"matcher": "*", "hooks": [
                {"type": "command", "command": "say ccmon-hook"},
                {"type": "command", "command": "/new/ccmon-hook", "timeout": 10}]}], "Other": {}, "X": [{"hooks": 1}]}}"#;
        let found = ours(&scan(text).unwrap());
        let seen: Vec<_> = found.iter().map(|f| (f.ours.program.as_str(), f.effective, f.timeout)).collect();
        assert_eq!(seen, [("/old/ccmon-hook", false, None), ("/new/ccmon-hook", true, Some(10))]);
        assert_eq!(found[1].matcher, None);
        assert_eq!(mentions(&scan(text).unwrap()), [("Stop".to_owned(), "say ccmon-hook".to_owned())]);
    }

    #[test]
    fn nothing_in_what_is_shaped_otherwise() {
        for text in ["[]", "1", "{}", r#"{"hooks": []}"#, r#"{"hooks": {"Stop": {"hooks": []}}}"#] {
            assert!(ours(&scan(text).unwrap()).is_empty(), "{text}");
        }
    }
}
