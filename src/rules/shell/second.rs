//! The second opinion: what `rable` sees in the line, to be compared with the first.

use rable::{ListItem, Node, NodeKind};

use super::quote::{Hole, Piece, resolve};
use super::value::{RedirectKind, Simple};
use super::{Unparsed, expansion};

/// Checks that both parsers see the same commands, in the same order. `first` is in the order of reading:
/// a command, then those in its substitutions, then the next.
///
/// # Errors
/// The first difference, in words.
pub fn agrees(line: &str, first: &[Simple]) -> Result<(), Unparsed> {
    let nodes = rable::parse(line, false)
        .map_err(|no| Unparsed::new(format!("a second parser sees an error: {}", no.message())))?;
    let mut seen = Seen::default();
    for node in &nodes {
        seen.statement(node, &[]).map_err(|why| Unparsed::new(format!("a second parser sees {why}")))?;
    }
    for (i, one) in first.iter().enumerate() {
        if seen.commands.get(i) != Some(&Command::from(one)) {
            return Err(Unparsed::at("two parsers disagree about this command", one.span.clone()));
        }
    }
    if seen.commands.len() > first.len() {
        return Err(Unparsed::new("a second parser sees another command"));
    }
    Ok(())
}

/// What both opinions have to agree on: sketches of the words.
#[derive(Debug, Default, PartialEq, Eq)]
struct Command {
    assignments: Vec<(String, String)>,
    words: Vec<String>,
    redirects: Vec<Target>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Read(String),
    Write(String),
    Duplicate,
    /// Its text, when it is known.
    Here(Option<String>),
}

impl From<&Simple> for Command {
    fn from(simple: &Simple) -> Self {
        let assigned = simple.assignments.iter().map(|one| (one.name.clone(), one.value.sketch.clone()));
        Self {
            assignments: assigned.collect(),
            words: simple.argv.iter().map(|word| word.sketch.clone()).collect(),
            redirects: simple.redirects.iter().map(|redirect| Target::from(&redirect.kind)).collect(),
        }
    }
}

impl From<&RedirectKind> for Target {
    fn from(kind: &RedirectKind) -> Self {
        match kind {
            RedirectKind::Read(word) => Self::Read(word.sketch.clone()),
            RedirectKind::Write(word) => Self::Write(word.sketch.clone()),
            RedirectKind::Duplicate => Self::Duplicate,
            RedirectKind::Here { text, .. } => Self::Here(text.clone()),
        }
    }
}

type Seeing<T> = Result<T, &'static str>;

const OTHER: &str = "syntax that is not read here";

#[derive(Default)]
struct Seen {
    commands: Vec<Command>,
}

impl Seen {
    fn statement(&mut self, node: &Node, around: &[Target]) -> Seeing<()> {
        match &node.kind {
            NodeKind::Command { assignments, words, redirects } => self.simple(assignments, words, redirects, around),
            NodeKind::List { items } => self.list(items, around),
            NodeKind::Pipeline { commands, .. } => commands.iter().try_for_each(|one| self.statement(one, around)),
            // The `2>&1` that `|&` stands for, behind a compound command.
            NodeKind::Redirect { .. } if node.span.is_empty() => Ok(()),
            NodeKind::Negation { pipeline } => self.statement(pipeline, around),
            NodeKind::Time { pipeline, posix } => self.timed(pipeline, *posix, around),
            NodeKind::Function { body, .. } => self.statement(body, around),
            NodeKind::Empty => Ok(()),
            NodeKind::ConditionalExpr { body, redirects } => {
                let mut words = vec!["[[".to_owned()];
                self.condition(body, &mut words)?;
                words.push("]]".to_owned());
                let redirects = self.redirects(redirects, around, &mut Vec::new())?;
                self.commands.push(Command { words, redirects, ..Command::default() });
                Ok(())
            }
            _ => self.compound(node, around),
        }
    }

    fn list(&mut self, items: &[ListItem], around: &[Target]) -> Seeing<()> {
        items.iter().try_for_each(|item| self.statement(&item.command, around))
    }

