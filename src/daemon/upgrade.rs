//! Upgrades: what became of the file that this program was started from.
//!
//! A package puts a new program into the place of the old one, and none of its scripts tells anybody; the kernel does,
//! for it counts the names of a file. Once ours has none left, another program is where it was, or nothing is. Then
//! the daemon stops as for a restart, and becomes the new program: same process, same arguments, same environment.

use std::future::pending;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, WaitOptions, waitpid};
use tokio::process::Command;
use tokio::signal::unix::Signal;
use tokio::time::{sleep, timeout};

use super::changes::Changes;

/// The directories where packages and administrators put programs,
const PLACES: [&str; 2] = ["/usr/bin", "/usr/local/bin"];
/// and one below which they may be anywhere.
const OPTIONAL: &str = "/opt";
/// What the kernel calls the file that runs, even when it has no name left,
const RUNNING: &str = "/proc/self/exe";
/// and what it then adds to the last one.
const DELETED: &str = " (deleted)";

/// The new file must have stayed as it is for this long: not everybody renames a whole one into place.
const SETTLED: Duration = Duration::from_secs(2);
/// How long the place may be empty: some take the old program away before they put the new one there.
const EMPTY: Duration = Duration::from_secs(5);
/// How long a new program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a new program is tried, with a pause that doubles: libraries that it needs may come after it, and half
/// an hour is long for an upgrade. After that only another one is.
const TRIES: u32 = 10;
/// What the kernel may need to hand over a signal.
const SIGNAL: Duration = Duration::from_millis(10);

/// What became of the program.
#[derive(Debug)]
pub enum Fate {
    /// There is a new one, which can start.
    Replaced(Successor),
    /// There is none any more.
    Removed,
}

/// A program that was put into our place.
#[derive(Clone, Debug)]
pub struct Successor(PathBuf);

/// It cannot begin, though it could when it was tried. Not what else a daemon ends with: started anew, it may.
#[derive(Debug, thiserror::Error)]
#[error("cannot become the program that was installed: {0}")]
pub struct Unbegun(#[source] pub io::Error);

/// Whether somebody wants this to end who said so while it was stopping: a successor would never hear of it.
pub async fn is_to_end(terminate: &mut Signal) -> bool {
    timeout(SIGNAL, terminate.recv()).await.is_ok()
}

impl Successor {
    /// Becomes that program. Whoever calls it has stopped everything, and given away its locks; it returns only when
    /// that failed.
    #[must_use]
    pub fn begin(&self) -> io::Error {
        let mut args = std::env::args_os();
        let name = args.next().unwrap_or_else(|| self.0.clone().into());
        std::process::Command::new(&self.0).arg0(name).args(args).exec()
    }
}

/// Resolves once the program that runs is not the installed one any more; never for one that nobody installed.
pub async fn fate() -> Fate {
    if let Some(program) = Program::here() {
        match program.watch().await {
            Ok(fate) => return fate,
            Err(error) => tracing::warn!("an upgrade will not be noticed, restart ccmon after one: {error}"),
        }
    }
    pending().await
}

/// Takes in the children that were left by the program that this one was until now, or by a shell: nobody else knows
/// of them, and unless somebody waits for them they stay in the list of processes. To be called before there are
/// others.
pub fn adopt() {
    let left = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    let left: Vec<Pid> = left.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect();
    if left.is_empty() {
        return;
    }
    let wait = move || {
        for child in left {
            // However it ends.
            let _ = waitpid(Some(child), WaitOptions::empty());
        }
    };
    if let Err(error) = std::thread::Builder::new().name("ccmon-adopt".into()).spawn(wait) {
        tracing::warn!("children of the program before this one stay: {error}");
    }
}

/// The program that runs, and where it was installed.
#[derive(Clone, Debug)]
struct Program {
    path: PathBuf,
    /// The file that runs, by whatever way it can be looked at when it has no name.
    running: PathBuf,
    settled: Duration,
    empty: Duration,
}

/// Tells one file from another, and from what it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    file: (u64, u64),
    size: u64,
    /// When its content, its owner or its mode did.
    changed: (i64, i64),
}

/// What a look at what is in our place came to, when that does not go on from here.
#[derive(Debug)]
enum Not {
    /// It may later, as it is.
    Yet,
    /// Only when it changes.
    AsItIs,
}

impl Program {
    /// Ours, where it was installed: somebody's own build must not stop because it was built again.
    fn here() -> Option<Self> {
        let path = named(&std::env::current_exe().ok()?);
        is_installed(&path).then(|| Self { path, running: RUNNING.into(), settled: SETTLED, empty: EMPTY })
    }

