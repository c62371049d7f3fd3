//! Changing what Claude asks for in the user's editor, before it is approved.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};
use similar::{ChangeTag, TextDiff};

use super::output::{field, line, visible};
use super::{approvals, prompt};
use crate::client::Client;
use crate::paths::Paths;

/// What may be edited, by tool: the part of its input, and how a file of that ends.
const FIELDS: [(&str, &str, &str); 4] =
    [("Bash", "command", "sh"), ("Write", "content", ""), ("Edit", "new_string", ""), ("WebFetch", "url", "txt")];

/// What may not be empty.
const NEEDED: [&str; 2] = ["command", "url"];

/// Lines around a change.
const AROUND: usize = 3;

/// The request's input, edited; nothing when it was left as it is.
pub fn input(approval: &Value) -> anyhow::Result<Option<Value>> {
    let tool = approval["tool"].as_str().unwrap_or_default();
    let before = &approval["input"];
    if tool.starts_with("mcp__") {
        return whole(before);
    }
    let known = FIELDS.iter().find(|(name, ..)| *name == tool);
    let Some((key, ending, old)) = known.and_then(|(_, key, ending)| Some((*key, *ending, before.get(key)?.as_str()?)))
    else {
        bail!("there is nothing in a request for {} that could be edited", visible(tool));
    };
    let path = before.get("file_path").and_then(Value::as_str).unwrap_or_default();
    let ending = if ending.is_empty() { ending_of(path) } else { ending };
    let Some(new) = text(old, ending)? else {
        return Ok(None);
    };
    if NEEDED.contains(&key) && new.trim().is_empty() {
        bail!("there is nothing left of it: nothing was decided");
    }
    show(old, &new);
    let mut input = before.clone();
    input[key] = json!(new);
    Ok(Some(input))
}

/// All of a tool's input as JSON: what is in it, only its server knows.
fn whole(before: &Value) -> anyhow::Result<Option<Value>> {
    let old = serde_json::to_string_pretty(before)?;
    let Some(new) = text(&old, "json")? else {
        return Ok(None);
    };
    let input: Map<String, Value> = serde_json::from_str(&new).context("what was edited is no JSON object")?;
    show(&old, &new);
    Ok(Some(Value::Object(input)).filter(|input| input != before))
}

/// Such as `rs`, so that the editor knows what it is.
fn ending_of(path: &str) -> &str {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let plain = ending.len() <= 8 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain && !ending.is_empty() { ending } else { "txt" }
}

/// A text, edited; nothing when it was left as it is.
pub fn text(old: &str, ending: &str) -> anyhow::Result<Option<String>> {
    let draft = Draft::new(old, ending)?;
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok().filter(|e| !e.is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    // As git does: the variable is a command with its arguments.
    let script = format!("{editor} \"$@\"");
    let ended = Command::new("sh").args(["-c", &script, "sh"]).arg(&draft.0).status().context("cannot start sh")?;
    if !ended.success() {
        bail!("`{editor}` failed: nothing was decided");
    }
    let mut new = fs::read_to_string(&draft.0).context("cannot read what was edited")?;
    // An editor ends the last line.
    if !old.ends_with('\n') && new.ends_with('\n') {
        new.pop();
    }
    Ok(Some(new).filter(|new| new != old))
}

/// Shows what is different now.
pub fn show(old: &str, new: &str) {
    let diff = TextDiff::from_lines(old, new);
    for group in diff.grouped_ops(AROUND) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            line(&format!("{sign} {}", visible(change.value().trim_end_matches('\n'))));
        }
    }
}

/// Shows how dangerous something else would be.
pub async fn assess(client: &Client, approval: &Value, input: &Value) -> anyhow::Result<()> {
    let path = format!("/approvals/{}/assess", field(approval, "id"));
    let assessed: Value = client.post(&path, &json!({ "input": input })).await?;
    approvals::danger(&assessed);
    Ok(())
}

/// Whether it is approved as it stands now.
pub fn settled(yes: bool, same: bool) -> anyhow::Result<bool> {
    if same {
        line("It is as it was.");
    }
    if !yes && !prompt::somebody_is_there() {
        bail!("nobody is there to look at it once more: --yes approves what was edited");
    }
    Ok(yes || prompt::yes("Approve it so?")?)
}

/// A file for the editor; gone when it is dropped.
struct Draft(PathBuf);

impl Draft {
    /// In our own directory: what is in it is nobody else's business, and nobody else may put another in its place.
    fn new(text: &str, ending: &str) -> anyhow::Result<Self> {
        let name = format!("edit-{}.{ending}", std::process::id());
        let path = Paths::find()?.state.join(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
        let draft = Self(path);
        file.write_all(text.as_bytes()).context("cannot write what is to be edited")?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
