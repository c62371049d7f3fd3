//! What a command is given by its input: names for `xargs`, files for `patch`.

use super::call::{Arg, Call};
use super::scene::{Scene, guarded};
use super::value::Category;
use crate::rules::shell::{Line, RedirectKind, Simple};

/// Programs that only look at a file's name, size and rights.
const LOOKS: &[&str] =
    &["ls", "wc", "stat", "file", "echo", "printf", "basename", "dirname", "realpath", "readlink", "du"];

/// The text of here-documents and here-strings.
fn given(command: &Simple) -> impl Iterator<Item = &str> {
    command.redirects.iter().filter_map(|redirect| match &redirect.kind {
        RedirectKind::Here { text: Some(text), .. } => Some(text.as_str()),
        _ => None,
    })
}

/// `echo .env | xargs cat`: names of secrets in what is piped to it, or given as text.
pub fn names(scene: &mut Scene<'_>, line: &Line) {
    for (index, command) in line.commands.iter().enumerate() {
        let words: Vec<&str> = command.argv.iter().map(|word| word.sketch.as_str()).collect();
        let Some(at) = words.iter().position(|word| matches!(*word, "xargs" | "parallel")) else { continue };
        if words[at..].iter().any(|word| LOOKS.contains(word)) {
            continue;
        }
        let feeder = command.place.reads_from.and_then(|from| line.commands.get(from));
        let piped = feeder.into_iter().flat_map(|feeder| feeder.argv.iter().skip(1)).map(|word| word.sketch.as_str());
        let mut names = piped.chain(given(command)).flat_map(str::split_whitespace);
        let span = command.argv[at].span.clone();
        if let Some(name) = names.find(|name| scene.target(name).secret) {
            let file = Arg { text: name.to_owned(), ..Arg::fed(&span) };
            scene.read(index, &file);
        }
    }
}

/// The files that a patch changes when it is given as text.
pub fn patch(scene: &mut Scene<'_>, call: &Call<'_>) {
    let names: Vec<String> = given(call.simple)
        .flat_map(str::lines)
        .filter_map(|line| ["+++ ", "--- ", "rename to ", "copy to "].iter().find_map(|mark| line.strip_prefix(mark)))
        .map(|name| name.split('\t').next().unwrap_or_default().trim_matches('"').to_owned())
        .collect();
    for name in names {
        let inside = name.split_once('/').map_or(name.as_str(), |(_, rest)| rest);
        for path in [name.as_str(), inside] {
            let target = scene.target(path);
            scene.findings.extend(guarded(&target, &call.span, path));
            if name.split('/').any(|part| part == "..") {
                scene.high(Category::Write, &call.span, "Changes files outside the project.");
            }
        }
    }
}
