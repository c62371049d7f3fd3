//! Claude Code, and our hooks in its settings.

use std::path::Path;

use super::Finding;
use crate::claude::installed::{self, Installed};
use crate::claude::settings::events::for_client;
use crate::claude::settings::inspect::forbidden_by;
use crate::claude::settings::{HooksStatus, inspect};
use crate::cli::install::{MANAGED, settings_path};

pub(super) fn look() -> Vec<Finding> {
    let clients = installed::find();
    let mut findings = vec![client(&clients)];
    match settings_path() {
        Ok(path) => findings.push(hooks(&path, &inspect(&path), &for_client(installed::oldest(&clients)))),
        Err(error) => findings.push(Finding::failed("hooks", error.to_string(), "set HOME")),
    }
    findings.extend(managed());
    findings
}

fn client(clients: &[Installed]) -> Finding {
    let told = clients.iter().map(|client| match client.version {
        Some(version) => format!("{version} at {}", client.path.display()),
        None => format!("{}, which does not tell its version", client.path.display()),
    });
    let told = told.collect::<Vec<_>>().join("; ");
    if clients.is_empty() {
        return Finding::warning("claude", "not found in PATH", "install Claude Code; ccmon watches its sessions");
    }
    Finding::ok("claude", told)
}

fn hooks(path: &Path, status: &HooksStatus, known: &[&str]) -> Finding {
    let (check, file) = ("hooks", path.display());
    if let Some(why) = &status.unreadable {
        return Finding::failed(check, format!("{file}: {why}"), "correct the file; Claude Code cannot read it either");
    }
    if status.is_absent() {
        return Finding::failed(check, format!("none of ccmon in {file}"), "ccmon install");
    }
    if let Some(dead) = status.dead.first() {
        return Finding::failed(check, format!("{} is not there, or cannot be run", dead.display()), "ccmon install");
    }
    if let Some(event) = status.events.iter().find(|event| !known.contains(&event.as_str())) {
        let found = format!("{file} has a hook for {event}, which the oldest installed client may not know");
        return Finding::failed(check, found, "ccmon install; such a client can refuse the whole file");
    }
    if status.disabled {
        return Finding::failed(check, format!("`disableAllHooks` stands in {file}"), "remove that line");
    }
    if !status.missing.is_empty() || !status.doubled.is_empty() {
        let what = if status.missing.is_empty() { "registered twice" } else { "incomplete" };
        return Finding::warning(check, format!("{what} in {file}"), "ccmon install");
    }
    let held =
        if status.holds { "requests are held for an answer" } else { "requests are only watched (--no-approval)" };
    Finding::ok(check, format!("in {file}; {held}"))
}

fn managed() -> Option<Finding> {
    let why = forbidden_by(Path::new(MANAGED))?;
    Some(Finding::failed(
        "managed settings",
        format!("{MANAGED}: {why}"),
        "ask whoever manages this machine to allow ccmon's hooks",
    ))
}
