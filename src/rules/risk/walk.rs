//! Goes through a line, command by command.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::call::{Arg, Call, Known};
use super::deception::shown;
use super::rough::rough;
use super::scene::{Fact, Scene};
use super::value::{Category, Finding};
use super::{
    archives, cloud, combine, containers, control, databases, files, git, interpreters, network, packages, privilege,
    tellers, verbs, wrappers,
};
use crate::rules::shell::{Assignment, Line, RedirectKind, Simple, Span, Unparsed};

/// What knows a program.
pub type Handler = fn(&mut Scene<'_>, &Call<'_>);

/// Texts within texts within texts: nobody writes more of them by hand.
const DEEPEST: usize = 6;
/// `sudo nice timeout 5 env …`: more would only fill the stack.
const MOST_WRAPPERS: usize = 24;

#[rustfmt::skip]
const FAMILIES: &[&[(&str, Handler)]] = &[
    wrappers::PROGRAMS, files::PROGRAMS, archives::PROGRAMS, git::PROGRAMS, network::PROGRAMS, packages::PROGRAMS, privilege::PROGRAMS,
    interpreters::PROGRAMS, containers::PROGRAMS, cloud::PROGRAMS, databases::PROGRAMS,
];

/// Who knows a program, by its name; of two that do, the first.
static HANDLERS: LazyLock<BTreeMap<&str, Handler>> =
    LazyLock::new(|| FAMILIES.iter().rev().flat_map(|family| family.iter().rev().copied()).collect());

/// Looks at everything that the scene's text would run.
pub fn text(scene: &mut Scene<'_>, parsed: &Result<Line, Unparsed>) {
    fork_bomb(scene);
    match parsed {
        Ok(parsed) => line(scene, parsed),
        Err(unparsed) => {
            let whole = 0..scene.line.len();
            let span = unparsed.span.clone().filter(|s| scene.line.get(s.clone()).is_some()).unwrap_or(whole);
            let why = if unparsed.why.is_empty() { "its form is unusual" } else { &unparsed.why };
            scene.medium(
                Category::Unparsed,
                &span,
                format!("This line cannot be read with certainty: {}.", shown(why)),
            );
            line(scene, &rough(scene.line));
        }
    }
}

fn line(scene: &mut Scene<'_>, parsed: &Line) {
    for (index, command) in parsed.commands.iter().enumerate() {
        simple(scene, command, index);
        // That it is too long was said; the rest would only say it again.
        if scene.words_left == 0 {
            break;
        }
    }
    combine::look(scene, parsed);
}

fn simple(scene: &mut Scene<'_>, command: &Simple, index: usize) {
    for assignment in &command.assignments {
        environment(scene, assignment);
    }
    let cwd = scene.cwds.last().cloned().unwrap_or_default();
    let argv: Vec<Arg> = command.argv.iter().map(|w| Arg::of(w, scene.line, &scene.place.home, &cwd)).collect();
    if let Some(found) = Call::of(&argv, command, index) {
        disguised(scene, &found);
        call(scene, &found);
    }
    hidden_code(scene, &argv);
    for redirect in &command.redirects {
        match &redirect.kind {
            RedirectKind::Read(word) => {
                let file = Arg::of(word, scene.line, &scene.place.home, &cwd);
                scene.read(index, &file);
                control::reached(scene, &file);
            }
            RedirectKind::Write(word) => scene.write(&Arg::of(word, scene.line, &scene.place.home, &cwd)),
            RedirectKind::Duplicate | RedirectKind::Here { .. } => {}
        }
    }
}

/// Looks at one command, which may stand inside a wrapper.
pub fn call(scene: &mut Scene<'_>, call: &Call<'_>) {
    let Some(left) = scene.words_left.checked_sub(call.args.len() + 1).filter(|_| scene.wrapped < MOST_WRAPPERS) else {
        scene.words_left = 0;
        return scene.high(Category::Unparsed, &call.span, "Too long, or too deep inside other commands, to follow.");
    };
    scene.words_left = left;
    scene.wrapped += 1;
    unwrapped(scene, call);
    scene.wrapped -= 1;
}

