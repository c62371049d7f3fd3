//! Files of others that we change or read, and questions to the database.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::hold;
use crate::strace;
use crate::suite::{Suite, Verdict};
use crate::support::{PATIENCE, program, wait_until};
use crate::world::{Shared, World, end, got, is_root, shared};

/// Settings that are taken, as people have them: afterwards every byte is there again.
const TAKEN: &[(&str, &str)] = &[
    ("empty", ""),
    ("comments", "{\n  // mine\n  \"model\": \"opus\", /* keep */\n}\n"),
    ("a byte order mark", "\u{feff}{\"a\": 1}"),
    ("lines of Windows", "{\r\n\t\"a\": 1\r\n}\r\n"),
    ("hooks of others", "{\"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}]}]}}"),
    ("duplicate keys", "{\"a\": 1, \"a\": 2}"),
    ("odd numbers", "{\"a\": 1e999, \"b\": -0.0}"),
    ("escapes", "{\"a\": \"\\ud83d\\ude00 \\u0000\"}"),
];

/// Settings that are left alone, with a reason.
const LEFT: &[(&str, &str)] = &[
    ("a list", "[]"),
    ("a text", "\"x\""),
    ("half of an object", "{\"hooks\": {"),
    ("hooks that are a list", "{\"hooks\": []}"),
    ("hooks that are a text", "{\"hooks\": \"x\"}"),
    ("an event that is a number", "{\"hooks\": {\"Stop\": 1}}"),
    ("not UTF-8", "\u{0}LATIN1"),
    ("nesting without an end", "NESTED"),
    ("100 MB", "HUGE"),
];

/// Where a transcript is said to be. `DIR` is the world's directory.
const TRANSCRIPTS: &[&str] = &[
    "/etc/shadow",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/environ",
    "/proc/self/mem",
    "DIR/fifo",
    "DIR/secret.jsonl",
    "DIR/.claude/secret.jsonl",
    "DIR/.claude/projects/link.jsonl",
    "DIR/.claude/projects/p/linked/secret.jsonl",
    "DIR/.claude/projects/p/../../../secret.jsonl",
    "DIR/.claude/projects/p/fifo.jsonl",
    "DIR/.claude/projects/p",
    "../../../../etc/shadow",
    "~/.ssh/id_rsa",
    "DIR/state/token",
    "\u{0}",
    "LONG",
];

/// What is typed into the search box.
const SEARCHES: &[&str] = &[
    "\"",
    "\"\"\"",
    "'",
    "''",
    "*",
    "a*",
    "^",
    "-",
    "-a",
    "a OR",
    "OR",
    "AND",
    "NOT",
    "a NOT",
    "NEAR(",
    "NEAR(a b, 5",
    "a NEAR/0 b",
    "(",
    "((((",
    ")",
    "col:a",
    "{a b}:c",
    "text:x",
    "a + b",
    "a:b:c",
    "%",
    "%%",
    "%00",
    "_",
    "\\",
    "\0",
    "a\0b",
    ";",
    "'; DROP TABLE events; --",
    "\" UNION SELECT 1 --",
    "\u{202e}",
    "\u{1b}[2J",
    "é",
    "漢字",
    "😀",
    "\u{301}",
    " ",
    "\t\n",
    "NULL",
    "1e999",
    "tag:",
    "project:\"",
    "state:nonsense",
    "before:9999-99-99",
];

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("files.settings");
    settings(suite);
    suite.about("files.transcript");
    suite.case("transcript_path at 18 places that are no transcript's -> none of them is opened", transcripts);
    suite.about("files.search");
    let world = shared(|| {
        let world = World::open();
        world.event(
            &json!({ "session_id": "s", "cwd": "/p", "hook_event_name": "UserPromptSubmit", "prompt": "a b c" }),
        );
        world
    });
    for search in SEARCHES {
        let world = world.clone();
        suite.case(format!("searching for {search:?} -> answered"), move || searched(&world, search));
    }
    for (what, text) in
        [("1 MB", "a".repeat(1 << 20)), ("60 kB of quotes", "\"".repeat(20_000)), ("20,000 words", "a ".repeat(20_000))]
    {
        let world = world.clone();
        suite.case(format!("searching for {what} -> answered or refused"), move || searched(&world, &text));
    }
}

