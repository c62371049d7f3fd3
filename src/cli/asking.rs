//! A question's options, or what a server asks for, as lines: numbered, so that one can answer.

use serde_json::{Map, Value};

use super::output::{field, visible};
use crate::answers::entries::Field;
use crate::answers::question::{Choice, Question};
use crate::answers::{entries, question};

/// The request's input in lines, for a reader who wants to answer it; none when it is not made for that.
pub fn lines(approval: &Value) -> Option<Vec<String>> {
    let input = approval.get("input")?;
    match approval.get("kind").and_then(Value::as_str)? {
        "question" => {
            let questions = question::read(input).ok()?;
            let mut lines: Vec<String> =
                questions.iter().enumerate().flat_map(|(at, one)| of_question(one, at, questions.len())).collect();
            lines.extend(others(input, &["questions"]));
            Some(lines)
        }
        "elicitation" => {
            let fields = entries::read(input).ok()?;
            let mut lines = vec![format!("{} asks: {}", quoted(&field(input, "server")), field(input, "message"))];
            lines.extend(fields.iter().flat_map(of_field));
            lines.extend(others(input, &["server", "message", "mode", "schema"]));
            Some(lines)
        }
        _ => None,
    }
}

/// How one answers it.
pub fn how(approval: &Value, id: &str) -> Option<String> {
    let input = approval.get("input")?;
    Some(match approval.get("kind").and_then(Value::as_str)? {
        "question" => {
            let questions = question::read(input).ok()?;
            let one = |question: &Question| if question.options.is_empty() { "TEXT" } else { "1" };
            format!("ccmon answer {id} {}", questions.iter().map(one).collect::<Vec<_>>().join(" "))
        }
        "elicitation" => {
            let fields = entries::read(input).ok()?;
            let needed = fields.iter().filter(|field| field.needed);
            let pairs: Vec<String> = needed.map(|field| format!("{}=…", visible(&field.name))).collect();
            format!("ccmon answer {id} {}", pairs.join(" ")).trim_end().to_owned()
        }
        "plan" => format!("ccmon approve {id} [--mode acceptEdits] [--edit], ccmon deny {id} -m TEXT"),
        _ => return None,
    })
}

/// A question with its options below it.
pub fn of_question(question: &Question, at: usize, count: usize) -> Vec<String> {
    let number = if count > 1 { format!("{}. ", at + 1) } else { String::new() };
    let header = if question.header.is_empty() { String::new() } else { format!("[{}] ", visible(&question.header)) };
    let several = if question.multi { " (any number of)" } else { "" };
    let mut words = question.text.lines().map(visible);
    let mut lines = vec![format!("{number}{header}{}", words.next().unwrap_or_default())];
    lines.extend(words.map(|line| format!("  {line}")));
    if let Some(last) = lines.last_mut() {
        *last += several;
    }
    let wide = question.options.iter().map(|option| visible(&option.label).chars().count()).max().unwrap_or(0).min(24);
    lines.extend(question.options.iter().enumerate().flat_map(|(at, option)| of_option(option, at, wide)));
    lines.extend(rest(&question.rest));
    lines
}

fn of_option(option: &Choice, at: usize, wide: usize) -> Vec<String> {
    let mut words = option.description.lines().map(visible);
    let first = format!("  {:>2}  {:<wide$}  {}", at + 1, visible(&option.label), words.next().unwrap_or_default());
    let mut lines = vec![first.trim_end().to_owned()];
    lines.extend(words.map(|line| format!("      {:<wide$}  {line}", "")));
    lines.extend(option.preview.lines().map(|line| format!("      │ {}", visible(line))));
    lines.extend(rest(&option.rest).map(|line| format!("    {line}")));
    lines
}

/// What a server asks for, and in what form it takes it.
pub fn of_field(field: &Field) -> Vec<String> {
    let title = if field.title == field.name { String::new() } else { format!("{}, ", visible(&field.title)) };
    let needed = if field.needed { "needed: " } else { "" };
    let suggested = field.suggested.as_ref().map(|value| format!(" ({})", visible(&plain(value))));
    let takes = format!("{}{}", visible(&field.takes()), suggested.unwrap_or_default());
    let mut lines = vec![format!("  {:<14} {title}{needed}{takes}", visible(&field.name))];
    let about = Some(&field.about).filter(|about| !about.is_empty());
    lines.extend(about.map(|about| format!("  {:<14} {}", "", visible(about))));
    let titled = field.choices.iter().filter(|(value, title)| value != title);
    lines.extend(titled.map(|(value, title)| format!("  {:<14} {}: {}", "", visible(value), visible(title))));
    lines.extend(rest(&field.rest).map(|line| format!("  {:<12} {line}", "")));
    lines
}

/// A value, without the quotes of a text.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn quoted(text: &str) -> String {
    format!("“{text}”")
}

/// What nobody drew: never left out.
fn others(input: &Value, drawn: &[&str]) -> Vec<String> {
    let fields = input.as_object().into_iter().flatten().filter(|(name, _)| !drawn.contains(&name.as_str()));
    fields.map(|(name, value)| format!("{}: {}", visible(name), visible(&plain(value)))).collect()
}

fn rest(rest: &Map<String, Value>) -> impl Iterator<Item = String> {
    rest.iter().map(|(name, value)| format!("  {}: {}", visible(name), visible(&plain(value))))
}
