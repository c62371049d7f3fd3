//! Where the paths of a call really lead, every link on the way followed.

mod globs;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use globs::Left;

use super::assess::{Question, home};
use crate::paths::Paths;
use crate::rules::risk::Place;
use crate::rules::risk::paths::{self, Guard, names};
use crate::rules::shell::{Line, RedirectKind, Word};

/// More different words of a line are not looked up: only one made to be slow has them.
const MOST: usize = 128;
/// Folders that a line goes to; nobody writes more of them.
const MOST_FOLDERS: usize = 8;
/// What all globs of a line together may find, and the names that are gone through for it.
const MOST_FOUND: Left = Left { found: 256, seen: 8192 };
/// Links to links, and missing folders in missing folders.
pub(super) const DEEPEST: usize = 64;

/// What is to be known of the place a call is made in. Blocking.
#[must_use]
pub fn place(question: &Question, line: Option<&Line>) -> Place {
    let home = home();
    if question.away {
        let (cwd, project) = (question.cwd.clone(), question.cwd.clone());
        return Place { cwd, project, home, partial: true, ..Place::default() };
    }
    let cwd = Path::new(&question.cwd);
    if !cwd.is_absolute() {
        return Place { home, ..Place::default() };
    }
    let cwd = real(cwd, DEEPEST).unwrap_or_else(|| cwd.to_owned());
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut place =
        Place { cwd: text(&cwd), project: text(project(&cwd, &home)), home, own: own(), ..Place::default() };
    let folders = folders(&cwd, line, &mut place);
    let mut left = MOST_FOUND;
    let words = written(question, line);
    place.partial |= words.len() > MOST;
    for (written, glob) in words.into_iter().take(MOST) {
        let lead = resolve(&written, &cwd, &place.home).and_then(|path| real(&path, DEEPEST));
        if let Some(lead) = lead.as_deref().and_then(Path::to_str) {
            place.real.insert(written.clone(), lead.to_owned());
        }
        if !written.starts_with(['/', '~']) {
            from_folders(&written, glob, &folders, &mut left, &mut place);
        }
    }
    place
}

/// Where ccmon keeps its things, and Claude its settings when it was told where: as named, and as they really are.
fn own() -> Vec<String> {
    let ccmon = Paths::find().map(|paths| vec![paths.state, paths.config, paths.socket]).unwrap_or_default();
    let claude = std::env::var_os("CLAUDE_CONFIG_DIR").map(PathBuf::from);
    let named = ccmon.into_iter().chain(claude).filter(|path| path.is_absolute() && path.parent().is_some());
    let mut own: Vec<String> = named
        .flat_map(|path| [real(&path, DEEPEST), Some(path)])
        .filter_map(|path| Some(path?.to_str()?.trim_end_matches('/').to_owned()))
        .collect();
    own.sort();
    own.dedup();
    own
}

/// Every folder that the line comes to, the first being where it begins.
fn folders(cwd: &Path, line: Option<&Line>, place: &mut Place) -> Vec<PathBuf> {
    let mut folders = vec![cwd.to_owned()];
    for command in line.into_iter().flat_map(|line| &line.commands) {
        let words: Vec<&str> = command.argv.iter().filter_map(|word| word.text.as_deref()).collect();
        let Some(at) = words.iter().take(4).position(|word| matches!(*word, "cd" | "pushd" | "chdir")) else {
            continue;
        };
        for to in words[at + 1..].iter().filter(|word| !word.starts_with('-')) {
            for from in folders.clone() {
                let folder = resolve(to, &from, &place.home).and_then(|path| real(&path, DEEPEST));
                folders.extend(folder.filter(|folder| !folders.contains(folder)));
                // Each may double them.
                if folders.len() > MOST_FOLDERS {
                    place.partial = true;
                    folders.truncate(MOST_FOLDERS);
                }
            }
        }
    }
    folders
}

/// Where a relative word leads from the other folders, and what it finds in each when it is a glob.
fn from_folders(written: &str, glob: bool, folders: &[PathBuf], left: &mut Left, place: &mut Place) {
    let mut also = Vec::new();
    for (at, folder) in folders.iter().enumerate() {
        let found = if glob { globs::find(folder, written, left) } else { Some(Vec::new()) };
        place.partial |= found.is_none();
        let itself = (at > 0).then(|| folder.join(written));
        for path in found.unwrap_or_default().into_iter().chain(itself) {
            let plain = paths::resolve(&path.to_string_lossy(), "/", place);
            match real(&path, DEEPEST).and_then(|lead| lead.to_str().map(str::to_owned)) {
                Some(lead) => {
                    // Neither the text nor a rule that fits it says so.
                    place.partial |=
                        lead != plain && !paths::under(&lead, &place.project) || glob && is_odd(&lead, place);
                    also.push(lead);
                }
                // Nobody can say where a name that a glob finds leads to.
                None => place.partial |= glob,
            }
        }
    }
    if !also.is_empty() {
        place.also.insert(written.to_owned(), also);
    }
}

/// Nothing that a `*` should find without a word.
fn is_odd(lead: &str, place: &Place) -> bool {
    let target = paths::target(lead, &[], place);
    target.secret || target.guard.is_some_and(|guard| guard >= Guard::Vcs)
}

