//! Text that does not look like what it is, and how to show it.

use super::value::{Category, Finding, Level};
use crate::rules::shell::Span;

/// Longer names are cut in sentences; the command itself is always shown whole.
const LONGEST_NAME: usize = 80;
/// As many blanks push what follows out of view.
const PUSHED: usize = 40;

/// Finds what deceives the eye in `text`.
pub fn look(text: &str, findings: &mut Vec<Finding>) {
    let mut add =
        |span: &Span, level, words: String| findings.push(Finding::new(Category::Deception, level, span, words));
    let mut blank: Option<usize> = None;
    for (at, c) in text.char_indices() {
        let span = at..at + c.len_utf8();
        if let Some(why) = why_hidden(c) {
            add(&span, Level::High, format!("U+{:04X}: {why}", u32::from(c)));
        }
        if c == ' ' || c == '\t' {
            blank.get_or_insert(at);
        } else if let Some(start) = blank.take()
            && at - start >= PUSHED
            && c != '\n'
        {
            add(&(start..at), Level::Medium, "A long run of blanks pushes the rest out of view.".to_owned());
        }
    }
    let lines: Vec<_> = text.match_indices("\n\n\n\n\n\n\n\n").collect();
    if let Some((at, run)) = lines.first() {
        add(&(*at..at + run.len()), Level::Medium, "Many empty lines push the rest out of view.".to_owned());
    }
    for (at, word) in words(text) {
        if mixed(word) {
            let words = format!("{} mixes letters of different alphabets that look alike.", shown(word));
            add(&(at..at + word.len()), Level::High, words);
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive(|c: char| !c.is_alphanumeric()).map(move |piece| {
        at += piece.len();
        (at - piece.len(), piece.trim_end_matches(|c: char| !c.is_alphanumeric()))
    })
}

/// Why a character cannot be seen as what it is, in words.
#[must_use]
pub fn why_hidden(c: char) -> Option<&'static str> {
    match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => {
            Some("reverses the text after it.")
        }
        '\u{1B}' | '\u{9B}' => Some("a terminal code that can hide or change the text after it."),
        '\r' => Some("goes back to the start of the line and draws over it."),
        '\u{8}' => Some("draws over the character before it."),
        '\n' | '\t' => None,
        c if c.is_control() => Some("a control character."),
        '\u{AD}'
        | '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{2064}'
        | '\u{FEFF}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{3164}'
        | '\u{FFA0}'
        | '\u{180E}'
        | '\u{034F}'
        | '\u{E0000}'..='\u{E007F}' => Some("an invisible character."),
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\u{2028}' | '\u{2029}' => {
            Some("a blank that the shell does not take for one.")
        }
        _ => None,
    }
}

/// Text for a sentence: what cannot be seen as an escape, and not too long.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST_NAME {
            out.push('…');
            break;
        }
        match c {
            '\u{FFFD}' => out.push('…'),
            '\n' | '\t' => out.push(' '),
            c if why_hidden(c).is_some() => out.push_str(&format!("U+{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Other,
}

fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' => Some(Script::Latin),
        '\u{370}'..='\u{3FF}' => Some(Script::Greek),
        '\u{400}'..='\u{52F}' => Some(Script::Cyrillic),
        '\u{530}'..='\u{58F}'
        | '\u{13A0}'..='\u{13FF}'
        | '\u{FF21}'..='\u{FF5A}'
        | '\u{1D400}'..='\u{1D7FF}'
        | '\u{2C80}'..='\u{2CFF}' => Some(Script::Other),
        _ => None,
    }
}

/// Whether a word has letters of alphabets that look alike, such as Latin and Cyrillic.
#[must_use]
pub fn mixed(word: &str) -> bool {
    let mut scripts = word.chars().filter_map(script);
    // A single Greek letter is a sign in names of measures: Δt, µs.
    let Some(first) = scripts.next() else { return false };
    let greek = word.chars().filter(|c| script(*c) == Some(Script::Greek)).count();
    scripts.any(|other| other != first) && !(greek == 1 && word.chars().count() < 4)
}

/// The host of `user@host:port`, in small letters.
#[must_use]
pub fn host(authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or_default();
    if let Some(six) = host.strip_prefix('[') {
        return six.split(']').next().unwrap_or_default().to_ascii_lowercase();
    }
    host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase()
}

/// Why a host may not be the one it looks like.
#[must_use]
pub fn odd_host(authority: &str) -> Option<String> {
    let name = host(authority);
    let before = authority.rsplit_once('@').map(|(user, _)| user);
    if before.is_some_and(|user| user.contains('.')) {
        return Some(format!("This goes to {}; what stands before the @ only looks like a host.", shown(&name)));
    }
    if name.split('.').any(|label| label.starts_with("xn--")) {
        return Some(format!("The host {} is written in letters that may look like those of another.", shown(&name)));
    }
    (!name.is_ascii()).then(|| {
        format!("The host {} has letters that are not plain Latin ones and may be another than it seems.", shown(&name))
    })
}