    /// What becomes of it.
    async fn watch(&self) -> io::Result<Fate> {
        let mut changes = Changes::of_names(&self.running)?;
        // dpkg keeps a second name until it is through with the package, and would rename that one back.
        while std::fs::metadata(&self.running)?.nlink() > 0 {
            changes.next().await?;
        }
        drop(changes);
        self.succeeded().await
    }

    async fn succeeded(&self) -> io::Result<Fate> {
        let (mut tries, mut pause) = (0, self.settled);
        loop {
            let found = self.settle().await;
            tries += 1;
            let again = match self.judge(found).await {
                Ok(fate) => return Ok(fate),
                Err(Not::Yet) if tries < TRIES => Some(pause),
                Err(not) => {
                    tracing::error!("{}: the one before it goes on until that changes ({not:?})", self.path.display());
                    None
                }
            };
            pause *= 2;
            if self.differs(found, again).await? {
                (tries, pause) = (0, self.settled);
            }
        }
    }

    /// Whether it goes on with what is in our place now.
    async fn judge(&self, found: Option<Stamp>) -> Result<Fate, Not> {
        let path = self.path.display();
        if found.is_none() && self.path.starts_with(OPTIONAL) {
            tracing::info!("{path} was removed: the program goes on, another may be elsewhere");
            return Err(Not::AsItIs);
        }
        if found.is_none() {
            tracing::info!("{path} was removed, and nothing is in its place: this ends");
            return Ok(Fate::Removed);
        }
        if let Err(why) = self.trust() {
            tracing::error!("{path} was replaced, and is not believed: {why}");
            return Err(Not::AsItIs);
        }
        match starts(&self.path).await {
            Ok(version) => {
                tracing::info!("{path} was replaced: {version} goes on from here");
                Ok(Fate::Replaced(Successor(self.path.clone())))
            }
            Err(why) => {
                tracing::warn!("{path} was replaced, and cannot start: {why}");
                Err(Not::Yet)
            }
        }
    }

    /// Waits until what is in our place is not what it was, so long at most.
    async fn differs(&self, found: Option<Stamp>, most: Option<Duration>) -> io::Result<bool> {
        let other = async {
            let mut changes = Changes::all_of(self.path.parent().unwrap_or(Path::new("/")))?;
            while self.stamp() == found {
                if changes.next().await?.gone {
                    return Err(io::ErrorKind::NotFound.into());
                }
            }
            Ok(true)
        };
        match most {
            None => other.await,
            Some(most) => {
                let waited = async {
                    // Without a watch there is still the clock.
                    if other.await.is_err() {
                        pending::<()>().await;
                    }
                };
                Ok(timeout(most, waited).await.is_ok())
            }
        }
    }

    /// What is in our place, once that is sure; nothing tells when a file is complete: it is looked at until it stays
    /// as it is.
    async fn settle(&self) -> Option<Stamp> {
        let (mut before, mut empty) = (self.stamp(), Duration::ZERO);
        while empty < self.empty {
            sleep(self.settled).await;
            let now = self.stamp();
            if now.is_some() && now == before {
                return now;
            }
            empty = if now.is_none() { empty + self.settled } else { Duration::ZERO };
            before = now;
        }
        None
    }

    /// Whoever may write to a directory of programs can put one there; only root, us, and whose the one before was may
    /// have it run by everybody who runs that.
    fn trust(&self) -> Result<(), String> {
        let [new, old] = [&self.path, &self.running].map(|path| std::fs::metadata(path).map_err(|e| e.to_string()));
        let (new, old) = (new?, old?);
        if ![0, old.uid(), rustix::process::geteuid().as_raw()].contains(&new.uid()) {
            return Err(format!("it belongs to user {}", new.uid()));
        }
        if new.mode() & 0o022 != 0 { Err("others may write to it".into()) } else { Ok(()) }
    }

    fn stamp(&self) -> Option<Stamp> {
        let found = std::fs::metadata(&self.path).ok().filter(std::fs::Metadata::is_file)?;
        Some(Stamp {
            file: (found.dev(), found.ino()),
            size: found.size(),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

/// The name that the file had, also when it has none any more.
fn named(running: &Path) -> PathBuf {
    let text = running.to_str().and_then(|text| text.strip_suffix(DELETED));
    text.map_or_else(|| running.to_owned(), PathBuf::from)
}

fn is_installed(path: &Path) -> bool {
    path.starts_with(OPTIONAL) || PLACES.iter().any(|place| path.parent() == Some(Path::new(place)))
}

/// What a program says it is; that, too, needs every library that it links.
async fn starts(program: &Path) -> Result<String, String> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
    let late = |_| format!("it did not say its version within {} s", PATIENCE.as_secs());
    let said = timeout(PATIENCE, command.output()).await.map_err(late)?.map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if said.status.success() {
        return Ok(text(&said.stdout));
    }
    Err(format!("{}, {}", said.status, text(&said.stderr)))
}

#[cfg(test)]
mod tests;
