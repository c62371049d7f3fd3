//! The scanner behind [`scan`](super::scan::scan): reads a text once, from the front, without recursion.

use super::scan::{Child, Gap, Kind, Node, NodeId, unescape};

/// Settings are a few levels deep; more is an accident or an attack.
const MAX_DEPTH: usize = 128;
const MAX_VALUES: usize = 100_000;

/// Every value from `at` on, in the order in which they begin; or where and why it ended.
pub(super) fn nodes(text: &str, at: usize) -> Result<Vec<Node>, (usize, &'static str)> {
    let mut scanner = Scanner { text, at, nodes: Vec::new(), open: Vec::new() };
    match scanner.document() {
        Ok(()) => Ok(scanner.nodes),
        Err(what) => Err((scanner.at, what)),
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    nodes: Vec<Node>,
    /// The objects and arrays that are not closed yet.
    open: Vec<NodeId>,
}

type Scanned<T> = Result<T, &'static str>;

impl Scanner<'_> {
    fn document(&mut self) -> Scanned<()> {
        self.trivia()?;
        self.value()?;
        while let Some(&open) = self.open.last() {
            self.inside(open)?;
        }
        self.trivia()?;
        if self.at < self.text.len() { Err("something follows the end of the document") } else { Ok(()) }
    }

    /// One step inside an object or array: its end, a comma, or the next child.
    fn inside(&mut self, open: NodeId) -> Scanned<()> {
        let gap = self.trivia()?;
        let object = self.nodes[open].kind == Kind::Object;
        if self.eat(if object { b'}' } else { b']' }) {
            self.nodes[open].span.end = self.at;
            self.nodes[open].tail = gap;
            self.open.pop();
            return Ok(());
        }
        let comma = self.at;
        if let Some(last @ Child { comma: None, .. }) = self.nodes[open].children.last_mut() {
            last.comma = Some(comma);
            let wanted = if object { "expected `,` or `}`" } else { "expected `,` or `]`" };
            return if self.eat(b',') { Ok(()) } else { Err(wanted) };
        }
        let start = self.at;
        let key = if object { Some(self.key()?) } else { None };
        let child = Child { key, start, value: self.nodes.len(), gap, comma: None };
        self.nodes[open].children.push(child);
        self.value()
    }

    fn key(&mut self) -> Scanned<String> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err("expected a key in double quotes, or `}`");
        }
        self.string()?;
        let key = unescape(&self.text[start..self.at]);
        self.trivia()?;
        if !self.eat(b':') {
            return Err("expected `:`");
        }
        self.trivia()?;
        Ok(key)
    }

    /// A scalar, whole; of an object or array the opening bracket.
    fn value(&mut self) -> Scanned<()> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b't' | b'f' | b'n') => Kind::Word,
            Some(_) => return Err("expected a value"),
            None => return Err("the document ends too early"),
        };
        if self.nodes.len() >= MAX_VALUES {
            return Err("too many values");
        }
        match kind {
            Kind::Object | Kind::Array => self.opening()?,
            Kind::String => self.string()?,
            Kind::Number => self.number()?,
            Kind::Word => self.word()?,
        }
        let span = start..self.at;
        self.nodes.push(Node { kind, span, children: Vec::new(), tail: Gap::default() });
        Ok(())
    }

    fn opening(&mut self) -> Scanned<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err("nested too deeply");
        }
        self.open.push(self.nodes.len());
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Scanned<()> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err("a string is not closed"),
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(0..0x20) => return Err("a line end or control character inside a string"),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Scanned<()> {
        let rest = &self.text.as_bytes()[self.at + 1..];
        let length = match rest {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [b'u', hex @ ..] if hex.len() >= 4 && hex[..4].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err("an unknown escape inside a string"),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Scanned<()> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _signed = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Scanned<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err("expected a digit") } else { Ok(()) }
    }

    fn word(&mut self) -> Scanned<()> {
        let rest = &self.text[self.at..];
        let found = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word));
        self.at += found.ok_or("expected a value")?.len();
        Ok(())
    }

    /// Skips white space and comments; says where the white space before the next token begins.
    fn trivia(&mut self) -> Scanned<Gap> {
        let mut gap = Gap { at: self.at, after_line_comment: false };
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with([' ', '\t', '\n', '\r']) {
                self.at += 1;
                continue;
            }
            let length = if rest.starts_with("//") {
                rest.find(['\n', '\r']).unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").ok_or("a comment is not closed")? + 2
            } else {
                return Ok(gap);
            };
            gap.after_line_comment = rest.starts_with("//");
            self.at += length;
            gap.at = self.at;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }
}
