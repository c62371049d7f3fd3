//! Text from outside, made fit for a terminal: nothing in it is obeyed, nothing is hidden, and
//! what has to be read whole is wrapped instead of cut.

use std::ops::Range;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::cli::visible;

/// A longer word than this is broken where the line ends; a shorter one moves to the next line.
const LONGEST_WORD: usize = 32;
/// More marks than this over one letter are shown as escapes: they would run into other lines.
const MARKS: usize = 2;
/// In front of a line as it was written, and in front of what did not fit on it.
const GUTTERS: [&str; 2] = ["│ ", "┆ "];

/// Something drawn in one go: a grapheme, or the escape that stands for what must not be drawn.
struct Piece {
    text: String,
    escape: bool,
    /// Where it begins in the text it comes from.
    at: usize,
    /// What marks add to the style it is drawn in.
    mark: Style,
}

impl Piece {
    fn new(text: String, escape: bool, at: usize) -> Self {
        Self { text, escape, at, mark: Style::new() }
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

/// A stretch of a text, in bytes, that is drawn so that it is noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which bytes.
    pub span: Range<usize>,
    /// What is added to the style of the text.
    pub style: Style,
}

/// `text` on one line, with everything that a terminal would obey, or that would deceive a reader,
/// shown as an escape.
#[must_use]
pub fn safe(text: &str) -> String {
    pieces(text).into_iter().map(|piece| piece.text).collect()
}

/// `text`, safe already, cut to `width` columns, with an ellipsis.
#[must_use]
pub fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 1);
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > width {
            break;
        }
        out.push_str(grapheme);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// All of `text` in lines of at most `width` columns. A solid gutter begins a line of the text, a
/// broken one goes on with it, so that a wrap and a line break cannot be taken for each other.
#[must_use]
pub fn code(text: &str, width: usize, style: Style) -> Vec<Line<'static>> {
    marked(text, width, style, &[])
}

/// The same, with marks in it; where they overlap, the last one shows. What a mark only touches is marked.
#[must_use]
pub fn marked(text: &str, width: usize, style: Style, marks: &[Mark]) -> Vec<Line<'static>> {
    let room = width.saturating_sub(GUTTERS[0].width()).max(1);
    let dim = Style::new().add_modifier(Modifier::DIM);
    let mut lines = Vec::new();
    let mut start = 0;
    for written in text.split('\n') {
        let mut pieces = pieces(written);
        mark(&mut pieces, start, start + written.len(), marks);
        start += written.len() + 1;
        for (number, row) in rows(&pieces, room).into_iter().enumerate() {
            let mut spans = vec![Span::styled(GUTTERS[number.min(1)], dim)];
            spans.extend(styled(row, style));
            lines.push(Line::from(spans));
        }
    }
    lines
}

/// Marks the pieces of a line that takes the bytes from `start` to `end` of its text.
fn mark(pieces: &mut [Piece], start: usize, end: usize, marks: &[Mark]) {
    let here: Vec<&Mark> = marks.iter().filter(|mark| mark.span.start < end && mark.span.end > start).collect();
    if here.is_empty() {
        return;
    }
    let mut next = end;
    for piece in pieces.iter_mut().rev() {
        let at = start + piece.at;
        let over = |mark: &&&Mark| !mark.span.is_empty() && mark.span.start < next && mark.span.end > at;
        piece.mark = here.iter().rfind(over).map(|mark| mark.style).unwrap_or_default();
        next = at;
    }
}

/// All of `text` in lines of at most `width` columns, `indent` columns from the left.
#[must_use]
pub fn prose(text: &str, width: usize, indent: usize, style: Style) -> Vec<Line<'static>> {
    let room = width.saturating_sub(indent).max(1);
    let mut lines = Vec::new();
    for written in text.trim().split('\n') {
        for row in rows(&pieces(written), room) {
            let mut spans = vec![Span::raw(" ".repeat(indent))];
            spans.extend(styled(row, style));
            lines.push(Line::from(spans));
        }
    }
    lines
}

