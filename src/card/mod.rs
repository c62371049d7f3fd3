//! What a request is shown with: what led to it, the change it makes to a file as lines, a plan as blocks of text.
//!
//! Pure, and bounded: whatever a request holds, a card comes of it. Who reads the files and the transcripts is
//! [`crate::daemon`].
#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]

mod alike;
mod change;
mod diff;
mod markdown;
#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;

use crate::core::{ApprovalId, Board};

pub use change::{Content, Found, path_of, written};
pub use markdown::blocks;

/// What a request is shown with, beside its own input.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Card {
    /// The last that Claude said before it.
    pub said: Option<String>,
    /// The summary of its session, when one was written.
    pub summary: Option<String>,
    /// What becomes of the file that it writes to.
    pub file: Option<File>,
    /// The plan that it asks about.
    pub plan: Option<Vec<Block>>,
    /// Every request that waits with the same tool and input, itself among them; oldest first.
    pub identical: Vec<ApprovalId>,
    /// Why this caller is not told what files hold; in words.
    pub problem: Option<String>,
}

/// Which rows of a diff are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first, counted from 0.
    pub from: usize,
    /// At most so many.
    pub rows: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { from: 0, rows: 400 }
    }
}

/// The file that a request writes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct File {
    /// Where it is, as the request says it; from the root.
    pub path: String,
    /// From the root of the project, when it is in there.
    pub relative: Option<String>,
    /// It is not in the project.
    pub outside: bool,
    /// Where it really is, when links lead there.
    pub link: Option<String>,
    /// It is there already.
    pub exists: bool,
    /// Which part of it the lines are of, when they are not of the whole file; in words.
    pub part: Option<String>,
    /// Why the lines are only of what the request itself holds, or why there are none; in words.
    pub problem: Option<String>,
    /// What becomes of its lines.
    pub diff: Option<Diff>,
}

/// What becomes of lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Diff {
    /// How many lines are added,
    pub added: usize,
    /// and how many are taken away.
    pub removed: usize,
    /// How many rows there are in all: those lines, and what stands around them.
    pub lines: usize,
    /// The rows that were asked for.
    pub hunks: Vec<Hunk>,
    /// How many rows come after them.
    pub left: usize,
    /// Names both texts: pages of one diff have it in common.
    pub version: String,
}

/// Rows that belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Hunk {
    /// Number of the first line before the change; 0 when lines have no numbers.
    pub old: usize,
    /// Number of the first line after it; 0 when lines have no numbers.
    pub new: usize,
    /// The line above them that begins something, as git finds it: mostly a function's; none without numbers.
    pub head: Option<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row: its sign (` `, `-`, `+`, or `\` for a remark), its text without the end of the line, and the stretches
/// of it that differ from the line it stands for, in UTF-16 units.
pub type Row = (char, String, Vec<[usize; 2]>);

/// A piece of a text with structure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Block {
    /// What it is: `h`, `p`, `ul`, `ol`, `li`, `code`, `quote`, `table` or `hr`.
    pub b: &'static str,
    /// Level of a heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Number of the first item of an ordered list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// What is written behind the fence of code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Code, as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What a list, an item or a quote holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// What a paragraph or a heading says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// The cells of a table, its head first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Vec<Vec<Span>>>,
}

/// A stretch of text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Span {
    /// What it is: `text`, `code`, `strong`, `em`, `link` or `image`.
    pub s: &'static str,
    /// What text or code says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t: Option<String>,
    /// Where a link or an image leads, with its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// What the others hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
}

/// The requests that wait for an answer to the same as this one, oldest first.
#[must_use]
pub fn identical(board: &Board, id: &ApprovalId) -> Vec<ApprovalId> {
    let Some(one) = board.approvals.get(id) else { return Vec::new() };
    let same = board.pending().into_iter().filter(|a| a.tool == one.tool && a.input == one.input);
    same.map(|a| a.id.clone()).collect()
}
