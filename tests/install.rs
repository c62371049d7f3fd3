//! `ccmon install` and `uninstall`, as people run them: whatever the settings are, they are never damaged.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};
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

    /// The names of what lies beside the settings.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path().join(".claude")).expect("a directory");
        let names = entries.map(|entry| entry.expect("a name").file_name().to_string_lossy().into_owned());
        names.filter(|name| name != "settings.json").collect()
    }

    fn ccmon(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ccmon"));
        command.args(arguments).env_clear().env("HOME", self.0.path()).env("PATH", "/usr/bin:/bin");
        command.env("CCMON_STATE_DIR", self.0.path().join("state")).output().expect("ccmon runs")
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
    assert!(said.contains("12 hooks") && said.contains("No `claude` was found"), "{said}");
    let settings: serde_json::Value = serde_json::from_str(&home.text().expect("a file")).expect("JSON");
    let command = settings["hooks"]["PermissionRequest"][0]["hooks"][0]["command"].as_str().expect("a command");
    let hook = Path::new(env!("CARGO_BIN_EXE_ccmon")).with_file_name("ccmon-hook");
    assert!(command.ends_with(&format!("exec {} --wait", hook.display())), "{command}");
    assert_eq!(settings["hooks"]["PermissionRequest"][0]["hooks"][0]["timeout"], 600);
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let home = Home::with(SETTINGS[5]);
    let shown = home.succeed(&["install", "--dry-run"]);
    assert!(shown.contains("+") && shown.contains("ccmon-hook") && shown.contains("@@"), "{shown}");
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
        assert!(said.contains("left as it is") && said.contains("settings.json"), "{broken}: {said}");
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
    let backup = said.lines().find_map(|line| line.split("kept as ").nth(1)).expect("a backup").trim_end_matches('.');
    assert_eq!(fs::read_to_string(backup).expect("a backup"), SETTINGS[5]);
    home.succeed(&["uninstall"]);
    assert_eq!(fs::read_to_string(&real).expect("a file"), SETTINGS[5]);
}

#[test]
fn what_is_not_a_plain_file_of_ours_is_left_alone() {
    let home = Home::new();
    rustix::fs::mkfifoat(rustix::fs::CWD, home.settings(), 0o600.into()).expect("a FIFO");
    assert!(home.refuse(&["install"]).contains("a FIFO"));
    let home = Home::with("{}");
    assert!(home.refuse(&["install", "--settings", "/dev/zero"]).contains("a device"));
    assert!(home.refuse(&["install", "--settings", "/proc/s.json"]).contains("left as it is"));
    fs::hard_link(home.settings(), home.0.path().join("other")).expect("a second name");
    assert!(home.refuse(&["install"]).contains("2 names"));
    let home = Home::with("{}");
    fs::set_permissions(home.settings(), fs::Permissions::from_mode(0o444)).expect("ours");
    assert!(home.refuse(&["install"]).contains("read-only"));
    assert_eq!(home.text().as_deref(), Some("{}"));
    assert!(home.files().is_empty(), "nothing is left beside it");
}

#[test]
fn what_belongs_to_somebody_else_is_left_alone() {
    if !rustix::process::geteuid().is_root() {
        return; // Only root can give files away.
    }
    let nobody = Some(65534);
    let home = Home::with("{}");
    std::os::unix::fs::chown(home.settings(), nobody, None).expect("given away");
    let said = home.refuse(&["install"]);
    assert!(said.contains("belongs to uid 65534"), "{said}");
    let home = Home::new();
    fs::write(home.0.path().join("real"), "{}").expect("a file");
    symlink("../real", home.settings()).expect("a link");
    std::os::unix::fs::lchown(home.settings(), nobody, None).expect("given away");
    assert!(home.refuse(&["install"]).contains("belongs to uid 65534"));
    let home = Home::with("{}");
    std::os::unix::fs::chown(home.0.path().join(".claude"), nobody, None).expect("given away");
    assert!(home.refuse(&["install"]).contains("belongs to uid 65534"));
    assert_eq!(home.text().as_deref(), Some("{}"));
}

