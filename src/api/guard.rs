//! Who may come in: checked before any route, for every request.
//!
//! The Unix door has checked the uid already, and a window is our own; what is left is the TCP
//! door, which any page of any browser on this machine can knock at.

use std::net::SocketAddr;

use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::crowd::Known;
use super::doors::Door;
use super::pages::{self, File, POLICY};
use super::problem::Problem;
use super::web::SignIn;
use super::{Ask, Hub, LOGIN, caller, relay, routes};

/// What the check needs.
#[derive(Clone)]
pub struct Gate {
    /// Who holds a key,
    pub sign_in: SignIn,
    /// and who is told of what was refused.
    pub hub: Hub,
}

/// The check around every route. What our own hook tells may come by the [lane](super::lane), which holds it to more.
pub async fn check(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let door = request.extensions().get::<Door>().copied();
    let mut response = serve(&gate, request, next).await.unwrap_or_else(IntoResponse::into_response);
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    harden(response.headers_mut(), door);
    response
}

async fn serve(gate: &Gate, request: Request, next: Next) -> Result<Response, Problem> {
    let (door, sign_in) = (at_door(&request)?, &gate.sign_in);
    // Whoever asks for no more than a page stays a stranger, and comes to no route.
    if let Some(page) = page(sign_in, &request, door) {
        return Ok(page.answer(request.headers()));
    }
    let known = request.extensions().get::<Known>().cloned().unwrap_or_default();
    if let Door::Tcp { peer, port } = door {
        has_key(sign_in, &request, port)?;
        if !known.get() {
            is_own_user(peer, port).await?;
        }
    }
    if let Door::Unix { pid } = door
        && !is_of_hooks(&request)
        && !holds_token(sign_in, request.headers())
    {
        let wants = (!is_reading(&request)).then(|| request.uri().path().to_owned());
        speaks_for_itself(&gate.hub, pid, wants).await?;
    }
    known.set();
    takes_json(&request)?;
    Ok(next.run(request).await)
}

/// Which door this came in at, when it may be looked at at all.
fn at_door(request: &Request) -> Result<Door, Problem> {
    let door = request.extensions().get::<Door>().copied().ok_or_else(|| forbidden("no door"))?;
    if request.uri().authority().is_some() || !request.uri().path().starts_with('/') {
        return Err(forbidden("only a plain path is answered, not a whole address"));
    }
    if let Door::Tcp { port, .. } = door
        && !is_local_host(request.headers(), port)
    {
        return Err(forbidden("Host has to be 127.0.0.1, localhost or [::1] with this port"));
    }
    if !is_same_origin(request.headers(), door) {
        return Err(forbidden("a page of another origin may not ask this"));
    }
    Ok(door)
}

fn forbidden(why: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, why)
}

/// The page that is asked for, if it is one.
fn page(sign_in: &SignIn, request: &Request, door: Door) -> Option<File> {
    if !is_reading(request) {
        return None;
    }
    match (request.uri().path(), door) {
        ("/", Door::Tcp { port, .. }) => pages::home(sign_in.has_cookie(request.headers(), port)),
        ("/", _) => pages::home(true),
        (path, _) => pages::find(path),
    }
}

fn is_reading(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

/// The token; or the cookie, from a page of ours where anything could be changed or listened to: it goes out with
/// whatever any page of this machine asks. Or a code to sign in with, which the route looks at.
fn has_key(sign_in: &SignIn, request: &Request, port: u16) -> Result<(), Problem> {
    let headers = request.headers();
    if *request.method() == Method::POST && request.uri().path() == LOGIN {
        return Ok(());
    }
    if !headers.contains_key(header::AUTHORIZATION) && sign_in.has_cookie(headers, port) {
        let quiet = is_reading(request) && !headers.contains_key(header::UPGRADE);
        return (quiet || is_from_page(headers))
            .then_some(())
            .ok_or_else(|| forbidden("only a page of ccmon may ask this"));
    }
    let remedy = "send `Authorization: Bearer` with the token in the state directory's `token` file; \
                  `ccmon web` signs a browser in";
    holds_token(sign_in, headers).then_some(()).ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, remedy))
}

