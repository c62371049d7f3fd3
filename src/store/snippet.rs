//! A few words around what was found.

use super::query::Query;

/// About how many characters are shown,
const LENGTH: usize = 180;
/// and how many of them stand before the first hit.
const BEFORE: usize = 40;

/// Pieces of the text, each with whether it is what was searched for.
pub(super) fn snippet(query: &Query, text: &str) -> Vec<(String, bool)> {
    let places = query.places(text);
    let (from, to) = around(text, places.first().map_or(0, |hit| hit.0));
    let mut parts = Parts(Vec::new());
    if from > 0 {
        parts.push("…", false);
    }
    let mut at = from;
    for (start, end) in places.into_iter().filter(|hit| hit.0 < to) {
        parts.push(&text[at..start.max(at)], false);
        parts.push(&text[start.max(at)..end.min(to)], true);
        at = end.min(to);
    }
    parts.push(&text[at..to], false);
    if to < text.len() {
        parts.push("…", false);
    }
    parts.0
}

/// What is shown of a text, from a word before `hit` on.
fn around(text: &str, hit: usize) -> (usize, usize) {
    let before = text[..hit].char_indices().rev().nth(BEFORE - 1);
    let from = before.map_or(0, |(at, _)| {
        let space = text[at..hit].find(char::is_whitespace);
        space.map_or(at, |space| at + space)
    });
    let to = text[from..].char_indices().nth(LENGTH).map_or(text.len(), |(at, _)| from + at);
    (from, to)
}

struct Parts(Vec<(String, bool)>);

impl Parts {
    /// In one line, without what would not be seen.
    fn push(&mut self, text: &str, hit: bool) {
        let mut line = String::with_capacity(text.len());
        let mut space = self.0.last().is_none_or(|(before, _)| before.ends_with(' '));
        for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
            if c != ' ' || !space {
                line.push(c);
            }
            space = c == ' ';
        }
        match self.0.last_mut() {
            _ if line.is_empty() => {}
            Some((before, same)) if *same == hit => before.push_str(&line),
            _ => self.0.push((line, hit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(typed: &str, text: &str) -> String {
        let parts = snippet(&Query::parse(typed), text);
        parts.into_iter().map(|(text, hit)| if hit { format!("[{text}]") } else { text }).collect()
    }

    #[test]
    fn hits_are_marked_in_one_line() {
        assert_eq!(shown("test ", "cargo test\n\t--all \0 test"), "cargo [test] --all [test]");
        assert_eq!(shown("none ", "cargo"), "cargo");
        assert_eq!(shown("a ", ""), "");
    }

    #[test]
    fn long_texts_are_shown_around_the_first_hit() {
        let text = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let line = shown("needle ", &text);
        assert!(line.starts_with("… hay hay") && line.contains("[needle]") && line.ends_with('…'), "{line}");
        assert!(line.chars().count() < 200, "{line}");
        let dense = shown("ä ", &"ä".repeat(5000));
        assert!(dense.chars().count() < 200, "{dense}");
    }
}