fn install(world: &World, verb: &str) -> std::process::Output {
    world.cli(&[verb])
}

fn prepared(text: &str) -> Result<World, String> {
    let world = World::closed();
    fs::create_dir(world.at(".claude")).map_err(|error| error.to_string())?;
    let text = match text {
        "HUGE" => format!("{{\"a\": \"{}\"}}", "x".repeat(100 << 20)),
        "NESTED" => "{\"a\":".repeat(1_000_000),
        text => text.to_owned(),
    };
    let bytes = if text.contains("LATIN1") { b"{\"a\": \"\xe9\"}".to_vec() } else { text.into_bytes() };
    fs::write(world.at(".claude/settings.json"), bytes).map_err(|error| error.to_string())?;
    Ok(world)
}

fn settings(suite: &mut Suite) {
    for (what, text) in TAKEN {
        suite.case(format!("settings.json with {what} -> in and out to the byte, with a copy, mode kept"), move || {
            let world = prepared(text)?;
            let path = world.at(".claude/settings.json");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).map_err(|error| error.to_string())?;
            for verb in ["install", "uninstall"] {
                let output = install(&world, verb);
                hold!(output.status.success(), "{verb}: {output:?}");
                hold!(fs::metadata(&path).is_ok_and(|found| found.mode() & 0o7777 == 0o640), "{verb} changes the mode");
            }
            hold!(fs::read_to_string(&path).is_ok_and(|after| after == *text), "{:?}", fs::read_to_string(&path));
            let copies = fs::read_dir(world.at(".claude")).expect("a directory").count();
            hold!(copies >= 2 || text.is_empty(), "there is no copy");
            Ok(())
        });
    }
    for (what, text) in LEFT {
        suite.case(format!("settings.json with {what} -> left as it is, with a reason"), move || {
            let world = prepared(text)?;
            let path = world.at(".claude/settings.json");
            let before = fs::read(&path).map_err(|error| error.to_string())?;
            for verb in ["install", "uninstall"] {
                let output = install(&world, verb);
                hold!(verb == "uninstall" || output.status.code() == Some(1), "{verb}: {output:?}");
                hold!(verb == "uninstall" || !output.stderr.is_empty(), "no reason is given");
                hold!(fs::read(&path).is_ok_and(|after| after == before), "{verb} changed it");
            }
            let left = fs::read_dir(world.at(".claude")).expect("a directory").count();
            hold!(left == 1, "{left} files are left");
            Ok(())
        });
    }
    unusual(suite);
}

fn unusual(suite: &mut Suite) {
    suite.case("settings.json as a link -> the link stays, its target is changed", linked);
    for kind in ["a FIFO", "a directory", "/dev/zero", "a link to nothing", "a second name"] {
        suite.case(format!("settings.json as {kind} -> left alone, at once"), move || odd(kind));
    }
    suite.case("settings.json that may not be written -> left as it is, with a reason", || {
        let world = prepared("{}")?;
        let path = world.at(".claude/settings.json");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).map_err(|error| error.to_string())?;
        let output = install(&world, "install");
        hold!(output.status.code() == Some(1), "{output:?}");
        hold!(fs::read(&path).is_ok_and(|text| text == b"{}"), "it was changed");
        Ok(())
    });
    suite.case("settings.json written by Claude all the time, 60 installs -> no word of Claude's is lost", race);
}

