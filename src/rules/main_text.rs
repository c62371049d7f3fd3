//! The text of a call that people look at, and that spans of findings refer to.

use serde_json::Value;

/// The main input of a tool as text: the command, path, address or pattern; of other tools nothing.
#[must_use]
pub fn main_text<'a>(tool: &str, input: &'a Value) -> Option<&'a str> {
    let keys: &[&str] = match tool {
        "Bash" => &["command"],
        "Edit" | "MultiEdit" | "Write" | "Read" => &["file_path"],
        "NotebookEdit" | "NotebookRead" => &["notebook_path", "file_path"],
        "WebFetch" => &["url"],
        "WebSearch" => &["query"],
        "Grep" | "Glob" | "LS" => &["pattern", "path"],
        _ => &[],
    };
    keys.iter().find_map(|key| input.get(key)?.as_str())
}
