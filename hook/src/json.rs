//! Cuts one JSON object out of standard input: a scanner of brackets and strings, not a parser.
//!
//! Reading stops when the object is complete, because Claude Code sometimes leaves standard input open.

use std::os::fd::BorrowedFd;
use std::time::Instant;

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use crate::poll;

/// The largest payload that is carried, in bytes.
pub const LIMIT: usize = 8 * 1024 * 1024;

/// Most payloads fit, so that one `read` fetches them.
const FIRST_READ: usize = 64 * 1024;

/// Reads `input` up to the end of its first JSON object, and no longer than `deadline`.
/// Whitespace before the object is kept; what follows it in the same `read` is dropped.
pub fn read_value(input: BorrowedFd<'_>, deadline: Instant) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::with_capacity(FIRST_READ);
    let mut scanner = Scanner::default();
    loop {
        let before = bytes.len();
        read_some(input, &mut bytes, deadline)?;
        if bytes.len() == before {
            return Err(scanner.at_end());
        }
        match scanner.feed(&bytes[before..]) {
            Progress::Complete(length) if length <= LIMIT => {
                bytes.truncate(length);
                return Ok(bytes);
            }
            Progress::More if bytes.len() <= LIMIT => {}
            Progress::Complete(_) | Progress::More => return Err(Unread::TooLarge),
            Progress::Garbage => return Err(Unread::Garbage),
        }
    }
}

/// Appends what there is; nothing at the end of the input.
fn read_some(input: BorrowedFd<'_>, bytes: &mut Vec<u8>, deadline: Instant) -> Result<(), Unread> {
    if bytes.len() == bytes.capacity() {
        bytes.reserve(bytes.len());
    }
    loop {
        let mut fds = [PollFd::from_borrowed_fd(input, PollFlags::IN)];
        match poll::until(&mut fds, deadline) {
            Ok(true) => {}
            Ok(false) => return Err(Unread::TimedOut),
            Err(_) => return Err(Unread::Unreadable),
        }
        match rustix::io::read(input, spare_capacity(bytes)) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return Err(Unread::Unreadable),
        }
    }
}

/// Whether this is one whole object, and nothing else but white space after it.
pub fn is_object(text: &[u8]) -> bool {
    Scanner::default().feed(text) == Progress::Complete(text.trim_ascii_end().len())
}

