//! Builds, tests, package managers: they run the project's code, or bring in that of others.

use super::call::{Arg, Call, wants_next};
use super::scene::{Fact, Scene};
use super::value::Category;
use super::walk::{self, Handler};

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("npm", package), ("pnpm", package), ("yarn", package), ("bun", package), ("pip", package), ("pip3", package),
    ("uv", package), ("cargo", package), ("go", package), ("gem", package), ("bundle", package),
    ("composer", package), ("poetry", package), ("pipx", package), ("pdm", package), ("conda", package),
    ("mamba", package), ("rustup", package), ("deno", package), ("mvn", package), ("gradle", package),
    ("npx", fetch_and_run), ("bunx", fetch_and_run), ("uvx", fetch_and_run), ("pnpx", fetch_and_run),
    ("dlx", fetch_and_run), ("apt", system), ("apt-get", system), ("aptitude", system), ("dnf", system),
    ("yum", system), ("zypper", system), ("pacman", system), ("apk", system), ("snap", system), ("flatpak", system),
    ("brew", system), ("dpkg", system), ("rpm", system), ("nix", system), ("nix-env", system), ("emerge", system),
    ("yay", system), ("paru", system), ("port", system), ("make", build), ("gmake", build), ("cmake", build),
    ("ninja", build), ("just", build), ("meson", build), ("bazel", build), ("rake", build), ("task", build),
    ("tsc", build), ("rustc", build), ("gcc", build), ("g++", build), ("cc", build), ("clang", build),
    ("javac", build), ("pytest", build), ("jest", build), ("vitest", build), ("tox", build), ("nox", build),
    ("mocha", build), ("playwright", build), ("eslint", build), ("prettier", build), ("gradlew", build),
    ("mvnw", build), ("webpack", build), ("vite", build), ("phpunit", build), ("rspec", build), ("ctest", build),
    ("pre-commit", build), ("turbo", build), ("nx", build), ("twine", publish), ("vsce", publish),
    ("goreleaser", publish),
];

