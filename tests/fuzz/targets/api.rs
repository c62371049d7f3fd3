//! Any request to the real routes of a real daemon in this process: an answer, and never "it is our fault".
//!
//! An input is `METHOD PATH`, a newline, and the body; `{key}` and `{id}` in the path are a session's and a request's.
//! What comes to `/event` and `/approval` comes with a hook's context.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ccmon::api::{Opens, from_window};
use ccmon::daemon::{Options, Running, start};
use http::{Method, Request, Uri};
use tokio::runtime::{Builder, Runtime};

/// A waiting hook hears nothing.
const PATIENCE: Duration = Duration::from_millis(20);

struct House {
    runtime: Runtime,
    daemon: Running,
    key: String,
    id: String,
}

static HOUSE: OnceLock<House> = OnceLock::new();

/// A request.
pub fn run(bytes: &[u8]) {
    let house = HOUSE.get_or_init(House::open);
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, body) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let Some((method, path)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(' ')) else { return };
    let path = path.replace("{key}", &house.key).replace("{id}", &house.id);
    // That the daemon leaves when asked to is no news.
    let (Ok(method), Ok(uri)) = (method.parse::<Method>(), path.parse::<Uri>()) else { return };
    if uri.path().ends_with("shutdown") {
        return;
    }
    let Some((status, answer)) = house.ask(request(method, uri, body)) else { return };
    assert_ne!(status, 500, "{}", String::from_utf8_lossy(&answer));
    if status >= 400 && !answer.is_empty() {
        let problem: serde_json::Value = serde_json::from_slice(&answer).expect("a problem document");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    }
}

fn request(method: Method, uri: Uri, body: &[u8]) -> Request<Vec<u8>> {
    let request = Request::builder().method(method).uri(uri);
    let request = request.header("content-type", "application/json").header("ccmon-context", context());
    request.body(body.to_vec()).expect("a request")
}

/// Where a hook ran, with an id of its own.
fn context() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let now = ccmon::daemon::clock::wall().0;
    // Of no process: one that does not live would end its session at once.
    format!(r#"{{"v":1,"id":"{number:032x}","started_ms":{now}}}"#)
}

impl House {
    fn open() -> Self {
        crate::world();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let options = Options { program: "ccmon", port: None, take_over: false, opens: Opens::default() };
        let daemon = runtime.block_on(start(options)).expect("a daemon");
        let mut house = Self { runtime, daemon, key: String::new(), id: String::new() };
        let said = |what: &str| format!(r#"{{"session_id":"fuzz","cwd":"/p","hook_event_name":{what}}}"#);
        let asks = said(r#""PermissionRequest","tool_name":"Bash","tool_input":{"command":"ls"}"#);
        let post = |path: &str, body: &str| request(Method::POST, path.parse().expect("a path"), body.as_bytes());
        for asked in [post("/event", &said(r#""UserPromptSubmit","prompt":"go""#)), post("/approval", &asks)] {
            let router = house.daemon.router.clone();
            // The second goes on to wait.
            house.runtime.spawn(async move { from_window(&router, asked).await });
        }
        house.id = house.first("/approvals", "approvals", "id");
        house.key = house.first("/sessions", "sessions", "key");
        house
    }

    /// The name of the first of a list, once there is one.
    fn first(&self, path: &'static str, list: &str, name: &str) -> String {
        for _ in 0..10_000 {
            let answer = self.ask(request(Method::GET, Uri::from_static(path), b""));
            let told = answer.and_then(|(_, body)| serde_json::from_slice::<serde_json::Value>(&body).ok());
            if let Some(name) = told.as_ref().and_then(|told| told[list][0][name].as_str()) {
                return name.to_owned();
            }
            // Made inside: a timer needs a runtime from the beginning.
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
        }
        panic!("nothing at {path}");
    }

    /// Status and body; none when it waits.
    fn ask(&self, request: Request<Vec<u8>>) -> Option<(u16, Vec<u8>)> {
        let answered = async {
            // An answer that needs nobody else would leave the daemon's own tasks no time.
            tokio::task::yield_now().await;
            let answer = tokio::time::timeout(PATIENCE, from_window(&self.daemon.router, request)).await.ok()?;
            Some((answer.status().as_u16(), answer.into_body()))
        };
        self.runtime.block_on(answered)
    }
}
