//! Rules as a file.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::{Value, json};

use crate::cli::output::line;

/// Write the rules down as TOML
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The file; standard output, unless told. One that is there is not overwritten
    file: Option<PathBuf>,
}

/// Read rules from TOML
#[derive(Debug, clap::Args)]
pub struct Import {
    /// The file; `-` for standard input
    file: PathBuf,
    /// In place of all rules that there are
    #[arg(long)]
    replace: bool,
}

pub async fn export(args: Export) -> anyhow::Result<ExitCode> {
    let toml = crate::cli::client()?.text("/rules/export").await?;
    match args.file {
        None => line(toml.trim_end()),
        Some(path) => {
            let file = std::fs::File::options().write(true).create_new(true).open(&path);
            let mut file = file.with_context(|| format!("cannot make {}", path.display()))?;
            std::io::Write::write_all(&mut file, toml.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn import(args: Import) -> anyhow::Result<ExitCode> {
    let toml = read(&args.file)?;
    let answer: Value =
        crate::cli::client()?.post("/rules/import", &json!({ "toml": toml, "replace": args.replace })).await?;
    line(&format!("{} rules added.", answer.get("added").and_then(Value::as_u64).unwrap_or_default()));
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
