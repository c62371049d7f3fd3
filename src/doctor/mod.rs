//! Looks at everything ccmon needs, and says for each failure what to do: for `ccmon doctor` and for the API.

mod claude;
mod daemon;
mod desktop;
mod links;

use std::time::Duration;

use serde::Serialize;

use crate::paths::Paths;

/// A place that does not answer within this is as good as broken: a file system that hangs, a bus, ourselves.
const PATIENCE: Duration = Duration::from_secs(5);
/// Clients that do not say their version are waited for, one after the other.
const CLIENTS: Duration = Duration::from_secs(20);

/// What one look found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it stands.
    pub result: Verdict,
    /// What was found, in words.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should.
    Ok,
    /// Works, but something is missing that most people want.
    Warning,
    /// Keeps ccmon from working.
    Failed,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, result: Verdict::Ok, found: found.into(), remedy: None }
    }

    fn warning(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, result: Verdict::Warning, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn failed(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, result: Verdict::Failed, found: found.into(), remedy: Some(remedy.into()) }
    }
}

/// Looks at all of it, within a bounded time.
pub async fn look(paths: &Paths) -> Vec<Finding> {
    let places = paths.clone();
    let (answers, files, claude, desktop) = tokio::join!(
        within("daemon", PATIENCE, daemon::look(paths)),
        within("files", PATIENCE, aside(move || daemon::files(&places))),
        within("claude", CLIENTS, aside(claude::look)),
        within("desktop", PATIENCE, desktop::look()),
    );
    [answers, files, claude, desktop].concat()
}

async fn within(check: &'static str, patience: Duration, look: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    let late = || {
        let found = format!("no answer within {} s", patience.as_secs());
        vec![Finding::failed(check, found, "look whether the machine, or a file system, hangs; then try again")]
    };
    tokio::time::timeout(patience, look).await.unwrap_or_else(|_| late())
}

/// On a thread that may block.
async fn aside(look: impl FnOnce() -> Vec<Finding> + Send + 'static) -> Vec<Finding> {
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}
