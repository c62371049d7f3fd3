//! Callers that are many, slow, or deaf. Times are told, and held to nothing but a generous bound.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use ccmon::store::{EventQuery, Reader};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::hold;
use crate::suite::Suite;
use crate::support::{PATIENCE, wait_until};
use crate::world::{Answer, World, got, posted, reported};

/// Nobody waits longer, whatever else goes on. A busy machine with debugging programs needs far less.
const BOUND: Duration = Duration::from_secs(10);
/// Who sends no whole head in this time is let go: the doors wait for 5 s.
const SLOW: Duration = Duration::from_secs(25);

const KEY: &str = "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN";

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("payloads.crowd");
    suite.case("headers that never end, at both doors -> let go", slow);
    for (count, whole) in [(1_000, false), (10_000, true)] {
        for (door, begun) in [
            ("port", ""),
            ("port", "GET /sessions HT"),
            ("port", "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"),
            ("port", "POST /event HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 9\r\n\r\n"),
            ("socket", ""),
            ("socket", "GET /sessions HT"),
        ] {
            let said = if begun.is_empty() {
                "silent".to_owned()
            } else {
                format!("at {:?}", begun.split(" HT").next().unwrap_or_default())
            };
            let name = format!("{count} connections at the {door}, {said} -> others are answered");
            let trial = move || connections(count, door, begun);
            if whole || !begun.is_empty() { suite.whole(name, trial) } else { suite.case(name, trial) }
        }
        // The real hook takes longer to start than its words take.
        let (who, tell) = if whole { ("hooks", by_hook as Tell) } else { ("hooks' words", by_words as Tell) };
        let name = format!("{count} {who} at once -> each stored once, others are answered");
        let trial = move || hooks(count, tell);
        if whole { suite.whole(name, trial) } else { suite.case(name, trial) }
    }
    suite.case("a WebSocket that never reads, and 50 MB to tell it -> memory bounded, others are told", deaf);
    suite.case("a WebSocket that says a lot -> let go", talkative);
}

/// The longest that an honest caller waits at either door.
fn others(world: &World) -> Result<Duration, String> {
    let mut longest = Duration::ZERO;
    for _ in 0..10 {
        let begun = Instant::now();
        let answer = world.unix(got("GET /sessions", "Host: ccmon").as_bytes());
        hold!(answer.status == 200, "at the socket: {answer:?}");
        longest = longest.max(begun.elapsed());
        let begun = Instant::now();
        let answer = world.tcp(&got("GET /sessions", KEY));
        hold!(answer.status == 200, "at the port: {answer:?}");
        longest = longest.max(begun.elapsed());
    }
    hold!(longest < BOUND, "somebody waits for {longest:?}");
    Ok(longest)
}

fn slow() -> Result<String, String> {
    let world = World::open();
    let begun = Instant::now();
    let head = world.fill("GET /sessions HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n");
    let mut tcp = TcpStream::connect(("127.0.0.1", world.port)).map_err(|error| error.to_string())?;
    let mut unix = world.socket();
    let _ = (tcp.write_all(head.as_bytes()), unix.write_all(head.as_bytes()));
    let drips = |stream: &mut dyn Write| {
        (0..2_000).find(|_| {
            std::thread::sleep(Duration::from_millis(20));
            stream.write_all(b"X: y\r\n").is_err() || begun.elapsed() > SLOW
        })
    };
    drips(&mut tcp);
    drips(&mut unix);
    hold!(begun.elapsed() < SLOW, "they are still listened to after {:?}", begun.elapsed());
    Ok(format!("after {:.1} s", begun.elapsed().as_secs_f64()))
}

/// As many files as we may have open: both kinds of ends are ours.
fn afford(count: usize) -> bool {
    let limit = getrlimit(Resource::Nofile);
    let wanted = count as u64 + 500;
    if limit.current.is_none_or(|current| current >= wanted) {
        return true;
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum.map(|most| most.max(wanted)) })
        .is_ok()
}

enum Caller {
    Tcp(TcpStream),
    Unix(UnixStream),
}

fn connections(count: usize, door: &str, begun: &str) -> Result<crate::suite::Verdict, String> {
    if !afford(count) {
        return Ok(crate::suite::Verdict::Skipped(format!("no {count} files may be open here")));
    }
    let world = World::open();
    let (text, mut callers) = (world.fill(begun), Vec::with_capacity(count));
    for _ in 0..count {
        // One that is turned away at once is as good.
        let caller = match door {
            "port" => TcpStream::connect(("127.0.0.1", world.port)).map(Caller::Tcp),
            _ => UnixStream::connect(world.at("door.sock")).map(Caller::Unix),
        };
        let Ok(mut caller) = caller else { continue };
        let _ = match &mut caller {
            Caller::Tcp(stream) => stream.write_all(text.as_bytes()),
            Caller::Unix(stream) => stream.write_all(text.as_bytes()),
        };
        callers.push(caller);
    }
    let longest = others(&world)?;
    hold!(callers.len() * 10 > count * 9, "only {} came", callers.len());
    Ok(format!("others waited at most {} ms", longest.as_millis()).into())
}

