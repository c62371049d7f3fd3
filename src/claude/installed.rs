//! Which `claude` programs are installed, and their versions. Several may share one settings file, and the
//! oldest decides which hooks may be in it.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::{Access, access};
use rustix::process::{Pid, Signal, kill_process_group};

/// A client that does not say its version by then is broken.
const PATIENCE: Duration = Duration::from_secs(5);

/// A version of Claude Code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// `2` of 2.1.329
    pub major: u32,
    /// `1` of 2.1.329
    pub minor: u32,
    /// `329` of 2.1.329
    pub patch: u32,
}

/// An installed client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its program, links followed.
    pub path: PathBuf,
    /// Its version, when it tells.
    pub version: Option<Version>,
}

/// Every client that can be found, each once: in `PATH`, and where its installers put it. The oldest comes
/// first, and before it those that do not tell.
#[must_use]
pub fn find() -> Vec<Installed> {
    Search::here().clients()
}

/// The oldest of them; `None` when there is none, or one does not tell.
#[must_use]
pub fn oldest(installed: &[Installed]) -> Option<Version> {
    installed.iter().map(|client| client.version).min().flatten()
}

/// The first executable file called `name` in `PATH`.
#[must_use]
pub fn in_path(name: &str) -> Option<PathBuf> {
    let search = Search::here();
    search.path_directories().map(|directory| directory.join(name)).find(|file| is_program(file))
}

/// Whether `path` is a file that can be run.
#[must_use]
pub fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// Where to look, and how long.
#[derive(Clone, Debug)]
struct Search {
    path: Option<OsString>,
    home: Option<PathBuf>,
    /// Where programs are even if `PATH` does not say so.
    system: Vec<PathBuf>,
    patience: Duration,
}

impl Search {
    fn here() -> Self {
        let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        Self {
            path: std::env::var_os("PATH"),
            home,
            system: vec!["/usr/local/bin".into(), "/usr/bin".into()],
            patience: PATIENCE,
        }
    }

    fn clients(&self) -> Vec<Installed> {
        let mut found: Vec<PathBuf> = Vec::new();
        for program in self.candidates().filter(|path| is_program(path)) {
            // What cannot be resolved went away this moment.
            found.extend(fs::canonicalize(program).ok().filter(|real| !found.contains(real)));
        }
        let client = |path: PathBuf| Installed { version: self.version(&path), path };
        let mut clients: Vec<Installed> = found.into_iter().map(client).collect();
        clients.sort_by_key(|client| client.version);
        clients
    }

    fn candidates(&self) -> impl Iterator<Item = PathBuf> + '_ {
        let home = self.home.iter().flat_map(|home| [home.join(".local/bin"), home.join(".claude/local")]);
        let directories = self.path_directories().chain(home).chain(self.system.iter().cloned());
        directories.map(|directory| directory.join("claude"))
    }

    /// A relative directory is not believed: what is in it would depend on where ccmon was started.
    fn path_directories(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.path.iter().flat_map(std::env::split_paths).filter(|directory| directory.is_absolute())
    }

    /// From where it is installed, where that tells; else by asking it, which takes a second or more.
    fn version(&self, program: &Path) -> Option<Version> {
        named(program).or_else(|| packaged(program)).or_else(|| self.asked(program))
    }

    /// Runs `claude --version` in an environment in which it can do little else.
    fn asked(&self, program: &Path) -> Option<Version> {
        let mut command = Command::new(program);
        command.arg("--version").env_clear().current_dir("/").process_group(0);
        command.envs(self.path.iter().map(|path| ("PATH", path)));
        command.envs(self.home.iter().map(|home| ("HOME", home)));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let version = self.listen(&mut child);
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            // What it started goes with it. Gone already is fine.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = child.wait();
        version
    }

    /// The first version that a child says, however long it then goes on.
    fn listen(&self, child: &mut Child) -> Option<Version> {
        let out = BufReader::new(child.stdout.take()?.take(4096));
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let lines = out.lines().map_while(Result::ok);
            let mut versions =
                lines.filter_map(|line| line.split_whitespace().find_map(|word| word.parse::<Version>().ok()));
            // Nobody listens any more when it took too long.
            let _ = sender.send(versions.next());
        });
        receiver.recv_timeout(self.patience).ok()?
    }
}

/// The native installer keeps each version in a file of that name.
fn named(real: &Path) -> Option<Version> {
    real.file_name()?.to_str()?.parse().ok()
}

