//! What leaves ccmon as a file: sessions as Markdown, the audit log as a table. Pure text: nothing that a
//! session said can break out of its place, be obeyed by a terminal, or be computed by a spreadsheet.

pub mod csv;
pub mod markdown;

use crate::cli::visible;

/// `text` with what a terminal would obey shown; lines and tabs stay.
fn plain(text: &str) -> String {
    let line = |line: &str| line.split('\t').map(visible).collect::<Vec<_>>().join("\t");
    text.replace("\r\n", "\n").split('\n').map(line).collect::<Vec<_>>().join("\n")
}
