//! What a Bash line would run, beside what bash does run.
//!
//! `tests/data/shell/*.jsonl` has the cases: `{"line": …, "commands": [[…]] | null}`. A word is written as
//! its sketch, with `\u{FFFD}` for what only the shell knows; `null` is a line that must not be understood.

mod bash;
mod soup;

use std::path::Path;

use ccmon::rules::shell::{Dynamic, Line, Place, RedirectKind, Span, Word, parse};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    line: String,
    commands: Option<Vec<Vec<String>>>,
}

fn cases() -> Vec<Case> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/shell");
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    texts.flat_map(|text| text.lines().map(|row| serde_json::from_str(row).unwrap()).collect::<Vec<Case>>()).collect()
}

fn argv(line: &Line) -> Vec<Vec<String>> {
    let words = |words: &[Word]| words.iter().map(|word| word.sketch.clone()).collect();
    line.commands.iter().map(|one| words(&one.argv)).collect()
}

#[test]
fn cases_hold() {
    let cases = cases();
    assert!(cases.len() >= 150, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let seen = parse(&case.line);
        if seen.as_ref().ok().map(argv) != case.commands {
            wrong.push(format!(
                "{:?}\n  expected {:?}\n  seen {:?}",
                case.line,
                case.commands,
                seen.map(|line| argv(&line))
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    cases.iter().for_each(|case| sound(&case.line));
}

/// What holds for every line that is understood.
fn sound(line: &str) {
    let parsed = match parse(line) {
        Ok(parsed) => parsed,
        Err(no) => return assert!(no.span.is_none_or(|span| line.get(span).is_some()), "{line:?}"),
    };
    let mut last = 0;
    for (i, one) in parsed.commands.iter().enumerate() {
        assert!(line.get(one.span.clone()).is_some(), "{line:?}: {:?}", one.span);
        assert!(one.span.start >= last, "{line:?}: not in order");
        last = one.span.start;
        assert!(one.place.reads_from.is_none_or(|from| from != i && from < parsed.commands.len()), "{line:?}");
        let assigned = one.assignments.iter().map(|assignment| &assignment.value);
        for word in one.argv.iter().chain(assigned) {
            assert!(line.get(word.span.clone()).is_some(), "{line:?}: {word:?}");
            let known = word.dynamic.iter().all(|part| *part == Dynamic::HereDocument);
            assert_eq!(word.text.is_some(), known, "{line:?}: {word:?}");
            assert_eq!(word.sketch.contains('\u{FFFD}'), !known, "{line:?}: {word:?}");
        }
        assert!(one.redirects.iter().all(|redirect| line.get(redirect.span.clone()).is_some()), "{line:?}");
    }
    assert!(parsed.defines.iter().all(|span| line.get(span.clone()).is_some()), "{line:?}");
}

proptest! {
    #[test]
    fn any_text_is_survived(line in any::<String>()) {
        sound(&line);
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        sound(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_tokens_are_survived(line in soup::tokens()) {
        sound(&line);
    }

    #[test]
    fn changed_cases_are_survived(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), cut in 0..4_usize, token in soup::token()) {
        let cases = cases();
        let chars: Vec<char> = cases[pick.index(cases.len())].line.chars().collect();
        let at = at.index(chars.len() + 1);
        let rest = chars.iter().skip(at + cut);
        let line: String = chars.iter().take(at).copied().chain(token.chars()).chain(rest.copied()).collect();
        sound(&line);
    }
}

fn only(line: &str) -> Line {
    parse(line).unwrap_or_else(|no| panic!("{line:?}: {no:?}"))
}

#[test]
fn places_tell_how_a_command_is_reached() {
    let line = only("a $(b | c) | { d; e; } & if f; then g; fi");
    let place = |i: usize| &line.commands[i].place;
    assert_eq!(line.commands.len(), 7);
    assert_eq!(*place(0), Place { piped_on: true, background: true, ..Place::default() });
    assert_eq!(*place(1), Place { piped_on: true, substituted: true, background: true, ..Place::default() });
    assert_eq!(*place(2), Place { reads_from: Some(1), substituted: true, background: true, ..Place::default() });
    assert_eq!(*place(3), Place { reads_from: Some(0), background: true, ..Place::default() });
    assert_eq!(place(3), place(4));
    assert_eq!(*place(5), Place { nested: true, ..Place::default() });
    assert_eq!(place(5), place(6));
}

#[test]
fn redirects_of_a_compound_command_are_its_parts_too() {
    let line = only("{ a; b >in; } >out 2>&1");
    let targets = |i: usize| -> Vec<String> {
        let one = |kind: &RedirectKind| match kind {
            RedirectKind::Write(word) => word.sketch.clone(),
            _ => "-".to_owned(),
        };
        line.commands[i].redirects.iter().map(|redirect| one(&redirect.kind)).collect()
    };
    assert_eq!(targets(0), ["out", "-"]);
    assert_eq!(targets(1), ["out", "-", "in"]);
    assert_eq!(argv(&only("a && b >f")), [["a"], ["b"]]);
    assert!(only("a && b >f").commands[0].redirects.is_empty());
}

#[test]
fn words_say_what_makes_them_unknown() {
    let line = only("a \"$x\" $x ${x@P} \"$(b)\" <(c) *.rs ~/x 'lit' {p,q}");
    let words = &line.commands[0].argv;
    let dynamic: Vec<_> = words.iter().skip(1).take(5).map(|word| word.dynamic.clone()).collect();
    assert_eq!(
        dynamic,
        [
            vec![Dynamic::Variable { quoted: true }],
            vec![Dynamic::Variable { quoted: false }],
            vec![Dynamic::Expansion],
            vec![Dynamic::Command],
            vec![Dynamic::Process],
        ]
    );
    let expands: Vec<bool> = words.iter().skip(6).map(|word| word.expands).collect();
    assert_eq!(expands, [true, true, false, true]);
}

#[test]
fn the_commit_idiom_is_literal() {
    let line = only("git commit -m \"$(cat <<'EOF'\nfeat: x\n\n$(not run) `nor` this\nEOF\n)\"");
    let message = &line.commands[0].argv[3];
    assert_eq!(message.text.as_deref(), Some("feat: x\n\n$(not run) `nor` this"));
    assert_eq!(message.dynamic, [Dynamic::HereDocument]);
    assert_eq!(line.commands[1].name(), Some("cat"));
    assert_eq!(only("a \"$(cat <<EOF\nx\nEOF\n)\"").commands[0].argv[1].text, None);
}

#[test]
fn functions_are_visible() {
    assert_eq!(only("x; f() { y; }; f").defines, vec![Span { start: 3, end: 13 }]);
    assert!(only("x; y").defines.is_empty());
}

#[test]
fn the_reason_has_a_place() {
    let no = parse("git status && (( x++ ))").unwrap_err();
    assert_eq!((no.why.as_str(), no.span), ("syntax that is not read here: ((", Some(14..16)));
}
