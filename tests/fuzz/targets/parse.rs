//! Any text is parsed without a panic, and what is understood has its places inside the line.

use ccmon::rules::shell::gate::MAX_COMMANDS;
use ccmon::rules::shell::{Dynamic, Simple, Span, Word, parse};

/// A shell line.
pub fn run(bytes: &[u8]) {
    let Ok(line) = std::str::from_utf8(bytes) else { return };
    let parsed = match parse(line) {
        Ok(parsed) => parsed,
        Err(no) => return assert!(!no.why.is_empty() && no.span.is_none_or(|span| line.get(span).is_some())),
    };
    assert!((1..=MAX_COMMANDS).contains(&parsed.commands.len()));
    assert!(parsed.commands.is_sorted_by_key(|one| one.span.start));
    assert!(parsed.defines.iter().all(|span| line.get(span.clone()).is_some()));
    for (i, one) in parsed.commands.iter().enumerate() {
        assert!(one.place.reads_from.is_none_or(|from| from != i && from < parsed.commands.len()));
        assert!(spans(one).all(|span| line.get(span).is_some()));
        let assigned = one.assignments.iter().map(|assignment| &assignment.value);
        assert!(one.argv.iter().chain(assigned).all(is_honest));
    }
}

fn spans(one: &Simple) -> impl Iterator<Item = Span> {
    let words = one.argv.iter().map(|word| word.span.clone());
    let redirects = one.redirects.iter().map(|redirect| redirect.span.clone());
    let assigned = one.assignments.iter().flat_map(|set| [set.span.clone(), set.value.span.clone()]);
    words.chain(redirects).chain(assigned).chain([one.span.clone()])
}

/// A word is known exactly when nothing in it is left to the shell.
fn is_honest(word: &Word) -> bool {
    let known = word.dynamic.iter().all(|part| *part == Dynamic::HereDocument);
    word.text.is_some() == known && word.sketch.contains('\u{FFFD}') != known
}
