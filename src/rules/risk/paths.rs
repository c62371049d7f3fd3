//! What a path leads to: inside the project or not, a secret, the repository's own data, what runs by itself.
//!
//! Only text is looked at, and the real paths that the caller looked up before.

use std::collections::BTreeMap;

use super::value::Scope;
use guards::guard;
use names::{ends, fits, has_run, same};

mod guards;
pub mod names;

/// What the caller knows about where a request runs. All paths are absolute, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The folder it runs in; empty when it is not known.
    pub cwd: String,
    /// The project: the root of the git repository, or the folder itself.
    pub project: String,
    /// The user's home.
    pub home: String,
    /// A path as written, to its real path with every symbolic link followed.
    pub real: BTreeMap<String, String>,
    /// A word as written, to all else that it may lead to: what a glob finds, and where it leads from
    /// the other folders that the line goes to.
    pub also: BTreeMap<String, Vec<String>>,
    /// Files and folders of ccmon's own, and Claude's settings, where they are kept elsewhere than usual.
    pub own: Vec<String>,
    /// There was more to look up than was looked up, or it leads where its name does not say.
    pub partial: bool,
}

impl Place {
    /// Whether a directory that a `cd` names is in the project.
    #[must_use]
    pub fn is_inside(&self, to: &str) -> bool {
        let root = self.project.trim_end_matches('/');
        let path = if to.starts_with('/') { to.to_owned() } else { format!("{}/{to}", self.cwd) };
        let plain = !to.starts_with(['-', '~']) && !path.split('/').any(|part| part == "..");
        plain && under(&path, root)
    }
}

/// Something that is more than its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Scripts and settings that the project's own commands run: `package.json`, `Makefile`, `.envrc`.
    Scripts,
    /// What every later session of Claude is told before anything else.
    Memory,
    /// The editor's settings, which may start programs.
    Editor,
    /// What runs on the build server.
    Ci,
    /// The repository's own data and hooks.
    Vcs,
    /// What a login shell or the desktop runs by itself.
    Startup,
    /// What decides about Claude's requests, or about ccmon.
    Control,
}

/// What is known about a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Absolute, without `.` and `..`; as written when it cannot be known.
    pub path: String,
    /// Where it is.
    pub scope: Scope,
    /// It holds a key, token or password.
    pub secret: bool,
    /// It is more than its bytes.
    pub guard: Option<Guard>,
    /// A name that the system gives to a device: a disk, memory.
    pub device: bool,
    /// Anybody may read it, on any machine: what the system is, its programs and their manuals.
    pub public: bool,
    /// `/dev/null`, a terminal or a standard stream: no file at all.
    pub sink: bool,
}

/// Finds out where `written` leads from each of the folders `from`; the most dangerous counts.
#[must_use]
pub fn target(written: &str, from: &[String], place: &Place) -> Target {
    let mut worst: Option<Target> = None;
    for cwd in from.iter().map(String::as_str).chain(from.is_empty().then_some("")) {
        let plain = resolve(written, cwd, place);
        let real = place.real.get(written).or_else(|| place.real.get(&plain));
        let also = place.also.get(written).into_iter().flatten();
        for path in std::iter::once(&plain).chain(real).chain(also) {
            let found = classify(path, place);
            worst = Some(worst.map_or_else(|| found.clone(), |other| worse(&other, &found)));
        }
    }
    worst.unwrap_or_else(|| classify(written, place))
}

fn worse(a: &Target, b: &Target) -> Target {
    let weight = |t: &Target| (t.secret, t.guard, t.device, t.scope);
    let secret = a.secret || b.secret;
    let guard = a.guard.max(b.guard);
    let mut kept = if weight(b) > weight(a) { b.clone() } else { a.clone() };
    kept.scope = a.scope.max(b.scope);
    (kept.secret, kept.guard, kept.sink) = (secret, guard, a.sink && b.sink);
    kept.public = a.public && b.public;
    kept
}

