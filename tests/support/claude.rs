//! The real `claude` client, started with a home of its own and a dummy key.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::{Value, json};

use super::tmux::Tmux;
use super::{PATIENCE, wait_until};

/// Any dialog in which the client asks for a permission.
pub const DIALOG: &str = r"Do you want to |Would you like to ";

/// How long a key may take to show its effect before it is pressed again.
const REPEAT: Duration = Duration::from_secs(1);

const KEY: &str = "dummy";

/// The client's binary; says how to get it when it is not there.
pub fn binary() -> PathBuf {
    let wanted = wanted();
    assert!(
        wanted.is_file(),
        "{} is missing. Run `packaging/fetch-claude` (or set CCMON_TEST_CLAUDE to the client's binary)",
        wanted.display()
    );
    wanted
}

/// Whether there is one.
pub fn is_there() -> bool {
    wanted().is_file()
}

fn wanted() -> PathBuf {
    let cpu = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let fetched = || {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("target/claude/node_modules/@anthropic-ai/claude-code-linux-{cpu}/claude"))
    };
    std::env::var_os("CCMON_TEST_CLAUDE").map_or_else(fetched, PathBuf::from)
}

/// Makes a home in which the client starts without its first-run questions and asks before it acts.
pub fn seed(home: &Path, project: &Path) {
    seed_config(&home.join(".claude"), &home.join(".claude.json"), project);
}

/// The same for a config directory, whose state file is beside the others (`CLAUDE_CONFIG_DIR`) or not.
pub fn seed_config(config: &Path, state_file: &Path, project: &Path) {
    let project = project.to_str().expect("a path in UTF-8");
    let state = json!({
        "hasCompletedOnboarding": true,
        "lastOnboardingVersion": "9.9.9",
        "theme": "dark",
        "numStartups": 5,
        "autoUpdates": false,
        "hasSeenAutoDefaultNudge": true,
        "customApiKeyResponses": {"approved": [KEY], "rejected": []},
        "projects": {project: {
            "hasTrustDialogAccepted": true,
            "hasCompletedProjectOnboarding": true,
            "projectOnboardingSeenCount": 5,
            "allowedTools": [],
        }},
    });
    // The client's own default, auto mode, decides on Anthropic's servers: not here.
    let settings = json!({"permissions": {"defaultMode": "default"}});
    fs::create_dir_all(config).expect("a writable home");
    fs::write(state_file, state.to_string()).expect("a writable home");
    fs::write(config.join("settings.json"), format!("{settings:#}\n")).expect("a writable home");
}

/// All the client may see of the outside world, with `more` (what ccmon's hooks need) added.
pub fn environment(home: &Path, model: &str, more: &[(String, String)]) -> Vec<(String, String)> {
    let directory = binary().parent().expect("a binary in a directory").display().to_string();
    let fixed = [
        ("HOME", home.display().to_string()),
        ("PATH", format!("{directory}:/usr/local/bin:/usr/bin:/bin")),
        ("LANG", "C.UTF-8".to_owned()),
        ("TERM", "xterm-256color".to_owned()),
        ("TMPDIR", home.display().to_string()),
        ("TMUX_TMPDIR", home.display().to_string()),
        ("ANTHROPIC_BASE_URL", model.to_owned()),
        ("ANTHROPIC_API_KEY", KEY.to_owned()),
        ("DISABLE_TELEMETRY", "1".to_owned()),
        ("DISABLE_ERROR_REPORTING", "1".to_owned()),
        ("DISABLE_AUTOUPDATER", "1".to_owned()),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
    ];
    let fixed = fixed.into_iter().map(|(name, value)| (name.to_owned(), value));
    fixed.chain(more.iter().cloned()).collect()
}

/// An interactive client in a terminal of its own.
pub struct Claude {
    terminal: Tmux,
    config: PathBuf,
}

impl Deref for Claude {
    type Target = Tmux;

    fn deref(&self) -> &Tmux {
        &self.terminal
    }
}

impl Claude {
    /// Starts it and waits until it takes a prompt.
    pub fn start(config: &Path, project: &Path, arguments: &[&str], environment: &[(String, String)]) -> Claude {
        let binary = binary();
        let program = [&[binary.to_str().expect("a path in UTF-8")], arguments].concat();
        let terminal = Tmux::run(&program, project, environment);
        let claude = Claude { terminal, config: config.to_owned() };
        claude.wait_for("(manual|plan) mode on");
        claude.wait_for_status("idle");
        claude
    }

