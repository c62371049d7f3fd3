//! `$'…'`: the escapes of ANSI C, as bash reads them (manual, "ANSI-C Quoting").

/// What `$'body'` stands for.
///
/// # Errors
/// In words: an escape on which shells differ, or that is not text.
pub fn decode(body: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let kind = rest.next().ok_or("a backslash at the end of $'…'")?;
        out.push(match kind {
            'a' => '\u{07}',
            'b' => '\u{08}',
            'e' | 'E' => '\u{1b}',
            'f' => '\u{0c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{0b}',
            '\\' | '\'' | '"' | '?' => kind,
            '0'..='7' => ascii(number(&mut rest, 8, 2, kind.to_digit(8))?)?,
            'x' => ascii(number(&mut rest, 16, 2, None)?)?,
            'u' => character(number(&mut rest, 16, 4, None)?)?,
            'U' => character(number(&mut rest, 16, 8, None)?)?,
            _ => return Err("an unusual escape in $'…'"),
        });
    }
    Ok(out)
}

/// Up to `most` further digits; at least one, unless there is a `first`.
fn number(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    base: u32,
    most: usize,
    first: Option<u32>,
) -> Result<u32, &'static str> {
    let mut value = first;
    for _ in 0..most {
        let Some(digit) = rest.peek().and_then(|c| c.to_digit(base)) else { break };
        rest.next();
        value = Some(value.unwrap_or(0).wrapping_mul(base).wrapping_add(digit));
    }
    value.ok_or("an escape without digits in $'…'")
}

/// A single byte beyond ASCII need not be a character, and NUL ends the word.
fn ascii(value: u32) -> Result<char, &'static str> {
    if value > 0x7f { Err("a raw byte in $'…'") } else { character(value) }
}

fn character(value: u32) -> Result<char, &'static str> {
    match char::from_u32(value) {
        None | Some('\0') => Err("no character in $'…'"),
        // Both parsers' holes are marked with it.
        Some('\u{FFFD}') => Err("a replacement character in $'…'"),
        Some(c) => Ok(c),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn escapes_are_bashs() {
        assert_eq!(decode(r"a\n\x41\101\u00e9\'\\\e").as_deref(), Ok("a\nAAé'\\\u{1b}"));
        assert_eq!(decode(r"\1018").as_deref(), Ok("A8"));
        for no in [r"\0", r"\x", r"\xff", r"\cA", r"\q", "\\", r"\ud800", r"\u0000"] {
            assert!(decode(no).is_err(), "{no}");
        }
    }
}
