//! Bodies that are too large, cut, or nonsense.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::hold;
use crate::suite::Suite;
use crate::support::PATIENCE;
use crate::world::{Answer, Shared, World, posted, reported, said, shared};

/// Routes that take none, and do what they are asked to; and those that are tried above.
const NO_BODY: &[&str] = &["/logout", "/shutdown", "/rules/pause", "/rules/resume", "/web/code", "/event", "/approval"];

/// Routes that take a body.
const TAKING: &[&str] = &["/event", "/approval"];
/// How much more memory the daemon may once have needed, in kB: a few times the largest body that is taken.
const MEMORY: u64 = 128 * 1024;

/// Lengths that are none. The body is `{}`.
const LENGTHS: &[(&str, &str)] = &[
    ("more than comes", "Content-Length: 100"),
    ("200 MB, and two bytes come", "Content-Length: 209715200"),
    ("below nothing", "Content-Length: -2"),
    ("a sign", "Content-Length: +2"),
    ("a word", "Content-Length: two"),
    ("two, differing", "Content-Length: 2\r\nContent-Length: 20"),
    ("a list", "Content-Length: 2, 20"),
    ("too large for any number", "Content-Length: 99999999999999999999999"),
    ("chunks, of no size", "Transfer-Encoding: chunked\r\nX: x"),
    ("an unknown way", "Transfer-Encoding: gzip, chunked"),
];

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("payloads.bodies");
    let world = shared(World::open);
    floods(suite, &world);
    for (what, lines) in LENGTHS {
        let world = world.clone();
        suite.case(format!("a body whose length is {what} -> nothing is stored"), move || lengths(&world, lines));
    }
    suite.about("payloads.json");
    let world = shared(World::open);
    for (what, body) in nonsense() {
        let world = world.clone();
        suite.case(format!("{what} -> an error or ignored"), move || taken_or_not(&world, &body));
    }
    let (some, all) = (world.clone(), world.clone());
    suite.case("recorded payloads with a field of another type, one in 100 -> an error or ignored", move || {
        types(&some, 100)
    });
    suite
        .whole("recorded payloads with every field of every other type -> an error or ignored", move || types(&all, 1));
    let (routes, depth) = (world.clone(), world.clone());
    suite.case("nonsense for every route that changes -> no 5xx, nothing changed", move || every_route(&routes));
    suite.case("a tool's input nested 100,000 deep -> whatever is read afterwards is still answered", move || {
        deep(&depth)
    });
    suite.case("a request nested deeper and deeper -> it can be read, or is left to the terminal", deep_request);
    suite.case("after all that -> the same process, no panic in the log", move || sound(&world));
}

/// From now on the most memory counts anew: each case is held to what it needs itself.
fn forget_peak(world: &World) {
    fs::write(format!("/proc/{}/clear_refs", world.pid()), "5").expect("a process of ours");
}

/// The most memory that a process had since that was forgotten, in kB.
fn peak(world: &World) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", world.pid())).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its memory");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
}

fn floods(suite: &mut Suite, world: &Shared) {
    for (what, head, piece) in [
        ("a body of 200 MB", "Content-Length: 209715200", "x".repeat(1 << 20)),
        (
            "a body of 200 MB in chunks without an end",
            "Transfer-Encoding: chunked",
            format!("100000\r\n{}\r\n", "x".repeat(1 << 20)),
        ),
        ("chunks of one byte without an end", "Transfer-Encoding: chunked", "1\r\nx\r\n".repeat(100_000)),
        ("a chunk's size without an end", "Transfer-Encoding: chunked", "0".repeat(1 << 20)),
        ("a chunk's extension without an end", "Transfer-Encoding: chunked", format!("1;{}", "x".repeat(1 << 20))),
    ] {
        for door in ["socket", "port"] {
            let (world, piece) = (world.clone(), piece.clone());
            let name = format!("{what}, at the {door} -> refused, memory flat");
            // Those are given as long as a body may take.
            let long = what.starts_with("chunks of") || what.starts_with("a chunk's size");
            let trial = move || {
                forget_peak(&world);
                let before = peak(&world);
                let lines = format!("Content-Type: application/json\r\nConnection: close\r\n{head}");
                let answer = if door == "socket" {
                    flood(world.socket(), &format!("POST /event HTTP/1.1\r\nHost: ccmon\r\n{lines}\r\n\r\n"), &piece)
                } else {
                    let key = "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN";
                    let stream = TcpStream::connect(("127.0.0.1", world.port)).map_err(|error| error.to_string())?;
                    flood(stream, &world.fill(&format!("POST /event HTTP/1.1\r\n{key}\r\n{lines}\r\n\r\n")), &piece)
                };
                hold!(matches!(answer.status, 0 | 400 | 408 | 413), "{answer:?}");
                let grown = peak(&world).saturating_sub(before);
                hold!(grown < MEMORY, "it grew by {grown} kB");
                Ok(format!("grew by {} MB", grown / 1024))
            };
            if long { suite.whole(name, trial) } else { suite.case(name, trial) }
        }
    }
}

