//! Answering in the pane: Claude's questions, or what an MCP server asks for, as rows that are chosen or typed in.

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use serde_json::{Map, Value, json};

use super::field::Field;
use super::text::{code, prose, safe};
use super::wire::{Approval, Kind};
use crate::answers::entries::{self, Sort};
use crate::answers::question::{self, Question, Reply};

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const DIM: Style = Style::new().add_modifier(Modifier::DIM);

/// One thing that is asked.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    /// What stands above its rows.
    text: String,
    /// In other words.
    about: String,
    multi: bool,
    /// The name of each row, what it means, and what it looks like.
    options: Vec<[String; 3]>,
    /// Whether its last row is for one's own words.
    own: bool,
    needed: bool,
    picks: BTreeSet<usize>,
    typed: Field,
    /// What nobody else draws.
    rest: Vec<String>,
}

/// What is asked, and what was chosen so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Answering {
    input: Value,
    asked: Asked,
    items: Vec<Item>,
    /// The row that the keys are about, among all of them.
    cursor: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Asked {
    Questions(Vec<Question>),
    Fields(Vec<entries::Field>),
}

/// What a key led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Led {
    /// Nothing: it is for somebody else.
    Nowhere,
    /// Something is different now.
    On,
    /// All is answered, and it shall be sent.
    Send,
}

