//! Programs with many subcommands of which only some tell something and change nothing.
//!
//! What is not in the table stays unknown. Those of macOS are here because a session may work on one by ssh.

use super::call::Call;

/// A program, and the beginnings of the words by which it only tells something.
#[rustfmt::skip]
const TELLERS: &[(&str, &[&str])] = &[
    ("ansible-galaxy", &["--help", "search", "info", "list", "verify"]), ("ansible-vault", &["-h", "--help"]),
    ("ansible-console", &["--list-hosts", "--help"]), ("ansible-test", &["env", "--help"]),
    ("defaults", &["read", "domains", "find", "help"]), ("diskutil", &["list", "info", "activity"]),
    ("dscl", &["-read", "-list", "-search", "read", "list"]),
    ("hdiutil", &["imageinfo", "info", "plugins", "verify"]), ("mdimport", &["-L", "-X", "-A"]),
    ("networksetup", &["-get", "-show", "-list", "-version", "-help", "-print"]),
    ("pkgutil", &["--pkg", "--file-info", "--files", "--check-signature", "--groups"]),
    ("profiles", &["status", "list", "show", "validate", "help", "version"]),
    ("scutil", &["--get", "--dns", "--proxy", "--nwi", "-r"]), ("sips", &["-g", "--getProperty", "--verify"]),
    ("spctl", &["-a", "--assess", "--status"]), ("textutil", &["-info", "--help"]),
    ("tmutil", &["list", "uniquesize", "version", "machinedirectory", "latestbackup", "status", "destinationinfo"]),
    ("xattr", &["-l"]), ("xcode-select", &["-p", "--print-path", "--version"]),
    ("xcrun", &["--find", "--show-sdk-path"]), ("virsh", &["list", "dominfo", "version"]),
    ("vagrant", &["status", "version", "global-status"]), ("multipass", &["list", "info", "version"]),
    ("asdf", &["list", "current", "which", "where"]), ("mise", &["ls", "current", "which", "doctor"]),
    ("nvm", &["ls", "list", "current", "which", "version"]), ("pyenv", &["versions", "version", "which", "root"]),
    ("rbenv", &["versions", "version", "which", "root"]),
];

/// Whether the call only tells something: one of its first words is in the table.
#[must_use]
pub fn only_tells(call: &Call<'_>) -> bool {
    let Some((_, words)) = TELLERS.iter().find(|(name, _)| *name == call.name) else { return false };
    call.args.iter().take(3).any(|a| words.iter().any(|w| a.text.starts_with(w)))
}
