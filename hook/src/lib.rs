//! The hook
