//! The user's settings while the daemon runs: one picture of them for everybody, and one who reads and writes the
//! file, whoever changes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::{broadcast, mpsc, watch};

use super::changes::Changes;
use super::{fence, telemetry};
use crate::api::{Ask, Change, Refused, Settings};
use crate::claude::settings::file::{self, Snapshot};
use crate::claude::settings::refusal::Refusal;
use crate::config::{self, Config, DEFAULT, FILE, STUCK_VARIABLE, edit};
use crate::core::By;
use crate::otlp::Standing;
use crate::shortcut::Standings;

/// Somebody else may write the file at the same time, but not again and again.
const ATTEMPTS: usize = 4;
/// An editor that saves empties the file first, or moves it away for a moment.
const SETTLED: Duration = Duration::from_millis(100);

/// When the directory is gone, it is looked for again; sooner in tests.
const AGAIN: Duration = Duration::from_millis(if cfg!(test) { 10 } else { 30_000 });

/// What counts now, for whoever goes by it.
pub type Live = watch::Receiver<Arc<Config>>;

/// Keeps the settings.
pub struct LiveSettings {
    path: PathBuf,
    live: watch::Sender<Arc<Config>>,
    inbox: mpsc::Sender<Ask>,
    changes: broadcast::Sender<Change>,
    /// What the doors were opened with.
    started: Config,
    /// Whether the port was named on the command line.
    port_named: bool,
    /// How the global shortcuts stand.
    shortcuts: watch::Receiver<Standings>,
    /// How it goes with OpenTelemetry.
    told: telemetry::Standings,
    /// Why the file is not what counts. Whoever reads or writes the file holds this.
    problem: Mutex<Option<String>>,
}

impl LiveSettings {
    /// Settings that were just read from the file in `directory`.
    #[must_use]
    pub fn new(
        directory: &Path,
        config: Config,
        port_named: bool,
        inbox: mpsc::Sender<Ask>,
        changes: broadcast::Sender<Change>,
    ) -> Self {
        let (live, _) = watch::channel(Arc::new(config.clone()));
        let (path, problem) = (directory.join(FILE), Mutex::default());
        let (_, shortcuts) = watch::channel(Standings::default());
        let (_, told) = watch::channel(Standing::default());
        Self { path, live, inbox, changes, started: config, port_named, shortcuts, told, problem }
    }

    /// The same, where there are global shortcuts.
    #[must_use]
    pub fn with_shortcuts(self, shortcuts: watch::Receiver<Standings>) -> Self {
        Self { shortcuts, ..self }
    }

    /// The same, where a collector may be told.
    #[must_use]
    pub fn with_telemetry(self, told: telemetry::Standings) -> Self {
        Self { told, ..self }
    }

    /// What counts now.
    #[must_use]
    pub fn watch(&self) -> Live {
        self.live.subscribe()
    }

    /// Takes over what stands in the file, unless it has a mistake. Blocks.
    fn reload(&self) {
        let mut problem = self.turn();
        match self.read() {
            Ok((_, config)) => self.take(config, &mut problem),
            Err(why) => self.complain(why, &mut problem),
        }
    }

    /// The file, its text, and what that says.
    fn read(&self) -> Result<(Snapshot, Config), String> {
        config::is_trusted(&self.path).map_err(|error| error.to_string())?;
        let snapshot = file::read(&self.path).map_err(|refusal| format!("{}: {refusal}", self.path.display()))?;
        let config = Config::parse(snapshot.text.as_deref().unwrap_or_default());
        let config = config.map_err(|error| format!("{}: {error:#}", config::mistaken(&self.path)))?;
        Ok((snapshot, config))
    }

    fn write(&self, patch: &Map<String, Value>, by: By) -> Result<Config, Failed> {
        let (snapshot, config) = self.read().map_err(Failed::Broken)?;
        let before = snapshot.text.as_deref().unwrap_or(DEFAULT);
        let (after, changed) = edit::change(before, patch).map_err(|why| Failed::Unfit(Refused::Unusable(why)))?;
        fence::may_set(&config.approvals, &changed.approvals, by).map_err(Failed::Unfit)?;
        if changed != config || after != before {
            snapshot.write(Some(&after), false).map_err(Failed::Refused)?;
        }
        Ok(changed)
    }

    fn take(&self, config: Config, problem: &mut Option<String>) {
        let mended = problem.take().is_some();
        let differs = self.live.send_if_modified(|live| {
            let differs = **live != config;
            if differs {
                *live = Arc::new(config);
            }
            differs
        });
        if differs {
            tracing::info!("new settings from {}", self.path.display());
            // Before any request that comes after this.
            let _ = self.inbox.blocking_send(Ask::Limit(self.live.borrow().limits()));
        }
        if differs || mended {
            let _ = self.changes.send(Change::Settings);
        }
    }

    fn complain(&self, why: String, problem: &mut Option<String>) {
        if problem.as_ref() != Some(&why) {
            tracing::warn!("the settings stay as they were: {why}");
            *problem = Some(why);
            let _ = self.changes.send(Change::Settings);
        }
    }

    fn turn(&self) -> MutexGuard<'_, Option<String>> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What only counts when ccmon starts, and is not what it started with.
    fn restart(&self, config: &Config) -> Vec<&'static str> {
        let (then, now) = (&self.started.web, &config.web);
        let differing = [("web.enabled", then.enabled != now.enabled), ("web.port", then.port != now.port)];
        differing.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }

    /// What wins over the file.
    fn overridden(&self) -> BTreeMap<&'static str, &'static str> {
        let stuck = Config::stuck_override().map(|_| ("sessions.stuck_after", STUCK_VARIABLE));
        stuck.into_iter().chain(self.port_named.then_some(("web.port", "--port"))).collect()
    }
}

