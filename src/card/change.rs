//! What a request does to a file: its edit, applied to the text as it is now the way Claude Code applies it
//! (measured with 2.1.329), and the lines that this changes.

use std::borrow::Cow;

use serde_json::Value;

use super::diff::{self, Numbers};
use super::{File, Window, alike};

/// How much of a file says how its lines end, in characters: so much Claude Code looks at.
const ENDINGS_FROM: usize = 4_096;

/// A file as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where, and what leads there; the rest is filled in here.
    pub file: File,
    /// What it holds.
    pub content: Content,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// There is none.
    Missing,
    /// This.
    Bytes(Vec<u8>),
    /// Nobody can say, for this reason.
    Unread(String),
}

/// What a tool does to a text.
enum Change<'a> {
    /// All of it is replaced.
    Whole(&'a str),
    /// Stretches of it are, one after the other.
    Edits(Vec<Edit<'a>>),
    /// A cell of a notebook is.
    Cell(Cell<'a>),
}

struct Edit<'a> {
    old: &'a str,
    new: &'a str,
    all: bool,
}

struct Cell<'a> {
    id: Option<&'a str>,
    source: &'a str,
    mode: &'a str,
}

/// A text before and after, and which part of the file it is.
struct Texts {
    old: String,
    new: String,
    part: Option<String>,
}

impl Texts {
    fn whole(old: &str, new: String) -> Self {
        Self { old: old.to_owned(), new, part: None }
    }
}

/// The file that a call writes to, as it names it; none when it is no such call.
#[must_use]
pub fn path_of<'a>(tool: &str, input: &'a Value) -> Option<&'a str> {
    let field = match tool {
        "Edit" | "MultiEdit" | "Write" => "file_path",
        "NotebookEdit" => "notebook_path",
        _ => return None,
    };
    input.get(field)?.as_str().filter(|path| !path.is_empty())
}

/// What becomes of a file.
#[must_use]
pub fn written(tool: &str, input: &Value, found: Found, window: Window) -> File {
    let Found { mut file, content } = found;
    file.exists = !matches!(content, Content::Missing);
    let Some(change) = change(tool, input) else {
        return File { problem: Some("the input is not what this tool takes".to_owned()), ..file };
    };
    let texts = text(&content).and_then(|now| change.applied(now));
    let whole = texts.and_then(|texts| {
        let diff = diff::diff(&texts.old, &texts.new, Numbers::Lines, window)?;
        Ok((diff, texts.part))
    });
    match whole {
        Ok((diff, part)) => File { diff: Some(diff), part, ..file },
        Err(problem) => {
            let (old, new) = change.alone();
            let diff = diff::diff(&old, &new, Numbers::None, window).ok();
            File { diff, problem: Some(problem), ..file }
        }
    }
}

fn text(content: &Content) -> Result<Option<&str>, String> {
    let bytes = match content {
        Content::Missing => return Ok(None),
        Content::Bytes(bytes) => bytes,
        Content::Unread(why) => return Err(why.clone()),
    };
    if bytes.contains(&0) {
        return Err("the file is binary".to_owned());
    }
    std::str::from_utf8(bytes).map(Some).map_err(|_| "the file is not UTF-8 text".to_owned())
}

fn change<'a>(tool: &str, input: &'a Value) -> Option<Change<'a>> {
    let said = |field: &str| input.get(field).and_then(Value::as_str);
    Some(match tool {
        "Write" => Change::Whole(said("content")?),
        "Edit" => Change::Edits(vec![edit(input)?]),
        "MultiEdit" => Change::Edits(input.get("edits")?.as_array()?.iter().map(edit).collect::<Option<_>>()?),
        "NotebookEdit" => {
            let mode = said("edit_mode").unwrap_or("replace");
            Change::Cell(Cell { id: said("cell_id"), source: said("new_source").unwrap_or_default(), mode })
        }
        _ => return None,
    })
}

fn edit(input: &Value) -> Option<Edit<'_>> {
    let said = |field: &str| input.get(field).and_then(Value::as_str);
    let all = input.get("replace_all").and_then(Value::as_bool).unwrap_or(false);
    Some(Edit { old: said("old_string")?, new: said("new_string")?, all })
}

impl Change<'_> {
    /// The file's text before and after; or why the edit cannot be made.
    fn applied(&self, now: Option<&str>) -> Result<Texts, String> {
        match self {
            Self::Whole(content) => Ok(Texts::whole(now.unwrap_or_default(), (*content).to_owned())),
            Self::Edits(edits) => edited(now, edits),
            Self::Cell(cell) => cell.applied(now.ok_or("the notebook does not exist: the edit would fail")?),
        }
    }

    /// What the request itself says of it: the old and the new text of each edit.
    fn alone(&self) -> (String, String) {
        match self {
            Self::Whole(content) => (String::new(), (*content).to_owned()),
            Self::Cell(cell) => (String::new(), cell.source.to_owned()),
            Self::Edits(edits) => {
                let all = |of: fn(&Edit) -> String| edits.iter().map(of).collect::<Vec<_>>().join("\n");
                (all(|edit| edit.old.to_owned()), all(|edit| edit.new.to_owned()))
            }
        }
    }
}

