//! git: what is only read, what changes here, what is lost, and what reaches others.

use super::call::{Call, Known, wants_next};
use super::deception::shown;
use super::git_config::{config, run_by_git};
use super::git_remote::{self, push};
use super::scene::{Fact, Scene, guarded};
use super::value::{Category, Scope};
use super::walk::{self, Handler};

pub const PROGRAMS: &[(&str, Handler)] = &[("git", git), ("hub", git)];

const FETCH_TAKES: &[&str] = &[
    "--depth",
    "--deepen",
    "--shallow-since",
    "--shallow-exclude",
    "--upload-pack",
    "-o",
    "--server-option",
    "-j",
    "--jobs",
    "--refmap",
    "--negotiation-tip",
    "--filter",
    "--submodule-prefix",
];
const APPLY_TAKES: &[&str] =
    &["-p", "-C", "--directory", "--exclude", "--include", "--whitespace", "--build-fake-ancestor"];
const GLOBAL_TAKES: &[&str] =
    &["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env", "--super-prefix"];

#[rustfmt::skip]
const READS: &[&str] = &[
    "status", "log", "show", "blame", "annotate", "rev-parse", "ls-files", "ls-tree", "ls-remote", "describe",
    "shortlog", "cat-file", "rev-list", "name-rev", "for-each-ref", "help", "version", "count-objects", "fsck",
    "check-ignore", "check-attr", "check-mailmap", "check-ref-format", "merge-base", "var", "whatchanged", "cherry",
    "range-diff", "diff", "diff-tree", "diff-files", "diff-index", "difftool", "verify-commit", "verify-tag",
    "verify-pack", "show-ref", "show-branch", "grep", "merge-tree", "patch-id", "column", "stripspace",
    "get-tar-commit-id", "diagnose", "bugreport", "request-pull", "interpret-trailers", "mailinfo", "unpack-file",
    "show-index", "version",
];
#[rustfmt::skip]
const CHANGES: &[&str] = &[
    "add", "commit", "checkout", "switch", "merge", "rebase", "cherry-pick", "revert", "apply", "am", "init",
    "reset", "restore", "notes", "bisect", "format-patch", "rerere", "sparse-checkout", "stage", "update-index",
    "commit-tree", "write-tree", "hash-object", "mktree", "mktag", "maintenance", "pack-refs", "repack", "archive",
    "bundle", "citool", "gui", "mergetool", "read-tree", "checkout-index", "fast-export", "pack-objects",
    "fast-import", "commit-graph", "multi-pack-index", "replace",
];

fn git(scene: &mut Scene<'_>, call: &Call<'_>) {
    let mut at = 0;
    while let Some(arg) = call.args.get(at).filter(|a| a.text.starts_with('-')) {
        let joined = arg.text.len() > 2 && !arg.text.starts_with("--");
        let value = if joined { arg.text.get(2..) } else { call.args.get(at + 1).map(|a| a.text.as_str()) };
        let value = arg.text.split_once('=').filter(|_| arg.text.starts_with("--")).map_or(value, |(_, v)| Some(v));
        global(scene, arg, value.unwrap_or_default());
        at += if !joined && wants_next(&arg.text, GLOBAL_TAKES) { 2 } else { 1 };
    }
    let Some(sub) = call.args.get(at) else { return };
    if sub.known != Known::Yes {
        return scene.medium(Category::Dynamic, &sub.span, "Runs a git command that is only known when it runs.");
    }
    let rest = call.with(&call.args[at + 1..]);
    if matches!(rest.args, [only] if only.is("--help") || only.is("-h")) {
        return;
    }
    let name = sub.text.to_ascii_lowercase();
    runs_other(scene, &rest);
    git_remote::files(scene, &name, &rest);
    subcommand(scene, &name, &rest);
}

fn global(scene: &mut Scene<'_>, arg: &super::call::Arg, value: &str) {
    let text = arg.text.as_str();
    if text.starts_with("--exec-path=")
        || text == "--exec-path" && !value.is_empty()
        || text.starts_with("--config-env")
    {
        scene.high(Category::Interpreter, &arg.span, "Makes git run other programs than its own.");
    } else if text.starts_with("-c") && run_by_git(value) {
        scene.high(
            Category::Interpreter,
            &arg.span,
            format!("Sets {} for git, which can make it run another program.", shown(value)),
        );
    } else if text.starts_with("-C") || text.starts_with("--git-dir") || text.starts_with("--work-tree") {
        let target = scene.target(value);
        if target.scope != Scope::Project {
            scene.medium(
                Category::Read,
                &arg.span,
                format!("Works on the repository at {}, outside this project.", shown(value)),
            );
        }
        if text.starts_with("-C") && scene.cwds.len() < 8 && !scene.cwds.contains(&target.path) {
            scene.cwds.push(target.path);
        }
    }
}

