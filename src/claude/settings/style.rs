//! How a settings file is laid out, so that what we add looks like the rest.

use serde_json::Value;

use super::scan::{Child, Doc, NodeId};

/// The habits of a whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    newline: &'static str,
    /// One step of indentation.
    unit: String,
    /// Whether a space follows `:` and, on one line, `,`.
    spaced: bool,
}

/// How the children of one object or array stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Each on a line of its own.
    Lines {
        /// The indentation of the children.
        inner: String,
        /// The indentation of the closing bracket.
        outer: String,
    },
    /// All on one line.
    Inline,
}

impl Default for Style {
    /// What Claude Code itself writes.
    fn default() -> Self {
        Self { newline: "\n", unit: "  ".into(), spaced: true }
    }
}

impl Style {
    /// The habits of the file that `doc` is.
    #[must_use]
    pub fn of(doc: &Doc<'_>) -> Self {
        let default = Self::default();
        let crlf = doc.text.find('\n').is_some_and(|at| doc.text[..at].ends_with('\r'));
        let first = doc.node(Doc::ROOT).children.first();
        let unit = first.and_then(|child| own_line(doc, child)).map(str::to_owned);
        let value = first.map(|child| doc.node(child.value).span.start);
        Self {
            newline: if crlf { "\r\n" } else { "\n" },
            unit: unit.unwrap_or(default.unit),
            spaced: value.is_none_or(|at| doc.text[..at].ends_with(char::is_whitespace)),
        }
    }

    /// How the children of `id` stand, or would if it had any; `parent` is the layout around it.
    #[must_use]
    pub fn layout(&self, doc: &Doc<'_>, id: NodeId, parent: &Layout) -> Layout {
        match (doc.node(id).children.last(), parent) {
            (Some(child), _) => own_line(doc, child).map_or(Layout::Inline, Layout::lines),
            (None, Layout::Lines { inner, .. }) => self.nested(inner),
            (None, Layout::Inline) => Layout::Inline,
        }
    }

    /// The layout inside something that stands on a line indented by `outer`.
    #[must_use]
    pub fn nested(&self, outer: &str) -> Layout {
        Layout::Lines { inner: format!("{outer}{}", self.unit), outer: outer.to_owned() }
    }

    /// What separates a child from what stands before it. `first`: the opening bracket does.
    #[must_use]
    pub fn lead(&self, layout: &Layout, first: bool) -> String {
        match layout {
            Layout::Lines { inner, .. } => format!("{}{inner}", self.newline),
            Layout::Inline if first || !self.spaced => String::new(),
            Layout::Inline => " ".to_owned(),
        }
    }

    /// What goes before the closing bracket of something that was empty.
    #[must_use]
    pub fn close(&self, layout: &Layout) -> String {
        match layout {
            Layout::Lines { outer, .. } => format!("{}{outer}", self.newline),
            Layout::Inline => String::new(),
        }
    }

    /// The line end.
    #[must_use]
    pub fn newline(&self) -> &'static str {
        self.newline
    }

    /// `value` (and its key) as text for a place with this layout.
    #[must_use]
    pub fn write(&self, key: Option<&str>, value: &Value, layout: &Layout) -> String {
        let colon = if self.spaced { ": " } else { ":" };
        let key = key.map(|key| format!("{}{colon}", Value::from(key))).unwrap_or_default();
        key + &self.value(value, layout)
    }

    fn value(&self, value: &Value, around: &Layout) -> String {
        let inside = match around {
            Layout::Lines { inner, .. } => self.nested(inner),
            Layout::Inline => Layout::Inline,
        };
        let children: Vec<String> = match value {
            Value::Object(map) => map.iter().map(|(key, value)| self.write(Some(key), value, &inside)).collect(),
            Value::Array(list) => list.iter().map(|value| self.write(None, value, &inside)).collect(),
            scalar => return scalar.to_string(),
        };
        let (open, close) = if value.is_object() { ('{', '}') } else { ('[', ']') };
        if children.is_empty() {
            return format!("{open}{close}");
        }
        let lead = self.lead(&inside, true);
        let between = format!(",{}", self.lead(&inside, false));
        format!("{open}{lead}{}{}{close}", children.join(&between), self.close(&inside))
    }
}

impl Layout {
    /// The layout around a whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::lines("")
    }

    fn lines(inner: &str) -> Self {
        // Asked only where something stands already, whose closing bracket has its place.
        Self::Lines { inner: inner.to_owned(), outer: String::new() }
    }
}

/// The indentation of a child that stands on a line of its own.
fn own_line<'t>(doc: &Doc<'t>, child: &Child) -> Option<&'t str> {
    let gap = &doc.text[child.gap.at..child.start];
    gap.rfind('\n').map(|newline| &gap[newline + 1..])
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::*;

    fn style(text: &str) -> Style {
        Style::of(&scan(text).unwrap())
    }

    #[test]
    fn habits_are_those_of_the_file() {
        assert_eq!(style("{}"), Style::default());
        assert_eq!(style("{\n\t\"a\": 1\n}").unit, "\t");
        assert_eq!(style("{\r\n    \"a\": 1\r\n}").newline, "\r\n");
        assert!(!style("{\"a\":1}").spaced);
        assert!(style("{\"a\": 1}").spaced);
    }

    #[test]
    fn values_are_written_on_lines_or_on_one() {
        let value = serde_json::json!({"a": [1, "x"], "b": {}});
        let style = Style::default();
        assert_eq!(style.write(None, &value, &Layout::Inline), r#"{"a": [1, "x"], "b": {}}"#);
        let lines = style.nested("");
        let expected = "\"k\": {\n    \"a\": [\n      1,\n      \"x\"\n    ],\n    \"b\": {}\n  }";
        assert_eq!(style.write(Some("k"), &value, &lines), expected);
    }
}
