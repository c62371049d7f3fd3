//! Draws the model. Blue means *your turn* and nothing else does; no state depends on colour.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

use super::board::Group;
use super::detail::when;
use super::field::Field;
use super::layout::{self, Entry, Strip};
use super::model::{DETAIL_HEAD, Link, Mode, Model};
use super::text::{fit, prose, safe};
use super::wire::{Approval, Kind, Session, State};
use super::{pane, request};
use crate::cli::age;

const YOU: Style = Style::new().fg(Color::Blue).add_modifier(Modifier::BOLD);
const BAD: Style = Style::new().fg(Color::Red);
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const DIM: Style = Style::new().add_modifier(Modifier::DIM);

/// The longest text at the bottom, in lines.
const STATUS: u16 = 5;

/// Draws everything.
pub fn draw(frame: &mut Frame, model: &Model) {
    let areas = model.areas();
    header(frame, areas.header, model);
    if model.groups().iter().all(Vec::is_empty) {
        put(frame, areas.list, nothing(model, areas.list.width));
    }
    for strip in layout::strips(model) {
        draw_strip(frame, &strip, model);
    }
    if !areas.detail.is_empty() {
        draw_detail(frame, areas.detail, model);
    }
    status(frame, areas.status, model);
    put(frame, areas.hints, vec![Line::styled(fit(hints(model), usize::from(areas.hints.width)), DIM)]);
    match &model.mode {
        Mode::Ask(ask) => pane::draw(frame, ask, model),
        Mode::Help => help(frame, model),
        _ => {}
    }
}

/// Puts lines into an area.
pub(super) fn put(frame: &mut Frame, area: Rect, lines: Vec<Line>) {
    frame.render_widget(Paragraph::new(lines), area);
}

fn header(frame: &mut Frame, area: Rect, model: &Model) {
    let [needs, working, idle, ended] = model.board.counts();
    let mut spans = vec![Span::styled(" ❯ ccmon  ", BOLD)];
    spans.push(match needs {
        0 if model.link == Link::Connecting => Span::raw("connecting…"),
        0 if model.board.revision() == 0 => Span::raw("no daemon"),
        0 => Span::raw("All clear"),
        1 => Span::styled("1 needs you", YOU),
        n => Span::styled(format!("{n} need you"), YOU),
    });
    let others = [(working, "working"), (idle, "idle"), (ended, "ended")];
    let others = others.iter().filter(|(count, what)| *count > 0 && (*what != "ended" || model.shows_ended()));
    spans.extend(others.map(|(count, what)| Span::raw(format!(" · {count} {what}"))));
    if !model.filter().is_empty() {
        spans.push(Span::raw(format!(" · only “{}”", fit(&safe(model.filter()), 20))));
    }
    put(frame, area, vec![Line::from(spans)]);
    let (word, style) = match model.link {
        Link::Live => ("live ", DIM),
        Link::Connecting => ("", DIM),
        Link::Lost { .. } => ("not connected ", BAD),
    };
    frame.render_widget(Paragraph::new(Line::styled(word, style).right_aligned()), area);
}

/// What stands where there is no session.
fn nothing(model: &Model, width: u16) -> Vec<Line<'static>> {
    let text = match (&model.link, model.filter()) {
        (Link::Connecting, _) => String::new(),
        (Link::Lost { why, .. }, _) if model.board.revision() == 0 => format!("{}. ccmon tui keeps trying.", safe(why)),
        (_, "") => "No Claude Code session is running. Start `claude` in any terminal and it appears here \
                    within a second."
            .to_owned(),
        (_, filter) => format!("No session matches “{}”. Esc clears the filter.", safe(filter)),
    };
    let mut lines = vec![Line::default()];
    lines.extend(prose(&text, usize::from(width).min(78), 2, Style::new()));
    lines
}

