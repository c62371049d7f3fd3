//! Daemons that are stopped, slow, or speak nonsense: whatever they do, no hook says yes.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::hold;
use crate::suite::Suite;
use crate::support::PATIENCE;
use crate::world::{World, asking, end, said};

/// A hook that has heard nonsense ends at once; one that still hopes is not waited for longer than this.
const HOPE: Duration = Duration::from_millis(300);

/// How long a hook of an event may keep Claude waiting: far above its own budget, since the machine may be busy with other
/// tests, and far below what a hang would take.
const BUDGET: Duration = Duration::from_secs(10);

const YES: &str = r#"{"hookSpecificOutput":{"hookEventName":"PermissionRequest","decision":{"behavior":"allow"}}}"#;

/// What is answered, and how it ends; `YES` is what would let it run, `N` its length, `M` a larger one.
const NONSENSE: &[(&str, &str)] = &[
    ("nothing at all", ""),
    ("random bytes", "\u{1}\u{2}\u{3}\u{ff}\u{fe}garbage"),
    ("yes, and no HTTP", "YES"),
    ("the word yes", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nallow"),
    ("a text that says yes", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n\"allow\""),
    ("a list that says yes", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[\"allow\"]"),
    ("half of a yes", "HTTP/1.1 200 OK\r\nContent-Length: M\r\n\r\nYES"),
    ("half of an object, as if it were whole", "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"behavior\":\"all"),
    ("an object, and more", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}{}"),
    ("yes without a length", "HTTP/1.1 200 OK\r\n\r\nYES"),
    ("yes in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n60\r\nYES\r\n0\r\n\r\n"),
    ("yes with two lengths", "HTTP/1.1 200 OK\r\nContent-Length: N\r\nContent-Length: 1\r\n\r\nYES"),
    ("yes with a length below nothing", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nYES"),
    ("yes of an unlikely length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nYES"),
    ("yes as an error", "HTTP/1.1 400 Bad\r\nContent-Length: N\r\n\r\nYES"),
    ("yes as trouble", "HTTP/1.1 500 No\r\nContent-Length: N\r\n\r\nYES"),
    ("yes as no content", "HTTP/1.1 204 No\r\nContent-Length: N\r\n\r\nYES"),
    ("yes, found elsewhere", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: N\r\n\r\nYES"),
    ("yes, made", "HTTP/1.1 201 Created\r\nContent-Length: N\r\n\r\nYES"),
    ("yes, to be continued", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: N\r\n\r\nYES"),
    ("yes in another version", "HTTP/2 200\r\ncontent-length: N\r\n\r\nYES"),
    ("another protocol", "SSH-2.0-OpenSSH_9.9\r\n"),
    ("a head without an end", "HTTP/1.1 200 OK\r\nX: LONG"),
];

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("agent.daemon");
    for (what, text) in NONSENSE {
        for hangs in [false, true] {
            let then = if hangs { "falls silent" } else { "hangs up" };
            suite.case(format!("a daemon that says {what} and {then} -> no decision"), move || nonsense(text, hangs));
        }
    }
    suite.case("a daemon that says a byte at a time, and no last one -> no decision", dripping);
    suite.case("a stopped daemon -> events in time, no decision; and the one of the user once it goes on", stopped);
    suite.case("a daemon killed in the middle, and a liar in its place -> no decision", liar);
}

fn nonsense(text: &str, hangs: bool) -> Result<(), String> {
    let world = World::closed();
    let listener = UnixListener::bind(world.at("door.sock")).map_err(|error| error.to_string())?;
    let text = text.replace("YES", YES).replace("LONG", &"x".repeat(64 << 10));
    let text = text.replace("Length: N", &format!("Length: {}", YES.len()));
    let text = text.replace("Length: M", &format!("Length: {}", YES.len() + 1));
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let mut heard = [0; 65_536];
            let _ = stream.read(&mut heard);
            let _ = stream.write_all(text.as_bytes());
            if hangs {
                kept.push(stream);
            }
        }
    });
    let hook = world.hook(&["--wait"], asking("one", "rm -rf /").to_string().as_bytes());
    let (_, told) = said(hook, HOPE);
    hold!(told.is_empty(), "the hook says {}", String::from_utf8_lossy(&told));
    let begun = Instant::now();
    let (ended, told) = said(world.hook(&[], asking("one", "ls").to_string().as_bytes()), PATIENCE);
    hold!(ended && told.is_empty() && begun.elapsed() < BUDGET, "an event: {:?} {told:?}", begun.elapsed());
    Ok(())
}

fn dripping() -> Result<(), String> {
    let world = World::closed();
    let listener = UnixListener::bind(world.at("door.sock")).map_err(|error| error.to_string())?;
    let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{YES}", YES.len() + 1);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let text = text.clone();
            std::thread::spawn(move || {
                for byte in text.bytes() {
                    let _ = stream.write_all(&[byte]);
                    std::thread::sleep(Duration::from_millis(2));
                }
                let _ = stream.read_to_end(&mut Vec::new());
            });
        }
    });
    let (_, told) = said(world.hook(&["--wait"], asking("one", "ls").to_string().as_bytes()), HOPE * 2);
    hold!(told.is_empty(), "the hook says {}", String::from_utf8_lossy(&told));
    let begun = Instant::now();
    let (ended, _) = said(world.hook(&[], asking("one", "ls").to_string().as_bytes()), PATIENCE);
    hold!(ended && begun.elapsed() < BUDGET, "an event takes {:?}", begun.elapsed());
    Ok(())
}

fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(sent.is_ok_and(|sent| sent.success()), "kill {name}");
}

/// Lets a stopped process go on, however the case ends: nothing could kill its children otherwise.
struct Stopped(u32);

impl Drop for Stopped {
    fn drop(&mut self) {
        signal(self.0, "-CONT");
    }
}

fn stopped() -> Result<String, String> {
    let world = World::open();
    let (early, first) = world.asks("early", "touch early");
    let pid = world.pid();
    signal(pid, "-STOP");
    let held = Stopped(pid);
    let late = world.hook(&["--wait"], asking("late", "touch late").to_string().as_bytes());
    let mut slowest = Duration::ZERO;
    for number in 0..10 {
        let event =
            json!({ "session_id": "late", "cwd": "/p", "hook_event_name": "UserPromptSubmit", "prompt": number });
        let begun = Instant::now();
        let (ended, told) = said(world.hook(&[], event.to_string().as_bytes()), PATIENCE);
        hold!(ended && told.is_empty(), "{told:?}");
        slowest = slowest.max(begun.elapsed());
    }
    hold!(slowest < BUDGET, "an event takes {slowest:?}");
    drop(held);
    let waiting = world.ccmon.wait_for_pending(2);
    let second = waiting.iter().find(|request| request["session_id"] == "late").expect("it waits");
    world.ccmon.decide(second, json!({ "decision": "deny", "message": "no" }));
    let (_, told) = said(late, PATIENCE);
    hold!(String::from_utf8_lossy(&told).contains("\"deny\""), "{told:?}");
    hold!(world.ccmon.approval(&first["id"])["state"] == "pending", "the other was decided");
    end(early);
    Ok(format!("events took at most {} ms", slowest.as_millis()))
}

/// Whoever takes the place of a dead daemon, as the same user, and is no daemon.
fn liar() -> Result<(), String> {
    let mut world = World::open();
    let (hook, _) = world.asks("one", "rm -rf /");
    world.ccmon.kill();
    let _ = std::fs::remove_file(world.at("door.sock"));
    let listener = UnixListener::bind(world.at("door.sock")).map_err(|error| error.to_string())?;
    std::thread::spawn(move || {
        for answer in
            ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nallow", "allow", "HTTP/1.1 200 OK\r\n\r\n"].iter().cycle()
        {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = stream.read(&mut [0; 65_536]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let (_, told) = said(hook, HOPE * 3);
    hold!(told.is_empty(), "the hook says {}", String::from_utf8_lossy(&told));
    Ok(())
}
