//! Quote removal: from a word as it was written to what the program sees.
//!
//! A parser says where a word's expansions are (its *holes*); this says what the text between them means,
//! and refuses text in which the shell would see an expansion, an operator or a blank that the parser did
//! not. So a parser that errs about where a word or an expansion ends is found out.

use super::ansi;
use super::value::{Dynamic, Span, Word};

/// A part of a word, as a parser sees it.
#[derive(Clone, Debug)]
pub enum Piece {
    /// As written, quotes included.
    Text(String),
    /// An expansion.
    Hole(Hole),
}

/// What only the shell can fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hole {
    /// `$name`, `${name}`.
    Variable,
    /// Any other expansion of parameters or arithmetic.
    Expansion,
    /// `$(…)`, backticks.
    Command,
    /// `<(…)`, `>(…)`.
    Process,
    /// `$(cat <<'EOF' …)`, and its text.
    HereDocument(String),
}

/// The mark of a hole in a sketch.
const UNKNOWN: char = '\u{FFFD}';

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    No,
    Single,
    Double,
}

enum Item<'a> {
    Char(char),
    Hole(&'a Hole),
}

/// The word that the pieces make.
///
/// # Errors
/// In words: something that the shell reads as more than a part of this word.
pub fn resolve(pieces: &[Piece], span: Span) -> Result<Word, &'static str> {
    let mut items = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => items.extend(text.chars().map(Item::Char)),
            Piece::Hole(hole) => items.push(Item::Hole(hole)),
        }
    }
    let mut reader = Reader {
        items: &items,
        at: 0,
        quoted: Quoted::No,
        word: Word::default(),
        known: true,
        globs: Globs::default(),
    };
    while reader.at < items.len() {
        reader.step()?;
    }
    if reader.quoted != Quoted::No {
        return Err("a quote that is not closed");
    }
    let Reader { mut word, known, globs, .. } = reader;
    word.span = span;
    word.text = known.then(|| word.sketch.clone());
    word.expands = globs.expands;
    Ok(word)
}

