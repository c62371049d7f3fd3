//! Programs that run code: shells, scripting languages, and tools with a language inside.

use super::call::{Arg, Call, Known};
use super::deception::shown;
use super::scene::{Fact, Scene};
use super::value::{Category, Scope};
use super::walk::{self, Handler};

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("sh", shell), ("bash", shell), ("zsh", shell), ("dash", shell), ("ksh", shell), ("fish", shell),
    ("ash", shell), ("rbash", shell), ("csh", shell), ("tcsh", shell), ("pwsh", shell), ("eval", eval),
    ("source", source), (".", source), ("alias", later), ("trap", later), ("hash", hash), ("enable", changes),
    ("export", export), ("declare", export), ("typeset", export), ("readonly", export), ("set", set),
    ("shopt", set), ("unalias", changes), ("complete", changes), ("bind", changes), ("mapfile", callback),
    ("readarray", callback), ("python", language), ("python2", language), ("python3", language), ("pypy", language),
    ("pypy3", language), ("node", language), ("nodejs", language), ("ruby", language), ("perl", language),
    ("php", language), ("lua", language), ("luajit", language), ("rscript", language), ("osascript", language),
    ("tclsh", language), ("expect", language), ("julia", language), ("ghci", language), ("irb", language),
    ("ipython", language), ("tsx", language), ("ts-node", language), ("groovy", language), ("scala", language),
    ("elixir", language), ("guile", language), ("emacs", language), ("vim", language), ("vi", language),
    ("nvim", language), ("nano", language), ("java", language), ("awk", awk), ("gawk", awk), ("mawk", awk),
    ("nawk", awk),
];

fn shell(scene: &mut Scene<'_>, call: &Call<'_>) {
    if let Some((text, arg, fed)) = command_text(call) {
        if arg.known == Known::Yes && !fed {
            return walk::script(scene, &text, &arg.span);
        }
        scene.fact(call.index, &call.span, Fact::RunsInput);
        return scene.high(Category::Interpreter, &call.span, "Runs shell commands that are only known when it runs.");
    }
    let takes = ["-o", "-O", "--rcfile", "--init-file"];
    if call.has(&["--rcfile", "--init-file"]) {
        scene.high(Category::Interpreter, &call.span, "Runs a file before anything else.");
    }
    match call.operands(&takes).first() {
        Some(file) if file.text == "-" || call.args.iter().any(|a| a.is("-s")) => input(scene, call),
        Some(file) => file_of(scene, call, file),
        None => input(scene, call),
    }
}

/// The text of `-c`; whether it is filled in by `xargs` and the like.
fn command_text(call: &Call<'_>) -> Option<(String, Arg, bool)> {
    let at = call.args.iter().position(|a| {
        a.text.starts_with('-') && !a.text.starts_with("--") && a.text.contains('c') || a.is("--command")
    })?;
    let fed = Arg::fed(&call.args[at].span);
    let arg = call.args[at + 1..].iter().find(|a| !a.is_option()).unwrap_or(&fed).clone();
    let is_fed = arg.known == Known::Fed;
    Some((arg.text.clone(), arg, is_fed))
}

fn input(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::RunsInput);
    let here = call.simple.redirects.iter().find_map(|r| match &r.kind {
        crate::rules::shell::RedirectKind::Here { text, .. } => Some((text.clone(), r.span.clone())),
        _ => None,
    });
    match here {
        Some((Some(text), span)) if is_shell(&call.name) => walk::script(scene, &text, &span),
        _ if call.simple.place.reads_from.is_some() => {
            scene.high(
                Category::Interpreter,
                &call.span,
                "Runs whatever the command before it prints, unseen; save it and read it first.",
            );
        }
        Some(_) => scene.high(Category::Interpreter, &call.span, "Runs code that is given as text."),
        None => scene.high(
            Category::Interpreter,
            &call.span,
            "Opens a shell or an interpreter that runs whatever it is given.",
        ),
    }
}

