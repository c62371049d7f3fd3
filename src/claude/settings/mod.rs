//! Claude Code's `settings.json`: putting our hooks in, and taking them out again.
//!
//! The file is a person's own, and it is never written anew: every edit is a splice into its text, so
//! that order, unknown keys, comments, indentation and line ends stay. What is pure comes first:
//!
//! - [`scan`]: where in the text each value is; [`style`]: how the file is laid out.
//! - [`events`]: which hooks a client knows; [`command`]: what a hook runs, and which are ours.
//! - [`found`]: our hooks in a document; [`insert`] and [`strip`]: splices that add or remove them.
//! - [`splice`]: edits of a text, and the way back; [`plan`]: from one text to the next, checked.
//!
//! Then what touches the disk: [`file`](mod@file) reads, backs up and replaces it safely, [`record`]
//! remembers how to undo an edit exactly, [`inspect`](mod@inspect) tells `doctor` how things stand.

pub mod change;
pub mod command;
pub mod events;
pub mod file;
pub mod found;
pub mod insert;
pub mod inspect;
pub mod plan;
pub mod record;
pub mod refusal;
pub mod scan;
mod scanner;
pub mod splice;
pub mod strip;
pub mod style;
mod temporary;

#[cfg(test)]
mod odd_tests;
#[cfg(test)]
mod tests;

pub use inspect::{HooksStatus, inspect};