/// Sends the same again and again, until nobody takes it.
fn flood(mut stream: impl Read + Write, head: &str, piece: &str) -> Answer {
    let mut sent = 0;
    let mut going = stream.write_all(head.as_bytes()).is_ok();
    while going && sent < 200 << 20 {
        going = stream.write_all(piece.as_bytes()).is_ok();
        sent += piece.len();
    }
    Answer::read(stream)
}

fn lengths(world: &World, lines: &str) -> Result<(), String> {
    let before = world.ccmon.events().len();
    for door in ["Host: ccmon", "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN"] {
        let text = format!(
            "POST /event HTTP/1.1\r\n{door}\r\nContent-Type: application/json\r\nConnection: close\r\n{lines}\r\n\r\n{{}}"
        );
        let answer = if door == "Host: ccmon" {
            let mut stream = world.socket();
            let _ = stream.write_all(text.as_bytes());
            let _ = stream.shutdown(std::net::Shutdown::Write);
            Answer::read(stream)
        } else {
            let mut stream = TcpStream::connect(("127.0.0.1", world.port)).map_err(|error| error.to_string())?;
            let _ = stream.write_all(world.fill(&text).as_bytes());
            let _ = stream.shutdown(std::net::Shutdown::Write);
            Answer::read(stream)
        };
        hold!(!(200..300).contains(&answer.status) && answer.status < 500 || answer.status == 501, "{answer:?}");
    }
    hold!(world.ccmon.events().len() == before, "something was stored");
    Ok(())
}