fn runs_other(scene: &mut Scene<'_>, rest: &Call<'_>) {
    let options = ["--upload-pack", "--receive-pack", "--ext-diff", "--exec", "--open-files-in-pager", "--extcmd"];
    let address = |arg: &&super::call::Arg| arg.text.starts_with("ext::");
    let arg = rest.option(&options).or_else(|| rest.args.iter().take_while(|a| a.text != "--").find(address));
    if let Some(arg) = arg {
        scene.high(Category::Interpreter, &arg.span, "Makes git run another program.");
    }
    if let Some(file) = rest.valued(&["--output"]) {
        scene.write(&file);
    }
}

fn other_program(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(Category::Interpreter, &call.span, "Makes git run another program.");
}

fn lost(scene: &mut Scene<'_>, call: &Call<'_>, text: &str) {
    let span = call.span.clone();
    scene.push(super::Finding::new(Category::GitLocal, super::Level::High, &span, text).undo(false));
}

fn local(scene: &mut Scene<'_>, call: &Call<'_>, text: &str) {
    scene.medium(Category::GitLocal, &call.span.clone(), text);
}

fn subcommand(scene: &mut Scene<'_>, name: &str, call: &Call<'_>) {
    match name {
        "checkout" | "switch" => checkout(scene, name, call),
        "restore" => restore(scene, call),
        "clean" => clean(scene, call),
        "stash" => stash(scene, call),
        "branch" | "tag" => branch(scene, name, call),
        "subtree" | "lfs" if call.operands(&["-P", "--prefix"]).first().is_some_and(|a| a.is("push")) => {
            git_remote::sends(scene, call);
        }
        "remote" | "worktree" | "submodule" | "reflog" | "symbolic-ref" | "lfs" => listed(scene, name, call),
        "config" => config(scene, call),
        "mv" => moves(scene, call),
        "grep" if call.has(&["-O", "--open-files-in-pager"]) => other_program(scene, call),
        "difftool" | "mergetool" if call.has(&["-x", "--extcmd"]) => other_program(scene, call),
        "push" | "send-pack" | "http-push" => push(scene, call),
        "clone" if call.operands(&CLONE_TAKES).len() > 1 => cloned(scene, call),
        "interpret-trailers" | "mailinfo" | "mailsplit" => messages(scene, name, call),
        "fetch" if call.surely(&["--dry-run"], FETCH_TAKES) => scene.fact(call.index, &call.span, Fact::Network),
        "fetch" | "pull" | "clone" => {
            scene.fact(call.index, &call.span, Fact::Network);
            local(scene, call, "Fetches from another repository and takes it into this one.");
        }
        "rebase" if call.has(&["-x", "--exec"]) => {
            scene.high(Category::Interpreter, &call.span, "Runs a command for every commit.");
        }
        _ if tells(name, call) => {}
        "bisect" if call.args.first().is_some_and(|a| a.is("run")) => bisect(scene, call),
        "apply"
            if call.surely(&["--check", "--stat", "--numstat", "--summary"], APPLY_TAKES)
                && !call.has(&["--apply"]) => {}
        _ => rarer(scene, name, call),
    }
}

/// Whether a subcommand that mostly changes something only tells something this time.
fn tells(name: &str, call: &Call<'_>) -> bool {
    let first = call.args.first().map_or("", |a| a.text.as_str());
    match name {
        "notes" => matches!(first, "" | "list" | "show" | "get-ref"),
        "rerere" => matches!(first, "status" | "diff" | "remaining"),
        "bundle" => matches!(first, "verify" | "list-heads"),
        "replace" => matches!(first, "" | "-l" | "--list"),
        "hash-object" => !call.has(&["-w"]),
        "archive" => !call.has(&["-o", "--output", "--remote", "--exec"]),
        "bisect" => matches!(first, "log" | "view" | "visualize" | "help"),
        "sparse-checkout" | "maintenance" => first == "list",
        _ => false,
    }
}

