//! Where in a JSON text each value is.
//!
//! JSON as it should be, and what people write besides: comments, trailing commas, a byte order mark.
//! Anything else is refused, because what is not understood must not be edited. The scanner never
//! recurses and is bounded in depth and in number of values.

use std::fmt;
use std::ops::Range;

use super::scanner;

/// A text and the spans of everything in it.
#[derive(Debug)]
pub struct Doc<'t> {
    /// The text, byte order mark included.
    pub text: &'t str,
    nodes: Vec<Node>,
}

/// A value: its place and, for objects and arrays, what is in it.
#[derive(Debug)]
pub struct Node {
    /// What kind of value it is.
    pub kind: Kind,
    /// From its first byte to after its last.
    pub span: Range<usize>,
    /// Members or elements, in order.
    pub children: Vec<Child>,
    /// The white space before the closing bracket.
    pub tail: Gap,
}

/// A member of an object or an element of an array.
#[derive(Debug)]
pub struct Child {
    /// The key, unescaped; `None` in an array.
    pub key: Option<String>,
    /// Where the key, or else the value, begins.
    pub start: usize,
    /// The value.
    pub value: NodeId,
    /// The white space before it.
    pub gap: Gap,
    /// Where the comma after it is, if there is one.
    pub comma: Option<usize>,
}

/// Where the white space before a token begins: after the token or comment before it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gap {
    /// Its first byte.
    pub at: usize,
    /// Whether a `//` comment ends here: only a newline keeps what follows out of it.
    pub after_line_comment: bool,
}

/// Names a [`Node`] of its [`Doc`].
pub type NodeId = usize;

/// The kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
}

/// Why a text was not understood, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct ScanError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What was expected or is wrong.
    pub what: &'static str,
}

/// The byte order mark that some editors put first.
pub const BOM: char = '\u{feff}';

/// Finds every value in `text`.
///
/// # Errors
/// Where the text stops being JSON with comments and trailing commas, or exceeds the bounds.
pub fn scan(text: &str) -> Result<Doc<'_>, ScanError> {
    let at = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
    let nodes = scanner::nodes(text, at).map_err(|(at, what)| error(text, at, what))?;
    Ok(Doc { text, nodes })
}

impl Doc<'_> {
    /// The outermost value's name.
    pub const ROOT: NodeId = 0;

    /// The value of that name.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// Where `child` ends: after its value, before any comma.
    #[must_use]
    pub fn end(&self, child: &Child) -> usize {
        self.node(child.value).span.end
    }

    /// The value of `key` that a parser would see: the last, if there are several.
    #[must_use]
    pub fn get(&self, object: NodeId, key: &str) -> Option<NodeId> {
        self.members(object, key).last()
    }

    /// The values of all members called `key`.
    pub fn members<'a>(&'a self, object: NodeId, key: &'a str) -> impl Iterator<Item = NodeId> + 'a {
        let node = self.node(object);
        let named = move |child: &&Child| node.kind == Kind::Object && child.key.as_deref() == Some(key);
        node.children.iter().filter(named).map(|child| child.value)
    }

    /// The text of a value as it is written.
    #[must_use]
    pub fn raw(&self, id: NodeId) -> &str {
        &self.text[self.node(id).span.clone()]
    }

    /// What a string says; `None` for other kinds.
    #[must_use]
    pub fn string(&self, id: NodeId) -> Option<String> {
        (self.node(id).kind == Kind::String).then(|| unescape(self.raw(id)))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Word => "true, false or null",
        })
    }
}

/// A string that no other program could read either (half a surrogate pair) stays as it is written.
pub(super) fn unescape(raw: &str) -> String {
    serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned())
}

fn error(text: &str, at: usize, what: &'static str) -> ScanError {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rfind('\n').map_or(before, |newline| &before[newline + 1..]);
    let line = line.trim_start_matches(BOM);
    ScanError { line: before.matches('\n').count() + 1, column: line.chars().count() + 1, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_last_of_duplicate_keys() {
        let doc = scan("\u{feff}{ \"a\": [1, {}], // c\n \"\\u0061\": \"x\\ny\", }").unwrap();
        let root = doc.node(Doc::ROOT);
        assert_eq!(doc.members(Doc::ROOT, "a").map(|id| doc.raw(id)).collect::<Vec<_>>(), ["[1, {}]", "\"x\\ny\""]);
        assert_eq!(doc.string(doc.get(Doc::ROOT, "a").unwrap()).as_deref(), Some("x\ny"));
        assert!(root.children[1].gap.after_line_comment && root.children[1].comma.is_some());
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_place() {
        for (text, expected) in [
            ("", "line 1, column 1: the document ends too early"),
            ("{\n  'a': 1}", "line 2, column 3: expected a key in double quotes, or `}`"),
            ("{\"é\" 1}", "line 1, column 6: expected `:`"),
            ("[1,,2]", "line 1, column 4: expected a value"),
            ("[,]", "line 1, column 2: expected a value"),
            ("[1 2]", "line 1, column 4: expected `,` or `]`"),
            ("{} {}", "line 1, column 4: something follows the end of the document"),
            ("[\"a\nb\"]", "line 1, column 4: a line end or control character inside a string"),
            ("[\"\\x\"]", "line 1, column 3: an unknown escape inside a string"),
            ("[-]", "line 1, column 3: expected a digit"),
            ("[01]", "line 1, column 3: expected `,` or `]`"),
            ("[NaN]", "line 1, column 2: expected a value"),
            ("[nul]", "line 1, column 2: expected a value"),
            ("{} /* ", "line 1, column 4: a comment is not closed"),
            ("[\"a", "line 1, column 4: a string is not closed"),
            ("{é", "line 1, column 2: expected a key in double quotes, or `}`"),
        ] {
            assert_eq!(scan(text).unwrap_err().to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        assert_eq!(scan(&"[".repeat(1_000_000)).unwrap_err().what, "nested too deeply");
        let wide = format!("[{}1]", "1,".repeat(1_000_000));
        assert_eq!(scan(&wide).unwrap_err().what, "too many values");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_scanned_or_refused(text in r#"([\[\]{}:,"\\/*0-9eE. \n\ntrufalsé-]|"a"|//|\PC){0,60}"#) {
            let strict = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            let scanned = scan(&text);
            proptest::prop_assert!(!strict || scanned.is_ok());
        }
    }
}