fn unwrapped(scene: &mut Scene<'_>, call: &Call<'_>) {
    let before = scene.findings.len();
    match call.program.known {
        Known::Yes => known(scene, call),
        Known::Code => scene.high(
            Category::Interpreter,
            &call.program.span,
            "Runs a program whose name another command makes up, so nobody can see which.",
        ),
        Known::Variable | Known::Fed => {
            scene.medium(
                Category::Dynamic,
                &call.program.span,
                "Runs a program whose name is only known when it runs.",
            );
        }
    }
    if verbs::PRINTS.contains(&call.name.as_str()) {
        return;
    }
    for arg in call.args.iter().filter(|a| matches!(a.known, Known::Variable | Known::Code)) {
        let covered =
            scene.findings[before..].iter().any(|f| f.span.start <= arg.span.start && arg.span.end <= f.span.end);
        if !covered {
            scene.medium(Category::Dynamic, &arg.span, "This part is only known when it runs.");
        }
    }
}

fn known(scene: &mut Scene<'_>, call: &Call<'_>) {
    if control::look(scene, call) {
        return;
    }
    let only = |names: &[&str]| call.args.len() == 1 && names.iter().any(|n| call.args[0].is(n));
    let found = HANDLERS.get(call.name.as_str());
    if !usual_folder(&call.program.text) {
        unknown(scene, call);
    }
    match found {
        Some(_) if only(&["--help", "--version"]) => {}
        Some(handler) => handler(scene, call),
        None if tellers::only_tells(call) => {}
        None if verbs::known(scene, call) || !usual_folder(&call.program.text) => {}
        None => {
            unknown(scene, call);
            // `A-B=2 git reset` is no assignment to bash; whoever wrote it meant one.
            if call.name.contains('=') {
                wrappers::plain(scene, call);
            }
        }
    }
}

/// Whether a program is named plainly, or by a folder that only the system fills: `/usr/bin/git`, not `./git`.
fn usual_folder(program: &str) -> bool {
    let folder = program.rsplit_once('/').map_or("/bin", |(folder, _)| folder);
    matches!(folder, "/bin" | "/usr/bin" | "/usr/local/bin" | "/sbin" | "/usr/sbin" | "/opt/homebrew/bin" | "/snap/bin")
}

fn unknown(scene: &mut Scene<'_>, call: &Call<'_>) {
    let program = &call.program.text;
    scene.fact(call.index, &call.span, Fact::RunsFile(program.clone()));
    let name = shown(program);
    let text = if program.contains('/') {
        format!("Runs the file {name}; what it does is not known here.")
    } else {
        format!("Runs {name}, a program that is not known here.")
    };
    let scope = if program.contains('/') { scene.target(program).scope } else { super::Scope::Unknown };
    scene.push(Finding::new(Category::Unknown, super::Level::Medium, &call.program.span, text).scope(scope));
}

/// Shell words that evaluate their arguments as arithmetic, where a subscript may run a command.
#[rustfmt::skip]
const EVALUATES: &[&str] = &[
    "let", "declare", "typeset", "local", "readonly", "export", "test", "[", "[[", "unset", "read", "printf",
    "mapfile", "readarray",
];

fn hidden_code(scene: &mut Scene<'_>, argv: &[Arg]) {
    let Some((program, args)) = argv.split_first() else { return };
    let evaluates = EVALUATES.contains(&program.text.as_str());
    for arg in args.iter().filter(|a| evaluates && a.known == Known::Yes) {
        if arg.text.contains('[') && (arg.text.contains("$(") || arg.text.contains('`')) {
            scene.high(Category::Interpreter, &arg.span, "Hides a command in a place where only a number is expected.");
        }
    }
}

/// A function that starts itself twice, `:(){ :|:& };:`, fills the machine with processes.
fn fork_bomb(scene: &mut Scene<'_>) {
    if !scene.line.contains('(') || !scene.line.contains('{') {
        return;
    }
    let dense: String = scene.line.chars().filter(|c| !c.is_whitespace()).collect();
    let bombs = dense.match_indices("(){").any(|(at, _)| {
        let name: String =
            dense[..at].chars().rev().take_while(|c| c.is_alphanumeric() || ":_.-".contains(*c)).collect();
        let name: String = name.chars().rev().collect();
        !name.is_empty() && dense[at..].contains(&format!("{name}|{name}&"))
    });
    if bombs {
        let text = "Starts itself over and over until the machine stops responding.";
        scene.high(Category::Privilege, &(0..scene.line.len()), text);
    }
}