#[rustfmt::skip]
const READS: &[(&str, &[&str])] = &[
    ("npm", &["ls", "list", "la", "ll", "view", "info", "show", "v", "outdated", "audit", "search", "find", "help",
        "version", "root", "prefix", "bin", "fund", "explain", "why", "ping", "whoami", "docs", "bugs", "repo",
        "diff", "query", "doctor", "completion", "config", "get", "access", "profile", "owner", "team", "token",
        "dist-tag", "pkg", "org", "sbom", "s", "se", "find-dupes", "help-search", "home", "issues", "author"]),
    ("pnpm", &["ls", "list", "ll", "la", "outdated", "audit", "why", "help", "root", "bin", "licenses", "view",
        "info", "store"]),
    ("yarn", &["list", "info", "why", "outdated", "audit", "help", "versions", "bin", "licenses", "check"]),
    ("bun", &["pm", "outdated", "why", "help", "audit"]),
    ("pip", &["list", "show", "freeze", "check", "help", "search", "debug", "inspect", "index", "config", "cache",
        "hash", "completion", "version"]),
    ("uv", &["tree", "version", "help", "export", "python", "tool", "pip", "cache", "self"]),
    ("cargo", &["tree", "metadata", "version", "help", "locate-project", "pkgid", "verify-project", "read-manifest",
        "search", "info", "audit", "outdated", "owner", "report", "deny", "config", "machete", "bloat", "geiger",
        "license", "about", "expand", "llvm-lines", "udeps", "msrv", "semver-checks"]),
    ("go", &["version", "env", "list", "doc", "help", "bug", "vet"]),
    ("gem", &["list", "search", "info", "environment", "env", "help", "which", "contents", "dependency", "outdated",
        "specification"]),
    ("bundle", &["list", "show", "info", "outdated", "check", "help", "platform", "env", "licenses"]),
    ("composer", &["show", "info", "list", "outdated", "validate", "status", "licenses", "why", "depends", "search",
        "diagnose", "about"]), ("poetry", &["show", "check", "env", "version", "about", "list", "search"]),
    ("conda", &["list", "info", "search", "help", "compare"]), ("pipx", &["list", "environment", "help"]),
    ("pdm", &["list", "show", "info", "outdated"]),
    ("rustup", &["show", "which", "check", "doc", "help", "completions", "--version"]),
    ("deno", &["info", "help", "types", "doc", "lint", "outdated"]),
    ("mvn", &["dependency:tree", "help:effective-pom", "validate"]),
    ("gradle", &["tasks", "dependencies", "projects", "properties", "help"]),
    ("apt", &["list", "search", "show", "policy", "depends", "rdepends", "help"]),
    ("apt-get", &["help", "changelog"]),
    ("dnf", &["list", "search", "info", "repolist", "check-update", "provides", "repoquery", "history"]),
    ("yum", &["list", "search", "info", "repolist", "check-update", "provides"]),
    ("brew", &["list", "ls", "info", "search", "config", "doctor", "deps", "uses", "outdated", "leaves", "desc",
        "cat", "log", "home", "help", "commands", "analytics", "shellenv", "options", "missing", "--version",
        "--prefix", "--cellar", "--cache", "--repository", "--repo", "--env", "--config", "--caskroom", "formulae",
        "casks", "tap-info", "livecheck", "fetch", "bundle", "services", "readall",
        "which-formula", "--taps", "docs", "homepage", "tap", "nodenv", "command", "typecheck", "formula", "abv", "alias", "dr", "-S", "which-update"]),
    ("snap", &["list", "find", "info", "version", "changes", "services", "connections"]),
    ("flatpak", &["list", "search", "info", "remotes", "history", "ps"]),
    ("apk", &["info", "list", "search", "policy", "version"]),
    ("zypper", &["search", "info", "lr", "repos", "list-updates", "se"]),
    ("nix", &["search", "show-config", "path-info", "why-depends", "eval", "log", "flake"]),
];
/// Words after a reading subcommand that make it change something after all.
#[rustfmt::skip]
const CHANGES_AFTER: &[&str] = &[
    "destroy", "disable-2fa", "enable-2fa", "major", "minor", "patch", "prerelease", "sh", "set", "add", "rm",
    "remove", "delete", "del", "install", "uninstall", "upgrade", "update", "start", "stop", "restart", "run",
    "cleanup", "dump", "create", "fix", "edit", "grant", "revoke", "purge", "clean", "prune", "pin", "sync",
    "compile", "on", "off", "enable", "disable", "init", "public", "restricted", "--fix", "--install",
    "kill", "exec",
];
#[rustfmt::skip]
const BUILDS: &[&str] = &[
    "build", "b", "check", "c", "test", "t", "tests", "run", "r", "bench", "clippy", "doc", "fmt", "exec", "start",
    "stop", "format", "compile", "verify", "package", "generate", "fix", "lint", "tool", "nextest", "rustdoc",
    "rustc", "vendor", "new", "init", "venv", "pack", "clean", "ci-test", "workspace", "miri", "watch", "lock",
    "llvm-cov", "insta", "dev", "x",
];
#[rustfmt::skip]
const PUBLISHES: &[&str] = &[
    "publish", "yank", "unpublish", "deprecate", "push", "login", "logout", "adduser", "owner", "deploy", "release",
    "signin", "star", "hook", "token",
];

fn canonical(name: &str) -> &str {
    if name == "pip3" {
        "pip"
    } else if name == "mamba" {
        "conda"
    } else {
        name
    }
}

/// Whether the command only tells something.
fn reads(call: &Call<'_>, words: &[&Arg]) -> bool {
    let known = READS.iter().find(|(name, _)| *name == canonical(&call.name)).map_or(&[][..], |(_, verbs)| *verbs);
    let first = words.first().map_or("", |a| a.text.as_str());
    // Of these, a word may be a script, which is then asked for its help.
    let scripts = matches!(call.name.as_str(), "yarn" | "pnpm" | "bun" | "npx" | "pnpx" | "bunx" | "uvx");
    let asked =
        call.asks_help(usize::from(!scripts)) || first == "help" || matches!(call.args, [only] if only.is("-v"));
    let option = call.args.first().is_some_and(|a| a.text.starts_with("--") && known.contains(&a.text.as_str()));
    let changes = words.iter().skip(1).take(2).any(|a| CHANGES_AFTER.contains(&a.text.as_str()))
        || call.args.iter().any(|a| a.text == "--fix");
    // Without a word of what to do, it installs what the list names; and a tap that is named is fetched.
    let bare = call.name == "brew" && matches!((first, call.args.len()), ("bundle", 1) | ("tap", 2..));
    asked || option || known.contains(&first) && !changes && !bare || only_checks(call, first)
}