/// npm's package says it: around the program, or beside the script of `~/.claude/local`.
fn packaged(real: &Path) -> Option<Version> {
    let around = real.ancestors().skip(1).take(3).map(|directory| directory.join("package.json"));
    let beside = real.with_file_name("node_modules").join("@anthropic-ai/claude-code/package.json");
    around.chain([beside]).find_map(|file| package_version(&file))
}

fn package_version(file: &Path) -> Option<Version> {
    let mut text = String::new();
    File::open(file).ok()?.take(1 << 20).read_to_string(&mut text).ok()?;
    let package: serde_json::Value = serde_json::from_str(&text).ok()?;
    let ours = package["name"].as_str()?.starts_with("@anthropic-ai/claude-code");
    ours.then(|| package["version"].as_str()?.parse().ok())?
}

impl FromStr for Version {
    type Err = ();

    /// `2.1.329`, also with a suffix (`-beta.1`).
    fn from_str(text: &str) -> Result<Self, ()> {
        let (numbers, _suffix) = text.split_once(['-', '+']).unwrap_or((text, ""));
        let numbers: Result<Vec<u32>, _> = numbers.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            _ => Err(()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const OLD: &str = "#!/bin/sh\necho '2.0.76 (Claude Code)'\n";

    fn put(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        crate::testing::program(path, text);
    }

    fn versions(search: &Search) -> Vec<Option<String>> {
        search.clients().iter().map(|client| client.version.map(|version| version.to_string())).collect()
    }

    #[test]
    fn every_kind_of_installation_tells_its_version_the_oldest_first() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().to_owned();
        let link = |from: &str, to: PathBuf| {
            fs::create_dir_all(home.join(from).parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(to, home.join(from)).unwrap();
        };
        put(&home.join(".local/share/claude/versions/2.1.329"), "not run");
        link(".local/bin/claude", home.join(".local/share/claude/versions/2.1.329"));
        let package = home.join("npm/lib/node_modules/@anthropic-ai/claude-code");
        put(&package.join("cli.js"), "not run");
        put(&package.join("package.json"), r#"{"name": "@anthropic-ai/claude-code", "version": "2.1.197"}"#);
        link("npm/bin/claude", package.join("cli.js"));
        link("again/claude", package.join("cli.js"));
        put(&home.join("script/claude"), OLD);
        put(&home.join("relative/claude"), "#!/bin/sh\necho 1.0.0\n");
        let path = std::env::join_paths(["/bin".into(), home.join("npm/bin"), home.join("again"), home.join("script")]);
        let mut search = Search { path: path.ok(), home: Some(home), system: vec![], patience: PATIENCE };
        let expected = ["2.0.76", "2.1.197", "2.1.329"].map(|version| Some(version.to_owned()));
        assert_eq!(versions(&search), expected);
        search.path = Some("relative:".into());
        assert_eq!(versions(&search), expected[2..]);
    }

    #[test]
    fn one_that_does_not_say_is_unknown_and_comes_first() {
        let root = tempfile::tempdir().unwrap();
        put(&root.path().join("a/claude"), OLD);
        put(&root.path().join("b/claude"), "#!/bin/sh\necho what?\n");
        let path = std::env::join_paths([root.path().join("a"), root.path().join("b")]).ok();
        let search = Search { path, home: None, system: vec![], patience: PATIENCE };
        let clients = search.clients();
        assert_eq!(clients[0].version, None);
        assert!(clients[1].version.is_some() && oldest(&clients).is_none());
        assert_eq!(oldest(&clients[1..]), "2.0.76".parse().ok());
    }

    #[test]
    fn one_that_hangs_or_leaves_something_running_is_not_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let mut search = Search {
            path: Some("/usr/bin:/bin".into()),
            home: None,
            system: vec![],
            patience: Duration::from_millis(200),
        };
        put(&root.path().join("hangs"), "#!/bin/sh\nsleep 600 & sleep 600\n");
        let start = Instant::now();
        assert_eq!(search.version(&root.path().join("hangs")), None);
        search.patience = Duration::from_secs(60);
        put(&root.path().join("leaves"), "#!/bin/sh\nsleep 600 &\necho hello\necho 2.1.5 x\n");
        assert_eq!(search.version(&root.path().join("leaves")), "2.1.5".parse().ok());
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn versions_compare_as_numbers() {
        let version = |text: &str| text.parse::<Version>();
        assert!(version("2.1.99").unwrap() < version("2.1.329-beta.1").unwrap());
        for text in ["", "2.1", "2.1.x", "2.1.3.4", "v2.1.3", "2.1.99999999999"] {
            assert!(version(text).is_err(), "{text}");
        }
    }
}