#[test]
fn a_user_without_write_access_is_told_and_nothing_is_left() {
    let home = Home::with("{}");
    let root = rustix::process::geteuid().is_root();
    let mode = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(home.0.path().join(".claude"), mode(0o555)).expect("ours");
    if !root {
        let said = home.refuse(&["install"]);
        assert!(said.contains("ermission denied"), "{said}");
        assert_eq!((home.text().as_deref(), home.files().len()), (Some("{}"), 0));
    }
    fs::set_permissions(home.0.path().join(".claude"), mode(0o755)).expect("ours");
}

#[test]
fn backups_are_few_and_only_made_for_changes() {
    let home = Home::with(SETTINGS[5]);
    for _ in 0..4 {
        home.succeed(&["install"]);
        home.succeed(&["install"]);
        home.succeed(&["uninstall"]);
    }
    let files = home.files();
    assert_eq!(files.len(), 5, "{files:?}");
    assert!(files.iter().all(|name| name.starts_with("settings.json.ccmon-backup-2")), "{files:?}");
    let record = fs::metadata(home.0.path().join("state/install.json")).expect("a record");
    assert_eq!(record.permissions().mode() & 0o777, 0o600);
}

#[test]
fn without_a_record_it_still_works_and_says_so() {
    let home = Home::with(SETTINGS[5]);
    fs::write(home.0.path().join("state"), "in the way").expect("a file");
    assert!(home.succeed(&["install"]).contains("Note: uninstalling may not restore"));
    home.succeed(&["uninstall"]);
    assert_eq!(home.text().as_deref(), Some(SETTINGS[5]));
    fs::remove_file(home.0.path().join("state")).expect("a file");
    home.succeed(&["install"]);
    fs::write(home.0.path().join("state/install.json"), "{ broken").expect("a file");
    home.succeed(&["uninstall"]);
    assert_eq!(home.text().as_deref(), Some(SETTINGS[5]));
}

#[test]
fn the_oldest_of_several_clients_decides_about_the_events() {
    let home = Home::with("{}");
    let put = |place: &str, version: &str| {
        let path = home.0.path().join(place);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        // Another process writes it: it would be busy while a child of another test is just starting.
        let source = home.0.path().join("source");
        fs::write(&source, format!("#!/bin/sh\necho '{version} (Claude Code)'\n")).expect("a file");
        let installed = Command::new("install").arg("-m755").args([&source, &path]).status();
        assert!(installed.expect("install runs").success());
    };
    put(".local/bin/claude", "2.1.329");
    assert!(home.succeed(&["install"]).contains("20 hooks"));
    put(".claude/local/claude", "2.0.76");
    let said = home.succeed(&["install"]);
    assert!(said.contains("12 hooks") && said.contains("2.0.76, the oldest"), "{said}");
    assert!(!home.text().expect("a file").contains("PostToolBatch"));
    home.succeed(&["uninstall"]);
    assert_eq!(home.text().as_deref(), Some("{}"));
}

#[test]
fn where_there_was_no_directory_there_is_none_again() {
    let home = Home::new();
    let settings = home.0.path().join("new/settings.json");
    let settings = settings.to_str().expect("a path");
    home.succeed(&["install", "--settings", settings]);
    home.succeed(&["uninstall", "--settings", settings]);
    assert!(!home.0.path().join("new").exists());
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
    command.arg("install").env_clear().env("HOME", home.0.path()).env("PATH", "/usr/bin:/bin");
    command.env("CLAUDE_CONFIG_DIR", &directory).env("CCMON_STATE_DIR", home.0.path().join("state"));
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
        checks.iter().find(|c| c["check"] == check).map(|c| c["result"].clone()).unwrap_or_default()
    };
    let before = doctor(&home);
    assert_eq!((result(&before, "hooks"), result(&before, "daemon")), ("failed".into(), "failed".into()));
    home.succeed(&["install"]);
    assert_eq!(result(&doctor(&home), "hooks"), "ok");
    assert_eq!(home.ccmon(&["status"]).status.code(), Some(3), "no daemon");
}

/// The settings as a ccmon wrote them that did not look for its program first.
fn older(text: &str) -> String {
    let mut parts = text.split("[ ! -x ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |older, part| older + part.split_once(" ] || exec ").map_or(part, |(_, command)| command))
}

