//! The first start: whether the page that greets people is still to be shown. Kept in the state directory, so that
//! it is put away for good, in whatever window that was.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::claude::hooks::settings_path;
use crate::claude::settings::inspect;

/// Where it is kept.
const FILE: &str = "welcome";
/// Nothing greets anybody while this is set.
const SILENT: &str = "CCMON_NO_WELCOME";
/// A window has come up by itself; it does so once.
const OPENED: &str = "opened\n";
/// The page was put away.
const DONE: &str = "done\n";

/// Whether the page is still to be shown: it was not put away, and none of our hooks is installed.
#[must_use]
pub fn is_due(state: &Path) -> bool {
    let silent = std::env::var_os(SILENT).is_some_and(|value| !value.is_empty());
    !silent && kept(state).as_deref() != Some(DONE) && !hooks_are_there()
}

/// Whether the window that shows it is to come up by itself: once, at the first start. Says so only when it could
/// note that it did.
#[must_use]
pub fn opens_by_itself(state: &Path) -> bool {
    is_due(state) && notes_first(state)
}

/// Whether this is the first time, which is noted.
fn notes_first(state: &Path) -> bool {
    kept(state).is_none() && keep(state, OPENED).is_ok()
}

/// Puts the page away for good, or has it shown again.
///
/// # Errors
/// When the state directory does not take it.
pub fn put_away(state: &Path, done: bool) -> io::Result<()> {
    if done {
        return keep(state, DONE);
    }
    match fs::remove_file(file(state)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn hooks_are_there() -> bool {
    settings_path().is_ok_and(|path| !inspect(&path).is_absent())
}

fn file(state: &Path) -> PathBuf {
    state.join(FILE)
}

fn kept(state: &Path) -> Option<String> {
    fs::read_to_string(file(state)).ok()
}

fn keep(state: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file(state))?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_comes_by_itself_once_and_not_at_all_where_that_cannot_be_noted() {
        let state = tempfile::tempdir().unwrap();
        assert!(notes_first(state.path()) && !notes_first(state.path()));
        assert!(!notes_first(&state.path().join("nowhere")));
    }

    #[test]
    fn what_is_put_away_stays_away_until_it_is_wanted_again() {
        let state = tempfile::tempdir().unwrap();
        let kept = || kept(state.path());
        assert_eq!(kept(), None);
        put_away(state.path(), false).unwrap();
        put_away(state.path(), true).unwrap();
        assert_eq!(kept().as_deref(), Some(DONE));
        assert!(!is_due(state.path()) && !opens_by_itself(state.path()));
        put_away(state.path(), false).unwrap();
        assert_eq!(kept(), None);
        assert!(put_away(&state.path().join("nowhere"), true).is_err());
    }
}
