//! Rules: what may answer a request without a human, and what is dangerous in one.
//!
//! A [`Rule`] is what a person wrote; a [`Table`] is the rules that are in force, compiled, in order.
//! [`Table::judge`] says what becomes of a call, and why: each simple command of a line is decided by
//! the first rule that matches it, and the line takes the strictest of its parts.
//!
//! Pure: no clock, file, socket, environment or randomness. What has to be looked up on disk (the real
//! path of a file) is an argument.
#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]

mod compiled;
mod cover;
mod hidden;
mod input;
mod judge;
mod loose;
mod pattern;
mod pure;
pub mod risk;
mod route;
mod rule;
pub mod shell;
mod wrapper;

pub use judge::{Call, Decision, Part, Table, Verdict};
pub use pattern::{BadPattern, Pattern};
pub use rule::{Action, Kind, Lasts, Rule};
