//! What keys and clicks mean.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::ask::Purpose;
use super::board::Group;
use super::field::Field;
use super::layout::{Hit, hit};
use super::message::Command;
use super::model::{Mode, Model};
use super::wire::State;

/// Two clicks on one row within this time are a double click.
const DOUBLE_CLICK_MS: u64 = 400;
/// Lines that one notch of the wheel moves.
const NOTCH: isize = 3;

impl Model {
    pub(super) fn key(&mut self, key: KeyEvent) -> Vec<Command> {
        if key.kind == KeyEventKind::Release {
            return vec![];
        }
        self.status = None;
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => return vec![Command::Quit],
            KeyCode::Char('l') if control => return vec![Command::Redraw],
            _ => {}
        }
        // The mode is taken out, so that its keys may put another in its place.
        match std::mem::replace(&mut self.mode, Mode::Browse) {
            Mode::Browse if control || key.modifiers.contains(KeyModifiers::ALT) => vec![],
            Mode::Browse => self.browse_key(key.code),
            // Any key ends the help.
            Mode::Help => vec![],
            Mode::Filter(field) => self.filter_key(key, field),
            Mode::Tag(session, field) => self.tag_key(key, session, field),
            Mode::Ask(ask) => self.ask_key(key, ask),
        }
    }

    /// Pasted text is only ever typed text: it decides nothing.
    pub(super) fn paste(&mut self, text: &str) -> Vec<Command> {
        match &mut self.mode {
            Mode::Filter(field) => {
                field.insert(text);
                self.filter = field.text();
            }
            Mode::Tag(_, field) => field.insert(text),
            Mode::Ask(ask) => {
                ask.paste(text);
            }
            Mode::Browse | Mode::Help => {}
        }
        vec![]
    }

    fn browse_key(&mut self, code: KeyCode) -> Vec<Command> {
        match code {
            KeyCode::Char('q') => return vec![Command::Quit],
            KeyCode::Char('?') => self.mode = Mode::Help,
            KeyCode::Char('/') => self.mode = Mode::Filter(Field::with(&self.filter)),
            KeyCode::Char('r') => {
                self.say("Fetching everything anew…");
                return vec![Command::Refresh];
            }
            KeyCode::Char('e') => return self.toggle_ended(),
            KeyCode::Char('u') => return self.undo_dismiss(),
            KeyCode::Tab => self.other_request(1),
            KeyCode::BackTab => self.other_request(-1),
            KeyCode::Esc => self.escape(),
            KeyCode::Enter | KeyCode::Char(' ' | 'a' | 'd' | 'o' | 'x' | 'p' | 't') => return self.session_key(code),
            _ => self.move_key(code),
        }
        vec![]
    }

    /// Keys that do something with the selected session.
    fn session_key(&mut self, code: KeyCode) -> Vec<Command> {
        let Some(session) = self.selected().cloned() else {
            return self.say("No session is selected.");
        };
        let key = session.key;
        match code {
            KeyCode::Enter => {
                self.say(format!("Jumping to {}…", session.project));
                vec![Command::Jump { key }]
            }
            KeyCode::Char(' ') => self.toggle_reading(key, session.state),
            KeyCode::Char('a') => self.ask(Purpose::Approve),
            KeyCode::Char('d') => self.ask(Purpose::Deny(Field::default())),
            KeyCode::Char('o') => self.hand_over(),
            KeyCode::Char('p') => vec![Command::Pin { key, on: !session.pinned }],
            KeyCode::Char('t') => {
                self.mode = Mode::Tag(key, Field::with(&session.tag));
                vec![]
            }
            _ if session.dismissed => vec![Command::Dismiss { key, on: false }],
            _ => {
                self.say(format!("Dismissed {} until it needs you · u brings it back", session.project));
                self.undo = Some(key.clone());
                vec![Command::Dismiss { key, on: true }]
            }
        }
    }

    fn toggle_reading(&mut self, key: String, state: State) -> Vec<Command> {
        self.reading = !self.reading;
        let looked = self.reading && state == State::Done;
        if looked { vec![Command::Seen { key }] } else { vec![] }
    }

    fn toggle_ended(&mut self) -> Vec<Command> {
        self.ended = !self.ended;
        if self.ended { vec![Command::LoadPast] } else { vec![] }
    }

    fn undo_dismiss(&mut self) -> Vec<Command> {
        self.undo.take().map(|key| Command::Dismiss { key, on: false }).into_iter().collect()
    }

    /// Leaves whatever is open, innermost first.
    fn escape(&mut self) {
        if self.reading {
            self.reading = false;
        } else {
            self.filter.clear();
        }
    }

    fn filter_key(&mut self, key: KeyEvent, mut field: Field) -> Vec<Command> {
        match key.code {
            KeyCode::Esc => self.filter.clear(),
            KeyCode::Enter => {}
            KeyCode::Up | KeyCode::Down => {
                self.move_key(key.code);
                self.mode = Mode::Filter(field);
            }
            _ => {
                field.key(key);
                self.filter = field.text();
                self.mode = Mode::Filter(field);
            }
        }
        vec![]
    }

    fn tag_key(&mut self, key: KeyEvent, session: String, mut field: Field) -> Vec<Command> {
        match key.code {
            KeyCode::Esc => vec![],
            KeyCode::Enter => {
                let text = Some(field.text().trim().to_owned()).filter(|text| !text.is_empty());
                vec![Command::Tag { key: session, text }]
            }
            _ => {
                field.key(key);
                self.mode = Mode::Tag(session, field);
                vec![]
            }
        }
    }

    fn move_key(&mut self, code: KeyCode) {
        let page = isize::try_from(self.detail_height().saturating_sub(1)).unwrap_or(1);
        match code {
            KeyCode::Up | KeyCode::Char('k') if self.reading => self.scroll_detail(-1),
            KeyCode::Down | KeyCode::Char('j') if self.reading => self.scroll_detail(1),
            KeyCode::Home | KeyCode::Char('g') if self.reading => self.scroll_detail(isize::MIN),
            KeyCode::End | KeyCode::Char('G') if self.reading => self.scroll_detail(isize::MAX),
            KeyCode::PageUp if page > 0 => self.scroll_detail(-page),
            KeyCode::PageDown if page > 0 => self.scroll_detail(page),
            KeyCode::Up | KeyCode::Char('k') => self.step(-1),
            KeyCode::Down | KeyCode::Char('j') => self.step(1),
            KeyCode::Left | KeyCode::Char('h') => self.sideways(-1),
            KeyCode::Right | KeyCode::Char('l') => self.sideways(1),
            KeyCode::PageUp => self.step(-8),
            KeyCode::PageDown => self.step(8),
            KeyCode::Home | KeyCode::Char('g') => self.step(isize::MIN),
            KeyCode::End | KeyCode::Char('G') => self.step(isize::MAX),
            _ => {}
        }
    }

    /// Up and down: within the column, or through the whole list.
    fn step(&mut self, by: isize) {
        let Some((group, place)) = self.group_of_selected() else {
            return;
        };
        let keys: Vec<String> = if self.areas().columns && !self.reading {
            self.groups()[group as usize].clone()
        } else {
            self.flat().cloned().collect()
        };
        let place = keys.iter().position(|key| Some(key) == self.selected.as_ref()).unwrap_or(place);
        if let Some(key) = keys.get(place.saturating_add_signed(by).min(keys.len().saturating_sub(1))) {
            self.select(key);
        }
    }

    /// Left and right: to the next column that has anybody in it, or through the list.
    fn sideways(&mut self, by: isize) {
        if self.reading || !self.areas().columns {
            return self.step(by);
        }
        let Some((group, place)) = self.group_of_selected() else {
            return;
        };
        let mut columns: Vec<Group> = Group::ALL.to_vec();
        columns.retain(|other| if by > 0 { *other > group } else { *other < group });
        if by < 0 {
            columns.reverse();
        }
        let there = columns.into_iter().map(|group| &self.groups()[group as usize]).find(|keys| !keys.is_empty());
        if let Some(key) = there.and_then(|keys| keys.get(place.min(keys.len() - 1))).cloned() {
            self.select(&key);
        }
    }

    fn other_request(&mut self, by: isize) {
        let count = self.requests().len().max(1);
        self.focused = (self.focused + count).saturating_add_signed(by) % count;
        self.scroll_to_request();
    }

    pub(super) fn mouse(&mut self, mouse: MouseEvent) -> Vec<Command> {
        let notches = match mouse.kind {
            MouseEventKind::ScrollUp => -NOTCH,
            MouseEventKind::ScrollDown => NOTCH,
            MouseEventKind::Down(MouseButton::Left) => return self.clicked(mouse.column, mouse.row),
            _ => return vec![],
        };
        if let Mode::Ask(ask) = &mut self.mode {
            ask.scroll_by(notches);
            return vec![];
        }
        match hit(self, mouse.column, mouse.row) {
            Hit::Detail => self.scroll_detail(notches),
            Hit::Strip(strip, _) => self.scroll_strip(strip, notches),
            Hit::Nothing => {}
        }
        vec![]
    }

    fn clicked(&mut self, column: u16, row: u16) -> Vec<Command> {
        if !matches!(self.mode, Mode::Browse) {
            return vec![];
        }
        let Hit::Strip(_, Some(key)) = hit(self, column, row) else {
            self.click = None;
            return vec![];
        };
        let now = self.now.steady;
        let again = |(clicked, at): (String, u64)| clicked == key && now.saturating_sub(at) <= DOUBLE_CLICK_MS;
        let double = self.click.take().is_some_and(again);
        self.select(&key);
        if double {
            return self.session_key(KeyCode::Enter);
        }
        self.click = Some((key, now));
        vec![]
    }
}
