//! `ccmon daemon`.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use super::output::line;
use crate::api::Opens;
use crate::daemon::upgrade::{self, Fate, Unbegun};
use crate::daemon::{Options, start};
use crate::logging;
use crate::paths::{Paths, own_directory};

/// Run the daemon without a desktop
#[derive(Debug, clap::Args)]
pub struct Args {
    /// TCP port to try first
    #[arg(long)]
    port: Option<u16>,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let paths = Paths::find()?;
    own_directory(&paths.state)?;
    upgrade::adopt();
    logging::to_file(&paths.log())?;
    let running =
        start(Options { program: "ccmon", port: args.port, take_over: false, opens: Opens::default() }).await?;
    let about = &running.hub.about;
    line(&match about.port {
        Some(port) => format!("ccmon listens on {} and http://127.0.0.1:{port}", about.socket),
        None => format!("ccmon listens on {}", about.socket),
    });
    let mut terminate = signal(SignalKind::terminate())?;
    let mut successor = None;
    tokio::select! {
        // Stopped to be started again: the hooks keep waiting, and come back.
        _ = terminate.recv() => {}
        () = running.stopped() => {}
        // Ended by hand: nobody will answer, so the terminals ask.
        _ = tokio::signal::ctrl_c() => running.release_all().await,
        fate = upgrade::fate() => match fate {
            Fate::Replaced(program) => successor = Some(program),
            Fate::Removed => running.release_all().await,
        },
    }
    running.stop().await;
    match successor {
        Some(program) if !upgrade::is_to_end(&mut terminate).await => Err(Unbegun(program.begin()).into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}
