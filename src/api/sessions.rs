//! The routes about sessions: what the user says of them, and going to them.

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::doors::Door;
use super::payload::Payload;
use super::problem::Problem;
use super::routes::look;
use super::{Ask, Caller, Hub, Wish};
use crate::core::{Mark, SessionKey};

/// `PID-START`, or `s-` and a session id.
const LONGEST_KEY: usize = 160;
/// Longest tag, in characters: it stands beside a project's name.
const LONGEST_TAG: usize = 40;

type Answered = Result<Response, Problem>;
pub(super) type Key = Result<Path<String>, PathRejection>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    text: Option<String>,
}

pub async fn tag(State(hub): State<Hub>, key: Key, Payload(body): Payload) -> Answered {
    let Tag { text } = read(&body)?;
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TAG || text.chars().any(char::is_control)) {
        let why = format!("a tag is one line of at most {LONGEST_TAG} characters");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    mark(&hub, key, Mark::Tag(text)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    on: bool,
}

pub async fn pin(State(hub): State<Hub>, key: Key, Payload(body): Payload) -> Answered {
    let Switch { on } = read(&body)?;
    mark(&hub, key, Mark::Pin(on)).await
}

pub async fn dismiss(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    key: Key,
    Payload(body): Payload,
) -> Answered {
    let Switch { on } = read(&body)?;
    may_lead(&hub, door).await?;
    mark(&hub, key, Mark::Dismiss(on)).await
}

pub async fn seen(State(hub): State<Hub>, Extension(door): Extension<Door>, key: Key) -> Answered {
    may_lead(&hub, door).await?;
    mark(&hub, key, Mark::Seen("the user said so".into())).await
}

async fn mark(hub: &Hub, key: Key, mark: Mark) -> Answered {
    let (reply, marked) = oneshot::channel();
    let ask = Ask::Mark { session: named(key)?, mark, reply };
    hub.inbox.send(ask).await.map_err(|_| Problem::stopping())?;
    let session = marked.await.map_err(|_| Problem::stopping())?.map_err(|_| unknown())?;
    Ok(Json(session).into_response())
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Going {
    dry_run: bool,
    caller: Option<Caller>,
}

pub async fn jump(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    key: Key,
    Payload(body): Payload,
) -> Answered {
    let session = named(key)?;
    let going: Going = read(&body)?;
    go(&hub, door, Wish::To(session), going).await
}

/// To the session that needs a human most.
pub async fn next(State(hub): State<Hub>, Extension(door): Extension<Door>, Payload(body): Payload) -> Answered {
    let going: Going = read(&body)?;
    go(&hub, door, Wish::Next { dry_run: going.dry_run }, going).await
}

/// To where the last jump came from.
pub async fn back(State(hub): State<Hub>, Extension(door): Extension<Door>, Payload(body): Payload) -> Answered {
    let going: Going = read(&body)?;
    go(&hub, door, Wish::Back, going).await
}

async fn go(hub: &Hub, door: Door, wish: Wish, going: Going) -> Answered {
    may_lead(hub, door).await?;
    // A browser may be anywhere in front of this screen; only our own socket's caller sits in a terminal.
    let mut caller = going.caller.filter(|_| matches!(door, Door::Unix { .. })).unwrap_or_default();
    if let Door::Unix { pid } = door {
        caller.pid = pid;
    }
    let went = hub.jumps.go(wish, caller).await;
    let went = went.map_err(|why| Problem::new(StatusCode::CONFLICT, why))?;
    Ok(Json(json!({ "session": went.session, "place": went.place, "notes": went.notes })).into_response())
}

/// What runs inside a Claude session neither leads the user's eyes and keys elsewhere, nor hides anything.
pub(super) async fn may_lead(hub: &Hub, door: Door) -> Result<(), Problem> {
    let board = hub.board.borrow().clone();
    let Some(why) = look(door, board).await else {
        return Ok(());
    };
    tracing::warn!("a change was refused: {why}");
    hub.inbox.send(Ask::Refused { approval: None, why: why.clone() }).await.map_err(|_| Problem::stopping())?;
    Err(Problem::new(StatusCode::FORBIDDEN, format!("{why}, and may not do that")))
}

/// The session that a path names. What can be no key goes no further.
pub(super) fn named(key: Key) -> Result<SessionKey, Problem> {
    key.ok().map(|Path(key)| key).ok_or_else(unknown).and_then(|key| named_by(&key))
}

/// The session of that key, which need not be there.
pub(super) fn named_by(key: &str) -> Result<SessionKey, Problem> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let plausible = key.len() <= LONGEST_KEY && key.bytes().all(fits);
    plausible.then(|| SessionKey(key.into())).ok_or_else(unknown)
}

pub(super) fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such session: GET /sessions lists those that run")
}

/// A body that may be empty, when everything in it may be left out.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    let value: Result<Value, _> = serde_json::from_slice(body);
    let value = value.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    // A list would be taken for the fields in their order.
    if !value.is_object() {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "expected a map, a JSON object"));
    }
    serde_json::from_value(value).map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
}
