//! `ccmon doctor`: what was looked at, line by line.

use std::process::ExitCode;

use super::output::{json, line, visible};
use crate::doctor::{self, Finding, Verdict};
use crate::paths::Paths;

/// Look for what keeps ccmon from working, and say what to do
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let findings = doctor::look(&Paths::find()?).await;
    if args.json {
        json(&serde_json::json!({ "checks": findings }));
    } else {
        findings.iter().for_each(print);
    }
    let failed = findings.iter().any(|finding| finding.result == Verdict::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(finding: &Finding) {
    let mark = match finding.result {
        Verdict::Ok => "ok     ",
        Verdict::Warning => "warning",
        Verdict::Failed => "FAILED ",
    };
    line(&format!("{mark}  {:<16} {}", finding.check, visible(&finding.found)));
    if let Some(remedy) = &finding.remedy {
        line(&format!("{:26} → {}", "", visible(remedy)));
    }
}
