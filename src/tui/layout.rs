//! Where everything is on a screen of any size. Drawing and clicking read the same map.

use ratatui::layout::{Position, Rect};

use super::board::Group;
use super::model::Model;

/// From this width on, list and detail stand side by side.
const BESIDE: u16 = 110;
/// From this width on, the groups are columns.
const COLUMNS: u16 = 150;
/// The pane in which a request is decided grows no wider: long lines are hard to read.
const PANE: u16 = 120;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// What is going on, in one line.
    pub header: Rect,
    /// The sessions; empty while the detail has the screen for itself.
    pub list: Rect,
    /// The selected session; empty when it is not shown.
    pub detail: Rect,
    /// What just happened, or what is wrong.
    pub status: Rect,
    /// The keys that work here.
    pub hints: Rect,
    /// Whether the groups are columns.
    pub columns: bool,
}

/// Divides the screen. On a narrow one, `reading` gives it to the detail.
#[must_use]
pub fn areas(width: u16, height: u16, reading: bool) -> Areas {
    let line = |y: u16| Rect::new(0, y.min(height), width, u16::from(y < height));
    let middle = Rect::new(0, 1.min(height), width, height.saturating_sub(3));
    let (list, detail) = match width {
        0..BESIDE if reading => (Rect::ZERO, middle),
        0..BESIDE => (middle, Rect::ZERO),
        BESIDE..COLUMNS => split(middle, width / 2),
        _ => split(middle, width - width * 2 / 5),
    };
    let bottom = middle.bottom().max(1);
    Areas { header: line(0), list, detail, status: line(bottom), hints: line(bottom + 1), columns: width >= COLUMNS }
}

fn split(area: Rect, at: u16) -> (Rect, Rect) {
    (Rect { width: at, ..area }, Rect { x: area.x + at, width: area.width - at, ..area })
}

/// Inside the frame of the detail: its fixed head, and what scrolls.
#[must_use]
pub fn detail_text(detail: Rect, head: u16) -> (Rect, Rect) {
    let inner = Rect { x: detail.x + 2, y: detail.y, width: detail.width.saturating_sub(3), height: detail.height };
    let head = head.min(inner.height);
    (Rect { height: head, ..inner }, Rect { y: inner.y + head, height: inner.height - head, ..inner })
}

/// The frame in which a request is decided.
#[must_use]
pub fn pane(width: u16, height: u16) -> Rect {
    let area = Rect::new(0, 1.min(height), width, height.saturating_sub(3));
    let wide = width.min(PANE);
    Rect { x: (width - wide) / 2, width: wide, ..area }
}

/// Inside that frame: who asks, what is asked, and the line that acts.
#[must_use]
pub fn pane_parts(pane: Rect) -> [Rect; 3] {
    let inner = Rect {
        x: pane.x + 2,
        y: pane.y + 1,
        width: pane.width.saturating_sub(4),
        height: pane.height.saturating_sub(2),
    };
    let who = Rect { height: inner.height.min(1), ..inner };
    let act = inner.height.saturating_sub(1).min(2);
    let text = Rect { y: inner.y + who.height, height: inner.height - who.height - act, ..inner };
    [who, text, Rect { y: text.bottom(), height: act, ..inner }]
}

/// An entry of a strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The name of a group, and how many sessions it has.
    Heading(Group, usize),
    /// A session, by its key.
    Session(String),
}

/// Entries below each other, in a place where they scroll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Which of the model's scroll positions is this strip's.
    pub number: usize,
    /// A column's name stands above it and does not scroll.
    pub title: Option<(Group, usize)>,
    /// Where the entries are.
    pub area: Rect,
    /// All of them.
    pub entries: Vec<Entry>,
    /// Lines of a session.
    pub rows: u16,
}

impl Strip {
    /// The first line of each entry, and its height, from the top of the strip.
    pub fn lines(&self) -> impl Iterator<Item = (usize, u16, &Entry)> {
        let mut at = 0;
        self.entries.iter().map(move |entry| {
            let first = at;
            let height = self.height(entry);
            at += usize::from(height);
            (first, height, entry)
        })
    }

    /// Lines of all entries together.
    #[must_use]
    pub fn total(&self) -> usize {
        self.entries.iter().map(|entry| usize::from(self.height(entry))).sum()
    }

    /// The entries that are in sight, and where: `(y, lines hidden above it, entry)`.
    pub fn in_sight(&self, scroll: usize) -> impl Iterator<Item = (Rect, &Entry)> {
        let (area, end) = (self.area, scroll + usize::from(self.area.height));
        self.lines().filter_map(move |(first, height, entry)| {
            // Half an entry would tell half the truth: it is left out.
            let whole = first >= scroll && first + usize::from(height) <= end;
            let y = area.y + u16::try_from(first.checked_sub(scroll)?).ok()?.min(area.height);
            whole.then_some((Rect { y, height, ..area }, entry))
        })
    }

    fn height(&self, entry: &Entry) -> u16 {
        match entry {
            Entry::Heading(..) => 1,
            Entry::Session(_) => self.rows,
        }
    }
}

/// All strips: one of everything, or one for each group.
#[must_use]
pub fn strips(model: &Model) -> Vec<Strip> {
    let areas = model.areas();
    if areas.list.is_empty() {
        return Vec::new();
    }
    let shown = Group::ALL.into_iter().zip(model.groups());
    if areas.columns { columns(model, areas.list) } else { vec![list(shown, areas.list)] }
}

fn list<'a>(groups: impl Iterator<Item = (Group, &'a Vec<String>)>, area: Rect) -> Strip {
    let mut entries = Vec::new();
    for (group, keys) in groups.filter(|(_, keys)| !keys.is_empty()) {
        entries.push(Entry::Heading(group, keys.len()));
        entries.extend(keys.iter().cloned().map(Entry::Session));
    }
    Strip { number: 0, title: None, area, entries, rows: 2 }
}

fn columns(model: &Model, area: Rect) -> Vec<Strip> {
    let count = if model.shows_ended() { 4 } else { 3 };
    let width = area.width / count;
    let groups = Group::ALL.into_iter().zip(model.groups()).take(usize::from(count));
    let column = |(number, (group, keys)): (usize, (Group, &Vec<String>))| {
        let x = area.x + width * u16::try_from(number).unwrap_or_default();
        Strip {
            number,
            title: Some((group, keys.len())),
            area: Rect { x, y: area.y + 1, width: width - 1, height: area.height.saturating_sub(1) },
            entries: keys.iter().cloned().map(Entry::Session).collect(),
            rows: 4,
        }
    };
    groups.enumerate().map(column).collect()
}

/// What is under the pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A strip, by number, and the session whose row it is there.
    Strip(usize, Option<String>),
    /// The detail.
    Detail,
    /// Nothing that can be pointed at.
    Nothing,
}

/// Says what is at a place of the screen.
#[must_use]
pub fn hit(model: &Model, column: u16, row: u16) -> Hit {
    let at = Position::new(column, row);
    if model.areas().detail.contains(at) {
        return Hit::Detail;
    }
    let strips = strips(model);
    let Some(strip) = strips.iter().find(|strip| strip.area.contains(at)) else {
        return Hit::Nothing;
    };
    let mut rows = strip.in_sight(model.scroll(strip.number));
    let key = match rows.find(|(area, _)| area.contains(at)) {
        Some((_, Entry::Session(key))) => Some(key.clone()),
        _ => None,
    };
    Hit::Strip(strip.number, key)
}
