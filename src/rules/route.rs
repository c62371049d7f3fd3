//! The folders that a line comes to.

use super::pure::goes_to;
use super::risk::Place;
use super::shell::{Line, Simple};

/// Where the commands of a line may run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Every folder that it may be in, as far as they are known.
    pub folders: Vec<String>,
    /// It leaves the project, or goes where nobody can say.
    pub leaves: bool,
}

impl Route {
    /// Follows every `cd`.
    #[must_use]
    pub fn of(line: &Line, place: &Place) -> Self {
        let mut route = Self { folders: vec![place.cwd.clone()], leaves: false };
        let mut moved = false;
        for command in line.commands.iter().filter(|command| moves(command)) {
            let words: Vec<&str> = command.argv.iter().filter_map(|word| word.text.as_deref()).collect();
            let to = match words.as_slice() {
                ["cd", to] if words.len() == command.argv.len() && !command.argv[1].expands => *to,
                _ => "",
            };
            // What is relative was looked up from where the line begins.
            let known = to.starts_with('/') || !moved;
            match goes_to(to, place).filter(|_| known) {
                Some(folder) => route.folders.push(folder),
                None => route.leaves = true,
            }
            moved = true;
        }
        route
    }
}

fn moves(command: &Simple) -> bool {
    let names = command.argv.iter().filter_map(|word| word.text.as_deref()).take(4);
    names.take_while(|word| !word.starts_with('/')).any(|name| matches!(name, "cd" | "pushd" | "popd" | "chdir"))
}
