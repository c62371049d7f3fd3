//! From one text of the file to the next. Pure; nothing is believed that was not checked afterwards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::found::ours;
use super::insert::{insert, runs_beside, whole};
use super::refusal::Refusal;
use super::scan::{BOM, Doc, Kind, NodeId, scan};
use super::splice::{Undo, apply, revert};
use super::strip::{condemned, strip};

/// What is to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The hook program's path.
    pub program: String,
    /// Whether permission requests are held for an answer, or only watched.
    pub hold: bool,
    /// For which events.
    pub events: Vec<&'static str>,
}

/// What had to be made to hold our hooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// The key `hooks` itself.
    pub hooks: bool,
    /// Events that nobody else had hooks for.
    pub events: Vec<String>,
}

/// What is remembered of an install, to undo it exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// SHA-256 of the file before; `None` when there was none.
    pub before: Option<String>,
    /// SHA-256 of the file as we left it.
    pub after: String,
    /// How to get from here to there.
    pub undo: Vec<Undo>,
    /// What goes again when it is empty, if the file is no longer as we left it.
    pub created: Created,
    /// Whether the directory was made too.
    #[serde(default)]
    pub made_dir: bool,
}

/// What the file should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its text; `None` for no file.
    pub after: Option<String>,
    /// What to remember then.
    pub memory: Option<Memory>,
}

/// Registers what is wanted, and nothing twice. A file that already has it stays as it is.
///
/// # Errors
/// When the text is not understood, or others use our places for something else.
pub fn install(text: Option<&str>, wanted: &Wanted, memory: Option<&Memory>) -> Result<Plan, Refusal> {
    if let Some(text) = text.filter(|text| !is_blank(text))
        && satisfied(&settings(text)?, wanted)
    {
        return Ok(Plan { after: Some(text.to_owned()), memory: memory.cloned() });
    }
    let (base, exact) = without_ours(text, memory)?;
    let (after, undo, mut created) = with_ours(base.as_deref(), wanted)?;
    if let Some(memory) = memory.filter(|_| !exact) {
        created.hooks |= memory.created.hooks;
        created.events.extend_from_slice(&memory.created.events);
        created.events.sort_unstable();
        created.events.dedup();
    }
    let memory = Memory {
        before: base.as_deref().map(digest),
        after: digest(&after),
        undo,
        created,
        made_dir: memory.is_some_and(|memory| memory.made_dir),
    };
    Ok(Plan { after: Some(after), memory: Some(memory) })
}

/// Takes ours out: if the file is still as we left it, by going back to exactly what was there before; else
/// by removing our hooks from what it is now.
///
/// # Errors
/// When the text is not understood.
pub fn uninstall(text: Option<&str>, memory: Option<&Memory>) -> Result<Plan, Refusal> {
    let (after, _) = without_ours(text, memory)?;
    Ok(Plan { after, memory: None })
}

/// Whether exactly what is wanted is registered.
#[must_use]
pub fn satisfied(doc: &Doc<'_>, wanted: &Wanted) -> bool {
    let found = ours(doc);
    let registered = |event: &&str| {
        let (command, timeout) = wanted.hook_of(event);
        let mut of_event = found.iter().filter(|found| found.event == *event);
        of_event.next().is_some_and(|found| {
            let as_written = found.command == command && found.timeout == Some(timeout);
            found.effective && found.matcher.is_none() && as_written && found.beside == runs_beside(event)
        })
    };
    found.len() == wanted.events.len() && wanted.events.iter().all(registered)
}

/// The document, if it is an object.
///
/// # Errors
/// When it is something else, or not understood.
pub fn settings(text: &str) -> Result<Doc<'_>, Refusal> {
    let doc = scan(text)?;
    match doc.node(Doc::ROOT).kind {
        Kind::Object => Ok(doc),
        kind => Err(Refusal::NotAnObject(kind)),
    }
}

