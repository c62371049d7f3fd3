//! `ccmon open`: what a `ccmon://…` link leads to. It never decides anything.

use std::io::IsTerminal;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::link::{self, Link};
use super::{go, output, tray};
use crate::api::is_leave;
use crate::client::{Client, ClientError};
use crate::notify;

/// Open a ccmon:// link
///
/// ccmon://session/ID shows a session in the dashboard, ccmon://approval/ID a request in the popup, ccmon://next goes
/// to the session that needs you most. The tray applet is started when it does not run. Nothing is ever decided.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The link; or `popup`, which shows or hides the popup, or `dashboard`, which is what nothing means
    #[arg(value_name = "URL", default_value = "dashboard", hide_default_value = true)]
    what: String,
}

/// How long the tray may take to come up; its first start makes a database.
const STARTING: Duration = Duration::from_secs(15);
/// How long another may take, when ours found it starting and went.
const ANOTHER: Duration = Duration::from_secs(3);
/// How often it is looked for.
const AGAIN: Duration = Duration::from_millis(40);
/// Where desktops put their leave to take the focus, for the program they start.
const LEAVES: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let link = match link::parse(&args.what) {
        Ok(link) => link,
        Err(why) => {
            output::error(&anyhow::Error::msg(why));
            return Ok(ExitCode::from(2));
        }
    };
    let opened = open(&link).await;
    if let Err(error) = &opened {
        tell(error).await;
    }
    opened
}

async fn open(link: &Link) -> anyhow::Result<ExitCode> {
    let client = super::client()?;
    let mut asked = ask(&client, link).await;
    if let Err(error @ ClientError::NotRunning(_)) = asked {
        start_tray(&client).await.context(error)?;
        asked = ask(&client, link).await;
    }
    match asked {
        // To go somewhere takes no windows.
        Err(ClientError::Refused { status: StatusCode::CONFLICT, .. }) if *link == Link::Next => {
            go::next(go::Next::default()).await
        }
        asked => Ok(asked.map(|()| ExitCode::SUCCESS)?),
    }
}

async fn ask(client: &Client, link: &Link) -> Result<(), ClientError> {
    let mut body = match link {
        Link::Session(id) => json!({ "session": id }),
        Link::Approval(id) => json!({ "approval": id }),
        Link::Next => json!({ "next": true }),
        Link::Popup => json!({ "popup": true }),
        Link::Dashboard => json!({ "dashboard": true }),
    };
    let said = |name: &&str| std::env::var(name).ok().filter(|leave| is_leave(leave));
    body["activation"] = LEAVES.iter().find_map(said).map_or(Value::Null, Value::String);
    let _: Value = client.post("/open", &body).await?;
    Ok(())
}

/// Starts the tray, which outlives us, and waits until its daemon answers.
async fn start_tray(client: &Client) -> anyhow::Result<()> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("CLAUDECODE") || set("CLAUDE_CODE_SESSION_ID") {
        bail!("what runs inside a Claude session does not start it");
    }
    if !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        bail!("there is no desktop here to start `ccmon-tray` on");
    }
    let mut tray = spawn()?;
    let mut deadline = Instant::now() + STARTING;
    let mut ended = None;
    while Instant::now() < deadline {
        if client.get::<Value>("/healthz").await.is_ok() {
            return Ok(());
        }
        if ended.is_none() {
            ended = tray.try_wait().context("cannot wait for ccmon-tray")?;
            deadline = if ended.is_some() { deadline.min(Instant::now() + ANOTHER) } else { deadline };
        }
        tokio::time::sleep(AGAIN).await;
    }
    match ended {
        Some(status) => bail!("ccmon-tray was started, and ended at once ({status}): start it by hand to see why"),
        None => bail!("ccmon-tray was started, and its daemon does not answer: `ccmon doctor` looks for the reason"),
    }
}

fn spawn() -> anyhow::Result<Child> {
    let program = tray::program()?;
    let mut command = Command::new(&program);
    // The leave is for what it opens, not for its start. Its own group: no Ctrl-C of ours reaches it.
    for name in LEAVES {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().with_context(|| tray::missing(&program))
}

/// Who clicked on a link sees no terminal.
async fn tell(error: &anyhow::Error) {
    if !std::io::stderr().is_terminal() {
        notify::tell("ccmon could not open that", &output::visible(&format!("{error:#}"))).await;
    }
}
