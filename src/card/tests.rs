//! Edits of every sort, and the lines that come of them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::diff::{Numbers, diff};
use super::{Content, Diff, File, Found, Row, Window, path_of, written};

const ALL: Window = Window { from: 0, rows: usize::MAX };

fn found(content: Content) -> Found {
    Found { file: File { path: "/p/a".into(), ..File::default() }, content }
}

/// What becomes of a file that holds `now`.
fn become_of(tool: &str, now: &str, input: &Value) -> File {
    written(tool, input, found(Content::Bytes(now.as_bytes().to_vec())), ALL)
}

fn edit(now: &str, input: &Value) -> File {
    become_of("Edit", now, input)
}

/// Rows as `diff -u` writes them.
fn drawn(file: &File) -> String {
    let hunks = file.diff.iter().flat_map(|diff| &diff.hunks);
    hunks.flat_map(|hunk| &hunk.rows).map(|(sign, text, _)| format!("{sign}{text}\n")).collect()
}

#[test]
fn an_edit_is_held_against_the_file() {
    let now: String = (1..=20).map(|n| format!("line {n}\n")).collect();
    let file = edit(&now, &json!({ "old_string": "line 10\n", "new_string": "line ten\nand more\n" }));
    assert_eq!(
        drawn(&file),
        " line 7\n line 8\n line 9\n-line 10\n+line ten\n+and more\n line 11\n line 12\n line 13\n"
    );
    let diff = file.diff.expect("a diff");
    assert_eq!((diff.added, diff.removed, diff.lines, diff.left), (2, 1, 9, 0));
    assert_eq!((diff.hunks[0].old, diff.hunks[0].new, file.problem, file.exists), (7, 7, None, true));
}

#[test]
fn edits_find_what_claude_would_find() {
    let input = |old: &str, new: &str, all: bool| json!({ "old_string": old, "new_string": new, "replace_all": all });
    assert_eq!(drawn(&edit("a b\na\n", &input("a", "c", true))), "-a b\n-a\n+c b\n+c\n");
    // A line that goes takes its end with it.
    assert_eq!(drawn(&edit("x\ny\nz\n", &input("y", "", false))), " x\n-y\n z\n");
    // Written as the file's lines end.
    let crlf = edit("x\r\ny\r\n", &input("x\ny", "x\nz\ny", false));
    assert_eq!(drawn(&crlf), " x\r\n+z\r\n y\r\n");
    for (now, old, why) in [
        ("x\n", "y", "the old text is not in the file as it is now: the edit would fail"),
        ("y y\n", "y", "the old text is in the file 2 times: the edit would fail"),
        ("y\n", "", "the file is there already, and not empty"),
    ] {
        let file = edit(now, &input(old, "w", false));
        assert_eq!(file.problem.as_deref(), Some(why));
        let diff = file.diff.expect("of the strings");
        assert_eq!((diff.hunks[0].old, diff.hunks[0].new), (0, 0), "no line numbers");
        assert!(!drawn(&edit(now, &input(old, "w", false))).contains('\\'), "no end of a file");
    }
    let new = written("Edit", &input("", "hello\n", false), found(Content::Missing), ALL);
    assert_eq!((drawn(&new).as_str(), new.exists, new.problem), ("+hello\n", false, None));
    let no = written("Edit", &input("x", "y", false), found(Content::Missing), ALL);
    assert_eq!(no.problem.as_deref(), Some("the file does not exist: the edit would fail"));
}

/// As 2.1.329 does: the marks of the file stay its own, in what is written too.
#[test]
fn other_quotation_marks_are_found_and_kept() {
    let input = |old: &str, new: &str| json!({ "old_string": old, "new_string": new });
    for (now, old, new, rows) in [
        ("say “hi” now\n", "say \"hi\"", "say \"no\"", "-say “hi” now\n+say “no” now\n"),
        ("it’s ‘so’\n", "it's 'so'", "isn't ('it')", "-it’s ‘so’\n+isn’t (‘it’)\n"),
        // Only the marks that the found text has are put into the new one.
        ("a “b”\n", "a \"b\"", "it's \"c\"", "-a “b”\n+it's “c”\n"),
        ("a 'b'\n", "a ‘b’", "a ‘c’", "-a 'b'\n+a ‘c’\n"),
        // To the letter comes first, wherever it stands.
        ("x “y”\nx \"y\"\n", "x \"y\"", "z", " x “y”\n-x \"y\"\n+z\n"),
    ] {
        let file = edit(now, &input(old, new));
        assert_eq!((drawn(&file).as_str(), file.problem), (rows, None), "{old}");
    }
    let twice = edit("“a” “a”\n", &input("\"a\"", "b"));
    assert!(twice.problem.is_some_and(|why| why.contains("2 times")));
    for (now, old) in [("a  b\n", "a b"), ("a\tb\n", "a b"), ("a–b\n", "a-b"), ("«a»\n", "\"a\""), ("A\n", "a")] {
        assert!(edit(now, &input(old, "c")).problem.is_some(), "{now}");
    }
}

