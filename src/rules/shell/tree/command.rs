//! Simple commands.

use tree_sitter::Node;

use super::statement::{Next, is_name, token};
use super::{Around, MAX_DEPTH, Reader, unlisted};
use crate::rules::shell::Unparsed;
use crate::rules::shell::value::{Assignment, Redirect, Simple};

/// What belongs to a command, as it is gathered.
#[derive(Default)]
pub(super) struct Draft<'t> {
    pub(super) words: Vec<Node<'t>>,
    assignments: Vec<Node<'t>>,
    pub(super) redirects: Vec<Redirect>,
    /// The substitutions in the redirects.
    pub(super) holes: Vec<Node<'t>>,
    pub(super) next: Vec<Next<'t>>,
}

/// Words that open, close or split compound commands where a command's name is expected; and what zsh
/// knows there and bash does not.
const RESERVED: &[&str] = &[
    "if",
    "then",
    "elif",
    "else",
    "fi",
    "do",
    "done",
    "case",
    "esac",
    "while",
    "until",
    "for",
    "in",
    "select",
    "function",
    "{",
    "}",
    "]]",
    "!",
    "coproc",
    "repeat",
    "foreach",
    "end",
    "always",
    "noglob",
    "nocorrect",
    "-",
];

impl Reader<'_> {
    /// `node` is `None` for redirects alone.
    pub(super) fn simple<'t>(
        &mut self,
        node: Option<Node<'t>>,
        around: &Around,
        tail: &[Node<'t>],
    ) -> Result<(), Unparsed> {
        let mut draft = self.drafted(node, tail)?;
        let mut simple = Simple { place: around.place.clone(), ..Simple::default() };
        simple.place.piped_on |= draft.next.iter().any(|next| next.piped);
        simple.redirects.clone_from(&around.redirects);
        let mut holes = Vec::new();
        for node in &draft.assignments {
            let (assignment, mut inner) = self.assignment(*node)?;
            simple.assignments.push(assignment);
            holes.append(&mut inner);
        }
        for node in &draft.words {
            self.stands_alone(*node)?;
            let (word, mut inner) = if node.is_named() {
                self.word(*node)?
            } else {
                (token(self.text(*node)?, node.byte_range()), Vec::new())
            };
            simple.argv.push(word);
            holes.append(&mut inner);
        }
        named_plainly(&simple)?;
        holes.append(&mut draft.holes);
        simple.redirects.append(&mut draft.redirects);
        let ends = simple.argv.iter().map(|word| word.span.end);
        let own = ends.chain(simple.redirects.iter().map(|one| one.span.end)).max().unwrap_or(0);
        simple.span = extent(node, tail, &draft.next, own);
        let at = self.push(simple, around.level)?;
        self.substitutions(&holes, around)?;
        self.go_on(&draft.next, Some(at), around)
    }

    /// All that belongs to the command, its words in the order in which they stand.
    fn drafted<'t>(&self, node: Option<Node<'t>>, tail: &[Node<'t>]) -> Result<Draft<'t>, Unparsed> {
        let mut draft = Draft::default();
        if let Some(node) = node {
            self.gather(node, &mut draft)?;
        }
        for redirect in tail {
            self.redirect(*redirect, &mut draft)?;
        }
        // A word behind a redirect's target is in the redirect's node.
        draft.words.sort_by_key(Node::start_byte);
        self.head(&draft)?;
        Ok(draft)
    }

    fn gather<'t>(&self, node: Node<'t>, draft: &mut Draft<'t>) -> Result<(), Unparsed> {
        if node.kind() == "variable_assignment" {
            draft.assignments.push(node);
            return Ok(());
        }
        let test = node.kind() == "test_command";
        for (part, _) in self.parts(node, false)? {
            match part.kind() {
                "variable_assignment" if node.kind() == "declaration_command" => draft.words.push(part),
                "variable_assignment" => draft.assignments.push(part),
                "file_redirect" | "herestring_redirect" if !test => self.redirect(part, draft)?,
                "unary_expression" | "binary_expression" | "parenthesized_expression" if test => {
                    self.operands(part, draft, MAX_DEPTH)?;
                }
                "subshell" | "redirected_statement" => return Err(unlisted(part)),
                _ => draft.words.push(part),
            }
        }
        Ok(())
    }

    /// The words and operators of a `[ … ]` or `[[ … ]]`, in order.
    fn operands<'t>(&self, node: Node<'t>, draft: &mut Draft<'t>, deeper: usize) -> Result<(), Unparsed> {
        let deeper = deeper.checked_sub(1).ok_or_else(|| Unparsed::at("nested too deep", node.byte_range()))?;
        for (part, _) in self.parts(node, false)? {
            match part.kind() {
                "unary_expression" | "binary_expression" | "parenthesized_expression" => {
                    self.operands(part, draft, deeper)?;
                }
                _ => draft.words.push(part),
            }
        }
        Ok(())
    }

    /// Whether the first word is read as a command's name by the shell too.
    fn head(&self, draft: &Draft<'_>) -> Result<(), Unparsed> {
        let Some(first) = draft.words.first() else { return Ok(()) };
        let name = self.text(*first)?;
        // zsh and interactive shells know `!!` and `!name`.
        if RESERVED.contains(&name) || name.starts_with('!') {
            return Err(Unparsed::at(format!("{name}, a word of the shell's own"), first.byte_range()));
        }
        let looks = |text: &str| text.split_once('=').is_some_and(|(l, _)| is_name(l.trim_end_matches('+')));
        if looks(name) {
            return Err(Unparsed::at("an assignment where the parser sees a name", first.byte_range()));
        }
        if name != "time" {
            return Ok(());
        }
        // The grammar has no `time`: behind it may stand what begins any pipeline.
        let mut rest = draft.words.iter().skip(1);
        let timed = rest.find(|word| self.text(**word) != Ok("-p"));
        let text = timed.map_or(Ok(""), |word| self.text(*word))?;
        if !draft.assignments.is_empty()
            || text.is_empty()
            || text.starts_with('-')
            || looks(text)
            || text == "time"
            || RESERVED.contains(&text)
            || text.starts_with('[')
        {
            return Err(Unparsed::at("time before something else than a simple command", first.byte_range()));
        }
        Ok(())
    }

    fn assignment<'t>(&self, node: Node<'t>) -> Result<(Assignment, Vec<Node<'t>>), Unparsed> {
        let parts = self.parts(node, false)?;
        let (Some((name, Some("name"))), Some((operator, _))) = (parts.first(), parts.get(1)) else {
            return Err(unlisted(node));
        };
        let text = self.text(*name)?;
        let adjacent = name.end_byte() == operator.start_byte();
        if !is_name(text) || !matches!(operator.kind(), "=" | "+=") || !adjacent || parts.len() > 3 {
            return Err(Unparsed::at("an assignment to something else than a variable", node.byte_range()));
        }
        self.alone(node.byte_range())?;
        let (value, holes) =
            self.word_in(parts.get(2).map(|(value, _)| *value), operator.end_byte()..node.end_byte())?;
        Ok((Assignment { span: node.byte_range(), name: text.to_owned(), value }, holes))
    }

    /// A word has to be a whole one: a blank or an operator on either side.
    pub(super) fn stands_alone(&self, node: Node<'_>) -> Result<(), Unparsed> {
        self.alone(node.byte_range())
    }

    pub(super) fn alone(&self, span: super::Span) -> Result<(), Unparsed> {
        const SIDES: [char; 10] = [' ', '\t', '\n', ';', '|', '&', '(', ')', '<', '>'];
        let mut before = self.raw(0..span.start)?;
        let mut after = self.raw(span.end..self.line.len())?;
        while let Some(shorter) = before.strip_suffix("\\\n") {
            before = shorter;
        }
        while let Some(shorter) = after.strip_prefix("\\\n") {
            after = shorter;
        }
        let sides = |c: char| SIDES.contains(&c) || c == '`';
        if (before.is_empty() || before.ends_with(sides)) && (after.is_empty() || after.starts_with(sides)) {
            return Ok(());
        }
        Err(Unparsed::at("a part of a word", span))
    }
}

/// A name that expands is another name.
fn named_plainly(simple: &Simple) -> Result<(), Unparsed> {
    // `~/bin/tool` stands for one name, and `[` is a name.
    let harmless = |text: &str| text == "[" || (text.starts_with("~/") && !text.contains(['*', '?', '[', '{']));
    match simple.argv.first() {
        Some(word) if word.expands && !harmless(&word.sketch) => {
            Err(Unparsed::at("a command's name that expands to another", word.span.clone()))
        }
        _ => Ok(()),
    }
}

/// From its first byte to its last. A here-document's node swallows the rest of its line as well; when that
/// holds another command, this one ends with the last thing that is its own.
fn extent(node: Option<Node<'_>>, tail: &[Node<'_>], next: &[Next<'_>], own: usize) -> super::Span {
    let all = || node.iter().chain(tail);
    let start = all().map(Node::start_byte).min().unwrap_or(0);
    let end = all().map(Node::end_byte).max().unwrap_or(start);
    start..if next.is_empty() { end } else { own.max(start) }
}
