//! Where the daemon and the hook meet: the one place that names the socket, the state directory and the
//! files in it which both use.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

/// The directory for everything ccmon remembers: `$CCMON_STATE_DIR`, else `$HOME/.local/state/ccmon`.
/// A relative path is not believed, because hook and daemon run in different directories.
pub fn state_dir() -> Option<PathBuf> {
    state_dir_from(|name| std::env::var_os(name))
}

/// The daemon's socket: `$CCMON_SOCKET`, else in [`runtime_dir`] if that exists, else in the state directory.
pub fn socket_path() -> Option<PathBuf> {
    socket_path_from(|name| std::env::var_os(name), &runtime_dir())
}

/// `/run/user/<uid>/ccmon`, made by the daemon where the system provides its parent.
pub fn runtime_dir() -> PathBuf {
    PathBuf::from(format!("/run/user/{}/ccmon", rustix::process::geteuid().as_raw()))
}

/// Where events wait for a daemon that is away.
pub fn spool_dir(state: &Path) -> PathBuf {
    state.join(SPOOL)
}

/// Where the hook writes what went wrong.
pub fn error_log(state: &Path) -> PathBuf {
    state.join(ERROR_LOG)
}

pub(crate) const SPOOL: &str = "spool";
pub(crate) const ERROR_LOG: &str = "hook-errors.log";
const SOCKET: &str = "ccmon.sock";

fn state_dir_from(get: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    absolute(get("CCMON_STATE_DIR")).or_else(|| absolute(get("HOME")).map(|home| home.join(".local/state/ccmon")))
}

fn socket_path_from(get: impl Fn(&str) -> Option<OsString>, runtime: &Path) -> Option<PathBuf> {
    if let Some(path) = absolute(get("CCMON_SOCKET")) {
        return Some(path);
    }
    if is_dir(runtime) {
        return Some(runtime.join(SOCKET));
    }
    state_dir_from(get).map(|state| state.join(SOCKET))
}

/// One system call; `Path::is_dir` makes two.
fn is_dir(path: &Path) -> bool {
    let stat = rustix::fs::stat(path);
    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

fn absolute(value: Option<OsString>) -> Option<PathBuf> {
    value.map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
    }

    #[test]
    fn the_state_directory_is_named_or_below_home() {
        let both = env(&[("CCMON_STATE_DIR", "/s"), ("HOME", "/h")]);
        assert_eq!(state_dir_from(both), Some("/s".into()));
        assert_eq!(state_dir_from(env(&[("HOME", "/h")])), Some("/h/.local/state/ccmon".into()));
        assert_eq!(state_dir_from(env(&[])), None);
    }

    #[test]
    fn relative_and_empty_paths_are_not_believed() {
        let relative = env(&[("CCMON_STATE_DIR", "s"), ("HOME", "/h")]);
        assert_eq!(state_dir_from(relative), Some("/h/.local/state/ccmon".into()));
        assert_eq!(state_dir_from(env(&[("CCMON_STATE_DIR", ""), ("HOME", "")])), None);
    }

    #[test]
    fn the_socket_is_named_or_in_the_runtime_or_the_state_directory() {
        let named = env(&[("CCMON_SOCKET", "/x.sock"), ("HOME", "/h")]);
        assert_eq!(socket_path_from(named, Path::new("/")), Some("/x.sock".into()));
        let home = env(&[("HOME", "/h")]);
        assert_eq!(socket_path_from(&home, Path::new("/")), Some("/ccmon.sock".into()));
        let missing = Path::new("/nonexistent/ccmon");
        assert_eq!(socket_path_from(&home, missing), Some("/h/.local/state/ccmon/ccmon.sock".into()));
        assert_eq!(socket_path_from(env(&[]), missing), None);
    }
}
