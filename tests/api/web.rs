//! Browsers: how they are signed in, and what that is worth to others.

use axum::http::Request;
use ccmon::api::from_window;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::house::{House, PATIENCE, ask, got, posted};

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";

impl House {
    /// A new code, as the user's terminal gets it.
    async fn code(&self) -> String {
        let (status, answer) = ask(self.unix().await, &posted("POST /web/code HTTP/1.1\r\nHost: ccmon", "{}")).await;
        assert_eq!(status, 200, "{answer}");
        let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
        let url = body["url"].as_str().expect("an address");
        let (page, code) = url.split_once("#code=").expect("a code");
        assert_eq!(page, format!("http://127.0.0.1:{}/index.html", self.port));
        assert_eq!(body["expires_in_s"], 60);
        code.to_owned()
    }

    fn host(&self) -> String {
        format!("Host: 127.0.0.1:{}", self.port)
    }

    fn origin(&self) -> String {
        format!("Origin: http://127.0.0.1:{}", self.port)
    }

    async fn login(&self, body: &str) -> (u16, String) {
        ask(self.tcp().await, &posted(&format!("POST /login HTTP/1.1\r\n{}", self.host()), body)).await
    }

    /// Signs in; `name=value`.
    async fn cookie(&self) -> String {
        let (status, answer) = self.login(&json!({ "code": self.code().await }).to_string()).await;
        assert_eq!(status, 204, "{answer}");
        let set = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
        assert!(set.contains("; Path=/; HttpOnly; SameSite=Strict") && set.contains("Max-Age="), "{set}");
        set.split(';').next().expect("a pair").to_owned()
    }

    async fn get(&self, path: &str, lines: &str) -> (u16, String) {
        ask(self.tcp().await, &got(path, &format!("{}\r\n{lines}", self.host()))).await
    }
}