fn draw_strip(frame: &mut Frame, strip: &Strip, model: &Model) {
    if let Some((group, count)) = strip.title {
        let above = Rect { y: strip.area.y.saturating_sub(1), height: 1, ..strip.area };
        put(frame, above, vec![heading(group, count, strip.area.width)]);
    }
    for (area, entry) in strip.in_sight(model.scroll(strip.number)) {
        let lines = match entry {
            Entry::Heading(group, count) => vec![heading(*group, *count, area.width)],
            Entry::Session(key) => match model.board.session(key) {
                Some(session) if strip.title.is_some() => card(model, session, area.width),
                Some(session) => row(model, session, area.width),
                None => vec![],
            },
        };
        put(frame, area, lines);
    }
}

fn heading(group: Group, count: usize, width: u16) -> Line<'static> {
    let style = if group == Group::NeedsYou && count > 0 { YOU } else { BOLD };
    let text = format!(" {} {count} ", group.words());
    let rule = "─".repeat(usize::from(width).saturating_sub(text.width() + 1));
    Line::from(vec![Span::styled(text, style), Span::styled(rule, DIM)])
}

/// A session in the list: who it is and how it is, and what it does.
fn row(model: &Model, session: &Session, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width).saturating_sub(1);
    let mark = mark(model, session);
    let state = state_words(model, session);
    let room = width.saturating_sub(state.width() + 4);
    let mut spans = vec![mark];
    spans.extend(name(session, room));
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::raw(" ".repeat(width.saturating_sub(used + state.width()))));
    spans.push(Span::styled(state, state_style(session)));
    vec![
        selected(model, session, spans),
        Line::styled(format!("    {}", fit(&doing(model, session), width.saturating_sub(4))), DIM),
    ]
}

/// A session in a column, where there is more height than width.
fn card(model: &Model, session: &Session, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let mut spans = vec![mark(model, session)];
    spans.extend(name(session, width.saturating_sub(2)));
    let state = fit(&state_words(model, session), width.saturating_sub(2));
    let doing = fit(&doing(model, session), width.saturating_sub(2));
    vec![
        selected(model, session, spans),
        Line::from(vec![Span::raw("  "), Span::styled(state, state_style(session))]),
        Line::styled(format!("  {doing}"), DIM),
    ]
}

fn mark(model: &Model, session: &Session) -> Span<'static> {
    Span::raw(if is_selected(model, session) { "❯ " } else { "  " })
}

fn selected(model: &Model, session: &Session, spans: Vec<Span<'static>>) -> Line<'static> {
    let line = Line::from(spans);
    if is_selected(model, session) { line.patch_style(Style::new().add_modifier(Modifier::REVERSED)) } else { line }
}

fn is_selected(model: &Model, session: &Session) -> bool {
    model.selected().is_some_and(|s| s.key == session.key)
}

/// Project, branch or worktree, and tag, in so many columns: the project gives way last.
pub(super) fn name(session: &Session, room: usize) -> Vec<Span<'static>> {
    let pin = if session.pinned { "★ " } else { "" };
    let project = fit(&format!("{pin}{}", session.project), room);
    let mut left = room.saturating_sub(project.width());
    let mut spans = vec![Span::styled(project, BOLD)];
    let tag = if session.tag.is_empty() { String::new() } else { format!("#{}", session.tag) };
    let tag_room = tag.width().min(left / 2);
    let branch = match (session.branch.as_str(), session.worktree.as_str()) {
        (branch, "") => branch.to_owned(),
        ("", worktree) => format!("({worktree})"),
        (branch, worktree) if branch == worktree => format!("({worktree})"),
        (branch, worktree) => format!("{branch} ({worktree})"),
    };
    for (text, room) in [(branch, left.saturating_sub(tag_room + 2)), (tag, left)] {
        let text = fit(&text, room.min(left).saturating_sub(1));
        if !text.is_empty() {
            left = left.saturating_sub(text.width() + 1);
            spans.push(Span::raw(format!(" {text}")));
        }
    }
    spans
}

