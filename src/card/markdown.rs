//! Markdown as blocks: of a plan that somebody reads before they say yes to it. What no renderer would show (raw
//! HTML, the definitions of links) is shown as it is written, and links with their address.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use super::{Block, Span};

/// A text longer than this stays as it is, in bytes.
const LONGEST: usize = 400_000;
/// What is deeper inside of lists, quotes and emphasis than this is drawn as if it were not.
const DEEPEST: usize = 24;

/// The blocks of a text; none of one that is too long.
#[must_use]
pub fn blocks(text: &str) -> Option<Vec<Block>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut builder = Builder { text, frames: vec![Frame::new(Block::default(), 0)], pushed: Vec::new() };
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        builder.take(event, range);
    }
    builder.gap(text.len());
    builder.frames.into_iter().next().map(|root| root.block.blocks)
}

/// All that is open: the text itself, and what in it holds what comes next.
struct Builder<'a> {
    text: &'a str,
    frames: Vec<Frame>,
    /// Whether each tag that is open has a frame.
    pushed: Vec<bool>,
}

/// A block, or a span in the clothes of one.
struct Frame {
    block: Block,
    href: Option<String>,
    /// Up to where the text was taken in.
    at: usize,
    /// Its last block is a paragraph that no tag began.
    loose: bool,
}

impl Frame {
    fn new(block: Block, at: usize) -> Self {
        Self { block, href: None, at, loose: false }
    }

    /// What it holds are blocks.
    fn is_container(&self) -> bool {
        matches!(self.block.b, "" | "ul" | "ol" | "li" | "quote")
    }
}

impl Builder<'_> {
    fn take(&mut self, event: Event, range: Range<usize>) {
        if !matches!(event, Event::End(_)) {
            self.gap(range.start);
        }
        match event {
            Event::Start(tag) => return self.start(&tag, range.start),
            Event::End(_) => self.end(range.end),
            Event::Rule => self.push(Block { b: "hr", ..Block::default() }),
            Event::Code(code) => self.span(Span { s: "code", t: Some(code.into_string()), ..Span::default() }),
            Event::SoftBreak => self.words(" "),
            Event::HardBreak => self.words("\n"),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.words(&text),
            // Of what is not turned on.
            _ => self.words(&self.text[range.clone()]),
        }
        self.top().at = range.end;
    }

    fn start(&mut self, tag: &Tag, at: usize) {
        let deep = self.frames.len() > DEEPEST;
        let frame = framed(tag, at).filter(|frame| match frame.block.b {
            "li" => self.top().block.b.len() == 2 && self.pushed.last() == Some(&true),
            "ul" | "ol" | "quote" | "strong" | "em" | "link" | "image" => !deep,
            _ => true,
        });
        self.pushed.push(frame.is_some());
        match (frame, tag) {
            (Some(frame), _) => self.frames.push(frame),
            (None, Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => self.words(&format!("({dest_url}) ")),
            (None, _) => self.top().at = at,
        }
    }

    fn end(&mut self, at: usize) {
        if self.pushed.pop() != Some(true) {
            return;
        }
        let cells_end = self.top().at;
        self.gap(at);
        let Some(Frame { block, href, .. }) = self.frames.pop() else { return };
        match block.b {
            "cell" => {
                self.top().block.rows[0].push(block.spans);
                self.top().at = at;
            }
            "row" => {
                let mut cells = block.rows.into_iter().next().unwrap_or_default();
                // The parser leaves out cells beyond the head's width.
                let beyond =
                    self.text.get(cells_end..at).unwrap_or_default().trim_matches(['|', ' ', '\t', '\n', '\r']);
                if !beyond.is_empty() {
                    cells.push(vec![Span { s: "text", t: Some(beyond.to_owned()), ..Span::default() }]);
                }
                // A table is filled up to its head's width: with nothing to say.
                cells.truncate(cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1));
                self.top().block.rows.push(cells);
            }
            s @ ("strong" | "em" | "link" | "image") => self.span(Span { s, t: None, href, spans: block.spans }),
            _ => self.push(block),
        }
    }

    /// What a container holds before `to`, and nothing told of: definitions of links. Marks of lists and quotes
    /// are passed over.
    fn gap(&mut self, to: usize) {
        let root = self.frames.len() == 1;
        let frame = self.top();
        let (container, from) = (frame.is_container(), frame.at);
        frame.at = frame.at.max(to);
        let left = self.text.get(from..to).unwrap_or_default().trim();
        if container && !left.is_empty() && (root || left.contains("]:")) {
            let text = left.to_owned();
            self.push(Block { b: "code", text: Some(text), ..Block::default() });
        }
    }

    fn words(&mut self, words: &str) {
        let block = &mut self.top().block;
        if block.b == "code" {
            block.text.get_or_insert_default().push_str(words);
            return;
        }
        self.span(Span { s: "text", t: Some(words.to_owned()), ..Span::default() });
    }

    /// A span goes where spans go; in a container, into a paragraph of its own.
    fn span(&mut self, span: Span) {
        let frame = self.top();
        if !frame.is_container() {
            return join(&mut frame.block.spans, span);
        }
        if !frame.loose {
            frame.block.blocks.push(Block { b: "p", ..Block::default() });
            frame.loose = true;
        }
        if let Some(paragraph) = frame.block.blocks.last_mut() {
            join(&mut paragraph.spans, span);
        }
    }

    fn push(&mut self, block: Block) {
        let frame = self.top();
        frame.block.blocks.push(block);
        frame.loose = false;
    }

    fn top(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::new(Block::default(), 0));
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }
}

