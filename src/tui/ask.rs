//! The pane in which one request is decided: nothing is sent before all of it was on the screen.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::answering::{Answering, Led};
use super::field::Field;
use super::layout::pane_parts;
use super::request;
use super::wire::Approval;
use crate::answers::plan;

/// How long the whole request has to be on the screen before a key decides.
pub const ARMING_MS: u64 = 400;

/// What the pane is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// To let it run.
    Approve,
    /// To let a plan be carried out, in this mode.
    Plan(plan::Mode),
    /// To answer a question, or to give a server what it asks for.
    Answer(Box<Answering>),
    /// Not to let it run, and to say why.
    Deny(Field),
}

/// How far the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// So many lines were not on the screen yet.
    Unread(usize),
    /// All were, but only just.
    Arming,
    /// A key decides.
    Armed,
}

/// A request on its way to a decision.
#[derive(Clone, Debug)]
pub struct Ask {
    approval: Approval,
    /// What the pane is for.
    pub purpose: Purpose,
    lines: Vec<Line<'static>>,
    width: usize,
    height: usize,
    scroll: usize,
    seen: usize,
    ready: Option<u64>,
    /// Why it is not asked any more. The pane stays: what is being typed must not become commands.
    over: Option<String>,
}

impl Ask {
    /// Opens the pane on a request.
    #[must_use]
    pub fn new(approval: Approval, purpose: Purpose, pane: Rect) -> Self {
        let (lines, over) = (Vec::new(), None);
        let mut ask = Self { approval, purpose, lines, width: 0, height: 0, scroll: 0, seen: 0, ready: None, over };
        ask.lay_out(pane);
        ask
    }

    /// What the pane is for when the request has become another: what was chosen of the old one is no answer to it.
    #[must_use]
    pub fn purpose_for(&self, current: &Approval) -> Purpose {
        match &self.purpose {
            Purpose::Answer(_) => {
                Answering::new(current).map_or(Purpose::Deny(Field::default()), |new| Purpose::Answer(Box::new(new)))
            }
            other => other.clone(),
        }
    }

    /// Breaks the lines anew: what was read in the old ones counts no more.
    pub fn lay_out(&mut self, pane: Rect) {
        let [_, text, _] = pane_parts(pane);
        (self.width, self.height) = (usize::from(text.width), usize::from(text.height));
        (self.scroll, self.seen, self.ready) = (0, 0, None);
        self.write();
    }

    /// Writes the lines, and brings the one into sight that the keys are about.
    fn write(&mut self) {
        let Purpose::Answer(answering) = &self.purpose else {
            self.lines = request::lines(&self.approval, self.width);
            return;
        };
        let (lines, at) = request::answered(&self.approval, answering, self.width);
        if lines.len() != self.lines.len() {
            (self.seen, self.ready) = (0, None);
        }
        self.lines = lines;
        self.scroll = self.scroll.min(at).max((at + 1).saturating_sub(self.height));
    }

    /// Whether the key did something with what is chosen or typed as an answer, or with the mode after a plan.
    pub fn takes(&mut self, key: KeyEvent) -> bool {
        let led = match &mut self.purpose {
            Purpose::Answer(answering) => answering.key(key),
            Purpose::Plan(mode) if matches!(key.code, KeyCode::Tab | KeyCode::BackTab) => {
                *mode = mode.other();
                Led::On
            }
            _ => Led::Nowhere,
        };
        if led == Led::On {
            self.write();
        }
        led == Led::On
    }

    /// Takes in what is typed as a reason.
    pub fn typed(&mut self, key: KeyEvent) {
        if let Purpose::Deny(field) = &mut self.purpose {
            field.key(key);
        }
    }

    /// Takes in what is pasted: text, and never a key.
    pub fn paste(&mut self, text: &str) {
        match &mut self.purpose {
            Purpose::Deny(field) => field.insert(text),
            Purpose::Answer(answering) => {
                answering.paste(text);
                self.write();
            }
            Purpose::Approve | Purpose::Plan(_) => {}
        }
    }

    /// Takes in how the request stands now. `false` when it reads differently: then this pane is void.
    pub fn renew(&mut self, current: &Approval) -> bool {
        let (old, new) = (&self.approval, current);
        let same = old.shown == new.shown && (&old.tool, old.kind) == (&new.tool, new.kind) && old.input == new.input;
        let same = same && (&old.cwd, &old.mode, &old.agent) == (&new.cwd, &new.mode, &new.agent);
        let same = same && (&old.risk, &old.trial) == (&new.risk, &new.trial);
        if same {
            self.approval = current.clone();
        }
        same
    }

    /// It is not asked any more, for this reason.
    pub fn end(&mut self, why: &str) {
        self.over.get_or_insert_with(|| why.to_owned());
    }

    /// Why it is not asked any more.
    #[must_use]
    pub fn over(&self) -> Option<&str> {
        self.over.as_deref()
    }

    /// The request.
    #[must_use]
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// The lines that are to be drawn now.
    #[must_use]
    pub fn in_sight(&self) -> &[Line<'static>] {
        &self.lines[self.scroll..self.lines.len().min(self.scroll + self.height)]
    }

    /// Moves the text by so many lines.
    pub fn scroll_by(&mut self, lines: isize) {
        let last = self.lines.len().saturating_sub(self.height);
        self.scroll = self.scroll.saturating_add_signed(lines).min(last);
    }

    /// Moves it by most of a page, so that no line is lost in between.
    pub fn scroll_page(&mut self, direction: isize) {
        let page = isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1);
        self.scroll_by(direction * page);
    }

    /// Goes to the first line that was not on the screen yet.
    pub fn scroll_on(&mut self) {
        self.scroll = self.seen.min(self.lines.len().saturating_sub(self.height));
    }

    /// What is in sight has been drawn.
    pub fn drawn(&mut self, steady: u64) {
        self.seen = self.seen_when_drawn();
        if self.is_read() && self.ready.is_none() {
            self.ready = Some(steady);
        }
    }

    /// Whether a key decides now. What is in sight counts as read, not yet as looked at.
    #[must_use]
    pub fn readiness(&self, steady: u64) -> Readiness {
        match self.ready {
            Some(since) if steady.saturating_sub(since) >= ARMING_MS => Readiness::Armed,
            None if !self.is_read() => Readiness::Unread(self.lines.len() - self.seen_when_drawn()),
            _ => Readiness::Arming,
        }
    }

    fn is_read(&self) -> bool {
        self.height > 0 && self.seen_when_drawn() == self.lines.len()
    }

    fn seen_when_drawn(&self) -> usize {
        // Jumping to the end reads nothing in between.
        let reached = if self.scroll <= self.seen { self.scroll + self.height } else { 0 };
        self.seen.max(reached).min(self.lines.len())
    }

    /// When it will be armed.
    #[must_use]
    pub fn armed_at(&self) -> Option<u64> {
        self.ready.map(|since| since + ARMING_MS)
    }

    /// A deciding key came too early: whoever leans on it has not read, so the time begins anew.
    pub fn disarm(&mut self, steady: u64) {
        self.ready = self.ready.map(|_| steady);
    }
}