fn state_words(model: &Model, session: &Session) -> String {
    let headless = if session.headless { "headless · " } else { "" };
    format!("{headless}{} · {}", session.state.words(), age(model.now.wall, session.since))
}

fn state_style(session: &Session) -> Style {
    match session.state {
        State::Failed => BAD,
        State::Stuck => Style::new().fg(Color::Yellow),
        _ if Group::of(session) == Group::NeedsYou => YOU,
        _ => Style::new(),
    }
}

/// What it asks, else what it does, else what it was told.
fn doing(model: &Model, session: &Session) -> String {
    let mut requests = model.board.requests(&session.key);
    if let Some(first) = requests.next() {
        let more = requests.count();
        let more = if more == 0 { String::new() } else { format!("(and {more} more) ") };
        return format!("{more}{}", request::summary(first));
    }
    match (session.activity.as_str(), session.prompt.trim()) {
        ("", "") => session.title.clone(),
        ("", prompt) => format!("“{}”", safe(&prompt.replace('\n', " "))),
        (activity, _) => activity.to_owned(),
    }
}

fn draw_detail(frame: &mut Frame, area: Rect, model: &Model) {
    if !model.areas().list.is_empty() {
        // The edge tells whether the arrows scroll here.
        let (edge, style) = if model.is_reading() { ("┃", BOLD) } else { ("│", DIM) };
        let edge: Vec<Line> = (0..area.height).map(|_| Line::styled(edge, style)).collect();
        put(frame, Rect { width: 1, ..area }, edge);
    }
    let Some(session) = model.selected() else {
        return;
    };
    let (head, text) = layout::detail_text(area, DETAIL_HEAD);
    put(frame, head, detail_head(model, session, usize::from(head.width)));
    let (lines, total) = model.detail();
    put(frame, text, lines.to_vec());
    let below = total.saturating_sub(model.detail_scroll() + lines.len());
    if below > 0 {
        let more = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        frame.render_widget(Paragraph::new(Line::styled(format!(" ↓ {below} more "), BOLD).right_aligned()), more);
    }
}

fn detail_head(model: &Model, session: &Session, width: usize) -> Vec<Line<'static>> {
    let evidence = &session.evidence;
    let why = [evidence.text.clone(), when(evidence.at, &model.zone)].into_iter().filter(|part| !part.is_empty());
    vec![
        Line::from(name(session, width)),
        Line::styled(state_words(model, session), state_style(session)),
        Line::raw(fit(&why.collect::<Vec<_>>().join(" · "), width)),
        model.focused().map(|(number, approval)| waiting(model, approval, number)).unwrap_or_default(),
    ]
}

fn waiting(model: &Model, approval: &Approval, number: usize) -> Line<'static> {
    let count = model.requests().len();
    let which = if count > 1 { format!("request {} of {count} (Tab: next) · ", number + 1) } else { String::new() };
    let hurry = approval.expires.saturating_sub(model.now.wall) < 60_000;
    let style = if hurry { Style::new().fg(Color::Yellow) } else { DIM };
    Line::styled(format!("{which}{}", time_left(model, approval)), style)
}

/// How long a request still waits here, and what comes then.
pub(super) fn time_left(model: &Model, approval: &Approval) -> String {
    let then = if approval.headless { "" } else { ", then the terminal asks" };
    format!("{}{then}", request::left(approval, model.now.wall))
}

fn status(frame: &mut Frame, area: Rect, model: &Model) {
    let typed = match &model.mode {
        Mode::Filter(field) => Some((" Filter: ", field)),
        Mode::Tag(_, field) => Some((" Tag (empty takes it away): ", field)),
        _ => None,
    };
    if let Some((label, field)) = typed {
        return input(frame, area, label, field);
    }
    let absence = model.absence();
    let (text, bad) = match (&model.status, &absence) {
        (Some(status), _) => (status.text.as_str(), status.bad),
        (None, Some(absence)) => (absence.as_str(), true),
        (None, None) => (model.board.trouble.as_str(), true),
    };
    say(frame, area, text, if bad { BAD } else { Style::new() });
}

