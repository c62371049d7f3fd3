//! What a person types to search, and where it stands in a text.
//!
//! Words that all have to occur, `"phrases"`, `beginnings*`, `-not`. Whatever else is typed is just words: there is
//! nothing to get wrong. A word with marks in it, such as `src/lib.rs`, `foo_bar` or `--flag`, is what it consists of,
//! in a row.

/// More bytes than these are not read,
const LONGEST: usize = 1_000;
/// and no more words: each of them, also in a phrase, is looked up.
const MOST_WORDS: usize = 16;
/// Words in a row that occur everywhere are dear: a phrase is as good as found by so many.
const LONGEST_PHRASE: usize = 8;

/// A word is taken as a beginning when it has so many letters: fewer begin too much.
const SHORTEST_BEGINNING: usize = 2;

/// What is searched for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
}

/// Words in a row.
#[derive(Debug, PartialEq, Eq)]
struct Term {
    text: String,
    /// The last of them only begins so.
    begins: bool,
}

impl Query {
    /// Of what was typed.
    pub(super) fn parse(typed: &str) -> Self {
        let mut query = Self::default();
        let mut rest = &typed[..typed.floor_char_boundary(LONGEST)];
        let mut room = MOST_WORDS;
        while room > 0 {
            rest = rest.trim_start_matches(is_space);
            if rest.is_empty() {
                break;
            }
            let (not, mut term);
            (not, term, rest) = next(rest);
            room -= term.shorten(room.min(LONGEST_PHRASE));
            if term.text.chars().any(char::is_alphanumeric) {
                if not { &mut query.unwanted } else { &mut query.wanted }.push(term);
            }
        }
        if query.wanted.is_empty() {
            // There is no "everything but": then they are words like others.
            std::mem::swap(&mut query.wanted, &mut query.unwanted);
        }
        query
    }

    /// Of what was typed, unless that is nothing, or only what a search begins with. What holds no word, such as
    /// an emoji, is a search that finds nothing.
    pub(super) fn typed(text: Option<&str>) -> Option<Self> {
        let begun = |c: char| is_space(c) || matches!(c, '"' | '-' | '*');
        let said = text.filter(|text| !text.trim_matches(begun).is_empty());
        said.map(Self::parse)
    }

    /// Whether there is nothing to search for.
    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// In FTS5's language, for one of the table's columns.
    pub(super) fn in_column(&self, column: &str) -> String {
        let mut all = format!("({column} : ({}))", joined(&self.wanted, " AND "));
        if !self.unwanted.is_empty() {
            all += &format!(" NOT ({column} : ({}))", joined(&self.unwanted, " OR "));
        }
        all
    }

    /// Where what is wanted stands in the text: bytes, in order, apart from each other.
    pub(super) fn places(&self, text: &str) -> Vec<(usize, usize)> {
        let words: Vec<Word<'_>> = words(text).collect();
        let mut places: Vec<_> = self.wanted.iter().flat_map(|term| term.places(&words)).collect();
        places.sort_unstable();
        let mut apart: Vec<(usize, usize)> = Vec::new();
        for (start, end) in places {
            match apart.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => apart.push((start, end)),
            }
        }
        apart
    }
}

/// The first term of a text that begins with one, and what follows it.
fn next(text: &str) -> (bool, Term, &str) {
    let bare = text.strip_prefix('-').filter(|rest| rest.starts_with(|c: char| c == '"' || c.is_alphanumeric()));
    let (not, text) = (bare.is_some(), bare.unwrap_or(text));
    if let Some(quoted) = text.strip_prefix('"') {
        let Some((phrase, rest)) = quoted.split_once('"') else {
            // Its end is still to be typed.
            return (not, Term::new(quoted, is_long(quoted)), "");
        };
        let after = rest.strip_prefix('*');
        return (not, Term::new(phrase, after.is_some()), after.unwrap_or(rest));
    }
    let end = text.find(|c| is_space(c) || c == '"').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let begins = word.ends_with('*') || (rest.is_empty() && is_long(word));
    (not, Term::new(word, begins), rest)
}

fn is_long(word: &str) -> bool {
    word.ends_with(char::is_alphanumeric)
        && word.chars().rev().take_while(|c| c.is_alphanumeric()).nth(SHORTEST_BEGINNING - 1).is_some()
}

/// FTS5 reads no further than a NUL.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

fn joined(terms: &[Term], between: &str) -> String {
    let quoted = terms.iter().map(|term| quoted(&term.text) + if term.begins { "*" } else { "" });
    quoted.collect::<Vec<_>>().join(between)
}

/// As FTS5 takes any text for words in a row.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace(['"', '\0'], " "))
}

impl Term {
    fn new(text: &str, begins: bool) -> Self {
        let begins = begins && is_long(text.trim_end_matches(|c: char| !c.is_alphanumeric()));
        Self { text: text.replace(is_space, " "), begins }
    }