fn linked() -> Result<(), String> {
    let world = prepared("{}")?;
    let (path, real) = (world.at(".claude/settings.json"), world.at("dotfiles.json"));
    fs::rename(&path, &real).and_then(|()| symlink(&real, &path)).map_err(|error| error.to_string())?;
    hold!(install(&world, "install").status.success(), "install");
    hold!(fs::read_link(&path).is_ok_and(|target| target == real), "the link is gone");
    hold!(fs::read_to_string(&real).is_ok_and(|text| text.contains("ccmon-hook")), "its target is not changed");
    Ok(())
}

fn odd(kind: &str) -> Result<(), String> {
    let world = prepared("{}")?;
    let (path, other) = (world.at(".claude/settings.json"), world.at("other.json"));
    fs::rename(&path, &other).map_err(|error| error.to_string())?;
    let made = match kind {
        "a FIFO" => Command::new("mkfifo").arg(&path).status().map(|_| ()),
        "a directory" => fs::create_dir(&path),
        "/dev/zero" => symlink("/dev/zero", &path),
        "a second name" => fs::hard_link(&other, &path),
        _ => symlink(world.at("nowhere"), &path),
    };
    made.map_err(|error| error.to_string())?;
    let begun = Instant::now();
    let output = install(&world, "install");
    hold!(output.status.code() == Some(1) && begun.elapsed() < PATIENCE, "{output:?}");
    hold!(fs::read(&other).is_ok_and(|text| text == b"{}") && !world.at("nowhere").exists(), "something was written");
    Ok(())
}

/// Somebody else writes the whole file again and again; what we write must never bring an older text of theirs back.
fn race() -> Result<String, String> {
    let world = prepared("{\"n\": 0}")?;
    let path = world.at(".claude/settings.json");
    let (done, written) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut refused = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let next = written.load(Ordering::Relaxed) + 1;
                let fresh = path.with_extension("theirs");
                fs::write(&fresh, json!({ "n": next }).to_string()).expect("a file");
                written.store(next, Ordering::Relaxed);
                fs::rename(&fresh, &path).expect("a file");
                std::thread::sleep(std::time::Duration::from_millis(next % 7));
            }
        });
        for round in 0..60 {
            refused += usize::from(!install(&world, ["install", "uninstall"][round % 2]).status.success());
        }
        done.store(true, Ordering::Relaxed);
    });
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let after: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    let last = written.load(Ordering::Relaxed);
    hold!(after["n"] == last, "their last word was {last}: {text}");
    Ok(format!("{last} words of theirs, {refused} installs gave way"))
}

/// A daemon, watched, is told of transcripts that are none.
fn transcripts() -> Result<Verdict, String> {
    if !strace::is_there() {
        return Ok(strace::missing());
    }
    let mut world = World::open();
    let directory = world.at("").display().to_string();
    traps(&world).map_err(|error| error.to_string())?;
    let written = world.at("calls");
    let pid = world.pid().to_string();
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-s", "4096", "-e", "trace=open,openat,openat2,read", "-p", &pid, "-yy", "-o"])
        .arg(&written);
    let strace = strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let strace = strace.map_err(|error| error.to_string())?;
    wait_until(PATIENCE, || traced(&pid).then_some(()), || "strace does not attach".to_owned());
    let held = name_transcripts(&world, &directory);
    end(strace);
    world.ccmon.kill();
    held?;
    unopened(&written).map(Verdict::from)
}

fn unopened(written: &Path) -> Result<(), String> {
    let calls = String::from_utf8_lossy(&fs::read(written).map_err(|error| error.to_string())?).into_owned();
    let opened =
        |name: &str| calls.lines().find(|call| call.contains("open") && call.contains(name)).map(str::to_owned);
    hold!(calls.len() > 100, "nothing was seen");
    let read = calls.lines().find(|call| call.contains("read(") && call.contains("fifo.jsonl>"));
    hold!(read.is_none(), "a FIFO is read: {read:?}");
    // A FIFO where transcripts are is opened without waiting, looked at, and let go.
    for name in [
        "shadow",
        "/dev/zero",
        "/dev/stdin",
        "self/environ",
        "self/mem",
        "/fifo\"",
        "secret.jsonl",
        "link.jsonl",
        "id_rsa",
    ] {
        hold!(opened(name).is_none(), "{name}: {:?}", opened(name));
    }
    Ok(())
}

