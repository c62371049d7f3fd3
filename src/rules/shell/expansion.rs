//! Expansions of parameters and arithmetic, by their own text: `$x`, `${x:-y}`, `$((1 + 2))`.
//!
//! Only what holds no quoting and no substitution of its own is read; so nothing in here runs a command,
//! unless a variable's *value* is evaluated, which [`Hole::Expansion`] stands for.

use super::quote::{Hole, Piece};

/// Parsers recurse for each operator of an arithmetic expression.
const MAX_ARITHMETIC: usize = 200;

/// What kind of expansion `raw` is; `after` is what follows it in the line.
///
/// # Errors
/// In words: not an expansion that is read here.
pub fn kind(raw: &str, after: &str) -> Result<Hole, &'static str> {
    if let Some(inner) = raw.strip_prefix("$((").and_then(|rest| rest.strip_suffix("))")) {
        let plain = |c: char| c.is_ascii_alphanumeric() || " _$+-*/%<>=!&|^~?:,()".contains(c);
        return if inner.len() <= MAX_ARITHMETIC && inner.chars().all(plain) && !inner.contains("$(") && balanced(inner)
        {
            Ok(Hole::Expansion)
        } else {
            Err("an arithmetic expansion with more than numbers and names")
        };
    }
    if let Some(inner) = raw.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        return braced(inner);
    }
    match raw.strip_prefix('$') {
        Some(name) if is_parameter(name) && ends(name, after) => Ok(Hole::Variable),
        _ => Err("an expansion that is not read here"),
    }
}

/// `$((a) | (b))` is a command substitution: the inner brackets are not each other's.
fn balanced(inner: &str) -> bool {
    let mut depth = 0_i32;
    let mut step = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    };
    inner.chars().all(&mut step) && depth == 0
}

fn braced(inner: &str) -> Result<Hole, &'static str> {
    if is_parameter(inner) || inner.bytes().all(|b| b.is_ascii_digit()) && !inner.is_empty() {
        return Ok(Hole::Variable);
    }
    let plain = |c: char| !"'\"`\\{}()<>$&;|\n".contains(c);
    if !inner.is_empty() && inner.chars().all(plain) {
        return Ok(Hole::Expansion);
    }
    Err("a parameter expansion with quoting or expansions of its own")
}

/// A name, one digit, or one of the special ones.
fn is_parameter(name: &str) -> bool {
    let mut bytes = name.bytes();
    match bytes.next() {
        Some(b) if b == b'_' || b.is_ascii_alphabetic() => bytes.all(|b| b == b'_' || b.is_ascii_alphanumeric()),
        Some(b) => (b.is_ascii_digit() || b"@*#?$!-".contains(&b)) && name.len() == 1,
        None => false,
    }
}

/// Whether the shell, which takes the longest name, ends it here too.
fn ends(name: &str, after: &str) -> bool {
    let next = after.bytes().next();
    let goes_on = next.is_some_and(|b| b == b'_' || b.is_ascii_alphanumeric());
    // A line may be continued within a name.
    let continued = after.starts_with("\\\n");
    let word = name.bytes().next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic());
    !(word && (goes_on || continued))
}

/// Splits a text in which only plain variables are expanded.
///
/// # Errors
/// In words: another expansion.
pub fn split(text: &str) -> Result<Vec<Piece>, &'static str> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = match c {
            '\\' => {
                let next = rest.chars().nth(1).map_or(0, char::len_utf8);
                let (both, after) = rest.split_at(1 + next);
                literal.push_str(both);
                rest = after;
                continue;
            }
            '`' => return Err("a backtick"),
            '$' => variable_end(rest)?,
            _ => 0,
        };
        if end == 0 {
            literal.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (raw, after) = rest.split_at(end);
        pieces.push(Piece::Text(std::mem::take(&mut literal)));
        pieces.push(Piece::Hole(kind(raw, after)?));
        rest = after;
    }
    pieces.push(Piece::Text(literal));
    Ok(pieces)
}

/// How long the variable at the start of `text` is; 0 for a dollar alone.
fn variable_end(text: &str) -> Result<usize, &'static str> {
    let Some(name) = text.strip_prefix('$') else { return Ok(0) };
    match name.bytes().next() {
        Some(b'{') => text.find('}').map(|end| end + 1).ok_or("a brace that is not closed"),
        Some(b'(' | b'[') => Err("a substitution"),
        Some(b) if b == b'_' || b.is_ascii_alphabetic() => {
            let more = |b: &u8| *b == b'_' || b.is_ascii_alphanumeric();
            Ok(1 + name.bytes().take_while(more).count())
        }
        Some(b) if b.is_ascii_digit() || b"@*#?$!-".contains(&b) => Ok(2),
        _ => Ok(0),
    }
}
