//! JSON that JavaScript wrote of a string that it had cut in two: a surrogate stands there without its other half,
//! and no parser takes that.

use std::borrow::Cow;

/// A payload as it came, in JSON that a parser takes whole.
#[must_use]
pub fn mended(text: &str) -> Cow<'_, str> {
    mend(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// `text` with every lone `\uD800`–`\uDFFF` escape replaced by `\uFFFD`; `None` when there is none.
#[must_use]
pub fn mend(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut mended) = (text, false);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let taken = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\uFFFD");
                rest = &escape[6..];
                mended = true;
                continue;
            }
            _ => escape.char_indices().nth(2).map_or(escape.len(), |(next, _)| next),
        };
        out.push_str(&escape[..taken]);
        rest = &escape[taken..];
    }
    out.push_str(rest);
    mended.then_some(out)
}

/// The code unit of the escape (`\u` and four digits) that `text` begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_halves_are_replaced() {
        for (text, mended) in [
            (r#""a\ud83d""#, Some(r#""a\uFFFD""#)),
            (r#""\udc00\\ud83d""#, Some(r#""\uFFFD\\ud83d""#)),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d\u00e9""#, None),
            (r#""\ud83""#, None),
            (r#""\"#, None),
        ] {
            assert_eq!(mend(text).as_deref(), mended, "{text}");
        }
    }
}