    /// To so many words at most; how many it has.
    fn shorten(&mut self, most: usize) -> usize {
        let ends: Vec<usize> = words(&self.text).map(|word| word.end()).take(most + 1).collect();
        if ends.len() > most {
            self.text.truncate(ends.get(most.wrapping_sub(1)).copied().unwrap_or_default());
        }
        ends.len().min(most)
    }

    fn places(&self, text: &[Word<'_>]) -> Vec<(usize, usize)> {
        let sought: Vec<String> = words(&self.text).map(|word| word.folded()).collect();
        let Some(last) = sought.len().checked_sub(1) else { return Vec::new() };
        let fits = |row: &&[Word<'_>]| {
            let pairs = row.iter().zip(&sought).enumerate();
            pairs.into_iter().all(|(at, (word, sought))| word.fits(sought, self.begins && at == last))
        };
        text.windows(sought.len()).filter(fits).map(|row| (row[0].start, row[last].end())).collect()
    }
}

/// A word and where it stands.
struct Word<'a> {
    text: &'a str,
    start: usize,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn folded(&self) -> String {
        self.text.chars().filter_map(fold).collect()
    }

    fn fits(&self, sought: &str, begins: bool) -> bool {
        let mut own = self.text.chars().filter_map(fold);
        sought.chars().all(|c| own.next() == Some(c)) && (begins || own.next().is_none())
    }
}

/// As FTS5 sees them, but for rare scripts: there, nothing is marked.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let pieces = text.split(|c: char| !c.is_alphanumeric() && !is_accent(c)).filter(|piece| !piece.is_empty());
    pieces.map(|piece| Word { text: piece, start: piece.as_ptr().addr() - text.as_ptr().addr() })
}

/// Small, and without accents.
fn fold(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    if is_accent(c) {
        return None;
    }
    let small = c.to_lowercase().next().unwrap_or(c);
    Some(match small {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' => 'i',
        'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    })
}

/// One that stands on the letter before it.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(typed: &str) -> String {
        let query = Query::parse(typed);
        if query.is_empty() { String::new() } else { query.in_column("c") }
    }

    #[test]
    fn what_is_typed_becomes_words_phrases_beginnings_and_nots() {
        let cases = [
            ("cargo test ", r#"(c : ("cargo" AND "test"))"#),
            ("cargo te", r#"(c : ("cargo" AND "te"*))"#),
            ("cargo t", r#"(c : ("cargo" AND "t"))"#),
            ("src/lib.rs ", r#"(c : ("src/lib.rs"))"#),
            (r#""a b" cc* c* d"#, r#"(c : ("a b" AND "cc*"* AND "c*" AND "d"))"#),
            (r#""a bb"* x "#, r#"(c : ("a bb"* AND "x"))"#),
            (r#""half a phra"#, r#"(c : ("half a phra"*))"#),
            ("a -b -\"c d\" ", r#"(c : ("a")) NOT (c : ("b" OR "c d"))"#),
            ("-rf ", r#"(c : ("rf"))"#),
            ("--force x ", r#"(c : ("--force" AND "x"))"#),
            ("NEAR(a b) OR NOT { ^x : * ", r#"(c : ("NEAR(a" AND "b)" AND "OR" AND "NOT" AND "^x"))"#),
            ("a\0b ", r#"(c : ("a" AND "b"))"#),
        ];
        for (typed, expected) in cases {
            assert_eq!(said(typed), expected, "{typed}");
        }
        for nothing in ["", " ", "\"", "\"\"", "-", "***", "()", "\0"] {
            assert_eq!(said(nothing), "", "{nothing}");
        }
    }

    #[test]
    fn too_much_is_cut() {
        assert_eq!(Query::parse(&"a ".repeat(1 << 20)).wanted.len(), MOST_WORDS);
        let phrase = Query::parse(&format!("x \"{}\" y", "a-b ".repeat(99)));
        assert_eq!(
            phrase.wanted.iter().map(|term| words(&term.text).count()).collect::<Vec<_>>(),
            [1, LONGEST_PHRASE, 1]
        );
        assert!(Query::parse(&"ä".repeat(1 << 20)).wanted[0].text.len() <= LONGEST);
    }

    #[test]
    fn hits_are_found_in_the_text() {
        let marked = |typed, text: &str| {
            let places = Query::parse(typed).places(text);
            places.into_iter().map(|(start, end)| &text[start..end]).collect::<Vec<_>>().join("|")
        };
        assert_eq!(marked("cargo te", "Cargo; run cargo-test, tested"), "Cargo|cargo|test|tested");
        assert_eq!(marked("src/lib.rs ", "a src/lib.rs b SRC lib rs lib.rs"), "src/lib.rs|SRC lib rs");
        assert_eq!(marked("cafe ", "Café cafe\u{301} cafés"), "Café|cafe\u{301}");
        assert_eq!(marked("\"a b\" b ", "a b b"), "a b|b");
        assert_eq!(marked("a -b ", "a b"), "a");
        assert_eq!(marked("x ", "a b"), "");
    }
}