#[test]
fn escaped_letters_are_found_and_kept() {
    let input = |old: &str, new: &str| json!({ "old_string": old, "new_string": new });
    for (now, old, new, rows) in [
        ("né\n", r"n\u00e9", r"n\u00e8", "-né\n+nè\n"),
        (
            r"x = 'n\u00e9'",
            "né",
            "nü",
            "-x = 'n\\u00e9'\n\\No newline at the end of the file\n+x = 'n\\u00fc'\n\\No newline at the end of the file\n",
        ),
        (
            r"x = '\u00C4\uD83D\uDE00'",
            "Ä😀",
            "ÄÖ",
            "-x = '\\u00C4\\uD83D\\uDE00'\n\\No newline at the end of the file\n+x = '\\u00C4\\u00D6'\n\\No newline at the end of the file\n",
        ),
    ] {
        let file = edit(now, &input(old, new));
        assert_eq!((drawn(&file).as_str(), file.problem), (rows, None), "{old}");
    }
    for (now, old) in [(r"n\\u00e9", "né"), ("né", r"n\\u00e9"), (r"n\u00e", "né"), ("n", r"\ud800")] {
        assert!(edit(now, &input(old, "c")).problem.is_some(), "{now}");
    }
    // A file made to be slow is not compared to its end.
    let slow = edit(&r"\u00e9".repeat(100_000), &input(&format!("{}x", "é".repeat(20_000)), "c"));
    assert!(slow.problem.is_some());
}