/// Joins `written` to `cwd` and takes out `.` and `..`, by text alone.
#[must_use]
pub fn resolve(written: &str, cwd: &str, place: &Place) -> String {
    let whole = if written == "~" || written.starts_with("~/") {
        format!("{}{}", place.home, &written[1..])
    } else if written.starts_with('/') {
        written.to_owned()
    } else if written.starts_with('~') || cwd.is_empty() {
        return written.to_owned();
    } else {
        format!("{cwd}/{written}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

fn classify(path: &str, place: &Place) -> Target {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    let sink = matches!(path, "/dev/null" | "/dev/tty" | "/dev/stdin" | "/dev/stdout" | "/dev/stderr" | "/dev/zero")
        || path.starts_with("/dev/fd/")
        || matches!(path, "/dev/random" | "/dev/urandom" | "/dev/full");
    Target {
        scope: scope(path, place),
        secret: is_secret(path, &parts),
        guard: guard(path, &parts, place),
        device: !sink && (path.starts_with("/dev/") || path.starts_with("/sys/") || path.starts_with("/proc/sys")),
        public: is_public(path),
        sink,
        path: path.to_owned(),
    }
}

#[rustfmt::skip]
const PUBLIC: &[&str] = &[
    "/etc/os-release", "/etc/lsb-release", "/etc/debian_version", "/etc/redhat-release", "/etc/alpine-release",
    "/etc/issue", "/etc/hostname", "/etc/timezone", "/etc/localtime", "/etc/shells", "/etc/services",
    "/etc/protocols", "/etc/mime.types", "/etc/nsswitch.conf", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/loadavg", "/proc/uptime", "/proc/version", "/proc/filesystems", "/proc/stat", "/proc/vmstat",
    "/proc/swaps", "/proc/partitions", "/proc/mounts", "/proc/sys",
];
#[rustfmt::skip]
const PUBLIC_FOLDERS: &[&str] = &[
    "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/share", "/usr/include",
    "/usr/local/bin", "/usr/local/lib", "/usr/local/share", "/usr/local/include", "/bin", "/sbin", "/lib", "/lib64",
    "/opt/homebrew/bin", "/opt/homebrew/lib", "/opt/homebrew/share", "/System/Library", "/etc/ssl/certs", "/sys",
    "/proc/sys",
];

fn is_public(path: &str) -> bool {
    PUBLIC.contains(&path) || PUBLIC_FOLDERS.iter().any(|folder| under(path, folder))
}

fn scope(path: &str, place: &Place) -> Scope {
    if !path.starts_with('/') || path.contains('\u{FFFD}') && !under(path, &place.project) {
        return Scope::Unknown;
    }
    if under(path, &place.project) {
        return Scope::Project;
    }
    let passing = ["/tmp", "/var/tmp", "/dev/shm"].iter().any(|dir| under(path, dir));
    if passing { Scope::Temporary } else { Scope::Machine }
}

/// Whether `path` is `dir` or lies in it; an empty `dir` holds nothing.
#[must_use]
pub fn under(path: &str, dir: &str) -> bool {
    !dir.is_empty() && path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Folders and files that hold keys, wherever they are.
#[rustfmt::skip]
const SECRET_PARTS: &[&str] = &[
    ".ssh", ".aws", ".azure", ".gnupg", ".kube", ".netrc", ".pgpass", ".my.cnf", ".git-credentials", ".npmrc",
    ".pypirc", ".vault-token", ".env", ".password-store", "keyrings", "kwalletd", ".htpasswd", "credentials.toml",
    ".dockercfg", ".boto", ".s3cfg", "_netrc", "credentials.json", "secrets.yml", "secrets.yaml", "secrets.json",
    "service-account.json", ".terraformrc", ".credentials.json", "kubeconfig", ".claude.json", ".databrickscfg",
    ".rclone.conf", "rclone.conf", ".mozilla", ".bash_history", ".zsh_history", ".psql_history", ".python_history",
    ".envrc.local", ".envrc", "terraform.tfstate", "terraform.tfvars", ".mysql_history", ".node_repl_history",
    ".rediscli_history", ".sqlite_history", ".thunderbird", "auth.json", "oauth_creds.json", ".electrum", ".bitcoin",
    ".ethereum", "wallet.dat", ".vault_pass", ".vault_pass.txt", ".nuget", "wp-config.php", ".kaggle", ".oci", ".ngrok2",
    ".snowsql", ".fly", ".wrangler", "shadow", "gshadow", "sudoers", "sudoers.d",
];

/// Runs of folders that hold keys.
#[rustfmt::skip]
const SECRET_RUNS: &[&str] = &[
    ".config/gcloud", ".config/gh/hosts.yml", ".docker/config.json", ".config/google-chrome", ".config/chromium",
    ".config/BraveSoftware", ".config/microsoft-edge", ".local/share/keyrings", ".config/op", ".config/doctl",
    ".cargo/credentials", ".gem/credentials", ".m2/settings.xml", ".config/hub", ".terraform.d/credentials",
    "etc/kubernetes", "etc/ssl/private", "etc/wireguard", "etc/NetworkManager/system-connections",
    ".gradle/gradle.properties", ".config/sops", ".config/age", ".age", ".config/solana", ".config/github-copilot",
    ".config/glab-cli", ".config/stripe", ".config/ngrok", ".config/configstore", ".config/Signal", ".config/Bitwarden",
    ".config/keepassxc", ".config/fish/fish_history", ".local/share/fish/fish_history", ".cache/huggingface/token",
    ".local/share/opencode/auth", ".config/vivaldi", ".local/share/TelegramDesktop", ".config/discord", ".config/Slack",
    ".subversion/auth", "etc/krb5.keytab", "run/secrets", ".config/rclone",
];

const SECRET_ENDS: &[&str] =
    &[".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".ovpn", ".asc.key", ".agekey"];

/// Files that only show what a secret file would look like, or its public half.
const NOT_SECRET_ENDS: &[&str] = &[".example", ".sample", ".template", ".dist", ".pub", ".md", "known_hosts"];

fn is_secret(path: &str, parts: &[&str]) -> bool {
    let last = parts.last().map(|last| last.to_ascii_lowercase()).unwrap_or_default();
    // Certificates of those whom everybody trusts.
    let certificate = last.ends_with(".pem") && ["/etc/ssl/certs", "/usr/share"].iter().any(|dir| under(path, dir));
    if certificate || NOT_SECRET_ENDS.iter().any(|end| last.ends_with(end)) {
        return false;
    }
    let named = parts.iter().any(|part| SECRET_PARTS.iter().any(|name| same(part, name)));
    let env = last.starts_with(".env.") || last.ends_with(".env") || last.contains(".env.");
    let key = same(&last, "id_rsa") || last.starts_with("id_") && last.len() < 16 && !last.contains('.');
    let process = path.starts_with("/proc/") && ["environ", "mem", "kcore"].iter().any(|name| fits(&last, name));
    named
        || env
        || key
        || process
        || SECRET_ENDS.iter().any(|end| ends(&last, end))
        || SECRET_RUNS.iter().any(|run| has_run(parts, run))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        let real = [("link", "/home/u/.ssh"), ("/home/u/proj/out", "/srv/out")];
        Place {
            cwd: "/home/u/proj/sub".into(),
            project: "/home/u/proj".into(),
            home: "/home/u".into(),
            real: real.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect(),
            also: BTreeMap::from([("ln*".to_owned(), vec!["/home/u/proj/a".to_owned(), "/home/u/.ssh/id".to_owned()])]),
            own: vec!["/home/u/proj/var/ccmon-state".into()],
            partial: false,
        }
    }

    fn at(path: &str) -> Target {
        let place = place();
        target(path, std::slice::from_ref(&place.cwd), &place)
    }

    #[test]
    fn places_are_told_apart() {
        for (path, scope) in [
            ("a.txt", Scope::Project),
            ("../a.txt", Scope::Project),
            ("../../a.txt", Scope::Machine),
            ("/home/u/proj", Scope::Project),
            ("/home/u/project2/a", Scope::Machine),
            ("~/a", Scope::Machine),
            ("~bob/a", Scope::Unknown),
            ("/tmp/a", Scope::Temporary),
            ("/tmp/../etc/a", Scope::Machine),
            ("/tmpfiles/a", Scope::Machine),
            ("\u{FFFD}/a", Scope::Project),
        ] {
            assert_eq!(at(path).scope, scope, "{path}");
        }
        assert_eq!(target("a", &[], &place()).scope, Scope::Unknown);
    }

    #[test]
    fn secrets_are_known_by_name() {
        for path in [
            "~/.ssh/config",
            ".env",
            ".env.local",
            "prod.env",
            "tls/server.key",
            "~/.config/gh/hosts.yml",
            ".e*",
            ".*",
            ".[e]nv",
            ".ENV",
            "id_rsa",
            "/etc/[s]hadow",
            "/proc/self/env*",
            "/proc/1/*",
            "~/.docker/conf*",
            "~/.config/gh/host*",
            "~/.local/../.docker/co*.json",
            "tls/*.pe*",
        ] {
            assert!(at(path).secret, "{path}");
        }
        for path in [
            ".env.example",
            "~/.ssh/id_rsa.pub",
            "environment.ts",
            "monkey.rs",
            "*",
            "*.rs",
            "src/*",
            "*.json",
            "src/main.*",
            "~/.config/ghost",
            "src/id_map.rs",
        ] {
            assert!(!at(path).secret, "{path}");
        }
    }

    #[test]
    fn links_are_followed_when_they_are_known() {
        assert!(at("link").secret && at("ln*").secret);
        assert_eq!(at("/home/u/proj/out").scope, Scope::Machine);
        assert_eq!(at("../out").scope, Scope::Machine, "the same folder by another name");
    }

    #[test]
    fn what_runs_by_itself_is_guarded() {
        for (path, guard) in [
            (".git/hooks/pre-push", Some(Guard::Vcs)),
            (".gitignore", None),
            (".github/workflows/a.yml", Some(Guard::Ci)),
            (".claude/settings.json", Some(Guard::Control)),
            ("~/.local/share/ccmon/x", Some(Guard::Control)),
            ("~/.bashrc", Some(Guard::Startup)),
            ("Makefile", Some(Guard::Scripts)),
            (".vscode/tasks.json", Some(Guard::Editor)),
            (".GIT/config", Some(Guard::Vcs)),
            (".[g]it/hooks", Some(Guard::Vcs)),
            (".Claude/x", Some(Guard::Control)),
            ("~/.local/state/*/token", Some(Guard::Control)),
            ("*.toml", None),
            ("src/ccmon.rs", None),
        ] {
            assert_eq!(at(path).guard, guard, "{path}");
        }
    }
}
