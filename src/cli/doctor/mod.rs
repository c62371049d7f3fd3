//! `ccmon doctor`: looks at everything ccmon needs, and says for each failure what to do.

mod claude;
mod daemon;
mod desktop;

use std::process::ExitCode;

use serde::Serialize;

use super::output::{json, line, visible};
use crate::paths::Paths;

/// Look for what keeps ccmon from working, and say what to do
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// What one look found.
#[derive(Debug, Serialize)]
struct Finding {
    /// What was looked at.
    check: &'static str,
    result: Verdict,
    /// What was found, in words.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// Works, but something is missing that most people want.
    Warning,
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

    fn print(&self) {
        let mark = match self.result {
            Verdict::Ok => "ok     ",
            Verdict::Warning => "warning",
            Verdict::Failed => "FAILED ",
        };
        line(&format!("{mark}  {:<16} {}", self.check, visible(&self.found)));
        if let Some(remedy) = &self.remedy {
            line(&format!("{:26} → {}", "", visible(remedy)));
        }
    }
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let paths = Paths::find()?;
    let mut findings = daemon::look(&paths).await;
    findings.extend(claude::look());
    findings.extend(desktop::look().await);
    if args.json {
        json(&serde_json::json!({ "checks": findings }));
    } else {
        findings.iter().for_each(Finding::print);
    }
    let failed = findings.iter().any(|finding| finding.result == Verdict::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