/// Neighbouring text is one span.
fn join(spans: &mut Vec<Span>, span: Span) {
    match (spans.last_mut(), &span) {
        (Some(Span { s: "text", t: Some(before), .. }), Span { s: "text", t: Some(more), .. }) => before.push_str(more),
        _ => spans.push(span),
    }
}

/// What a tag begins.
fn framed(tag: &Tag, at: usize) -> Option<Frame> {
    let named = |b: &'static str| Block { b, ..Block::default() };
    let address = |dest: &str, title: &str| match title {
        "" => Some(dest.to_owned()),
        title => Some(format!("{dest} \"{title}\"")),
    };
    let (block, href) = match tag {
        Tag::Heading { level, .. } => (Block { level: Some(*level as u8), ..named("h") }, None),
        Tag::BlockQuote(_) => (named("quote"), None),
        Tag::CodeBlock(kind) => (Block { lang: lang(kind), text: Some(String::new()), ..named("code") }, None),
        Tag::HtmlBlock => (Block { text: Some(String::new()), ..named("code") }, None),
        Tag::List(start) => (Block { start: *start, ..named(if start.is_some() { "ol" } else { "ul" }) }, None),
        Tag::Item => (named("li"), None),
        Tag::Table(_) => (named("table"), None),
        Tag::TableHead | Tag::TableRow => (Block { rows: vec![Vec::new()], ..named("row") }, None),
        Tag::TableCell => (named("cell"), None),
        Tag::Emphasis => (named("em"), None),
        Tag::Strong => (named("strong"), None),
        Tag::Link { dest_url, title, .. } => (named("link"), address(dest_url, title)),
        Tag::Image { dest_url, title, .. } => (named("image"), address(dest_url, title)),
        Tag::Paragraph => (named("p"), None),
        _ => return None,
    };
    Some(Frame { href, ..Frame::new(block, at) })
}

