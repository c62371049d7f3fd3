//! Our hooks put in and taken out, and how they stand: what `ccmon install`, `ccmon uninstall`, `ccmon doctor` and the
//! daemon share.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use similar::TextDiff;

use super::installed::{self, Installed};
use super::settings::change::{Change, Verb, change};
use super::settings::command::PROGRAM;
use super::settings::events::{NEWER_SINCE, for_client};
use super::settings::inspect::{HooksStatus, forbidden_by, inspect};
use super::settings::plan::Wanted;

/// Where an administrator's settings are, which win over the user's own.
pub const MANAGED: &str = "/etc/claude-code/managed-settings.json";

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Put them in.
    Install {
        /// Whether permission requests are held for an answer, or only watched.
        hold: bool,
    },
    /// Take them out.
    Uninstall,
}

/// What was done, or would be.
#[derive(Debug)]
pub struct Done {
    /// To the file.
    pub change: Change,
    /// For how many events, when they were put in.
    events: Option<usize>,
    clients: Vec<Installed>,
    dry_run: bool,
}

/// Carries a wish out on the settings at `path`; `state` is where installs are remembered. Takes seconds when a client
/// has to be asked for its version.
///
/// # Errors
/// When the file is better left alone, with the reason. Then it is as it was.
pub fn carry_out(wish: Wish, path: &Path, state: Option<&Path>, dry_run: bool) -> Result<Done> {
    let done = |verb: Verb<'_>, events: Option<usize>, clients: Vec<Installed>| {
        let change = change(path, state, verb, dry_run);
        let change = change.with_context(|| format!("{} is left as it is", path.display()))?;
        Ok(Done { change, events, clients, dry_run })
    };
    match wish {
        Wish::Uninstall => done(Verb::Uninstall, None, Vec::new()),
        Wish::Install { hold } => {
            let clients = installed::find();
            let wanted = Wanted { program: hook_program()?, hold, events: for_client(installed::oldest(&clients)) };
            done(Verb::Install(&wanted), Some(wanted.events.len()), clients)
        }
    }
}

/// Claude Code's own settings of this user.
///
/// # Errors
/// When neither `CLAUDE_CONFIG_DIR` nor `HOME` says where.
pub fn settings_path() -> Result<PathBuf> {
    // Empty, it would name whatever directory this is run in.
    let named = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|directory| !directory.is_empty()).map(PathBuf::from);
    let usual = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".claude"));
    let directory = named.or_else(usual).context("HOME is not set: name the file with --settings")?;
    Ok(directory.join("settings.json"))
}

/// The hook beside this program, else the one in `PATH`.
fn hook_program() -> Result<String> {
    let own = std::env::current_exe().context("cannot tell where ccmon itself is installed")?;
    let beside = Some(own.with_file_name(PROGRAM)).filter(|program| installed::is_program(program));
    let Some(program) = beside.or_else(|| installed::in_path(PROGRAM)) else {
        bail!(
            "{PROGRAM} is neither beside {} nor in PATH: it comes with ccmon, or `cargo build -p {PROGRAM}` builds it",
            own.display()
        );
    };
    program.into_os_string().into_string().ok().context("the hook's path is not UTF-8: install ccmon elsewhere")
}

impl Done {
    /// The change as a unified diff; empty when there is none.
    #[must_use]
    pub fn diff(&self) -> String {
        let Change { before, after, path, .. } = &self.change;
        let name = path.display().to_string();
        let side = |text: &Option<String>| text.as_ref().map_or("/dev/null", |_| &name).to_owned();
        let diff = TextDiff::from_lines(before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default());
        if self.change.is_none() {
            return String::new();
        }
        diff.unified_diff().header(&side(before), &side(after)).to_string()
    }

    /// What there is to know of it: the copy, the clients, who stands in the way.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let Change { backup, warning, path, .. } = &self.change;
        let mut notes: Vec<String> = Vec::new();
        notes.extend(backup.as_ref().map(|copy| format!("What was there before is kept as {}.", copy.display())));
        notes.extend(warning.as_ref().map(|warning| format!("Note: {warning}")));
        let Some(events) = self.events else {
            return notes;
        };
        if !self.dry_run {
            notes.push(match self.change.is_none() {
                true => format!("The hooks are in {} already.", path.display()),
                false => format!("{events} hooks are in {}.", path.display()),
            });
        }
        notes.push(about_clients(&self.clients));
        if !self.change.is_none() && !self.dry_run {
            notes.push("Sessions that run already have them within two seconds.".into());
        }
        notes.extend(cautions(path));
        notes
    }
}

