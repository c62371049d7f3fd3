//! Why a settings file is left as it is: what is wrong, why that matters, and what to do.

use std::io;
use std::path::PathBuf;

use super::scan::{Kind, ScanError};

/// A reason not to touch the file. Whatever it is, the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not JSON, not even with comments.
    #[error("the file is not JSON ({0}): correct that place, then try again")]
    NotJson(#[from] ScanError),
    /// The document is a list, a number, …
    #[error("the file holds {0} instead of an object: settings begin with `{{`; correct it, then try again")]
    NotAnObject(Kind),
    /// Something else stands where hooks belong.
    #[error("`{place}` is {found}, but Claude Code wants {expected} there: correct it, then try again")]
    WrongType {
        /// Which key.
        place: String,
        /// What belongs there.
        expected: Kind,
        /// What is there.
        found: Kind,
    },
    /// Not UTF-8.
    #[error("the file is not UTF-8 text: save it as UTF-8, then try again")]
    NotText,
    /// Larger than any settings file.
    #[error("the file is larger than {0} MB, which no settings file is: look what it is, or name another")]
    TooLarge(u64),
    /// A directory, FIFO, device or socket.
    #[error("{path} is {kind}, not a file: move it away, or name another", path = .0.display(), kind = .1)]
    NotAFile(PathBuf, &'static str),
    /// Somebody else's file, link or directory.
    #[error("{path} belongs to uid {uid}, and you are uid {me}: run ccmon as its owner, or name another", path = .path.display())]
    Foreign {
        /// What.
        path: PathBuf,
        /// Whose.
        uid: u32,
        /// Who we are.
        me: u32,
    },
    /// A link to nothing.
    #[error("{path} is a link to something that does not exist: restore its target, or remove the link", path = .0.display())]
    Dangling(PathBuf),
    /// The owner took their own write permission away.
    #[error("{path} is read-only: if you want it changed, allow it with `chmod u+w`, then try again", path = .0.display())]
    ReadOnly(PathBuf),
    /// Several names for one file: replacing it would part them.
    #[error("{path} has {links} names (hard links), and replacing it would part them: make it a file of its own, or a symbolic link", path = .path.display())]
    HardLinked {
        /// The name we know.
        path: PathBuf,
        /// How many there are.
        links: u64,
    },
    /// Written by somebody else while we worked, again and again.
    #[error("the file keeps changing while ccmon edits it: close what writes to it, then try again")]
    Changed,
    /// An edit did not do what it should; found out before writing.
    #[error(
        "the edited text would not be right ({0}), so it was not written: please report this with the file's layout"
    )]
    Unsure(&'static str),
    /// The operating system said no.
    #[error("cannot {doing} {path}: {source}; check its permissions and the disk", path = .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What came back.
        source: io::Error,
    },
}
