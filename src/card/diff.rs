//! Two texts as the lines that differ, with what stands around them; a page of it at a time.

use std::ops::Range;

use sha2::{Digest, Sha256};
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use super::words::marks;
use super::{Diff, Hunk, Row, Window};

/// How many equal lines stand around a change.
const CONTEXT: usize = 3;
/// More lines than this, of both texts, are not shown.
const MOST_LINES: usize = 400_000;
/// More than this, from the first that differs to the last, are not compared: it would take seconds.
const MOST_COMPARED: usize = 60_000;
/// A longer line is not shown, in bytes.
const LONGEST_LINE: usize = 50_000;
/// A page ends with the line that brings it over this, in bytes.
const PAGE: usize = 100_000;
/// So much of the line that a part is under, in characters; as git.
const LONGEST_HEAD: usize = 80;
/// What stands for the end that a last line has not.
const NO_END: &str = "No newline at the end of the file";

/// Whether lines have numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Those of the file.
    Lines,
    /// None: nobody knows where in a file they stand.
    None,
}

/// Lines with one sign, one after the other.
struct Stretch {
    sign: char,
    /// Of the text after the change; of the one before it, when they are taken away.
    lines: Range<usize>,
    /// A remark follows them: the last has no end.
    remark: bool,
    /// The change that they are part of.
    change: Option<(Range<usize>, Range<usize>)>,
}

impl Stretch {
    fn len(&self) -> usize {
        self.lines.len() + usize::from(self.remark)
    }
}

/// How `old` becomes `new`; or why that cannot be shown, in words.
pub fn diff(old: &str, new: &str, numbers: Numbers, window: Window) -> Result<Diff, String> {
    let lines = |text| str::split_inclusive(text, '\n').collect();
    let texts = Texts { old: lines(old), new: lines(new), ends: numbers == Numbers::Lines };
    if texts.old.len() + texts.new.len() > MOST_LINES || texts.differing() > MOST_COMPARED {
        return Err("these are more lines than are compared here".to_owned());
    }
    let groups = group_diff_ops(capture_diff_slices(Algorithm::Myers, &texts.old, &texts.new), CONTEXT);
    let groups: Vec<(&DiffOp, Vec<Stretch>)> =
        groups.iter().filter_map(|ops| Some((ops.first()?, texts.stretches(ops)))).collect();
    let groups: Vec<_> = groups.into_iter().filter(|(_, all)| all.iter().any(|s| s.sign != ' ')).collect();
    let stretches = || groups.iter().flat_map(|(_, stretches)| stretches);
    if stretches().any(|stretch| texts.lines(stretch).iter().any(|line| line.len() > LONGEST_LINE)) {
        return Err("a line is too long to be shown here".to_owned());
    }
    let count = |sign: char| stretches().filter(|s| s.sign == sign).map(|s| s.lines.len()).sum();
    let lines = stretches().map(Stretch::len).sum();
    let mut page = Page { texts: &texts, numbers, skip: window.from, rows: window.rows, bytes: PAGE };
    let hunks = groups.iter().filter_map(|(first, stretches)| page.hunk(first, stretches)).collect::<Vec<_>>();
    let shown: usize = hunks.iter().map(|hunk| hunk.rows.len()).sum();
    let left = lines - window.from.min(lines) - shown;
    Ok(Diff { added: count('+'), removed: count('-'), lines, hunks, left, version: version(old, new) })
}

fn version(old: &str, new: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(old.len().to_le_bytes());
    hash.update(old);
    hash.update(new);
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

struct Texts<'a> {
    old: Vec<&'a str>,
    new: Vec<&'a str>,
    /// They end where a file ends.
    ends: bool,
}

impl<'a> Texts<'a> {
    fn lines(&self, stretch: &Stretch) -> &[&'a str] {
        if stretch.sign == '-' { &self.old[stretch.lines.clone()] } else { &self.new[stretch.lines.clone()] }
    }

