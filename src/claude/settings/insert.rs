//! The splices that add our hooks.

use serde_json::{Value, json};

use super::command::command;
use super::events::waits;
use super::plan::{Created, Wanted};
use super::refusal::Refusal;
use super::scan::{BOM, Doc, Kind, NodeId};
use super::splice::Splice;
use super::style::{Layout, Style};

/// Claude Code's own limit for a permission request; the hook lets go well before.
const WAITING_SECONDS: u64 = 600;
/// The hook takes a fraction of a second; said because SessionEnd's default is 1.5.
const EVENT_SECONDS: u64 = 10;

/// Adds a group of our own to every wanted event. Groups of others are left alone, so that taking ours out
/// again touches nothing of theirs.
///
/// # Errors
/// When what stands at our places is not what belongs there.
pub fn insert(doc: &Doc<'_>, wanted: &Wanted) -> Result<(Vec<Splice>, Created), Refusal> {
    let style = Style::of(doc);
    let root = style.layout(doc, Doc::ROOT, &Layout::root());
    let Some(hooks) = doc.get(Doc::ROOT, "hooks") else {
        let member = (Some("hooks".to_owned()), wanted.table());
        let created = Created { hooks: true, events: owned(&wanted.events) };
        return Ok((append(doc, &style, Doc::ROOT, &root, &[member]), created));
    };
    expect(doc, hooks, Kind::Object, "hooks")?;
    let layout = style.layout(doc, hooks, &root);
    let (mut splices, mut missing) = (Vec::new(), Vec::new());
    for &event in &wanted.events {
        let Some(groups) = doc.get(hooks, event) else {
            missing.push(event);
            continue;
        };
        expect(doc, groups, Kind::Array, &format!("hooks.{event}"))?;
        let layout = style.layout(doc, groups, &layout);
        splices.extend(append(doc, &style, groups, &layout, &[(None, wanted.group(event))]));
    }
    let member = |event: &&str| (Some((*event).to_owned()), json!([wanted.group(event)]));
    let members: Vec<_> = missing.iter().map(member).collect();
    splices.extend(append(doc, &style, hooks, &layout, &members));
    Ok((splices, Created { hooks: false, events: owned(&missing) }))
}

/// A whole document, for a file that is empty or does not exist.
#[must_use]
pub fn whole(text: &str, wanted: &Wanted) -> (Vec<Splice>, Created) {
    let style = Style::default();
    let document = style.write(None, &json!({ "hooks": wanted.table() }), &Layout::root());
    let start = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
    let splice = Splice { span: start..text.len(), text: document + style.newline() };
    (vec![splice], Created { hooks: true, events: owned(&wanted.events) })
}

impl Wanted {
    /// What `hooks` is when nobody else has any.
    fn table(&self) -> Value {
        let event = |event: &&str| ((*event).to_owned(), json!([self.group(event)]));
        Value::Object(self.events.iter().map(event).collect())
    }

    /// Our group for `event`.
    fn group(&self, event: &str) -> Value {
        let (command, timeout) = self.hook_of(event);
        let mut group = json!({ "hooks": [{ "type": "command", "command": command, "timeout": timeout }] });
        if runs_beside(event) {
            group["hooks"][0]["async"] = json!(true);
        }
        group
    }

    /// The command for `event`, and the seconds it is given.
    #[must_use]
    pub fn hook_of(&self, event: &str) -> (String, u64) {
        let waits = self.hold && waits(event);
        let timeout = if waits { WAITING_SECONDS } else { EVENT_SECONDS };
        (command(&self.program, waits), timeout)
    }
}

/// Whether the session goes on while our hook for `event` runs. One that waits for a tool's start draws its
/// dialog before a rule can answer the request that follows (2.1.329, Bash: 17 of 17 times, and 0 of 17
/// with this). 2.0.76 knows no such key, and waits.
pub fn runs_beside(event: &str) -> bool {
    event == "PreToolUse"
}

/// Puts `items` behind the last child of `id`, and behind any comment after it.
fn append(doc: &Doc<'_>, style: &Style, id: NodeId, layout: &Layout, items: &[(Option<String>, Value)]) -> Vec<Splice> {
    let (node, mut splices) = (doc.node(id), Vec::new());
    if items.is_empty() {
        return splices;
    }
    let last = node.children.last();
    let trailing_comma = last.is_some_and(|child| child.comma.is_some());
    if let Some(last) = last.filter(|_| !trailing_comma) {
        splices.push(Splice::insert(doc.end(last), ","));
    }
    let mut text = String::new();
    for (index, (key, value)) in items.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let lead = style.lead(layout, last.is_none() && index == 0);
        // Whatever the layout, a line comment has to end before we begin.
        let keep_out = index == 0 && node.tail.after_line_comment && !lead.starts_with(['\r', '\n']);
        let lead = if keep_out { style.newline().to_owned() } else { lead };
        text += &format!("{comma}{lead}{}", style.write(key.as_deref(), value, layout));
    }
    text += if trailing_comma { "," } else { "" };
    let (start, end) = (node.tail.at, node.span.end - 1);
    let keep_tail = last.is_some() || doc.text[start..end].contains('\n') || *layout == Layout::Inline;
    splices.push(if keep_tail {
        Splice::insert(start, text)
    } else {
        Splice { span: start..end, text: text + &style.close(layout) }
    });
    splices
}

fn expect(doc: &Doc<'_>, id: NodeId, kind: Kind, place: &str) -> Result<(), Refusal> {
    let found = doc.node(id).kind;
    if found == kind {
        return Ok(());
    }
    Err(Refusal::WrongType { place: place.to_owned(), expected: kind, found })
}

fn owned(events: &[&str]) -> Vec<String> {
    events.iter().map(|&event| event.to_owned()).collect()
}
