//! How deeply JSON of others is nested.

use super::payload::Malformed;
use crate::core::Hook;

/// Levels that are taken. What is told stands within a few more, and its readers give up at 128.
const DEEPEST: usize = 100;

/// What a hook says, unless it asks for what nobody could be shown.
///
/// # Errors
/// When it does.
pub fn readable(what: Hook, payload: &str) -> Result<Hook, Malformed> {
    if what.asks().is_some() && is_deep(payload) {
        return Err(Malformed::Field("the request is nested too deeply to be shown"));
    }
    Ok(what)
}

/// Whether JSON is nested so deeply that whoever is told it, within more, could not read it: parsers give up at 128.
#[must_use]
pub fn is_deep(text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_outside_of_strings() {
        let nested = |depth: usize| format!("{}{}", "[{\"a\":".repeat(depth / 2), "0}]".repeat(depth / 2));
        assert!(!is_deep(&nested(100)) && is_deep(&nested(102)));
        assert!(!is_deep(&"[],{},".repeat(1_000)));
        let text = format!("\"\\\"{}\"", "[".repeat(1_000));
        assert!(!is_deep(&text), "{text:.20}");
    }
}
