//! `ccmon`
fn main() {}
