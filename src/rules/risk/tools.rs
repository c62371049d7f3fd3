//! The danger of Claude's own tools.

use serde_json::Value;

use super::call::{Arg, Known};
use super::control;
use super::deception::{self, shown};
use super::scene::Scene;
use super::value::{Category, Finding, Level, Risk};
use super::{Parse, Place, bash, network};
use crate::rules::shell::{Line, Unparsed};

/// The danger of a tool call.
///
/// The spans of a finding refer to the tool's main input: the command, path, address or pattern; for a
/// tool without one they are empty. `parsed` is the line of a `Bash` call when it was parsed already.
#[must_use]
pub fn tool(
    name: &str,
    input: &Value,
    place: &Place,
    parsed: Option<&Result<Line, Unparsed>>,
    parse: Parse<'_>,
) -> Risk {
    let text = |key: &str| input.get(key).and_then(Value::as_str);
    match name {
        "Bash" => match (text("command"), parsed) {
            (Some(line), Some(parsed)) => bash(line, parsed, place, parse),
            (Some(line), None) => bash(line, &parse(line), place, parse),
            (None, _) => malformed(),
        },
        "Edit" | "MultiEdit" | "Write" => file(text("file_path"), place, parse, &|scene, arg| scene.write(arg)),
        "NotebookEdit" => {
            file(text("notebook_path").or_else(|| text("file_path")), place, parse, &|scene, arg| scene.write(arg))
        }
        "Read" | "NotebookRead" => file(text("file_path").or_else(|| text("notebook_path")), place, parse, &looked_at),
        "Grep" | "Glob" | "LS" => search(name, input, place, parse),
        "WebFetch" => fetch(text("url")),
        "WebSearch" => asked(text("query")),
        "AskUserQuestion" | "ExitPlanMode" | "TodoWrite" | "EnterPlanMode" | "TaskList" | "TaskGet" => {
            Risk::of(Vec::new())
        }
        "Agent" | "Task" => one(
            Category::Unknown,
            Level::Medium,
            "Starts another agent; what it does is asked for again, step by step.",
        ),
        _ if name.starts_with("mcp__") => server(name),
        _ => one(Category::Unknown, Level::Medium, &format!("Uses {}, a tool that is not known here.", shown(name))),
    }
}

fn one(category: Category, level: Level, text: &str) -> Risk {
    Risk::of(vec![Finding::new(category, level, &(0..0), text)])
}

fn malformed() -> Risk {
    one(Category::Unparsed, Level::Medium, "The request does not have the form that is known for this tool.")
}

fn file(path: Option<&str>, place: &Place, parse: Parse<'_>, act: &dyn Fn(&mut Scene<'_>, &Arg)) -> Risk {
    let Some(path) = path.filter(|p| !p.is_empty()) else { return malformed() };
    let mut scene = Scene::new(path, place, parse);
    deception::look(path, &mut scene.findings);
    act(&mut scene, &Arg { text: path.to_owned(), span: 0..path.len(), known: Known::Yes, glob: false });
    Risk::of(scene.findings)
}

/// What ccmon and Claude keep for themselves is not even read without being asked.
fn looked_at(scene: &mut Scene<'_>, arg: &Arg) {
    scene.read(0, arg);
    control::mentions(scene, &arg.text, &arg.span);
}

/// The span is that of the pattern; a path that is read is named in the sentence.
fn search(name: &str, input: &Value, place: &Place, parse: Parse<'_>) -> Risk {
    let text = |key: &str| input.get(key).and_then(Value::as_str);
    let pattern = text("pattern").unwrap_or_default();
    let mut scene = Scene::new(pattern, place, parse);
    deception::look(pattern, &mut scene.findings);
    let span = 0..pattern.len();
    let folders = [text("path"), text("glob"), (name == "Glob").then_some(pattern)];
    for path in folders.into_iter().flatten() {
        looked_at(&mut scene, &Arg { text: path.to_owned(), span: span.clone(), known: Known::Yes, glob: true });
    }
    Risk::of(scene.findings)
}

fn fetch(address: Option<&str>) -> Risk {
    let Some(address) = address.filter(|a| !a.is_empty()) else { return malformed() };
    let mut findings = Vec::new();
    deception::look(address, &mut findings);
    network::url(address, &(0..address.len()), false, &mut findings);
    if ["localhost:7777", "127.0.0.1:7777", "ccmon://"].iter().any(|own| address.to_ascii_lowercase().contains(own)) {
        findings.push(Finding::new(
            Category::ControlPlane,
            Level::High,
            &(0..address.len()),
            "Reaches ccmon itself, which decides what may run without you.",
        ));
    }
    Risk::of(findings)
}

fn asked(query: Option<&str>) -> Risk {
    let Some(query) = query else { return malformed() };
    let mut findings = Vec::new();
    deception::look(query, &mut findings);
    findings.push(Finding::new(
        Category::NetworkRead,
        Level::Medium,
        &(0..query.len()),
        "Sends these words to a search engine.",
    ));
    Risk::of(findings)
}

fn server(name: &str) -> Risk {
    let mut parts = name.splitn(3, "__").skip(1);
    let (server, tool) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let text = format!("Uses {} of the server {}; what it does is not known here.", shown(tool), shown(server));
    let words: Vec<String> = tool.split(['_', '-']).map(str::to_ascii_lowercase).collect();
    let changes = [
        "delete", "remove", "drop", "execute", "exec", "run", "eval", "send", "publish", "deploy", "merge", "push",
        "write", "upload", "evaluate", "destroy",
    ];
    let level = if words.iter().any(|w| changes.contains(&w.as_str())) { Level::High } else { Level::Medium };
    one(Category::Unknown, level, &text)
}
