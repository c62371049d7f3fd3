//! Here-documents. The grammar errs about where they begin and end when their first line goes on, so both
//! are found here once more, from the text alone, and have to be the same.

use tree_sitter::Node;

use super::command::Draft;
use super::statement::Next;
use super::{Reader, unlisted};
use crate::rules::shell::Unparsed;
use crate::rules::shell::expansion;
use crate::rules::shell::quote::Piece;
use crate::rules::shell::value::{Redirect, RedirectKind, Span};

/// A delimiter, as the line has it: `EOF`, `'EOF'`, `"EOF"`, `\EOF`.
struct Delimiter<'a> {
    text: &'a str,
    quoted: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn here_document<'t>(&self, node: Node<'t>, draft: &mut Draft<'t>) -> Result<(), Unparsed> {
        let parts = self.heads(node)?;
        let rest = self.after_descriptor(&parts)?;
        let [(operator, _), (start, _), rest @ ..] = rest else { return Err(unlisted(node)) };
        if !matches!(operator.kind(), "<<" | "<<-") || start.kind() != "heredoc_start" {
            return Err(unlisted(node));
        }
        let kind = self.body(node, operator.kind() == "<<-", *start)?;
        let span = node.start_byte()..start.end_byte();
        draft.redirects.push(Redirect { span, kind });
        let mut operator = "";
        for (part, field) in rest {
            match (part.kind(), field) {
                ("heredoc_body" | "heredoc_end" | "\n", _) => {}
                ("&&" | "||", _) => operator = part.kind(),
                (_, Some("right")) if !operator.is_empty() => draft.next.push(Next { node: *part, piped: false }),
                ("pipeline", _) => self.piped(*part, draft)?,
                (_, Some("redirect")) => self.redirect(*part, draft)?,
                (_, Some("argument")) => draft.words.push(*part),
                _ => return Err(unlisted(*part)),
            }
        }
        Ok(())
    }

    fn piped<'t>(&self, node: Node<'t>, draft: &mut Draft<'t>) -> Result<(), Unparsed> {
        match self.parts(node, false)?.as_slice() {
            [(pipe, _), (statement, _)] if matches!(pipe.kind(), "|" | "|&") => {
                draft.next.push(Next { node: *statement, piped: true });
                Ok(())
            }
            _ => Err(unlisted(node)),
        }
    }

    /// The children; the here-document's own text needs no blanks between.
    fn heads<'t>(&self, node: Node<'t>) -> Result<Vec<super::Part<'t>>, Unparsed> {
        let parts = self.parts(node, true)?;
        let named = |kind: &str| parts.iter().filter(|(part, _)| part.kind() == kind).count();
        if named("heredoc_start") == 1 && named("heredoc_body") == 1 && named("heredoc_end") == 1 {
            return Ok(parts);
        }
        Err(unlisted(node))
    }

    fn body(&self, node: Node<'_>, strip: bool, start: Node<'_>) -> Result<RedirectKind, Unparsed> {
        let wrong = |why: &str| Unparsed::at(why, start.byte_range());
        let delimiter = delimiter(self.text(start)?).ok_or_else(|| wrong("an unusual here-document delimiter"))?;
        let after = self.raw(start.end_byte()..self.line.len())?;
        let first = after.find('\n').ok_or_else(|| wrong("a here-document without a body"))?;
        if after.get(..first).is_some_and(|line| line.contains("<<") || line.ends_with('\\')) {
            return Err(wrong("a here-document whose first line goes on"));
        }
        let from = start.end_byte() + first + 1;
        let (text, span) =
            self.until(from, &delimiter, strip).ok_or_else(|| wrong("a here-document that is not closed"))?;
        let seen = self.tree_body(node)?;
        // The tree leaves out the tabs before the first line, when they are stripped.
        let skipped = self.raw(span.start..seen.start.max(span.start))?;
        let same = seen.start >= span.start && skipped.chars().all(|c| strip && c == '\t');
        if !same || seen.end != span.end {
            return Err(wrong("a here-document whose end is not clear"));
        }
        let plain = delimiter.quoted || !text.contains(['$', '`', '\\']);
        if plain {
            return Ok(RedirectKind::Here { literal: true, text: Some(text) });
        }
        let pieces = expansion::split(&text).map_err(|_| wrong("a here-document that expands more than variables"))?;
        let holes = pieces.iter().any(|piece| matches!(piece, Piece::Hole(_)));
        // Without an expansion it still loses backslashes; that is not worked out here.
        Ok(RedirectKind::Here { literal: !holes, text: None })
    }

    /// The text up to the line that is the delimiter, and where both stand.
    fn until(&self, from: usize, delimiter: &Delimiter<'_>, strip: bool) -> Option<(String, Span)> {
        let mut text = String::new();
        let mut at = from;
        for full in self.line.get(from..)?.split_inclusive('\n') {
            let line = if strip { full.trim_start_matches('\t') } else { full };
            if line.strip_suffix('\n').unwrap_or(line) == delimiter.text {
                return Some((text, from..at + full.trim_end_matches('\n').len()));
            }
            text.push_str(line);
            at += full.len();
        }
        None
    }

    /// Where the tree has the body and the delimiter after it.
    fn tree_body(&self, node: Node<'_>) -> Result<Span, Unparsed> {
        let mut span: Option<Span> = None;
        for (part, _) in self.parts(node, true)? {
            if matches!(part.kind(), "heredoc_body" | "heredoc_end") {
                let start = span.map_or(part.start_byte(), |span| span.start);
                span = Some(start..part.end_byte());
            }
        }
        span.ok_or_else(|| unlisted(node))
    }

    /// The text of `$(cat <<'EOF' …)`, if that is what the substitution is.
    pub(super) fn here_document_of(&self, node: Node<'_>) -> Result<Option<String>, Unparsed> {
        let parts = self.parts(node, true)?;
        let inner: Vec<_> = parts.iter().filter(|(part, _)| part.kind() != "\n").collect();
        let [(open, _), (statement, _), _] = inner.as_slice() else { return Ok(None) };
        if open.kind() != "$(" || statement.kind() != "redirected_statement" {
            return Ok(None);
        }
        let halves = self.parts(*statement, false)?;
        let [(cat, Some("body")), (redirect, _)] = halves.as_slice() else { return Ok(None) };
        if self.text(*cat)? != "cat" || redirect.kind() != "heredoc_redirect" {
            return Ok(None);
        }
        let mut draft = Draft::default();
        self.here_document(*redirect, &mut draft)?;
        let quoted = self.parts(*redirect, true)?.iter().any(|(part, _)| {
            part.kind() == "heredoc_start" && self.text(*part).is_ok_and(|raw| raw.starts_with(['\'', '"', '\\']))
        });
        if !quoted || !draft.words.is_empty() || !draft.next.is_empty() {
            return Ok(None);
        }
        match draft.redirects.as_slice() {
            [Redirect { kind: RedirectKind::Here { literal: true, text: Some(text) }, .. }] => {
                Ok(Some(text.trim_end_matches('\n').to_owned()))
            }
            _ => Ok(None),
        }
    }
}

fn delimiter(raw: &str) -> Option<Delimiter<'_>> {
    let inside = |quote: char| raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    // With a `%` the tree would take another line for the delimiter: see `stand_in`.
    let plain = |text: &str| {
        !text.is_empty()
            && text.is_ascii()
            && !text.contains(['\'', '"', '\\', '$', '`', ';', '|', '&', '<', '>', '(', ')', '\n', '%'])
    };
    let (text, quoted) = match (inside('\''), inside('"'), raw.strip_prefix('\\')) {
        (Some(text), ..) | (_, Some(text), _) | (_, _, Some(text)) => (text, true),
        _ => (raw, false),
    };
    plain(text).then_some(Delimiter { text, quoted })
}