fn is_shell(name: &str) -> bool {
    name.ends_with("sh") && name != "pwsh" && name != "tclsh"
}

fn file_of(scene: &mut Scene<'_>, call: &Call<'_>, file: &Arg) {
    scene.fact(call.index, &file.span, Fact::RunsFile(file.text.clone()));
    let target = scene.target(&file.text);
    let name = shown(&file.text);
    if file.known == Known::Code {
        scene.fact(call.index, &file.span, Fact::RunsInput);
        scene.high(Category::Interpreter, &file.span, "Runs code that another command produces, unseen.");
    } else if file.known != Known::Yes {
        scene.medium(Category::Dynamic, &file.span, "Runs a file that is only known when it runs.");
    } else if target.scope == Scope::Project {
        scene.medium(
            Category::Unknown,
            &file.span,
            format!("Runs the file {name} of this project; what it does is not known here."),
        );
    } else {
        scene.high(Category::Interpreter, &file.span, format!("Runs the file {name}, which is outside the project."));
    }
}

fn eval(scene: &mut Scene<'_>, call: &Call<'_>) {
    let text: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
    scene.high(Category::Interpreter, &call.span, "Runs text as shell commands.");
    scene.fact(call.index, &call.span, Fact::RunsInput);
    if call.args.iter().all(|a| a.known == Known::Yes) {
        walk::script(scene, &text.join(" "), &call.span);
    }
}

fn source(scene: &mut Scene<'_>, call: &Call<'_>) {
    match call.args.first() {
        Some(file) => {
            scene.medium(
                Category::Dynamic,
                &call.span,
                "Runs a file within this shell, which may change what later commands mean.",
            );
            file_of(scene, call, file);
        }
        None => changes(scene, call),
    }
}

fn changes(scene: &mut Scene<'_>, call: &Call<'_>) {
    if !call.args.is_empty() && !call.args.iter().all(|a| matches!(a.text.as_str(), "-p" | "-l")) {
        scene.medium(Category::Dynamic, &call.span, "Changes what later commands in this line mean.");
    }
}

/// `alias`, `trap`: shell text that runs later.
fn later(scene: &mut Scene<'_>, call: &Call<'_>) {
    changes(scene, call);
    for arg in call.args.iter().filter(|a| a.known == Known::Yes && !a.is_option()) {
        let text = if call.name == "alias" { arg.text.split_once('=').map_or("", |(_, v)| v) } else { &arg.text };
        if text.contains(' ') {
            walk::script(scene, text, &arg.span);
        }
    }
}

fn hash(scene: &mut Scene<'_>, call: &Call<'_>) {
    if call.has(&["-p"]) {
        return scene.high(Category::Interpreter, &call.span, "Makes a program's name stand for another file.");
    }
    changes(scene, call);
}

fn callback(scene: &mut Scene<'_>, call: &Call<'_>) {
    changes(scene, call);
    if let Some((text, arg)) = call.value(&["-C"]) {
        scene.high(Category::Interpreter, &arg.span, "Runs a command for the lines that it reads.");
        walk::script(scene, &text, &arg.span);
    }
}

const HARMLESS: &[&str] = &["NO_COLOR", "FORCE_COLOR", "CI", "LANG", "TERM", "TZ", "COLUMNS", "RUST_BACKTRACE"];

fn export(scene: &mut Scene<'_>, call: &Call<'_>) {
    for arg in call.args.iter().filter(|a| !a.is_option()) {
        let name = arg.text.split('=').next().unwrap_or_default();
        if ["LD_PRELOAD", "BASH_ENV", "PROMPT_COMMAND", "IFS", "GIT_SSH_COMMAND", "ENV", "NODE_OPTIONS"].contains(&name)
            || call.args[0].is("-f")
        {
            scene.high(
                Category::Interpreter,
                &arg.span,
                format!("Sets {}, which can make later commands run other code.", shown(name)),
            );
        } else if !HARMLESS.contains(&name) {
            scene.medium(Category::Dynamic, &arg.span, format!("Sets {} for the commands after it.", shown(name)));
        }
    }
}