#[tokio::test]
async fn a_code_becomes_a_cookie_once() {
    let house = House::open();
    let code = house.code().await;
    let body = json!({ "code": code }).to_string();
    assert_eq!(house.login(&body).await.0, 204);
    let (status, again) = house.login(&body).await;
    assert!(status == 401 && again.contains("ccmon web") && !again.contains("set-cookie"), "{again}");
    for (body, expected) in [
        (r#"{"code":""}"#.to_owned(), 401),
        (json!({ "code": "0".repeat(64) }).to_string(), 401),
        (json!({ "code": house.token }).to_string(), 401),
        ("{}".to_owned(), 422),
        ("{".to_owned(), 400),
        (json!({ "code": "x".repeat(2_000) }).to_string(), 413),
    ] {
        assert_eq!(house.login(&body).await.0, expected, "{body}");
    }
    let (status, answer) = house.get(&format!("/login?code={}", house.code().await), "X-No: thing").await;
    assert_eq!(status, 401, "{answer}");
}

#[tokio::test]
async fn only_the_users_own_programs_get_a_code() {
    let house = House::open();
    let over_tcp = posted(&format!("POST /web/code HTTP/1.1\r\n{}", house.key()), "{}");
    assert_eq!(ask(house.tcp().await, &over_tcp).await.0, 403, "a browser signs no other in");
    let request = Request::post("/web/code").header("content-type", "application/json").body(b"{}".to_vec());
    assert_eq!(from_window(&house.router, request.expect("a request")).await.status(), 200);
    let script = format!(
        "curl -s -o /dev/null -w '%{{http_code}}' --unix-socket {} -H 'Content-Type: application/json' -d {{}} http://ccmon/web/code",
        house.socket().display()
    );
    let marked = Command::new("sh").args(["-c", &script]).env("CLAUDECODE", "1").output();
    let marked = tokio::time::timeout(PATIENCE, marked).await.expect("in time").expect("a shell");
    assert_eq!(String::from_utf8_lossy(&marked.stdout), "403");
}

#[tokio::test]
async fn only_the_whole_cookie_is_one() {
    let house = House::open();
    let cookie = house.cookie().await;
    let (name, value) = cookie.split_once('=').expect("a pair");
    assert_eq!(name, format!("ccmon-{}", house.port));
    assert!(!value.contains(&house.token));
    let planted = [format!("{name}=0; {cookie}"), format!("{cookie}; {cookie}")];
    for good in
        [cookie.clone(), format!("a=b; {cookie}; c=d"), format!("x{name}=1;{cookie}")].into_iter().chain(planted)
    {
        let (status, answer) = house.get("/sessions", &format!("Cookie: {good}")).await;
        assert_eq!(status, 200, "{good}: {answer}");
    }
    for bad in [
        format!("{name}="),
        format!("{name}={}", &value[1..]),
        format!("{name}={value}0"),
        format!("{name}={}", "0".repeat(64)),
        format!("{name}={}", house.token),
        format!("{name}=\"{value}\""),
        format!("ccmon={value}"),
        format!("x{cookie}"),
        format!("{cookie}\r\nCookie: {cookie}"),
        format!("{cookie}\r\nAuthorization: Bearer 0"),
    ] {
        let (status, answer) = house.get("/sessions", &format!("Cookie: {bad}")).await;
        assert!(status == 401 && !answer.contains("sessions\":"), "{bad}: {answer}");
    }
    let (status, answer) = house.get("/", &format!("Cookie: {cookie}")).await;
    assert!(status == 200 && answer.contains("dashboard.js"), "{answer}");
    let (status, answer) = house.get("/", &format!("Cookie: {name}=0")).await;
    assert!(status == 200 && answer.contains("ccmon is running"), "{answer}");

    let out =
        posted(&format!("POST /logout HTTP/1.1\r\n{}\r\n{}\r\nCookie: {cookie}", house.host(), house.origin()), "");
    let (status, answer) = ask(house.tcp().await, &out).await;
    assert!(status == 204 && answer.contains(&format!("set-cookie: {name}=; Max-Age=0;")), "{answer}");
}

/// Another user may listen at `[::1]`, show a page at `localhost`, and hand that name over to us.
#[tokio::test]
async fn the_cookie_is_worth_nothing_at_another_name_of_the_machine() {
    let house = House::open();
    let cookie = house.cookie().await;
    for name in ["localhost", "[::1]"] {
        let lines = format!("Host: {name}:{0}\r\nOrigin: http://{name}:{0}", house.port);
        let signed = format!("{lines}\r\nCookie: {cookie}");
        assert_eq!(ask(house.tcp().await, &got("/sessions", &signed)).await.0, 401, "{name}");
        assert_eq!(ask(house.tcp().await, &got("/ws", &format!("{signed}\r\n{UPGRADE}"))).await.0, 401, "{name}");
        let (status, answer) = ask(house.tcp().await, &got("/", &signed)).await;
        assert!(status == 200 && answer.contains("ccmon is running"), "{answer}");
        let body = json!({ "code": house.code().await }).to_string();
        let (status, answer) =
            ask(house.tcp().await, &posted(&format!("POST /login HTTP/1.1\r\n{lines}"), &body)).await;
        assert!(status == 403 && !answer.contains("set-cookie"), "{answer}");
    }
}

#[tokio::test]
async fn with_the_cookie_only_our_own_page_changes_or_listens() {
    let house = House::open();
    let cookie = house.cookie().await;
    let same = "Sec-Fetch-Site: same-origin";
    for (method, lines, expected) in [
        ("POST", "X-No: page", 403),
        ("PATCH", "X-No: page", 403),
        ("DELETE", "X-No: page", 403),
        ("POST", "Sec-Fetch-Site: none", 403),
        ("POST", "Sec-Fetch-Site: same-site", 403),
        ("DELETE", "Origin: http://127.0.0.1:1", 403),
        ("PATCH", "Origin: null", 403),
        ("DELETE", "Sec-Fetch-Site: same-origin\r\nOrigin: http://evil.example", 403),
        ("PATCH", same, 404),
        ("DELETE", same, 404),
        ("DELETE", &house.origin(), 404),
    ] {
        let head = format!("{method} /rules/9 HTTP/1.1\r\n{}\r\nCookie: {cookie}\r\n{lines}", house.host());
        let (status, answer) = ask(house.tcp().await, &posted(&head, "{}")).await;
        let expected = if method == "POST" && expected != 403 { 405 } else { expected };
        assert_eq!(status, expected, "{method} {lines}: {answer}");
    }
    let refused = house.get("/ws", &format!("Cookie: {cookie}\r\n{UPGRADE}")).await;
    assert_eq!(refused.0, 403, "{}", refused.1);
    for page in [same, &house.origin()] {
        let mut socket = house.tcp().await;
        let head = format!("GET /ws HTTP/1.1\r\n{}\r\nCookie: {cookie}\r\n{UPGRADE}\r\n{page}\r\n\r\n", house.host());
        assert!(crate::house::begins(&mut socket, &head).await.starts_with("HTTP/1.1 101"), "{page}");
    }
}

#[tokio::test]
async fn what_changes_anything_is_json() {
    let house = House::open();
    for (method, lines, expected) in [
        ("PATCH", "Content-Type: text/plain", 415),
        ("PATCH", "X-No: type", 415),
        ("PUT", "X-No: type", 405),
        ("OPTIONS", "X-No: type", 405),
        ("TRACE", "X-No: type", 405),
        ("DELETE", "Content-Type: text/plain", 415),
        ("DELETE", "X-No: type", 415),
        ("DELETE", "Content-Type: application/json", 404),
    ] {
        let head = format!("{method} /rules/9 HTTP/1.1\r\n{}\r\n{lines}", house.key());
        let request = format!("{head}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
        assert_eq!(ask(house.tcp().await, &request).await.0, expected, "{method} {lines}");
    }
    let silent = format!("DELETE /rules/9 HTTP/1.1\r\n{}\r\nConnection: close\r\n\r\n", house.key());
    assert_eq!(ask(house.tcp().await, &silent).await.0, 404, "nothing is said, so that it needs no type");
}

#[tokio::test]
async fn pages_are_public_and_nothing_else_is() {
    let house = House::open();
    for path in ["/", "/index.html", "/dashboard.html", "/dashboard.js", "/style/tokens.css", "/openapi.json"] {
        let (status, answer) = house.get(path, "X-No: key").await;
        assert!(
            status == 200 && answer.contains("default-src 'none'") && answer.contains("etag: "),
            "{path}: {answer}"
        );
        let tag = answer.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
        assert_eq!(house.get(path, &format!("If-None-Match: {tag}")).await.0, 304, "{path}");
        let head = format!("HEAD {path} HTTP/1.1\r\n{}\r\nConnection: close\r\n\r\n", house.host());
        let (status, answer) = ask(house.tcp().await, &head).await;
        assert!(status == 200 && answer.ends_with("\r\n\r\n"), "{path}: {answer}");
    }
    for path in
        ["/wire.d.ts", "/../token", "/style/../token", "/%2e%2e/token", "/style//tokens.css", "/token", "/index.html/"]
    {
        assert_eq!(house.get(path, "X-No: key").await.0, 401, "{path}");
        assert!(matches!(ask(house.tcp().await, &got(path, &house.key())).await.0, 400 | 404), "{path}");
    }
    let post = posted(&format!("POST /index.html HTTP/1.1\r\n{}", house.host()), "{}");
    assert_eq!(ask(house.tcp().await, &post).await.0, 401);
    let post = posted(&format!("POST /index.html HTTP/1.1\r\n{}", house.key()), "{}");
    let (status, answer) = ask(house.tcp().await, &post).await;
    assert!(status == 405 && answer.contains("allow: GET,HEAD"), "{answer}");
}

#[tokio::test]
async fn token_cookie_and_code_are_worth_nothing_to_another_user() {
    let house = House::open();
    if !rustix::process::getuid().is_root() {
        // Only root can become somebody else.
        return;
    }
    let (code, cookie) = (json!({ "code": house.code().await }).to_string(), house.cookie().await);
    let url = |path: &str| format!("http://127.0.0.1:{}{path}", house.port);
    let json = "Content-Type: application/json";
    let key = format!("Authorization: Bearer {}", house.token);
    for (arguments, expected) in [
        (vec!["-H", &key, &url("/sessions")], "403"),
        (vec!["-H", &format!("Cookie: {cookie}"), &url("/sessions")], "403"),
        (vec!["-H", json, "-d", &code, &url("/login")], "403"),
        (vec![&url("/sessions")], "401"),
        (vec![&url("/")], "200"),
    ] {
        let mut other = Command::new("setpriv");
        other.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "curl", "-s", "-w", "%{http_code}"]);
        let said = tokio::time::timeout(PATIENCE, other.args(&arguments).output()).await.expect("in time");
        let said = String::from_utf8_lossy(&said.expect("setpriv and curl").stdout).into_owned();
        assert!(said.ends_with(expected) && !said.contains("sessions\":"), "{arguments:?}: {said}");
    }
    assert_eq!(house.login(&code).await.0, 204, "the code is still its owner's");
}
