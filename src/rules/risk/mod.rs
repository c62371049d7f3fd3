//! What is dangerous in a request, and why.
//!
//! A hint for people, and a brake for rules. What is known about programs is in tables, one file for a
//! family; what is not known is never low. Wrappers are looked through generously, because here a
//! command found wrongly costs a warning, and one that is overlooked costs the files.

mod archives;
mod call;
mod cloud;
mod combine;
mod containers;
mod control;
mod databases;
mod deception;
mod fed;
mod files;
mod git;
mod git_config;
mod git_remote;
mod interpreters;
mod network;
mod packages;
pub mod paths;
mod privilege;
pub mod rough;
mod scene;
mod sed;
mod tellers;
mod tools;
mod value;
mod verbs;
mod walk;
mod wrappers;

pub use paths::Place;
pub use tools::tool;
pub use value::{Category, Finding, Level, Risk, Scope};

use super::shell::{Line, Unparsed};
use scene::Scene;

/// Reads a shell line: what is run inside of others (`sh -c '…'`) is text that has to be read as well.
pub type Parse<'a> = &'a dyn Fn(&str) -> Result<Line, Unparsed>;

/// The danger of a shell line. What could not be parsed is read roughly, never trusted, and still warned of.
#[must_use]
pub fn bash(line: &str, parsed: &Result<Line, Unparsed>, place: &Place, parse: Parse<'_>) -> Risk {
    // What the parser refuses may be of any length; of that, the beginning is enough to be warned.
    let end = if parsed.is_err() { line.floor_char_boundary(rough::LONGEST) } else { line.len() };
    let (line, rest) = line.split_at(end);
    let mut scene = Scene::new(line, place, parse);
    if !rest.is_empty() {
        scene.high(Category::Unparsed, &(0..line.len()), "Too long to be looked at to its end.");
    }
    deception::look(line, &mut scene.findings);
    walk::text(&mut scene, parsed);
    Risk::of(scene.findings)
}
