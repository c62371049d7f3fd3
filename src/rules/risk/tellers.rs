//! Programs with many subcommands of which only some tell something and change nothing.
//!
//! What is not in the table stays unknown. Those of macOS are here because a session may work on one by ssh.

use super::call::Call;

/// A program, and the beginnings of the words by which it only tells something.
#[rustfmt::skip]
const TELLERS: &[(&str, &[&str])] = &[
    ("ansible-galaxy", &["search", "info", "list", "verify"]),
    ("ansible-console", &["--list-hosts"]), ("ansible-test", &["env"]),
    ("defaults", &["read", "read-type", "domains", "find", "help"]), ("diskutil", &["list", "info", "information", "listFilesystems", "activity"]),
    ("dscl", &["-read", "-list", "-search", "read", "list"]),
    ("hdiutil", &["imageinfo", "info", "plugins", "verify"]), ("mdimport", &["-L", "-X", "-A", "-t"]),
    ("networksetup", &["-get", "-show", "-list", "-version", "-print"]),
    ("pkgutil", &["--pkg", "--payload-files", "--export-plist", "--only-", "--file-info", "--files", "--check-signature", "--groups"]),
    ("profiles", &["status", "list", "show", "validate", "help", "version"]),
    ("scutil", &["--get", "--dns", "--proxy", "--nwi", "-r"]), ("sips", &["-g", "--getProperty", "--verify", "--formats"]),
    ("spctl", &["-a", "--assess", "--status", "--list", "--disable-status"]), ("textutil", &["-info", "-stdout"]),
    ("tmutil", &["listbackups", "listlocalsnapshots", "listlocalsnapshotdates", "uniquesize", "version", "machinedirectory", "latestbackup", "status", "destinationinfo"]),
    ("xattr", &["-l", "-p", "-h"]), ("xcode-select", &["-p", "--print-path", "--version"]),
    ("xcrun", &["--find", "--show-sdk-path"]), ("virsh", &["list", "dominfo", "version"]),
    ("vagrant", &["status", "version", "global-status"]), ("multipass", &["list", "info", "version"]),
    ("asdf", &["list", "current", "which", "where"]), ("mise", &["ls", "current", "which", "doctor"]),
    ("nvm", &["ls", "list", "current", "which", "version"]), ("pyenv", &["versions", "version", "which", "root"]),
    ("rbenv", &["versions", "version", "which", "root"]), ("binhex", &["probe", "-c"]), ("macbinary", &["probe", "-c"]),
    ("applesingle", &["probe", "-c"]), ("coredumpctl", &["list", "info"]), ("udevadm", &["info", "monitor"]),
    ("wpctl", &["status", "inspect"]), ("pactl", &["list", "info", "stat", "get-"]), ("upower", &["-"]),
    ("fwupdmgr", &["get-"]), ("rfkill", &["list"]), ("iw", &["list", "info"]), ("ethtool", &["-i", "-k", "-S"]),
    ("arp", &["-a", "-n", "-e"]), ("sdk", &["list", "current", "version"]),
    ("fnm", &["ls", "list", "current"]), ("volta", &["list", "which"]), ("goenv", &["versions", "version"]),
    ("tfenv", &["list"]), ("helmfile", &["list", "lint", "template", "diff"]), ("kustomize", &["build", "version"]),
    ("kubectx", &["-c", "--current"]), ("kubens", &["-c", "--current"]), ("skopeo", &["inspect", "list-tags"]),
    ("crane", &["manifest", "config", "ls", "digest", "catalog", "validate", "version"]),
    ("cosign", &["verify", "tree", "triangulate", "version"]), ("hg", &["status", "log", "diff",
        "annotate", "summary", "identify", "branches", "tags", "heads", "paths", "cat", "grep", "files", "manifest"]),
    ("svn", &["status", "log", "diff", "info", "blame", "list", "cat", "propget", "proplist"]),
    ("jj", &["status", "log", "show", "diff", "st", "evolog", "root"]), ("chezmoi", &["status", "diff", "managed"]),
    ("gofmt", &["-l", "-d"]), ("rustfmt", &["--check"]), ("shfmt", &["-d", "-l"]), ("typos", &["--diff"]),
    ("clang-format", &["--dry-run", "-n"]), ("xcodebuild", &["-list", "-version",
        "-showsdks", "-showBuildSettings"]), ("xcodes", &["installed", "list"]), ("mas", &["list", "search", "info"]),
    ("tart", &["list"]), ("limactl", &["list", "info"]), ("colima", &["status", "list", "version"]),
    ("lpstat", &["-"]), ("v4l2-ctl", &["--list", "--all"]),
    ("promtool", &["check", "query"]), ("nginx", &["-t", "-T", "-v", "-V"]),
    ("apachectl", &["configtest", "-t", "-S"]), ("httpd", &["-t", "-S", "-v"]), ("sshd", &["-t", "-T"]),
    ("haproxy", &["-c", "-v"]), ("postconf", &["-n", "-d"]),
];

