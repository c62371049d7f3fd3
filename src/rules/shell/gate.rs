//! What a line has to be before any parser may look at it.
//!
//! The limits keep both parsers far from the sizes at which they slow down or overflow their stacks; the
//! characters are those that make a line look like something else than it is.

use super::Unparsed;

/// The longest line, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// How deep brackets of any kind may stand in each other, quoted ones included.
pub const MAX_NESTING: usize = 32;

/// How deep substitutions may stand in each other, quoted ones included: where there is an error in the
/// innermost, the second parser reads each of them twice, and all that is in it.
pub const MAX_SUBSTITUTIONS: usize = 8;

/// How many `|` a line may have, quoted ones included: on a long pipeline the time of the first parser grows
/// with the square of its length.
pub const MAX_PIPES: usize = 256;

/// How many simple commands a line may have.
pub const MAX_COMMANDS: usize = 50;

/// Refuses what is too large, too deep, or has characters that mislead the eye.
///
/// # Errors
/// In words, with the place of the character.
pub fn check(line: &str) -> Result<(), Unparsed> {
    if line.len() > MAX_BYTES {
        return Err(Unparsed::new(format!("longer than {MAX_BYTES} bytes")));
    }
    for (at, c) in line.char_indices() {
        if let Some(what) = misleading(c) {
            let why = format!("{what}: U+{:04X}", u32::from(c));
            return Err(Unparsed::at(why, at..at + c.len_utf8()));
        }
    }
    if line.bytes().filter(|byte| *byte == b'|').count() > MAX_PIPES {
        return Err(Unparsed::new(format!("more than {MAX_PIPES} pipes")));
    }
    nesting(line)
}

/// Quoted brackets count too: to know which are quoted is the parsers' work.
fn nesting(line: &str) -> Result<(), Unparsed> {
    let mut open = Vec::new();
    let mut before = b' ';
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'(' | b'{' | b'[' => open.push(byte == b'(' && matches!(before, b'$' | b'<' | b'>')),
            b')' | b'}' | b']' => _ = open.pop(),
            _ => {}
        }
        before = byte;
        let substitutions = open.iter().filter(|substitution| **substitution).count();
        for (depth, most) in [(open.len(), MAX_NESTING), (substitutions, MAX_SUBSTITUTIONS)] {
            if depth > most {
                return Err(Unparsed::at(format!("nested more than {most} deep"), at..at + 1));
            }
        }
    }
    Ok(())
}

fn misleading(c: char) -> Option<&'static str> {
    match c {
        '\n' | '\t' => None,
        c if c.is_control() => Some("a control character"),
        c if c.is_whitespace() && c != ' ' => Some("a space that is not one to the shell"),
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            Some("a character that turns the direction of text")
        }
        '\u{FFFD}' => Some("a replacement character: the line was damaged on its way"),
        c if invisible(c) => Some("an invisible character"),
        _ => None,
    }
}

/// Unicode's default-ignorable characters, and those that are drawn as nothing.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFC}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(line: &str) -> String {
        check(line).err().map(|no| no.why).unwrap_or_default()
    }

    #[test]
    fn misleading_characters_are_named() {
        assert_eq!(why("git status\u{2028}rm"), "a space that is not one to the shell: U+2028");
        assert_eq!(why("git \u{202e}x"), "a character that turns the direction of text: U+202E");
        assert_eq!(why("git\r"), "a control character: U+000D");
        assert_eq!(why("gi\u{200b}t"), "an invisible character: U+200B");
        assert_eq!(why("git\u{a0}x"), "a space that is not one to the shell: U+00A0");
        assert_eq!(why("echo 'größer 🚀'\n\tx"), "");
    }

    #[test]
    fn size_and_nesting_are_bounded() {
        assert_eq!(why(&"x".repeat(MAX_BYTES)), "");
        assert!(why(&"x".repeat(MAX_BYTES + 1)).contains("longer"));
        assert!(why(&"a|".repeat(MAX_PIPES + 1)).contains("pipes"));
        assert_eq!(why(&"{ ".repeat(MAX_NESTING)), "");
        assert!(why(&"{ ".repeat(MAX_NESTING + 1)).contains("nested more than 32 deep"));
        assert_eq!(why(&"$(".repeat(MAX_SUBSTITUTIONS)), "");
        assert_eq!(why(&"a $(b) <(c)".repeat(99)), "");
        assert!(why(&"$(".repeat(MAX_SUBSTITUTIONS + 1)).contains("nested more than 8 deep"));
    }
}