/// Whether `object` itself, and not something inside of it, has a string under `key`. The key is compared as it
/// is written: Claude Code escapes nothing in its names.
pub fn has_text(object: &[u8], key: &str) -> bool {
    let (mut scanner, mut begin) = (Scanner::default(), 0);
    for (at, byte) in object.iter().enumerate() {
        let was_in_string = scanner.in_string;
        if scanner.feed(std::slice::from_ref(byte)) != Progress::More {
            return false;
        }
        match (was_in_string, scanner.in_string) {
            (false, true) => begin = at + 1,
            (true, false) if scanner.depth == 1 && object[begin..at] == *key.as_bytes() => {
                // Of the strings at this depth only a key has a colon behind it.
                let value = object[at + 1..].trim_ascii_start().strip_prefix(b":");
                if value.is_some_and(|value| value.trim_ascii_start().starts_with(b"\"")) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Why there is no payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// The input ended before anything came.
    Empty,
    /// It does not begin like a JSON object.
    Garbage,
    /// It ended inside the object.
    Truncated,
    /// The object is longer than [`LIMIT`].
    TooLarge,
    /// The object was not complete in time.
    TimedOut,
    /// Standard input is closed, a directory or otherwise not to be read.
    Unreadable,
}

impl Unread {
    /// What to write into the error log. An empty input says nothing about an event, so there is nothing to say.
    pub fn message(self) -> Option<&'static str> {
        match self {
            Self::Empty | Self::Unreadable => None,
            Self::Garbage => Some("standard input was not a JSON object"),
            Self::Truncated => Some("standard input ended inside its JSON object"),
            Self::TooLarge => Some("a payload of more than 8 MiB was dropped"),
            Self::TimedOut => Some("standard input did not complete its JSON object in time"),
        }
    }
}

/// What the bytes seen so far amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The object goes on.
    More,
    /// The object ends after this many bytes, counted from the very first one fed.
    Complete(usize),
    /// This does not begin like an object.
    Garbage,
}

/// Finds the end of a JSON object in bytes that arrive piece by piece. It counts brackets outside of
/// strings; whether they match, and what stands between them, is for the daemon to judge.
#[derive(Debug, Default)]
pub struct Scanner {
    seen: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Scanner {
    /// Takes the next piece. Not to be called again after anything but [`Progress::More`].
    pub fn feed(&mut self, piece: &[u8]) -> Progress {
        for (offset, &byte) in piece.iter().enumerate() {
            if self.in_string {
                self.string_byte(byte);
                continue;
            }
            match byte {
                b'{' => self.depth += 1,
                b' ' | b'\t' | b'\n' | b'\r' if self.depth == 0 => {}
                _ if self.depth == 0 => return Progress::Garbage,
                b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Progress::Complete(self.seen + offset + 1);
                    }
                }
                b'"' => self.in_string = true,
                _ => {}
            }
        }
        self.seen += piece.len();
        Progress::More
    }

    fn string_byte(&mut self, byte: u8) {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.in_string = false;
        }
    }

    fn at_end(&self) -> Unread {
        if self.depth == 0 { Unread::Empty } else { Unread::Truncated }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Progress {
        Scanner::default().feed(text.as_bytes())
    }

    #[test]
    fn an_object_ends_at_its_own_bracket() {
        assert_eq!(scan("{}"), Progress::Complete(2));
        assert_eq!(scan(r#"{"a":[1,{"b":2}]} {"c":3}"#), Progress::Complete(17));
        assert_eq!(scan(r#"{"a":[1,{"b":2}]"#), Progress::More);
    }

    #[test]
    fn whitespace_before_it_is_kept() {
        assert_eq!(scan(" \r\n\t{}\n"), Progress::Complete(6));
        assert_eq!(scan(" \n "), Progress::More);
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert_eq!(scan(r#"{"a":"}]{[","b":1}"#), Progress::Complete(18));
        assert_eq!(scan(r#"{"a":"\"}"}"#), Progress::Complete(11));
        assert_eq!(scan(r#"{"a":"\\"}"#), Progress::Complete(10));
        assert_eq!(scan(r#"{"a":"\\\"}"}"#), Progress::Complete(13));
        assert_eq!(scan(r#"{"a":"\u007d}"}"#), Progress::Complete(15));
        assert_eq!(scan(r#"{"a":"}"#), Progress::More);
    }

    #[test]
    fn any_split_gives_the_same_end() {
        let text = r#" {"a":"\\\"}","b":[{"c":"é}"},[]],"d":"\u00e9"} tail"#.as_bytes();
        let whole = Scanner::default().feed(text);
        for cut in 0..text.len() {
            let mut scanner = Scanner::default();
            let mut end = scanner.feed(&text[..cut]);
            if end == Progress::More {
                end = scanner.feed(&text[cut..]);
            }
            assert_eq!(end, whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_key_counts_only_where_it_is_the_objects_own() {
        let has = |text: &str| has_text(text.as_bytes(), "agent_id");
        assert!(has(r#"{"agent_id":"a1"}"#));
        assert!(has(" {\"x\":[{\"y\":\"\\\\\"}],\n\"agent_id\" :\t\"\"}"));
        for text in [
            "{}",
            r#"{"agent_id":null}"#,
            r#"{"agent_id":7,"x":"agent_id"}"#,
            r#"{"tool_input":{"agent_id":"a1"}}"#,
            r#"{"x":[{"agent_id":"a1"}]}"#,
            r#"{"x":"agent_id","y":"z"}"#,
            r#"{"x":"\",\"agent_id\":\"a1\""}"#,
            r#"{"x":"y\\\",\"agent_id\":\"a1\""}"#,
            r#"{"an_agent_id":"a1"}"#,
            r#"{"agent_id"#,
        ] {
            assert!(!has(text), "{text}");
        }
    }

    #[test]
    fn depth_is_only_a_number() {
        let deep = format!("{}{}", "{\"a\":[".repeat(500_000), "]}".repeat(500_000));
        assert_eq!(scan(&deep), Progress::Complete(deep.len()));
        assert_eq!(scan(&"{".repeat(1_000_000)), Progress::More);
    }

    #[test]
    fn scalars_arrays_and_noise_are_no_payload() {
        for text in ["1", "true", "null", "\"{}\"", "[]", "x", "}", "\0", "\u{feff}{}"] {
            assert_eq!(scan(text), Progress::Garbage, "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_pass_through() {
        let bytes = b"{\"a\":\"\xff\x00\xfe\"}";
        assert_eq!(Scanner::default().feed(bytes), Progress::Complete(bytes.len()));
    }
}
