//! Claude Code, and our hooks in its settings.

use std::path::Path;

use super::Finding;
use crate::claude::hooks::{MANAGED, settings_path, troubles};
use crate::claude::installed::{self, Installed};
use crate::claude::settings::inspect::forbidden_by;
use crate::claude::settings::{HooksStatus, inspect};

pub(super) fn look() -> Vec<Finding> {
    let clients = installed::find();
    let mut findings = vec![client(&clients)];
    match settings_path() {
        Ok(path) => findings.push(hooks(&path, &inspect(&path), &clients)),
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

fn hooks(path: &Path, status: &HooksStatus, clients: &[Installed]) -> Finding {
    let (check, file) = ("hooks", path.display());
    match troubles(path, status, clients).into_iter().next() {
        Some(worst) if worst.fatal => Finding::failed(check, worst.found, worst.remedy),
        Some(worst) => Finding::warning(check, worst.found, worst.remedy),
        None if status.is_absent() => Finding::failed(check, format!("none of ccmon in {file}"), "ccmon install"),
        None if status.holds => Finding::ok(check, format!("in {file}; requests are held for an answer")),
        None => Finding::ok(check, format!("in {file}; requests are only watched (--no-approval)")),
    }
}

fn managed() -> Option<Finding> {
    let why = forbidden_by(Path::new(MANAGED))?;
    Some(Finding::failed(
        "managed settings",
        format!("{MANAGED}: {why}"),
        "ask whoever manages this machine to allow ccmon's hooks",
    ))
}
