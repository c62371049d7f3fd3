//! What git sends to others, and the files that it prints though no option says so.

use super::call::Call;
use super::scene::{Fact, Scene};
use super::value::{Category, Finding, Level};

const TAKES: &[&str] = &["-o", "--push-option", "--repo", "--receive-pack", "--exec"];

/// Looks at a push.
pub fn push(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    if call.surely(&["-n", "--dry-run"], TAKES) {
        return scene.medium(Category::GitRemote, &call.span, "Asks the remote repository what a push would change.");
    }
    let words = call.operands(TAKES);
    // With `--repo` every word is a branch.
    let skip = usize::from(!call.has(&["--repo"]));
    let refs: Vec<&str> = words.iter().skip(skip).map(|a| a.text.as_str()).collect();
    let forced = call.has(&["-f", "--force", "--force-with-lease", "--force-if-includes"]);
    let text = if forced || refs.iter().any(|r| r.starts_with('+')) {
        "Overwrites the remote branch, and commits that others pushed can be lost."
    } else if call.has(&["-d", "--delete", "--mirror", "--prune"]) || refs.iter().any(|r| r.starts_with(':')) {
        "Deletes branches or tags of the remote repository."
    } else if words.first().filter(|_| skip > 0).is_some_and(|to| is_address(&to.text)) || call.has(&["--repo"]) {
        "Sends commits to an address that is named here, and not to one of the repository's own remotes."
    } else if call.has(&["--all", "--branches"]) || refs.iter().any(|r| is_main(r) || r.contains('*')) {
        "Pushes to a main branch of the remote repository, where others and deployments take it from."
    } else {
        return scene.medium(Category::GitRemote, &call.span, "Sends commits to the remote repository.");
    };
    scene.push(Finding::new(Category::GitRemote, Level::High, &call.span, text).undo(false));
}

/// Whether git takes it for an address or a folder, and not for the name of a remote.
fn is_address(to: &str) -> bool {
    to.contains([':', '/']) || to.starts_with('.')
}

fn is_main(name: &str) -> bool {
    matches!(name.rsplit([':', '/']).next(), Some("main" | "master" | "production" | "release" | "trunk"))
}

/// `git lfs push`, and the like of `git subtree push`: what is sent is files or a part of the history.
pub fn sends(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    if let Some(to) = call.operands(&["-P", "--prefix"]).into_iter().skip(1).find(|word| is_address(&word.text)) {
        let text = "Sends commits to an address that is named here, and not to one of the repository's own remotes.";
        return scene.high(Category::GitRemote, &to.span, text);
    }
    scene.medium(Category::GitRemote, &call.span, "Sends commits or files to the remote repository.");
}

/// Options whose value is a file that is printed, kept in the history, or quoted in an error.
#[rustfmt::skip]
const NAMED: &[(&[&str], &[&str])] = &[
    (&["blame", "annotate"], &["--contents", "--ignore-revs-file", "-S"]),
    (&["add", "rm", "commit", "reset", "restore", "checkout", "stash", "stage"], &["--pathspec-from-file"]),
    (&["commit", "tag", "merge", "notes", "commit-tree"], &["-F", "--file"]), (&["commit"], &["-t", "--template"]),
    (&["grep", "config"], &["-f", "--file"]), (&["ls-files", "clean"], &["-X", "--exclude-from"]),
    (&["diff", "log", "show"], &["-O"]), (&["archive"], &["--add-file"]),
    (&["format-patch"], &["--signature-file", "--description-file"]),
];
/// Subcommands that print what is in the files they are given, of now or of a commit.
const PRINTS: &[&str] = &[
    "diff",
    "diff-files",
    "diff-index",
    "diff-tree",
    "difftool",
    "show",
    "blame",
    "annotate",
    "cat-file",
    "grep",
    "archive",
    "range-diff",
];

/// Looks at the files that a subcommand is given.
pub fn files(scene: &mut Scene<'_>, name: &str, call: &Call<'_>) {
    for (_, options) in NAMED.iter().filter(|(names, _)| names.contains(&name)) {
        for file in call.values(options) {
            scene.read(call.index, &file);
        }
    }
    // What git keeps, it prints later.
    if matches!(name, "add" | "stage" | "hash-object" | "mv") {
        for word in call.operands(&[]) {
            if scene.target(&word.text).secret {
                scene.read(call.index, word);
            }
        }
    }
    if matches!(name, "apply" | "am") {
        super::fed::patch(scene, call);
    }
    let patch = name == "log" && call.has(&["-p", "-u", "--patch", "-L"]);
    if !PRINTS.contains(&name) && !patch {
        return;
    }
    let words = call.operands(&["-e", "-S", "-G"]);
    let outside = name == "diff" && (call.has(&["--no-index"]) || words.iter().any(|w| w.text == "/dev/null"));
    for word in words.iter().skip(usize::from(name == "grep" && !call.has(&["-e"]))) {
        // `HEAD:.env` is the file of a commit.
        let path = word.text.rsplit(':').next().unwrap_or_default().to_owned();
        let file = super::call::Arg { text: path, ..(*word).clone() };
        if outside || scene.target(&file.text).secret {
            scene.read(call.index, &file);
        }
    }
}
