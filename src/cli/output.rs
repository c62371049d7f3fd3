//! What the CLI prints: text made safe for a terminal, ages in words, JSON.

use std::io::{self, Write};

use serde_json::Value;

/// Prints a line; a reader that left (`ccmon list | head -1`) is no error.
pub fn line(text: &str) {
    let _ = is_read(text);
}

/// Prints a line; whether anybody reads: who follows something ends with its reader.
#[must_use]
pub fn is_read(text: &str) -> bool {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).is_ok()
}

/// Prints a JSON document.
pub fn json(value: &Value) {
    line(&plain_json(&serde_json::to_string_pretty(value).unwrap_or_default()));
}

/// JSON that says the same, with nothing in it that a terminal would obey: such characters stand in its
/// strings alone, and there an escape means the same.
#[must_use]
pub fn plain_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_whitespace() || is_plain(character) {
            out.push(character);
        } else {
            let mut units = [0; 2];
            out.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

/// Says on stderr what else there is to know.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "Note: {}", visible(text));
}

/// Says on stderr what went wrong: what, why, and what to do.
pub fn error(error: &anyhow::Error) {
    let _ = writeln!(io::stderr().lock(), "ccmon: {}", visible(&format!("{error:#}")));
}

/// `text` on one line, with everything that a terminal would obey, or that would deceive a
/// reader, shown as an escape.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_plain(character) {
            out.push(character);
        } else {
            out.extend(character.escape_unicode());
        }
    }
    out
}

/// The text of a JSON field, made safe; empty when there is none.
#[must_use]
pub fn field(value: &Value, name: &str) -> String {
    visible(value.get(name).and_then(Value::as_str).unwrap_or_default())
}

/// `text` cut to `width` characters, with an ellipsis.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// How long ago, in words, for two moments in ms since the Unix epoch.
#[must_use]
pub fn age(now: u64, then: u64) -> String {
    let seconds = now.saturating_sub(then) / 1_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Control, bidirectional, invisible and tag characters are not plain.
fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}c\nd\u{9b}é"), "a\\u{1b}[2Jb\\u{202e}c\\u{a}d\\u{9b}é");
    }

    #[test]
    fn json_stays_what_it_says() {
        let value = serde_json::json!({ "a\u{9b}": ["é\u{202e}\u{e0041}\n\u{7f}", 1] });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let plain = plain_json(&text);
        assert!(plain.contains("é\\u202e\\udb40\\udc41\\n\\u007f"), "{plain}");
        assert_eq!(serde_json::from_str::<Value>(&plain).unwrap(), value);
    }

    #[test]
    fn ages_are_never_negative() {
        assert_eq!(age(5, 10_000), "0 s");
        assert_eq!(age(7_300_000, 0), "2 h");
    }
}
