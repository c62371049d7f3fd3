//! The daemon, and the places it keeps things in.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::Value;

use super::Finding;
use crate::client::{Client, ClientError};
use crate::config::{Config, FILE};
use crate::paths::{Paths, is_ours};
use crate::shortcut::Act;
use crate::store::Reader;

/// How one starts it.
const START: &str =
    "`ccmon tray` starts it, and where the package is installed the next login does; without a desktop, `ccmon daemon`";

pub(super) async fn look(paths: &Paths) -> Vec<Finding> {
    let mut findings = vec![running(paths).await];
    findings.extend(rules(paths).await);
    let settings: Value = Client::new(&paths.socket).get("/settings").await.unwrap_or_default();
    findings.extend(shortcuts(&settings));
    findings.extend(telemetry(&settings));
    findings
}

pub(super) fn files(paths: &Paths) -> Vec<Finding> {
    let directories = [("state directory", &paths.state), ("config directory", &paths.config)];
    let mut findings: Vec<Finding> = directories.map(|(check, dir)| private(check, dir, 0o700)).into();
    findings.push(settings(paths));
    let files =
        [("database", paths.database()), ("token", paths.state.join("token")), ("socket", paths.socket.clone())];
    findings
        .extend(files.into_iter().filter(|(_, file)| file.exists()).map(|(check, file)| private(check, &file, 0o600)));
    findings.extend(unreadable(paths));
    findings.push(spool(paths));
    findings.extend(hook_errors(paths));
    findings
}

async fn running(paths: &Paths) -> Finding {
    let check = "daemon";
    match Client::new(&paths.socket).get::<Value>("/healthz").await {
        Ok(health) => {
            let text = |name| field(&health, name);
            let version = text("version");
            let found = format!("{} {version} answers at {}", text("program"), paths.socket.display());
            if version == env!("CARGO_PKG_VERSION") {
                return Finding::ok(check, found);
            }
            let remedy = format!(
                "this is ccmon {}: an installed daemon starts anew within seconds after an upgrade; where that does not \
                 help, restart it, so that both are the same",
                env!("CARGO_PKG_VERSION")
            );
            Finding::warning(check, found, remedy)
        }
        Err(ClientError::NotRunning(_)) => {
            Finding::failed(check, format!("nobody answers at {}", paths.socket.display()), START)
        }
        Err(error) => {
            Finding::failed(check, error.to_string(), format!("look into {}, and restart ccmon", paths.log().display()))
        }
    }
}

fn private(check: &'static str, path: &Path, mode: u32) -> Finding {
    let Ok(found) = std::fs::symlink_metadata(path) else {
        return Finding::ok(check, format!("{} is not there yet: the daemon makes it", path.display()));
    };
    if !is_ours(&found) || found.file_type().is_symlink() {
        return Finding::failed(
            check,
            format!("{} is a link, or another user's", path.display()),
            "move it away, and restart ccmon",
        );
    }
    let extra = found.mode() & 0o777 & !mode;
    if extra != 0 {
        let remedy = format!("chmod {mode:o} {}", path.display());
        return Finding::failed(
            check,
            format!("{} is open to others (mode {:o})", path.display(), found.mode() & 0o777),
            remedy,
        );
    }
    Finding::ok(check, path.display().to_string())
}

/// What keeps the database from being read, such as another version's format.
fn unreadable(paths: &Paths) -> Option<Finding> {
    let path = Some(paths.database()).filter(|path| path.exists())?;
    let error = Reader::beside(&path).settings().err()?;
    let remedy = "then start ccmon: what happens meanwhile waits in the spool";
    Some(Finding::failed("database", error.to_string(), remedy))
}

fn settings(paths: &Paths) -> Finding {
    let (check, path) = ("settings", paths.config.join(FILE));
    match Config::find(&paths.config) {
        Ok(Some(_)) => Finding::ok(check, path.display().to_string()),
        Ok(None) => Finding::ok(check, format!("{} is not there: the defaults count", path.display())),
        Err(error) => {
            let remedy = "correct it: until then ccmon goes on with the settings from before, and does not start anew";
            Finding::failed(check, format!("{error:#}"), remedy)
        }
    }
}

fn spool(paths: &Paths) -> Finding {
    let check = "spool";
    match ccmon_hook::spool::list(&paths.state) {
        Ok(entries) if entries.is_empty() => Finding::ok(check, "empty"),
        Ok(entries) => Finding::warning(
            check,
            format!("{} events wait for the daemon", entries.len()),
            "start ccmon, it takes them in",
        ),
        Err(error) => {
            Finding::failed(check, error.to_string(), format!("look at {}", paths.state.join("spool").display()))
        }
    }
}

/// Whether the rules count; a daemon that is not there has been told of.
async fn rules(paths: &Paths) -> Option<Finding> {
    let check = "rules";
    let all: Value = Client::new(&paths.socket).get("/rules").await.ok()?;
    let count = all.get("rules").and_then(Value::as_array).map_or(0, Vec::len);
    if all.get("broken").is_some_and(|why| !why.is_null()) {
        let found = format!("none counts, everything is asked: {}", field(&all, "broken"));
        return Some(Finding::failed(check, found, "mend or remove that rule: `ccmon rules edit`, `ccmon rules rm`"));
    }
    if all.get("paused").and_then(Value::as_bool) == Some(true) {
        return Some(Finding::warning(check, "paused: everything is asked", "`ccmon rules resume`"));
    }
    Some(Finding::ok(check, format!("{count}, in force")))
}

/// The keys that the settings want, and that do not work.
fn shortcuts(settings: &Value) -> Vec<Finding> {
    let standing = |act: &Act| Some((*act, field(settings.get("shortcuts")?.get(act.name())?, "why")));
    let failed = Act::ALL.iter().filter_map(standing).filter(|(_, why)| !why.is_empty());
    let told = failed.map(|(act, why)| {
        let found = format!("`{}` does not work: {why}", act.name());
        Finding::warning("shortcut", found, "Shortcuts in the dashboard's settings, or `[shortcut]` in config.toml")
    });
    told.collect()
}

/// How it goes with a collector, where the settings name one.
fn telemetry(settings: &Value) -> Option<Finding> {
    let check = "OpenTelemetry";
    let told = settings.get("otlp").filter(|told| told.is_object())?;
    let count = |name| told.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (sent, dropped) = (count("sent"), count("dropped"));
    let found = format!("{sent} records went to {}, {dropped} were dropped", field(told, "endpoint"));
    let problem = field(told, "problem");
    if !problem.is_empty() {
        let remedy = "see whether the collector runs, and what its own log says; or clear `endpoint` under `[otlp]`";
        return Some(Finding::warning(check, format!("{problem}; {found}"), remedy));
    }
    Some(Finding::ok(check, found))
}

/// The newest line of the hook's own log.
fn hook_errors(paths: &Paths) -> Option<Finding> {
    let path = ccmon_hook::paths::error_log(&paths.state);
    let text = std::fs::read_to_string(&path).ok()?;
    let last = text.lines().last()?;
    Some(Finding::warning("hook errors", last, format!("the whole list is in {}; remove it once read", path.display())))
}

fn field(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