/// Files that say they are transcripts, where none may be.
fn traps(world: &World) -> std::io::Result<()> {
    fs::create_dir_all(world.at(".claude/projects/p"))?;
    for name in ["secret.jsonl", ".claude/secret.jsonl", "outside.jsonl"] {
        fs::write(world.at(name), "{\"type\":\"custom-title\",\"customTitle\":\"stolen\"}\n")?;
    }
    let honest = "{\"type\":\"custom-title\",\"customTitle\":\"honest words\"}\n";
    fs::write(world.at(".claude/projects/p/honest.jsonl"), honest)?;
    symlink(world.at("secret.jsonl"), world.at(".claude/projects/link.jsonl"))?;
    symlink(world.at(""), world.at(".claude/projects/p/linked"))?;
    for name in ["fifo", ".claude/projects/p/fifo.jsonl"] {
        Command::new("mkfifo").arg(world.at(name)).status()?;
    }
    Ok(())
}

fn traced(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
}

fn name_transcripts(world: &World, directory: &str) -> Result<(), String> {
    for (number, path) in TRANSCRIPTS.iter().enumerate() {
        let path = path.replace("DIR", directory).replace("LONG", &format!("/{}", "x/".repeat(50_000)));
        for name in ["SessionStart", "UserPromptSubmit", "Stop"] {
            world.event(&json!({ "session_id": format!("t{number}"), "cwd": "/p", "hook_event_name": name, "transcript_path": path,
                "agent_transcript_path": path, "prompt": "x", "source": "startup" }));
        }
    }
    // All are looked at in turn: when the last, which is one, is known, the others were.
    world.event(&json!({ "session_id": "last", "cwd": "/p", "hook_event_name": "SessionStart", "source": "startup",
        "transcript_path": format!("{directory}/.claude/projects/p/honest.jsonl") }));
    let known = || world.ccmon.sessions().iter().any(|session| session.to_string().contains("honest words"));
    wait_until(PATIENCE, || known().then_some(()), || "a transcript is not read".to_owned());
    for session in world.ccmon.sessions() {
        hold!(!session.to_string().contains("stolen"), "{session}");
        let key = session["key"].as_str().expect("a key").to_owned();
        for path in ["", "/timeline", "/export?format=md"] {
            let answer = world.unix(got(&format!("GET /sessions/{key}{path}"), "Host: ccmon").as_bytes());
            hold!(answer.status == 200 && !answer.body.contains("stolen"), "{answer:?}");
            hold!(!is_root() || !answer.body.contains("root:"), "{answer:?}");
        }
    }
    Ok(())
}

fn searched(world: &Shared, text: &str) -> Result<(), String> {
    let encoded: String = text
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let begun = Instant::now();
    for path in [
        "/history/sessions?q=",
        "/history/sessions?project=",
        "/audit?q=",
        "/audit?tool=",
        "/audit?session=",
        "/events?session_id=",
        "/history/sessions?limit=",
        "/history/sessions?before=",
    ] {
        let answer = world.unix(got(&format!("GET {path}{encoded}"), "Host: ccmon").as_bytes());
        let cut = answer.status == 0 && text.len() > 40_000;
        hold!(cut || (200..500).contains(&answer.status), "{path}: {answer:?}");
    }
    if text.len() < 60_000 && !text.contains('\0') {
        let output = world
            .command(program("ccmon"))
            .args(["history", "--", text])
            .output()
            .map_err(|error| error.to_string())?;
        hold!(output.status.code().is_some_and(|code| code < 3), "{output:?}");
    }
    hold!(begun.elapsed() < PATIENCE, "it took {:?}", begun.elapsed());
    Ok(())
}
