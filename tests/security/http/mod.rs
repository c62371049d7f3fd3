//! The port, knocked at by whoever can: programs without the token, and pages of any browser.

pub mod codes;
mod loopback;
mod reading;
mod rows;

use serde_json::Value;

use crate::hold;
use crate::suite::Suite;
use crate::world::{Answer, Shared, World, got, posted, shared};
use codes::cookie;
use rows::{HOSTS, ORIGINS, TOKENS, TYPES};

const HOST: &str = "Host: 127.0.0.1:PORT";
const KEY: &str = "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN";
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    let world = shared(World::open);
    tokens(suite, &world);
    codes::add(suite, &world);
    hosts(suite, &world);
    origins(suite, &world);
    types(suite, &world);
    upgrades(suite, &world);
    reading::add(suite);
    loopback::add(suite, &world);
    headers(suite, &world);
}

/// Each of these, with and without what would let it in, gives no data.
fn empty_handed(answer: &Answer) -> Result<(), String> {
    let told = ["\"sessions\":", "\"approvals\":", "\"rules\":"].iter().any(|name| answer.body.contains(name));
    hold!(!told, "it told something: {answer:?}");
    hold!(!answer.head.contains("access-control"), "CORS: {}", answer.head);
    Ok(())
}

fn tokens(suite: &mut Suite, world: &Shared) {
    suite.about("http.token");
    for (what, lines, statuses) in TOKENS {
        let world = world.clone();
        suite.case(format!("token {what} -> {}", statuses[0]), move || {
            for path in ["/sessions", "/approvals?state=all", "/rules", "/events"] {
                let answer = world.tcp(&got(&format!("GET {path}"), &format!("{HOST}\r\n{lines}")));
                hold!(statuses.contains(&answer.status), "{path}: {answer:?}");
                empty_handed(&answer)?;
            }
            Ok(())
        });
    }
    let (long, right) = (world.clone(), world.clone());
    suite.case("token of 1 MB -> 431", move || {
        let answer =
            long.tcp(&got("GET /sessions", &format!("{HOST}\r\nAuthorization: Bearer {}", "a".repeat(1 << 20))));
        hold!(matches!(answer.status, 0 | 401 | 431), "{answer:?}");
        empty_handed(&answer)
    });
    suite.case("token right -> 200", move || {
        let answer = right.tcp(&got("GET /sessions", KEY));
        hold!(answer.status == 200 && answer.body.contains("\"sessions\":"), "{answer:?}");
        Ok(())
    });
    let world = world.clone();
    suite.whole("token wrong in its first or its last letter: told apart by no time", move || apart(&world));
}

/// The times of refusals, by where the mistake is.
fn apart(world: &World) -> Result<String, String> {
    let near = format!("{}{}", &world.token[..63], if world.token.ends_with('0') { '1' } else { '0' });
    let far = format!("{}{}", if world.token.starts_with('0') { '1' } else { '0' }, &world.token[1..]);
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..3_000 {
        let which = round % 2;
        let token = [&near, &far][which];
        let text = got("GET /sessions", &format!("{HOST}\r\nAuthorization: Bearer {token}"));
        let begun = std::time::Instant::now();
        let status = world.tcp(&text).status;
        times[which].push(begun.elapsed());
        hold!(status == 401, "{status}");
    }
    let [near, far] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e6
    });
    hold!((0.5..2.0).contains(&(near / far)), "medians {near:.0} µs and {far:.0} µs");
    Ok(format!("medians {near:.0} µs and {far:.0} µs"))
}

fn hosts(suite: &mut Suite, world: &Shared) {
    suite.about("http.host");
    for host in HOSTS {
        let world = world.clone();
        suite.case(format!("{} -> 403", host.replace("\r\n", " + ")), move || {
            let lines = format!("{host}\r\nAuthorization: Bearer TOKEN");
            for line in ["GET /sessions", "GET /", "GET /dashboard.js", "HEAD /sessions"] {
                let answer = world.tcp(&got(line, &lines));
                // Two, or none, is no HTTP; a name that cannot be one is no name.
                hold!(matches!(answer.status, 400 | 403), "{line}: {answer:?}");
                empty_handed(&answer)?;
            }
            let answer = world.tcp(&posted("POST /rules/pause", &lines, "{}"));
            hold!(matches!(answer.status, 400 | 403), "{answer:?}");
            Ok(())
        });
    }
    for target in ["http://evil.example/sessions", "http://127.0.0.1:PORT/sessions", "evil.example:80", "*", "sessions"]
    {
        let world = world.clone();
        suite.case(format!("request for {target} -> 403"), move || {
            for method in ["GET", "CONNECT", "OPTIONS"] {
                let answer = world.tcp(&got(&format!("{method} {target}"), KEY));
                hold!(matches!(answer.status, 400 | 403), "{method}: {answer:?}");
                empty_handed(&answer)?;
            }
            Ok(())
        });
    }
}

fn origins(suite: &mut Suite, world: &Shared) {
    suite.about("http.origin");
    let signed = std::sync::Arc::new(std::sync::OnceLock::new());
    for origin in ORIGINS {
        let (world, signed) = (world.clone(), signed.clone());
        suite.case(format!("{} -> 403", origin.replace("\r\n", " + ")), move || {
            let cookie: &String = signed.get_or_init(|| cookie(&world));
            for key in ["Authorization: Bearer TOKEN".to_owned(), format!("Cookie: {cookie}"), "X-No: key".to_owned()] {
                let lines = format!("{HOST}\r\n{key}\r\n{origin}");
                let mut answers = vec![world.tcp(&got("GET /sessions", &lines)), world.tcp(&got("GET /", &lines))];
                answers.push(world.tcp(&posted("POST /rules/pause", &lines, "{}")));
                answers.push(world.tcp(&posted("DELETE /rules/1", &lines, "")));
                for answer in answers {
                    hold!(answer.status == 403, "{key}: {answer:?}");
                    empty_handed(&answer)?;
                }
            }
            hold!(world.ccmon.get("/rules").is_some_and(|rules| rules["paused"] == false), "the rules are paused");
            Ok(())
        });
    }
    let own = world.clone();
    suite.case("Origin of its own page -> 200", move || {
        let answer = own.tcp(&got("GET /sessions", &format!("{KEY}\r\nOrigin: http://127.0.0.1:PORT")));
        hold!(answer.status == 200, "{answer:?}");
        Ok(())
    });
}

