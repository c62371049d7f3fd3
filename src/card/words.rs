//! What differs inside of lines that stand for each other.

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// In a change of more words than this nothing is marked.
const MOST: usize = 6_000;
/// Nor where less than one in so many characters stays: everything would be.
const STAYS: usize = 5;

/// Stretches of a line, in UTF-16 units.
type Marks = Vec<[usize; 2]>;

/// A word, a run of spaces, or any other character.
struct Word<'a> {
    text: &'a str,
    line: usize,
    /// Where it is in its line, in UTF-16 units.
    at: usize,
    changed: bool,
}

impl Word<'_> {
    fn is_space(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// The stretches that differ, of each line before and of each line after.
pub fn marks(old: &[&str], new: &[&str]) -> [Vec<Marks>; 2] {
    let none = [Vec::new(), Vec::new()];
    let (Some(mut before), Some(mut after)) = (words(old), words(new)) else { return none };
    let texts = |words: &[Word]| words.iter().map(|word| word.text.to_owned()).collect::<Vec<_>>();
    let ops = capture_diff_slices(Algorithm::Myers, &texts(&before), &texts(&after));
    for (at, op) in ops.iter().enumerate() {
        let spaces = op.tag() == DiffTag::Equal
            && before[op.old_range()].iter().all(|word| word.text.trim_matches(' ').is_empty());
        // A space between two words that differ belongs to them.
        if op.tag() != DiffTag::Equal || (spaces && at > 0 && at + 1 < ops.len()) {
            before[op.old_range()].iter_mut().for_each(|word| word.changed = true);
            after[op.new_range()].iter_mut().for_each(|word| word.changed = true);
        }
    }
    if is_all_new(&before) || is_all_new(&after) {
        none
    } else {
        [joined(&before, old.len()), joined(&after, new.len())]
    }
}

/// Hardly anything stays.
fn is_all_new(words: &[Word]) -> bool {
    let length =
        |words: &mut dyn Iterator<Item = &Word>| words.filter(|w| !w.is_space()).map(|w| w.text.len()).sum::<usize>();
    let (all, stay) = (length(&mut words.iter()), length(&mut words.iter().filter(|word| !word.changed)));
    stay * STAYS < all
}

/// Neighbours that differ are one stretch, without the spaces at its ends.
fn joined(words: &[Word], lines: usize) -> Vec<Marks> {
    let mut all = vec![Marks::new(); lines];
    for run in words.chunk_by(|a, b| a.line == b.line && a.changed == b.changed).filter(|run| run[0].changed) {
        let mut run = run;
        while let [first, rest @ ..] = run
            && first.is_space()
            && !rest.is_empty()
        {
            run = rest;
        }
        while let [rest @ .., last] = run
            && last.is_space()
            && !rest.is_empty()
        {
            run = rest;
        }
        if let ([first, ..], [.., last]) = (run, run)
            && last.text != "\n"
        {
            all[first.line].push([first.at, last.at + units(last.text)]);
        }
    }
    all
}

/// The words of lines; none when they are too many.
fn words<'a>(lines: &[&'a str]) -> Option<Vec<Word<'a>>> {
    let mut all = Vec::new();
    for (line, text) in lines.iter().enumerate() {
        let (mut at, mut rest) = (0, *text);
        while let Some(first) = rest.chars().next() {
            let same = |c: char| class(c) != 0 && class(c) == class(first);
            let end = rest.char_indices().skip(1).find(|(_, c)| !same(*c)).map_or(rest.len(), |(end, _)| end);
            let (text, more) = rest.split_at(end);
            all.push(Word { text, line, at, changed: false });
            (at, rest) = (at + units(text), more);
        }
        if all.len() > MOST {
            return None;
        }
    }
    Some(all)
}

/// Characters of one class are one word; each of class 0 is its own.
fn class(c: char) -> u8 {
    match c {
        '\n' => 0,
        _ if c.is_alphanumeric() || c == '_' => 1,
        _ if c.is_whitespace() => 2,
        _ => 0,
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
