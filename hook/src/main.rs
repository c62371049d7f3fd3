//! `ccmon-hook`
fn main() {}