/// Says something at the bottom. What needs more than a line takes it from what is above.
fn say(frame: &mut Frame, area: Rect, text: &str, style: Style) {
    let lines = prose(text, usize::from(area.width).saturating_sub(1), 1, style);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(STATUS).min(area.y + area.height);
    let area = Rect { y: area.bottom().saturating_sub(height), height, ..area };
    frame.render_widget(Clear, area);
    put(frame, area, lines);
}

/// A labelled field with the cursor in it; what does not fit leaves on the left.
pub(super) fn input(frame: &mut Frame, area: Rect, label: &str, field: &Field) {
    let (before, after) = field.halves();
    let (before, after) = (safe(before), safe(after));
    let room = usize::from(area.width).saturating_sub(label.width() + 1);
    let mut from = 0;
    while before[from..].width() > room {
        from += before[from..].chars().next().map_or(1, char::len_utf8);
    }
    let before = &before[from..];
    put(frame, area, vec![Line::raw(format!("{label}{before}{after}"))]);
    let column = u16::try_from(label.width() + before.width()).unwrap_or(u16::MAX);
    if column < area.width && area.height > 0 {
        frame.set_cursor_position(Position::new(area.x + column, area.y));
    }
}

fn hints(model: &Model) -> &'static str {
    match &model.mode {
        Mode::Filter(_) => " Enter keep · Esc clear · ↑↓ choose",
        Mode::Tag(..) => " Enter save · Esc leave",
        Mode::Help => " any key closes",
        Mode::Ask(_) => " Esc leave: nothing is decided",
        Mode::Browse if model.requests().len() > 1 => {
            " a approve · d deny · Tab next request · Enter jump · Space detail · ? help"
        }
        Mode::Browse if model.focused().is_some_and(|(_, asked)| is_answered(asked)) => {
            " a answer · d deny · Enter jump · Space detail · ? help · q quit"
        }
        Mode::Browse if model.focused().is_some() => {
            " a approve · d deny · Enter jump · Space detail · ? help · q quit"
        }
        Mode::Browse if model.is_reading() => {
            " Space back · ↑↓ scroll · ←→ other session · Enter jump · ? help · q quit"
        }
        Mode::Browse => " Enter jump · Space detail · p pin · t tag · x dismiss · / filter · ? help · q",
    }
}

/// Whether it takes more than a yes.
fn is_answered(approval: &Approval) -> bool {
    matches!(approval.kind, Kind::Question | Kind::Elicitation)
}

const HELP: [(&str, &str); 16] = [
    ("↑ ↓ ← →", "choose a session (j k h l, Home, End)"),
    ("Enter", "jump to its terminal; a double click does too"),
    ("Space", "detail, and back; ↑ ↓ PgUp PgDn scroll it"),
    ("a", "approve its request, answer its question: shown in full first"),
    ("d", "deny its request, and tell Claude why"),
    ("o", "hand its request over to the terminal"),
    ("Tab", "its next request"),
    ("p", "pin it to the top, or no more"),
    ("t", "tag it"),
    ("x  u", "dismiss it until it needs you · bring it back"),
    ("/", "filter: words in project, branch, tag, folder, prompt, state"),
    ("e", "show those that ended, or hide them"),
    ("r", "fetch everything anew"),
    ("Ctrl-L", "draw everything anew"),
    ("q", "quit"),
    ("", "States: blue is your turn. Red failed, yellow is stuck."),
];

fn help(frame: &mut Frame, model: &Model) {
    let area = model.pane();
    let height = area.height.min(HELP.len() as u16 + 2);
    let area = Rect { height, ..area };
    frame.render_widget(Clear, area);
    let line = |(keys, what): &(&str, &str)| {
        Line::from(vec![Span::styled(format!(" {keys:<9}"), BOLD), Span::raw((*what).to_owned())])
    };
    let lines: Vec<Line> = HELP.iter().map(line).collect();
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" Keys ")), area);
}
