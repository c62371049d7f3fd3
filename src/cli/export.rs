//! `ccmon export`, and what else comes as a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::find;
use super::output::{field, line};
use crate::client::{Client, ClientError};

/// Write a session down: what was asked, what Claude did, and what was decided
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The session: the beginning of its key, or of Claude's session id; one that ended too
    id: String,
    /// As Markdown, or everything that is stored as JSON
    #[arg(long, default_value = "md", value_parser = ["md", "json"])]
    format: String,
    /// The file; standard output, unless told
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "output")]
    force: bool,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Some(path) = args.output.as_deref().filter(|path| !args.force && fs::symlink_metadata(path).is_ok()) {
        bail!("{} is there already: --force overwrites it", path.display());
    }
    let client = super::client()?;
    let session = find::kept(&client, &args.id).await?;
    let question = format!("/sessions/{}/export?format={}", field(&session, "key"), args.format);
    match &args.output {
        None => print(&client, &question).await?,
        Some(path) => {
            save(&client, &question, path, args.force).await?;
            line(&format!("Written to {}", super::visible(&path.display().to_string())));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a file as it comes; a reader that left is no error.
pub async fn print(client: &Client, question: &str) -> anyhow::Result<()> {
    match client.pieces(question, |piece| io::stdout().lock().write_all(piece)).await {
        Err(ClientError::Taking(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// Nobody ever sees half of the file, or loses one that was there.
async fn save(client: &Client, question: &str, path: &Path, force: bool) -> anyhow::Result<()> {
    let mut draft = Draft::beside(path)?;
    client.pieces(question, |piece| draft.file.write_all(piece)).await?;
    let kept = draft.file.sync_all().map_err(Into::into).and_then(|()| draft.take_place(path, force));
    kept.with_context(|| format!("cannot write {}", path.display()))
}

/// A file that is gone when it is dropped, unless it took its place.
struct Draft {
    file: File,
    path: PathBuf,
}

impl Draft {
    fn beside(path: &Path) -> anyhow::Result<Self> {
        let name = path.file_name().with_context(|| format!("{} is no file's name", path.display()))?;
        let name =
            format!(".{}.ccmon-{}", name.to_string_lossy().chars().take(100).collect::<String>(), std::process::id());
        let draft = path.with_file_name(name);
        // What was said in a session is its user's.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
        let file = file.with_context(|| format!("cannot write {}", draft.display()))?;
        Ok(Self { file, path: draft })
    }

    fn take_place(&self, path: &Path, force: bool) -> anyhow::Result<()> {
        if force {
            return Ok(fs::rename(&self.path, path)?);
        }
        match renameat_with(CWD, &self.path, CWD, path, RenameFlags::NOREPLACE) {
            // Not every file system knows how; a second name does the same.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => Ok(fs::hard_link(&self.path, path)?),
            Err(rustix::io::Errno::EXIST) => bail!("it is there already: --force overwrites it"),
            done => Ok(done?),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // When it took its place, it is not there any more.
        let _ = fs::remove_file(&self.path);
    }
}
