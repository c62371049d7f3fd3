//! Rules: what may answer a request without a human, and what is dangerous in one.
//!
//! Pure: no clock, file, socket, environment or randomness. What has to be looked up on disk (the real
//! path of a file) is an argument.
#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod risk;
pub mod shell;