struct Reader<'a> {
    items: &'a [Item<'a>],
    at: usize,
    quoted: Quoted,
    word: Word,
    known: bool,
    globs: Globs,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        match self.items.get(self.at + ahead)? {
            Item::Char(c) => Some(*c),
            Item::Hole(_) => None,
        }
    }

    fn step(&mut self) -> Result<(), &'static str> {
        let item = self.items.get(self.at).ok_or("a word that ends too early")?;
        let c = match item {
            Item::Hole(hole) => return self.hole(hole),
            Item::Char(c) => *c,
        };
        let first = self.at == 0;
        self.at += 1;
        match self.quoted {
            Quoted::Single => self.single(c),
            Quoted::Double => return self.double(c),
            Quoted::No => return self.bare(c, first),
        }
        Ok(())
    }

    fn hole(&mut self, hole: &Hole) -> Result<(), &'static str> {
        let quoted = self.quoted == Quoted::Double;
        if self.quoted == Quoted::Single || (quoted && *hole == Hole::Process) {
            return Err("an expansion where the shell sees text");
        }
        self.at += 1;
        self.globs.other();
        let dynamic = match hole {
            Hole::Variable => Dynamic::Variable { quoted },
            Hole::Expansion => Dynamic::Expansion,
            // Unquoted, its text is split into words.
            Hole::HereDocument(_) if !quoted => Dynamic::Command,
            Hole::HereDocument(_) => Dynamic::HereDocument,
            Hole::Command => Dynamic::Command,
            Hole::Process => Dynamic::Process,
        };
        match hole {
            Hole::HereDocument(text) if quoted => self.word.sketch.push_str(text),
            _ => {
                self.word.sketch.push(UNKNOWN);
                self.known = false;
            }
        }
        self.word.dynamic.push(dynamic);
        Ok(())
    }

    fn single(&mut self, c: char) {
        if c == '\'' { self.quoted = Quoted::No } else { self.word.sketch.push(c) }
    }

    fn double(&mut self, c: char) -> Result<(), &'static str> {
        match c {
            '"' => self.quoted = Quoted::No,
            '\\' => match self.peek(0) {
                Some('\n') => self.at += 1,
                Some(next @ ('$' | '`' | '"' | '\\')) => {
                    self.at += 1;
                    self.word.sketch.push(next);
                }
                Some(_) => self.word.sketch.push('\\'),
                None => return Err("a backslash before an expansion"),
            },
            '$' => self.dollar()?,
            '`' => return Err("a backtick that the parser does not see"),
            _ => self.word.sketch.push(c),
        }
        Ok(())
    }

    fn bare(&mut self, c: char, first: bool) -> Result<(), &'static str> {
        match c {
            '\'' => self.quote(Quoted::Single),
            '"' => self.quote(Quoted::Double),
            '\\' => return self.escape(),
            '$' if self.peek(0) == Some('\'') => return self.ansi(),
            '$' if self.peek(0) == Some('"') => return Err("a translated string, $\"…\""),
            '$' => {
                self.globs.other();
                return self.dollar();
            }
            '`' => return Err("a backtick that the parser does not see"),
            ' ' | '\t' | '\n' | ';' | '|' | '&' | '<' | '>' | '(' | ')' => {
                return Err("a blank or an operator inside a word");
            }
            '#' if first => return Err("a comment where the parser sees a word"),
            _ => {
                self.globs.bare(c, first, self.peek(0));
                self.word.sketch.push(c);
            }
        }
        Ok(())
    }

    fn quote(&mut self, quoted: Quoted) {
        self.quoted = quoted;
        self.globs.other();
    }

    fn escape(&mut self) -> Result<(), &'static str> {
        let next = self.peek(0).ok_or("a backslash before an expansion or at the end")?;
        self.at += 1;
        if next != '\n' {
            self.globs.other();
            self.word.sketch.push(next);
        }
        Ok(())
    }

    /// A `$` that starts nothing stands for itself. In zsh `$=x`, `$~x`, `$^x` and `$+x` start something.
    fn dollar(&mut self) -> Result<(), &'static str> {
        match self.items.get(self.at) {
            Some(Item::Hole(_)) => return Err("a dollar before an expansion"),
            Some(Item::Char(c)) if c.is_alphanumeric() || "_@*#?$!-({[~=^+\\".contains(*c) => {
                return Err("an expansion that the parser does not see");
            }
            _ => self.word.sketch.push('$'),
        }
        Ok(())
    }

    fn ansi(&mut self) -> Result<(), &'static str> {
        self.at += 1;
        self.globs.other();
        let mut body = String::new();
        loop {
            let c = self.peek(0).ok_or("a quote that is not closed")?;
            self.at += 1;
            match c {
                '\'' => break,
                '\\' => {
                    body.push(c);
                    body.push(self.peek(0).ok_or("a quote that is not closed")?);
                    self.at += 1;
                }
                _ => body.push(c),
            }
        }
        self.word.sketch.push_str(&ansi::decode(&body)?);
        Ok(())
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Brace {
    #[default]
    None,
    Open,
    /// Behind a `,` or `..`.
    Split,
}

/// Whether unquoted characters may turn the word into others.
#[derive(Default)]
struct Globs {
    expands: bool,
    /// How far a brace expansion has come. Which brace closes which is not worked out: bash finds one in
    /// `{a}b,c}` as well.
    brace: Brace,
    last: Option<char>,
}

impl Globs {
    /// Something that is not an unquoted character.
    fn other(&mut self) {
        self.last = None;
    }

    fn bare(&mut self, c: char, first: bool, next: Option<char>) {
        match c {
            '*' | '?' | '[' => self.expands = true,
            // After `:` or `=` in assignments only, but there is no telling what a program's argument is.
            '~' if first || matches!(self.last, Some(':' | '=')) => self.expands = true,
            // zsh: the path of a command.
            '=' if first && next.is_some() => self.expands = true,
            '{' if self.brace == Brace::None => self.brace = Brace::Open,
            ',' if self.brace == Brace::Open => self.brace = Brace::Split,
            '.' if self.brace == Brace::Open && self.last == Some('.') => self.brace = Brace::Split,
            '}' => self.expands |= self.brace == Brace::Split,
            _ => {}
        }
        self.last = Some(c);
    }
}
