//! git's settings: those that make it run something else, or send it elsewhere.

use super::call::Call;
use super::scene::Scene;
use super::value::Category;

/// Settings whose value is run by git.
#[rustfmt::skip]
const RUN_BY_GIT: &[&str] = &[
    "alias.", "core.pager", "core.editor", "core.sshcommand", "core.fsmonitor", "core.hookspath", "core.askpass",
    "core.gitproxy", "diff.external", "sequence.editor", "credential.", "gpg.", "filter.", "protocol.", "pager.",
    "difftool.", "mergetool.", "merge.", "diff.", "include", "uploadpack.", "receive.", "url.", "core.worktree",
    "init.templatedir", "http.", "browser.", "web.browser", "man.", "interactive.difffilter", "submodule.",
    "core.alternaterefscommand", "remote.", "trailer.", "tar.", "hook.", "guitool.", "sendemail.", "lfs.", "imap.",
    "ssh.", "core.attributesfile", "instaweb.", "safe.", "extensions.", "gc.recentobjectshook", "color.pager",
    "core.hook", "uploadpackfilter.", "fetch.bundle", "transfer.", "trace2.",
];

/// Whether git may run what this is set to, or take it for an address.
pub fn run_by_git(setting: &str) -> bool {
    let key = setting.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let harmless = [
        "diff.algorithm",
        "diff.renames",
        "merge.conflictstyle",
        "diff.noprefix",
        "diff.context",
        "diff.mnemonicprefix",
        "merge.ff",
        "diff.colormoved",
        "diff.submodule",
    ];
    let cat = matches!(setting.split_once('='), Some((_, "cat" | "" | "true" | "false" | "less")));
    !harmless.contains(&key.as_str()) && !cat && RUN_BY_GIT.iter().any(|run| key.starts_with(run))
}

/// Looks at a change of settings.
pub fn config(scene: &mut Scene<'_>, call: &Call<'_>) {
    let shows = ["--get", "--get-all", "--get-regexp", "--get-urlmatch", "-l", "--list", "--show-origin"];
    let reads = call.surely(&shows, &["-f", "--file", "--type", "--default", "--comment", "--value"])
        || call.args.first().is_some_and(|a| matches!(a.text.as_str(), "get" | "list"));
    let words = call.operands(&["-f", "--file", "--type", "--default"]);
    if reads || words.len() < 2 && !call.has(&["--unset", "--unset-all", "-e", "--edit", "--remove-section", "--add"]) {
        return;
    }
    let renames = words.iter().any(|a| a.is("rename-section")) || call.has(&["--rename-section"]);
    // Where a branch is pushed to, by the name of the setting's last part.
    let elsewhere = |a: &&&super::call::Arg| {
        let key = a.text.to_ascii_lowercase();
        key.starts_with("branch.") && (key.ends_with(".remote") || key.ends_with(".pushremote"))
    };
    if let Some(key) = words.iter().find(elsewhere) {
        scene.high(Category::GitRemote, &key.span, "Changes where git pushes a branch to.");
    } else if renames || words.iter().any(|a| run_by_git(&a.text)) {
        scene.high(Category::Interpreter, &call.span, "Changes a git setting that can make git run another program.");
    } else if call.has(&["--global", "--system"]) {
        scene.high(Category::Write, &call.span, "Changes git's settings for every repository of this user.");
    } else {
        scene.medium(Category::GitLocal, &call.span, "Changes the repository's settings.");
    }
}