fn rarer(scene: &mut Scene<'_>, name: &str, call: &Call<'_>) {
    let found = match name {
        "reset" if call.has(&["--hard", "--merge", "--keep"]) => {
            return lost(scene, call, "Throws away changes that are not committed; git stash keeps them.");
        }
        "rm" if call.has(&["-r", "-f", "--force"]) && !call.surely(&["--cached"], &["--pathspec-from-file"]) => {
            return lost(scene, call, "Deletes files, changes that are not committed included.");
        }
        "filter-branch" | "filter-repo" => {
            return lost(scene, call, "Rewrites the whole history; the old commits are lost for others too.");
        }
        "update-ref" => return lost(scene, call, "Moves or deletes a branch by hand, and may lose commits."),
        "gc" | "prune" if call.has(&["--prune", "--expire"]) || name == "prune" => {
            return lost(scene, call, "Deletes commits that no branch keeps, so that they cannot be brought back.");
        }
        "rm" => return local(scene, call, "Removes files from the repository; git restore brings them back."),
        "gc" => return local(scene, call, "Tidies up the repository's data."),
        "send-email" | "svn" | "p4" | "imap-send" => (Category::Upload, "Sends commits to others."),
        "credential" | "credential-store" | "credential-cache" => {
            (Category::Secret, "Asks for or changes stored passwords.")
        }
        "daemon" | "http-backend" | "instaweb" | "upload-pack" | "receive-pack" => {
            (Category::Upload, "Offers the repository to other machines.")
        }
        _ if READS.contains(&name) => return,
        _ if CHANGES.contains(&name) => return local(scene, call, "Changes the local repository."),
        _ => {
            let text = format!("Runs git {}, which is not known here.", shown(name));
            return scene.medium(Category::Unknown, &call.span, text);
        }
    };
    scene.high(found.0, &call.span, found.1);
}

/// A file that git moves lands where it is told, as with `mv`.
fn moves(scene: &mut Scene<'_>, call: &Call<'_>) {
    local(scene, call, "Changes the local repository.");
    for file in call.operands(&[]) {
        let target = scene.target(&file.text);
        scene.findings.extend(guarded(&target, &file.span, &shown(&file.text)));
    }
}

const CLONE_TAKES: [&str; 12] =
    ["-b", "--branch", "-o", "--origin", "-u", "-c", "--config", "--depth", "-j", "--jobs", "--filter", "--template"];

/// A repository that is fetched lands where it is told.
fn cloned(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    local(scene, call, "Fetches another repository into a folder.");
    call.operands(&CLONE_TAKES).into_iter().skip(1).for_each(|folder| scene.write(folder));
}

/// What git does with mails and messages: it prints the files, or writes them.
fn messages(scene: &mut Scene<'_>, name: &str, call: &Call<'_>) {
    let writes = name != "interpret-trailers" || call.has(&["--in-place"]);
    for file in call.operands(&["--trailer", "--where", "--if-exists", "--if-missing"]) {
        if writes { scene.write(file) } else { scene.read(call.index, file) }
    }
}

/// Whether a word is a file by its looks, and no branch: `src/main.rs`, `src/`; not `v1.2` or `release/1.x`.
fn looks_like_file(word: &str) -> bool {
    let ending = word.rsplit('/').next().unwrap_or_default().rsplit_once('.').map_or("", |(_, ending)| ending);
    word.ends_with('/') || ENDINGS.contains(&ending)
}
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "rs", "py", "js", "ts", "tsx", "jsx", "mjs", "cjs", "go", "java", "kt", "c", "h", "cc", "cpp", "hpp", "cs", "rb", "php",
    "swift", "scala", "sh", "md", "txt", "json", "toml", "yaml", "yml", "xml", "html", "css", "scss", "sql", "lock", "vue",
    "svelte", "proto", "ipynb", "lua", "pl", "ex", "exs", "hs", "ml", "zig", "dart", "tf", "gradle", "cfg", "ini",
];

fn checkout(scene: &mut Scene<'_>, name: &str, call: &Call<'_>) {
    let force = call.has(&["-f", "--force", "--discard-changes"]);
    let takes = [
        "-b",
        "-B",
        "-c",
        "-C",
        "--orphan",
        "--conflict",
        "--pathspec-from-file",
        "-U",
        "--unified",
        "--inter-hunk-context",
    ];
    let create = call.has(&["-b", "-B", "-c", "-C", "--orphan"]);
    let dashes = call.args.iter().position(|a| a.text == "--").is_some_and(|at| at + 1 < call.args.len());
    let operands = call.operands(&takes);
    let file = |a: &&super::call::Arg| a.text == "." || a.glob || !create && looks_like_file(&a.text);
    let paths = dashes || !create && operands.len() > 1 || operands.iter().any(file);
    if force {
        lost(scene, call, "Throws away changes that are not committed, to change the branch; git stash keeps them.");
    } else if name == "checkout" && (paths || call.has(&["--pathspec-from-file"])) {
        lost(
            scene,
            call,
            "Replaces files by an older version, and changes that are not committed are lost; git stash keeps them.",
        );
    } else {
        local(scene, call, "Changes the branch that is checked out.");
    }
}

