//! What the daemon promises, tried with real processes: the real daemon, the real hook.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod cards;
mod doors;
mod elicitation;
mod fence;
mod history;
mod house;
mod jobs;
mod jump;
mod live;
mod manage;
mod notifications;
mod one;
mod open;
mod otlp;
mod quiet;
mod remote;
mod restart;
mod rules;
mod settings;
mod shortcuts;
mod summaries;
mod web;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use support::ccmon::Ccmon;
use support::stdin_of;
use tempfile::TempDir;

/// A daemon and its directory, removed when the test ends.
struct Place {
    ccmon: Ccmon,
    directory: TempDir,
}

impl Place {
    /// A place where a daemon runs.
    fn with_daemon() -> Self {
        let mut place = Self::new();
        place.ccmon.start();
        place
    }

    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = std::env::var("PATH").expect("a PATH");
        let ccmon = Ccmon::new(directory.path(), directory.path(), &path);
        Self { ccmon, directory }
    }

    /// What its next daemon goes by.
    fn write_settings(&self, settings: &str) {
        let config = self.directory.path().join("config");
        std::fs::create_dir_all(&config).expect("a writable directory");
        std::fs::write(config.join("config.toml"), settings).expect("a writable directory");
    }

    /// A command that finds this place's daemon.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_remove("CLAUDECODE")
            .envs(Ccmon::variables(self.directory.path()))
            .env("HOME", self.directory.path());
        command
    }

    /// Starts the hook with a payload on its stdin.
    fn hook(&self, arguments: &[&str], payload: &str) -> Child {
        let program = support::program("ccmon-hook");
        let mut command = self.command(&program);
        command.args(arguments).stdin(stdin_of(payload.as_bytes())).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the hook starts")
    }

    /// A request from a process that Claude marked as its own: the answer, its status and its type.
    fn inside(&self, method: &str, path: &str, body: &str) -> String {
        let socket = self.directory.path().join("door.sock");
        let mut curl = self.command(Path::new("curl"));
        let asked = curl
            .env("CLAUDECODE", "1")
            .args(["-s", "-w", " %{http_code} %{content_type}", "-X", method, "-H", "Ccmon-Client: cli"])
            .args(["-H", "Content-Type: application/json", "-d", body, "--unix-socket"])
            .args([socket.as_os_str(), format!("http://ccmon{path}").as_ref()])
            .output();
        String::from_utf8(asked.expect("curl runs").stdout).expect("UTF-8")
    }

    /// Reports an event, and waits until a daemon that runs has stored it.
    fn event(&self, payload: &str) {
        self.report_only(payload);
        self.ccmon.wait_for_spooled();
    }

    /// Reports an event and waits for the hook to end.
    fn report_only(&self, payload: &str) {
        let ended = self.hook(&[], payload).wait_with_output().expect("the hook ends");
        assert!(ended.status.success() && ended.stdout.is_empty() && ended.stderr.is_empty(), "{ended:?}");
    }
}

/// A payload of `session`; `number` tells one from another.
fn prompt(session: &str, number: usize) -> String {
    json!({ "session_id": session, "cwd": "/p", "hook_event_name": "UserPromptSubmit", "prompt": format!("prompt {number}") })
        .to_string()
}

/// A permission request of `session`.
fn request(session: &str, command: &str) -> String {
    json!({ "session_id": session, "cwd": "/p", "hook_event_name": "PermissionRequest", "tool_name": "Bash",
            "tool_input": { "command": command } })
    .to_string()
}