/// The root of the repository, or the directory itself. A home under version control is no project.
pub(super) fn project<'a>(cwd: &'a Path, home: &str) -> &'a Path {
    let root = cwd.ancestors().find(|dir| dir.join(".git").symlink_metadata().is_ok());
    root.filter(|root| *root != Path::new(home) && root.parent().is_some()).unwrap_or(cwd)
}

/// Every path that the call names, as written, once, and whether the shell takes it for a glob; one more
/// than are looked up, when there are more.
fn written(question: &Question, line: Option<&Line>) -> BTreeMap<String, bool> {
    let fields = ["file_path", "notebook_path", "path"].into_iter();
    let named = fields.filter_map(|field| Some((question.input.get(field)?.as_str()?, false)));
    let words = line.into_iter().flat_map(|line| &line.commands).flat_map(|command| {
        let redirects = command.redirects.iter().filter_map(|redirect| match &redirect.kind {
            RedirectKind::Read(word) | RedirectKind::Write(word) => Some(word),
            RedirectKind::Duplicate | RedirectKind::Here { .. } => None,
        });
        command.argv.iter().skip(1).chain(redirects)
    });
    let mut found = BTreeMap::new();
    for (path, glob) in named.chain(words.flat_map(paths_in)).filter(|(path, _)| !path.is_empty()) {
        *found.entry(path.to_owned()).or_default() |= glob;
        if found.len() > MOST {
            break;
        }
    }
    found
}

/// The path that a word is, or that comes behind a mark in it: `--file=x`, `if=x`, `-fx`.
fn paths_in(word: &Word) -> impl Iterator<Item = (&str, bool)> {
    let text = word.text.as_deref().unwrap_or_default();
    let whole = (!text.starts_with('-')).then_some(text);
    let value = text.split_once('=').map(|(_, value)| value);
    let short = text.strip_prefix('-').filter(|rest| !rest.starts_with('-') && value.is_none());
    let attached = short.and_then(|rest| rest.get(1..));
    let glob = word.expands && names::is_glob(text);
    whole.map(|text| (text, glob)).into_iter().chain(value.or(attached).map(|text| (text, false)))
}

pub(super) fn resolve(written: &str, cwd: &Path, home: &str) -> Option<PathBuf> {
    match written.strip_prefix('~') {
        Some("") => Some(home.into()),
        Some(rest) => rest.strip_prefix('/').map(|rest| Path::new(home).join(rest)),
        None => Some(cwd.join(written)),
    }
}

/// The path with every link followed; of what is not there yet, as far as it is.
pub(super) fn real(path: &Path, depth: usize) -> Option<PathBuf> {
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

    /// What is known of `command` in the folder `shop` of a fresh one, which has keys and links to them.
    fn looked(command: &str, cwd: &str) -> Place {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in ["shop/.git", "shop/sub/deep", "shop/many", "keys/.ssh"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["shop/README", "shop/Makefile", "shop/sub/a.rs", "keys/.ssh/id_rsa", "keys/plain"] {
            std::fs::write(root.join(file), "").unwrap();
        }
        (0..300).for_each(|i| std::fs::write(root.join(format!("shop/many/{i}")), "").unwrap());
        symlink(root.join("keys/.ssh/id_rsa"), root.join("shop/lnk")).unwrap();
        symlink(root.join("keys/plain"), root.join("shop/sub/lnk2")).unwrap();
        let question = Question {
            tool: "Bash".into(),
            input: Arc::new(json!({ "command": command })),
            cwd: root.join(cwd).to_string_lossy().into_owned(),
            away: false,
        };
        place(&question, shell::parse(command).ok().as_ref())
    }

    #[test]
    fn what_globs_find_and_other_folders_hold_is_looked_up() {
        for command in [
            "cat ln*",
            "cat *",
            "cat s*/lnk2*",
            "cd sub && cat lnk2",
            "cd sub && cat ln*",
            "cd sub/deep && cat ../lnk2",
            "ls many/*",
            "(cd sub; cat lnk2)",
        ] {
            assert!(looked(command, "shop").partial, "{command}");
        }
        for command in
            ["cat M*", "ls sub/*.rs", "cat 'ln*'", "cd sub && cat a.rs", "cd sub && ls", "git add R*", "cat no*"]
        {
            assert!(!looked(command, "shop").partial, "{command}");
        }
        let place = looked("cat ln*", "shop");
        assert!(paths::target("ln*", std::slice::from_ref(&place.cwd), &place).secret);
    }

    #[test]
    fn more_words_than_are_looked_up_are_said_to_be() {
        let many: Vec<String> = (0..MOST).map(|i| format!("w{i}")).collect();
        assert!(!looked(&format!("cat {}", many.join(" ")), "shop").partial);
        assert!(looked(&format!("cat {} lnk", many.join(" ")), "shop").partial);
        let place = looked(&format!("cat {} lnk", "README ".repeat(MOST + 1)), "shop");
        assert!(!place.partial && place.real.contains_key("lnk"));
    }

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
            away: false,
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
