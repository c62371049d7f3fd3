//! Names of what is more than its bytes: what runs by itself, or decides what may run.

use super::names::{has_run, same};
use super::{Guard, Place, under};

/// What the project's own commands take their orders from, or run before they do what they are asked.
#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "package.json", "Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", ".envrc", "build.rs", "setup.py",
    "conftest.py", "Rakefile", "Taskfile.yml", ".pre-commit-config.yaml", ".npmrc", ".yarnrc.yml", ".tool-versions",
    "mise.toml", ".mise.toml", "lefthook.yml", ".husky", ".cargo", "rust-toolchain", "rust-toolchain.toml", ".yarnrc",
    ".yarn", ".pnp.cjs", ".pnp.loader.mjs", ".pnpmfile.cjs", "pnpmfile.js", "bunfig.toml", "pip.conf", "pip.ini",
    "noxfile.py", "sitecustomize.py", "usercustomize.py", "site-packages", "node_modules", ".venv", "venv", ".bundle",
    ".mvn", "gradle.properties", "gradle-wrapper.properties", "gradle-wrapper.jar", "init.gradle", ".sbtopts",
    ".jvmopts", ".taskrc.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml", "lefthook-local.yml", ".overcommit.yml",
    ".simple-git-hooks.json", ".simple-git-hooks.cjs", ".lintstagedrc", ".lintstagedrc.json", ".lintstagedrc.js",
    ".huskyrc", ".mise", ".envrc.local", "Directory.Build.props", "Directory.Build.targets", "nuget.config",
    // What a debugger, a shell of a language or a query tool reads in the folder that it is started in.
    ".pdbrc", ".gdbinit", ".lldbinit", ".Rprofile", ".Renviron", ".ghci", ".ocamlinit", ".iex.exs", ".irbrc", ".pryrc",
    ".psqlrc", ".sqliterc", ".perltidyrc", ".proverc", ".rspec",
];
/// Folders in which a repository keeps its hooks, and the names of hooks.
#[rustfmt::skip]
const HOOKS: &[&str] = &[
    ".githooks", ".git-hooks", "githooks", "git-hooks", "pre-commit", "pre-push", "commit-msg", "prepare-commit-msg",
    "post-commit", "post-checkout", "post-merge", "post-rewrite", "pre-rebase", "pre-merge-commit", "pre-receive",
    "post-receive", "post-update", "applypatch-msg", "pre-applypatch", "post-applypatch", "reference-transaction",
    "fsmonitor-watchman", "pre-auto-gc", "post-index-change", "sendemail-validate", "push-to-checkout",
];
#[rustfmt::skip]
const CI: &[&str] = &[
    ".gitlab-ci.yml", "Jenkinsfile", ".travis.yml", "azure-pipelines.yml", ".circleci", ".drone.yml", ".buildkite",
    ".gitlab-ci.yaml", "bitbucket-pipelines.yml", "appveyor.yml", ".appveyor.yml", ".woodpecker", ".woodpecker.yml",
    ".woodpecker.yaml", ".forgejo", ".gitea", "cloudbuild.yaml", "cloudbuild.yml", "buildspec.yml", ".semaphore",
    ".cirrus.yml", ".teamcity", ".readthedocs.yaml", ".readthedocs.yml", "wercker.yml", ".azure-pipelines",
];
/// Editors and what they take for the settings of the folder that they open.
#[rustfmt::skip]
const EDITOR: &[&str] = &[
    ".vscode", ".idea", ".cursor", ".zed", ".editorconfig", ".devcontainer", ".devcontainer.json", ".windsurf",
    ".codex", ".gemini", ".opencode", "opencode.json", ".aider.conf.yml", ".continue", ".roo", ".fleet", ".helix", ".theia", ".gitpod.yml", ".exrc", ".nvim.lua", ".nvimrc", ".lvimrc", ".vimrc.local", ".kakrc",
    ".dir-locals.el", ".dir-locals-2.el", ".nova", ".nvim",
];
/// Endings of such files.
const EDITOR_ENDS: &[&str] = &[".code-workspace", ".sublime-project", ".sublime-workspace", ".iml"];
#[rustfmt::skip]
const STARTUP: &[&str] = &[
    ".bashrc", ".bash_profile", ".bash_login", ".profile", ".zshrc", ".zshenv", ".zprofile", ".bash_logout",
    ".gitconfig", ".xprofile", ".xinitrc", ".inputrc", ".tmux.conf", ".vimrc", "authorized_keys", "crontab",
    ".bash_aliases", ".bash_completion", ".bash_env", ".zlogin", ".zlogout", ".kshrc", ".mkshrc", ".cshrc", ".tcshrc",
    ".login", ".logout", ".oh-my-zsh", ".xsession", ".xsessionrc", ".xserverrc", ".pam_environment", ".direnvrc",
    ".hgrc", ".gvimrc", ".vim", ".emacs", ".emacs.d", ".spacemacs", ".doom.d", ".ideavimrc", ".nanorc", ".screenrc",
    ".wezterm.lua", ".pythonrc", ".pythonstartup", ".mailcap", ".lesskey", ".lessfilter", ".curlrc", ".wgetrc", ".ackrc",
    ".selected_editor", ".fluxbox", ".gnomerc", ".kde", ".mavenrc", ".gradlerc", ".pam_env", ".forward", ".procmailrc",
];
#[rustfmt::skip]
const STARTUP_RUNS: &[&str] = &[
    ".config/autostart", ".config/systemd", ".config/fish", ".config/git", "etc/profile.d", "etc/cron.d",
    "etc/systemd/system", "var/spool/cron", "etc/ld.so.preload", ".config/environment.d", "etc/sudoers",
    ".local/bin", ".local/share/systemd", ".local/share/applications", ".local/share/dbus-1", ".config/zsh",
    ".config/bash", ".config/nushell", ".config/direnv", ".config/mise", ".config/tmux", ".config/nvim", ".config/vim",
    ".config/emacs", ".config/helix", ".config/Code", ".config/kitty", ".config/alacritty", ".config/wezterm",
    ".config/ghostty", ".config/foot", ".config/i3", ".config/sway", ".config/hypr", ".config/awesome",
    ".config/bspwm", ".config/sxhkd", ".config/qtile", ".config/openbox", ".config/river", ".config/niri",
    ".config/xfce4", ".config/plasma-workspace", ".config/kwinrc", ".config/waybar", ".config/polybar", ".config/pip",
    ".config/npm", ".config/starship.toml", ".config/htop", ".config/mimeapps.list", ".config/ranger", ".config/lf",
    ".local/lib", "Library/LaunchAgents", "Library/LaunchDaemons",
];
#[rustfmt::skip]
const CONTROL_RUNS: &[&str] = &[
    ".config/ccmon", ".local/share/ccmon", ".local/state/ccmon", ".cache/ccmon", "etc/claude-code", "ccmon.db",
    "ccmon.sock",
];
const MEMORY: &[&str] = &["CLAUDE.md", "CLAUDE.local.md"];