/// Why the file was not written.
enum Failed {
    /// What is in it is not understood.
    Broken(String),
    /// What is to be in it cannot be, or not from there.
    Unfit(Refused),
    /// It is better left alone.
    Refused(Refusal),
}

impl Settings for LiveSettings {
    fn view(&self) -> Value {
        let problem = self.turn().clone();
        let config = self.live.borrow().clone();
        json!({
            "path": self.path.display().to_string(),
            "values": *config,
            "defaults": Config::default(),
            "overridden": self.overridden(),
            "restart": self.restart(&config),
            "shortcuts": *self.shortcuts.borrow(),
            "otlp": Some(&*self.told.borrow()).filter(|told| !told.endpoint.is_empty()),
            "problem": problem,
        })
    }

    fn change(&self, patch: &Map<String, Value>, by: By) -> Result<(), Refused> {
        let mut problem = self.turn();
        let mut attempts = 1;
        loop {
            match self.write(patch, by) {
                Ok(config) => {
                    self.take(config, &mut problem);
                    return Ok(());
                }
                Err(Failed::Refused(Refusal::Changed)) if attempts < ATTEMPTS => attempts += 1,
                Err(Failed::Unfit(why)) => return Err(why),
                Err(Failed::Refused(refusal)) => {
                    return Err(Refused::Hindered(format!("{} is left as it is: {refusal}", self.path.display())));
                }
                Err(Failed::Broken(why)) => {
                    self.complain(why.clone(), &mut problem);
                    return Err(Refused::Hindered(why));
                }
            }
        }
    }
}

/// Notices what is changed by hand, for as long as the daemon runs.
pub async fn follow(settings: Arc<LiveSettings>) {
    let mut is_watched = true;
    loop {
        let watched = Watched::start(&settings.path);
        // Also what changed before anybody watched.
        let reading = Arc::clone(&settings);
        if tokio::task::spawn_blocking(move || reading.reload()).await.is_err() {
            return;
        }
        if let Err(error) = until_changed(watched).await {
            if is_watched {
                tracing::warn!("{} is not watched just now: {error}", settings.path.display());
            }
            is_watched = false;
            tokio::time::sleep(AGAIN).await;
        } else {
            is_watched = true;
        }
    }
}

async fn until_changed(watched: std::io::Result<Watched>) -> std::io::Result<()> {
    watched?.next().await
}

/// The directory of the settings, and that of the file they are a link to.
struct Watched {
    names: Vec<std::ffi::OsString>,
    here: Changes,
    there: Option<Changes>,
}

impl Watched {
    fn start(path: &Path) -> std::io::Result<Self> {
        let directory = |path: &Path| path.parent().map(Path::to_owned).unwrap_or_default();
        let real = std::fs::canonicalize(path).ok().filter(|real| directory(real) != directory(path));
        let there = real.as_deref().and_then(|real| Changes::and_losses_of(&directory(real)).ok());
        let names = [Some(path), real.as_deref()].into_iter().flatten().filter_map(Path::file_name);
        Ok(Self {
            names: names.map(ToOwned::to_owned).collect(),
            here: Changes::and_losses_of(&directory(path))?,
            there,
        })
    }

    /// Waits until the file was changed, and is left alone for a moment.
    async fn next(&mut self) -> std::io::Result<()> {
        while !self.any().await? {}
        while let Ok(changed) = tokio::time::timeout(SETTLED, self.any()).await {
            changed?;
        }
        Ok(())
    }

    /// Waits for changes: whether they are of our file.
    async fn any(&mut self) -> std::io::Result<bool> {
        let there = async {
            match &mut self.there {
                Some(there) => there.next().await,
                None => std::future::pending().await,
            }
        };
        let changed = tokio::select! {
            changed = self.here.next() => changed?,
            changed = there => changed?,
        };
        if changed.gone {
            return Err(std::io::Error::other("its directory is gone"));
        }
        Ok(changed.names.iter().any(|name| self.names.contains(name)))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn the_file_may_go_and_its_directory_too() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("ccmon");
        let write = |hold: u64| fs::write(directory.join(FILE), format!("[approvals]\nhold = {hold}\n")).unwrap();
        fs::create_dir(&directory).unwrap();
        let ((inbox, _asks), (changes, _)) = (mpsc::channel(64), broadcast::channel(64));
        let settings = LiveSettings::new(&directory, Config::default(), false, inbox, changes);
        let settings = Arc::new(settings);
        let mut live = settings.watch();
        let mut until = async |hold: u64| {
            let so = live.wait_for(|config| config.approvals.hold == hold);
            tokio::time::timeout(Duration::from_secs(30), so).await.map(drop).expect("in time");
        };
        write(7);
        let task = tokio::spawn(follow(Arc::clone(&settings)));
        until(7).await;
        fs::remove_file(directory.join(FILE)).unwrap();
        until(540).await;
        write(8);
        until(8).await;
        fs::rename(&directory, place.path().join("elsewhere")).unwrap();
        fs::create_dir(&directory).unwrap();
        write(9);
        until(9).await;
        fs::remove_dir_all(&directory).unwrap();
        until(540).await;
        fs::create_dir(&directory).unwrap();
        write(10);
        until(10).await;
        task.abort();
    }
}
