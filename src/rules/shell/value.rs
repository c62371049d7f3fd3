//! What a shell line would run, as values.

use std::ops::Range;

/// Bytes of the line, `start..end`, on character boundaries.
pub type Span = Range<usize>;

/// Every simple command that the shell might run for a line, nested ones included, in the order in
/// which they stand. Nothing that runs is missing: a line for which that cannot be promised is a
/// [`super::Unparsed`] instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The commands. The head of a loop is one too: `for x in a b` has no arguments, and one assignment
    /// to `x` for each word, because it changes the shell as those would. `[ … ]`, `[[ … ]]` and
    /// `time …` are commands of these names, with all their words.
    pub commands: Vec<Simple>,
    /// Where functions are defined. Their bodies are among the commands; but from there on a name of a
    /// command may mean something else than it says.
    pub defines: Vec<Span>,
}

/// One simple command: `FOO=1 git push origin main >log 2>&1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// Where it stands, redirects included.
    pub span: Span,
    /// `NAME=value` before the command; alone, they change the shell.
    pub assignments: Vec<Assignment>,
    /// The command's name and its arguments; empty for assignments or redirects alone.
    pub argv: Vec<Word>,
    /// Where its input and output go; before its own, those of the compound commands around it.
    pub redirects: Vec<Redirect>,
    /// How it is reached.
    pub place: Place,
}

/// Where a simple command stands among the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The command before it in the same pipeline whose output it reads, as an index into
    /// [`Line::commands`]; of a compound stage, its last one.
    pub reads_from: Option<usize>,
    /// Its output is read by the next stage of a pipeline.
    pub piped_on: bool,
    /// It runs inside a substitution (`$(…)`, backticks, `<(…)`), so its output becomes text or a file.
    pub substituted: bool,
    /// It runs in the body of a loop, a condition, a case or a function.
    pub nested: bool,
    /// It runs in the background (`&`).
    pub background: bool,
}

/// `NAME=value`, or `NAME+=value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Where it stands.
    pub span: Span,
    /// The variable.
    pub name: String,
    /// What it is set to.
    pub value: Word,
}

/// One word, after quoting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, quotes included.
    pub span: Span,
    /// What the program sees, when that is known without running anything; globs and braces as written.
    pub text: Option<String>,
    /// The text that is known, with `\u{FFFD}` for each part that is not: `"$HOME/.ssh"` is `\u{FFFD}/.ssh`.
    pub sketch: String,
    /// It has an unquoted `*`, `?` or `[`, a brace expansion or a leading `~`: it may become other words.
    pub expands: bool,
    /// What makes it unknown, in the order in which it stands.
    pub dynamic: Vec<Dynamic>,
}

/// Something in a word that only the shell knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamic {
    /// `$name`, `"${name}"`: text, from the environment or an earlier assignment.
    Variable {
        /// In double quotes, so that it stays one word.
        quoted: bool,
    },
    /// `${x@P}`, `${!x}`, `${x:=…}`, subscripts, arithmetic with names: may run code.
    Expansion,
    /// `$(…)`, backticks: its commands are in [`Line::commands`] as well.
    Command,
    /// `<(…)`, `>(…)`: the same.
    Process,
    /// `"$(cat <<'EOF' … EOF\n)"` with a quoted delimiter: literal after all, and counted in `text`.
    HereDocument,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Where it stands.
    pub span: Span,
    /// What it does.
    pub kind: RedirectKind,
}

/// What a redirection does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// `<file`.
    Read(Word),
    /// `>file`, `>|file`, `>>file`, `&>file`, `<>file`.
    Write(Word),
    /// `2>&1`, `>&-`.
    Duplicate,
    /// A here-document or here-string.
    Here {
        /// Nothing in it is expanded.
        literal: bool,
        /// Its text, when it is literal.
        text: Option<String>,
    },
}

impl Simple {
    /// The command's name as the shell would look it up; `None` when it is dynamic, or there is none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.argv.first()?.text.as_deref()
    }
}
