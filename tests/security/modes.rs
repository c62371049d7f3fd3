//! Whatever is made is made for its owner alone, from its first moment: tried in the life of a user who has nothing
//! yet, under every umask.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::hold;
use crate::others::{copies, start};
use crate::strace::{self, watched};
use crate::suite::{Suite, Verdict};
use crate::support::ccmon::Ccmon;
use crate::support::{PATIENCE, http, wait_until};
use crate::world::{NOBODY, World, as_nobody, asking, end, fed, is_root, path, said};

/// What makes something.
const MAKING: &str = "open,openat,creat,mkdir,mkdirat,mknod,mknodat,bind";

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    for umask in ["000", "022", "077", "777"] {
        let whole = umask == "022" || umask == "077";
        let name = format!("umask {umask}: all that a life leaves -> 0700 and 0600");
        let trial = move || Life::lived(umask, false).and_then(|life| life.is_private()).map(Verdict::from);
        if whole { suite.whole(name, trial) } else { suite.case(name, trial) }
    }
    suite.case("umask 000: whatever is made is made 0700 or 0600, and not closed later", || {
        if !strace::is_there() {
            return Ok(strace::missing());
        }
        Life::lived("000", true)?.was_private().map(Verdict::from)
    });
}

/// A user's first day.
struct Life {
    world: World,
    umask: &'static str,
    calls: Vec<String>,
}

