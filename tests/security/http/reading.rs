//! What is only read changes nothing, and no path leads out of the routes.

use serde_json::{Value, json};

use super::KEY;
use crate::hold;
use crate::suite::Suite;
use crate::world::{World, end, got, shared};

/// Every route as it is described.
const DESCRIBED: &str = include_str!("../../../assets/openapi.json");

/// Ways to a file that is none of the pages.
const PATHS: &[&str] = &[
    "/../state/token",
    "/../../etc/passwd",
    "/style/../../token",
    "/style/..%2f..%2ftoken",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..;/token",
    "/.%00./token",
    "/%00",
    "/%ff%fe",
    "//sessions",
    "/sessions/",
    "/Sessions",
    "/./sessions",
    "/sessions/../rules",
    "/sessions/..%2f..%2ftoken",
    "/sessions/%2e%2e",
    "/approvals/..%2f..%2ftoken",
    "/approvals/%1b%5b2J",
    "/approvals/1/decision/",
    "/dashboard.js/",
    "/dashboard.js%00.html",
    "/dashboard.js;x",
    "/style\\tokens.css",
    "/wire.d.ts",
    "/jsconfig.json",
    "/ui/dashboard.js",
    "/assets/config.toml",
    "/config.toml",
    "/token",
    "/.git/config",
];

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("http.reading");
    for method in ["GET", "HEAD"] {
        suite.case(format!("{method} of every route, with bodies and overrides -> nothing is changed"), move || {
            read_all(&World::open(), method)
        });
    }
    suite.about("http.paths");
    let world = shared(World::open);
    for path in PATHS {
        let world = world.clone();
        suite.case(format!("{path} -> 404"), move || {
            for method in ["GET", "HEAD", "POST"] {
                let kind = "Content-Type: application/json\r\nContent-Length: 0";
                let answer = world.tcp(&got(&format!("{method} {path}"), &format!("{KEY}\r\n{kind}")));
                // A path with bytes that no path has is no request at all; a page is only read.
                let refused = matches!(answer.status, 400 | 404) || (method == "POST" && answer.status == 405);
                hold!(refused, "{method}: {answer:?}");
                let out = [world.token.as_str(), "root:", "[web]"].iter().any(|text| answer.body.contains(text));
                hold!(!out, "{method}: {answer:?}");
            }
            Ok(())
        });
    }
}

/// Asks every route there is, as if it were to change something.
fn read_all(world: &World, method: &str) -> Result<String, String> {
    world.ccmon.ask("POST", "/rules", &rule());
    let (hook, request) = world.asks(method, "touch foo");
    let (id, key) = (text(&request["id"]), text(&world.ccmon.sessions()[0]["key"]));
    let before = picture(world);
    let body =
        json!({ "decision": "allow", "shown": request["shown"], "on": true, "done": true, "paused": true }).to_string();
    let described: Value = serde_json::from_str(DESCRIBED).expect("a document");
    let paths = described["paths"].as_object().expect("paths");
    for path in paths.keys() {
        let decides = path.contains("/approvals/");
        let path = path.replace("{key}", &key).replace("{id}", if decides { &id } else { "1" });
        for query in ["", "?_method=POST&decision=allow&on=true"] {
            let lines = format!(
                "{KEY}\r\nContent-Type: application/json\r\nX-HTTP-Method-Override: DELETE\r\nX-Method-Override: POST\r\nContent-Length: {}",
                body.len()
            );
            let answer = world.tcp(&(got(&format!("{method} {path}{query}"), &lines) + &body));
            hold!((200..500).contains(&answer.status), "{path}: {answer:?}");
        }
    }
    let after = picture(world);
    for (what, then) in before.as_object().expect("a picture") {
        hold!(after[what] == *then, "{what} before: {then}\nafter: {}", after[what]);
    }
    hold!(world.ccmon.approval(&request["id"])["state"] == "pending", "it was decided");
    end(hook);
    Ok(format!("{} routes", paths.len()))
}

fn rule() -> Value {
    json!({ "name": "r", "tool": "Bash", "kind": "literal", "pattern": "ls", "action": "allow", "lasts": "forever" })
}

/// All that could have been changed.
fn picture(world: &World) -> Value {
    let mut told = json!({});
    for path in ["/rules", "/settings", "/hooks", "/jobs", "/approvals", "/history/sessions"] {
        told[path] = world.ccmon.get(path).unwrap_or_default();
    }
    told["events"] = json!(world.ccmon.events());
    told["welcome"] = world.ccmon.get("/about").unwrap_or_default()["welcome"].clone();
    still(&mut told);
    told
}

/// How long something has lasted changes by itself.
fn still(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("_ms") && !name.ends_with("_at") && name != "now");
            fields.values_mut().for_each(still);
        }
        Value::Array(items) => items.iter_mut().for_each(still),
        _ => {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
