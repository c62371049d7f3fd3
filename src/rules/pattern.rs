//! Patterns, compiled.
//!
//! A glob over a Bash command goes word by word: each word of the pattern has to match one argument,
//! and a `*` that ends the pattern stands for any further arguments. So `git status*` and `git status *`
//! are `git status` with whatever follows, and never `git statusx`. Behind a mark such as `:` or `=` the
//! `*` is for the rest of that word as well: `npm run test:*`; behind a `/`, for it and further options,
//! not for further files. A `*` before the end never stands for an option, nor leads out by `..`. Over
//! paths and hosts `*` stops at `/`, `**` does not. A regular expression has to match the whole.

use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};

use super::Kind;

/// Largest compiled expression, in bytes: the `regex` crate is linear in time, this bounds its memory.
pub const LARGEST: usize = 256 * 1024;
/// Longest pattern, in bytes.
const LONGEST: usize = 4 * 1024;

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// Nothing in it.
    #[error("the pattern is empty: an empty pattern matches nothing; write `*` for everything")]
    Empty,
    /// Too long.
    #[error("the pattern is longer than 4 KiB")]
    TooLong,
    /// Not a glob or expression.
    #[error("the pattern cannot be read: {0}")]
    Malformed(String),
}

/// A pattern of one rule.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// This very text.
    Literal(String),
    /// A glob over words.
    Words {
        /// One for each argument.
        words: Vec<Glob>,
        /// What may follow them.
        tail: Tail,
    },
    /// A glob over a path.
    Path(GlobMatcher),
    /// A regular expression over the whole.
    Regex(Regex),
}

/// What may follow the words of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Nothing.
    Closed,
    /// Options.
    Options,
    /// Anything.
    Open,
}

/// A glob over one word: literal pieces with anything between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<String>);

impl Pattern {
    /// Compiles a pattern for commands (`words`) or for paths and names.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn compile(kind: Kind, text: &str, words: bool) -> Result<Self, BadPattern> {
        if text.trim().is_empty() {
            return Err(BadPattern::Empty);
        }
        if text.len() > LONGEST {
            return Err(BadPattern::TooLong);
        }
        match kind {
            Kind::Literal => Ok(Self::Literal(text.to_owned())),
            Kind::Glob if words => Ok(Self::words(text)),
            Kind::Glob => path(text).map(Self::Path),
            Kind::Regex => regex(text).map(Self::Regex),
        }
    }

    fn words(text: &str) -> Self {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let last = words.last().copied().unwrap_or_default();
        let stem = last.trim_end_matches('*');
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '*';
        let tail = match stem.chars().next_back() {
            _ if stem == last => Tail::Closed,
            Some('/') => Tail::Options,
            _ => Tail::Open,
        };
        if tail == Tail::Open && stem.chars().next_back().is_none_or(word) {
            words.pop();
            words.extend(Some(stem).filter(|stem| !stem.is_empty()));
        }
        Self::Words { words: words.into_iter().map(Glob::new).collect(), tail }
    }

    /// Whether it covers a command's arguments (`text`: the same, `joined`), all of them: as a person would
    /// read it who wants to allow.
    #[must_use]
    pub fn covers(&self, argv: &[&str], text: &str) -> bool {
        match self {
            Self::Literal(wanted) => wanted == text,
            Self::Regex(regex) => regex.is_match(text),
            Self::Path(_) => false,
            Self::Words { words, tail } => {
                let fits = |(glob, word): (&Glob, &&str)| glob.covers(word);
                let Some(more) = argv.get(words.len()..) else {
                    return false;
                };
                let followed = match tail {
                    Tail::Closed => more.is_empty(),
                    Tail::Options => more.iter().all(|word| word.starts_with('-')),
                    Tail::Open => true,
                };
                followed && words.iter().zip(argv).all(fits)
            }
        }
    }

    /// The same, for arguments that are no text yet.
    #[must_use]
    pub fn covers_words(&self, argv: &[&str]) -> bool {
        self.covers(argv, &joined(argv))
    }

    /// Whether the pattern has `text` anywhere in it.
    #[must_use]
    pub fn mentions(&self, text: &str) -> bool {
        match self {
            Self::Literal(literal) => literal.contains(text),
            Self::Path(glob) => glob.glob().glob().contains(text),
            Self::Regex(regex) => regex.as_str().contains(text),
            Self::Words { words, .. } => words.iter().any(|glob| glob.0.iter().any(|piece| piece.contains(text))),
        }
    }

    /// Whether the pattern itself spells out `text` as (the beginning of) the argument at `at`.
    #[must_use]
    pub fn names(&self, at: usize, text: &str) -> bool {
        let part = |c: char| !(c.is_alphanumeric() || "_-=+.:/@".contains(c));
        match self {
            Self::Literal(_) => true,
            Self::Path(_) => false,
            Self::Regex(regex) => regex
                .as_str()
                .replace('\\', "")
                .split(part)
                .any(|word| word == text || text.contains("://") && word.starts_with(text)),
            Self::Words { words, .. } => words.get(at).is_some_and(|glob| glob.prefix().starts_with(text)),
        }
    }

    /// Whether it matches a path, host, name or other single text, all of it.
    #[must_use]
    pub fn matches_text(&self, text: &str) -> bool {
        match self {
            Self::Literal(wanted) => wanted == text,
            Self::Regex(regex) => regex.is_match(text),
            Self::Path(glob) => glob.is_match(text),
            Self::Words { .. } => false,
        }
    }

    /// Whether it matches whatever there is.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Words { words, tail } => {
                *tail == Tail::Open && words.iter().all(|glob| glob.matches("") && glob.matches("x"))
            }
            Self::Path(glob) => ["/etc/passwd", "/home/u/x.rs", "a"].iter().all(|path| glob.is_match(path)),
            Self::Regex(regex) => ["rm -rf /", "x", "/etc/passwd --y"].iter().all(|text| regex.is_match(text)),
        }
    }
}

