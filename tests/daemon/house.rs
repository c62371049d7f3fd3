//! Our own installation through the API: hooks in and out, what is wrong, what runs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Place;

/// As people have them: other hooks, odd layouts, comments.
const SETTINGS: [&str; 5] = [
    "{}",
    "{\"model\":\"opus\"}",
    "{\n  \"hooks\": {\n    \"Stop\": [ { \"hooks\": [ { \"type\": \"command\", \"command\": \"say done\" } ] } ]\n  }\n}\n",
    "{\r\n\t\"permissions\": { \"allow\": [\"Bash(ls:*)\"] },\r\n\t\"hooks\": {}\r\n}\r\n",
    "\u{feff}{\n  // mine\n  \"model\": \"opus\", /* keep */\n}\n",
];

impl Place {
    fn claude_settings(&self) -> PathBuf {
        self.directory.path().join(".claude/settings.json")
    }

    fn write_claude(&self, text: &str) {
        fs::create_dir_all(self.directory.path().join(".claude")).expect("a directory");
        fs::write(self.claude_settings(), text).expect("a file");
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ccmon.ask("POST", path, body);
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    fn hooks(&self) -> Value {
        self.ccmon.get("/hooks").expect("the hooks")
    }
}

#[test]
fn hooks_go_in_and_out_to_the_byte() {
    let place = Place::with_daemon();
    for settings in SETTINGS {
        place.write_claude(settings);
        let before = place.hooks();
        assert_eq!((&before["installed"], &before["problems"]), (&json!(false), &json!([])), "{before}");

        let shown = place.post("/hooks/install", &json!({ "dry_run": true }));
        assert!(shown["changed"] == true && shown["diff"].as_str().is_some_and(|diff| diff.contains("@@")), "{shown}");
        assert_eq!(fs::read_to_string(place.claude_settings()).expect("a file"), settings, "only shown");

        let done = place.post("/hooks/install", &json!({}));
        assert_eq!((&done["changed"], &done["diff"]), (&json!(true), &shown["diff"]));
        let notes = done["notes"].to_string();
        assert!(notes.contains("kept as") && notes.contains("No `claude` was found"), "{notes}");
        let hooks = place.hooks();
        assert_eq!((&hooks["installed"], &hooks["holds"]), (&json!(true), &json!(true)));
        assert_eq!(hooks["events"].as_array().map(Vec::len), Some(12));
        assert!(hooks["program"].as_str().is_some_and(|path| path.ends_with("/ccmon-hook")), "{hooks}");
        assert_eq!(place.post("/hooks/install", &json!({}))["changed"], false, "twice is once");

        place.post("/hooks/install", &json!({ "approval": false }));
        assert_eq!(place.hooks()["holds"], false);
        assert_eq!(place.post("/hooks/uninstall", &json!({ "dry_run": true }))["changed"], true);
        place.post("/hooks/uninstall", &json!({}));
        assert_eq!(fs::read_to_string(place.claude_settings()).expect("a file"), settings);
        assert_eq!(place.post("/hooks/uninstall", &json!({}))["changed"], false);
    }
}

#[test]
fn what_is_broken_is_left_alone_and_told() {
    let place = Place::with_daemon();
    place.write_claude("{ broken");
    let (status, problem) = place.ccmon.ask("POST", "/hooks/install", &json!({}));
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(status == 409 && detail.contains("left as it is") && detail.contains("not JSON"), "{status} {problem}");
    assert_eq!(fs::read_to_string(place.claude_settings()).expect("a file"), "{ broken");
    let hooks = place.hooks();
    assert!(hooks["installed"] == false && hooks["problems"][0].is_string(), "{hooks}");
    for body in [json!({ "dryrun": true }), json!({ "dry_run": 1 }), json!(7)] {
        assert_eq!(place.ccmon.ask("POST", "/hooks/install", &body).0, 422, "{body}");
    }
}

#[test]
fn what_claude_started_may_not_touch_the_hooks() {
    let place = Place::with_daemon();
    place.write_claude("{}");
    for (path, body) in [("/hooks/install", "{}"), ("/hooks/uninstall", "{}"), ("/welcome", "{\"done\":true}")] {
        assert!(place.inside("POST", path, body).ends_with(" 403 application/problem+json"), "{path}");
    }
    for path in ["/hooks", "/doctor", "/about", "/settings"] {
        assert!(place.inside("GET", path, "").contains(" 200 "), "{path}");
    }
    assert_eq!(fs::read_to_string(place.claude_settings()).expect("a file"), "{}");
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_what_to_do() {
    let place = Place::with_daemon();
    let check = |name: &str| {
        let report = place.ccmon.get("/doctor").expect("a report");
        let checks = report["checks"].as_array().expect("checks").clone();
        checks.into_iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no {name}: {report}"))
    };
    assert_eq!(check("daemon")["result"], "ok");
    assert_eq!(check("settings")["result"], "ok");
    let hooks = check("hooks");
    assert_eq!((&hooks["result"], &hooks["remedy"]), (&json!("failed"), &json!("ccmon install")));
    place.write_claude("{}");
    place.post("/hooks/install", &json!({}));
    assert_eq!(check("hooks")["result"], "ok");
    fs::write(place.directory.path().join("config/config.toml"), "[web]\nport = 0\n").expect("a file of ours");
    let settings = check("settings");
    assert!(settings["result"] == "failed" && settings["found"].to_string().contains("line 2"), "{settings}");
}

#[test]
fn it_tells_what_runs_and_where_things_are() {
    let place = Place::with_daemon();
    let about = place.ccmon.get("/about").expect("an answer");
    assert_eq!((&about["version"], &about["program"]), (&json!(env!("CARGO_PKG_VERSION")), &json!("ccmon")));
    let told = place.command(Path::new(env!("CARGO_BIN_EXE_ccmon"))).arg("--version").output().expect("ccmon runs");
    let version =
        format!("ccmon {} (commit {})\n", env!("CARGO_PKG_VERSION"), option_env!("CCMON_COMMIT").unwrap_or("unknown"));
    assert_eq!(String::from_utf8_lossy(&told.stdout), version);
    for (name, file) in [("database", "state/ccmon.db"), ("config", "config/config.toml"), ("socket", "door.sock")] {
        let path = place.directory.path().join(file);
        assert_eq!(about["paths"][name], json!(path), "{name}");
        assert!(path.exists(), "{}", path.display());
    }
}

#[test]
fn the_welcome_page_is_due_until_hooks_are_there_or_it_is_put_away() {
    let mut place = Place::with_daemon();
    let due = |place: &Place| place.ccmon.get("/about").expect("an answer")["welcome"].clone();
    assert_eq!(due(&place), true);
    place.post("/hooks/install", &json!({}));
    assert_eq!(due(&place), false);
    place.post("/hooks/uninstall", &json!({}));
    assert_eq!(due(&place), true);
    assert_eq!(place.post("/welcome", &json!({ "done": true })), json!({ "done": true }));
    place.ccmon.kill();
    place.ccmon.start();
    assert_eq!(due(&place), false, "for good");
    place.post("/welcome", &json!({ "done": false }));
    assert_eq!(due(&place), true);
    for body in [json!({}), json!({ "done": 1 }), json!({ "done": true, "x": 1 })] {
        assert_eq!(place.ccmon.ask("POST", "/welcome", &body).0, 422, "{body}");
    }
    place.ccmon.kill();
    place.ccmon.set("CCMON_NO_WELCOME", "1");
    place.ccmon.start();
    assert_eq!(due(&place), false, "nobody is greeted where nobody wants to be");
}