/// A name that is written so that it does not look like itself: `r''m`, `$'\x72m'`.
fn disguised(scene: &mut Scene<'_>, call: &Call<'_>) {
    let Some(raw) = scene.line.get(call.program.span.clone()) else { return };
    let name = &call.program.text;
    if name.starts_with('{') && name.contains(',') {
        let text = "Makes a command out of a list in braces, so that its name does not stand where one looks.";
        scene.high(Category::Interpreter, &call.program.span, text);
    } else if call.program.known == Known::Yes && !name.is_ascii() {
        let text = format!("Runs {}, whose letters may only look like those of a known program.", shown(name));
        scene.high(Category::Deception, &call.program.span, text);
    }
    let inner = raw.trim_matches(['"', '\'']);
    let plain = inner == call.program.text || raw.strip_prefix('\\') == Some(&call.program.text);
    let escaped = raw.starts_with("$'") || raw.starts_with("$\"");
    let odd = escaped || !plain && raw.contains(['\'', '"', '\\']);
    if call.program.known == Known::Yes && odd {
        let text = format!("Runs {} under a spelling that hides its name.", shown(&call.program.text));
        scene.high(Category::Interpreter, &call.program.span, text);
    }
}

/// Variables that make the program after them run something else.
#[rustfmt::skip]
const RUNS_CODE: &[&str] = &[
    "LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "ENV", "PROMPT_COMMAND", "PS4", "GIT_SSH", "GIT_SSH_COMMAND",
    "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS", "PYTHONSTARTUP", "NODE_OPTIONS",
    "PERL5OPT", "PERL5LIB", "RUBYOPT", "RUSTC_WRAPPER", "RUSTC", "IFS", "SHELLOPTS", "BASHOPTS", "GIT_EXEC_PATH",
    "GIT_TEMPLATE_DIR", "LESSOPEN", "MANPAGER", "BROWSER", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM", "JAVA_TOOL_OPTIONS", "MAKEFLAGS", "PYTHONBREAKPOINT", "RUSTFLAGS", "DYLD_INSERT_LIBRARIES",
];
#[rustfmt::skip]
const CHANGES_LOOKUP: &[&str] = &[
    "PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "NODE_PATH", "HOME", "GIT_DIR", "GIT_WORK_TREE", "SHELL", "TMPDIR",
    "RUBYLIB",
];
const CHOOSES_PROGRAM: &[&str] = &["PAGER", "GIT_PAGER", "EDITOR", "VISUAL", "GIT_EDITOR", "GIT_SEQUENCE_EDITOR"];

fn environment(scene: &mut Scene<'_>, assignment: &Assignment) {
    let name = assignment.name.as_str();
    let value = assignment.value.text.as_deref().unwrap_or("\u{FFFD}");
    if CHOOSES_PROGRAM.contains(&name) && matches!(value, "" | "cat" | "less" | "true" | ":" | "more") {
        return;
    }
    let shell = name.starts_with("GIT_CONFIG_")
        || name.starts_with("BASH_FUNC_")
        || name.starts_with("CARGO_TARGET_") && name.ends_with("_RUNNER");
    if RUNS_CODE.contains(&name) || CHOOSES_PROGRAM.contains(&name) || shell {
        let text = format!("Sets {}, which can make the command after it run other code.", shown(name));
        scene.high(Category::Interpreter, &assignment.span, text);
    } else if CHANGES_LOOKUP.contains(&name) {
        let text = format!("Sets {}, which changes where programs and files are looked for.", shown(name));
        scene.medium(Category::Dynamic, &assignment.span, text);
    } else if assignment.value.text.is_none()
        && !scene.line.get(assignment.span.clone()).is_some_and(|raw| raw.contains("$("))
    {
        return;
    }
    control::mentions(scene, value, &assignment.span);
}

/// Looks at a shell text inside another: `sh -c '…'`.
pub fn script(scene: &mut Scene<'_>, inner: &str, outer: &Span) {
    if scene.depth >= DEEPEST {
        return scene.high(Category::Unparsed, outer, "Shell commands inside shell commands, too deep to follow.");
    }
    let parsed = (scene.parse)(inner);
    let mut within = Scene::new(inner, scene.place, scene.parse);
    within.depth = scene.depth + 1;
    within.words_left = scene.words_left;
    within.cwds.clone_from(&scene.cwds);
    text(&mut within, &parsed);
    let shift = scene.line.get(outer.clone()).and_then(|raw| raw.find(inner)).map(|at| outer.start + at);
    scene.words_left = within.words_left;
    for mut finding in within.findings {
        finding.span = shift.map_or_else(|| outer.clone(), |by| finding.span.start + by..finding.span.end + by);
        scene.findings.push(finding);
    }
}