fn restore(scene: &mut Scene<'_>, call: &Call<'_>) {
    let takes = ["-s", "--source", "--conflict", "--pathspec-from-file"];
    if call.surely(&["--staged", "-S"], &takes) && !call.has(&["--worktree", "-W"]) {
        local(scene, call, "Takes files out of the next commit; the files stay as they are.");
    } else {
        lost(
            scene,
            call,
            "Replaces files by an older version, and changes that are not committed are lost; git stash keeps them.",
        );
    }
}

fn clean(scene: &mut Scene<'_>, call: &Call<'_>) {
    // Behind `e` stands a pattern: `-fen` is no dry run.
    let dry = call.surely(&["-n", "--dry-run"], &["-e", "--exclude"]);
    if !dry || call.args.iter().any(|a| a.known != Known::Yes) {
        lost(
            scene,
            call,
            "Deletes files that git does not know, which cannot be brought back; git clean -n shows them first.",
        );
    }
}

fn stash(scene: &mut Scene<'_>, call: &Call<'_>) {
    match call.args.first().map(|a| a.text.as_str()) {
        Some("list" | "show") => {}
        Some("drop" | "clear") => lost(
            scene,
            call,
            "Deletes stashed changes, which are kept nowhere else; git stash show -p prints them first.",
        ),
        _ => local(scene, call, "Puts changes aside, or brings them back."),
    }
}

fn bisect(scene: &mut Scene<'_>, call: &Call<'_>) {
    local(scene, call, "Checks out commits one after the other and runs a command for each.");
    if let Some(inner) = Call::of(&call.args[1..], call.simple, call.index) {
        walk::call(scene, &inner);
    }
}

/// Subcommands that list when they are given nothing to change.
fn listed(scene: &mut Scene<'_>, name: &str, call: &Call<'_>) {
    let first = call.operands(&[]).first().map_or("", |a| a.text.as_str());
    match (name, first) {
        _ if name == "reflog" && !matches!(first, "expire" | "delete") => {}
        ("remote", "" | "show" | "get-url")
        | ("worktree", "list")
        | ("submodule", "" | "status" | "summary")
        | ("lfs", "" | "env" | "ls-files" | "status" | "version" | "logs") => {}
        ("worktree", "remove") if forced_before_dashes(&call.args[1..]) => {
            lost(scene, call, "Deletes another working folder, changes that are not committed included.");
        }
        ("submodule", "deinit") if call.has(&["-f", "--force", "--all"]) => {
            lost(scene, call, "Deletes the folders of submodules, changes that are not committed included.");
        }
        ("submodule", "foreach") => {
            let words: Vec<&str> = call.args[1..].iter().filter(|a| !a.is_option()).map(|a| a.text.as_str()).collect();
            local(scene, call, "Runs a command in every submodule.");
            walk::script(scene, &words.join(" "), &call.span);
        }
        ("reflog", _) => {
            lost(scene, call, "Deletes the record by which lost commits are found again.");
        }
        ("symbolic-ref", _) if call.operands(&["-m"]).len() < 2 && !call.has(&["-d", "--delete"]) => {}
        _ => local(scene, call, "Changes the local repository."),
    }
}

fn forced_before_dashes(args: &[super::call::Arg]) -> bool {
    let own = args.iter().take_while(|a| a.text != "--");
    own.into_iter().any(|a| matches!(a.text.as_str(), "-f" | "--force" | "-ff"))
}

/// Options by which a name is what to look for, and not what to make.
#[rustfmt::skip]
const LISTS: &[&str] = &[
    "-l", "--list", "--show-current", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at",
];
#[rustfmt::skip]
const ALTERS: &[&str] = &[
    "-d", "-D", "-m", "-M", "-c", "-C", "-f", "--delete", "--move", "--copy", "--force", "-u", "--set-upstream-to",
    "--unset-upstream", "--edit-description",
];

fn branch(scene: &mut Scene<'_>, name: &str, call: &Call<'_>) {
    let deletes = call.has(&["-d", "--delete"]);
    let forced = call.has(&["-f", "--force"]);
    let names = call.operands(&["--sort", "--format"]);
    let lists = call.surely(LISTS, &["--sort", "--format", "-u", "--set-upstream-to"])
        || name == "tag" && call.args.iter().any(|a| a.text.starts_with("-n"));
    if (lists || names.is_empty()) && !call.has(ALTERS) {
        return;
    }
    if name == "tag" && (deletes || forced) {
        lost(scene, call, "Deletes or moves a tag.");
    } else if call.has(&["-D"]) || deletes && forced {
        lost(scene, call, "Deletes a branch even when its commits are nowhere else; git branch -d keeps those.");
    } else if call.has(&["-M", "-C"]) || forced {
        lost(scene, call, "Moves a branch, and its old commits may be lost.");
    } else {
        local(scene, call, "Changes the local repository.");
    }
}