/// What a path is beside its bytes; the most dangerous when it is several things.
pub fn guard(path: &str, parts: &[&str], place: &Place) -> Option<Guard> {
    let has = |names: &[&str]| parts.iter().any(|part| names.iter().any(|name| same(part, name)));
    let runs = |names: &[&str]| names.iter().any(|run| has_run(parts, run));
    let last = parts.last().copied().unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|name| same(last, name));
    if is_control(path, place, &has) || runs(CONTROL_RUNS) {
        return Some(Guard::Control);
    }
    let programs = || !place.home.is_empty() && under(path, &format!("{}/bin", place.home));
    if has(STARTUP) || runs(STARTUP_RUNS) || programs() {
        return Some(Guard::Startup);
    }
    // A folder with a HEAD and a config is a repository to git, and its config may run programs.
    if has(&[".git", ".hg", ".svn", ".jj"]) || has(HOOKS) || last.eq_ignore_ascii_case("HEAD") {
        return Some(Guard::Vcs);
    }
    if has(CI) || runs(&[".github/workflows", ".github/actions", ".gitlab/ci"]) {
        return Some(Guard::Ci);
    }
    if has(EDITOR) || EDITOR_ENDS.iter().any(|end| last.ends_with(end)) {
        return Some(Guard::Editor);
    }
    if is(MEMORY) {
        return Some(Guard::Memory);
    }
    has(SCRIPTS).then_some(Guard::Scripts)
}

/// What decides about requests: Claude's settings and ccmon, wherever this machine keeps them.
fn is_control(path: &str, place: &Place, has: &dyn Fn(&[&str]) -> bool) -> bool {
    // Transcripts and what Claude keeps of a project are no settings.
    let kept = |folder: &str| under(path, &format!("{folder}/projects"));
    let claude = has(&[".claude", ".mcp.json", ".claude.json"]) && !kept(&format!("{}/.claude", place.home));
    let run = path.starts_with("/run/") && path.contains("/ccmon");
    claude || run || place.own.iter().any(|own| under(path, own) && !kept(own))
}
