//! What is remembered of each install, in `install.json` of the state directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::file;
use super::plan::Memory;
use super::refusal::Refusal;

/// Every settings file that has our hooks, and how to undo that.
///
/// It only makes undoing exact. Lost or broken, it is as if it had been empty.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Record {
    files: BTreeMap<PathBuf, Memory>,
}

impl Record {
    /// What was remembered in `state`.
    #[must_use]
    pub fn load(state: &Path) -> Self {
        let text = file::read(&path(state)).ok().and_then(|snapshot| snapshot.text);
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// What is known about `settings`.
    #[must_use]
    pub fn get(&self, settings: &Path) -> Option<&Memory> {
        self.files.get(settings)
    }

    /// Remembers or forgets `settings`.
    pub fn set(&mut self, settings: &Path, memory: Option<Memory>) {
        match memory {
            Some(memory) => self.files.insert(settings.to_owned(), memory),
            None => self.files.remove(settings),
        };
    }

    /// Writes it down in `state`, for the owner alone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, state: &Path) -> Result<(), Refusal> {
        let path = path(state);
        let io = |source| Refusal::Io { doing: "write", path: path.clone(), source };
        crate::paths::own_directory(state).map_err(|error| io(std::io::Error::other(format!("{error:#}"))))?;
        let text = serde_json::to_string_pretty(self).map_err(|error| io(error.into()))?;
        let snapshot = file::read(&path)?;
        snapshot.write(Some(&text), false).map(|_| ())
    }
}

fn path(state: &Path) -> PathBuf {
    state.join("install.json")
}
