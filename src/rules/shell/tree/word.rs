//! Words: where a word's expansions are, and of which kind.

use tree_sitter::Node;

use super::{Reader, unlisted};
use crate::rules::shell::Unparsed;
use crate::rules::shell::expansion;
use crate::rules::shell::quote::{Hole, Piece, resolve};
use crate::rules::shell::value::{Span, Word};

/// An expansion: its place, its kind, and its node.
type Found<'t> = (Span, Hole, Node<'t>);

impl Reader<'_> {
    /// The word, and the substitutions in it whose commands run.
    pub(super) fn word<'t>(&self, node: Node<'t>) -> Result<(Word, Vec<Node<'t>>), Unparsed> {
        self.word_in(Some(node), node.byte_range())
    }

    /// The word at `span`, whose expansions are in `node`; without one, it is empty.
    pub(super) fn word_in<'t>(&self, node: Option<Node<'t>>, span: Span) -> Result<(Word, Vec<Node<'t>>), Unparsed> {
        let mut found = Vec::new();
        if let Some(node) = node {
            self.expansions(node, false, &mut found)?;
        }
        let mut pieces = Vec::new();
        let mut at = span.start;
        for (hole, kind, _) in &found {
            pieces.push(Piece::Text(self.raw(at..hole.start)?.to_owned()));
            pieces.push(Piece::Hole(kind.clone()));
            at = hole.end;
        }
        pieces.push(Piece::Text(self.raw(at..span.end)?.to_owned()));
        let word = resolve(&pieces, span.clone()).map_err(|why| Unparsed::at(why, span))?;
        let runs = |hole: &Hole| matches!(hole, Hole::Command | Hole::Process | Hole::HereDocument(_));
        let nodes = found.into_iter().filter(|(_, kind, _)| runs(kind)).map(|(_, _, node)| node);
        Ok((word, nodes.collect()))
    }

    fn expansions<'t>(&self, node: Node<'t>, quoted: bool, found: &mut Vec<Found<'t>>) -> Result<(), Unparsed> {
        match node.kind() {
            "simple_expansion" | "expansion" | "arithmetic_expansion" => {
                let span = self.trimmed(node)?;
                let kind = expansion::kind(self.raw(span.clone())?, self.raw(span.end..self.line.len())?)
                    .map_err(|why| Unparsed::at(why, span.clone()))?;
                found.push((span, kind, node));
            }
            "command_substitution" => {
                let span = self.trimmed(node)?;
                let raw = self.raw(span.clone())?;
                // Inside backticks a backslash means something else, in quotes a quote does.
                if raw.starts_with('`') && (raw.contains('\\') || (quoted && raw.contains('"'))) {
                    return Err(Unparsed::at("quoting inside backticks", span));
                }
                let kind = self.here_document_of(node)?.map_or(Hole::Command, Hole::HereDocument);
                found.push((span, kind, node));
            }
            "process_substitution" => found.push((self.trimmed(node)?, Hole::Process, node)),
            "string" => self.each(node, true, found)?,
            "concatenation" | "command_name" | "brace_expression" | "variable_assignment" | "number" => {
                self.each(node, quoted, found)?;
            }
            "word" | "raw_string" | "ansi_c_string" | "string_content" | "test_operator" | "variable_name"
            | "extglob_pattern" | "regex" | "=" | "+=" | "$" | "\"" | "{" | "}" | ".." | "==" | "=~" => {
                if node.child_count() > 0 {
                    return Err(unlisted(node));
                }
            }
            _ => return Err(unlisted(node)),
        }
        Ok(())
    }

    fn each<'t>(&self, node: Node<'t>, quoted: bool, found: &mut Vec<Found<'t>>) -> Result<(), Unparsed> {
        let mut cursor = node.walk();
        if cursor.goto_first_child() {
            loop {
                self.expansions(cursor.node(), quoted, found)?;
                if !cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// In quotes, the grammar counts the blanks before an expansion to it.
    fn trimmed(&self, node: Node<'_>) -> Result<Span, Unparsed> {
        let raw = self.text(node)?;
        let blanks = raw.len() - raw.trim_start_matches([' ', '\t', '\n']).len();
        Ok(node.start_byte() + blanks..node.end_byte())
    }
}
