//! ccmon
pub mod api;
pub mod claude;
pub mod core;
