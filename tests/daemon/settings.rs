//! The settings: changed through the API or with an editor, and in force at once.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::live::{next, until, watch};
use crate::support::{PATIENCE, wait_until};
use crate::{Place, request};

impl Place {
    fn config(&self) -> PathBuf {
        self.directory.path().join("config/config.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.config()).expect("a file")
    }

    fn write(&self, text: &str) {
        fs::write(self.config(), text).expect("a file of ours");
    }

    fn settings(&self) -> Value {
        self.ccmon.get("/settings").expect("the settings")
    }

    fn patch(&self, patch: &Value) -> (u16, Value) {
        self.ccmon.ask("PATCH", "/settings", patch)
    }

    fn set(&self, patch: &Value) -> Value {
        let (status, settings) = self.patch(patch);
        assert_eq!(status, 200, "{patch}: {settings}");
        settings
    }

    /// Waits until the settings are so.
    fn wait_for_settings(&self, so: impl Fn(&Value) -> bool) -> Value {
        let there = || Some(self.settings()).filter(|settings| so(settings));
        wait_until(PATIENCE, there, || format!("the settings stay {:#}", self.settings()))
    }

    /// How long a new request of this session may wait, in milliseconds.
    fn held_for(&self, session: &str) -> u64 {
        let hook = self.hook(&["--wait"], &request(session, "touch foo"));
        let mine = |approval: &&Value| approval["session_id"] == session;
        let found = || self.ccmon.pending().iter().find(mine).cloned();
        let pending = wait_until(PATIENCE, found, || format!("nothing of {session}: {:?}", self.ccmon.pending()));
        self.ccmon.decide(&pending, json!({ "decision": "deny" }));
        hook.wait_with_output().expect("the hook ends");
        let at = |name: &str| pending[name].as_u64().unwrap_or_else(|| panic!("no {name}: {pending}"));
        at("expires") - at("opened")
    }
}

#[test]
fn a_change_counts_for_the_next_request_and_keeps_the_file() {
    let place = Place::with_daemon();
    let (before, original) = (place.settings(), place.text());
    assert_eq!(before["values"], before["defaults"]);
    assert_eq!((&before["problem"], &before["restart"], &before["overridden"]), (&Value::Null, &json!([]), &json!({})));
    assert_eq!(place.held_for("one"), 540_000);

    let mut watcher = watch(&place);
    let after = place.set(&json!({ "approvals.hold": 60, "notifications.finished.on": true, "web.port": 7_000 }));
    assert_eq!(after["values"]["approvals"]["hold"], 60);
    assert_eq!(after["restart"], json!(["web.port"]), "a door that is open stays where it is");
    assert_eq!(place.held_for("two"), 60_000);
    until(&mut watcher, "settings");
    let text = place.text();
    let added: Vec<&str> = text.lines().filter(|line| !original.lines().any(|old| old == *line)).collect();
    assert_eq!(added, ["hold = 60", "port = 7000", "on = true"]);

    place.set(&json!({ "approvals.hold": null, "notifications.finished.on": null, "web.port": null }));
    assert_eq!(place.text(), original, "set back, it is as it was");
    assert_eq!(place.settings(), before);
    assert_eq!(place.held_for("three"), 540_000);
}

#[test]
fn what_cannot_be_changes_nothing() {
    let place = Place::with_daemon();
    let (before, original) = (place.settings(), place.text());
    for (patch, words) in [
        (json!({ "approvals.hold": 60, "approvals.subagent_hold": 121 }), "`approvals.subagent_hold`"),
        (json!({ "retention.dais": 1 }), "did you mean `retention.days`"),
        (json!({ "quiet.from": "25:00" }), "a time of the day"),
        (json!({ "notifications.stuck.sound": "../../x" }), "a sound"),
        (json!({ "approvals": { "hold": 60 } }), "there is no setting `approvals`"),
        (json!({ "approvals.hold": true }), "`approvals.hold` cannot be true"),
        (json!([]), "expected a map"),
        (json!(7), "expected a map"),
    ] {
        let (status, problem) = place.patch(&patch);
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(status == 422 && detail.contains(words), "{patch}: {status} {problem}");
    }
    assert_eq!((place.settings(), place.text()), (before, original));
}

#[test]
fn an_editor_is_heard_and_a_mistake_is_told_and_not_taken() {
    let place = Place::with_daemon();
    let hold = |settings: &Value| settings["values"]["approvals"]["hold"].clone();
    let mut watcher = watch(&place);
    next(&mut watcher);
    place.write("# mine\n[approvals]\nhold = 60\n");
    until(&mut watcher, "settings");
    assert_eq!(hold(&place.settings()), 60);
    assert_eq!(place.held_for("one"), 60_000);

    let broken = "# mine\n[approvals]\nhold = 6000\n";
    place.write(broken);
    let told = place.wait_for_settings(|settings| settings["problem"].is_string());
    assert!(told["problem"].as_str().is_some_and(|why| why.contains("line 3") && why.contains("540")), "{told}");
    assert_eq!(hold(&told), 60, "what counted goes on");
    let (status, problem) = place.patch(&json!({ "quiet.on": true }));
    assert!(status == 409 && problem["detail"].as_str().is_some_and(|why| why.contains("line 3")), "{problem}");
    assert_eq!(place.text(), broken, "nothing is lost");

    // As many editors save: a new file moved over the old one.
    let aside = place.directory.path().join("config/.config.toml.swp");
    fs::write(&aside, "# mine\n[approvals]\nhold = 90\n").expect("a file");
    fs::rename(&aside, place.config()).expect("in place");
    let mended = place.wait_for_settings(|settings| settings["problem"].is_null());
    assert_eq!(hold(&mended), 90);
    fs::remove_file(place.config()).expect("a file");
    place.write("");
    place.wait_for_settings(|settings| hold(settings) == 540);
}

#[test]
fn what_an_editor_wrote_a_moment_ago_is_kept_by_a_change() {
    let place = Place::with_daemon();
    for round in 1..20 {
        let text = format!("# round {round}\n[approvals]\nhold = {round}\n");
        place.write(&text);
        let after = place.set(&json!({ "quiet.on": round % 2 == 1 }));
        assert_eq!((&after["values"]["approvals"]["hold"], &after["problem"]), (&json!(round), &Value::Null));
        assert!(place.text().starts_with(&text), "{}", place.text());
    }
}

#[test]
fn many_changes_at_once_all_count() {
    let place = Place::with_daemon();
    let keys =
        ["approvals.hold", "approvals.subagent_hold", "retention.days", "retention.size_mb", "summaries.refresh"];
    std::thread::scope(|scope| {
        for (number, key) in keys.iter().enumerate() {
            let place = &place;
            scope.spawn(move || (0..5).for_each(|round| drop(place.set(&json!({ *key: 10 + number + round })))));
        }
    });
    let values = place.settings()["values"].clone();
    for (number, key) in keys.iter().enumerate() {
        let path = format!("/{}", key.replace('.', "/"));
        assert_eq!(values.pointer(&path), Some(&json!(14 + number)), "{key}");
        assert_eq!(place.text().matches(&format!("\n{} = ", key.rsplit('.').next().expect("a name"))).count(), 1);
    }
}

#[test]
fn link_and_mode_of_the_file_are_kept() {
    let mut place = Place::new();
    let (real, config) = (place.directory.path().join("dotfiles/ccmon.toml"), place.directory.path().join("config"));
    for directory in [real.parent().expect("a parent"), &config] {
        fs::create_dir(directory).expect("a directory");
    }
    fs::write(&real, "[quiet]\non = true\n").expect("a file");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("ours");
    symlink(&real, place.config()).expect("a link");
    place.ccmon.start();
    place.set(&json!({ "quiet.to": "06:00" }));
    assert!(fs::symlink_metadata(place.config()).expect("a link").is_symlink());
    assert_eq!(fs::read_to_string(&real).expect("a file"), "[quiet]\non = true\nto = \"06:00\"\n");
    assert_eq!(fs::metadata(&real).expect("a file").permissions().mode() & 0o777, 0o640);
    fs::write(&real, "[quiet]\nto = \"05:00\"\n").expect("a file");
    place.wait_for_settings(|settings| settings["values"]["quiet"]["to"] == "05:00");

    fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).expect("ours");
    let (status, problem) = place.patch(&json!({ "quiet.on": true }));
    assert!(status == 409 && problem["detail"].as_str().is_some_and(|why| why.contains("read-only")), "{problem}");
}

#[test]
fn what_claude_started_may_read_settings_and_not_change_them() {
    let place = Place::with_daemon();
    let original = place.text();
    let patch = "{\"approvals.hold\":1}";
    assert!(place.inside("PATCH", "/settings", patch).ends_with(" 403 application/problem+json"));
    assert!(place.inside("GET", "/settings", "").contains(" 200 "));
    assert_eq!(place.text(), original);
}

#[test]
fn what_wins_over_the_file_is_told() {
    let place = Place::new();
    let mut ccmon = place.command(Path::new(env!("CARGO_BIN_EXE_ccmon")));
    ccmon.args(["daemon", "--port", "7801"]).env("CCMON_STUCK_THRESHOLD_S", "90").stdout(Stdio::null());
    let mut daemon = ccmon.spawn().expect("ccmon starts");
    let told = wait_until(PATIENCE, || place.ccmon.get("/settings"), || "no daemon".into());
    daemon.kill().expect("a child of ours");
    daemon.wait().expect("a child of ours");
    let expected = json!({ "sessions.stuck_after": "CCMON_STUCK_THRESHOLD_S", "web.port": "--port" });
    assert_eq!((&told["overridden"], &told["values"]["sessions"]["stuck_after"]), (&expected, &json!(0)));
}