fn lang(kind: &CodeBlockKind) -> Option<String> {
    match kind {
        CodeBlockKind::Fenced(lang) if !lang.is_empty() => Some(lang.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &str) -> Value {
        serde_json::to_value(blocks(text).expect("short enough")).expect("JSON")
    }

    #[test]
    fn a_plan_is_read() {
        let plan = "# Move\n\nReplace the *poll* of `GET /x`.\n\n1. Add **this**\n2. Then\n   - that\n\n---\n\
                    > quoted\n\n```rust\nfn a() {}\n```\n\n| a | b |\n|---|---|\n| 1 |\n";
        assert_eq!(
            read(plan),
            json!([
                { "b": "h", "level": 1, "spans": [{ "s": "text", "t": "Move" }] },
                { "b": "p", "spans": [
                    { "s": "text", "t": "Replace the " }, { "s": "em", "spans": [{ "s": "text", "t": "poll" }] },
                    { "s": "text", "t": " of " }, { "s": "code", "t": "GET /x" }, { "s": "text", "t": "." }] },
                { "b": "ol", "start": 1, "blocks": [
                    { "b": "li", "blocks": [{ "b": "p", "spans": [
                        { "s": "text", "t": "Add " }, { "s": "strong", "spans": [{ "s": "text", "t": "this" }] }] }] },
                    { "b": "li", "blocks": [
                        { "b": "p", "spans": [{ "s": "text", "t": "Then" }] },
                        { "b": "ul", "blocks": [
                            { "b": "li", "blocks": [{ "b": "p", "spans": [{ "s": "text", "t": "that" }] }] }] }] }] },
                { "b": "hr" },
                { "b": "quote", "blocks": [{ "b": "p", "spans": [{ "s": "text", "t": "quoted" }] }] },
                { "b": "code", "lang": "rust", "text": "fn a() {}\n" },
                { "b": "table", "rows": [
                    [[{ "s": "text", "t": "a" }], [{ "s": "text", "t": "b" }]], [[{ "s": "text", "t": "1" }]]] },
            ])
        );
    }

    #[test]
    fn what_hides_elsewhere_is_told() {
        let told = |text: &str| read(text).to_string();
        for (text, shown) in [
            ("[ok](javascript:alert(1))", "javascript:alert(1)"),
            ("[ok](http://a \"run curl\")", "run curl"),
            ("![alt](http://t/pixel.png)", "http://t/pixel.png"),
            ("a <script>alert(1)</script> b", "<script>"),
            ("<!-- rm -rf / -->", "rm -rf /"),
            ("> <div onclick=x>\n> y", "<div onclick=x>"),
            ("[x]: http://evil.example \"and this\"", "evil.example \\\"and this"),
            ("- a\n\n  [x]: http://evil.example", "evil.example"),
            ("> [x]: http://evil.example\n> [x]: http://twice.example", "twice.example"),
            ("[a][x]\n\n[x]: http://evil.example", "\"href\":\"http://evil.example\""),
            ("``` sh run-this\nls\n```", "sh run-this"),
            ("a \u{202e}b", "a \u{202e}b"),
        ] {
            assert!(told(text).contains(shown), "{text}: {}", told(text));
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        fn depth(value: &Value) -> usize {
            match value {
                Value::Array(all) => all.iter().map(depth).max().unwrap_or(0),
                Value::Object(all) => 1 + all.values().map(depth).max().unwrap_or(0),
                _ => 0,
            }
        }
        let nested: String = (0..200).map(|depth| format!("{}- x{depth}\n", "  ".repeat(depth))).collect();
        for text in [
            "> ".repeat(10_000) + "deep",
            "*a ".repeat(10_000) + &"b* ".repeat(10_000),
            "[".repeat(10_000) + "x" + &"](y)".repeat(10_000),
            "![".repeat(10_000) + "x" + &"](y)".repeat(10_000),
            nested,
            format!("{}\n{}\n{}", "|a".repeat(2_000), "|-".repeat(2_000), "|b\n".repeat(10_000)),
            format!("[a]: {}\n\n{}", "u".repeat(50_000), "[a] ".repeat(10_000)),
            "`".repeat(50_000) + "\n" + &"<".repeat(50_000),
        ] {
            let all = read(&text);
            assert!(depth(&all) <= DEEPEST + 8, "{} for {}", depth(&all), &text[..40]);
            assert!(all.to_string().len() < 40 * text.len());
        }
        assert_eq!(blocks(&"x".repeat(LONGEST + 1)), None);
    }

    proptest! {
        #[test]
        fn it_never_panics(text in "\\PC{0,200}|[-\\]\\[*_`<>()#|:!\\\\~ \n\ta1.]{0,200}") {
            prop_assert!(blocks(&text).is_some());
        }

        /// Each word of the text is in what is shown.
        #[test]
        fn no_text_is_lost(pieces in proptest::collection::vec(
            prop_oneof![
                "[a-z]{3,6}",
                proptest::sample::select(vec![
                    " ", "\n", "\n\n", "*", "**", "_", "`", "```", "[", "]", "(", ")", "](", "]: ", "<", ">", "<!--", "-->",
                    "# ", "> ", "- ", "1. ", "|", "\n|-|-|\n", "    ", "\"", "'", "!", "\\", "&", ":", "/", "\n---\n",
                ]).prop_map(str::to_owned),
            ], 0..60)) {
            let text = pieces.concat();
            let told = read(&text).to_string();
            let words = text.split(|c: char| !c.is_ascii_lowercase()).filter(|word| word.len() >= 3);
            for word in words {
                prop_assert!(told.contains(word), "{word:?} of {text:?} is not in {told}");
            }
        }
    }
}
