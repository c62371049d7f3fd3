//! Names that may be others: globs, and letters that a file system takes for the same.

/// Whether a name is `wanted`, whatever the case of its letters, or a glob that may become it and says
/// enough to mean it: it begins with the dot, with the same two letters, or spells out most of it. A `*`
/// may become anything, and saying so each time would help nobody.
#[must_use]
pub fn same(part: &str, wanted: &str) -> bool {
    // The cheapest questions first: this is asked of every name in every path.
    let (Some(first), Some(letter)) = (part.bytes().next(), wanted.bytes().next()) else { return false };
    // No glob finds a dot at the beginning that it does not spell out.
    if !first.eq_ignore_ascii_case(&letter) && (letter == b'.' || !matches!(first, b'*' | b'?' | b'[')) {
        return false;
    }
    if part.eq_ignore_ascii_case(wanted) {
        return true;
    }
    let begins = || part.as_bytes().get(..2).is_some_and(|two| two.eq_ignore_ascii_case(&wanted.as_bytes()[..2]));
    is_glob(part) && (letter == b'.' || begins() || is_most(part, wanted)) && fits(part, wanted)
}

/// Whether a name ends with `end`, which begins with a dot, or is a glob whose ending may become it.
#[must_use]
pub fn ends(name: &str, end: &str) -> bool {
    let ending = || name.rfind('.').map_or("", |at| &name[at..]);
    name.ends_with(end) || is_glob(name) && is_most(ending(), end) && fits(ending(), end)
}

/// Whether the folders of `run` stand in a path one after the other; the last may have an ending.
#[must_use]
pub fn has_run(parts: &[&str], run: &str) -> bool {
    let wanted = run.split('/').count();
    let ended = |part: &str, name: &str| {
        let stem = part.get(..name.len()).is_some_and(|stem| stem.eq_ignore_ascii_case(name));
        stem && part[name.len()..].starts_with(['.', '*'])
    };
    parts.windows(wanted).any(|window| {
        let mut pairs = window.iter().zip(run.split('/')).enumerate();
        pairs.all(|(at, (part, name))| {
            // Behind a hidden folder that is known, a `*` means the third.
            same(part, name) || at + 1 == wanted && ended(part, name) || at > 0 && *part == "*" && run.starts_with('.')
        })
    })
}

/// Whether the shell makes something else of it.
#[must_use]
pub fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// What a glob is made of.
#[derive(Clone, Copy, PartialEq)]
enum Piece {
    Star,
    One,
    Letter(char),
}

fn pieces(glob: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = glob.chars();
    while let Some(letter) = rest.next() {
        found.push(match letter {
            '*' => Piece::Star,
            '?' => Piece::One,
            // A `]` that comes first is one of the letters.
            '[' => match rest.as_str().char_indices().skip(1).find(|(_, c)| *c == ']') {
                Some((end, _)) => {
                    rest = rest.as_str()[end + 1..].chars();
                    Piece::One
                }
                None => Piece::Letter('['),
            },
            letter => Piece::Letter(letter),
        });
    }
    found
}

/// Whether a glob spells out two thirds of a name.
fn is_most(glob: &str, name: &str) -> bool {
    pieces(glob).iter().filter(|piece| matches!(piece, Piece::Letter(_))).count() * 3 >= name.len() * 2
}

/// Whether a name may be what a glob finds: `*`, `?` and `[…]` (any one character here), letters of any
/// case. Takes at most the product of their lengths: only the last `*` is ever tried again.
#[must_use]
pub fn fits(glob: &str, name: &str) -> bool {
    let (glob, name): (Vec<Piece>, Vec<char>) = (pieces(glob), name.chars().collect());
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < name.len() {
        let fitting = match glob.get(at) {
            Some(Piece::Star) => {
                star = Some((at, seen));
                at += 1;
                continue;
            }
            Some(Piece::One) => true,
            Some(Piece::Letter(letter)) => letter.eq_ignore_ascii_case(&name[seen]),
            None => false,
        };
        if fitting {
            (at, seen) = (at + 1, seen + 1);
        } else if let Some((last, from)) = star {
            (at, seen) = (last + 1, from + 1);
            star = Some((last, from + 1));
        } else {
            return false;
        }
    }
    glob[at..].iter().all(|piece| *piece == Piece::Star)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_what_they_may_find() {
        for (glob, name) in
            [("*", ""), ("a*c*e", "abcde"), ("[]x]a", "]a"), ("?.[rt]s", "A.rs"), ("*ab", "aab"), ("a[", "a[")]
        {
            assert!(fits(glob, name), "{glob} {name}");
        }
        for (glob, name) in [("", "a"), ("?", ""), ("a*b", "abc"), ("[a]", "ab"), ("*ab*ab", "ab")] {
            assert!(!fits(glob, name), "{glob} {name}");
        }
    }

    #[test]
    fn a_glob_made_to_be_slow_is_not() {
        // With every star tried again this would not end.
        assert!(!fits(&format!("{}z", "*?".repeat(60)), &"a".repeat(200)));
    }

    #[test]
    fn runs_stand_one_after_the_other() {
        let has = |path: &str, run| has_run(&path.split('/').collect::<Vec<_>>(), run);
        assert!(
            has("u/.cargo/credentials.toml", ".cargo/credentials") && has("u/.Docker/conf*", ".docker/config.json")
        );
        assert!(has(".local/state/*/token", ".local/state/ccmon"));
        assert!(!has("u/.config/ghost", ".config/gh") && !has(".config/x/gh/hosts.yml", ".config/gh/hosts.yml"));
    }
}