/// Whether a command that mostly changes files only says whether it would.
fn only_checks(call: &Call<'_>, first: &str) -> bool {
    let has = |option: &str| call.args.iter().any(|a| a.is(option));
    match (call.name.as_str(), first) {
        ("cargo" | "deno", "fmt") => has("--check"),
        ("uv", "lock") => has("--check") || has("--locked"),
        _ => false,
    }
}

const TAKES: &[&str] =
    &["--prefix", "-C", "--manifest-path", "--color", "-p", "--project", "--directory", "--config", "--registry", "-Z"];
#[rustfmt::skip]
const INSTALLS: &[&str] = &[
    "install", "i", "add", "ci", "update", "upgrade", "up", "uninstall", "remove", "rm", "sync", "require", "get",
    "pip", "link", "dedupe", "prune", "download", "audit", "cache", "python", "un", "rebuild", "create",
    "toolchain", "target", "component", "default", "self", "wheel", "version", "config", "set", "pkg", "mod",
    "fetch", "generate-lockfile", "",
];
/// Managers that show their help when they are given nothing to do.
const HELPS: &[&str] = &["cargo", "npm", "pip", "pip3", "uv", "go", "gem", "deno", "rustup"];

fn package(scene: &mut Scene<'_>, call: &Call<'_>) {
    other_programs(scene, call);
    let words = call.operands(TAKES);
    let name = call.name.as_str();
    let first = words.first().map_or("", |a| a.text.as_str());
    let lists_scripts = name == "npm" && first == "run" && words.len() == 1;
    if graver(scene, call, &words) || reads(call, &words) || lists_scripts || first.is_empty() && HELPS.contains(&name)
    {
        return;
    }
    let other = matches!((name, first), ("uv", "tool") | ("bundle", "exec"))
        || matches!(first, "exec" | "dlx" | "x" | "create") && name != "cargo";
    let changes = matches!((name, first), ("go", "get" | "mod") | ("cargo", "add" | "update" | "fetch" | "remove"));
    let global = name == "yarn" && first == "global";
    if global && words.get(1).is_some_and(|a| matches!(a.text.as_str(), "list" | "bin" | "dir")) {
        return;
    }
    if global || wide(call).is_some() {
        install(scene, call);
    } else if PUBLISHES.contains(&first) {
        publish(scene, call);
    } else if other {
        fetch_and_run_from(scene, call, 1);
    } else if matches!((name, first), ("uv" | "poetry" | "pdm", "run")) {
        runs_inner(scene, call);
    } else if changes {
        let text = "Changes which packages the project uses, and fetches them.";
        scene.medium(Category::PackageInstall, &call.span, text);
    } else if BUILDS.contains(&first) || matches!(name, "mvn" | "gradle") {
        scene.medium(Category::Build, &call.span, "Builds or runs the project, and so whatever code is in it.");
    } else if INSTALLS.contains(&first) {
        install(scene, call);
    } else if matches!(name, "yarn" | "pnpm" | "bun") {
        scene.medium(Category::Build, &call.span, "Runs a script of the project.");
    } else {
        let text = "Runs a command of the package manager that is not known here.";
        scene.medium(Category::Unknown, &call.span, text);
    }
}