    fn compound(&mut self, node: &Node, around: &[Target]) -> Seeing<()> {
        let (NodeKind::Subshell { redirects, .. }
        | NodeKind::BraceGroup { redirects, .. }
        | NodeKind::If { redirects, .. }
        | NodeKind::While { redirects, .. }
        | NodeKind::Until { redirects, .. }
        | NodeKind::For { redirects, .. }
        | NodeKind::Case { redirects, .. }) = &node.kind
        else {
            return Err(OTHER);
        };
        let mut holes = Vec::new();
        let inner = self.redirects(redirects, around, &mut holes)?;
        match &node.kind {
            NodeKind::Subshell { body, .. } | NodeKind::BraceGroup { body, .. } => self.statement(body, &inner)?,
            NodeKind::If { condition, then_body, else_body, .. } => {
                self.statement(condition, &inner)?;
                self.statement(then_body, &inner)?;
                else_body.iter().try_for_each(|body| self.statement(body, &inner))?;
            }
            NodeKind::While { condition, body, .. } | NodeKind::Until { condition, body, .. } => {
                self.statement(condition, &inner)?;
                self.statement(body, &inner)?;
            }
            NodeKind::For { var, words: Some(words), body, .. } => {
                self.loop_head(var, words, &inner)?;
                self.statement(body, &inner)?;
            }
            NodeKind::Case { word, patterns, .. } => {
                self.aside(word, &inner)?;
                for one in patterns {
                    one.patterns.iter().try_for_each(|pattern| self.aside(pattern, &inner))?;
                    one.body.iter().try_for_each(|body| self.statement(body, &inner))?;
                }
            }
            _ => return Err(OTHER),
        }
        self.substitutions(&holes, around)
    }

    /// A word that is no argument; what runs in it counts.
    fn aside(&mut self, word: &Node, around: &[Target]) -> Seeing<()> {
        let mut holes = Vec::new();
        sketch(word, &mut holes)?;
        self.substitutions(&holes, around)
    }

    fn loop_head(&mut self, var: &str, words: &[Node], around: &[Target]) -> Seeing<()> {
        let mut holes = Vec::new();
        let mut head = Command { redirects: around.to_vec(), ..Command::default() };
        for word in words {
            head.assignments.push((var.to_owned(), sketch(word, &mut holes)?));
        }
        self.commands.push(head);
        self.substitutions(&holes, around)
    }

    fn timed(&mut self, pipeline: &Node, posix: bool, around: &[Target]) -> Seeing<()> {
        let at = self.commands.len();
        self.statement(pipeline, around)?;
        let first = match &pipeline.kind {
            NodeKind::Pipeline { commands, .. } => commands.first().ok_or(OTHER)?,
            _ => pipeline,
        };
        let (NodeKind::Command { .. }, Some(command)) = (&first.kind, self.commands.get_mut(at)) else {
            return Err("a timed compound command");
        };
        let words = if posix { &["time", "-p"][..] } else { &["time"][..] };
        command.words.splice(0..0, words.iter().map(|&word| word.to_owned()));
        Ok(())
    }

    fn simple(&mut self, assignments: &[Node], words: &[Node], redirects: &[Node], around: &[Target]) -> Seeing<()> {
        let mut holes = Vec::new();
        let mut command = Command::default();
        for node in assignments {
            let text = sketch(node, &mut holes)?;
            let (name, value) = text.split_once('=').ok_or("an assignment without a name")?;
            let name = name.strip_suffix('+').unwrap_or(name);
            command.assignments.push((name.to_owned(), value.to_owned()));
        }
        for word in words {
            command.words.push(sketch(word, &mut holes)?);
        }
        command.redirects = self.redirects(redirects, around, &mut holes)?;
        self.commands.push(command);
        self.substitutions(&holes, around)
    }

