//! Statements that hold others: lists, pipelines, groups, conditions, loops, functions, substitutions.

use tree_sitter::Node;

use super::command::Draft;
use super::{Around, MAX_DEPTH, Reader, unlisted};
use crate::rules::shell::Unparsed;
use crate::rules::shell::gate::MAX_SUBSTITUTIONS;
use crate::rules::shell::value::{Assignment, Simple, Span, Word};

/// A statement that a here-document's first line goes on with.
pub(super) struct Next<'t> {
    pub(super) node: Node<'t>,
    /// After `|`, not after `&&` or `||`.
    pub(super) piped: bool,
}

impl Reader<'_> {
    /// `tail`: redirects that stand behind the statement, which may belong to its last part.
    pub(super) fn statement<'t>(&mut self, node: Node<'t>, around: &Around, tail: &[Node<'t>]) -> Result<(), Unparsed> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unparsed::at("nested too deep", node.byte_range()));
        }
        match node.kind() {
            "command"
            | "declaration_command"
            | "unset_command"
            | "test_command"
            | "variable_assignment"
            | "variable_assignments" => self.simple(Some(node), around, tail)?,
            "redirected_statement" => self.redirected(node, around, tail)?,
            "list" => self.list(node, around, tail)?,
            "pipeline" => self.pipeline(node, around, tail)?,
            "negated_command" => match self.parts(node, false)?.as_slice() {
                [(bang, _), (inner, _)] if bang.kind() == "!" => self.statement(*inner, around, tail)?,
                _ => return Err(unlisted(node)),
            },
            "subshell" | "compound_statement" | "if_statement" | "while_statement" | "for_statement"
            | "case_statement" => self.compound(node, around, tail)?,
            "function_definition" => self.function(node, around, tail)?,
            _ => return Err(unlisted(node)),
        }
        self.depth -= 1;
        Ok(())
    }

    fn redirected<'t>(&mut self, node: Node<'t>, around: &Around, tail: &[Node<'t>]) -> Result<(), Unparsed> {
        let parts = self.parts(node, false)?;
        let (body, redirects) = match parts.split_first() {
            Some(((body, Some("body")), rest)) => (Some(*body), rest),
            _ => (None, parts.as_slice()),
        };
        let mut all: Vec<Node<'t>> = redirects.iter().map(|(node, _)| *node).collect();
        all.extend_from_slice(tail);
        match body {
            Some(body) => self.statement(body, around, &all),
            None => self.simple(None, around, &all),
        }
    }

    /// The grammar hangs the redirects of `a && b >f` on the list; to the shell they are `b`'s.
    fn list<'t>(&mut self, node: Node<'t>, around: &Around, tail: &[Node<'t>]) -> Result<(), Unparsed> {
        match self.parts(node, true)?.as_slice() {
            [(left, _), (operator, _), (right, _)] if matches!(operator.kind(), "&&" | "||") => {
                self.statement(*left, around, &[])?;
                self.statement(*right, around, tail)
            }
            _ => Err(unlisted(node)),
        }
    }

    fn pipeline<'t>(&mut self, node: Node<'t>, around: &Around, tail: &[Node<'t>]) -> Result<(), Unparsed> {
        let parts = self.parts(node, true)?;
        let mut inner = around.clone();
        for (i, (stage, _)) in parts.iter().enumerate() {
            if i % 2 == 1 {
                if !matches!(stage.kind(), "|" | "|&") {
                    return Err(unlisted(*stage));
                }
                continue;
            }
            let last = i + 1 >= parts.len();
            inner.place.piped_on = !last || around.place.piped_on;
            let from = self.commands.len();
            self.statement(*stage, &inner, if last { tail } else { &[] })?;
            inner.place.reads_from = self.last_since(from, around.level);
        }
        Ok(())
    }

    fn compound<'t>(&mut self, node: Node<'t>, around: &Around, tail: &[Node<'t>]) -> Result<(), Unparsed> {
        let mut draft = Draft::default();
        for redirect in tail {
            self.redirect(*redirect, &mut draft)?;
        }
        if let Some(word) = draft.words.first() {
            return Err(Unparsed::at("a word after a compound command", word.byte_range()));
        }
        let mut inner = around.clone();
        inner.redirects.append(&mut draft.redirects);
        inner.place.nested |= !matches!(node.kind(), "subshell" | "compound_statement");
        inner.place.piped_on |= draft.next.iter().any(|next| next.piped);
        let from = self.commands.len();
        self.block(node, &inner)?;
        self.substitutions(&draft.holes, around)?;
        let last = self.last_since(from, around.level);
        self.go_on(&draft.next, last, around)
    }

    /// What stands behind a here-document's beginning, on the same line.
    pub(super) fn go_on(&mut self, next: &[Next<'_>], last: Option<usize>, around: &Around) -> Result<(), Unparsed> {
        for one in next {
            let mut inner = around.clone();
            if one.piped {
                inner.place.reads_from = last;
            }
            self.statement(one.node, &inner, &[])?;
        }
        Ok(())
    }

    fn function<'t>(&mut self, node: Node<'t>, around: &Around, tail: &[Node<'t>]) -> Result<(), Unparsed> {
        self.defines.push(node.byte_range());
        let mut inner = around.clone();
        inner.place.nested = true;
        let mut body = None;
        let mut redirects = Vec::new();
        for (part, field) in self.parts(node, true)? {
            match (part.kind(), field) {
                ("function" | "(" | ")", _) | ("word", Some("name")) => {}
                (_, Some("body")) => body = Some(part),
                (_, Some("redirect")) => redirects.push(part),
                _ => return Err(unlisted(part)),
            }
        }
        redirects.extend_from_slice(tail);
        self.statement(body.ok_or_else(|| unlisted(node))?, &inner, &redirects)
    }

    /// The statements, keywords and clauses of a node, in order.
    pub(super) fn block(&mut self, node: Node<'_>, around: &Around) -> Result<(), Unparsed> {
        let parts = self.parts(node, true)?;
        if node.kind() == "for_statement" {
            self.loop_head(node, &parts, around)?;
        }
        for (i, (part, field)) in parts.iter().enumerate() {
            let kind = part.kind();
            match kind {
                _ if node.kind() == "for_statement" && kind != "do_group" => {}
                _ if *field == Some("value") => {
                    let (_, holes) = self.word(*part)?;
                    self.substitutions(&holes, around)?;
                }
                "do_group" | "elif_clause" | "else_clause" | "case_item" => self.block(*part, around)?,
                _ if !part.is_named() => keyword(node, *part, i + 1 == parts.len())?,
                _ => {
                    let mut inner = around.clone();
                    let next = parts.get(i + 1).map(|(next, _)| next.kind());
                    inner.place.background |= next == Some("&");
                    self.statement(*part, &inner, &[])?;
                }
            }
        }
        Ok(())
    }

    /// `for x in a b;`: as if `x` were assigned each word.
    fn loop_head(&mut self, node: Node<'_>, parts: &[super::Part<'_>], around: &Around) -> Result<(), Unparsed> {
        let mut name = "";
        let mut simple =
            Simple { redirects: around.redirects.clone(), place: around.place.clone(), ..Simple::default() };
        simple.span = node.start_byte()..node.start_byte();
        let mut all_holes = Vec::new();
        let mut has_in = false;
        for (part, field) in parts {
            match (part.kind(), *field) {
                ("do_group", _) | ("for" | ";" | "\n", None) => {}
                ("in", _) => has_in = true,
                (_, Some("variable")) => name = self.text(*part)?,
                (_, Some("value")) => {
                    self.stands_alone(*part)?;
                    let (value, mut holes) = self.word(*part)?;
                    all_holes.append(&mut holes);
                    simple.span.end = value.span.end;
                    let span = part.byte_range();
                    simple.assignments.push(Assignment { span, name: name.to_owned(), value });
                }
                _ => return Err(unlisted(*part)),
            }
        }
        if !has_in || !is_name(name) || simple.assignments.is_empty() {
            return Err(Unparsed::at("a loop over something else than words", node.byte_range()));
        }
        self.push(simple, around.level)?;
        self.substitutions(&all_holes, around)
    }

    /// The commands in the substitutions of some words.
    pub(super) fn substitutions(&mut self, holes: &[Node<'_>], around: &Around) -> Result<(), Unparsed> {
        for hole in holes {
            let from = self.commands.len();
            let mut inner = around.clone();
            inner.level += 1;
            if inner.level > MAX_SUBSTITUTIONS {
                return Err(Unparsed::at("substitutions nested too deep", hole.byte_range()));
            }
            inner.place.substituted = true;
            inner.place.piped_on = false;
            let parts = self.parts(*hole, true)?;
            match parts.as_slice() {
                [_, (redirect, Some("redirect")), _] => self.simple(None, &inner, &[*redirect])?,
                _ => self.block(*hole, &inner)?,
            }
            self.one_here_document(from, hole.byte_range())?;
        }
        Ok(())
    }

    /// Of a substitution with two here-documents, one in the other's neighbour, bash 5.2 loses an operator
    /// when it writes the text down to read it again: `;` ends no command then.
    fn one_here_document(&self, from: usize, span: Span) -> Result<(), Unparsed> {
        let redirects = self.commands.iter().skip(from).flat_map(|one| &one.redirects);
        let mut starts: Vec<usize> = Vec::new();
        for redirect in redirects.filter(|one| span.start <= one.span.start && one.span.end <= span.end) {
            let raw = self.raw(redirect.span.clone())?.trim_start_matches(|c: char| c.is_ascii_digit());
            if raw.starts_with("<<") && !raw.starts_with("<<<") {
                starts.push(redirect.span.start);
            }
        }
        starts.dedup();
        if starts.len() > 1 { Err(Unparsed::at("here-documents in a substitution", span)) } else { Ok(()) }
    }
}