fn holds_token(sign_in: &SignIn, headers: &HeaderMap) -> bool {
    let offered = only(headers, &header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    offered.is_some_and(|token| sign_in.is_token(token))
}

/// What a hook asks, and nobody else has to.
fn is_of_hooks(request: &Request) -> bool {
    *request.method() == Method::POST && matches!(request.uri().path(), "/event" | "/approval")
}

/// Whoever comes through a forwarded or mounted socket reports and waits, as hooks do, and gets nothing else.
async fn speaks_for_itself(hub: &Hub, pid: Option<u32>, wants: Option<String>) -> Result<(), Problem> {
    let board = hub.board.borrow().clone();
    let looked = tokio::task::spawn_blocking(move || relay::why_hook_at_most(pid, &board)).await;
    let Some(why) = looked.unwrap_or_else(|_| Some("it cannot be told which process asks".into())) else {
        return Ok(());
    };
    if let Some(path) = wants {
        tracing::warn!("{path} was refused: {why}");
        let named = path.strip_prefix("/approvals/").and_then(|rest| rest.split('/').next());
        let approval = named.and_then(|id| routes::approval_named(id.to_owned()).ok());
        hub.inbox.send(Ask::Refused { approval, why: why.clone() }).await.map_err(|_| Problem::stopping())?;
    }
    let detail = format!("{why}: only hooks are answered there. Ask, and decide, on the machine where ccmon runs");
    Err(Problem::new(StatusCode::FORBIDDEN, detail))
}

/// Whether a browser says that a page asks, which [`is_same_origin`] has found to be ours.
fn is_from_page(headers: &HeaderMap) -> bool {
    let site = only(headers, &HeaderName::from_static("sec-fetch-site"));
    headers.contains_key(header::ORIGIN) || site.is_some_and(|site| site == "same-origin")
}

/// What the key is worth is not worth anything to another user.
async fn is_own_user(peer: SocketAddr, port: u16) -> Result<(), Problem> {
    let looked = tokio::task::spawn_blocking(move || caller::is_ours(peer, port)).await;
    looked.unwrap_or(false).then_some(()).ok_or_else(|| {
        tracing::warn!("another user's process was turned away from port {port}");
        forbidden("this connection is another user's, or it cannot be told whose it is")
    })
}

fn is_local_host(headers: &HeaderMap, port: u16) -> bool {
    let Some(host) = only(headers, &header::HOST).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let Some((name, given)) = host.rsplit_once(':') else {
        return false;
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]") && given == port.to_string()
}

/// No `Origin` is no browser page, or one's own navigation; one that is there has to be ours.
fn is_same_origin(headers: &HeaderMap, door: Door) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter().map(HeaderValue::as_bytes);
    if !sites.all(|site| matches!(site, b"same-origin" | b"none")) {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    match door {
        // The window's pages have an origin that only the window can have.
        Door::Window => true,
        Door::Unix { .. } => false,
        Door::Tcp { .. } => {
            let host = only(headers, &header::HOST).map(HeaderValue::as_bytes);
            let named = origin.as_bytes().strip_prefix(b"http://");
            only(headers, &header::ORIGIN).is_some() && named.is_some() && named == host
        }
    }
}

/// Only JSON changes anything: a form of a foreign page cannot send that type unasked. What has nothing to say
/// when it deletes needs no type. No route has another method.
fn takes_json(request: &Request) -> Result<(), Problem> {
    let (method, headers) = (request.method(), request.headers());
    let silent = !headers.contains_key(header::CONTENT_TYPE) && request.body().is_end_stream();
    let changes = *method == Method::POST || *method == Method::PATCH || (*method == Method::DELETE && !silent);
    if !changes {
        return Ok(());
    }
    let kind = only(headers, &header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let json = essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    json.then_some(())
        .ok_or_else(|| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json"))
}

/// A header that is there exactly once.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn harden(headers: &mut HeaderMap, door: Option<Door>) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(door));
}

/// Browsers disagree whether a WebSocket to one's own port is one's own.
fn policy(door: Option<Door>) -> HeaderValue {
    let named = match door {
        Some(Door::Tcp { port, .. }) => Some(format!("{POLICY} ws://127.0.0.1:{port} ws://localhost:{port}")),
        _ => None,
    };
    named.and_then(|text| text.try_into().ok()).unwrap_or(HeaderValue::from_static(POLICY))
}