impl Life {
    fn lived(umask: &'static str, watching: bool) -> Result<Self, String> {
        let world = World::closed();
        fs::set_permissions(world.at(""), fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
        fs::create_dir(world.at("home")).map_err(|error| error.to_string())?;
        if is_root() {
            chown(world.at("home"), Some(NOBODY), Some(NOBODY)).map_err(|error| error.to_string())?;
        }
        let mut life = Self { world, umask, calls: Vec::new() };
        life.live(watching)?;
        Ok(life)
    }

    fn home(&self, name: &str) -> PathBuf {
        self.world.at("home").join(name)
    }

    /// The daemon's journal, which has to be in memory.
    fn journal(&self) -> PathBuf {
        Ccmon::journal(&self.world.at("life"))
    }

    /// A program of this user's, under this umask.
    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let program = copies(&self.world).expect("copies").join(name);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("umask {}; exec \"$@\"", self.umask), "sh"]).arg(program).args(arguments);
        // Not where the system has one for whoever tries this.
        let socket = self.home(".local/state/ccmon/ccmon.sock");
        command.env("HOME", self.home("")).env("CCMON_SOCKET", socket).env("PATH", path()).current_dir("/");
        command.env("CCMON_JOURNAL_DIR", self.journal());
        if is_root() { as_nobody(&command) } else { command }
    }

    fn live(&mut self, watching: bool) -> Result<(), String> {
        let daemon = self.command("ccmon", &["daemon"]);
        let written = self.world.at("calls");
        let mut daemon = if watching { watched(&daemon, MAKING, &written).command } else { daemon };
        let daemon = start(&mut daemon);
        let lived = self.day();
        let pid = self.get("/healthz").map(|health| health["pid"].clone());
        pid.and_then(|pid| Command::new("kill").arg(pid.to_string()).status().ok());
        wait_until(PATIENCE, || self.get("/healthz").is_none().then_some(()), || "it never ends".to_owned());
        end(daemon);
        if watching {
            let text = fs::read(&written).unwrap_or_default();
            self.calls.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
        }
        lived?;
        self.alone(watching)
    }

    fn get(&self, route: &str) -> Option<Value> {
        // Root may knock at a door of nobody's, and is not answered: so ask as they would.
        let socket = self.home(".local/state/ccmon/ccmon.sock");
        if !is_root() {
            return http::ask(&socket, "GET", route, None).map(|(_, body)| body);
        }
        let mut curl = Command::new("curl");
        curl.args(["-s", "--max-time", "10", "--unix-socket"]).arg(socket).arg(format!("http://ccmon{route}"));
        curl.env("PATH", path());
        serde_json::from_slice(&as_nobody(&curl).output().ok()?.stdout).ok()
    }

    /// What makes files while the daemon runs.
    fn day(&self) -> Result<(), String> {
        let up = || self.get("/healthz").filter(|health| health["status"] == "ok");
        wait_until(PATIENCE, up, || format!("under umask {} it never answers: {:?}", self.umask, self.tree()));
        let event = json!({ "session_id": "one", "cwd": "/p", "hook_event_name": "Stop" }).to_string();
        said(fed(&mut self.command("ccmon-hook", &[]), event.as_bytes()), PATIENCE);
        for words in [
            &["rules", "add", "ls*"][..],
            &["install"],
            &["uninstall"],
            &["install"],
            &["web", "--print-url"],
            &["export", "s-one", "-o", "/dev/stdout"],
            &["quiet", "1h"],
        ] {
            let _ = self.command("ccmon", words).output();
        }
        let exported = self.home("exported.md").display().to_string();
        let out = self.command("ccmon", &["export", "s-one", "-o", &exported]).output();
        hold!(out.as_ref().is_ok_and(|out| out.status.success()), "{out:?}");
        Ok(())
    }

    /// What hooks make while no daemon runs.
    fn alone(&mut self, watching: bool) -> Result<(), String> {
        for (number, payload) in [asking("two", "true").to_string(), "garbage".to_owned()].into_iter().enumerate() {
            let hook = self.command("ccmon-hook", &[]);
            let written = self.world.at(&format!("calls{number}"));
            let mut hook = if watching { watched(&hook, MAKING, &written).command } else { hook };
            let (ended, told) = said(fed(&mut hook, payload.as_bytes()), PATIENCE);
            hold!(ended && told.is_empty(), "the hook: {told:?}");
            let text = fs::read(&written).unwrap_or_default();
            self.calls.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
        }
        let state = self.home(".local/state/ccmon");
        hold!(state.join("hook-errors.log").exists() && state.join("spool").exists(), "{:?}", self.tree());
        Ok(())
    }

    fn tree(&self) -> Vec<PathBuf> {
        let (mut found, mut left) = (vec![self.journal()], vec![self.home(""), self.journal()]);
        while let Some(directory) = left.pop() {
            for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
                found.push(entry.path());
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    left.push(entry.path());
                }
            }
        }
        found
    }

    /// Whether all that is left is its owner's alone.
    fn is_private(&self) -> Result<String, String> {
        let tree = self.tree();
        for path in &tree {
            let found = fs::symlink_metadata(path).map_err(|error| error.to_string())?;
            let kind = found.file_type();
            hold!(kind.is_dir() || kind.is_file() || kind.is_socket(), "{} is odd", path.display());
            let wanted = if kind.is_dir() { 0o700 } else { 0o600 };
            hold!(found.mode() & 0o7777 == wanted, "{} is {:o}", path.display(), found.mode() & 0o7777);
        }
        hold!(tree.iter().any(|path| path.ends_with("events-1")), "there was no journal: {tree:?}");
        hold!(tree.len() > 15, "hardly anything was made: {tree:?}");
        Ok(format!("{} files", tree.len()))
    }

    /// Whether nothing was open to others even for a moment.
    fn was_private(&self) -> Result<String, String> {
        let ours = [self.home(""), self.journal()].map(|place| place.display().to_string());
        let (mut known, mut made) = (BTreeSet::new(), 0);
        let is_ours = |call: &&String| ours.iter().any(|place| call.contains(place)) && !call.contains(" = -1 ");
        for call in self.calls.iter().filter(is_ours) {
            let Some(mode) = mode_of(call) else { continue };
            let path = path_of(call).unwrap_or_default();
            // Opened by a name that was made before, whatever mode it would have been made with.
            if !known.insert(path.clone()) {
                continue;
            }
            made += 1;
            hold!(mode & 0o077 == 0, "{mode:o} at first: {call}");
        }
        hold!(made > 12, "hardly anything was seen: {:#?}", self.calls.iter().take(20).collect::<Vec<_>>());
        Ok(format!("{made} files and directories"))
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // There is none where it did not come so far.
        let _ = fs::remove_dir_all(self.journal());
    }
}

/// The mode that a call makes something with, if it does.
fn mode_of(call: &str) -> Option<u32> {
    let makes = call.contains("O_CREAT") || call.contains("mkdir") || call.contains("mknod");
    let last = call.rsplit_once(") = ")?.0.rsplit_once(", ")?.1;
    makes.then(|| u32::from_str_radix(last.trim_start_matches("S_IFSOCK|"), 8).ok())?
}

/// What it made.
fn path_of(call: &str) -> Option<String> {
    let result = call.rsplit_once(") = ")?.1;
    let opened = result.split_once('<').map(|(_, path)| path.trim_end_matches('>').to_owned());
    opened.or_else(|| {
        let (before, rest) = call.split_once('"')?;
        let name = rest.split_once('"')?.0;
        let directory = before.split_once('<').and_then(|(_, path)| path.split_once('>')).map(|(path, _)| path);
        Some(Path::new(directory.unwrap_or("/")).join(name).display().to_string())
    })
}