fn about_clients(clients: &[Installed]) -> String {
    if clients.is_empty() {
        return "No `claude` was found, so only the events that every version knows are registered.".into();
    }
    let told = clients.iter().map(|client| match client.version {
        Some(version) => format!("{version} ({})", client.path.display()),
        None => format!("one that does not tell its version ({})", client.path.display()),
    });
    let told = format!("Claude Code {}.", told.collect::<Vec<_>>().join(", "));
    match installed::oldest(clients) {
        Some(oldest) if oldest >= NEWER_SINCE => told,
        Some(oldest) => format!("{told} Only the events that {oldest}, the oldest, is sure to know are registered."),
        None => format!("{told} So only the events that every version knows are registered."),
    }
}

/// What keeps hooks that are there from being run.
fn cautions(path: &Path) -> Vec<String> {
    let own = inspect(path).disabled.then(|| {
        "Note: `disableAllHooks` stands in that file, so Claude Code runs none of them: remove it.".to_owned()
    });
    let managed = forbidden_by(Path::new(MANAGED));
    let managed = managed.map(|why| format!("Note: {MANAGED} wins over your settings, and there {why}."));
    own.into_iter().chain(managed).collect()
}

/// Something that is wrong with hooks that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What, in words.
    pub found: String,
    /// What to do about it.
    pub remedy: &'static str,
    /// Whether ccmon sees too little because of it.
    pub fatal: bool,
}

/// What is wrong with the hooks in `path`, the worst first. None at all is not wrong.
#[must_use]
pub fn troubles(path: &Path, status: &HooksStatus, clients: &[Installed]) -> Vec<Trouble> {
    let (file, known) = (path.display(), for_client(installed::oldest(clients)));
    let fatal = |found: String, remedy| Trouble { found, remedy, fatal: true };
    let mut all = Vec::new();
    if let Some(why) = &status.unreadable {
        all.push(fatal(format!("{file}: {why}"), "correct the file; Claude Code cannot read it either"));
    }
    if status.unreadable.is_some() || status.is_absent() {
        return all;
    }
    let dead = status.dead.iter().map(|dead| format!("{} is not there, or cannot be run", dead.display()));
    all.extend(dead.map(|found| fatal(found, "ccmon install")));
    let unknown = status.events.iter().filter(|event| !known.contains(&event.as_str()));
    all.extend(unknown.map(|event| {
        let found = format!("{file} has a hook for {event}, which the oldest installed client may not know");
        fatal(found, "ccmon install; such a client can refuse the whole file")
    }));
    if status.disabled {
        all.push(fatal(format!("`disableAllHooks` stands in {file}"), "remove that line"));
    }
    for (what, wrong) in [("incomplete", !status.missing.is_empty()), ("registered twice", !status.doubled.is_empty())]
    {
        let lesser = Trouble { found: format!("{what} in {file}"), remedy: "ccmon install", fatal: false };
        all.extend(wrong.then_some(lesser));
    }
    all.extend(older(status, &path.display().to_string()));
    all
}

/// What an older ccmon wrote otherwise.
fn older<'a>(status: &'a HooksStatus, file: &'a str) -> impl Iterator<Item = Trouble> + 'a {
    let lesser = |found: String| Trouble { found, remedy: "ccmon install", fatal: false };
    let unheld = status
        .unheld
        .first()
        .map(move |event| lesser(format!("{event} is only watched in {file}: what MCP servers ask is not asked here")));
    let unguarded = status.unguarded.first().map(move |event| {
        lesser(format!("the hook for {event} in {file} does not look whether its program is there: once ccmon is removed, Claude Code would show an error at every event"))
    });
    unheld.into_iter().chain(unguarded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_an_older_ccmon_only_watches_is_worth_an_install() {
        let status = HooksStatus { unheld: vec!["Elicitation".into()], holds: true, ..HooksStatus::default() };
        let found = troubles(Path::new("/s.json"), &status, &[]);
        let [only] = found.as_slice() else { panic!("{found:?}") };
        assert!(only.found.starts_with("Elicitation is only watched in /s.json"), "{only:?}");
        assert_eq!((only.remedy, only.fatal), ("ccmon install", false));
        let status = HooksStatus { unheld: vec![], unguarded: vec!["Stop".into(), "PreToolUse".into()], ..status };
        let found = troubles(Path::new("/s.json"), &status, &[]);
        let [only] = found.as_slice() else { panic!("{found:?}") };
        assert!(only.found.starts_with("the hook for Stop in /s.json does not look"), "{only:?}");
        assert_eq!((only.remedy, only.fatal), ("ccmon install", false));
    }
}