    /// What the lines from `at` on are a part of: the nearest above them that begins with a letter, `_` or `$`.
    fn head(&self, at: usize) -> Option<String> {
        let begins = |line: &&&str| line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$');
        let line = self.old[..at.min(self.old.len())].iter().rev().find(begins)?;
        Some(line.trim_end().chars().take(LONGEST_HEAD).collect())
    }

    /// How many lines there are from the first that differs to the last; none when one text has all of the other's.
    fn differing(&self) -> usize {
        let same = |(old, new): &(&&str, &&str)| old == new;
        let before = self.old.iter().zip(&self.new).take_while(same).count();
        let (old, new) = (&self.old[before..], &self.new[before..]);
        let after = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
        let (old, new) = (old.len() - after, new.len() - after);
        if old == 0 || new == 0 { 0 } else { old + new }
    }

    fn stretches(&self, ops: &[DiffOp]) -> Vec<Stretch> {
        let mut all = Vec::new();
        for op in ops {
            let (tag, old, new) = op.as_tag_tuple();
            let change = Some((old.clone(), new.clone())).filter(|_| tag == DiffTag::Replace);
            if tag == DiffTag::Equal {
                all.push(Stretch { sign: ' ', lines: new, remark: false, change });
                continue;
            }
            for (sign, lines, of) in [('-', old, &self.old), ('+', new, &self.new)] {
                let remark = self.ends && of[lines.clone()].last().is_some_and(|line| !line.ends_with('\n'));
                let change = change.clone();
                all.extend(Some(Stretch { sign, lines, remark, change }).filter(|stretch| !stretch.lines.is_empty()));
            }
        }
        all
    }
}

/// What goes onto a page yet.
struct Page<'a> {
    texts: &'a Texts<'a>,
    numbers: Numbers,
    /// So many rows come before it.
    skip: usize,
    rows: usize,
    bytes: usize,
}

impl Page<'_> {
    /// The part of these rows that is on the page.
    fn hunk(&mut self, first: &DiffOp, stretches: &[Stretch]) -> Option<Hunk> {
        let all: usize = stretches.iter().map(Stretch::len).sum();
        if self.skip >= all || self.rows == 0 {
            self.skip -= self.skip.min(all);
            return None;
        }
        let (mut old, mut new) = (first.old_range().start + 1, first.new_range().start + 1);
        let mut hunk = Hunk::default();
        for stretch in stretches {
            let before = self.skip.min(stretch.len());
            self.skip -= before;
            if hunk.rows.is_empty() {
                let lines = before.min(stretch.lines.len());
                old += if stretch.sign == '+' { 0 } else { lines };
                new += if stretch.sign == '-' { 0 } else { lines };
            }
            self.fill(stretch, before, &mut hunk.rows);
        }
        if self.numbers == Numbers::Lines {
            (hunk.old, hunk.new) = (old, new);
            hunk.head = self.texts.head(old - 1);
        }
        Some(hunk)
    }

    fn fill(&mut self, stretch: &Stretch, from: usize, rows: &mut Vec<Row>) {
        if self.rows == 0 || from >= stretch.len() {
            return;
        }
        let lines = self.texts.lines(stretch);
        let mut marked = self.marks(stretch);
        for at in from..stretch.len() {
            if self.rows == 0 {
                return;
            }
            let text = lines.get(at).map(|line| line.strip_suffix('\n').unwrap_or(line));
            let marks = marked.get_mut(at).map(std::mem::take).unwrap_or_default();
            rows.push(text.map_or(('\\', NO_END.to_owned(), vec![]), |text| (stretch.sign, text.to_owned(), marks)));
            self.bytes = self.bytes.saturating_sub(text.map_or(0, str::len));
            self.rows = if self.bytes == 0 { 0 } else { self.rows - 1 };
        }
    }

    /// What differs inside of the lines of a change.
    fn marks(&self, stretch: &Stretch) -> Vec<Vec<[usize; 2]>> {
        let Some((old, new)) = &stretch.change else { return Vec::new() };
        let [removed, added] = marks(&self.texts.old[old.clone()], &self.texts.new[new.clone()]);
        if stretch.sign == '-' { removed } else { added }
    }
}
