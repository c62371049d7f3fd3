//! What is harmless part by part and dangerous as a whole.

use super::call::Arg;
use super::paths;
use super::scene::{Fact, Scene};
use super::value::{Category, Finding, Level, Scope};
use crate::rules::shell::{Line, Span};

/// Looks at the facts of a whole line.
pub fn look(scene: &mut Scene<'_>, line: &Line) {
    let facts = std::mem::take(&mut scene.facts);
    let all = |wanted: fn(&Fact) -> bool| facts.iter().filter(move |(_, _, f)| wanted(f)).collect::<Vec<_>>();
    let runs = all(|f| matches!(f, Fact::RunsInput));
    if let (Some((_, span, _)), false) =
        (all(|f| matches!(f, Fact::Secret)).first(), all(|f| matches!(f, Fact::Network)).is_empty())
    {
        let text = "Reads a secret and talks to another machine in the same line, so the secret can leave this one.";
        scene.push(Finding::new(Category::Combination, Level::High, span, text).undo(false).scope(Scope::Remote));
    }
    for (index, span, _) in all(|f| matches!(f, Fact::Download(None))) {
        if runs.iter().any(|(to, ..)| flows(line, *index, *to)) {
            add(
                scene,
                span,
                "Runs what comes from the network at once, without anybody having read it; download it to a file and look first.",
            );
        }
    }
    for (index, span, _) in all(|f| matches!(f, Fact::Decode)) {
        if runs.iter().any(|(to, ..)| flows(line, *index, *to)) {
            add(scene, span, "Decodes hidden text and runs it, so that nobody can see what runs.");
        }
    }
    for (_, span, fact) in &facts {
        let Fact::Download(Some(file)) = fact else { continue };
        if facts.iter().any(|(_, _, other)| matches!(other, Fact::RunsFile(run) if same_file(scene, file, run))) {
            add(scene, span, "Downloads a program and runs it in the same line; look at the file first.");
        }
    }
    written_then_run(scene, line, &facts);
    super::fed::names(scene, line);
}

fn add(scene: &mut Scene<'_>, span: &Span, text: &str) {
    scene.high(Category::Combination, span, text);
}

fn same_file(scene: &Scene<'_>, a: &str, b: &str) -> bool {
    !a.is_empty()
        && scene.cwds.iter().any(|cwd| paths::resolve(a, cwd, scene.place) == paths::resolve(b, cwd, scene.place))
        || a == b
}

/// `curl … > file; sh file`: a redirect is a download as well.
fn written_then_run(scene: &mut Scene<'_>, line: &Line, facts: &[(usize, Span, Fact)]) {
    for (index, span, fact) in facts {
        if !matches!(fact, Fact::Download(None) | Fact::Decode) {
            continue;
        }
        let Some(simple) = line.commands.get(*index) else { continue };
        for redirect in &simple.redirects {
            let crate::rules::shell::RedirectKind::Write(word) = &redirect.kind else { continue };
            let file: Arg = Arg::of(word, scene.line, &scene.place.home, &scene.place.cwd);
            let run = |(_, _, other): &(usize, Span, Fact)| matches!(other, Fact::RunsFile(run) if same_file(scene, &file.text, run));
            if facts.iter().any(run) {
                add(
                    scene,
                    span,
                    "Writes a program that comes from outside and runs it in the same line; look at the file first.",
                );
            }
        }
    }
}

/// Whether the output of one command becomes the input of another: through pipes, or as a substitution.
fn flows(line: &Line, from: usize, to: usize) -> bool {
    let Some(source) = line.commands.get(from) else { return false };
    let mut at = to;
    for _ in 0..line.commands.len() {
        if at == from {
            return true;
        }
        let Some(before) = line.commands.get(at).and_then(|c| c.place.reads_from) else { break };
        at = before;
    }
    let target = line.commands.get(to).map(|c| c.span.clone()).unwrap_or_default();
    source.place.substituted && target.start <= source.span.start && source.span.end <= target.end
}