/// Bodies that are no hook's.
fn nonsense() -> Vec<(&'static str, Vec<u8>)> {
    let event = |more: &str| format!(r#"{{"session_id":"n","cwd":"/p","hook_event_name":"PreToolUse",{more}}}"#);
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("nothing", text("")),
        ("a million [", text(&"[".repeat(1_000_000))),
        ("a million {\"a\":", text(&"{\"a\":".repeat(1_000_000))),
        (
            "a million nested lists, closed",
            text(&event(&format!("\"x\":{}{}", "[".repeat(500_000), "]".repeat(500_000)))),
        ),
        ("duplicate keys", text(&event(r#""session_id":"other","hook_event_name":"Stop","cwd":["/q"]"#))),
        ("1e999", text(&event(r#""tool_input":{"timeout":1e999},"tool_name":"Bash""#))),
        ("-1e999 as a time", text(&event(r#""duration_ms":-1e999"#))),
        ("a number of 10,000 digits", text(&event(&format!("\"n\":{}", "9".repeat(10_000))))),
        ("NaN", text(&event(r#""n":NaN"#))),
        ("a lone surrogate", text(&event(r#""tool_name":"\ud800","tool_input":{"command":"\udfff"}"#))),
        ("NUL in text", text(&event(r#""tool_name":"a\u0000b","cwd":"/p\u0000/q""#))),
        ("NUL as it is", text(&event("\"tool_name\":\"a\0b\""))),
        ("invalid UTF-8", [event("\"tool_name\":\"").as_bytes(), b"\xff\xfe\xc0\x80\"}"].concat()),
        (
            "overlong UTF-8",
            [br#"{"session_id":"n","hook_event_name":"Stop","cwd":""#.as_slice(), b"\xc0\xaf\"}"].concat(),
        ),
        ("a byte order mark", text(&format!("\u{feff}{}", event("\"a\":1")))),
        ("UTF-16", event("\"a\":1").encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a list", text("[1,2]")),
        ("a text", text("\"x\"")),
        ("null", text("null")),
    ]
    .into_iter()
    .chain(odd_events())
    .collect()
}

/// Well-formed, and yet no event that anybody knows, or one of an odd size.
fn odd_events() -> Vec<(&'static str, Vec<u8>)> {
    let event = |more: &str| format!(r#"{{"session_id":"n","cwd":"/p","hook_event_name":"PreToolUse",{more}}}"#);
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("an unknown event", text(r#"{"session_id":"n","cwd":"/p","hook_event_name":"FromTheFuture","x":{"y":[1]}}"#)),
        ("an event without a name", text(r#"{"session_id":"n","cwd":"/p"}"#)),
        (
            "a name of a million letters",
            text(&format!(r#"{{"session_id":"n","cwd":"/p","hook_event_name":"{}"}}"#, "N".repeat(1_000_000))),
        ),
        (
            "a session of a million letters",
            text(&format!(r#"{{"session_id":"{}","cwd":"/p","hook_event_name":"Stop"}}"#, "s".repeat(1_000_000))),
        ),
        (
            "a million fields",
            text(&event(&(0..200_000).map(|n| format!("\"f{n}\":{n}")).collect::<Vec<_>>().join(","))),
        ),
        (
            "8 MB of one command",
            text(&event(&format!("\"tool_name\":\"Bash\",\"tool_input\":{{\"command\":\"{}\"}}", "x".repeat(8 << 20)))),
        ),
        ("two objects", text("{}{}")),
        ("a comment", text("{/* x */}")),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec()),
    ]
}

fn taken_or_not(world: &World, body: &[u8]) -> Result<(), String> {
    for route in TAKING {
        // A request that is well-formed waits, and is not waited for.
        let stream = world.socket();
        let brief = Some(std::time::Duration::from_millis(300));
        let patience = if *route == "/approval" { brief } else { Some(PATIENCE) };
        stream.set_read_timeout(patience).map_err(|error| error.to_string())?;
        let answer = Answer::of(stream, &reported(route, body));
        let waits = *route == "/approval" && answer.status == 0;
        hold!(waits || (200..500).contains(&answer.status), "{route}: {answer:?}");
    }
    let (ended, told) = said(world.hook(&[], body), PATIENCE);
    hold!(ended && told.is_empty(), "the hook: {told:?}");
    let (_, told) = said(world.hook(&["--wait"], body), std::time::Duration::from_millis(300));
    hold!(told.is_empty(), "the hook that waits: {told:?}");
    hold!(world.ccmon.get("/healthz").is_some(), "the daemon is gone");
    Ok(())
}

/// Every recorded payload with each field replaced by each of these; one in `step` of them.
fn types(world: &World, step: usize) -> Result<String, String> {
    let odd = [
        json!(null),
        json!(0),
        json!(-1.5),
        json!(true),
        json!([]),
        json!([[{}]]),
        json!({}),
        json!({ "a": { "b": 1 } }),
        json!(""),
    ];
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/payloads");
    let (mut number, mut sent) = (0, 0);
    for file in fs::read_dir(recorded).expect("payloads").flatten() {
        let payload: Value = serde_json::from_slice(&fs::read(file.path()).expect("a file")).unwrap_or_default();
        for name in payload.as_object().into_iter().flatten().map(|(name, _)| name) {
            for odd in &odd {
                number += 1;
                if number % step != 0 {
                    continue;
                }
                let mut bent = payload.clone();
                bent[name] = odd.clone();
                let answer = world.unix(&reported("/event", bent.to_string().as_bytes()));
                hold!((200..500).contains(&answer.status), "{bent}: {answer:?}");
                sent += 1;
            }
        }
    }
    Ok(format!("{sent} payloads"))
}

fn every_route(world: &World) -> Result<String, String> {
    let described: Value = serde_json::from_str(include_str!("../../assets/openapi.json")).expect("a document");
    let (before, mut asked) = (world.ccmon.get("/settings"), 0);
    let deep = "[".repeat(100_000);
    for (path, methods) in described["paths"].as_object().expect("paths") {
        // These take nothing, and do what they are asked to.
        if NO_BODY.contains(&path.as_str()) {
            continue;
        }
        for method in methods.as_object().expect("methods").keys().filter(|method| *method != "get") {
            let path = path.replace("{key}", "no-such").replace("{id}", "9");
            for body in [
                "[",
                "null",
                "[]",
                "7",
                "\"x\"",
                "{\"a\":1e999}",
                "{\"\\ud800\":1}",
                "{\"a\":1,\"a\":2}",
                deep.as_str(),
                "\0",
            ] {
                let line = format!("{} {path}", method.to_uppercase());
                let answer = world.unix(posted(&line, "Host: ccmon", body).as_bytes());
                hold!((400..500).contains(&answer.status), "{line} {}: {answer:?}", &body[..body.len().min(20)]);
                asked += 1;
            }
        }
    }
    hold!(world.ccmon.get("/settings") == before, "the settings changed");
    hold!(world.ccmon.get("/rules").is_some_and(|rules| rules["rules"] == json!([])), "a rule was made");
    Ok(format!("{asked} requests"))
}

fn deep(world: &World) -> Result<(), String> {
    for (number, depth) in [100, 1_000, 100_000].into_iter().enumerate() {
        for kind in ["PreToolUse", "PostToolUse"] {
            let nested = format!("{}{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
            let body = format!(
                r#"{{"session_id":"deep","cwd":"/p","hook_event_name":"{kind}","tool_name":"Bash","tool_use_id":"t{number}","tool_input":{nested},"tool_response":{nested}}}"#
            );
            let answer = world.unix(&reported("/event", body.as_bytes()));
            hold!((200..500).contains(&answer.status), "{depth}: {answer:?}");
        }
    }
    let paths = [
        "/sessions?include_ended=1",
        "/events?limit=1000",
        "/history/sessions",
        "/audit",
        "/insight",
        "/approvals?state=all",
    ];
    let of_it =
        ["", "/timeline", "/export?format=md", "/export?format=json"].map(|more| format!("/sessions/s-deep{more}"));
    for path in paths.into_iter().map(str::to_owned).chain(of_it) {
        let answer = world.unix(crate::world::got(&format!("GET {path}"), "Host: ccmon").as_bytes());
        hold!((200..500).contains(&answer.status), "{path}: {} {:.300}", answer.status, answer.body);
        hold!(answer.status != 200 || path.contains("=md") || !answer.json().is_null(), "{path} cannot be read");
    }
    Ok(())
}

/// As deep as may be asked, and deeper: whoever answers has to be able to read what waits.
fn deep_request() -> Result<(), String> {
    let world = World::open();
    for depth in [10, 40, 48, 49, 50, 51, 55, 60, 62, 63, 64, 500, 100_000] {
        let nested = format!("{}{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
        let body = format!(
            r#"{{"session_id":"deep","cwd":"/p","hook_event_name":"PermissionRequest","tool_name":"Bash","tool_input":{{"command":"ls","x":{nested}}}}}"#
        );
        let hook = world.hook(&["--wait"], body.as_bytes());
        let (ended, told) = said(hook, std::time::Duration::from_millis(300));
        hold!(told.is_empty(), "{depth}: {told:?}");
        let hook = (!ended).then(|| world.hook(&["--wait"], body.as_bytes()));
        for words in [&["approvals"][..], &["approvals", "--json"], &["list"], &["status"], &["audit"]] {
            let output = world.cli(words);
            hold!(output.status.success(), "nested {depth} times, {words:?}: {output:?}");
        }
        hook.into_iter().for_each(crate::world::end);
    }
    Ok(())
}

fn sound(world: &World) -> Result<(), String> {
    for name in ["state/daemon.log", "daemon.output"] {
        let text = fs::read_to_string(world.at(name)).unwrap_or_default();
        hold!(
            !text.contains("panicked"),
            "{}",
            text.lines().filter(|line| line.contains("panick")).collect::<String>()
        );
    }
    let answer = world.keyed("GET", "/healthz", &Value::Null);
    hold!(answer.json()["status"] == "ok", "{answer:?}");
    Ok(())
}
