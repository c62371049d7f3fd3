//! ccmon