/// Each edit finds what the ones before it left.
fn edited(now: Option<&str>, edits: &[Edit]) -> Result<Texts, String> {
    let before = now.unwrap_or_default();
    if edits.len() > MOST_EDITS || edits.len().saturating_mul(before.len()) > MOST_READ.max(before.len()) {
        return Err("these are more edits than are made here".to_owned());
    }
    let crlf = ends_with_cr(before);
    let mut text: Cow<str> = if before.contains("\r\n") { before.replace("\r\n", "\n").into() } else { before.into() };
    for (at, edit) in edits.iter().enumerate() {
        let replaced = edit.applied(&text, now.is_some() || at > 0);
        let which = || if edits.len() > 1 { format!("edit {} of {}: ", at + 1, edits.len()) } else { String::new() };
        text = replaced.map_err(|why| which() + &why)?.into();
    }
    let after = if crlf { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text.into_owned() };
    Ok(Texts::whole(before, after))
}

/// Whether most lines end in CR LF, as far as Claude Code looks.
fn ends_with_cr(text: &str) -> bool {
    let end = text.char_indices().nth(ENDINGS_FROM).map_or(text.len(), |(at, _)| at);
    let (all, crlf) = (text[..end].matches('\n').count(), text[..end].matches("\r\n").count());
    crlf > all - crlf
}

/// More edits of one file than this are not tried,
const MOST_EDITS: usize = 200;
/// nor so many that more bytes than this are read for them: each reads the file.
const MOST_READ: usize = 64 << 20;
/// Bytes of a file, after the edit, that are held against what it was.
const LARGEST: usize = 16 << 20;

impl Edit<'_> {
    fn applied(&self, text: &str, exists: bool) -> Result<String, String> {
        if self.old.is_empty() {
            let free = text.trim().is_empty();
            return if free { Ok(self.new.to_owned()) } else { Err("the file is there already, and not empty".into()) };
        }
        if !exists {
            return Err("the file does not exist: the edit would fail".to_owned());
        }
        let Some((old, new)) = alike::meant(text, self.old, self.new) else {
            return Err("the old text is not in the file as it is now: the edit would fail".to_owned());
        };
        let times = text.matches(&*old).count();
        if times > 1 && !self.all {
            return Err(format!("the old text is in the file {times} times: the edit would fail"));
        }
        // A line that is taken away takes its end with it.
        let line = format!("{old}\n");
        let whole = new.is_empty() && !old.ends_with('\n') && text.contains(&line);
        let old = if whole { line.as_str() } else { &*old };
        // A short edit can make a file of many gigabytes.
        if text.len().saturating_add(times.saturating_mul(new.len())) > LARGEST {
            return Err("the file becomes too large to be shown".to_owned());
        }
        Ok(if self.all { text.replace(old, &new) } else { text.replacen(old, &new, 1) })
    }
}

impl Cell<'_> {
    fn applied(&self, now: &str) -> Result<Texts, String> {
        let notebook: Value = serde_json::from_str(now).map_err(|_| "the file is no notebook: it is not JSON")?;
        let cells =
            notebook.get("cells").and_then(Value::as_array).ok_or("the file is no notebook: it has no cells")?;
        let at = self.find(cells)?;
        let name = self.id.map_or("at the beginning".to_owned(), |id| format!("“{id}”"));
        let source = at.and_then(|at| cells.get(at)).map(source).unwrap_or_default();
        let (old, new, part) = match self.mode {
            "insert" if at.is_some() => (String::new(), self.source.to_owned(), format!("a new cell after {name}")),
            "insert" => (String::new(), self.source.to_owned(), "a new cell at the beginning".to_owned()),
            "delete" => (source, String::new(), format!("cell {name}, which is deleted")),
            _ => (source, self.source.to_owned(), format!("cell {name}")),
        };
        Ok(Texts { old, new, part: Some(part) })
    }

    /// The place of the cell; none only where one is put at the beginning.
    fn find(&self, cells: &[Value]) -> Result<Option<usize>, String> {
        let Some(id) = self.id else {
            return if self.mode == "insert" { Ok(None) } else { Err("no cell is named: the edit would fail".into()) };
        };
        let named = cells.iter().position(|cell| cell.get("id").and_then(Value::as_str) == Some(id));
        let counted = || id.strip_prefix("cell-")?.parse().ok().filter(|at| *at < cells.len());
        named.or_else(counted).map(Some).ok_or_else(|| format!("there is no cell “{id}”: the edit would fail"))
    }
}

/// A cell's source: a string, or its lines.
fn source(cell: &Value) -> String {
    match cell.get("source") {
        Some(Value::String(source)) => source.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}