/// Subcommands that do more than their kind: a script of the project's changed, a folder emptied, something published.
fn graver(scene: &mut Scene<'_>, call: &Call<'_>, words: &[&Arg]) -> bool {
    let at = |at: usize| words.get(at).map_or("", |a| a.text.as_str());
    let sets = || call.args.iter().any(|a| matches!(a.text.as_str(), "set" | "delete"));
    match (call.name.as_str(), at(0), at(1)) {
        ("npm" | "pnpm" | "yarn", "pkg", _) | ("bun", "pm", "pkg") if sets() => {
            let text = "Changes package.json, which later commands of this project run.";
            scene.high(Category::Write, &call.span, text);
        }
        ("yarn", "npm", "publish" | "login" | "tag") | ("yarn", "tag", "add") => publish(scene, call),
        ("cargo", "vendor", to) if !to.is_empty() => {
            scene.delete(words[1], Some("and everything in it that is not fetched"));
        }
        ("uv", "venv", to) if !to.is_empty() && call.has(&["--clear"]) => {
            scene.delete(words[1], Some("and everything in it"));
        }
        _ => return false,
    }
    true
}

#[rustfmt::skip]
const RUN_TAKES: &[&str] = &[
    "--project", "--directory", "--python", "-p", "--with", "--with-editable", "--with-requirements", "--group",
    "--only-group", "--no-group", "--extra", "--no-extra", "--package", "--env-file", "--index", "--index-url",
    "-P", "-C",
];

fn runs_inner(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.medium(Category::Build, &call.span, "Runs a program in the project's environment.");
    let at = call.args.iter().position(|a| a.is("run")).map_or(0, |i| i + 1);
    let argv: &[Arg] = call.args.get(at..).unwrap_or_default();
    let mut skip = 0;
    while let Some(option) = argv.get(skip).filter(|a| a.is_option()) {
        skip += if wants_next(&option.text, RUN_TAKES) { 2 } else { 1 };
    }
    if let Some(inner) = Call::of(argv.get(skip..).unwrap_or_default(), call.simple, call.index) {
        walk::call(scene, &inner);
    }
}

/// Whether a word makes the manager take packages from a place of its own choice.
fn other_source(word: &str) -> bool {
    let begins = ["git+", "git:", "git@", "--git", "--index-url", "--extra-index-url", "--registry"];
    begins.iter().any(|b| word.starts_with(b))
        || word.contains("://")
        || matches!(word, "-i" | "--trusted-host" | "--index")
}

/// Words by which a manager changes itself, or the account's settings.
fn wide<'a>(call: &Call<'a>) -> Option<&'a Arg> {
    let wide: &[&str] = match call.name.as_str() {
        "npm" => &["--location=global"],
        "pnpm" => &["setup", "self-update"],
        "bun" | "deno" => &["upgrade"],
        "uv" => &["self", "--system"],
        _ => &[],
    };
    call.args.iter().find(|a| wide.contains(&a.text.as_str()))
}

fn install(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    let name = call.name.as_str();
    let global = call.option(&["-g", "--global", "--break-system-packages"]).or_else(|| wide(call));
    let global = global.or_else(|| call.args.iter().find(|a| a.is("global"))).filter(|_| name != "cargo");
    if let Some(arg) = call.args.iter().find(|a| other_source(&a.text)) {
        let text = "Installs from a place of its own choice, whose code runs at once.";
        scene.high(Category::PackageInstall, &arg.span, text);
    } else if let Some(arg) = global {
        let text = "Changes programs for the whole account, outside the project.";
        scene.high(Category::PackageInstall, &arg.span, text);
    } else {
        let own = matches!(name, "cargo" | "gem" | "pipx" | "rustup");
        let whose = if own { "programs of the whole account" } else { "the project's packages" };
        let text = format!("Changes {whose}, and the code that comes with them runs at once.");
        scene.medium(Category::PackageInstall, &call.span, text);
    }
}

fn fetch_and_run(scene: &mut Scene<'_>, call: &Call<'_>) {
    fetch_and_run_from(scene, call, 0);
}

fn fetch_and_run_from(scene: &mut Scene<'_>, call: &Call<'_>, skip: usize) {
    let options = call.args.iter().skip(skip).take_while(|a| a.is_option()).count();
    let argv = call.args.get(skip + options..).unwrap_or_default();
    if let Some(arg) = call.option(&["-c", "--call"]) {
        scene.high(Category::Interpreter, &arg.span, "Runs a shell command that is given as text.");
    }
    scene.medium(Category::PackageInstall, &call.span, "Runs a package, and fetches it first when it is not there.");
    if let Some(inner) = Call::of(argv, call.simple, call.index) {
        walk::call(scene, &inner);
    }
}