/// Words beside those of the table that make the call change something after all.
#[rustfmt::skip]
const BUT: &[(&str, &[&str])] = &[
    ("gofmt", &["-w"]), ("shfmt", &["-w"]), ("clang-format", &["-i"]), ("xattr", &["-w", "-d", "-c", "-s"]),
    ("sips", &["-s", "-o", "--out", "--setProperty", "-z", "-r", "-f", "-c", "-Z", "--deleteProperty"]),
    ("textutil", &["-output", "-extension"]), ("pkgutil", &["--forget", "--expand", "--flatten", "--learn"]),
    ("kustomize", &["-o", "--output", "--enable-exec", "--enable-alpha-plugins", "--helm-command"]),
    ("hg", &["--config", "--tool"]), ("jj", &["--config", "--config-toml", "--config-file", "--tool"]),
    ("svn", &["--diff-cmd", "--diff3-cmd", "--editor-cmd", "--config-option", "--config-dir"]), ("arp", &["-s", "-d"]),
    ("helmfile", &["--output-dir", "--helm-binary", "-b", "--kustomize-binary"]), ("nginx", &["-g", "-s"]),
    ("defaults", &["write", "delete", "rename", "import"]), ("iw", &["set", "add", "del"]),
    ("ethtool", &["-s", "-K", "-G"]), ("spctl", &["--add", "--remove", "--enable", "--disable", "--master-enable"]),
];

/// Words that only say of what kind the thing is that the next word is about.
const GROUPS: &[&str] = &["localhost", "apfs", "collection", "role", "cs", "coreStorage", "appleRAID", "dev", "."];

/// Those that tell something as long as they are given no option at all.
const BARE: &[&str] = &["xattr", "sips", "lpstat", "arp", "rfkill"];

/// Whether the call only tells something: its first word, or one of its first options, is in the table.
#[must_use]
pub fn only_tells(call: &Call<'_>) -> bool {
    let words_of = |table: &'static [(&'static str, &'static [&'static str])]| {
        table.iter().find(|(name, _)| *name == call.name).map(|(_, words)| *words)
    };
    let changes = words_of(BUT).unwrap_or_default();
    if call.args.iter().any(|a| changes.iter().any(|option| amounts_to(&a.text, option))) {
        return false;
    }
    let Some(tells) = words_of(TELLERS) else { return false };
    let bare = BARE.contains(&call.name.as_str()) && call.args.len() < 2 && call.args.iter().all(|a| !a.is_option());
    let told = |word: &str| tells.iter().any(|own| begins(word, own)) || word == "help";
    let option = call.args.iter().take(3).any(|a| a.is_option() && told(&a.text));
    let mut words = call.args.iter().filter(|a| !a.is_option()).skip_while(|a| GROUPS.contains(&a.text.as_str()));
    bare || call.asks_help(2)
        || option
        || words.next().is_some_and(|a| tells.contains(&a.text.as_str()) || told(&a.text))
}

/// Whether `text` is `option`, cut short (`--conf=x`), with a value behind it (`-w=true`, `-o/x`), or among
/// other letters (`-lw`). With a second dash, programs written in Go take it too.
fn amounts_to(text: &str, option: &str) -> bool {
    if text == option {
        return true;
    }
    let name = text.split('=').next().unwrap_or_default();
    let Some(given) = name.strip_prefix('-').map(|rest| rest.trim_start_matches('-')).filter(|g| !g.is_empty()) else {
        return false;
    };
    match option.strip_prefix('-') {
        Some(letter) if letter.len() == 1 => {
            given == letter
                || !text.starts_with("--")
                    && (text[1..].starts_with(letter) || given.len() < 4 && given.contains(letter))
        }
        Some(long) => long.trim_start_matches('-').starts_with(given) && (name.starts_with("--") || given.len() > 1),
        None => false,
    }
}

/// An option of the table stands for those that begin like it, `get-` for every word that does.
fn begins(text: &str, with: &str) -> bool {
    (with.starts_with('-') || with.ends_with('-')) && text.starts_with(with)
}
