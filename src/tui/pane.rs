//! Draws the pane in which a request is decided.

use ratatui::Frame;
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
    if let Purpose::Deny(field) = &ask.purpose
        && ask.approval().kind != Kind::Elicitation
    {
        input(frame, *first, "Tell Claude why (optional): ", field);
    }
    put(frame, *last.unwrap_or(first), vec![Line::styled(offer, style)]);
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
        Purpose::Approve => "Enter approve · Esc leave",
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