fn types(suite: &mut Suite, world: &Shared) {
    suite.about("http.json");
    for kind in TYPES {
        let world = world.clone();
        suite.case(format!("{} -> 415", kind.replace("\r\n", " + ")), move || {
            for line in ["POST /rules/pause", "POST /event", "PATCH /settings", "DELETE /rules/9", "POST /login"] {
                let text =
                    format!("{line} HTTP/1.1\r\n{KEY}\r\n{kind}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
                let answer = world.tcp(&text);
                hold!(answer.status == 415, "{line}: {answer:?}");
            }
            Ok(())
        });
    }
    let world = world.clone();
    suite.case("preflight -> no CORS header, for nobody", move || {
        let asked = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization";
        for lines in [HOST.to_owned(), KEY.to_owned(), format!("{HOST}\r\nOrigin: http://evil.example")] {
            for path in ["/sessions", "/approvals/1/decision", "/", "/login"] {
                let answer = world.tcp(&got(&format!("OPTIONS {path}"), &format!("{lines}\r\n{asked}")));
                hold!(matches!(answer.status, 401 | 403 | 405), "{path}: {answer:?}");
                empty_handed(&answer)?;
            }
        }
        Ok(())
    });
}

fn upgrades(suite: &mut Suite, world: &Shared) {
    suite.about("http.upgrade");
    for (what, line, lines, status) in [
        ("without a token", "GET /ws", HOST, 401),
        ("with the token in its query", "GET /ws?token=TOKEN", HOST, 401),
        ("with the token as its protocol", "GET /ws", "Host: 127.0.0.1:PORT\r\nSec-WebSocket-Protocol: TOKEN", 401),
        (
            "from another page",
            "GET /ws",
            "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN\r\nOrigin: http://evil.example",
            403,
        ),
        (
            "from no page of any name",
            "GET /ws",
            "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN\r\nOrigin: null",
            403,
        ),
        ("at another name", "GET /ws", "Host: evil.example:PORT\r\nAuthorization: Bearer TOKEN", 403),
        ("by POST", "POST /ws", KEY, 415),
        ("of another path", "GET /sessions", HOST, 401),
        ("with everything right", "GET /ws", KEY, 101),
    ] {
        let world = world.clone();
        suite.case(format!("upgrade {what} -> {status}"), move || {
            let answer = begun(&world, line, lines);
            hold!(answer.status == status, "{answer:?}");
            Ok(())
        });
    }
    let world = world.clone();
    suite.case("upgrade with the cookie, but from no page -> 403", move || {
        let cookie = cookie(&world);
        let signed = format!("{HOST}\r\nCookie: {cookie}");
        hold!(begun(&world, "GET /ws", &signed).status == 403, "a browser's cookie alone opened it");
        let paged = format!("{signed}\r\nOrigin: http://127.0.0.1:PORT");
        hold!(begun(&world, "GET /ws", &paged).status == 101, "its own page cannot open it");
        Ok(())
    });
}

/// The head of what a WebSocket's request is answered with: the rest may have no end.
fn begun(world: &World, line: &str, lines: &str) -> Answer {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", world.port)).expect("the port is open");
    stream.set_read_timeout(Some(crate::support::PATIENCE)).expect("a timeout");
    let text = world.fill(&format!("{line} HTTP/1.1\r\n{lines}\r\n{UPGRADE}\r\n\r\n"));
    let _ = stream.write_all(text.as_bytes());
    let mut head = [0; 512];
    let read = stream.read(&mut head).unwrap_or(0);
    Answer::read(&head[..read])
}

fn headers(suite: &mut Suite, world: &Shared) {
    suite.about("http.headers");
    for (what, text) in [
        ("a page", got("GET /", HOST)),
        ("a script", got("GET /dashboard.js", HOST)),
        ("data", got("GET /sessions", KEY)),
        ("a refusal for the token", got("GET /sessions", HOST)),
        ("a refusal for the host", got("GET /sessions", "Host: evil.example")),
        ("a refusal for the type", format!("POST /event HTTP/1.1\r\n{KEY}\r\nConnection: close\r\n\r\n")),
        ("what is not there", got("GET /nowhere", KEY)),
        ("a wrong method", got("DELETE /sessions", KEY)),
        ("a wrong body", posted("POST /event", KEY, "{")),
    ] {
        let world = world.clone();
        suite.case(format!("the headers of {what}"), move || hardened(&world.tcp(&text)));
    }
}

fn hardened(answer: &Answer) -> Result<(), String> {
    let has = |line: &str| answer.head.contains(line);
    for line in [
        "content-security-policy: default-src 'none'; ",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cross-origin-resource-policy: same-origin",
        "cache-control: no-",
    ] {
        hold!(has(line), "no {line}: {answer:?}");
    }
    for never in ["unsafe-inline", "unsafe-eval", "access-control", "x-powered-by"] {
        hold!(!has(never), "{never}: {}", answer.head);
    }
    let none: Value = Value::Null;
    hold!(answer.status == 200 || answer.json() != none, "a refusal is a problem document: {answer:?}");
    Ok(())
}
