//! A session as Markdown. All that the session said stands in code, behind fences longer than any run of
//! backticks in it: no markup of it is active, no link, no HTML.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::plain;
use crate::timeline::{Asked, Item, Kind, Outcome, Turn};

/// Writes a session down, piece by piece.
#[derive(Debug)]
pub struct Writer {
    zone: TimeZone,
    /// How many turns were begun.
    turns: usize,
    /// The turn that was written last.
    last: Option<i64>,
}

impl Writer {
    /// One that tells times as they are in `zone`.
    #[must_use]
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, turns: 0, last: None }
    }

    /// The title, and what is known of the session as the API shows it.
    #[must_use]
    pub fn head(&self, session: &Value, summary: Option<&str>) -> String {
        let text = |name: &str| session.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let title = ["title", "prompt", "project"].into_iter().find_map(text).unwrap_or("A session");
        let mut out = format!("# {}\n\n", escaped(title.lines().next().unwrap_or_default()));
        let facts = [
            ("Project", text("project")),
            ("Branch", text("branch")),
            ("Directory", text("cwd")),
            ("Tag", text("tag")),
            ("Model", text("model")),
            ("Machine", text("host")),
            ("State", text("state")),
            ("Session", text("key")),
            ("Claude's id", text("session_id")),
        ];
        for (name, fact) in facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))) {
            let _ = writeln!(out, "- {name}: {}", span(fact));
        }
        let number = |name: &str| session.get(name).and_then(Value::as_u64);
        for (name, at) in [("Started", number("started")), ("Last activity", number("last_activity"))] {
            let _ = at.map(|at| writeln!(out, "- {name}: {}", self.moment(at)));
        }
        let (tools, asked) = (number("tools").unwrap_or(0), number("approvals").unwrap_or(0));
        let _ = writeln!(out, "- Tool calls: {tools}, requests: {asked}");
        if let Some(summary) = summary {
            let _ = write!(out, "\n## Summary\n\n{}", fenced("text", summary));
        }
        out
    }

    /// A turn; one that goes on gets no second heading.
    #[must_use]
    pub fn turn(&mut self, turn: &Turn) -> String {
        let mut out = String::new();
        if self.last != Some(turn.id) && turn.id != 0 {
            self.turns += 1;
            let _ = writeln!(out, "\n## {}. {}{}", self.turns, self.moment(turn.at), ending(turn));
            out += &turn.prompt.as_ref().map(|prompt| format!("\n{}", fenced("text", prompt))).unwrap_or_default();
        }
        self.last = Some(turn.id);
        turn.items.iter().for_each(|item| self.item(item, "", &mut out));
        out
    }

    fn item(&self, item: &Item, of: &str, out: &mut String) {
        let time = self.clock(item.at);
        let _ = match item.kind {
            Kind::Message => write!(out, "\n{time} Claude{of}:\n\n{}", fenced("text", text(item))),
            Kind::Notice => writeln!(out, "\n{time} {}", span(text(item))),
            Kind::Tool | Kind::Agent | Kind::Approval => {
                writeln!(out, "\n{time} {}{of}{}", span(&item.preview), fate(item))
            }
        };
        if let Some(input) = &item.input {
            let _ = write!(out, "\n{}", given(input));
        }
        if let Some(error) = &item.error {
            let word = if item.failed { "Failed" } else { "Did not run" };
            let _ = write!(out, "\n{word}:\n\n{}", fenced("text", error));
        }
        if let Some(agent) = &item.agent {
            let of = format!(", agent {}", span(&agent.kind));
            item.items.iter().for_each(|item| self.item(item, &of, out));
            let report = item
                .text
                .as_ref()
                .map(|said| format!("\nThe agent {} said:\n\n{}", span(&agent.kind), fenced("text", said)));
            *out += &report.unwrap_or_default();
        }
    }

    fn moment(&self, at: u64) -> String {
        self.told(at, "%Y-%m-%d %H:%M:%S")
    }

    fn clock(&self, at: u64) -> String {
        self.told(at, "%H:%M:%S")
    }

    fn told(&self, at: u64, form: &str) -> String {
        let at = i64::try_from(at).ok().and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or_default();
        at.to_zoned(self.zone.clone()).strftime(form).to_string()
    }
}

fn ending(turn: &Turn) -> String {
    let took = turn.ended.map(|ended| format!(", {}", duration(ended.saturating_sub(turn.at)))).unwrap_or_default();
    let outcome = match turn.outcome {
        Some(Outcome::Done) => ", done",
        Some(Outcome::Failed) => ", failed",
        Some(Outcome::Interrupted) => ", interrupted",
        Some(Outcome::Open) => ", not ended",
        None => "",
    };
    took + outcome
}

/// How long it took, and what was decided about it.
fn fate(item: &Item) -> String {
    let took = item.ended.map(|ended| format!(", {}", duration(ended.saturating_sub(item.at)))).unwrap_or_default();
    took + &item.approval.as_ref().map(decided).unwrap_or_default()
}

fn decided(asked: &Asked) -> String {
    let words = |text: &str| escaped(&text.replace('_', " "));
    match (&asked.outcome, &asked.by) {
        (Some(outcome), Some(by)) => format!(", {} by {}", words(outcome), words(by)),
        (Some(outcome), None) => format!(", {}", words(outcome)),
        (None, _) => ", asked for".to_owned(),
    }
}

fn duration(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        10_000..120_000 => format!("{} s", ms / 1_000),
        120_000..7_200_000 => format!("{} min", ms / 60_000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

fn text(item: &Item) -> &str {
    item.text.as_deref().unwrap_or(&item.preview)
}

/// A command as it is typed, anything else as JSON.
fn given(input: &Value) -> String {
    match input.get("command").and_then(Value::as_str) {
        Some(command) => fenced("sh", command),
        None => fenced("json", &serde_json::to_string_pretty(input).unwrap_or_default()),
    }
}

/// A block of code that nothing in `text` ends.
fn fenced(info: &str, text: &str) -> String {
    let text = plain(text);
    let fence = "`".repeat(longest_run(&text).saturating_add(1).max(3));
    format!("{fence}{info}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Code in a line, that nothing in `text` ends.
fn span(text: &str) -> String {
    let text = plain(text).replace(['\n', '\t'], " ");
    if text.trim().is_empty() {
        return "-".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // Beside a backtick, or at the ends, a space belongs to the fence.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// `text` as words: a backslash before each sign takes its meaning.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(if c == '\t' { ' ' } else { c });
    }
    out
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