    /// Plays a scene of the script.
    pub fn play(&self, scene: &str) {
        self.type_line(&format!("SCENARIO:{scene}"));
    }

    /// Waits until the scene is over and the turn has ended.
    pub fn wait_for_end_of(&self, scene: &str) {
        self.wait_for(&format!(r"DONE {scene}\b"));
    }

    /// Waits for a permission dialog and answers it with its first option, *Yes*.
    pub fn say_yes(&self) {
        self.answer("Enter");
    }

    /// Waits for a permission dialog and answers it with *No*, whose number differs from tool to tool.
    pub fn say_no(&self) {
        self.wait_for(DIALOG);
        let screen = self.screen();
        let no = Regex::new(r"(?m)(\d)\. No\b").expect("a valid pattern");
        let number = no.captures(&screen).unwrap_or_else(|| panic!("no No to press:\n{screen}"));
        self.answer(&number[1]);
    }

    /// Waits for a permission dialog and presses `key` until it is answered: for a moment after a
    /// dialog has appeared the client ignores what is typed, so that nobody answers by accident.
    pub fn answer(&self, key: &str) {
        self.wait_for(DIALOG);
        self.wait_for_status("waiting");
        let asked = self.question();
        let mut pressed = Instant::now() - REPEAT;
        let answered = || {
            if self.question() != asked {
                return Some(());
            }
            if pressed.elapsed() >= REPEAT {
                self.press(&[key]);
                pressed = Instant::now();
            }
            None
        };
        wait_until(PATIENCE, answered, || format!("{key} does not answer:\n{}", self.screen()));
    }

    /// Ends it with its terminal.
    pub fn close(&self) {
        self.terminal.close();
    }

    /// Ends the client the way people do.
    pub fn exit(&self) {
        self.type_line("/exit");
        self.wait_for_exit();
    }

    /// Waits until the client's own session file says `idle`, `busy` or `waiting`.
    pub fn wait_for_status(&self, status: &str) {
        let reached = || self.session().filter(|session| session["status"] == status);
        let report = || format!("never {status}: {:?}\n{}", self.session(), self.screen());
        wait_until(PATIENCE, reached, report);
    }

    /// What the client's own session file says of it.
    pub fn status(&self) -> Option<String> {
        self.session()?["status"].as_str().map(str::to_owned)
    }

    /// What tells one question from the next: since when the client waits and, when it has several
    /// at once, the `1 of 2` of the dialog.
    fn question(&self) -> (Value, Option<String>) {
        let since = || Some(self.session()?["statusUpdatedAt"].clone());
        let since = wait_until(PATIENCE, since, || "the session file is gone".to_owned());
        let counter = Regex::new(r"\b\d of \d\b").expect("a valid pattern");
        (since, counter.find(&self.screen()).map(|counter| counter.as_str().to_owned()))
    }

    /// The client's own session file; nothing in the moment when it is being rewritten.
    fn session(&self) -> Option<Value> {
        let file = self.config.join(format!("sessions/{}.json", self.pid()));
        serde_json::from_slice(&fs::read(file).ok()?).ok()
    }
}

/// A `claude -p` at work.
pub struct Printing(Child);

impl Printing {
    /// Starts it with the prompt for a scene.
    pub fn start(scene: &str, project: &Path, arguments: &[&str], environment: &[(String, String)]) -> Printing {
        let child = Command::new(binary())
            .args(["-p", &format!("SCENARIO:{scene}")])
            .args(arguments)
            .current_dir(project)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("claude starts");
        Printing(child)
    }

    /// Waits for its end; it must succeed, and what it printed is returned.
    pub fn finish(mut self) -> String {
        let ended = || self.0.try_wait().expect("a child of ours");
        let status = wait_until(PATIENCE, ended, || "claude -p does not end".to_owned());
        let read = |pipe: Option<&mut dyn std::io::Read>| {
            let mut text = String::new();
            pipe.map(|pipe| pipe.read_to_string(&mut text));
            text
        };
        let printed = read(self.0.stdout.as_mut().map(|pipe| pipe as _));
        let complained = read(self.0.stderr.as_mut().map(|pipe| pipe as _));
        assert!(status.success(), "claude -p: {status}\n{printed}\n{complained}");
        printed
    }
}

impl Drop for Printing {
    fn drop(&mut self) {
        // Only a test that failed half-way drops it unfinished.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
