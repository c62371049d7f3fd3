//! Which `claude` clients are installed: several may share one settings file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long `claude --version` may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A client's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// An installed client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its program, links followed.
    pub path: PathBuf,
    /// Its version, when it tells.
    pub version: Option<Version>,
}

/// Every client that can be found, each once: in `PATH`, and where its installers put it.
#[must_use]
pub fn find() -> Vec<Installed> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let usual = home
        .iter()
        .flat_map(|home| [home.join(".local/bin"), home.join(".claude/local")]);
    let places = std::env::split_paths(&path)
        .chain(usual)
        .chain([PathBuf::from("/usr/local/bin")]);
    let programs = places
        .filter_map(|place| std::fs::canonicalize(place.join("claude")).ok())
        .filter(|path| path.is_file());
    let unique: BTreeMap<PathBuf, ()> = programs.map(|path| (path, ())).collect();
    unique
        .into_keys()
        .map(|path| Installed {
            version: version(&path),
            path,
        })
        .collect()
}

/// The oldest of them; `None` when there is none, or one does not tell.
#[must_use]
pub fn oldest(installed: &[Installed]) -> Option<Version> {
    installed.iter().map(|client| client.version).min().flatten()
}

/// From where it is installed, where that tells; else by asking it.
fn version(program: &Path) -> Option<Version> {
    let name = program.file_name().and_then(|name| name.to_str());
    let of_path = name.and_then(parse);
    of_path.or_else(|| of_package(program)).or_else(|| ask(program))
}

/// The `package.json` beside it, or one up, as npm puts it.
fn of_package(program: &Path) -> Option<Version> {
    program.ancestors().skip(1).take(2).find_map(|directory| {
        let text = std::fs::read_to_string(directory.join("package.json")).ok()?;
        let package: serde_json::Value = serde_json::from_str(&text).ok()?;
        let ours = package.get("name")?.as_str()?.starts_with("@anthropic-ai/claude-code");
        parse(package.get("version")?.as_str()?).filter(|_| ours)
    })
}

fn ask(program: &Path) -> Option<Version> {
    let kept = |name: &str| std::env::var_os(name).map(|value| (OsString::from(name), value));
    let mut command = Command::new(program);
    command
        .arg("--version")
        .env_clear()
        .envs(["PATH", "HOME"].into_iter().filter_map(kept));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + PATIENCE;
    let done = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status.success(),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            _ => break false,
        }
    };
    if !done {
        let _ = child.kill();
        let _ = child.wait();
        return None;
    }
    let mut said = String::new();
    child.stdout.take()?.take(1_024).read_to_string(&mut said).ok()?;
    parse(said.split_whitespace().next()?)
}

/// `2.1.329`, and nothing else.
fn parse(text: &str) -> Option<Version> {
    let mut numbers = text.trim().split('.').map(|part| part.parse().ok());
    let version = Version {
        major: numbers.next()??,
        minor: numbers.next()??,
        patch: numbers.next()??,
    };
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert!(parse("2.1.329") > parse("2.1.99"));
        assert_eq!(parse("2.1"), None);
        assert_eq!(parse("claude"), None);
    }

    #[test]
    fn one_that_does_not_tell_counts_as_the_oldest() {
        let client = |version| Installed {
            path: "/c".into(),
            version,
        };
        let known = parse("2.1.329");
        assert_eq!(oldest(&[client(known)]), known);
        assert_eq!(oldest(&[client(known), client(None)]), None);
        assert_eq!(oldest(&[]), None);
    }

    #[test]
    fn a_program_is_asked_when_its_place_does_not_tell() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("claude");
        std::fs::write(&program, "#!/bin/sh\necho '2.0.76 (Claude Code)'\n").unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(version(&program), parse("2.0.76"));
    }
}
