//! What a Bash line would run: parsed fail-closed, as values.
//!
//! Two parsers that share no code read the line, and both have to see the same commands; what one of them
//! does not know, or does not list as safe to read, is [`Unparsed`]. Parsing takes no longer than the line
//! is long, but the caller keeps a deadline all the same: see the daemon's `parse` module.

mod ansi;
mod expansion;
pub mod gate;
mod quote;
mod second;
mod tree;
pub mod value;

pub use value::{Assignment, Dynamic, Line, Place, Redirect, RedirectKind, Simple, Span, Word};

/// Why a line may not be trusted to run only what it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsed {
    /// In words, for people: `a heredoc that is not closed`.
    pub why: String,
    /// Where, when that is known.
    pub span: Option<Span>,
}

impl Unparsed {
    /// Without a place.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), span: None }
    }

    /// With a place.
    pub fn at(why: impl Into<String>, span: Span) -> Self {
        Self { why: why.into(), span: Some(span) }
    }

    /// The grammar may end an error inside of a character, whose bytes it sees as so many of their own.
    fn on_characters(mut self, line: &str) -> Self {
        self.span = self.span.map(|span| line.floor_char_boundary(span.start)..line.ceil_char_boundary(span.end));
        self
    }
}

/// What the line runs.
///
/// # Errors
/// In words, when the line is too large, not understood, or understood in two ways.
pub fn parse(line: &str) -> Result<Line, Unparsed> {
    gate::check(line)?;
    let Line { commands, defines } = tree::read(line).map_err(|no| no.on_characters(line))?;
    second::agrees(line, &commands)?;
    // What holds for every command of none holds always: nobody shall build on that.
    if commands.is_empty() {
        return Err(Unparsed::new("nothing that runs"));
    }
    Ok(Line { commands: tree::in_order(commands), defines })
}
