//! What a relative glob finds, as the shell would look for it.

use std::path::{Path, PathBuf};

use crate::rules::risk::paths::names::{fits, is_glob};

/// Names in the folders that are gone through.
const MOST_SEEN: usize = 4096;

/// The paths that `glob` finds from `folder`; `None` when they, or the names gone through, are too many.
/// `left` is how many may be found, and less by them afterwards. May find more than a shell does, never less.
#[must_use]
pub fn find(folder: &Path, glob: &str, left: &mut usize) -> Option<Vec<PathBuf>> {
    let mut found = vec![folder.to_owned()];
    let mut seen = 0;
    for part in glob.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for path in found {
            if !is_glob(part) {
                next.push(path.join(part));
                continue;
            }
            // What cannot be listed, the shell cannot list either.
            for entry in path.read_dir().into_iter().flatten().flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                seen += 1;
                if seen > MOST_SEEN {
                    return None;
                }
                if (part.starts_with('.') || !name.starts_with('.')) && fits(part, &name) {
                    next.push(entry.path());
                }
            }
            if next.len() > *left {
                return None;
            }
        }
        found = next;
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    *left = left.checked_sub(found.len())?;
    Some(found)
}
