//! The tail of a transcript, read as it grows.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::files::open_own;
use crate::claude::transcript::Told;
use crate::core::Transcript;

/// How much of a transcript is read at first, in bytes: conversations grow to hundreds of megabytes.
const FIRST: u64 = 512 * 1024;
/// How much is read at once when it has grown; of more, only the end.
const MORE: u64 = 4 * 1024 * 1024;

/// A transcript that is followed.
#[derive(Debug)]
pub struct Tail {
    /// Where it is.
    pub path: PathBuf,
    /// Up to where whole lines were read.
    offset: Option<u64>,
    told: Told,
}

impl Tail {
    /// A tail of which nothing was read yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), offset: None, told: Told::default() }
    }

    /// Reads what is new; what the transcript tells now, when that is something else than before.
    pub fn read(&mut self) -> Option<Transcript> {
        let before = self.told.tells.clone();
        self.take_lines(&self.grown()?);
        (self.told.tells != before).then(|| self.told.tells.clone())
    }

    /// The bytes from where whole lines were read; from the beginning of some line at first.
    fn grown(&self) -> Option<Grown> {
        let mut file = open_own(&self.path)?;
        let length = file.metadata().ok()?.len();
        let (from, whole) = match self.offset {
            Some(offset) if offset <= length && length - offset <= MORE => (offset, true),
            // New, rewritten, or far ahead.
            _ => (length.saturating_sub(FIRST), length <= FIRST),
        };
        file.seek(SeekFrom::Start(from)).ok()?;
        let mut bytes = Vec::new();
        file.take(MORE).read_to_end(&mut bytes).ok()?;
        Some(Grown { from, whole, bytes })
    }

    fn take_lines(&mut self, grown: &Grown) {
        let bytes = grown.bytes.as_slice();
        let begin = if grown.whole { 0 } else { after_newline(bytes, bytes.iter().position(|b| *b == b'\n')) };
        let end = after_newline(bytes, bytes.iter().rposition(|b| *b == b'\n')).max(begin);
        bytes[begin..end].split(|b| *b == b'\n').for_each(|line| self.told.line(line));
        self.offset = Some(grown.from + u64::try_from(end).unwrap_or(u64::MAX));
    }
}

struct Grown {
    from: u64,
    /// It begins where a line does.
    whole: bool,
    bytes: Vec<u8>,
}

fn after_newline(bytes: &[u8], at: Option<usize>) -> usize {
    at.map_or(0, |at| (at + 1).min(bytes.len()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn title(text: &str) -> String {
        format!("{{\"type\":\"custom-title\",\"customTitle\":\"{text}\"}}\n")
    }

    #[test]
    fn it_is_read_as_it_grows_whole_lines_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.jsonl");
        let mut file = std::fs::File::create(&path).unwrap();
        let mut tail = Tail::new(&path);
        let mut say = |text: &str, tail: &mut Tail| {
            file.write_all(text.as_bytes()).unwrap();
            tail.read().and_then(|tells| tells.title)
        };
        assert_eq!(say(&title("one"), &mut tail).as_deref(), Some("one"));
        let two = title("two");
        assert_eq!(say(&two[..10], &mut tail), None, "half a line is no line");
        assert_eq!(say(&two[10..], &mut tail).as_deref(), Some("two"));
        assert_eq!(say(&"x".repeat(600_000), &mut tail), None);
        assert_eq!(say(&format!("\n{}", title("three")), &mut tail).as_deref(), Some("three"));
        assert_eq!(say(&("y".repeat(5_000_000) + "\n" + &title("four")), &mut tail).as_deref(), Some("four"));
    }

    #[test]
    fn one_that_was_rewritten_is_read_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.jsonl");
        std::fs::write(&path, title("long ago, and far away")).unwrap();
        let mut tail = Tail::new(&path);
        assert!(tail.read().is_some());
        std::fs::write(&path, title("new")).unwrap();
        assert_eq!(tail.read().and_then(|tells| tells.title).as_deref(), Some("new"));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(tail.read(), None);
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        assert_eq!(tail.read(), None, "a link is not followed");
    }
}
