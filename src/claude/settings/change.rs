//! Carries a plan out: reads, plans, writes, and starts over when the file changed meanwhile.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{self, Snapshot, Written};
use super::plan::{self, Memory, Plan, Wanted};
use super::record::Record;
use super::refusal::Refusal;

/// Claude Code itself writes the file now and then, but not for long.
const ATTEMPTS: usize = 4;

/// What to do to a settings file.
#[derive(Clone, Copy, Debug)]
pub enum Verb<'a> {
    /// Register this.
    Install(&'a Wanted),
    /// Take everything of ours out.
    Uninstall,
}

/// What was done, or with `dry_run` would be.
#[derive(Debug)]
pub struct Change {
    /// The file, links followed.
    pub path: PathBuf,
    /// Its text before; `None`: there was no file.
    pub before: Option<String>,
    /// Its text now.
    pub after: Option<String>,
    /// The copy of what was there.
    pub backup: Option<PathBuf>,
    /// Why undoing may not be exact to the byte.
    pub warning: Option<String>,
}

impl Change {
    /// Whether anything is different.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.before == self.after
    }
}

/// Does `verb` to the settings at `path`; `state` is where installs are remembered.
///
/// # Errors
/// When the file is better left alone. Then it is as it was.
pub fn change(path: &Path, state: Option<&Path>, verb: Verb<'_>, dry_run: bool) -> Result<Change, Refusal> {
    let mut attempts = 1;
    loop {
        match attempt(path, state, verb, dry_run) {
            Err(Refusal::Changed) if attempts < ATTEMPTS => attempts += 1,
            done => return done,
        }
    }
}

fn attempt(path: &Path, state: Option<&Path>, verb: Verb<'_>, dry_run: bool) -> Result<Change, Refusal> {
    let snapshot = file::read(path)?;
    let mut record = state.map(Record::load).unwrap_or_default();
    let memory = record.get(&snapshot.path).cloned();
    let text = snapshot.text.as_deref();
    let Plan { after, memory: mut next } = match verb {
        Verb::Install(wanted) => plan::install(text, wanted, memory.as_ref())?,
        Verb::Uninstall => plan::uninstall(text, memory.as_ref())?,
    };
    let differs = after != snapshot.text;
    if differs {
        snapshot.writable()?;
    }
    let mut written = Written::default();
    if differs && !dry_run {
        written = write(&snapshot, after.as_deref(), memory.as_ref())?;
        if let Some(next) = &mut next {
            next.made_dir |= written.made_dir;
        }
    }
    let warning = state.filter(|_| !dry_run && next != memory).and_then(|state| {
        record.set(&snapshot.path, next);
        let saved = record.save(state);
        saved.err().map(|refusal| {
            format!("uninstalling may not restore every space, because ccmon could not note what it did: {refusal}")
        })
    });
    Ok(Change { path: snapshot.path, before: snapshot.text, after, backup: written.backup, warning })
}

fn write(snapshot: &Snapshot, after: Option<&str>, memory: Option<&Memory>) -> Result<Written, Refusal> {
    // A file that goes altogether was made by us and holds nothing of anybody else.
    let written = snapshot.write(after, after.is_some())?;
    if after.is_none()
        && memory.is_some_and(|memory| memory.made_dir)
        && let Some(parent) = snapshot.path.parent()
    {
        // Only if nothing else is in it.
        let _ = fs::remove_dir(parent);
    }
    Ok(written)
}
