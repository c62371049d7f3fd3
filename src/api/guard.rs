//! Who may come in: checked before any route, for every request.
//!
//! The Unix door has checked the uid already, and a window is our own; what is left is the TCP
//! door, which any page of any browser on this machine can knock at.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::crowd::Known;
use super::doors::{Door, Token};
use super::problem::Problem;

/// Pages load nothing from elsewhere, run no inline script, and stand in no frame.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                   base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the guard has to know.
#[derive(Clone)]
pub struct Guard {
    /// The token of the TCP door; `None` when there is no such door.
    pub token: Option<Token>,
}

/// The check around every route.
pub async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.admit(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    harden(response.headers_mut());
    response
}

impl Guard {
    fn admit(&self, request: &Request) -> Result<(), Problem> {
        let forbidden = |why: &str| Problem::new(StatusCode::FORBIDDEN, why);
        let door = request.extensions().get::<Door>().copied().ok_or_else(|| forbidden("no door"))?;
        if request.uri().authority().is_some() || !request.uri().path().starts_with('/') {
            return Err(forbidden("only a plain path is answered, not a whole address"));
        }
        if let Door::Tcp { port, .. } = door {
            is_local_host(request.headers(), port)
                .then_some(())
                .ok_or_else(|| forbidden("Host has to be 127.0.0.1, localhost or [::1] with this port"))?;
        }
        is_same_origin(request.headers(), door)
            .then_some(())
            .ok_or_else(|| forbidden("a page of another origin may not ask this"))?;
        // Whoever asks for no more than the start page stays a stranger.
        if !matches!(door, Door::Tcp { .. }) || !is_public(request) {
            if matches!(door, Door::Tcp { .. }) {
                self.token_given(request.headers())?;
            }
            request.extensions().get::<Known>().inspect(|known| known.set());
        }
        takes_json(request)
    }

    fn token_given(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let offered = only(headers, &header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        let known = self.token.as_ref().zip(offered).is_some_and(|(token, offered)| token.is(offered));
        let remedy = "send `Authorization: Bearer` with the token in the state directory's `token` file";
        known.then_some(()).ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, remedy))
    }
}

/// The start page tells nothing about anybody.
fn is_public(request: &Request) -> bool {
    let page = matches!(request.uri().path(), "/" | "/index.css");
    page && matches!(*request.method(), Method::GET | Method::HEAD)
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

/// Only JSON changes anything: a form of a foreign page cannot send that type unasked.
fn takes_json(request: &Request) -> Result<(), Problem> {
    if *request.method() != Method::POST {
        return Ok(());
    }
    let kind = only(request.headers(), &header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let json = essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    json.then_some(())
        .ok_or_else(|| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json"))
}

/// A header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn harden(headers: &mut HeaderMap) {
    for (name, value) in [
        ("content-security-policy", CSP),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}
