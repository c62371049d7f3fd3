//! Everything ccmon knows of one session, in lines.

use jiff::tz::TimeZone;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::request;
use super::text::prose;
use super::wire::{Approval, Session};

const LABEL: usize = 10;

/// The part of the detail that scrolls.
#[derive(Debug, Default)]
pub struct Body {
    /// All of it.
    pub lines: Vec<Line<'static>>,
    /// Where each request begins.
    pub starts: Vec<usize>,
}

/// What scrolls: the requests in full, what was said, and the facts.
#[must_use]
pub fn body(session: &Session, requests: &[&Approval], focused: usize, width: usize, zone: &TimeZone) -> Body {
    let (mut lines, mut starts) = (Vec::new(), Vec::new());
    for (number, approval) in requests.iter().enumerate() {
        starts.push(lines.len());
        lines.push(request_title(approval, number, requests.len(), number == focused));
        lines.extend(request::lines(approval, width));
        lines.push(Line::default());
    }
    // A question has the prompt that led to it; so the prompt is not told twice.
    said(&mut lines, "You asked:", &session.prompt, width);
    said(&mut lines, "Claude said:", &session.message, width);
    for (name, value) in facts(session, zone) {
        fact(&mut lines, name, &value, width);
    }
    Body { lines, starts }
}

fn request_title(approval: &Approval, number: usize, of: usize, focused: bool) -> Line<'static> {
    let mark = if focused { "❯ " } else { "  " };
    let count = if of > 1 { format!("{} of {of} · ", number + 1) } else { String::new() };
    Line::styled(format!("{mark}{count}{}", request::heading(approval)), Style::new().add_modifier(Modifier::BOLD))
}

fn said(lines: &mut Vec<Line<'static>>, label: &'static str, text: &str, width: usize) {
    if text.trim().is_empty() {
        return;
    }
    lines.push(dim(label));
    lines.extend(prose(text, width, 2, Style::new()));
    lines.push(Line::default());
}

fn facts(session: &Session, zone: &TimeZone) -> Vec<(&'static str, String)> {
    let s = session;
    let count = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let mut kind = Vec::new();
    kind.extend(s.headless.then_some("headless (claude -p)"));
    kind.extend(s.background.then_some("in the background (claude --bg)"));
    kind.extend(s.unattended.then_some("unattended"));
    kind.extend(s.pinned.then_some("pinned"));
    kind.extend(s.dismissed.then_some("dismissed"));
    let calls = format!("{}, {}", count(s.tools, "tool call", "tool calls"), count(s.approvals, "request", "requests"));
    vec![
        ("title", s.title.clone()),
        ("folder", s.cwd.clone()),
        ("branch", s.branch.clone()),
        ("worktree", s.worktree.clone()),
        ("tag", s.tag.clone()),
        ("doing", s.activity.clone()),
        ("place", s.place.clone()),
        ("host", s.host.clone()),
        ("model", s.model.clone()),
        ("mode", s.mode.clone()),
        ("so far", calls),
        ("tokens", if s.tokens == 0 { String::new() } else { thousands(s.tokens) }),
        ("started", when(s.started, zone)),
        ("last sign", when(s.last_activity, zone)),
        ("is", kind.join(", ")),
        ("key", super::text::safe(&s.key)),
    ]
}

fn fact(lines: &mut Vec<Line<'static>>, name: &'static str, value: &str, width: usize) {
    if value.is_empty() {
        return;
    }
    let label = Span::styled(format!("{name:<LABEL$}"), Style::new().add_modifier(Modifier::DIM));
    let mut wrapped = prose(value, width, LABEL, Style::new()).into_iter();
    let first = wrapped.next().unwrap_or_default();
    lines.push(Line::from_iter([label].into_iter().chain(first.spans.into_iter().skip(1))));
    lines.extend(wrapped);
}

fn dim(text: &'static str) -> Line<'static> {
    Line::styled(text, Style::new().add_modifier(Modifier::DIM))
}

/// A time of day, where the user is; empty when it is not known.
#[must_use]
pub fn when(at: u64, zone: &TimeZone) -> String {
    let known = i64::try_from(at).ok().filter(|at| *at > 0);
    let time = known.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    time.map(|time| time.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()).unwrap_or_default()
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}
