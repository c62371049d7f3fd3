//! A shell line read roughly, for what the parser refuses: good enough to warn, never to allow.
//!
//! It splits at every operator, takes each substitution for commands, and closes what is left open.
//! Lines of a here-document count as commands, since where it ends is what parsers disagree about.

use crate::rules::shell::{Dynamic, Line, Redirect, RedirectKind, Simple, Span, Word};

/// Longer texts are cut; the rest is not looked at.
pub const LONGEST: usize = 64 * 1024;
/// Deeper substitutions are taken for text.
const DEEPEST: usize = 32;

/// Reads `text` without ever failing.
#[must_use]
pub fn rough(text: &str) -> Line {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let mut reader = Reader { text, at: 0, frames: vec![Frame::default()], line: Line::default() };
    while reader.at < text.len() {
        reader.step();
    }
    while !reader.frames.is_empty() {
        reader.close();
    }
    reader.line
}

/// A command that is being read, and what ends it.
#[derive(Default)]
struct Frame {
    end: Option<char>,
    simple: Simple,
    word: Option<Word>,
    quote: Option<char>,
    redirect: Option<(usize, bool)>,
    piped: Option<usize>,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame>,
    line: Line,
}

impl Reader<'_> {
    fn top(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn step(&mut self) {
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else { return };
        let (at, next) = (self.at, rest[c.len_utf8()..].chars().next());
        self.at += c.len_utf8();
        let quote = self.top().quote;
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => self.top().quote = None,
            (Some('\''), _) => self.put(at, c),
            (_, '\\') => self.escaped(at, next),
            (_, '`') if self.top().end == Some('`') && quote.is_none() => self.close(),
            (_, '`') => self.open(at, '`', Dynamic::Command),
            (_, '$') => self.dollar(at, next),
            (Some(_), _) => self.put(at, c),
            (None, '\'' | '"') => {
                self.word(at);
                self.top().quote = Some(c);
            }
            (None, _) => self.plain(at, c, next),
        }
    }

    fn escaped(&mut self, at: usize, next: Option<char>) {
        self.at += next.map_or(0, char::len_utf8);
        match next {
            Some('\n') | None => {}
            Some(c) => self.put(at, c),
        }
    }

    fn dollar(&mut self, at: usize, next: Option<char>) {
        match next {
            Some('(') => {
                self.at += 1;
                self.open(at, ')', Dynamic::Command);
            }
            Some('\'' | '"') if self.top().quote.is_none() => {
                self.word(at);
            }
            Some(c) if c == '{' || c == '_' || c.is_ascii_alphanumeric() || "?!#@*$".contains(c) => {
                let rest = &self.text[self.at..];
                let name = |c: char| c == '_' || c.is_ascii_alphanumeric();
                let length = if c == '{' { braces(rest) } else { rest.find(|c| !name(c)).unwrap_or(rest.len()).max(1) };
                let simple = rest[..length].trim_matches(['{', '}']).chars().all(name);
                self.at += length;
                let quoted = self.top().quote.is_some();
                self.unknown(at, if simple { Dynamic::Variable { quoted } } else { Dynamic::Expansion });
            }
            _ => self.put(at, '$'),
        }
    }

    fn plain(&mut self, at: usize, c: char, next: Option<char>) {
        match c {
            '#' if self.top().word.is_none() => {
                self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |i| self.at + i);
            }
            '<' | '>' if next == Some('(') => {
                self.at += 1;
                self.open(at, ')', Dynamic::Process);
            }
            '<' | '>' => self.arrow(at, c),
            '&' if next == Some('>') => self.end_word(at),
            ')' if self.top().end == Some(')') => self.close(),
            '|' => {
                if matches!(next, Some('|' | '&')) {
                    self.at += 1;
                }
                self.end_command(at, next != Some('|'));
            }
            '\n' | ';' | '&' | '(' | ')' => self.end_command(at, false),
            '{' | '}' | '!' if self.top().word.is_none() && next.is_none_or(char::is_whitespace) => {
                self.end_command(at, false);
            }
            _ if c.is_whitespace() => self.end_word(at),
            '*' | '?' | '[' | '{' | '~' => {
                self.put(at, c);
                if let Some(word) = &mut self.top().word {
                    word.expands = true;
                }
            }
            _ => self.put(at, c),
        }
    }

    fn arrow(&mut self, at: usize, c: char) {
        let digits =
            self.top().word.as_ref().is_some_and(|w| w.span.end == at && w.sketch.chars().all(|c| c.is_ascii_digit()));
        if digits {
            self.top().word = None;
        }
        self.end_word(at);
        while self.text[self.at..].starts_with(['>', '|', '<', '&', '-']) {
            self.at += 1;
        }
        let sign = &self.text[at..self.at];
        if sign.contains('&') && self.text[self.at..].starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            while self.text[self.at..].starts_with(|c: char| c.is_ascii_digit() || c == '-') {
                self.at += 1;
            }
        } else if !sign.starts_with("<<") {
            self.top().redirect = Some((at, c == '>'));
        }
    }

    fn word(&mut self, at: usize) -> &mut Word {
        self.top().word.get_or_insert_with(|| Word { span: at..at, text: Some(String::new()), ..Word::default() })
    }

    fn put(&mut self, at: usize, c: char) {
        let end = self.at;
        let word = self.word(at);
        word.span.end = end;
        word.sketch.push(c);
        if let Some(text) = &mut word.text {
            text.push(c);
        }
    }

    fn unknown(&mut self, at: usize, part: Dynamic) {
        let end = self.at;
        let word = self.word(at);
        word.span.end = end;
        word.sketch.push('\u{FFFD}');
        word.text = None;
        word.dynamic.push(part);
    }

    fn open(&mut self, at: usize, end: char, part: Dynamic) {
        self.unknown(at, part);
        if self.frames.len() < DEEPEST {
            let mut frame = Frame { end: Some(end), ..Frame::default() };
            frame.simple.place.substituted = true;
            self.frames.push(frame);
        }
    }

    fn close(&mut self) {
        self.end_command(self.at, false);
        self.frames.pop();
        let end = self.at;
        if let Some(word) = self.frames.last_mut().and_then(|f| f.word.as_mut()) {
            word.span.end = end;
        }
    }

    fn end_word(&mut self, at: usize) {
        let end = self.at.min(self.text.len());
        let frame = self.top();
        let Some(mut word) = frame.word.take() else { return };
        word.span.end = word.span.end.max(at.min(end));
        if let Some((start, write)) = frame.redirect.take() {
            let span: Span = start..word.span.end;
            let kind = if write { RedirectKind::Write(word) } else { RedirectKind::Read(word) };
            frame.simple.redirects.push(Redirect { span, kind });
        } else if frame.simple.argv.is_empty() && is_assignment(&word.sketch) {
            frame.simple.assignments.push(assignment(word));
        } else if !(frame.simple.argv.is_empty() && KEYWORDS.contains(&word.sketch.as_str())) {
            frame.simple.argv.push(word);
        }
    }

    fn end_command(&mut self, at: usize, piped: bool) {
        self.end_word(at);
        let index = self.line.commands.len();
        let frame = self.top();
        frame.redirect = None;
        let place = frame.simple.place.clone();
        let mut simple = std::mem::take(&mut frame.simple);
        frame.simple.place.substituted = place.substituted;
        if simple.argv.is_empty() && simple.assignments.is_empty() && simple.redirects.is_empty() {
            return;
        }
        simple.place.reads_from = frame.piped.take();
        simple.place.piped_on = piped;
        frame.piped = piped.then_some(index);
        let spans = simple.argv.iter().map(|w| &w.span);
        let all =
            spans.chain(simple.redirects.iter().map(|r| &r.span)).chain(simple.assignments.iter().map(|a| &a.span));
        let (start, end) = all.fold((at, 0), |(s, e), span| (s.min(span.start), e.max(span.end)));
        simple.span = start..end.max(start);
        self.line.commands.push(simple);
    }
}

