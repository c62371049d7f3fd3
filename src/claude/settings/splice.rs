//! Edits of a text, and the way back.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Replaces a span of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// What goes; empty to insert.
    pub span: Range<usize>,
    /// What comes.
    pub text: String,
}

/// Takes one [`Splice`] back, in the text that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Where, in the new text.
    at: usize,
    /// How many bytes had come.
    length: usize,
    /// What had gone.
    was: String,
}

impl Splice {
    /// Puts `text` at `at`.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { span: at..at, text: text.into() }
    }

    /// Takes `span` out.
    #[must_use]
    pub fn remove(span: Range<usize>) -> Self {
        Self { span, text: String::new() }
    }
}

/// Makes the edits, and says how to take them back. Several insertions at one place keep their order;
/// removals may overlap.
#[must_use]
pub fn apply(text: &str, mut splices: Vec<Splice>) -> (String, Vec<Undo>) {
    splices.sort_by_key(|splice| splice.span.start);
    let (mut out, mut undo, mut done) = (String::with_capacity(text.len()), Vec::new(), 0);
    for splice in splices {
        let span = splice.span.start.max(done)..splice.span.end.max(done);
        out.push_str(&text[done..span.start]);
        undo.push(Undo { at: out.len(), length: splice.text.len(), was: text[span.clone()].to_owned() });
        out.push_str(&splice.text);
        done = span.end;
    }
    out.push_str(&text[done..]);
    (out, undo)
}

/// The text before the edits that `undo` takes back; `None` if it was written for another text.
#[must_use]
pub fn revert(text: &str, undo: &[Undo]) -> Option<String> {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for step in undo {
        out.push_str(text.get(done..step.at)?);
        out.push_str(&step.was);
        done = step.at.checked_add(step.length)?;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let splices = vec![
            Splice::insert(5, "!"),
            Splice::insert(0, "<"),
            Splice::insert(5, "?"),
            Splice { span: 1..3, text: "-".into() },
            Splice::remove(2..4),
        ];
        let (after, undo) = apply("abcde", splices);
        assert_eq!(after, "<a-e!?");
        assert_eq!(revert(&after, &undo).as_deref(), Some("abcde"));
    }

    #[test]
    fn an_undo_for_another_text_does_nothing() {
        let undo = |at, length| [Undo { at, length, was: String::new() }];
        assert_eq!(revert("é", &undo(1, 0)), None);
        assert_eq!(revert("a", &undo(0, 2)), None);
        assert_eq!(revert("a", &undo(usize::MAX, 2)), None);
    }
}
