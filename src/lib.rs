//! ccmon
pub mod core;
