//! How a browser is signed in: the user's own terminal or window asks for a code, the browser exchanges it
//! for a cookie.
//!
//! The code stands in the arguments of the browser's process, where other users may see it, and the cookie
//! goes to every port of this machine: so neither is worth anything to another user, whose connections
//! `guard` turns away.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Extension, Json, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::doors::Door;
use super::guard::only;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{may_lead, read};
use super::token::{Token, is_same, random};
use super::{Hub, pages};

type Answered = Result<Response, Problem>;

/// How long a code may be used.
const CODE_LASTS: Duration = Duration::from_secs(60);
/// Most codes at once; the oldest has to go for one more.
const CODES: usize = 4;
/// How long a browser stays signed in, in seconds.
const COOKIE_LASTS: u32 = 30 * 24 * 60 * 60;

/// The TCP door's secrets.
#[derive(Clone)]
pub struct SignIn {
    /// `None` when there is no such door.
    token: Option<Token>,
    /// What may still be exchanged for a cookie, and until when.
    codes: Arc<Mutex<Vec<(String, Instant)>>>,
}

impl SignIn {
    pub fn new(token: Option<Token>) -> Self {
        Self { token, codes: Arc::default() }
    }

    /// Whether `offered` is the token.
    pub fn is_token(&self, offered: &[u8]) -> bool {
        self.token.as_ref().is_some_and(|token| token.is(offered))
    }

    /// Whether a browser shows the cookie of this port. Others by its name may stand beside it: a page at another
    /// port of this machine can put them there, and would lock the user out.
    pub fn has_cookie(&self, headers: &HeaderMap, port: u16) -> bool {
        let (Some(token), Some(cookies)) = (&self.token, only(headers, &header::COOKIE)) else {
            return false;
        };
        if !is_our_address(headers, port) {
            return false;
        }
        let name = cookie_name(port);
        let pairs = cookies.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let mut named = pairs.filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
        let wanted = cookie_value(token, port);
        named.any(|value| is_same(wanted.as_bytes(), value))
    }

    /// A new code.
    fn code(&self, now: Instant) -> anyhow::Result<String> {
        let code = random()?;
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|(_, ends)| now < *ends);
        if codes.len() >= CODES {
            codes.remove(0);
        }
        codes.push((code.clone(), now + CODE_LASTS));
        Ok(code)
    }

    /// Whether this is a code; it is none any more.
    fn take(&self, offered: &str, now: Instant) -> bool {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|(_, ends)| now < *ends);
        let before = codes.len();
        codes.retain(|(code, _)| !is_same(code.as_bytes(), offered.as_bytes()));
        codes.len() < before
    }
}

/// `POST /web/code`.
pub async fn code(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    Extension(sign_in): Extension<SignIn>,
) -> Answered {
    if matches!(door, Door::Tcp { .. }) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "only over the Unix socket, or from a window of ccmon"));
    }
    may_lead(&hub, door).await?;
    let (Some(port), true) = (hub.about.port, sign_in.token.is_some()) else {
        let why = "the web page is off: set `enabled = true` under [web] in config.toml, and start ccmon again";
        return Err(Problem::new(StatusCode::CONFLICT, why));
    };
    let code = sign_in.code(Instant::now());
    let code = code.map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    // In the fragment: browsers keep that to themselves.
    let url = format!("http://127.0.0.1:{port}{}#code={code}", pages::START);
    Ok(Json(json!({ "url": url, "expires_in_s": CODE_LASTS.as_secs() })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    code: String,
}

/// `POST /login`.
pub async fn login(
    Extension(door): Extension<Door>,
    Extension(sign_in): Extension<SignIn>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Answered {
    let Login { code } = read(&body)?;
    let (Door::Tcp { port, .. }, Some(token)) = (door, &sign_in.token) else {
        return Err(Problem::new(StatusCode::FORBIDDEN, "only a browser has to sign in"));
    };
    if !is_our_address(&headers, port) {
        let why =
            format!("sign in at http://127.0.0.1:{port}: other names of this machine may lead to another program");
        return Err(Problem::new(StatusCode::FORBIDDEN, why));
    }
    if !sign_in.take(&code, Instant::now()) {
        let why = "this code was used already, or is older than a minute: `ccmon web` opens the page with a new one";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, why));
    }
    Ok(with_cookie(port, &cookie_value(token, port), COOKIE_LASTS))
}

/// `POST /logout`.
pub async fn logout(Extension(door): Extension<Door>) -> Response {
    match door {
        Door::Tcp { port, .. } => with_cookie(port, "", 0),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

fn with_cookie(port: u16, value: &str, lasts: u32) -> Response {
    let name = cookie_name(port);
    let cookie = format!("{name}={value}; Max-Age={lasts}; Path=/; HttpOnly; SameSite=Strict");
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().extend(HeaderValue::try_from(cookie).ok().map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

/// Whether a browser came by the only address that cannot be another's while we listen there. `localhost` is `[::1]`
/// as well, where another user may listen, and show a page that has our origin as soon as they stop.
fn is_our_address(headers: &HeaderMap, port: u16) -> bool {
    only(headers, &header::HOST).is_some_and(|host| host.as_bytes() == format!("127.0.0.1:{port}").as_bytes())
}

/// A cookie goes to every port of a host: two daemons need two names.
fn cookie_name(port: u16) -> String {
    format!("ccmon-{port}")
}

/// The same after a restart, and another one when the token's file is made anew.
fn cookie_value(token: &Token, port: u16) -> String {
    token.derived(&format!("cookie of port {port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_for_a_minute() {
        let (sign_in, start) = (SignIn::new(None), Instant::now());
        let code = sign_in.code(start).expect("a code");
        assert_eq!(code.len(), 64);
        for wrong in ["", &code[1..], &format!("{code}0"), &"0".repeat(64)] {
            assert!(!sign_in.take(wrong, start), "{wrong}");
        }
        assert!(sign_in.take(&code, start + CODE_LASTS / 2));
        assert!(!sign_in.take(&code, start + CODE_LASTS / 2), "used");
        let late = sign_in.code(start).expect("a code");
        assert!(!sign_in.take(&late, start + CODE_LASTS), "too old");
    }

    #[test]
    fn only_a_few_codes_are_alive() {
        let (sign_in, now) = (SignIn::new(None), Instant::now());
        let codes: Vec<_> = (0..=CODES).map(|_| sign_in.code(now).expect("a code")).collect();
        let taken: Vec<_> = codes.iter().map(|code| sign_in.take(code, now)).collect();
        assert_eq!((taken[0], &taken[1..]), (false, [true; CODES].as_slice()));
    }
}
