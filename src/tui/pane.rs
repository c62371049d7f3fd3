//! Draws the pane in which a request is decided.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};
use unicode_width::UnicodeWidthStr;

use super::ask::{Ask, Purpose, Readiness};
use super::layout::pane_parts;
use super::model::Model;
use super::request;
use super::text::fit;
use super::view::{input, name, put, time_left};
use super::wire::Kind;

/// Draws the request in full, as far as the height allows, and says what a key does now.
pub fn draw(frame: &mut Frame, ask: &Ask, model: &Model) {
    let area = model.pane();
    let [who, text, act] = pane_parts(area);
    frame.render_widget(Clear, area);
    let title = format!(" {} ", request::heading(ask.approval()));
    frame.render_widget(Block::bordered().title(title), area);
    put(frame, who, vec![whose(ask, model, usize::from(who.width))]);
    put(frame, text, ask.in_sight().to_vec());
    let (offer, style) = match ask.over() {
        Some(why) => (format!("{why} · Esc leave"), Style::new().add_modifier(Modifier::BOLD)),
        None => offer(&ask.purpose, ask.readiness(model.now.steady)),
    };
    let lines = act.rows().collect::<Vec<_>>();
    let (Some(first), last) = (lines.first(), lines.last()) else {
        return;
    };
    choose(frame, *first, ask);
    put(frame, *last.unwrap_or(first), vec![Line::styled(offer, style)]);
}

/// What is typed or chosen besides.
fn choose(frame: &mut Frame, area: Rect, ask: &Ask) {
    let say = |frame: &mut Frame, text: String| put(frame, area, vec![Line::raw(text)]);
    match &ask.purpose {
        // An MCP server is told no reason.
        Purpose::Deny(_) if ask.approval().kind == Kind::Elicitation => {}
        Purpose::Deny(field) => input(frame, area, "Tell Claude why (optional): ", field),
        Purpose::Plan(mode) => say(frame, format!("Then Claude {} · Tab changes that", mode.words())),
        Purpose::Answer(answering) => match answering.typing() {
            Some(field) => input(frame, area, "In your own words: ", field),
            None => say(frame, "Space, or its number, chooses · ↑↓ · Tab next question".to_owned()),
        },
        Purpose::Approve => {}
    }
}

fn whose(ask: &Ask, model: &Model, width: usize) -> Line<'static> {
    let approval = ask.approval();
    let left = time_left(model, approval);
    let Some(session) = model.board.session(&approval.session) else {
        return Line::raw(fit(&format!("{} · {left}", approval.project), width));
    };
    let mut spans = name(session, width.saturating_sub(left.width() + 3));
    spans.push(Span::raw(format!(" · {left}")));
    Line::from(spans)
}

fn offer(purpose: &Purpose, ready: Readiness) -> (String, Style) {
    let act = match purpose {
        Purpose::Approve | Purpose::Plan(_) => "Enter approve · Esc leave",
        Purpose::Answer(answering) if answering.is_complete() => "Enter answer · Esc leave",
        Purpose::Answer(_) => "Enter choose and go on · Esc leave",
        Purpose::Deny(_) => "Enter deny · Esc leave",
    };
    match ready {
        Readiness::Armed => (format!("● {act}"), Style::new().add_modifier(Modifier::BOLD)),
        Readiness::Arming => (format!("○ {act}"), Style::new().add_modifier(Modifier::DIM)),
        Readiness::Unread(lines) => {
            (format!("↓ PgDn: {lines} more lines to read before it can be decided"), Style::new())
        }
    }
}
