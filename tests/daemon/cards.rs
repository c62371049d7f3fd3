//! What a request is shown with: the file as it is when somebody asks, and nothing that is not to be opened.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Child;

use serde_json::{Value, json};

use crate::Place;
use crate::support::{PATIENCE, wait_until};

/// A place with a project that a session works in.
struct Desk {
    place: Place,
    hooks: Vec<Child>,
}

impl Desk {
    fn new() -> Self {
        let place = Place::with_daemon();
        fs::create_dir_all(place.directory.path().join("shop/.git")).expect("a writable directory");
        Self { place, hooks: Vec::new() }
    }

    fn at(&self, name: &str) -> String {
        self.place.directory.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.at(name), content).expect("a writable directory");
    }

    /// A request; its id.
    fn ask(&mut self, tool: &str, input: &Value, more: &Value) -> String {
        let mut payload = json!({ "session_id": "one", "cwd": self.at("shop"), "hook_event_name": "PermissionRequest",
                                  "tool_name": tool, "tool_input": input });
        let more = more.as_object().cloned().unwrap_or_default();
        payload.as_object_mut().expect("an object").extend(more);
        let before = self.place.ccmon.pending().len();
        self.hooks.push(self.place.hook(&["--wait"], &payload.to_string()));
        let pending = self.place.ccmon.wait_for_pending(before + 1);
        let known: Vec<&Value> = pending.iter().filter(|a| a["tool"] == tool && a["input"] == *input).collect();
        known.last().expect("it waits")["id"].as_str().expect("an id").to_owned()
    }

    fn card(&self, id: &str, query: &str) -> Value {
        let (status, card) = self.place.ccmon.ask("GET", &format!("/approvals/{id}/card{query}"), &Value::Null);
        assert_eq!(status, 200, "{card}");
        card
    }

    /// The path of a transcript of Claude's, in which it said this.
    fn transcript(&self, all: &[&str]) -> String {
        let folder = self.at("claude/projects/shop");
        fs::create_dir_all(&folder).expect("a writable directory");
        let transcript = format!("{folder}/one.jsonl");
        fs::write(&transcript, all.iter().map(|text| said(text)).collect::<String>()).expect("a writable directory");
        transcript
    }

    /// The file of a request to write there.
    fn written(&mut self, path: &str) -> Value {
        let id = self.ask("Write", &json!({ "file_path": path, "content": "new\n" }), &Value::Null);
        self.card(&id, "")["file"].clone()
    }
}

/// A line of a transcript.
fn said(text: &str) -> String {
    let content = json!([{ "type": "text", "text": text }]);
    format!("{}\n", json!({ "type": "assistant", "message": { "model": "m", "content": content } }))
}

impl Drop for Desk {
    fn drop(&mut self) {
        for hook in &mut self.hooks {
            let _ = hook.kill();
            let _ = hook.wait();
        }
    }
}

#[test]
fn an_edit_is_shown_as_the_lines_that_change_now() {
    let mut desk = Desk::new();
    desk.write("shop/a.txt", "one\ntwo\nthree\n");
    let input = json!({ "file_path": desk.at("shop/a.txt"), "old_string": "two", "new_string": "zwei" });
    let id = desk.ask("Edit", &input, &Value::Null);
    let file = desk.card(&id, "")["file"].clone();
    let rows = json!([[" ", "one", []], ["-", "two", []], ["+", "zwei", []], [" ", "three", []]]);
    assert_eq!(file["diff"]["hunks"], json!([{ "old": 1, "new": 1, "head": null, "rows": rows }]));
    assert_eq!((&file["relative"], &file["outside"], &file["link"]), (&json!("a.txt"), &json!(false), &Value::Null));
    let page = desk.card(&id, "?from=2&rows=1")["file"]["diff"].clone();
    assert_eq!(page["hunks"], json!([{ "old": 3, "new": 2, "head": "two", "rows": [["+", "zwei", []]] }]));
    assert_eq!((&page["left"], &page["version"]), (&json!(1), &file["diff"]["version"]));
    desk.write("shop/a.txt", "one\n2\nthree\n");
    let file = desk.card(&id, "")["file"].clone();
    assert_eq!(file["problem"], "the old text is not in the file as it is now: the edit would fail");
    assert_eq!(file["diff"]["hunks"][0]["old"], 0);
    let (status, _) = desk.place.ccmon.ask("GET", &format!("/approvals/{id}/card?rows=x"), &Value::Null);
    assert_eq!(status, 400);
}

