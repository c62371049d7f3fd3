//! `ccmon-tray`
fn main() {}
