//! What a Bash line would run: parsed fail-closed, as values.

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
