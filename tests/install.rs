//! `ccmon install` and `uninstall`, as people run them: whatever the settings are, they are never damaged.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a temporary directory"));
        fs::create_dir(home.0.path().join(".claude")).expect("a directory");
        home
    }

    fn with(settings: &str) -> Self {
        let home = Self::new();
        fs::write(home.settings(), settings).expect("a file");
        home
    }

    fn settings(&self) -> PathBuf {
        self.0.path().join(".claude/settings.json")
    }

    fn text(&self) -> Option<String> {
        fs::read_to_string(self.settings()).ok()
    }

    fn ccmon(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ccmon"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("PATH", "/usr/bin:/bin");
        command
            .env("CCMON_STATE_DIR", self.0.path().join("state"))
            .output()
            .expect("ccmon runs")
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.ccmon(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Refused with a reason, and the file as it was.
    fn refuse(&self, arguments: &[&str]) -> String {
        let output = self.ccmon(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).expect("text")
    }
}

/// As people have them: other hooks, odd layouts, comments.
const SETTINGS: [&str; 9] = [
    "{}",
    "{}\n",
    "{\n}\n",
    "",
    "{\"model\":\"opus\"}",
    "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"Stop\": [\n      { \"hooks\": [ { \"type\": \"command\", \"command\": \"say done\" } ] }\n    ]\n  },\n  \"zeta\": 1e3\n}\n",
    "{\r\n\t\"permissions\": { \"allow\": [\"Bash(ls:*)\"] },\r\n\t\"hooks\": {}\r\n}\r\n",
    "\u{feff}{ \"a\" : [ 1,2 , 3 ] , \"a\" : 2 }",
    "{\n  // mine\n  \"model\": \"opus\", /* keep */\n}\n",
];

#[test]
fn in_and_out_leaves_every_byte() {
    for settings in SETTINGS {
        let home = Home::with(settings);
        home.succeed(&["install"]);
        let installed = home.text().expect("a file");
        assert!(installed.contains("--wait") && installed != settings, "{installed}");
        home.succeed(&["install"]);
        assert_eq!(home.text().as_ref(), Some(&installed), "twice is once");
        home.succeed(&["install", "--no-approval"]);
        assert!(!home.text().expect("a file").contains("--wait"));
        home.succeed(&["uninstall"]);
        assert_eq!(home.text().as_deref(), Some(settings));
        home.succeed(&["uninstall"]);
        assert_eq!(home.text().as_deref(), Some(settings));
    }
    let home = Home::new();
    home.succeed(&["install"]);
    home.succeed(&["uninstall"]);
    assert_eq!(home.text(), None, "where there was no file there is none again");
}

#[test]
fn the_registered_command_is_the_hook_beside_ccmon() {
    let home = Home::with("{}");
    let said = home.succeed(&["install"]);
    assert!(
        said.contains("12 hooks") && said.contains("No `claude` was found"),
        "{said}"
    );
    let settings: serde_json::Value = serde_json::from_str(&home.text().expect("a file")).expect("JSON");
    let command = settings["hooks"]["PermissionRequest"][0]["hooks"][0]["command"]
        .as_str()
        .expect("a command");
    let hook = Path::new(env!("CARGO_BIN_EXE_ccmon")).with_file_name("ccmon-hook");
    assert!(
        command.ends_with(&format!("exec {} --wait", hook.display())),
        "{command}"
    );
    assert_eq!(settings["hooks"]["PermissionRequest"][0]["hooks"][0]["timeout"], 600);
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let home = Home::with(SETTINGS[5]);
    let shown = home.succeed(&["install", "--dry-run"]);
    assert!(
        shown.contains("+") && shown.contains("ccmon-hook") && shown.contains("@@"),
        "{shown}"
    );
    assert_eq!(home.text().as_deref(), Some(SETTINGS[5]));
    assert!(!home.0.path().join("state/install.json").exists());
}

#[test]
fn what_is_hostile_or_broken_is_left_alone() {
    for broken in [
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"hooks\": []}",
        "{\"hooks\": {\"Stop\": {}}}",
        "{\"hooks\": 5}",
        "not json",
        "{\"a\": 1} x",
    ] {
        let home = Home::with(broken);
        let said = home.refuse(&["install"]);
        assert!(
            said.contains("left as it is") && said.contains("settings.json"),
            "{broken}: {said}"
        );
        assert_eq!(home.text().as_deref(), Some(broken));
    }
    let home = Home::new();
    fs::write(home.settings(), [0xff, 0xfe, 0x00]).expect("a file");
    assert!(home.refuse(&["install"]).contains("UTF-8"));
    let home = Home::with(&format!("{{\"a\": \"{}\"}}", "x".repeat(6 << 20)));
    assert!(home.refuse(&["install"]).contains("larger"));
    let home = Home::new();
    fs::create_dir(home.settings()).expect("a directory");
    assert!(home.refuse(&["install"]).contains("directory"));
    let home = Home::new();
    symlink("/nowhere/at/all", home.settings()).expect("a link");
    assert!(home.refuse(&["install"]).contains("link"));
}

#[test]
fn mode_and_link_are_kept_and_a_copy_is_made() {
    let home = Home::new();
    let real = home.0.path().join("dotfiles.json");
    fs::write(&real, SETTINGS[5]).expect("a file");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("ours");
    symlink(&real, home.settings()).expect("a link");
    let said = home.succeed(&["install"]);
    assert!(fs::symlink_metadata(home.settings()).expect("a link").is_symlink());
    assert_eq!(fs::metadata(&real).expect("a file").permissions().mode() & 0o777, 0o640);
    let backup = said
        .lines()
        .find_map(|line| line.split("kept as ").nth(1))
        .expect("a backup")
        .trim_end_matches('.');
    assert_eq!(fs::read_to_string(backup).expect("a backup"), SETTINGS[5]);
    home.succeed(&["uninstall"]);
    assert_eq!(fs::read_to_string(&real).expect("a file"), SETTINGS[5]);
}

#[test]
fn another_file_can_be_named_and_the_config_directory_is_honoured() {
    let home = Home::new();
    let other = home.0.path().join("other.json");
    home.succeed(&["install", "--settings", other.to_str().expect("a path")]);
    assert!(fs::read_to_string(&other).expect("a file").contains("ccmon-hook"));
    assert_eq!(home.text(), None);

    let directory = home.0.path().join("config");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ccmon"));
    command
        .arg("install")
        .env_clear()
        .env("HOME", home.0.path())
        .env("PATH", "/usr/bin:/bin");
    command
        .env("CLAUDE_CONFIG_DIR", &directory)
        .env("CCMON_STATE_DIR", home.0.path().join("state"));
    assert!(command.output().expect("ccmon runs").status.success());
    assert!(directory.join("settings.json").exists());
}

#[test]
fn doctor_tells_present_from_missing() {
    let home = Home::with("{}");
    let doctor = |home: &Home| -> serde_json::Value {
        serde_json::from_slice(&home.ccmon(&["doctor", "--json"]).stdout).expect("JSON")
    };
    let result = |report: &serde_json::Value, check: &str| {
        let checks = report["checks"].as_array().expect("checks");
        checks
            .iter()
            .find(|c| c["check"] == check)
            .map(|c| c["result"].clone())
            .unwrap_or_default()
    };
    let before = doctor(&home);
    assert_eq!(
        (result(&before, "hooks"), result(&before, "daemon")),
        ("failed".into(), "failed".into())
    );
    home.succeed(&["install"]);
    assert_eq!(result(&doctor(&home), "hooks"), "ok");
    assert_eq!(home.ccmon(&["status"]).status.code(), Some(3), "no daemon");
}
