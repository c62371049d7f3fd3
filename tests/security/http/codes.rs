//! Launch codes: how a browser is signed in, and what else is no way in.

use serde_json::json;

use super::{HOST, KEY, empty_handed};
use crate::hold;
use crate::suite::Suite;
use crate::world::{Answer, Shared, World, got, posted};

/// A fresh code of `ccmon web`.
pub fn code(world: &World) -> String {
    let (status, told) = world.ccmon.ask("POST", "/web/code", &json!({}));
    assert_eq!(status, 200, "{told}");
    told["url"].as_str().and_then(|url| url.split_once("#code=")).expect("a code").1.to_owned()
}

/// A sign-in that succeeded, and what was sent for it. Few codes are kept, and other cases ask for theirs at the same
/// time: ours may be gone before it is used.
fn signed_in(world: &World) -> (String, Answer) {
    let mut tries = (0..20).map(|_| {
        let request = posted("POST /login", HOST, &json!({ "code": code(world) }).to_string());
        let answer = world.tcp(&request);
        (request, answer)
    });
    tries.find(|(_, answer)| answer.status == 204).expect("a code is taken")
}

/// A browser's cookie, got as browsers get it.
pub fn cookie(world: &World) -> String {
    let (_, answer) = signed_in(world);
    let set = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie").to_owned();
    set.split(';').next().expect("a pair").to_owned()
}

/// Adds the cases.
pub fn add(suite: &mut Suite, world: &Shared) {
    suite.about("http.code");
    for query in ["token=TOKEN", "access_token=TOKEN", "key=TOKEN", "code=TOKEN", "auth=Bearer%20TOKEN"] {
        let world = world.clone();
        suite.case(format!("?{query} -> 401"), move || {
            let answer = world.tcp(&got(&format!("GET /sessions?{query}"), HOST));
            hold!(answer.status == 401, "{answer:?}");
            empty_handed(&answer)
        });
    }
    let (once, wrong, query) = (world.clone(), world.clone(), world.clone());
    suite.case("launch code -> a cookie, once", move || {
        let (request, answer) = signed_in(&once);
        hold!(answer.head.contains("httponly; samesite=strict"), "{answer:?}");
        let again = once.tcp(&request);
        hold!(again.status == 401 && !again.head.contains("set-cookie"), "{again:?}");
        Ok(())
    });
    suite.case("launch code wrong, or the token itself -> 401", move || {
        for code in [String::new(), "0".repeat(64), "TOKEN".to_owned(), code(&wrong)[1..].to_owned()] {
            let answer = wrong.tcp(&posted("POST /login", HOST, &wrong.fill(&json!({ "code": code }).to_string())));
            hold!(answer.status == 401 && !answer.head.contains("set-cookie"), "{code}: {answer:?}");
        }
        Ok(())
    });
    suite.case("launch code in a query -> signs nobody in", move || {
        for path in ["/", "/index.html", "/login", "/sessions"] {
            let answer = query.tcp(&got(&format!("GET {path}?code={}", code(&query)), HOST));
            hold!(!answer.head.contains("set-cookie"), "{answer:?}");
            empty_handed(&answer)?;
        }
        Ok(())
    });
    let world = world.clone();
    suite.case("token, code and cookie stand in no log, at the loudest level", move || unlogged(&world));
}

fn unlogged(world: &World) -> Result<(), String> {
    let (code, cookie) = (code(world), cookie(world));
    let value = cookie.split_once('=').expect("a pair").1;
    world.tcp(&got(&format!("GET /index.html?code={code}&token=TOKEN"), KEY));
    world.tcp(&got(&format!("GET /nowhere/TOKEN?code={code}"), &format!("{KEY}\r\nCookie: {cookie}")));
    world.tcp(&got("GET /sessions", &format!("Host: evil\r\nAuthorization: Bearer TOKEN\r\nCookie: {cookie}")));
    for name in ["state/daemon.log", "daemon.output", "state/hook-errors.log"] {
        let text = std::fs::read_to_string(world.at(name)).unwrap_or_default();
        for secret in [world.token.as_str(), &code, value] {
            hold!(!text.contains(secret), "{name} holds {secret}");
        }
    }
    Ok(())
}
