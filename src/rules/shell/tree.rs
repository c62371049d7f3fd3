//! The first opinion: tree-sitter's tree, walked by an allow-list.
//!
//! The grammar accepts more than the shell does, and recovers from errors; so every node whose kind is
//! not named here, every error, and every byte between two tokens that is no blank refuses the line.

mod command;
mod heredoc;
mod redirect;
mod statement;
mod word;

use std::borrow::Cow;

use tree_sitter::{Node, Parser};

use super::Unparsed;
use super::gate::MAX_COMMANDS;
use super::value::{Line, Place, Redirect, Simple, Span};

/// What the line runs, in the tree's opinion; the commands in the order of reading: those in a command's
/// substitutions come behind it, and those in the redirects of a compound command behind its body.
///
/// # Errors
/// In words: what the line has that is not known to be safe to read.
pub fn read(line: &str) -> Result<Line, Unparsed> {
    let mut parser = Parser::new();
    let language = tree_sitter_bash::LANGUAGE.into();
    parser.set_language(&language).map_err(|no| Unparsed::new(format!("no grammar: {no}")))?;
    let tree = parser.parse(stand_in(line).as_bytes(), None).ok_or_else(|| Unparsed::new("no tree"))?;
    let root = tree.root_node();
    if root.has_error() {
        return Err(error_in(root));
    }
    let mut reader = Reader { line, commands: Vec::new(), levels: Vec::new(), defines: Vec::new(), depth: 0 };
    reader.blank(0..root.start_byte(), true)?;
    reader.blank(root.end_byte()..line.len(), true)?;
    reader.block(root, &Around::default())?;
    Ok(Line { commands: reader.commands, defines: reader.defines })
}

/// The line for the grammar, every character beyond ASCII written as so many `%` as it has bytes.
///
/// The grammar's scanner asks C's `isdigit`, whose table ends at 255, about any character: one from a far
/// plane crashes it (tree-sitter-bash issue 337). What its other questions answer depends on the process's
/// locale. A `%` has no meaning where these characters have none, and is in no name, so the tree's places
/// hold for the line; whatever is *in* them is read from the line itself.
fn stand_in(line: &str) -> Cow<'_, str> {
    if line.is_ascii() {
        return Cow::Borrowed(line);
    }
    let bytes = line.bytes().map(|byte| if byte.is_ascii() { char::from(byte) } else { '%' });
    Cow::Owned(bytes.collect())
}

/// The place of the first error in the tree.
fn error_in(root: Node<'_>) -> Unparsed {
    let mut node = root;
    loop {
        if node.is_error() || node.is_missing() {
            return Unparsed::at("a syntax error, or syntax that is not known", node.byte_range());
        }
        let mut cursor = node.walk();
        let Some(next) = node.children(&mut cursor).find(Node::has_error) else {
            return Unparsed::at("a syntax error, or syntax that is not known", node.byte_range());
        };
        node = next;
    }
}

/// As they stand in the line; a command before those in its own words.
pub fn in_order(commands: Vec<Simple>) -> Vec<Simple> {
    let mut order: Vec<usize> = (0..commands.len()).collect();
    order.sort_by_key(|&i| commands.get(i).map_or(0, |one| one.span.start));
    let mut place_of = vec![0; commands.len()];
    for (now, &before) in order.iter().enumerate() {
        if let Some(place) = place_of.get_mut(before) {
            *place = now;
        }
    }
    let mut sorted = commands;
    for one in &mut sorted {
        one.place.reads_from = one.place.reads_from.and_then(|i| place_of.get(i).copied());
    }
    sorted.sort_by_key(|one| one.span.start);
    sorted
}

/// How deep statements and substitutions may stand in each other in the tree; brackets alone are
/// counted by the gate, this counts `if` and `while` as well.
const MAX_DEPTH: usize = 100;

struct Reader<'a> {
    line: &'a str,
    commands: Vec<Simple>,
    /// For each command, in how many substitutions it stands.
    levels: Vec<usize>,
    defines: Vec<Span>,
    depth: usize,
}

/// What surrounds a statement.
#[derive(Clone, Default)]
struct Around {
    redirects: Vec<Redirect>,
    place: Place,
    /// In how many substitutions it stands.
    level: usize,
}

/// A node's child, and its field in the grammar.
type Part<'t> = (Node<'t>, Option<&'static str>);

impl<'a> Reader<'a> {
    fn raw(&self, span: Span) -> Result<&'a str, Unparsed> {
        self.line.get(span).ok_or_else(|| Unparsed::new("a tree that does not fit the line"))
    }

    fn text(&self, node: Node<'_>) -> Result<&'a str, Unparsed> {
        self.raw(node.byte_range())
    }

    /// The children without comments. What lies between them has to be blank.
    fn parts<'t>(&self, node: Node<'t>, newlines: bool) -> Result<Vec<Part<'t>>, Unparsed> {
        let mut parts = Vec::new();
        let mut cursor = node.walk();
        let mut at = node.start_byte();
        if cursor.goto_first_child() {
            loop {
                let child = cursor.node();
                self.blank(at..child.start_byte().max(at), newlines)?;
                at = child.end_byte().max(at);
                if child.kind() == "comment" {
                    self.comment(child)?;
                } else {
                    parts.push((child, cursor.field_name()));
                }
                if !cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        self.blank(at..node.end_byte().max(at), newlines)?;
        Ok(parts)
    }

    fn blank(&self, span: Span, newlines: bool) -> Result<(), Unparsed> {
        let rest = self.raw(span.clone())?.replace("\\\n", "");
        let ok = |c: char| c == ' ' || c == '\t' || (newlines && c == '\n');
        if rest.chars().all(ok) { Ok(()) } else { Err(Unparsed::at("text between two tokens", span)) }
    }

    /// `#` begins a comment after a blank or an operator only.
    fn comment(&self, node: Node<'_>) -> Result<(), Unparsed> {
        let before = self.raw(0..node.start_byte())?;
        if before.is_empty() || before.ends_with([' ', '\t', '\n', ';', '|', '&', '(', ')']) {
            return Ok(());
        }
        Err(Unparsed::at("a # that may not begin a comment", node.byte_range()))
    }

    fn push(&mut self, simple: Simple, level: usize) -> Result<usize, Unparsed> {
        if self.commands.len() >= MAX_COMMANDS {
            return Err(Unparsed::new(format!("more than {MAX_COMMANDS} commands")));
        }
        self.commands.push(simple);
        self.levels.push(level);
        Ok(self.commands.len() - 1)
    }

    /// The last command since `from` that is not in a substitution of these.
    fn last_since(&self, from: usize, level: usize) -> Option<usize> {
        let levels = self.levels.iter().enumerate().skip(from);
        levels.filter(|(_, is)| **is == level).map(|(i, _)| i).next_back()
    }
}

fn unlisted(node: Node<'_>) -> Unparsed {
    let kind = node.kind().replace('_', " ").replace('\n', "a newline");
    Unparsed::at(format!("syntax that is not read here: {kind}"), node.byte_range())
}