impl Answering {
    /// Nothing chosen yet, but what a server suggests.
    ///
    /// # Errors
    /// Why it cannot be answered from here, in words.
    pub fn new(approval: &Approval) -> Result<Self, &'static str> {
        let (asked, items) = if approval.kind == Kind::Elicitation {
            let fields = entries::read(&approval.input)?;
            let items = fields.iter().map(Item::of_field).collect();
            (Asked::Fields(fields), items)
        } else {
            let questions = question::read(&approval.input)?;
            let items = questions.iter().map(Item::of_question).collect();
            (Asked::Questions(questions), items)
        };
        Ok(Self { input: approval.input.clone(), asked, items, cursor: 0 })
    }

    /// The item and the row of it that the keys are about.
    fn at(&self) -> Option<(usize, usize)> {
        let mut left = self.cursor;
        for (number, item) in self.items.iter().enumerate() {
            if left < item.rows() {
                return Some((number, left));
            }
            left -= item.rows();
        }
        None
    }

    fn rows(&self) -> usize {
        self.items.iter().map(Item::rows).sum()
    }

    /// Where text goes that is typed now.
    #[must_use]
    pub fn typing(&self) -> Option<&Field> {
        let (item, row) = self.at()?;
        let item = &self.items[item];
        (row >= item.options.len()).then_some(&item.typed)
    }

    fn typing_mut(&mut self) -> Option<&mut Field> {
        let (item, row) = self.at()?;
        let item = &mut self.items[item];
        (row >= item.options.len()).then_some(&mut item.typed)
    }

    /// Puts text where one's own words go, if they go anywhere now.
    pub fn paste(&mut self, text: &str) {
        if let Some(field) = self.typing_mut() {
            field.insert(text);
            self.choose_own();
        }
    }

    /// Takes in a key.
    pub fn key(&mut self, key: KeyEvent) -> Led {
        if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
            return if self.typing().is_some() { self.typed(key) } else { Led::Nowhere };
        }
        match key.code {
            KeyCode::Up => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Down => self.cursor = (self.cursor + 1).min(self.rows().saturating_sub(1)),
            KeyCode::Tab => self.go_to(self.at().map_or(0, |(item, _)| (item + 1) % self.items.len().max(1))),
            KeyCode::BackTab => {
                let count = self.items.len().max(1);
                self.go_to(self.at().map_or(0, |(item, _)| (item + count - 1) % count));
            }
            KeyCode::Enter => return self.enter(),
            _ if self.typing().is_some() => return self.typed(key),
            KeyCode::Char(' ') => self.pick_here(),
            KeyCode::Char(digit @ '1'..='9') => return self.pick_number(digit),
            _ => return Led::Nowhere,
        }
        Led::On
    }

    fn typed(&mut self, key: KeyEvent) -> Led {
        if !self.typing_mut().is_some_and(|field| field.key(key)) {
            return Led::Nowhere;
        }
        self.choose_own();
        Led::On
    }

    /// Own words are an answer beside others only where there may be several.
    fn choose_own(&mut self) {
        if let Some((number, _)) = self.at() {
            let item = &mut self.items[number];
            if !item.multi && !item.typed.text().trim().is_empty() {
                item.picks.clear();
            }
        }
    }

    fn pick_number(&mut self, digit: char) -> Led {
        let (Some((item, row)), Some(number)) = (self.at(), digit.to_digit(10)) else {
            return Led::Nowhere;
        };
        let wanted = number as usize - 1;
        if wanted >= self.items[item].rows() {
            return Led::Nowhere;
        }
        self.cursor = self.cursor - row + wanted;
        self.pick_here();
        Led::On
    }

    fn pick_here(&mut self) {
        let Some((number, row)) = self.at() else {
            return;
        };
        let item = &mut self.items[number];
        if row >= item.options.len() {
            return;
        }
        if item.multi {
            if !item.picks.remove(&row) {
                item.picks.insert(row);
            }
        } else {
            item.picks = [row].into();
            item.typed = Field::default();
        }
    }

    /// Picks what is pointed at where nothing is yet, goes on to what is open, or sends.
    fn enter(&mut self) -> Led {
        if let Some((number, _)) = self.at().filter(|(number, _)| !self.items[*number].is_answered()) {
            self.pick_here();
            if !self.items[number].is_answered() && self.items[number].needed {
                return Led::On;
            }
            self.go_on(number);
            return Led::On;
        }
        match self.open() {
            None => Led::Send,
            Some(open) => {
                self.go_to(open);
                Led::On
            }
        }
    }

    fn go_on(&mut self, from: usize) {
        let open = |number: &usize| !self.items[*number].is_answered();
        if let Some(next) = (from + 1..self.items.len()).find(open).or_else(|| self.open()) {
            self.go_to(next);
        }
    }

    /// The first that has to be answered and is not.
    fn open(&self) -> Option<usize> {
        self.items.iter().position(|item| item.needed && !item.is_answered())
    }

    fn go_to(&mut self, number: usize) {
        self.cursor = self.items.iter().take(number).map(Item::rows).sum();
    }

    /// Whether it may be sent.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.open().is_none()
    }

    /// The decision for the API.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn decision(&self) -> Result<Value, String> {
        match &self.asked {
            Asked::Questions(questions) => {
                let replies: Vec<Reply> = self.items.iter().map(Item::reply).collect();
                Ok(
                    json!({ "decision": "allow", "updated_input": question::answered(&self.input, questions, &replies) }),
                )
            }
            Asked::Fields(fields) => {
                let mut values = Map::new();
                for (field, item) in fields.iter().zip(&self.items).filter(|(_, item)| item.is_answered()) {
                    values.insert(field.name.clone(), item.entered(field)?);
                }
                let content = entries::checked(&self.input, values).map_err(|wrong| wrong.join("; "))?;
                Ok(json!({ "decision": "allow", "content": content }))
            }
        }
    }

    /// All of it in lines, and which of them the cursor is on. How many there are does not depend on what is chosen.
    #[must_use]
    pub fn lines(&self, width: usize) -> (Vec<Line<'static>>, usize) {
        let (mut lines, mut at, mut row) = (Vec::new(), 0, 0);
        for (number, item) in self.items.iter().enumerate() {
            let count = if self.items.len() > 1 { format!("{}. ", number + 1) } else { String::new() };
            lines.extend(prose(&format!("{count}{}", item.text), width, 0, BOLD));
            lines.extend(prose(&item.about, width, 2, DIM).into_iter().filter(|_| !item.about.is_empty()));
            for option in 0..item.rows() {
                if row == self.cursor {
                    at = lines.len();
                }
                lines.extend(item.row(option, row == self.cursor, width));
                row += 1;
            }
            item.rest.iter().for_each(|more| lines.extend(prose(more, width, 2, DIM)));
            lines.push(Line::default());
        }
        (lines, at)
    }
}

impl Item {
    fn of_question(question: &Question) -> Self {
        let several = if question.multi { " (any number of)" } else { "" };
        let rest = |rest: &Map<String, Value>| rest.iter().map(|(n, v)| format!("{n}: {v}")).collect::<Vec<_>>();
        let mut more = rest(&question.rest);
        let options = question.options.iter().map(|option| {
            more.extend(rest(&option.rest));
            [option.label.clone(), option.description.clone(), option.preview.clone()]
        });
        let options = options.collect();
        let header = if question.header.is_empty() { String::new() } else { format!("[{}] ", question.header) };
        Self {
            text: format!("{header}{}{several}", question.text),
            about: String::new(),
            multi: question.multi,
            options,
            own: true,
            needed: true,
            picks: BTreeSet::new(),
            typed: Field::default(),
            rest: more,
        }
    }