fn set(scene: &mut Scene<'_>, call: &Call<'_>) {
    let plain = call
        .args
        .iter()
        .all(|a| matches!(a.text.as_str(), "-e" | "-u" | "-eu" | "-o" | "pipefail" | "-euo" | "+e" | "-f" | "-C"));
    if !plain {
        scene.medium(Category::Dynamic, &call.span, "Changes how the shell treats the commands after it.");
    }
}

/// Options by which a language takes its code from the command line.
#[rustfmt::skip]
const CODE: &[(&str, &[&str])] = &[
    ("python", &["-c"]), ("pypy", &["-c"]), ("ipython", &["-c"]),
    ("node", &["-e", "-p", "--eval", "--print", "-r", "--require", "--import", "-pe", "--loader"]),
    ("ruby", &["-e", "-r"]), ("perl", &["-e", "-E", "-M", "-i"]), ("php", &["-r", "-B", "-R", "-d"]),
    ("lua", &["-e", "-l"]), ("rscript", &["-e"]), ("osascript", &["-e"]), ("expect", &["-c"]),
    ("julia", &["-e", "-E"]), ("emacs", &["--eval", "-l", "-f", "--batch"]), ("vi", &["-c", "-S", "--cmd"]),
    ("nvim", &["-c", "-S", "--cmd", "-l"]), ("tsx", &["-e"]), ("ts-node", &["-e"]), ("groovy", &["-e"]),
    ("scala", &["-e"]), ("elixir", &["-e"]), ("guile", &["-c"]), ("java", &["-javaagent", "-agentpath"]),
];

/// Modules of Python that only look at what they are given.
const MODULES: &[&str] = &["json.tool", "this", "platform", "sysconfig", "calendar", "tokenize", "ast", "dis"];
#[rustfmt::skip]
const TEST_MODULES: &[&str] = &[
    "pytest", "unittest", "mypy", "ruff", "black", "flake8", "pylint", "venv", "compileall", "py_compile", "timeit",
    "doctest", "coverage", "tox", "nox", "build", "isort",
];

fn language(scene: &mut Scene<'_>, call: &Call<'_>) {
    let asked = call.args.len() == 1
        && matches!(call.args[0].text.as_str(), "-V" | "-v" | "--version" | "-version" | "-h" | "--help" | "-VV");
    if asked {
        return;
    }
    let family = call.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let family = match family {
        "vim" => "vi",
        "nodejs" => "node",
        "luajit" => "lua",
        other => other,
    };
    let options = CODE.iter().find(|(name, _)| *name == family).map_or(&[][..], |(_, o)| *o);
    let own = call.args.iter().take_while(|a| a.is_option() || family == "vi").count();
    if let Some(arg) = call.with(&call.args[..own.max(1).min(call.args.len())]).option(options) {
        return scene.high(
            Category::Interpreter,
            &arg.span,
            format!("Runs {family} code that is given as text, which can do anything you can."),
        );
    }
    if let (true, Some((module, arg))) = (family == "python" || family == "pypy", call.value(&["-m"])) {
        return run_module(scene, call, &module, arg);
    }
    if family == "node" && call.args.first().is_some_and(|a| a.is("--check") || a.is("-c") || a.is("--test")) {
        return scene.medium(Category::Build, &call.span, "Checks or tests a file of the project.");
    }
    match call.operands(options).first() {
        Some(file) if file.text != "-" => file_of(scene, call, file),
        _ => input(scene, call),
    }
}