/// Spans in which escapes stand out from what was written.
fn styled(row: &[Piece], style: Style) -> Vec<Span<'static>> {
    let runs = row.chunk_by(|a, b| (a.escape, a.mark) == (b.escape, b.mark));
    let span = |run: &[Piece]| {
        let text: String = run.iter().map(|piece| piece.text.as_str()).collect();
        let escape = run.first().is_some_and(|piece| piece.escape);
        let style = run.first().map_or(style, |piece| style.patch(piece.mark));
        Span::styled(text, if escape { style.add_modifier(Modifier::REVERSED) } else { style })
    };
    runs.map(span).collect()
}

/// Breaks pieces into rows of at most `room` columns; nothing is dropped, not even spaces.
fn rows(pieces: &[Piece], room: usize) -> Vec<&[Piece]> {
    let mut rows = Vec::new();
    let mut rest = pieces;
    loop {
        let at = row_end(rest, room);
        let (row, more) = rest.split_at(at);
        rows.push(row);
        if more.is_empty() {
            return rows;
        }
        rest = more;
    }
}

/// How many pieces the first row takes; at least one, so that wrapping always comes to an end.
fn row_end(pieces: &[Piece], room: usize) -> usize {
    let mut used = 0;
    let fits = pieces.iter().take_while(|piece| {
        used += piece.width();
        used <= room
    });
    let fits = fits.count().max(1);
    if fits >= pieces.len() {
        return pieces.len();
    }
    let after_space = pieces[..fits].iter().rposition(|piece| piece.text == " ").map(|space| space + 1);
    after_space.filter(|start| word_width(&pieces[*start..]) <= LONGEST_WORD.min(room)).unwrap_or(fits)
}

fn word_width(pieces: &[Piece]) -> usize {
    pieces.iter().take_while(|piece| piece.text != " ").map(Piece::width).sum::<usize>()
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (at, grapheme) in text.grapheme_indices(true) {
        if grapheme == "\t" {
            pieces.push(Piece::new("    ".into(), false, at));
        } else {
            taken_apart(grapheme, at, &mut pieces);
        }
    }
    pieces
}

/// A grapheme is one piece, but for the characters in it that have to be shown as escapes.
fn taken_apart(grapheme: &str, start: usize, pieces: &mut Vec<Piece>) {
    let (mut base, mut begun, mut marks) = (String::new(), start, 0);
    for (at, character) in grapheme.char_indices() {
        let mark = character.width() == Some(0);
        let shown = visible(character.encode_utf8(&mut [0; 4]));
        let hidden = shown.starts_with("\\u") || is_blank(character);
        if hidden || (mark && (base.is_empty() || marks == MARKS)) {
            pieces.extend((!base.is_empty()).then(|| Piece::new(std::mem::take(&mut base), false, begun)));
            pieces.push(Piece::new(character.escape_unicode().to_string(), true, start + at));
            continue;
        }
        if base.is_empty() {
            begun = start + at;
        }
        marks += usize::from(mark);
        base.push(character);
    }
    pieces.extend((!base.is_empty()).then(|| Piece::new(base, false, begun)));
}

