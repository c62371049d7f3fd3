//! Redirects. The grammar takes the words behind a target for targets as well; they are arguments.

use tree_sitter::Node;

use super::command::Draft;
use super::{Reader, unlisted};
use crate::rules::shell::Unparsed;
use crate::rules::shell::value::{Redirect, RedirectKind};

impl Reader<'_> {
    pub(super) fn redirect<'t>(&self, node: Node<'t>, draft: &mut Draft<'t>) -> Result<(), Unparsed> {
        match node.kind() {
            "file_redirect" => self.file_redirect(node, draft),
            "herestring_redirect" => self.here_string(node, draft),
            "heredoc_redirect" => self.here_document(node, draft),
            _ => Err(unlisted(node)),
        }
    }

    fn file_redirect<'t>(&self, node: Node<'t>, draft: &mut Draft<'t>) -> Result<(), Unparsed> {
        let parts = self.parts(node, false)?;
        let rest = self.after_descriptor(&parts)?;
        let Some(((operator, _), targets)) = rest.split_first() else { return Err(unlisted(node)) };
        let mut targets = targets.iter().map(|(target, _)| *target);
        let op = operator.kind();
        let mut end = operator.end_byte();
        let kind = if matches!(op, ">&-" | "<&-") {
            RedirectKind::Duplicate
        } else {
            let target = targets.next().ok_or_else(|| unlisted(node))?;
            end = target.end_byte();
            self.targeted(op, target, draft)?
        };
        draft.words.extend(targets);
        draft.redirects.push(Redirect { span: node.start_byte()..end, kind });
        Ok(())
    }

    fn targeted<'t>(&self, op: &str, target: Node<'t>, draft: &mut Draft<'t>) -> Result<RedirectKind, Unparsed> {
        let (word, mut holes) = self.word(target)?;
        draft.holes.append(&mut holes);
        self.alone(target.byte_range())?;
        let number = self.text(target)?.bytes().all(|b| b.is_ascii_digit());
        Ok(match op {
            ">&" | "<&" if number => RedirectKind::Duplicate,
            "<" => RedirectKind::Read(word),
            ">" | ">>" | ">|" | "&>" | "&>>" => RedirectKind::Write(word),
            // `2>&1-` moves a descriptor, and `2>&$x` may.
            ">&" if word.dynamic.is_empty() && !word.sketch.ends_with('-') => RedirectKind::Write(word),
            _ => return Err(Unparsed::at("a redirect that is not read here", target.byte_range())),
        })
    }

    fn here_string<'t>(&self, node: Node<'t>, draft: &mut Draft<'t>) -> Result<(), Unparsed> {
        let parts = self.parts(node, false)?;
        let [(operator, _), (target, _)] = self.after_descriptor(&parts)? else { return Err(unlisted(node)) };
        if operator.kind() != "<<<" {
            return Err(unlisted(*operator));
        }
        let (word, mut holes) = self.word(*target)?;
        draft.holes.append(&mut holes);
        self.alone(target.byte_range())?;
        let kind = RedirectKind::Here { literal: word.text.is_some(), text: word.text };
        draft.redirects.push(Redirect { span: node.byte_range(), kind });
        Ok(())
    }

    /// A descriptor has to touch its operator: `2 >x` is an argument and a redirect.
    pub(super) fn after_descriptor<'p, 't>(
        &self,
        parts: &'p [super::Part<'t>],
    ) -> Result<&'p [super::Part<'t>], Unparsed> {
        let Some(((first, _), rest)) = parts.split_first() else { return Ok(parts) };
        if first.kind() != "file_descriptor" {
            return Ok(parts);
        }
        let touches = rest.first().is_some_and(|(operator, _)| operator.start_byte() == first.end_byte());
        let digits = self.text(*first)?.bytes().all(|b| b.is_ascii_digit());
        if touches && digits { Ok(rest) } else { Err(unlisted(*first)) }
    }
}