    fn of_field(field: &entries::Field) -> Self {
        let named = |value: &str, title: &str| if value == title { String::new() } else { value.to_owned() };
        let mut options: Vec<[String; 3]> =
            field.choices.iter().map(|(value, title)| [title.clone(), named(value, title), String::new()]).collect();
        if field.sort == Sort::YesNo {
            options = ["Yes", "No"].map(|word| [word.to_owned(), String::new(), String::new()]).to_vec();
        }
        let own = options.is_empty();
        let needed = if field.needed { "" } else { " (may be left out)" };
        let mut item = Self {
            text: format!("{}{needed}", field.title),
            about: field.about.clone(),
            multi: field.sort == Sort::Choices,
            options,
            own,
            needed: field.needed,
            picks: BTreeSet::new(),
            typed: Field::default(),
            rest: field.rest.iter().map(|(name, value)| format!("{name}: {value}")).collect(),
        };
        item.suggest(field);
        item
    }

    fn suggest(&mut self, field: &entries::Field) {
        let at = |value: &Value| field.choices.iter().position(|(known, _)| value.as_str() == Some(known));
        match &field.suggested {
            Some(Value::Bool(yes)) if field.sort == Sort::YesNo => self.picks = [usize::from(!yes)].into(),
            Some(Value::Array(all)) if self.multi => self.picks = all.iter().filter_map(at).collect(),
            Some(value) if field.sort == Sort::Choice => self.picks = at(value).into_iter().collect(),
            Some(Value::String(text)) if self.own => self.typed = Field::with(text),
            Some(Value::Number(number)) if self.own => self.typed = Field::with(&number.to_string()),
            _ => {}
        }
    }

    fn rows(&self) -> usize {
        self.options.len() + usize::from(self.own)
    }

    fn is_answered(&self) -> bool {
        !self.picks.is_empty() || !self.typed.text().trim().is_empty()
    }

    fn reply(&self) -> Reply {
        Reply { picks: self.picks.clone(), own: self.typed.text().trim().to_owned() }
    }

    /// What was chosen, by its place, or what was typed: as the server takes it.
    fn entered(&self, field: &entries::Field) -> Result<Value, String> {
        let picked = || self.picks.iter().filter_map(|at| field.choices.get(*at)).map(|(value, _)| value);
        match field.sort {
            Sort::YesNo => Ok(json!(self.picks.contains(&0))),
            Sort::Choice => Ok(json!(picked().next())),
            Sort::Choices => Ok(json!(picked().collect::<Vec<_>>())),
            _ => field.understand(&self.typed.text()).map_err(|why| format!("{} {why}", field.name)),
        }
    }

    fn row(&self, at: usize, here: bool, width: usize) -> Vec<Line<'static>> {
        let on = if at < self.options.len() { self.picks.contains(&at) } else { !self.typed.text().trim().is_empty() };
        let sign = match (self.multi, on) {
            (true, true) => "[x]",
            (true, false) => "[ ]",
            (false, true) => "(•)",
            (false, false) => "( )",
        };
        let head = format!("{} {sign} {} ", if here { "❯" } else { " " }, at + 1);
        let style = if here { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let Some([label, about, preview]) = self.options.get(at) else {
            // One line, however much is typed: the field at the bottom shows the end of it.
            let typed = safe(&self.typed.text());
            let words = if typed.is_empty() { "in your own words…".to_owned() } else { typed };
            let room = width.saturating_sub(9);
            return vec![Line::from(vec![
                Span::raw(format!("{head:<9}")),
                Span::styled(super::text::fit(&words, room), style),
            ])];
        };
        let mut lines = prose(label, width, 9, style);
        if let Some(first) = lines.first_mut()
            && let Some(indent) = first.spans.first_mut()
        {
            *indent = Span::raw(format!("{head:<9}"));
        }
        lines.extend(prose(about, width, 9, DIM).into_iter().filter(|_| !about.is_empty()));
        if !preview.is_empty() {
            lines.extend(code(preview, width, Style::new()));
        }
        lines
    }
}