/// Letters that look like nothing, and selectors that terminals disagree about.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Color;

    use super::*;

    fn plain(lines: &[Line]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_terminal_would_obey_or_a_reader_not_see_is_an_escape() {
        assert_eq!(safe("a\u{1b}[2Jb\u{202e}c\u{fe0f}d\u{3164}"), "a\\u{1b}[2Jb\\u{202e}c\\u{fe0f}d\\u{3164}");
        assert_eq!(safe("e\u{301}"), "e\u{301}");
        assert_eq!(safe("e\u{301}\u{302}\u{303}"), "e\u{301}\u{302}\\u{303}");
        assert_eq!(safe("\u{301}"), "\\u{301}");
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(fit("ab", 0), "");
    }

    #[test]
    fn a_wrap_and_a_line_break_look_different() {
        let lines = code("git commit --all\nls", 13, Style::new());
        assert_eq!(plain(&lines), ["│ git commit ", "┆ --all", "│ ls"]);
    }

    #[test]
    fn a_word_too_long_to_move_is_broken() {
        let lines = code(&format!("x {}", "y".repeat(40)), 22, Style::new());
        assert_eq!(plain(&lines), [format!("│ x {}", "y".repeat(18)), format!("┆ {}", "y".repeat(20)), "┆ yy".into()]);
    }

    /// The marked parts of what is drawn.
    fn marked_parts(text: &str, width: usize, span: Range<usize>) -> Vec<String> {
        let mark = Mark { span, style: Style::new().add_modifier(Modifier::UNDERLINED) };
        let lines = marked(text, width, Style::new(), &[mark]);
        let spans = lines.iter().flat_map(|line| &line.spans);
        let spans = spans.filter(|span| span.style.add_modifier.contains(Modifier::UNDERLINED));
        spans.map(|span| span.content.to_string()).collect()
    }

    #[test]
    fn marks_are_on_the_bytes_they_name_whatever_stands_there() {
        let text = "rm Größe 😀\n\tcat a\u{202e}b e\u{301}";
        let find = |part: &str| text.find(part).map(|at| at..at + part.len()).expect("a part");
        for part in ["rm", "Größe", "😀", "cat", "e\u{301}"] {
            assert_eq!(marked_parts(text, 60, find(part)), [part]);
        }
        assert_eq!(marked_parts(text, 60, find("a\u{202e}")), ["a", "\\u{202e}"]);
        assert_eq!(marked_parts(text, 60, find("😀\n\tcat")), ["😀", "    cat"]);
        assert_eq!(marked_parts(text, 60, find("ö").start + 1..find("ö").end), ["ö"], "half a letter is all of it");
        for nothing in [3..3, 900..901] {
            assert!(marked_parts(text, 60, nothing).is_empty());
        }
    }

    #[test]
    fn where_marks_overlap_the_last_one_shows() {
        let mark = |span, color| Mark { span, style: Style::new().fg(color) };
        let marks = [mark(0..9, Color::Yellow), mark(3..5, Color::Red)];
        let lines = marked("a bcd efg", 60, Style::new(), &marks);
        let drawn: Vec<_> = lines[0].spans.iter().skip(1).map(|s| (s.content.as_ref(), s.style.fg)).collect();
        assert_eq!(drawn, [("a b", Some(Color::Yellow)), ("cd", Some(Color::Red)), (" efg", Some(Color::Yellow))]);
    }

    #[test]
    fn a_mark_goes_on_in_the_next_row() {
        assert_eq!(marked_parts("git commit --all", 13, 4..16), ["commit ", "--all"]);
    }

    proptest! {
        #[test]
        fn marks_change_no_character(text in any::<String>(), width in 16usize..60, start in 0usize..80, length in 0usize..80) {
            let mark = Mark { span: start..start + length, style: Style::new().add_modifier(Modifier::UNDERLINED) };
            prop_assert_eq!(plain(&marked(&text, width, Style::new(), &[mark])), plain(&code(&text, width, Style::new())));
        }

        #[test]
        fn wrapping_loses_nothing_and_stays_within_the_width(text in any::<String>(), width in 16usize..60) {
            let lines = code(&text, width, Style::new());
            let joined: String = lines.iter().flat_map(|line| line.spans.iter().skip(1)).map(|s| s.content.as_ref()).collect();
            let whole: String = text.split('\n').map(safe).collect();
            prop_assert_eq!(joined, whole);
            prop_assert!(lines.iter().all(|line| line.width() <= width), "{:?}", plain(&lines));
        }
    }
}