/// Whether there is nothing in the file, which Claude Code takes for no settings.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.trim_start_matches(BOM).trim().is_empty()
}

/// The file without our hooks, and whether that is exactly what it was before.
fn without_ours(text: Option<&str>, memory: Option<&Memory>) -> Result<(Option<String>, bool), Refusal> {
    let Some(text) = text else {
        return Ok((None, true));
    };
    if let Some(before) = memory.and_then(|memory| memory.original(text)) {
        return Ok((before, true));
    }
    if is_blank(text) {
        return Ok((Some(text.to_owned()), true));
    }
    let doc = settings(text)?;
    let created = memory.map(|memory| &memory.created);
    let gone = condemned(&doc, created);
    if gone.is_empty() {
        return Ok((Some(text.to_owned()), false));
    }
    let (after, _) = apply(text, strip(&doc, created));
    let left = settings(&after)?;
    if !ours(&left).is_empty() || canonical(&doc, &gone) != canonical(&left, &BTreeSet::new()) {
        return Err(Refusal::Unsure("hooks of others would suffer"));
    }
    // A file that we made, and in which nobody left anything, not even a comment.
    let ours_alone = memory.is_some_and(|memory| memory.before.is_none());
    let nothing_left = after.split_whitespace().collect::<String>() == "{}";
    Ok((Some(after).filter(|_| !(ours_alone && nothing_left)), false))
}

/// The file with our hooks added, where none are.
fn with_ours(base: Option<&str>, wanted: &Wanted) -> Result<(String, Vec<Undo>, Created), Refusal> {
    let text = base.unwrap_or_default();
    if is_blank(text) {
        let (splices, created) = whole(text, wanted);
        let (after, undo) = apply(text, splices);
        return Ok((after, undo, created));
    }
    let doc = settings(text)?;
    let (splices, created) = insert(&doc, wanted)?;
    let (after, undo) = apply(text, splices);
    let new = settings(&after)?;
    if !satisfied(&new, wanted) {
        return Err(Refusal::Unsure("the hooks would not be registered as wanted"));
    }
    if canonical(&new, &condemned(&new, Some(&created))) != canonical(&doc, &BTreeSet::new()) {
        return Err(Refusal::Unsure("settings of others would suffer"));
    }
    if revert(&after, &undo).as_deref() != Some(text) {
        return Err(Refusal::Unsure("it could not be undone"));
    }
    Ok((after, undo, created))
}

impl Memory {
    /// What was there before (`Some(None)`: no file), if `text` is still what we left.
    fn original(&self, text: &str) -> Option<Option<String>> {
        if digest(text) != self.after {
            return None;
        }
        let Some(expected) = &self.before else {
            return Some(None);
        };
        revert(text, &self.undo).filter(|before| digest(before) == *expected).map(Some)
    }
}

/// Everything in `doc` but `gone`, without white space and comments: what has to stay the same.
fn canonical(doc: &Doc<'_>, gone: &BTreeSet<NodeId>) -> String {
    let mut out = String::new();
    write_canonical(doc, Doc::ROOT, gone, &mut out);
    out
}

/// Recursive, as the scanner bounds the depth.
fn write_canonical(doc: &Doc<'_>, id: NodeId, gone: &BTreeSet<NodeId>, out: &mut String) {
    let node = doc.node(id);
    if !matches!(node.kind, Kind::Object | Kind::Array) {
        out.push_str(doc.raw(id));
        return;
    }
    out.push(if node.kind == Kind::Object { '{' } else { '[' });
    for child in node.children.iter().filter(|child| !gone.contains(&child.value)) {
        if let Some(key) = &child.key {
            out.push_str(&format!("{key:?}:"));
        }
        write_canonical(doc, child.value, gone, out);
        out.push(',');
    }
    out.push(if node.kind == Kind::Object { '}' } else { ']' });
}

/// SHA-256 in hexadecimal.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
