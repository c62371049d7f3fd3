//! Where a session works: git root, branch and worktree, read from `.git` without running git.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::core::{Placed, SessionKey};

/// Looks a directory up. Blocking: a directory may be on a slow or dead network file system.
#[must_use]
pub fn look_up(session: SessionKey, cwd: String) -> Placed {
    let found = Path::new(&cwd).ancestors().find_map(repository);
    let base = Path::new(&cwd).file_name().map_or_else(|| "/".into(), |name| name.to_string_lossy().into_owned());
    let (project, branch, worktree) = match found {
        None => (base, None, None),
        Some(found) => (found.project, found.branch, found.worktree),
    };
    Placed { session, cwd, project, branch, worktree }
}

struct Repository {
    project: String,
    branch: Option<String>,
    worktree: Option<String>,
}

/// The repository whose work tree's root is `root`, if it is one.
fn repository(root: &Path) -> Option<Repository> {
    let dot_git = root.join(".git");
    let found = std::fs::symlink_metadata(&dot_git).ok()?;
    if found.is_dir() {
        return Some(Repository { project: name(root)?, branch: branch(&dot_git), worktree: None });
    }
    let pointer = read_small(&dot_git)?;
    let git_dir = root.join(pointer.trim().strip_prefix("gitdir: ")?);
    let (main, worktree) = linked(&git_dir).unwrap_or((root.to_owned(), None));
    Some(Repository { project: name(&main)?, branch: branch(&git_dir), worktree })
}

/// A linked worktree's git directory is `MAIN/.git/worktrees/NAME`.
fn linked(git_dir: &Path) -> Option<(PathBuf, Option<String>)> {
    let worktrees = git_dir.parent().filter(|dir| dir.ends_with("worktrees"))?;
    let main = worktrees.parent()?.parent()?;
    Some((main.to_owned(), name(git_dir)))
}

/// The branch that HEAD names, or the first digits of the commit it is detached at.
fn branch(git_dir: &Path) -> Option<String> {
    let head = read_small(&git_dir.join("HEAD"))?;
    let head = head.trim();
    let named = head.strip_prefix("ref: refs/heads/").map(str::to_owned);
    named.or_else(|| head.get(..8).filter(|id| id.bytes().all(|b| b.is_ascii_hexdigit())).map(str::to_owned))
}

fn name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}

/// The text of a small regular file; not of a device or FIFO that somebody put in its place.
fn read_small(path: &Path) -> Option<String> {
    let found = std::fs::metadata(path).ok()?;
    if !found.is_file() || found.len() > 4096 {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(cwd: &Path) -> Placed {
        look_up(SessionKey::of_session("s"), cwd.to_string_lossy().into_owned())
    }

    #[test]
    fn a_linked_worktree_belongs_to_its_project() {
        let dir = tempfile::tempdir().unwrap();
        let (main, linked) = (dir.path().join("shop"), dir.path().join("fix"));
        let git = main.join(".git/worktrees/fix");
        std::fs::create_dir_all(&git).unwrap();
        std::fs::create_dir_all(linked.join("src")).unwrap();
        std::fs::write(main.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        std::fs::write(git.join("HEAD"), "ref: refs/heads/fix/rounding\n").unwrap();
        std::fs::write(linked.join(".git"), format!("gitdir: {}\n", git.display())).unwrap();
        let placed = place(&linked.join("src"));
        assert_eq!((placed.project.as_str(), placed.branch.as_deref()), ("shop", Some("fix/rounding")));
        assert_eq!(placed.worktree.as_deref(), Some("fix"));
        assert_eq!(place(&main).branch.as_deref(), Some("main"));
    }

    #[test]
    fn a_plain_or_missing_directory_has_its_own_name() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(place(&dir.path().join("gone")).project, "gone");
        assert_eq!(place(Path::new("/")).project, "/");
    }
}
