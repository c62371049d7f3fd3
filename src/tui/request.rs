//! A request as a person reads it before deciding: all of its input, nothing cut.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use serde_json::Value;

use super::answering::Answering;
use super::risk;
use super::text::{Mark, code, marked, prose, safe};
use super::wire::{Approval, Kind};

/// The question, in our own words: none of Claude's are in a heading.
#[must_use]
pub fn heading(approval: &Approval) -> &'static str {
    match (approval.kind, approval.tool.as_str()) {
        (Kind::Question, _) => "Claude asks",
        (Kind::Plan, _) => "Approve this plan?",
        (Kind::Elicitation, _) => "An MCP server asks for details",
        (_, "Bash") => "Run this command?",
        (_, "Edit" | "MultiEdit" | "NotebookEdit") => "Edit this file?",
        (_, "Write") => "Create this file?",
        (_, "Read") => "Read this file?",
        (_, "WebFetch") => "Fetch this page?",
        _ => "Use this tool?",
    }
}

/// One line for lists, such as `Bash: cargo test`; the whole is shown where it is decided.
#[must_use]
pub fn summary(approval: &Approval) -> String {
    let telling = ["command", "file_path", "notebook_path", "url", "pattern", "query", "description"];
    let named = telling.iter().find_map(|name| approval.input.get(name)?.as_str());
    match (approval.kind, named) {
        (Kind::Question, _) => first_question(&approval.input),
        (Kind::Plan, _) => "A plan to review".to_owned(),
        (Kind::Elicitation, _) => elicitation(&approval.input),
        (_, Some(text)) => format!("{}: {}", approval.tool, safe(text)),
        (_, None) => approval.tool.clone(),
    }
}

/// How long it still waits, as a clock.
#[must_use]
pub fn left(approval: &Approval, now: u64) -> String {
    let seconds = approval.expires.saturating_sub(now) / 1_000;
    format!("{}:{:02} left", seconds / 60, seconds % 60)
}

/// Everything there is to know before deciding, in lines of at most `width` columns.
#[must_use]
pub fn lines(approval: &Approval, width: usize) -> Vec<Line<'static>> {
    let mut lines = prose(&asker(approval), width, 0, Style::new().add_modifier(Modifier::BOLD));
    lines.extend(risk::level(approval, width));
    lines.extend(input(approval, width));
    lines.extend(risk::reasons(approval, width));
    lines.extend(prose(&format!("in {}", approval.cwd), width, 0, Style::new()));
    lines
}

/// The same while it is answered, and the line that the keys are about.
#[must_use]
pub fn answered(approval: &Approval, answering: &Answering, width: usize) -> (Vec<Line<'static>>, usize) {
    let mut lines = prose(&asker(approval), width, 0, Style::new().add_modifier(Modifier::BOLD));
    let drawn: &[&str] = match approval.kind {
        Kind::Elicitation => &["server", "mode", "schema"],
        _ => &["questions"],
    };
    let fields = approval.input.as_object().into_iter().flatten().filter(|(name, _)| !drawn.contains(&name.as_str()));
    fields.for_each(|(name, value)| field(name, value, &[], 0, width, &mut lines));
    lines.push(Line::default());
    let (rows, at) = answering.lines(width);
    let at = lines.len() + at;
    lines.extend(rows);
    if approval.kind == Kind::Elicitation {
        lines.extend(prose("What you enter goes to this server. Do not type passwords here.", width, 0, Style::new()));
    }
    lines.extend(prose(&format!("in {}", approval.cwd), width, 0, Style::new()));
    (lines, at)
}

fn input(approval: &Approval, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let (main, marks) = (risk::main_input(approval), risk::marks(approval));
    let marks_in = |name: &str| if main == Some(name) { marks.as_slice() } else { &[] };
    match approval.input.as_object() {
        // The command itself needs no label: it is what everybody looks for.
        Some(fields) if approval.tool == "Bash" && fields.get("command").is_some_and(Value::is_string) => {
            let command = fields["command"].as_str().unwrap_or_default();
            lines.extend(marked(command, width, Style::new(), marks_in("command")));
            for (name, value) in fields.iter().filter(|(name, _)| *name != "command") {
                field(name, value, &[], 0, width, &mut lines);
            }
        }
        Some(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, value)| field(name, value, marks_in(name), 0, width, &mut lines));
        }
        _ => lines.extend(code(&approval.input.to_string(), width, Style::new())),
    }
    lines
}

fn asker(approval: &Approval) -> String {
    if approval.kind == Kind::Elicitation {
        let server = approval.input.get("server").and_then(Value::as_str).map(safe).unwrap_or_default();
        return format!("The words of the MCP server “{server}”, not Claude's");
    }
    let agent = approval.agent.as_ref();
    let by = agent.map(|agent| format!(", asked by a sub-agent ({})", agent.kind)).unwrap_or_default();
    let mode = if approval.mode.is_empty() { String::new() } else { format!(" · mode {}", approval.mode) };
    format!("{}{by}{mode}", approval.tool)
}

