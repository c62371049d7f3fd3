//! `ccmon web`.

use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::process::Command;

use super::output::{field, line, note};

/// Open the dashboard in a browser, signed in
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only print its address, which is good once, for a minute
    #[arg(long)]
    print_url: bool,
}

/// An opener that fails says so by then; one that becomes the browser never ends.
const AT_ONCE: Duration = Duration::from_secs(3);

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let answer: Value = super::client()?.post("/web/code", &json!({})).await?;
    let url = field(&answer, "url");
    if args.print_url {
        line(&url);
        return Ok(ExitCode::SUCCESS);
    }
    if let Err(error) = open(&url).await {
        line(&url);
        note("the address above opens the dashboard in a browser of yours, once and within a minute");
        return Err(error);
    }
    Ok(ExitCode::SUCCESS)
}

/// Has the desktop open its browser, which lives on without us.
async fn open(url: &str) -> anyhow::Result<()> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        bail!("there is no desktop here to open a browser on");
    }
    let mut command = Command::new("xdg-open");
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().context("cannot start xdg-open, of the package xdg-utils")?;
    match tokio::time::timeout(AT_ONCE, child.wait()).await {
        Ok(Ok(status)) if !status.success() => bail!("xdg-open found no browser to open ({status})"),
        _ => Ok(()),
    }
}
