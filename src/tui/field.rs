//! One line that is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// Longer than anything anybody types; pasted text ends here.
const LONGEST: usize = 2_000;

/// A line of text and where the next letter goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    before: String,
    after: String,
}

impl Field {
    /// A field that begins with `text`.
    #[must_use]
    pub fn with(text: &str) -> Self {
        Self { before: text.to_owned(), after: String::new() }
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.before, self.after)
    }

    /// What is left and right of the cursor.
    #[must_use]
    pub fn halves(&self) -> (&str, &str) {
        (&self.before, &self.after)
    }

    /// Puts text where the cursor is; control characters are no part of a line.
    pub fn insert(&mut self, text: &str) {
        let clean = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control());
        let room = LONGEST.saturating_sub(self.before.len() + self.after.len());
        let mut added = 0;
        self.before.extend(clean.take_while(|c| {
            added += c.len_utf8();
            added <= room
        }));
    }

    /// Edits as a line editor does. Whether the key was one of its own.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.before.clear(),
            KeyCode::Char('w') if control => self.erase_word(),
            KeyCode::Char('a') if control => self.home(),
            KeyCode::Char('e') if control => self.end(),
            KeyCode::Char(_) if control || key.modifiers.contains(KeyModifiers::ALT) => return false,
            KeyCode::Char(letter) => self.insert(letter.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => drop(last(&mut self.before)),
            KeyCode::Delete => drop(first(&mut self.after)),
            KeyCode::Left => self.after.insert_str(0, &last(&mut self.before)),
            KeyCode::Right => self.before.push_str(&first(&mut self.after)),
            KeyCode::Home => self.home(),
            KeyCode::End => self.end(),
            _ => return false,
        }
        true
    }

    fn home(&mut self) {
        self.after = self.text();
        self.before.clear();
    }

    fn end(&mut self) {
        self.before = self.text();
        self.after.clear();
    }

    fn erase_word(&mut self) {
        let kept = self.before.trim_end().rfind(char::is_whitespace).map_or(0, |space| space + 1);
        // The space found may be wider than a byte.
        let kept = (kept..=self.before.len()).find(|at| self.before.is_char_boundary(*at)).unwrap_or(0);
        self.before.truncate(kept);
    }
}

fn last(text: &mut String) -> String {
    let at = text.grapheme_indices(true).next_back().map_or(text.len(), |(at, _)| at);
    text.split_off(at)
}

fn first(text: &mut String) -> String {
    let at = text.graphemes(true).next().map_or(0, str::len);
    let rest = text.split_off(at);
    std::mem::replace(text, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(field: &mut Field, codes: &[KeyCode]) {
        for code in codes {
            field.key(KeyEvent::from(*code));
        }
    }

    #[test]
    fn it_edits_letters_as_people_see_them() {
        let mut field = Field::with("ae\u{301}");
        press(&mut field, &[KeyCode::Left, KeyCode::Char('x')]);
        assert_eq!(field.halves(), ("ax", "e\u{301}"));
        press(&mut field, &[KeyCode::Delete, KeyCode::Backspace]);
        assert_eq!(field.text(), "a");
    }

    #[test]
    fn what_is_pasted_stays_on_the_line_and_ends() {
        let mut field = Field::default();
        field.insert("a\nb\u{1b}c");
        assert_eq!(field.text(), "a bc");
        field.insert(&"é".repeat(LONGEST));
        assert!(field.text().len() <= LONGEST);
    }

    #[test]
    fn a_word_is_erased_at_once() {
        let mut field = Field::with("two words ");
        field.key(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(field.text(), "two ");
    }
}
