//! What the screen shows, and what every key, click and frame changes in it. Nothing here waits,
//! reads or sends: what is to be done comes back as [`Command`]s.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::ask::Ask;
use super::board::{Board, Group};
use super::field::Field;
use super::layout::{self, Areas, Entry};
use super::message::{Command, Message, Now};
use super::wire::{Approval, Session};
use super::{ages, detail};

/// Lines above what scrolls in the detail.
pub const DETAIL_HEAD: u16 = 5;

/// Whether the daemon is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not yet known.
    Connecting,
    /// What is shown is how things stand.
    Live,
    /// What is shown is how things stood at that time.
    Lost {
        /// When it was noticed.
        at: u64,
        /// Why, in words.
        why: String,
    },
}

/// What the keys mean at the moment.
#[derive(Clone, Debug)]
pub enum Mode {
    /// The list, or the detail.
    Browse,
    /// The keys are explained.
    Help,
    /// The filter is typed.
    Filter(Field),
    /// A label is typed, for the session with this key.
    Tag(String, Field),
    /// A request is decided.
    Ask(Box<Ask>),
}

/// One line about what just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What to say.
    pub text: String,
    /// It is bad news.
    pub bad: bool,
}

/// Everything the screen depends on.
#[derive(Debug)]
pub struct Model {
    /// Sessions and requests.
    pub board: Board,
    /// Whether the daemon is there.
    pub link: Link,
    /// What the keys mean.
    pub mode: Mode,
    /// What just happened.
    pub status: Option<Status>,
    /// The clocks, as last told.
    pub now: Now,
    /// Where the user is.
    pub zone: TimeZone,
    pub(super) size: (u16, u16),
    pub(super) selected: Option<String>,
    pub(super) filter: String,
    pub(super) ended: bool,
    pub(super) reading: bool,
    pub(super) follow: bool,
    pub(super) focused: usize,
    pub(super) undo: Option<String>,
    pub(super) sent: BTreeSet<String>,
    pub(super) click: Option<(String, u64)>,
    pub(super) detail_scroll: usize,
    pub(super) exit_after_jump: bool,
    groups: [Vec<String>; 4],
    grouped_at: Option<(u64, String, bool)>,
    place: usize,
    scroll: [usize; 4],
    detail: detail::Body,
    detail_of: Option<(String, u64, usize, u16)>,
}

impl Model {
    /// Nothing known yet.
    #[must_use]
    pub fn new(size: (u16, u16), zone: TimeZone, exit_after_jump: bool) -> Self {
        Self {
            board: Board::default(),
            link: Link::Connecting,
            mode: Mode::Browse,
            status: None,
            now: Now::default(),
            zone,
            size,
            selected: None,
            filter: String::new(),
            ended: false,
            reading: false,
            follow: true,
            focused: 0,
            undo: None,
            sent: BTreeSet::new(),
            click: None,
            detail_scroll: 0,
            exit_after_jump,
            groups: Default::default(),
            grouped_at: None,
            place: 0,
            scroll: [0; 4],
            detail: detail::Body::default(),
            detail_of: None,
        }
    }

    /// Takes in what happened, and says what is to be done.
    pub fn update(&mut self, now: Now, message: Message) -> Vec<Command> {
        self.now = now;
        let commands = match message {
            Message::Key(key) => self.key(key),
            Message::Mouse(mouse) => self.mouse(mouse),
            Message::Paste(text) => self.paste(&text),
            Message::Resize(width, height) => self.resize(width, height),
            Message::Frame(frame) => self.frame(frame),
            Message::Lost(why) => self.lost(why),
            Message::Tick => vec![],
            Message::Drawn => return self.drawn(),
            Message::Jumped(result) => self.jumped(result),
            Message::Decided { id, result } => self.decided(&id, result),
            Message::Refused(why) => self.say_bad(why),
            Message::Past(sessions) => {
                self.board.take_past(sessions);
                vec![]
            }
        };
        self.settle();
        commands
    }

    /// The size of the screen, as last told.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Where everything is.
    #[must_use]
    pub fn areas(&self) -> Areas {
        layout::areas(self.size.0, self.size.1, self.reading)
    }

    /// Where a request is decided.
    #[must_use]
    pub fn pane(&self) -> Rect {
        layout::pane(self.size.0, self.size.1)
    }

    /// The keys of the sessions that are listed, by group.
    #[must_use]
    pub fn groups(&self) -> &[Vec<String>; 4] {
        &self.groups
    }

    /// How far a strip is scrolled, in lines.
    #[must_use]
    pub fn scroll(&self, strip: usize) -> usize {
        self.scroll.get(strip).copied().unwrap_or_default()
    }

    /// Whether ended sessions are listed.
    #[must_use]
    pub fn shows_ended(&self) -> bool {
        self.ended
    }