/// The tokens that may stand in a node between its statements.
fn keyword(node: Node<'_>, part: Node<'_>, last: bool) -> Result<(), Unparsed> {
    let own: &[&str] = match node.kind() {
        "subshell" => &["(", ")"],
        "compound_statement" => &["{", "}"],
        "if_statement" => &["if", "then", "fi"],
        "elif_clause" => &["elif", "then"],
        "else_clause" => &["else"],
        "while_statement" => &["while", "until"],
        "do_group" => &["do", "done"],
        "case_statement" => &["case", "in", "esac"],
        "case_item" if last => &[";;", ";&", ";;&", ")"],
        "case_item" => &["(", ")", "|"],
        "command_substitution" => &["$(", "`", ")"],
        "process_substitution" => &["<(", ">(", ")"],
        _ => &[],
    };
    let kind = part.kind();
    if matches!(kind, ";" | "&" | "\n") || own.contains(&kind) { Ok(()) } else { Err(unlisted(part)) }
}

/// A name that a variable can have.
pub(super) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic())
        && bytes.all(|b| b == b'_' || b.is_ascii_alphanumeric())
}

/// A word that needs no reading: an operator's token.
pub(super) fn token(text: &str, span: Span) -> Word {
    Word { span, text: Some(text.to_owned()), sketch: text.to_owned(), ..Word::default() }
}
