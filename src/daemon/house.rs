//! Our own installation, for the API: what runs, our hooks in Claude Code's settings, and what is wrong.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::api::{About, HookEdit, House, Looking};
use crate::claude::hooks::{self, MANAGED, Wish};
use crate::claude::installed::{self, Installed};
use crate::claude::settings::inspect;
use crate::claude::settings::inspect::forbidden_by;
use crate::config::FILE;
use crate::doctor;
use crate::paths::Paths;
use crate::welcome;

/// Looks after the installation.
pub struct HouseKeeper {
    paths: Paths,
    about: Arc<About>,
    /// Held by whoever edits Claude Code's settings.
    turn: Mutex<()>,
}

impl HouseKeeper {
    /// One for this daemon.
    #[must_use]
    pub fn new(paths: Paths, about: Arc<About>) -> Self {
        Self { paths, about, turn: Mutex::default() }
    }
}

impl House for HouseKeeper {
    fn about(&self) -> Value {
        let (paths, about) = (&self.paths, &self.about);
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "pid": std::process::id(),
            "program": about.program,
            "started": about.started,
            "port": about.port,
            "paths": {
                "socket": about.socket,
                "state": paths.state,
                "config": paths.config.join(FILE),
                "log": paths.log(),
                "database": paths.database(),
            },
            "welcome": welcome::is_due(&paths.state),
        })
    }

    fn put_welcome_away(&self, done: bool) -> Result<(), String> {
        let state = &self.paths.state;
        welcome::put_away(state, done).map_err(|error| format!("{} does not take it: {error}", state.display()))
    }

    fn hooks(&self) -> Result<Value, String> {
        let path = hooks::settings_path().map_err(|error| in_words(&error))?;
        let (status, clients) = (inspect(&path), installed::find());
        let troubles = hooks::troubles(&path, &status, &clients).into_iter().map(|trouble| trouble.found);
        let managed = forbidden_by(Path::new(MANAGED)).map(|why| format!("{MANAGED}: {why}"));
        Ok(json!({
            "path": path,
            "installed": status.unreadable.is_none() && !status.is_absent(),
            "holds": status.holds,
            "program": status.programs.first(),
            "events": status.events,
            "problems": troubles.chain(managed).collect::<Vec<_>>(),
            "clients": clients.iter().map(client).collect::<Vec<_>>(),
        }))
    }

    fn edit_hooks(&self, HookEdit { install, hold, dry_run }: HookEdit) -> Result<Value, String> {
        let wish = if install { Wish::Install { hold } } else { Wish::Uninstall };
        let path = hooks::settings_path().map_err(|error| in_words(&error))?;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let done = hooks::carry_out(wish, &path, Some(&self.paths.state), dry_run).map_err(|error| in_words(&error))?;
        Ok(json!({
            "changed": !done.change.is_none(),
            "path": done.change.path,
            "diff": done.diff(),
            "notes": done.notes(),
        }))
    }

    fn doctor(&self) -> Looking<'_> {
        Box::pin(async { json!({ "checks": doctor::look(&self.paths).await }) })
    }
}

fn client(client: &Installed) -> Value {
    let version = client.version.map_or_else(|| "unknown".to_owned(), |version| version.to_string());
    json!({ "version": version, "path": client.path })
}

fn in_words(error: &anyhow::Error) -> String {
    format!("{error:#}")
}
