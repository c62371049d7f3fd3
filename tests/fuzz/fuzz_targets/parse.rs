//! Any text is parsed without a panic, and what is understood has its places inside the line.
//!
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz parse`
#![no_main]

use ccmon::rules::shell::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let Ok(parsed) = parse(line) else { return };
    for one in &parsed.commands {
        assert!(line.get(one.span.clone()).is_some());
        assert!(one.argv.iter().all(|word| line.get(word.span.clone()).is_some()));
        assert!(one.redirects.iter().all(|redirect| line.get(redirect.span.clone()).is_some()));
    }
});
