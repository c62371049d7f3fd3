//! What calls have in common that are not the same: the first words of a command, the folder of a file.

use super::Seen;
use crate::rules::cover::Looked;
use crate::rules::input::{self, Input};
use crate::rules::lint::RUNNERS;
use crate::rules::pure::is_pure;
use crate::rules::{Call, Kind, pattern};

/// Programs whose second word says what they do, and the second words whose third does.
const VERBS: [(&str, &[&str]); 22] = [
    ("git", &["stash", "remote", "worktree", "submodule", "bisect", "notes", "config"]),
    ("gh", &["pr", "issue", "run", "repo", "release", "workflow", "api", "gist", "auth", "secret"]),
    ("cargo", &["xtask"]),
    ("npm", &["run", "run-script"]),
    ("pnpm", &["run"]),
    ("yarn", &["run", "workspace"]),
    ("go", &["mod", "work"]),
    ("make", &[]),
    ("just", &[]),
    ("task", &[]),
    ("pip", &[]),
    ("pip3", &[]),
    ("poetry", &[]),
    ("rustup", &["toolchain", "component", "target"]),
    ("dotnet", &["tool", "package"]),
    ("systemctl", &[]),
    ("brew", &["services"]),
    ("terraform", &["state", "workspace"]),
    ("helm", &["repo"]),
    ("bazel", &[]),
    ("gradle", &[]),
    ("mvn", &[]),
];

/// What calls of one suggestion have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// The words that say what a command does.
    Words(Vec<String>),
    /// The real folder of a file.
    Folder(String),
}

/// The shape of a call; `None` for one that is only ever taken to the letter.
pub fn of(call: &Call<'_>) -> Option<Shape> {
    if call.tool == "Bash" {
        return verb(&argv(call)?).map(Shape::Words);
    }
    match input::of(call.tool, call.input, call.place)? {
        Input::Path(path) if !matches!(call.tool, "Grep" | "Glob") => folder(&path, call).map(Shape::Folder),
        Input::Path(_) | Input::Host(_) | Input::Text(_) => None,
    }
}

/// The pattern for calls of one shape.
pub fn draft(shape: &Shape, group: &[&Seen<'_>]) -> Option<(Kind, String)> {
    match shape {
        Shape::Folder(folder) => Some((Kind::Glob, format!("{}/*", globset::escape(folder)))),
        Shape::Words(verb) => {
            let all: Vec<Vec<&str>> = group.iter().filter_map(|row| argv(&row.call)).collect();
            let first = all.first()?;
            if all.iter().all(|argv| argv == first) {
                // The same command, with other company: `… | head`, `… 2>&1`.
                return Some((Kind::Literal, pattern::joined(first)));
            }
            let alike = |at: usize| all.iter().all(|argv| argv.get(at) == first.get(at));
            let common = (0..first.len()).take_while(|at| alike(*at) && is_word(first[*at])).count();
            let text = first[..common].join(" ");
            // After `--` or `src/` a star would look like the rest of that word.
            let space = if text.ends_with(char::is_alphanumeric) { "" } else { " " };
            (common >= verb.len()).then(|| (Kind::Glob, format!("{text}{space}*")))
        }
    }
}

/// The one command of a line that does something: a rule for it covers the line.
fn argv<'a>(call: &Call<'a>) -> Option<Vec<&'a str>> {
    let line = call.line?.as_ref().ok()?;
    let mut working = line.commands.iter().filter(|command| !is_pure(command, &Looked::at(command), call.place));
    let (command, None) = (working.next()?, working.next()) else {
        return None;
    };
    command.argv.iter().map(|word| word.text.as_deref()).collect()
}

/// The words that have to stay: the program, and what says which of its works it does.
fn verb(argv: &[&str]) -> Option<Vec<String>> {
    let program = *argv.first()?;
    if RUNNERS.contains(&program.rsplit('/').next().unwrap_or_default()) {
        return None;
    }
    let deep = VERBS.iter().find(|(name, _)| *name == program).map(|(_, deep)| *deep);
    let count = match deep {
        None => 1,
        Some(deep) if deep.contains(argv.get(1)?) => 3,
        Some(_) => 2,
    };
    let words = argv.get(..count)?;
    let fixed = words.iter().all(|word| is_word(word) && !word.starts_with('-'));
    fixed.then(|| words.iter().map(|word| (*word).to_owned()).collect())
}

/// Whether a glob can say this very word.
fn is_word(word: &str) -> bool {
    !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || "*'\"<>&|;".contains(c))
}

/// A file's folder, when it is part of the project.
fn folder(path: &str, call: &Call<'_>) -> Option<String> {
    let (folder, _) = path.rsplit_once('/')?;
    let project = Some(call.place.project.as_str()).filter(|project| project.len() > 1)?;
    let inside = folder.strip_prefix(project).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    (inside && project != call.place.home).then(|| folder.to_owned())
}