#[test]
fn what_is_odd_about_a_file_is_told_and_what_is_none_is_not_opened() {
    let mut desk = Desk::new();
    desk.write("outside", "x\n");
    desk.write("shop/binary", b"a\0b");
    desk.write("shop/latin", b"caf\xe9\n");
    fs::File::create(desk.at("shop/large")).and_then(|file| file.set_len(9 << 20)).expect("a sparse file");
    symlink(desk.at("outside"), desk.at("shop/link")).expect("a link");
    symlink(desk.at("shop/nothing"), desk.at("shop/dangling")).expect("a link");
    symlink("loop", desk.at("shop/loop")).expect("a link");
    rustix::fs::mknodat(rustix::fs::CWD, desk.at("shop/pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .expect("a pipe");
    let _socket = std::os::unix::net::UnixListener::bind(desk.at("shop/socket")).expect("a socket");
    for (name, problem) in [
        ("shop/binary", json!("the file is binary")),
        ("shop/latin", json!("the file is not UTF-8 text")),
        ("shop/large", json!("the file is larger than 8 MiB")),
        ("shop/pipe", json!("this is a pipe, not a file")),
        ("shop/socket", json!("this is a socket, not a file")),
        ("shop/.git", json!("this is a folder, not a file")),
        ("shop/new", Value::Null),
        ("shop/binary/below", json!("the file cannot be read: Not a directory")),
    ] {
        let path = desk.at(name);
        let file = desk.written(&path);
        assert_eq!(file["problem"], problem, "{name}");
        assert_eq!(file["diff"]["hunks"][0]["rows"], json!([["+", "new", []]]), "{name}");
        assert_eq!(file["exists"], name != "shop/new", "{name}");
    }
    for (name, outside, link, exists) in [
        ("shop/link", true, Some("outside"), true),
        ("shop/dangling", false, Some("shop/nothing"), false),
        ("outside", true, None, true),
    ] {
        let path = desk.at(name);
        let file = desk.written(&path);
        let wanted = link.map_or(Value::Null, |name| {
            fs::canonicalize(desk.at("")).expect("it is there").join(name).display().to_string().into()
        });
        assert_eq!(
            (&file["outside"], &file["link"], &file["exists"]),
            (&json!(outside), &wanted, &json!(exists)),
            "{name}"
        );
    }
    let path = desk.at("shop/loop");
    assert!(desk.written(&path)["problem"].is_string());
}

/// A descriptor of the daemon's own may be anything, such as its database.
#[test]
fn the_systems_own_files_are_not_read_by_whatever_way() {
    let mut desk = Desk::new();
    symlink("/proc/self/fd", desk.at("shop/fds")).expect("a link");
    symlink("/proc/self/root", desk.at("shop/root")).expect("a link");
    symlink(desk.at("shop/fds"), desk.at("shop/further")).expect("a link");
    symlink("../../../../../../../../../../sys/kernel/uevent_seqnum", desk.at("shop/up")).expect("a link");
    desk.write("shop/plain", "secret\n");
    let through = format!("{}{}", desk.at("shop/root"), desk.at("shop/plain"));
    for path in [
        "/dev/zero",
        "/dev/fd/0",
        "/dev/shm/../shm/x",
        "/proc/self/environ",
        "/proc/cpuinfo",
        "/tmp/../proc/self/status",
        "/sys/kernel/uevent_seqnum",
        "../../../../../../../../../../proc/self/maps",
        &desk.at("shop/fds/1"),
        &desk.at("shop/further/1"),
        &desk.at("shop/up"),
        &through,
    ] {
        let file = desk.written(path);
        assert_eq!(file["problem"], "what is below /proc, /sys or /dev is not read", "{path}");
        assert_eq!(file["diff"]["hunks"][0]["rows"], json!([["+", "new", []]]), "{path}");
    }
    assert_eq!(desk.written("process")["problem"], Value::Null, "only called alike");
}

#[test]
fn a_session_is_not_told_what_files_hold() {
    let mut desk = Desk::new();
    let transcript = desk.transcript(&["I look around."]);
    desk.write("shop/keys", "open sesame\n");
    let input = json!({ "file_path": desk.at("shop/keys"), "old_string": "open sesame", "new_string": "x" });
    let id = desk.ask("Edit", &input, &json!({ "transcript_path": transcript }));
    let told = || Some(desk.card(&id, "")).filter(|card| card["said"] == "I look around.");
    let card = wait_until(PATIENCE, told, || "it was never told".to_owned());
    assert!(card["file"]["diff"]["removed"] == 1 && card["problem"].is_null(), "{card}");
    let answer = desk.place.inside("GET", &format!("/approvals/{id}/card?from=0&rows=2000"), "");
    let card: Value = serde_json::from_str(answer.rsplitn(3, ' ').last().expect("a body")).expect("JSON");
    assert_eq!((&card["file"], &card["said"]), (&Value::Null, &Value::Null), "{answer}");
    let why = card["problem"].as_str().unwrap_or_default();
    assert!(why.contains("inside a Claude session") && why.contains("not told what files hold"), "{answer}");
    assert_eq!(card["identical"], json!([id]), "what is no file's is told");
    for path in ["offers", "assess"] {
        let (method, body) =
            if path == "assess" { ("POST", json!({ "input": input }).to_string()) } else { ("GET", String::new()) };
        let other = desk.place.inside(method, &format!("/approvals/{id}/{path}"), &body);
        assert!(other.contains(" 200 ") && !other.contains("look around"), "{path}: {other}");
    }
}

#[test]
fn what_led_to_a_request_is_told_and_which_are_alike() {
    let mut desk = Desk::new();
    let transcript = desk.transcript(&["first", "I look around."]);
    let of = json!({ "transcript_path": transcript });
    let input = json!({ "command": "ls" });
    let (one, two) = (desk.ask("Bash", &input, &of), desk.ask("Bash", &input, &of));
    let told = || Some(desk.card(&one, "")).filter(|card| card["said"] == "I look around.");
    let card = wait_until(PATIENCE, told, || "it was never told".to_owned());
    assert_eq!(card["identical"].as_array().map(Vec::len), Some(2), "{one} {two}");
    assert_eq!((&card["file"], &card["plan"], &card["summary"]), (&Value::Null, &Value::Null, &Value::Null));
    let plan = desk.ask("ExitPlanMode", &json!({ "plan": "# Do\n\n- it" }), &of);
    assert_eq!(desk.card(&plan, "")["plan"][0], json!({ "b": "h", "level": 1, "spans": [{ "s": "text", "t": "Do" }] }));
    let secret = desk.at("secret.jsonl");
    fs::write(&secret, said("secret")).expect("a writable directory");
    let elsewhere =
        desk.ask("Bash", &json!({ "command": "id" }), &json!({ "session_id": "two", "transcript_path": secret }));
    assert_eq!(desk.card(&elsewhere, "")["said"], Value::Null, "no transcript of a client");
    let agent = json!({ "transcript_path": transcript, "agent_id": "x", "agent_type": "y" });
    let inside = desk.ask("Bash", &json!({ "command": "pwd" }), &agent);
    assert_eq!(desk.card(&inside, "")["said"], Value::Null, "the main thread said that");
}

#[test]
fn only_what_waits_has_a_card() {
    let mut desk = Desk::new();
    let id = desk.ask("Bash", &json!({ "command": "ls" }), &Value::Null);
    let pending = desk.place.ccmon.pending();
    desk.place.ccmon.decide(&pending[0], json!({ "decision": "deny" }));
    let (status, _) = desk.place.ccmon.ask("GET", &format!("/approvals/{id}/card"), &Value::Null);
    assert_eq!(status, 409);
    assert_eq!(desk.place.ccmon.ask("GET", "/approvals/none/card", &Value::Null).0, 404);
}
