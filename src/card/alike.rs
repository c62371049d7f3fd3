//! What Claude Code 2.1.329 takes an old text for that is not in the file to the letter: with other quotation
//! marks, or with `\u00e9` for `é` and the other way round. Nothing else is let pass, blanks and tabs neither.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// More comparisons of single units than this are not made.
const MOST: usize = 4 << 20;

/// The old text as the file has it, and the new one written like that; none when the file has none.
pub fn meant<'a>(file: &str, old: &'a str, new: &'a str) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
    if file.contains(old) {
        return Some((old.into(), new.into()));
    }
    if let Some(found) = other_quotes(file, old) {
        let new = curled(&found, new);
        return Some((found.into(), new.into()));
    }
    if let Some(plain) = unescaped(old).filter(|plain| plain != old && file.contains(plain.as_str())) {
        let new = unescaped(&curled(&plain, new))?;
        return Some((plain.into(), new.into()));
    }
    let found = escaped_in(file, old)?;
    let new = escaped_like(&found, old, new);
    Some((found.into(), new.into()))
}

fn straight(text: &str) -> String {
    text.replace(['‘', '’'], "'").replace(['“', '”'], "\"")
}

/// The first stretch of the file that is the same but for its quotation marks.
fn other_quotes(file: &str, old: &str) -> Option<String> {
    let plain = straight(file);
    let at = plain.find(&straight(old))?;
    let before = plain[..at].chars().count();
    Some(file.chars().skip(before).take(old.chars().count()).collect())
}

/// The new text with the marks of the one that is replaced.
fn curled(found: &str, new: &str) -> String {
    let (double, single) = (found.contains(['“', '”']), found.contains(['‘', '’']));
    let letters: Vec<char> = new.chars().collect();
    let opens = |at: usize| at == 0 || " \t\n\r([{—–".contains(letters[at - 1]);
    let between = |at: usize| {
        let letter = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphabetic());
        letter(at.checked_sub(1)) && letter(Some(at + 1))
    };
    let curl = |(at, c): (usize, &char)| match c {
        '"' if double => {
            if opens(at) {
                '“'
            } else {
                '”'
            }
        }
        '\'' if single => {
            if opens(at) && !between(at) {
                '‘'
            } else {
                '’'
            }
        }
        c => *c,
    };
    letters.iter().enumerate().map(curl).collect()
}

/// The four digits of `\u00e9`, where they stand.
fn unit(text: &[u16]) -> Option<u16> {
    let [backslash, u, digits @ ..] = text.get(..6)? else { return None };
    let digits: String = char::decode_utf16(digits.iter().copied()).collect::<Result<_, _>>().ok()?;
    let hex = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    (*backslash == u16::from(b'\\') && *u == u16::from(b'u') && hex).then(|| u16::from_str_radix(&digits, 16).ok())?
}

/// The text with every `\u00e9` as the letter that it is; `\\u00e9` is none.
fn unescaped(text: &str) -> Option<String> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let (mut out, mut at) = (Vec::with_capacity(units.len()), 0);
    while let Some(rest) = units.get(at..).filter(|rest| !rest.is_empty()) {
        let (kept, length) = match unit(rest) {
            Some(unit) => (unit, 6),
            None => (rest[0], 1),
        };
        if rest.starts_with(&[u16::from(b'\\'); 2]) {
            out.push(rest[0]);
            at += 1;
        }
        out.push(kept);
        at += length;
    }
    String::from_utf16(&out).ok()
}

/// For each place, and the one behind the last: whether an odd number of backslashes ends there.
fn behind_odd(units: &[u16]) -> Vec<bool> {
    let next = |odd: &mut bool, unit: &u16| {
        *odd = *unit == u16::from(b'\\') && !*odd;
        Some(*odd)
    };
    [false].into_iter().chain(units.iter().scan(false, next)).collect()
}

/// Where the file has `\u00e9` for every letter of `old` that is not ASCII.
fn escaped_in(file: &str, old: &str) -> Option<String> {
    let (units, wanted): (Vec<u16>, Vec<u16>) = (file.encode_utf16().collect(), old.encode_utf16().collect());
    if old.is_ascii() || !file.contains("\\u") || behind_odd(&wanted).last() == Some(&true) {
        return None;
    }
    let odd = behind_odd(&units);
    let mut left = MOST;
    for start in 0..units.len() {
        let mut at = start;
        let mut fits = true;
        for (nth, want) in wanted.iter().enumerate() {
            left = left.checked_sub(1)?;
            let escape = *want >= 128;
            let begins = escape || nth == 0 && *want == u16::from(b'\\');
            let same =
                if escape { unit(&units[at.min(units.len())..]) == Some(*want) } else { units.get(at) == Some(want) };
            // Behind an odd number of backslashes it is no escape, but a backslash and letters.
            if !same || begins && odd[at] {
                fits = false;
                break;
            }
            at += if escape { 6 } else { 1 };
        }
        if fits {
            let found = String::from_utf16(&units[start..at]).ok()?;
            // What is replaced is the first text that reads so.
            let first = file.find(&found).map(|at| file[..at].encode_utf16().count());
            return (first == Some(start)).then_some(found);
        }
    }
    None
}

/// The new text with its letters escaped as those of `old` are in the file.
fn escaped_like(found: &str, old: &str, new: &str) -> String {
    let (found, mut at) = (found.encode_utf16().collect::<Vec<_>>(), 0);
    let mut known = BTreeMap::new();
    let (mut large, mut small) = (0, 0);
    for unit in old.encode_utf16() {
        if unit >= 128 {
            let digits = String::from_utf16_lossy(&found[at + 2..at + 6]);
            large += digits.matches(|c| matches!(c, 'A'..='F')).count();
            small += digits.matches(|c| matches!(c, 'a'..='f')).count();
            known.insert(unit, digits);
        }
        at += if unit >= 128 { 6 } else { 1 };
    }
    let digits = |unit: u16| {
        let seen = known.get(&unit).cloned();
        seen.unwrap_or_else(|| if large > small { format!("{unit:04X}") } else { format!("{unit:04x}") })
    };
    let mut out = String::with_capacity(new.len());
    for c in new.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.extend(["\\u", &digits(*unit)]));
        }
    }
    out
}
