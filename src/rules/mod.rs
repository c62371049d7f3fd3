//! Rules: what may answer a request without a human, and what is dangerous in one.
//!
//! A [`Rule`] is what a person wrote; a [`Table`] is the rules that are in force, compiled, in order.
//! [`Table::judge`] says what becomes of a call, and why: each simple command of a line is decided by
//! the first rule that matches it, and the line takes the strictest of its parts.
//!
//! Pure: no clock, file, socket, environment or randomness. What has to be looked up on disk (the real
//! path of a file) is an argument.
#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]

mod book;
mod compiled;
mod cover;
mod file;
mod hidden;
mod input;
mod judge;
mod lint;
mod loose;
mod main_text;
mod offer;
mod past;
mod pattern;
mod promote;
mod pure;
mod replay;
pub mod risk;
mod route;
mod rule;
pub mod shell;
mod suggest;
mod wrapper;

pub use book::{Book, Entry, Judged, MOST_RULES, Named, Refused};
pub use file::{ImportError, export, import};
pub use judge::{Call, Decision, Part, Table, Verdict};
pub use lint::{Lint, LintLevel, faults, lint};
pub use main_text::main_text;
pub use offer::{Offer, Offers, offers};
pub use past::{Past, PastOutcome};
pub use pattern::{BadPattern, Pattern};
pub use promote::promote;
pub use replay::{Example, Examples, Fit, Replay, Replaying, Sample, Says};
pub use rule::{Action, Kind, Lasts, Rule};
pub use suggest::{Seen, Suggestion, suggest};
