//! What a relative glob finds, as the shell would look for it.

use std::path::{Path, PathBuf};

use crate::rules::risk::paths::names::{fits, is_glob};

/// What all the globs of a line together may still take.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// Paths that they find.
    pub found: usize,
    /// Names in the folders that are gone through for it.
    pub seen: usize,
}

/// The paths that `glob` finds from `folder`; `None` when nothing is left to look for them.
/// May find more than a shell does, never less.
#[must_use]
pub fn find(folder: &Path, glob: &str, left: &mut Left) -> Option<Vec<PathBuf>> {
    let mut found = vec![folder.to_owned()];
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
                left.seen = left.seen.checked_sub(1)?;
                if (part.starts_with('.') || !name.starts_with('.')) && fits(part, &name) {
                    next.push(entry.path());
                }
            }
            if next.len() > left.found {
                return None;
            }
        }
        found = next;
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    left.found = left.found.checked_sub(found.len())?;
    Some(found)
}
