//! Where the paths of a call really lead, every link on the way followed.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::assess::{Question, home};
use crate::rules::risk::Place;
use crate::rules::shell::{Line, RedirectKind, Word};

/// More words of a line are not looked up: only one made to be slow has them.
const MOST: usize = 64;
/// Links to links, and missing folders in missing folders.
const DEEPEST: usize = 64;

/// What is to be known of the place a call is made in. Blocking.
#[must_use]
pub fn place(question: &Question, line: Option<&Line>) -> Place {
    let home = home();
    let cwd = Path::new(&question.cwd);
    if !cwd.is_absolute() {
        return Place { home, ..Place::default() };
    }
    let cwd = real(cwd, DEEPEST).unwrap_or_else(|| cwd.to_owned());
    let mut found = BTreeMap::new();
    for written in written(question, line) {
        let lead = resolve(&written, &cwd, &home).and_then(|path| real(&path, DEEPEST));
        if let Some(lead) = lead.as_deref().and_then(Path::to_str) {
            found.insert(written, lead.to_owned());
        }
    }
    let text = |path: &Path| path.to_string_lossy().into_owned();
    Place { cwd: text(&cwd), project: text(project(&cwd, &home)), home, real: found }
}

/// The root of the repository, or the directory itself. A home under version control is no project.
fn project<'a>(cwd: &'a Path, home: &str) -> &'a Path {
    let root = cwd.ancestors().find(|dir| dir.join(".git").symlink_metadata().is_ok());
    root.filter(|root| *root != Path::new(home) && root.parent().is_some()).unwrap_or(cwd)
}

/// Every path that the call names, as written.
fn written(question: &Question, line: Option<&Line>) -> Vec<String> {
    let fields = ["file_path", "notebook_path", "path"].into_iter();
    let named = fields.filter_map(|field| question.input.get(field)?.as_str().map(str::to_owned));
    let words = line.into_iter().flat_map(|line| &line.commands).flat_map(|command| {
        let redirects = command.redirects.iter().filter_map(|redirect| match &redirect.kind {
            RedirectKind::Read(word) | RedirectKind::Write(word) => Some(word),
            RedirectKind::Duplicate | RedirectKind::Here { .. } => None,
        });
        command.argv.iter().skip(1).chain(redirects)
    });
    named.chain(words.filter_map(path_in)).filter(|path| !path.is_empty()).take(MOST).collect()
}

/// The path that a word is, or that an option gives: `--file=x`.
fn path_in(word: &Word) -> Option<String> {
    let text = word.text.as_deref()?;
    match text.strip_prefix('-') {
        Some(option) => option.split_once('=').map(|(_, value)| value.to_owned()),
        None => Some(text.to_owned()),
    }
}

fn resolve(written: &str, cwd: &Path, home: &str) -> Option<PathBuf> {
    match written.strip_prefix('~') {
        Some("") => Some(home.into()),
        Some(rest) => rest.strip_prefix('/').map(|rest| Path::new(home).join(rest)),
        None => Some(cwd.join(written)),
    }
}

/// The path with every link followed; of what is not there yet, as far as it is.
fn real(path: &Path, depth: usize) -> Option<PathBuf> {
    match path.canonicalize() {
        Ok(found) => return Some(found),
        Err(error) if error.kind() != ErrorKind::NotFound || depth == 0 => return None,
        Err(_) => {}
    }
    let folder = path.parent()?;
    match path.symlink_metadata() {
        Ok(_) => real(&folder.join(path.read_link().ok()?), depth - 1),
        Err(error) if error.kind() == ErrorKind::NotFound => Some(real(folder, depth - 1)?.join(path.file_name()?)),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::rules::shell;

    #[test]
    fn links_are_followed_even_to_what_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("shop/.git")).unwrap();
        std::fs::create_dir_all(root.join("shop/src")).unwrap();
        std::fs::create_dir_all(root.join("keys")).unwrap();
        symlink(root.join("keys/new"), root.join("shop/src/dangling")).unwrap();
        symlink("../../keys", root.join("shop/src/up")).unwrap();
        symlink("loop", root.join("shop/src/loop")).unwrap();
        let command = "cat up/id >dangling --to=up a/b/c loop";
        let question = Question {
            tool: "Bash".into(),
            input: Arc::new(json!({ "command": command })),
            cwd: root.join("shop/src").to_string_lossy().into_owned(),
        };
        let place = place(&question, shell::parse(command).ok().as_ref());
        let lead =
            |written: &str| place.real.get(written).map(|path| path.strip_prefix(root.to_str().unwrap()).unwrap());
        assert_eq!(lead("up/id"), Some("/keys/id"));
        assert_eq!(lead("dangling"), Some("/keys/new"));
        assert_eq!(lead("up"), Some("/keys"));
        assert_eq!(lead("a/b/c"), Some("/shop/src/a/b/c"));
        assert_eq!(lead("loop"), None);
        assert_eq!(place.project, root.join("shop").to_string_lossy());
    }
}
