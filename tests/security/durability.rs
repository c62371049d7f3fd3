//! What is left behind, and whom we speak to. The rest of what has to last is tried by `tests/faults`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::hold;
use crate::http::codes::{code, cookie};
use crate::strace::{self, watched};
use crate::suite::{Suite, Verdict};
use crate::support::{PATIENCE, program, wait_until};
use crate::world::{World, asking, end, fed, got, said};

/// A log is set aside at this size.
const FULL: usize = 10 << 20;

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("durability.logs");
    suite.case("a log that is full -> set aside, three kept, all 0600, no secret in any", rotating);
    suite.about("durability.network");
    for what in ["the daemon, for a life", "the hook", "the command line"] {
        suite.case(format!("{what} -> connects to Unix sockets and loopback only"), move || {
            if !strace::is_there() {
                return Ok(strace::missing());
            }
            match what {
                "the hook" => hook(),
                "the command line" => commands(),
                _ => daemon(),
            }
            .map(Verdict::from)
        });
    }
}

fn rotating() -> Result<(), String> {
    let mut world = World::closed();
    fs::create_dir_all(world.at("state")).map_err(|error| error.to_string())?;
    for name in ["daemon.log", "daemon.log.1", "daemon.log.2"] {
        let file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(world.at("state").join(name));
        let line = format!("{name}: {}\n", "x".repeat(87));
        let written = file.and_then(|mut file| file.write_all(line.repeat(FULL / line.len()).as_bytes()));
        written.map_err(|error| error.to_string())?;
    }
    world.configure("");
    world.start();
    for number in 0..30 {
        // At the loudest level each of these leaves a few lines.
        world.tcp(&got(
            &format!("GET /{number}?token=TOKEN&code={}", code(&world)),
            "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN",
        ));
        world.tcp(&got("GET /sessions", &format!("Host: 127.0.0.1:PORT\r\nCookie: {}", cookie(&world))));
        world.ccmon.ask("PATCH", "/settings", &json!({ "approvals.hold": 100 + number }));
    }
    kept(&world)
}

/// Whether the logs are as they should be.
fn kept(world: &World) -> Result<(), String> {
    let cookie = cookie(world).split_once('=').expect("a pair").1.to_owned();
    let mut names = Vec::new();
    for entry in fs::read_dir(world.at("state")).expect("a directory").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.contains("log") {
            continue;
        }
        let (text, mode) =
            (fs::read_to_string(entry.path()).unwrap_or_default(), entry.metadata().map(|found| found.mode() & 0o7777));
        hold!(mode.as_ref().is_ok_and(|mode| *mode == 0o600), "{name} is {mode:?}");
        hold!(text.len() <= FULL, "{name} has {} bytes", text.len());
        hold!(!text.contains(&world.token) && !text.contains(&cookie), "{name} holds a secret");
        names.push((name, text.chars().take(12).collect::<String>()));
    }
    names.sort();
    let first = |at: usize| names.get(at).map(|(_, begins)| begins.as_str()).unwrap_or_default();
    hold!(names.len() == 3, "{names:?}");
    hold!(first(1) == "daemon.log: " && first(2) == "daemon.log.1", "{names:?}");
    Ok(())
}

/// The calls that would have left the machine, of all that connect or send somewhere.
fn only_near(calls: &[String], at_least: usize) -> Result<String, String> {
    let named: Vec<_> = calls.iter().filter(|call| call.contains("sa_family=")).collect();
    for call in &named {
        let near = call.contains("AF_UNIX") || call.contains("AF_NETLINK") || call.contains("\"127.0.0.1\"");
        hold!(near, "{call}");
    }
    hold!(named.len() >= at_least, "only {} calls were seen: {calls:#?}", named.len());
    Ok(format!("{} calls", named.len()))
}

const NETWORK: &str = "connect,sendto,sendmsg,bind";