fn system(scene: &mut Scene<'_>, call: &Call<'_>) {
    let words = call.operands(&["-o", "-c", "-t"]);
    let queries = match call.name.as_str() {
        "dpkg" => call.has(&["-l", "-L", "-s", "-S", "--list", "--listfiles", "--status", "--search", "-c", "-I"]),
        "rpm" => call.args.first().is_some_and(|a| a.text.starts_with("-q")),
        "pacman" | "yay" | "paru" => call.args.first().is_some_and(|a| {
            a.text.starts_with("-Q")
                || a.text.starts_with("-Ss")
                || a.text.starts_with("-Si")
                || a.text.starts_with("-F")
        }),
        "apt-get" | "apt" => call.surely(
            &["-s", "--simulate", "--dry-run"],
            &["-o", "--option", "-t", "--target-release", "-c", "--config-file"],
        ),
        _ => false,
    };
    if queries || reads(call, &words) || words.is_empty() && call.args.iter().all(|a| !a.is_option()) {
        return;
    }
    other_programs(scene, call);
    let removes = words
        .first()
        .is_some_and(|a| matches!(a.text.as_str(), "remove" | "purge" | "autoremove" | "uninstall" | "rm" | "erase"));
    let text = if removes {
        "Removes programs from this machine."
    } else {
        "Installs or changes programs of the whole machine."
    };
    scene.high(Category::PackageInstall, &call.span, text);
}

fn publish(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    scene.high(
        Category::RemoteChange,
        &call.span,
        "Publishes to others, or changes your account there; that can hardly be taken back.",
    );
}

/// Options by which a build tool runs a program of somebody's choice.
#[rustfmt::skip]
const OTHER: &[(&str, &[&str])] = &[
    ("cargo", &["--config"]), ("npm", &["--script-shell", "--prefix", "--node-options"]),
    ("go", &["-exec", "-toolexec"]), ("make", &["--eval"]), ("gmake", &["--eval"]), ("apt-get", &["-o"]),
    ("apt", &["-o"]), ("pip", &["--config-settings"]), ("cmake", &["-P"]),
];

fn other_programs(scene: &mut Scene<'_>, call: &Call<'_>) {
    let options = OTHER.iter().find(|(name, _)| *name == call.name).map_or(&[][..], |(_, o)| *o);
    let hit = |a: &&Arg| {
        options.iter().any(|o| a.text == *o || a.text.strip_prefix(o).is_some_and(|rest| rest.starts_with('=')))
    };
    if let Some(arg) = call.args.iter().find(hit) {
        scene.high(Category::Interpreter, &arg.span, "Makes the tool run another program, or one from another folder.");
    }
}

fn build(scene: &mut Scene<'_>, call: &Call<'_>) {
    if call.asks_help(0) || matches!(call.args, [only] if only.is("-v")) {
        return;
    }
    let first = call.args.first().map_or("", |a| a.text.as_str());
    if call.name == "pre-commit" && matches!(first, "validate-config" | "validate-manifest" | "sample-config") {
        return;
    }
    other_programs(scene, call);
    if call.name.ends_with("make") {
        for arg in call.args.iter().filter(|a| a.text.starts_with("SHELL=") || a.text.contains("$(shell")) {
            scene.high(Category::Interpreter, &arg.span, "Makes make run another program.");
        }
        if let Some((path, arg)) = call.value(&["-f", "--file", "--makefile", "-C", "--directory"])
            && scene.target(&path).scope != super::Scope::Project
        {
            scene.high(Category::Build, &arg.span, "Builds from a file outside the project.");
        }
        if call
            .args
            .iter()
            .any(|a| matches!(a.text.as_str(), "install" | "deploy" | "publish" | "release" | "uninstall"))
        {
            return scene.high(Category::Build, &call.span, "Installs or publishes what the project builds.");
        }
    }
    scene.medium(Category::Build, &call.span, "Builds or tests the project, and so runs whatever code is in it.");
}