/// How one event is reported: who does, and its number. `false`: it was not taken.
type Tell = fn(&World, usize, usize) -> bool;

fn hooks(count: usize, tell: Tell) -> Result<String, String> {
    let world = World::open();
    let begun = Instant::now();
    let (longest, failed) = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                scope.spawn({
                    let world = &world;
                    move || (0..count / 8).filter(|number| !tell(world, sender, *number)).count()
                })
            })
            .collect();
        let longest = others(&world);
        (longest, senders.into_iter().map(|sender| sender.join().expect("no panic")).sum::<usize>())
    });
    let (took, longest) = (begun.elapsed(), longest?);
    hold!(failed == 0, "{failed} of {count} were not taken");
    // What a hook could not tell in time is in the spool.
    let all = || Some(stored(&world)).filter(|stored| stored.len() >= count);
    let stored = wait_until(PATIENCE * 4, all, || format!("only {} of {count} are stored", stored(&world).len()));
    let each: BTreeSet<_> = stored.iter().collect();
    hold!(stored.len() == count && each.len() == count, "{} are stored, {} of them once", stored.len(), each.len());
    Ok(format!("{:.1} s, others waited at most {} ms", took.as_secs_f64(), longest.as_millis()))
}

fn event(sender: usize, number: usize) -> Value {
    json!({ "session_id": format!("crowd-{sender}"), "cwd": "/p", "hook_event_name": "UserPromptSubmit",
        "prompt": format!("prompt {number} of {sender}") })
}

/// What a hook sends, on a connection of its own.
fn by_words(world: &World, sender: usize, number: usize) -> bool {
    let context = json!({ "v": 1, "id": format!("{sender:016x}{number:016x}"), "started_ms": number, "env": {} });
    let lines = format!("Host: ccmon\r\nCcmon-Context: {context}");
    world.unix(posted("POST /event", &lines, &event(sender, number).to_string()).as_bytes()).status == 204
}

/// The hook itself.
fn by_hook(world: &World, sender: usize, number: usize) -> bool {
    let hook = world.hook(&[], event(sender, number).to_string().as_bytes());
    let ended = std::process::Child::from(hook).wait_with_output();
    ended.is_ok_and(|ended| ended.status.success() && ended.stdout.is_empty())
}

/// The prompts that are in the database.
fn stored(world: &World) -> Vec<String> {
    let reader = Reader::beside(&world.at("state/ccmon.db"));
    let (mut prompts, mut after) = (Vec::new(), 0);
    loop {
        let query = EventQuery { after_id: Some(after), limit: 1_000, ..EventQuery::default() };
        let page = reader.events(&query).expect("the database can be read");
        let Some(last) = page.last() else { return prompts };
        after = last.id;
        let told = page.iter().filter_map(|event| serde_json::from_str::<Value>(&event.row.payload).ok());
        prompts.extend(told.filter_map(|payload| payload["prompt"].as_str().map(str::to_owned)));
    }
}

/// An open WebSocket.
fn watching(world: &World) -> UnixStream {
    let mut stream = world.socket();
    let head = "GET /ws HTTP/1.1\r\nHost: ccmon\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("the socket is open");
    let mut begun = [0; 12];
    stream.read_exact(&mut begun).expect("an answer");
    assert_eq!(&begun, b"HTTP/1.1 101");
    stream
}

fn memory(world: &World) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", world.pid())).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
}

fn deaf() -> Result<String, String> {
    let world = World::open();
    let deaf: Vec<_> = (0..8).map(|_| watching(&world)).collect();
    let before = memory(&world);
    let long = "x".repeat(256 << 10);
    for number in 0..200 {
        let event = json!({ "session_id": "long", "cwd": "/p", "hook_event_name": "UserPromptSubmit", "prompt": format!("{number} {long}") });
        let answer = world.unix(&reported("/event", event.to_string().as_bytes()));
        hold!(answer.status == 204, "{answer:?}");
    }
    let longest = others(&world)?;
    let grown = memory(&world).saturating_sub(before) / 1024;
    hold!(grown < 256, "it grew by {grown} MB");
    drop(watching(&world));
    drop(deaf);
    Ok(format!("grew by {grown} MB, others waited at most {} ms", longest.as_millis()))
}

fn talkative() -> Result<(), String> {
    let world = World::open();
    let mut stream = watching(&world);
    stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
    // A frame of text that claims to be of 2^62 bytes.
    let mut claim = vec![0x81, 0xff];
    claim.extend((1_u64 << 62).to_be_bytes());
    claim.extend([0; 4]);
    let _ = stream.write_all(&claim);
    let _ = stream.write_all(&vec![b'x'; 1 << 20]);
    let answer = Answer::read(&mut stream);
    hold!(answer.status == 0 || answer.status == 101, "{}", answer.status);
    let health: Value = world.ccmon.get("/healthz").unwrap_or_default();
    hold!(health["status"] == "ok", "{health}");
    Ok(())
}