fn run_module(scene: &mut Scene<'_>, call: &Call<'_>, module: &str, arg: &Arg) {
    let at = call.args.iter().position(|a| a == arg).unwrap_or(0);
    if MODULES.contains(&module) {
        let takes = ["-m", "--indent"];
        let files = call.operands(&takes);
        for (nth, file) in files.into_iter().enumerate() {
            // The second file of json.tool is what it writes.
            if module == "json.tool" && nth > 0 { scene.write(file) } else { scene.read(call.index, file) }
        }
        return;
    }
    if TEST_MODULES.contains(&module) {
        return scene.medium(
            Category::Build,
            &call.span,
            "Builds or tests the project, and so runs whatever code is in it.",
        );
    }
    if module == "http.server" {
        return scene.high(Category::Upload, &call.span, "Offers the files of this folder to other machines.");
    }
    if module == "pip" {
        if let Some(inner) = Call::of(&call.args[at..], call.simple, call.index) {
            walk::call(scene, &inner);
        }
        return;
    }
    scene.medium(
        Category::Unknown,
        &arg.span,
        format!("Runs the module {}; what it does is not known here.", shown(module)),
    );
}

fn awk(scene: &mut Scene<'_>, call: &Call<'_>) {
    let takes = ["-F", "-v", "-f", "--field-separator", "--assign", "--file", "-i", "-l", "-e", "--source"];
    let mut files = call.operands(&takes);
    for file in call.args.iter().filter_map(awk_writes) {
        scene.write(&file);
    }
    if call.has(&["-f", "--file", "-i", "--include", "-l", "--load", "-E", "--exec", "-W"]) {
        scene.medium(Category::Unknown, &call.span, "Runs an awk program from a file; what it does is not known here.");
    } else if !files.is_empty() {
        awk_program(scene, files.remove(0));
    }
    for file in files.into_iter().filter(|f| !f.text.contains('=')) {
        scene.read(call.index, file);
    }
}

/// The file of `-oFILE`, `-dFILE`, `-pFILE` and their long names.
fn awk_writes(arg: &Arg) -> Option<Arg> {
    let long = |text: &str| {
        let (name, file) = text.strip_prefix("--")?.split_once('=')?;
        let writes = ["pretty-print", "dump-variables", "profile"];
        writes.iter().any(|option| option.starts_with(name)).then(|| file.to_owned())
    };
    let short = |text: &str| ["-o", "-d", "-p"].iter().find_map(|option| text.strip_prefix(option)).map(str::to_owned);
    let file = long(&arg.text).or_else(|| short(&arg.text)).filter(|file| !file.is_empty())?;
    Some(Arg { text: file, ..arg.clone() })
}

fn awk_program(scene: &mut Scene<'_>, program: &Arg) {
    let text = without_strings(&program.text);
    if program.known != Known::Yes {
        return scene.high(Category::Interpreter, &program.span, "Runs awk code that is only known when it runs.");
    }
    if text.contains("system(")
        || text.contains("system (")
        || text.replace("||", "").contains('|')
        || text.contains("@load")
    {
        scene.high(Category::Interpreter, &program.span, "Makes awk run other commands.");
    } else if text.split("print").skip(1).any(is_redirected) {
        scene.high(Category::Write, &program.span, "Makes awk write to a file.");
    }
}

/// Whether what follows `print` goes to a file: a `>` that is in no brackets is no comparison.
fn is_redirected(print: &str) -> bool {
    let mut depth = 0_i32;
    for c in print.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '>' if depth <= 0 => return true,
            '}' | ';' | '\n' if depth <= 0 => return false,
            _ => {}
        }
    }
    false
}

/// The program without what stands in quotes or between slashes.
fn without_strings(text: &str) -> String {
    let (mut out, mut quote, mut escaped) = (String::new(), None, false);
    // What stands last before it says whether a slash divides; looking back each time would be slow.
    let mut last = None;
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if c == '"' => quote = Some('"'),
            None if c == '/' && last.is_none_or(|c| matches!(c, '~' | '(' | ',' | '!' | '{' | '|' | '&')) => {
                quote = Some('/');
            }
            None => {
                out.push(c);
                last = if c.is_whitespace() { last } else { Some(c) };
            }
        }
    }
    out
}
