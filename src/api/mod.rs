//! The HTTP API.
mod hub;
pub use hub::{About, Ask, Change, EventQuery, Held, History, Hub, Order, StoredEvent};
