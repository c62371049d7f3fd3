//! OpenTelemetry: log records and a few metrics, sent as OTLP/HTTP in its JSON encoding to a collector on this
//! machine, which sends them on. Knows no sessions, and no other room.
//!
//! <https://opentelemetry.io/docs/specs/otlp/#otlphttp>: [`body`] is what is said, [`post`] one request, [`export`]
//! batches, patience and what was lost, [`endpoint`] where to.

pub mod body;
pub mod endpoint;
pub mod export;
pub mod post;

#[cfg(test)]
mod tests;

pub use body::{Attribute, Metric, Record, Severity};
pub use endpoint::Endpoint;
pub use export::{Export, Piece, Standing};
pub use post::Collector;