/// Which MCP server asks, and its own words.
fn elicitation(input: &Value) -> String {
    let told = |name: &str| input.get(name).and_then(Value::as_str).map(safe).unwrap_or_default();
    format!("“{}” asks: {}", told("server"), told("message"))
}

fn first_question(input: &Value) -> String {
    let question = input.pointer("/questions/0/question").and_then(Value::as_str);
    question.map_or_else(|| "A question".to_owned(), safe)
}

/// A named value: strings in a gutter, so that they cannot be taken for anything else; the rest as JSON writes it.
fn field(name: &str, value: &Value, marks: &[Mark], indent: usize, width: usize, lines: &mut Vec<Line<'static>>) {
    let indent = indent.min(width / 2);
    let label = |text: String| prose(&text, width, indent, Style::new().add_modifier(Modifier::DIM));
    match value {
        Value::String(text) => {
            let block = marked(text, width.saturating_sub(indent), style_of(name), marks);
            let mut block = block.into_iter().map(|line| indented(line, indent)).collect::<Vec<_>>();
            let mut label = label(safe(name));
            match (label.as_mut_slice(), block.as_mut_slice()) {
                // What is short stands beside its name.
                ([label], [only]) if label.width() + 1 + only.width() - indent <= width => {
                    label.push_span(" ");
                    label.spans.extend(only.spans.drain(1..));
                    lines.push(label.clone());
                }
                _ => lines.extend(label.into_iter().chain(block)),
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            lines.extend(label(safe(name)));
            fields.iter().for_each(|(name, value)| field(name, value, &[], indent + 2, width, lines));
        }
        Value::Array(items) if !items.is_empty() => {
            lines.extend(label(safe(name)));
            let numbered = items.iter().enumerate();
            numbered.for_each(|(at, item)| field(&(at + 1).to_string(), item, &[], indent + 2, width, lines));
        }
        other => lines.extend(label(format!("{}  {other}", safe(name)))),
    }
}

fn style_of(name: &str) -> Style {
    match name {
        "old_string" => Style::new().fg(Color::Red),
        "new_string" => Style::new().fg(Color::Green),
        _ => Style::new(),
    }
}

fn indented(mut line: Line<'static>, indent: usize) -> Line<'static> {
    line.spans.insert(0, Span::raw(" ".repeat(indent)));
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(approval: &Approval, width: usize) -> String {
        lines(approval, width).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_command_is_never_cut() {
        let command = format!("echo {} && rm -rf /", "x".repeat(500));
        let approval = Approval {
            tool: "Bash".into(),
            input: json!({ "command": command }),
            cwd: "/p".into(),
            ..Approval::default()
        };
        let shown: String =
            plain(&approval, 40).lines().filter_map(|l| l.strip_prefix(['│', '┆'])?.strip_prefix(' ')).collect();
        assert_eq!(shown, command);
    }

    #[test]
    fn what_is_dangerous_is_marked_in_its_own_field_only() {
        let path = "/home/ö/.bashrc";
        let span = json!({ "start": 0, "end": path.len() });
        let risk =
            json!({ "level": "high", "findings": [{ "level": "high", "span": span, "text": "Runs at login." }] });
        let wire =
            json!({ "tool": "Write", "input": { "content": path, "file_path": path }, "cwd": "/p", "risk": risk });
        let approval: Approval = serde_json::from_value(wire).expect("an approval");
        let lines = lines(&approval, 60);
        let is_marked = |span: &&Span| span.style.add_modifier.contains(Modifier::UNDERLINED);
        let marked =
            |line: &Line| line.spans.iter().filter(is_marked).map(|s| s.content.to_string()).collect::<String>();
        let of = |name: &str| lines.iter().find(|line| line.to_string().starts_with(name)).map(marked);
        assert_eq!([of("content"), of("file_path")], [Some(String::new()), Some(path.to_owned())]);
    }

    #[test]
    fn a_servers_words_are_called_its_own() {
        let input = json!({ "server": "de\u{202e}ploy", "message": "Where?", "schema": { "properties": {} } });
        let kind = Kind::Elicitation;
        let approval = Approval { kind, tool: "Elicitation".into(), input, cwd: "/p".into(), ..Approval::default() };
        assert_eq!(summary(&approval), "“de\\u{202e}ploy” asks: Where?");
        insta::assert_snapshot!(plain(&approval, 60), @r"
        The words of the MCP server “de\u{202e}ploy”, not Claude's
        server │ de\u{202e}ploy
        message │ Where?
        schema
          properties  {}
        in /p
        ");
    }

    #[test]
    fn every_field_of_any_tool_is_shown() {
        let input = json!({ "a\u{1b}": "text\nmore", "deep": { "list": [1, "two", {}] }, "none": null });
        let approval = Approval { tool: "mcp__x__y".into(), input, cwd: "/p".into(), ..Approval::default() };
        insta::assert_snapshot!(plain(&approval, 40), @r"
        mcp__x__y
        a\u{1b}
        │ text
        │ more
        deep
          list
            1  1
            2 │ two
            3  {}
        none  null
        in /p
        ");
    }
}