    /// Whether the keys scroll the detail.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.reading
    }

    /// What the list is filtered by.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The selected session.
    #[must_use]
    pub fn selected(&self) -> Option<&Session> {
        self.board.session(self.selected.as_deref()?)
    }

    /// The pending requests of the selected session.
    #[must_use]
    pub fn requests(&self) -> Vec<&Approval> {
        self.selected.as_deref().map(|key| self.board.requests(key).collect()).unwrap_or_default()
    }

    /// The one of them that `a` and `d` are about, and its number.
    #[must_use]
    pub fn focused(&self) -> Option<(usize, &Approval)> {
        self.requests().get(self.focused).map(|approval| (self.focused, *approval))
    }

    /// The lines of the detail that are in sight, and how many there are in all.
    #[must_use]
    pub fn detail(&self) -> (&[Line<'static>], usize) {
        let first = self.detail_scroll.min(self.detail.lines.len());
        let end = self.detail.lines.len().min(first + self.detail_height());
        (&self.detail.lines[first..end], self.detail.lines.len())
    }

    /// How far the detail is scrolled.
    #[must_use]
    pub fn detail_scroll(&self) -> usize {
        self.detail_scroll
    }

    /// When something on the screen changes though nothing happens: the steady time.
    #[must_use]
    pub fn wake(&self) -> Option<u64> {
        let arming = match &self.mode {
            Mode::Ask(ask) => ask.armed_at().filter(|at| *at > self.now.steady),
            _ => None,
        };
        arming.into_iter().chain(ages::next_change(self)).min()
    }

    pub(super) fn say(&mut self, text: impl Into<String>) -> Vec<Command> {
        self.status = Some(Status { text: text.into(), bad: false });
        vec![]
    }

    pub(super) fn say_bad(&mut self, text: impl Into<String>) -> Vec<Command> {
        self.status = Some(Status { text: text.into(), bad: true });
        vec![]
    }

    pub(super) fn detail_height(&self) -> usize {
        usize::from(layout::detail_text(self.areas().detail, DETAIL_HEAD).1.height)
    }

    pub(super) fn scroll_detail(&mut self, lines: isize) {
        let last = self.detail.lines.len().saturating_sub(self.detail_height());
        self.detail_scroll = self.detail_scroll.saturating_add_signed(lines).min(last);
    }

    /// Brings the focused request into sight.
    pub(super) fn scroll_to_request(&mut self) {
        self.detail_scroll = self.detail.starts.get(self.focused).copied().unwrap_or_default();
    }

    pub(super) fn scroll_strip(&mut self, number: usize, lines: isize) {
        if let Some(scroll) = self.scroll.get_mut(number) {
            *scroll = scroll.saturating_add_signed(lines);
            self.follow = false;
        }
    }

    pub(super) fn select(&mut self, key: &str) {
        self.follow = true;
        if self.selected.as_deref() != Some(key) {
            self.selected = Some(key.to_owned());
            (self.focused, self.detail_scroll) = (0, 0);
        }
    }

    /// Makes everything agree again after a change.
    pub(super) fn settle(&mut self) {
        self.group();
        self.keep_selection();
        self.keep_in_sight();
        self.keep_ask();
        self.focused = self.focused.min(self.requests().len().saturating_sub(1));
        self.write_detail();
        self.scroll_detail(0);
    }

    fn group(&mut self) {
        let at = (self.board.revision(), self.filter.clone(), self.ended);
        if self.grouped_at.as_ref() != Some(&at) {
            self.groups = self.board.groups(&self.filter, self.ended);
            self.grouped_at = Some(at);
        }
    }

    /// A selected session that is gone leaves the selection to whoever takes its place.
    fn keep_selection(&mut self) {
        let flat = self.groups.iter().flatten();
        if let Some(place) = self.selected.as_ref().and_then(|key| flat.clone().position(|k| k == key)) {
            self.place = place;
            return;
        }
        let last = flat.clone().count().saturating_sub(1);
        let next = flat.clone().nth(self.place.min(last)).cloned();
        // With nobody there at all the key is kept: the same session may come back with its daemon.
        if let Some(key) = next {
            if self.selected.is_some() && matches!(self.mode, Mode::Browse) {
                self.reading = false;
            }
            self.select(&key);
        }
    }

    fn keep_in_sight(&mut self) {
        for strip in layout::strips(self) {
            let height = usize::from(strip.area.height);
            let scroll = &mut self.scroll[strip.number];
            *scroll = (*scroll).min(strip.total().saturating_sub(height));
            let selected = |entry: &Entry| matches!(entry, Entry::Session(key) if Some(key) == self.selected.as_ref());
            let Some((first, rows, _)) = strip.lines().find(|(.., entry)| selected(entry)).filter(|_| self.follow)
            else {
                continue;
            };
            // The first session is shown with the heading above it.
            let top = if first <= 1 { 0 } else { first };
            *scroll = (*scroll).min(top).max((first + usize::from(rows)).saturating_sub(height));
        }
    }

    fn write_detail(&mut self) {
        let (_, text) = layout::detail_text(self.areas().detail, DETAIL_HEAD);
        let Some(session) = self.selected().filter(|_| !text.is_empty()) else {
            (self.detail, self.detail_of) = (detail::Body::default(), None);
            return;
        };
        let of = (session.key.clone(), self.board.revision(), self.focused, text.width);
        if self.detail_of.as_ref() != Some(&of) {
            let requests = self.requests();
            self.detail = detail::body(session, &requests, self.focused, usize::from(text.width), &self.zone);
            self.detail_of = Some(of);
        }
    }

    pub(super) fn flat(&self) -> impl Iterator<Item = &String> {
        self.groups.iter().flatten()
    }

    pub(super) fn group_of_selected(&self) -> Option<(Group, usize)> {
        let key = self.selected.as_ref()?;
        let place = |keys: &Vec<String>| keys.iter().position(|k| k == key);
        Group::ALL.into_iter().zip(&self.groups).find_map(|(group, keys)| Some((group, place(keys)?)))
    }
}