/// Makes settings and record those of such a ccmon.
fn age(home: &Home) {
    let new = home.text().expect("a file");
    fs::write(home.settings(), older(&new)).expect("a file");
    let path = home.0.path().join("state/install.json");
    let mut record: serde_json::Value = serde_json::from_slice(&fs::read(&path).expect("a record")).expect("JSON");
    let memory = record["files"].as_object_mut().expect("files").values_mut().next().expect("the settings");
    memory["after"] = Sha256::digest(older(&new)).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    for step in memory["undo"].as_array_mut().expect("steps") {
        let [at, length] = ["at", "length"].map(|name| step[name].as_u64().expect("a number") as usize);
        step["at"] = older(&new[..at]).len().into();
        step["length"] = older(&new[at..at + length]).len().into();
    }
    fs::write(path, record.to_string()).expect("a record");
}

#[test]
fn what_an_older_ccmon_wrote_is_renewed_and_taken_out() {
    for settings in SETTINGS {
        let home = Home::with(settings);
        home.succeed(&["install"]);
        let new = home.text().expect("a file");
        age(&home);
        assert!(!home.text().expect("a file").contains("[ ! -x"));
        let report: serde_json::Value =
            serde_json::from_slice(&home.ccmon(&["doctor", "--json"]).stdout).expect("JSON");
        let told = report["checks"].as_array().expect("checks").iter().find(|check| check["check"] == "hooks");
        let told = told.expect("a check of the hooks");
        assert!(
            told["found"].as_str().expect("words").contains("does not look whether its program is there"),
            "{told}"
        );
        assert_eq!((&told["result"], &told["remedy"]), (&"warning".into(), &"ccmon install".into()));
        home.succeed(&["install"]);
        assert_eq!(home.text().as_ref(), Some(&new), "renewed");
        age(&home);
        home.succeed(&["uninstall"]);
        assert_eq!(home.text().as_deref(), Some(settings));
    }
}

#[test]
fn bindings_for_tmux_come_and_go_to_the_byte() {
    let home = Home::new();
    let conf = home.0.path().join(".tmux.conf");
    let printed = home.succeed(&["install", "--tmux"]);
    assert!(printed.contains("bind-key N run-shell") && printed.contains("tui --exit-after-jump"), "{printed}");
    assert!(!conf.exists(), "printing writes nothing");
    for before in ["set -g mouse on\n", "set -g mouse on", "", "# >>> ccmon >>>\nset -g status off\n\n"] {
        fs::write(&conf, before).expect("a file");
        home.succeed(&["install", "--tmux", "--write"]);
        let after = fs::read_to_string(&conf).expect("a file");
        assert!(after.starts_with(before) && after.contains("bind-key N run-shell"), "{after}");
        assert!(home.succeed(&["install", "--tmux", "--write"]).contains("already"));
        assert_eq!(fs::read_to_string(&conf).expect("a file"), after);
        assert!(home.succeed(&["uninstall"]).contains("bindings are out"));
        assert_eq!(fs::read_to_string(&conf).expect("a file"), before);
        assert!(!home.succeed(&["uninstall"]).contains("bindings"));
    }
    fs::remove_file(&conf).expect("a file");
    home.succeed(&["install", "--tmux", "--write"]);
    home.succeed(&["uninstall"]);
    assert!(!conf.exists(), "what was made is gone");
}

#[test]
fn the_configuration_of_tmux_that_is_there_is_used_and_a_broken_one_left_alone() {
    let home = Home::new();
    let modern = home.0.path().join(".config/tmux/tmux.conf");
    fs::create_dir_all(modern.parent().expect("a directory")).expect("a directory");
    fs::write(&modern, "set -g mouse on\n").expect("a file");
    home.succeed(&["install", "--tmux", "--write"]);
    let text = fs::read_to_string(&modern).expect("a file");
    let half = text.lines().take(2).collect::<Vec<_>>().join("\n");
    fs::write(&modern, &half).expect("a file");
    assert!(home.refuse(&["install", "--tmux", "--write"]).contains("by hand"));
    assert_eq!(fs::read_to_string(&modern).expect("a file"), half);
    assert_eq!(home.ccmon(&["install", "--write"]).status.code(), Some(2), "it needs --tmux");
}
