//! One test's world: a home, a project, a scripted model, and ccmon installed for them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::ccmon::Ccmon;
use super::claude::{self, Claude, Printing};
use super::mock_api::MockApi;
use super::{PATIENCE, install_copy, program, wait_until};

/// The world; everything in it is gone when it is dropped.
pub struct Stage {
    /// The daemon and its API.
    pub ccmon: Ccmon,
    /// The scripted model.
    pub model: MockApi,
    directory: PathBuf,
    environment: Vec<(String, String)>,
    removal: Option<TempDir>,
}

impl Stage {
    /// Hooks installed, daemon running.
    pub fn new() -> Stage {
        let mut stage = Stage::without_daemon();
        stage.ccmon.start();
        stage
    }

    /// Hooks installed, but nobody there to hear them.
    pub fn without_daemon() -> Stage {
        // A short path: it is part of socket names, which may have 107 bytes.
        let removal = tempfile::Builder::new().prefix("stage-").tempdir().expect("a temporary directory");
        let directory = removal.path().canonicalize().expect("it exists");
        let [home, project, outside] = ["home", "project", "outside"].map(|name| directory.join(name));
        fs::create_dir_all(&project).expect("a writable directory");
        fs::create_dir_all(&outside).expect("a writable directory");
        for file in [project.join("hello.txt"), outside.join("one.txt"), outside.join("two.txt")] {
            fs::write(file, "hello world\n").expect("a writable directory");
        }
        claude::seed(&home, &project);

        let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
        let model = MockApi::start(&[("{project}", &text(&project)), ("{outside}", &text(&outside))]);
        let environment = claude::environment(&home, &model.url(), &Ccmon::variables(&directory));
        let path = environment.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.as_str());
        let ccmon = Ccmon::new(&directory, &home, path.expect("it was set"));
        ccmon.install(&home.join(".claude/settings.json"));
        Stage { ccmon, model, directory, environment, removal: Some(removal) }
    }

    /// Writes the settings of a daemon that is yet to start.
    pub fn settings(&self, text: &str) {
        let config = self.directory.join("config");
        fs::create_dir_all(&config).expect("a writable directory");
        fs::write(config.join("config.toml"), text).expect("a writable directory");
    }

    /// Lets the daemon, once it starts, run clients that talk to the scripted model.
    pub fn lend_model(&mut self) {
        for (name, value) in &self.environment {
            self.ccmon.set(name, value);
        }
    }

    /// An interactive client in the project.
    pub fn claude(&self) -> Claude {
        self.claude_with(&[])
    }

    /// The same, with arguments.
    pub fn claude_with(&self, arguments: &[&str]) -> Claude {
        let config = self.directory.join("home/.claude");
        Claude::start(&config, &self.directory.join("project"), arguments, &self.environment)
    }

    /// One with a config directory of its own, the hooks in it.
    pub fn claude_elsewhere(&self) -> Claude {
        let (config, project) = (self.directory.join("elsewhere"), self.directory.join("project"));
        claude::seed_config(&config, &config.join(".claude.json"), &project);
        self.ccmon.install(&config.join("settings.json"));
        let mut environment = self.environment.clone();
        environment.push(("CLAUDE_CONFIG_DIR".to_owned(), config.display().to_string()));
        Claude::start(&config, &project, &[], &environment)
    }

    /// Has Claude answer without an end, and waits until it has begun to.
    pub fn play_without_end(&self, claude: &Claude) {
        let before = self.model.steps().len();
        claude.play("hang");
        let begun = || self.model.steps()[before..].contains(&"hang#0".to_owned()).then_some(());
        wait_until(PATIENCE, begun, || format!("the model is never asked:\n{}", claude.screen()));
        claude.wait_for("esc to interrupt");
    }

    /// `claude -p` in the project.
    pub fn print(&self, scene: &str) -> Printing {
        self.print_with(scene, &[])
    }

    /// The same, with arguments.
    pub fn print_with(&self, scene: &str, arguments: &[&str]) -> Printing {
        Printing::start(scene, &self.directory.join("project"), arguments, &self.environment)
    }

    /// Removes what the hooks of so many clients left while nobody was there: as if they had not been installed then.
    pub fn forget_spooled(&self, clients: usize) {
        let spool = self.directory.join("state/spool");
        let began = || {
            let files = fs::read_dir(&spool).into_iter().flatten().flatten();
            let texts = files.filter_map(|file| fs::read(file.path()).ok());
            texts.filter(|text| String::from_utf8_lossy(text).contains("SessionStart")).count()
        };
        wait_until(PATIENCE, || (began() == clients).then_some(()), || format!("{} have begun", began()));
        fs::remove_dir_all(spool).expect("it is ours");
    }

    /// Has another hook, a shell's command, run on `event` beside ours.
    pub fn add_hook(&self, event: &str, command: &str) {
        let file = self.directory.join("home/.claude/settings.json");
        let mut settings: Value = serde_json::from_slice(&fs::read(&file).expect("its settings")).expect("JSON");
        let hook = json!({ "hooks": [{ "type": "command", "command": command }] });
        settings["hooks"][event].as_array_mut().expect("ours is there").push(hook);
        fs::write(file, settings.to_string()).expect("a writable directory");
    }

    /// Has the hooks run a copy of their program, which a test may remove.
    pub fn own_hook(&self) -> PathBuf {
        let hook = program("ccmon-hook");
        let own = self.directory.join("ccmon-hook");
        install_copy(&hook, &own);
        let settings = self.directory.join("home/.claude/settings.json");
        let text = fs::read_to_string(&settings).expect("its settings");
        let [built, ours] = [&hook, &own].map(|path| path.to_str().expect("a path in UTF-8"));
        fs::write(settings, text.replace(built, ours)).expect("a writable directory");
        own
    }

    /// What a hook of some other session left while nobody listened.
    pub fn spool(&self, at: u128, id: &str) {
        let spool = self.directory.join("state/spool");
        let _ = fs::create_dir(&spool);
        let context = format!(r#"{{"id":"{id}","started_ms":{at},"env":{{}}}}"#);
        let payload = format!(
            r#"{{"session_id":"other","hook_event_name":"PreToolUse","cwd":"/p","tool_name":"Bash","tool_input":{{}},"tool_use_id":"{id}"}}"#
        );
        let file = spool.join(format!("{at:020}-{id}.event"));
        fs::write(file, format!("{context}\n{payload}\n")).expect("a writable directory");
    }

    /// Moves the client's config directory away and makes a new one with the same settings.
    pub fn renew_config(&self) {
        let [config, old] = [".claude", ".claude.old"].map(|name| self.directory.join("home").join(name));
        fs::rename(&config, &old).expect("a directory of ours");
        fs::create_dir(&config).expect("a writable directory");
        fs::copy(old.join("settings.json"), config.join("settings.json")).expect("its settings");
    }

    /// A path of this world.
    pub fn at(&self, file: &str) -> PathBuf {
        self.directory.join(file)
    }

    /// Whether the project has this file.
    pub fn has(&self, file: &str) -> bool {
        self.directory.join("project").join(file).exists()
    }

    /// The text of a file of this world, such as `home/.claude/settings.json`; nothing where there is none.
    pub fn read(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.directory.join(file)).ok()
    }

    /// Writes a file of the project.
    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.directory.join("project").join(file), text).expect("a writable directory");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A failed test leaves everything it was made of for whoever looks into it.
            let _kept = self.removal.take().map(TempDir::keep);
        }
    }
}