impl Glob {
    fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// The one word that it matches, when it is only one.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// What the words that it matches begin with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// Whether it matches one word, and its `*` stands for no option and leads nowhere else.
    #[must_use]
    pub fn covers(&self, word: &str) -> bool {
        let option = self.prefix().is_empty() && word.starts_with('-') && word.len() > 1;
        let literal = self.0.len() == 1;
        let away = |word: &str| word.split('/').any(|part| part == "..") || word.contains(['@', '\\', '\n']);
        self.matches(word) && (literal || !option && !word.get(self.prefix().len()..).is_some_and(away))
    }

    /// Whether it matches one word, all of it.
    #[must_use]
    pub fn matches(&self, word: &str) -> bool {
        let [first, middle @ .., last] = self.0.as_slice() else {
            return self.0.first().is_some_and(|only| only == word);
        };
        let Some(rest) = word.strip_prefix(first.as_str()) else {
            return false;
        };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else {
            return false;
        };
        for piece in middle {
            match rest.find(piece.as_str()) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        true
    }
}

/// Arguments as one text: words with anything but plain characters in single quotes, so that two
/// arguments are never taken for one, nor one for two.
#[must_use]
pub fn joined(argv: &[&str]) -> String {
    argv.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+~^*?[]{}".contains(c) || !c.is_ascii();
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn path(text: &str) -> Result<GlobMatcher, BadPattern> {
    let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| BadPattern::Malformed(error.to_string()))
}

fn regex(text: &str) -> Result<Regex, BadPattern> {
    // `\A` and `\z` are not moved by the flag m, and the group keeps an alternative from escaping them.
    let anchored = format!(r"\A(?:{text})\z");
    let alone = RegexBuilder::new(text).size_limit(LARGEST).build();
    let built = alone.and_then(|_| RegexBuilder::new(&anchored).size_limit(LARGEST).build());
    built.map_err(|error| BadPattern::Malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, line: &str) -> bool {
        let argv: Vec<&str> = line.split(' ').collect();
        Pattern::compile(Kind::Glob, pattern, true).unwrap().covers(&argv, line)
    }

    #[test]
    fn a_glob_ends_at_a_word() {
        assert!(covers("git status*", "git status") && covers("git status*", "git status -s a"));
        assert!(covers("git status *", "git status") && !covers("git status*", "git statusx"));
        assert!(!covers("git status", "git status -s"));
        assert!(covers("git * origin", "git push origin") && !covers("git * origin", "git push -f origin"));
        assert!(covers("npm run test:* --", "npm run test:unit --") && covers("*", "rm -rf /"));
        assert!(covers("npm run test:*", "npm run test:unit -- x") && !covers("npm run test:*", "npm run tester"));
        assert!(covers("ls src/*", "ls src/a -l") && !covers("ls src/*", "ls src/a /etc"));
        assert!(!covers("ls src/*", "ls src/../x") && !covers("git * status", "git --exec-path=x status"));
    }

    #[test]
    fn a_regex_matches_the_whole_and_arguments_stay_apart() {
        let regex =
            |text: &str, argv: &[&str]| Pattern::compile(Kind::Regex, text, true).unwrap().covers(argv, &joined(argv));
        assert!(regex("git status", &["git", "status"]) && !regex("^git status", &["git", "status", "-s"]));
        assert!(!regex("(?m)^git status$", &["git", "status\nrm -rf ~"]));
        assert!(!regex("git status|x", &["git", "status", "y"]));
        assert!(!regex("git status", &["git status"]), "one argument is not two");
    }

    #[test]
    fn what_is_no_pattern_is_said_so() {
        assert!(matches!(Pattern::compile(Kind::Glob, " ", true), Err(BadPattern::Empty)));
        assert!(matches!(Pattern::compile(Kind::Regex, "a)(b", true), Err(BadPattern::Malformed(_))));
        assert!(matches!(Pattern::compile(Kind::Regex, "(a{1000}){1000}", true), Err(BadPattern::Malformed(_))));
        assert!(Pattern::compile(Kind::Glob, "*", true).unwrap().is_catch_all());
        assert!(Pattern::compile(Kind::Regex, ".*", true).unwrap().is_catch_all());
        assert!(!Pattern::compile(Kind::Glob, "git *", true).unwrap().is_catch_all());
        assert!(Pattern::compile(Kind::Glob, "**", false).unwrap().is_catch_all());
    }
}