/// How much of `{name…}` to take as one; up to a command inside it, which has to be read.
fn braces(rest: &str) -> usize {
    let end = rest.find('}').map_or(rest.len(), |i| i + 1);
    rest[..end].find(['`', '$']).unwrap_or(end).max(1)
}

const KEYWORDS: &[&str] =
    &["if", "then", "else", "elif", "fi", "while", "until", "do", "done", "for", "case", "esac", "coproc", "time"];

fn is_assignment(text: &str) -> bool {
    let name = text.split('=').next().unwrap_or_default();
    text.contains('=') && name.chars().all(|c| c == '_' || c == '-' || c == '+' || c.is_ascii_alphanumeric())
}

fn assignment(word: Word) -> crate::rules::shell::Assignment {
    let cut = word.sketch.find('=').unwrap_or(0);
    let name = word.sketch[..cut].trim_end_matches('+').to_owned();
    let after = |text: &str| text.get(cut + 1..).unwrap_or_default().to_owned();
    let value = Word { text: word.text.as_deref().map(after), sketch: after(&word.sketch), ..word.clone() };
    crate::rules::shell::Assignment { span: word.span, name, value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::risk::{Level, Place, bash};
    use crate::rules::shell::{Unparsed, parse};

    #[test]
    fn of_what_is_too_long_the_beginning_is_read() {
        let refused = Err(Unparsed { why: "longer than it may be".into(), span: Some(0..2 * LONGEST) });
        for part in ["a|", "\u{e9}|", "$(", "a;b|c ", "rm -rf x;", "(){", "a=1 "] {
            let line = part.repeat(1024 * 1024 / part.len());
            let risk = bash(&line, &refused, &Place::default(), &parse);
            assert!(risk.level == Level::High && !risk.automatic, "{part}");
            assert!(risk.findings.iter().any(|f| f.text.starts_with("Too long")), "{part}: {:?}", risk.findings);
            assert!(risk.findings.iter().all(|f| line.get(f.span.clone()).is_some()), "{part}");
            assert!(rough(&line).commands.iter().all(|c| c.span.end <= LONGEST + part.len()), "{part}");
        }
    }
}