/// Each of these took minutes, or did not end.
#[test]
fn no_text_is_looked_at_again_and_again() {
    let input = |old: &str, new: &str| json!({ "old_string": old, "new_string": new });
    let backslashes = edit(&format!(r"{}u00e8", r"\".repeat(500_000)), &input(r"\é", "c"));
    assert!(backslashes.problem.is_some_and(|why| why.contains("not in the file")));
    let letters: String = ('一'..).take(20_000).collect();
    let escaped: String = letters.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let many = edit(&escaped, &input(&letters, &"é".repeat(500_000)));
    assert!(many.problem.is_some_and(|why| why.contains("too long to be shown")));
    let same = json!({ "old_string": "a", "new_string": "a" });
    for (times, now) in [(100_000, "a".to_owned()), (100, "a\n".repeat(500_000))] {
        let file = become_of("MultiEdit", &now, &json!({ "edits": vec![same.clone(); times] }));
        assert_eq!(file.problem.as_deref(), Some("these are more edits than are made here"));
    }
}

#[test]
fn lines_say_what_they_are_a_part_of() {
    let body = |from: usize| (from..from + 6).map(|n| format!("    {n};\n")).collect::<String>();
    let now = format!("use x;\nfn one() {{\n{}}}\n\n$ two {}\n{}}}\n", body(10), "é".repeat(100), body(20));
    let file = edit(&now, &json!({ "old_string": "    24;", "new_string": "    0;" }));
    let head = |file: &File| file.diff.as_ref().and_then(|diff| diff.hunks[0].head.clone());
    assert_eq!(head(&file), Some(format!("$ two {}", "é".repeat(74))));
    let first = edit(&now, &json!({ "old_string": "    15;", "new_string": "    0;" }));
    assert_eq!(head(&first).as_deref(), Some("fn one() {"));
    assert_eq!(head(&edit(&now, &json!({ "old_string": "use x", "new_string": "use y" }))), None, "nothing is above");
    assert_eq!(head(&edit(&now, &json!({ "old_string": "no", "new_string": "yes" }))), None, "nobody knows where");
}

/// A short edit can make a file of gigabytes of one of kilobytes.
#[test]
fn what_an_edit_makes_is_bounded() {
    let too_large = "the file becomes too large to be shown";
    let all = edit(
        &"a\n".repeat(100_000),
        &json!({ "old_string": "a", "new_string": "b".repeat(60_000), "replace_all": true }),
    );
    assert_eq!(all.problem.as_deref(), Some(too_large));
    let double = json!({ "old_string": "a", "new_string": "aa", "replace_all": true });
    let doubled = become_of("MultiEdit", "a", &json!({ "edits": vec![double; 60] }));
    assert!(doubled.problem.is_some_and(|why| why.ends_with(too_large)));
}

#[test]
fn many_edits_come_one_after_the_other() {
    let edits = |edits: Value| become_of("MultiEdit", "a\nb\n", &json!({ "edits": edits }));
    let one = json!({ "old_string": "a", "new_string": "c" });
    let file = edits(json!([one, { "old_string": "c", "new_string": "d" }]));
    assert_eq!((drawn(&file).as_str(), file.problem), ("-a\n+d\n b\n", None));
    let file = edits(json!([one, { "old_string": "a", "new_string": "d" }]));
    assert!(file.problem.expect("a problem").starts_with("edit 2 of 2: the old text is not"));
    assert_eq!(edits(json!("x")).problem.as_deref(), Some("the input is not what this tool takes"));
}

#[test]
fn a_cell_of_a_notebook_is_edited() {
    let now = json!({ "cells": [{ "id": "one", "source": ["a\n", "b"] }, { "id": "two", "source": "c" }] }).to_string();
    let cell = |input: Value| become_of("NotebookEdit", &now, &input);
    let file = cell(json!({ "cell_id": "one", "new_source": "a\nx" }));
    assert_eq!(file.part.as_deref(), Some("cell “one”"));
    assert_eq!(drawn(&file), format!(" a\n-b\n\\{0}\n+x\n\\{0}\n", "No newline at the end of the file"));
    let file = cell(json!({ "cell_id": "cell-1", "new_source": "", "edit_mode": "delete" }));
    assert!(drawn(&file).starts_with("-c\n"));
    let file = cell(json!({ "cell_id": "two", "new_source": "n\n", "edit_mode": "insert" }));
    assert_eq!((drawn(&file).as_str(), file.part.as_deref()), ("+n\n", Some("a new cell after “two”")));
    assert!(cell(json!({ "cell_id": "gone", "new_source": "n" })).problem.is_some());
    assert!(cell(json!({ "new_source": "n" })).problem.is_some());
    assert!(become_of("NotebookEdit", "{}", &json!({ "new_source": "n" })).problem.is_some());
}

#[test]
fn what_cannot_be_compared_says_so() {
    let write = |content: Content| written("Write", &json!({ "content": "x\n" }), found(content), ALL);
    for (content, why) in [
        (Content::Bytes(b"a\0b".to_vec()), "the file is binary"),
        (Content::Bytes(b"a\xffb".to_vec()), "the file is not UTF-8 text"),
        (Content::Unread("no".into()), "no"),
    ] {
        let file = write(content);
        assert_eq!((file.problem.as_deref(), drawn(&file).as_str()), (Some(why), "+x\n"));
    }
    let long = edit(&format!("{}\nb\n", "a".repeat(60_000)), &json!({ "old_string": "b", "new_string": "c" }));
    assert_eq!((long.problem.as_deref(), long.diff.is_some()), (Some("a line is too long to be shown here"), true));
    assert_eq!(path_of("Write", &json!({ "file_path": "/x" })), Some("/x"));
    assert_eq!((path_of("Read", &json!({ "file_path": "/x" })), path_of("Edit", &json!({}))), (None, None));
}

#[test]
fn many_lines_are_shown_and_not_compared() {
    let many = |what: &str| (0..40_000).map(|n| format!("{what} {n}\n")).collect::<String>();
    let rows = |old: &str, new: &str| diff(old, new, Numbers::Lines, Window::default()).map(|diff| diff.lines);
    assert_eq!(rows("", &many("a")), Ok(40_000));
    assert_eq!(rows(&many("a"), &many("a").replace("a 7\n", "b\n")), Ok(8));
    assert!(rows(&many("a"), &many("b")).is_err());
}

#[test]
fn words_that_differ_are_marked() {
    let marks = |old: &str, new: &str| {
        let diff = diff(old, new, Numbers::Lines, ALL).expect("short");
        let all = |rows: Vec<Row>| rows.into_iter().filter(|row| row.0 != ' ').map(|row| row.2).collect::<Vec<_>>();
        diff.hunks.into_iter().flat_map(|hunk| all(hunk.rows)).collect::<Vec<_>>()
    };
    assert_eq!(marks("let a = one + b;\n", "let a = two + b;\n"), [[[8, 11]], [[8, 11]]]);
    assert_eq!(marks("😀 x and y\n", "😀 z z and y\n"), [[[3, 4]], [[3, 6]]]);
    assert_eq!(marks("all of it\n", "quite different now\n"), [[[0, 0]; 0], [[0, 0]; 0]]);
    assert_eq!(marks("", "new\n"), [[[0, 0]; 0]]);
}

#[test]
fn a_large_diff_is_paged_and_nothing_of_it_is_lost() {
    let old: String = (0..5_000).map(|n| format!("{n:016} {}\n", n * 7 % 13)).collect();
    let new: String = (0..5_000)
        .map(|n| if n % 3 == 0 { format!("{n:016} x\n") } else { format!("{n:016} {}\n", n * 7 % 13) })
        .collect();
    let whole = diff(&old, &new, Numbers::Lines, ALL).expect("a diff");
    let (mut from, mut rows) = (0, Vec::new());
    loop {
        let page = diff(&old, &new, Numbers::Lines, Window { from, rows: 333 }).expect("a diff");
        assert_eq!((page.lines, &page.version), (whole.lines, &whole.version));
        rows.extend(page.hunks.iter().flat_map(numbered));
        from += page.hunks.iter().map(|hunk| hunk.rows.len()).sum::<usize>();
        assert_eq!(page.left, whole.lines - from);
        if page.left == 0 {
            break;
        }
    }
    assert!(whole.left > 0, "a page holds so many bytes, and no more");
    assert_eq!(rows.len(), whole.lines);
    assert_eq!(rows[..1_000], whole.hunks.iter().flat_map(numbered).take(1_000).collect::<Vec<_>>());
}

/// Rows with the numbers that the page gives them.
fn numbered(hunk: &super::Hunk) -> Vec<(usize, Row)> {
    let (mut old, mut new) = (hunk.old, hunk.new);
    let number = |row: &Row| {
        let number = if row.0 == '-' { old } else { new };
        old += usize::from(matches!(row.0, ' ' | '-'));
        new += usize::from(matches!(row.0, ' ' | '+'));
        (number, row.clone())
    };
    hunk.rows.iter().map(number).collect()
}

/// The text after the change: the one before it, with the rows put in their places.
fn patched(old: &str, diff: &Diff) -> String {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let (mut out, mut at) = (String::new(), 0);
    for hunk in &diff.hunks {
        out.extend(lines[at..hunk.old - 1].iter().copied());
        at = hunk.old - 1;
        for (i, (sign, text, _)) in hunk.rows.iter().enumerate() {
            let ends = hunk.rows.get(i + 1).is_none_or(|next| next.0 != '\\');
            let line = format!("{text}{}", if ends { "\n" } else { "" });
            at += usize::from(matches!(sign, ' ' | '-'));
            match sign {
                // Of an equal line at the end nobody says how it ends.
                ' ' => out.push_str(lines[at - 1]),
                '+' => out.push_str(&line),
                '-' => assert_eq!(line, lines[at - 1]),
                _ => {}
            }
        }
    }
    out.extend(lines[at..].iter().copied());
    out
}

proptest! {
    #[test]
    fn a_diff_put_onto_the_old_text_is_the_new_one(
        old in "([a-c ]{0,3}(\r)?\n){0,20}[a-c]{0,2}",
        new in "([a-c ]{0,3}(\r)?\n){0,20}[a-c]{0,2}",
    ) {
        let diff = diff(&old, &new, Numbers::Lines, ALL).expect("short");
        prop_assert_eq!(patched(&old, &diff), new.clone());
        prop_assert_eq!(diff.hunks.is_empty(), old == new);
        let sizes: usize = diff.hunks.iter().flat_map(|hunk| &hunk.rows).map(|row| row.2.len()).sum();
        prop_assert!(sizes <= old.len() + new.len());
    }

    #[test]
    fn an_edit_never_panics_and_marks_are_in_their_lines(
        now in "\\PC{0,40}\n?\\PC{0,40}", old in "\\PC{0,6}", new in "\\PC{0,20}", all in any::<bool>(),
    ) {
        let file = edit(&now, &json!({ "old_string": old, "new_string": new, "replace_all": all }));
        for row in file.diff.iter().flat_map(|diff| &diff.hunks).flat_map(|hunk| &hunk.rows) {
            let units = row.1.encode_utf16().count();
            prop_assert!(row.2.iter().all(|[from, to]| from < to && *to <= units), "{:?}", row);
        }
    }
}