fn hook() -> Result<String, String> {
    let world = World::open();
    let mut calls = Vec::new();
    for (number, arguments) in [&[][..], &["--wait"]].into_iter().enumerate() {
        let mut hook = world.command(program("ccmon-hook"));
        let mut watched = watched(hook.args(arguments), NETWORK, &world.at(&format!("calls{number}")));
        let hook = fed(&mut watched.command, asking("one", "ls").to_string().as_bytes());
        if number == 1 {
            let request = world.ccmon.wait_for_pending(1).remove(0);
            world.ccmon.decide(&request, json!({ "decision": "deny", "message": "no" }));
        }
        hold!(said(hook, PATIENCE).0, "the hook does not end");
        calls.extend(watched.calls());
    }
    only_near(&calls, 2)
}

fn commands() -> Result<String, String> {
    let world = World::open();
    let mut calls = Vec::new();
    for (number, words) in [
        &["list"][..],
        &["status"],
        &["doctor"],
        &["history"],
        &["web", "--print-url"],
        &["install"],
        &["jump", "x"],
        &["rules", "list"],
        &["open", "dashboard"],
    ]
    .into_iter()
    .enumerate()
    {
        let mut ccmon = world.command(program("ccmon"));
        let mut watched = watched(ccmon.args(words), NETWORK, &world.at(&format!("calls{number}")));
        watched.command.output().map_err(|error| error.to_string())?;
        calls.extend(watched.calls());
    }
    only_near(&calls, 6)
}

/// A daemon's life, with everything in it that does something.
fn daemon() -> Result<String, String> {
    let mut world = World::closed();
    world.configure("");
    let written = world.at("calls");
    let mut ccmon = world.command(program("ccmon"));
    let mut watched = watched(ccmon.arg("daemon"), NETWORK, &written);
    let strace = watched.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let strace = strace.map_err(|error| error.to_string())?;
    let up = || world.ccmon.get("/healthz");
    let health = wait_until(PATIENCE, up, || "it never answers".to_owned());
    world.port = health["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
    world.token = fs::read_to_string(world.at("state/token")).map_err(|error| error.to_string())?;
    live(&world);
    let ended = Command::new("kill").arg(health["pid"].to_string()).status();
    hold!(ended.is_ok_and(|ended| ended.success()), "kill");
    wait_until(PATIENCE, || world.ccmon.get("/healthz").is_none().then_some(()), || "it never ends".to_owned());
    end(strace);
    // It binds its two doors; whom it asks is the desktop, where there is one.
    only_near(&watched.calls(), 2)
}

fn live(world: &World) {
    let url = "http://192.0.2.1/x";
    let (hook, request) = world.asks("one", &format!("curl {url}"));
    for name in ["SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "Notification"] {
        world.event(&json!({ "session_id": "two", "cwd": "/p", "hook_event_name": name, "prompt": url, "message": url, "title": url,
            "tool_name": "WebFetch", "tool_use_id": "t", "tool_input": { "url": url }, "tool_response": url }));
    }
    let id = request["id"].as_str().expect("an id").to_owned();
    for path in [
        "/",
        "/doctor",
        "/about",
        "/hooks",
        "/insight",
        "/audit",
        "/history/sessions?q=http",
        "/sessions/s-two/timeline",
        "/sessions/s-two/summary",
    ] {
        world.keyed("GET", path, &serde_json::Value::Null);
    }
    for path in [format!("/approvals/{id}/card"), format!("/approvals/{id}/offers")] {
        world.keyed("GET", &path, &serde_json::Value::Null);
    }
    for (path, body) in [
        ("/hooks/install", json!({})),
        ("/rules/pause", json!({})),
        ("/notifications/test", json!({})),
        ("/next", json!({})),
    ] {
        world.ccmon.ask("POST", path, &body);
    }
    world.ccmon.decide(&request, json!({ "decision": "deny", "message": url }));
    said(hook, PATIENCE);
}