    fn redirects<'n>(
        &mut self,
        nodes: &'n [Node],
        around: &[Target],
        holes: &mut Vec<&'n Node>,
    ) -> Seeing<Vec<Target>> {
        let mut targets = around.to_vec();
        // Without a place: the `2>&1` that `|&` stands for.
        for node in nodes.iter().filter(|node| !node.span.is_empty()) {
            targets.push(target(node, holes)?);
        }
        Ok(targets)
    }

    fn substitutions(&mut self, holes: &[&Node], around: &[Target]) -> Seeing<()> {
        holes.iter().try_for_each(|hole| self.statement(hole, around))
    }

    /// The words of `[[ … ]]`. Of these, rable does not say where the expansions are.
    fn condition(&mut self, node: &Node, words: &mut Vec<String>) -> Seeing<()> {
        match &node.kind {
            NodeKind::UnaryTest { op, operand } => {
                words.push(op.clone());
                self.condition(operand, words)
            }
            NodeKind::BinaryTest { op, left, right } => self.both(left, op, right, words),
            NodeKind::CondAnd { left, right } => self.both(left, "&&", right, words),
            NodeKind::CondOr { left, right } => self.both(left, "||", right, words),
            NodeKind::CondNot { operand } => {
                words.push("!".to_owned());
                self.condition(operand, words)
            }
            NodeKind::CondParen { inner } => {
                words.push("(".to_owned());
                self.condition(inner, words)?;
                words.push(")".to_owned());
                Ok(())
            }
            NodeKind::CondTerm { value, .. } | NodeKind::Word { value, .. } => {
                words.push(resolve(&expansion::split(value)?, 0..0)?.sketch);
                Ok(())
            }
            _ => Err(OTHER),
        }
    }

    fn both(&mut self, left: &Node, op: &str, right: &Node, words: &mut Vec<String>) -> Seeing<()> {
        self.condition(left, words)?;
        words.push(op.to_owned());
        self.condition(right, words)
    }
}

fn target<'n>(node: &'n Node, holes: &mut Vec<&'n Node>) -> Seeing<Target> {
    match &node.kind {
        NodeKind::HereDoc { content, quoted, complete: true, .. } => {
            let known = *quoted || !content.contains(['$', '`', '\\']);
            Ok(Target::Here(known.then(|| content.clone())))
        }
        NodeKind::Redirect { op, target, varfd: None, .. } => {
            if op == ">&-" {
                return Ok(Target::Duplicate);
            }
            let text = sketch(target, holes)?;
            let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            match op.as_str() {
                ">&" | "<&" if number => Ok(Target::Duplicate),
                "<" => Ok(Target::Read(text)),
                ">" | ">>" | ">|" | "&>" | "&>>" | ">&" => Ok(Target::Write(text)),
                "<<<" if text.contains('\u{FFFD}') => Ok(Target::Here(None)),
                "<<<" => Ok(Target::Here(Some(text))),
                _ => Err("a redirect that is not read here"),
            }
        }
        _ => Err("a redirect that is not read here"),
    }
}

/// The word's sketch; the substitutions in it are left in `holes`.
fn sketch<'n>(word: &'n Node, holes: &mut Vec<&'n Node>) -> Seeing<String> {
    let NodeKind::Word { value, parts, .. } = &word.kind else { return Err(OTHER) };
    let mut pieces = Vec::new();
    for part in parts {
        pieces.push(match &part.kind {
            NodeKind::WordLiteral { value } => Piece::Text(value.clone()),
            NodeKind::BraceExpansion { content } => Piece::Text(content.clone()),
            NodeKind::AnsiCQuote { content, .. } => Piece::Text(format!("$'{content}'")),
            NodeKind::ParamExpansion { .. } | NodeKind::ParamLength { .. } | NodeKind::ParamIndirect { .. } => {
                Piece::Hole(Hole::Variable)
            }
            NodeKind::ArithmeticExpansion { .. } => Piece::Hole(Hole::Expansion),
            NodeKind::CommandSubstitution { command, brace: false } => {
                holes.push(command);
                Piece::Hole(here_document(command).map_or(Hole::Command, Hole::HereDocument))
            }
            NodeKind::ProcessSubstitution { command, .. } => {
                holes.push(command);
                Piece::Hole(Hole::Process)
            }
            _ => return Err(OTHER),
        });
    }
    if parts.is_empty() {
        pieces.push(Piece::Text(value.clone()));
    }
    Ok(resolve(&pieces, 0..0)?.sketch)
}

/// The text of `cat <<'EOF' …`, if that is all the command is.
fn here_document(command: &Node) -> Option<String> {
    let NodeKind::Command { assignments, words, redirects } = &command.kind else { return None };
    let ([cat], [redirect], []) = (words.as_slice(), redirects.as_slice(), assignments.as_slice()) else { return None };
    match (&cat.kind, &redirect.kind) {
        (NodeKind::Word { value, .. }, NodeKind::HereDoc { content, quoted: true, complete: true, fd: -1 | 0, .. })
            if value == "cat" =>
        {
            Some(content.trim_end_matches('\n').to_owned())
        }
        _ => None,
    }
}
