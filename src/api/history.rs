//! The routes about sessions of the past, and what they did.

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Json, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::doors::Door;
use super::file::{self, File};
use super::past::{Format, Past, SessionQuery, Unanswered};
use super::problem::Problem;
use super::routes::bad;
use super::sessions::{Key, may_lead, named};
use super::{Ask, Hub, audit, insight};
use crate::core::{SessionKey, State as Stands};

/// Events in a page of a timeline, unless told; and at most.
const PAGE: usize = 300;
const LARGEST_PAGE: usize = 1_000;

type Answered = Result<Response, Problem>;

/// All that is asked of the past.
pub fn routes() -> Router<Hub> {
    Router::new()
        .route("/history/sessions", get(sessions))
        .route("/history/projects", get(projects))
        .route("/sessions/{key}", get(session).delete(remove))
        .route("/sessions/{key}/timeline", get(timeline))
        .route("/sessions/{key}/export", get(export))
        .route("/audit", get(audit::list))
        .route("/audit/counts", get(audit::counts))
        .route("/audit/export", get(audit::export))
        .route("/insight", get(insight::insight))
}

async fn sessions(State(hub): State<Hub>, query: Result<Query<SessionQuery>, QueryRejection>) -> Answered {
    let Query(query) = query.map_err(|error| bad(&error))?;
    Ok(Json(ask(&hub, move |past| past.find(&query)).await?).into_response())
}

async fn projects(State(hub): State<Hub>) -> Answered {
    Ok(Json(ask(&hub, |past| past.projects()).await?).into_response())
}

/// One session: as it stands, when it is on the Board, else as it was left.
async fn session(State(hub): State<Hub>, key: Key) -> Answered {
    let key = named(key)?;
    let name = key.to_string();
    let stored = ask(&hub, move |past| past.session(&name)).await?;
    let on_board = hub.board.borrow().sessions.get(&key).cloned();
    let live = on_board.as_ref().is_some_and(|session| session.state != Stands::Ended);
    let session = match on_board {
        Some(session) => serde_json::to_value(session).unwrap_or_default(),
        None => stored.get("session").cloned().filter(|row| !row.is_null()).ok_or_else(unknown)?,
    };
    let of = |name: &str| stored.get(name).cloned().unwrap_or_default();
    let answer = json!({ "session": session, "live": live, "stats": of("stats"), "summary": of("summary") });
    Ok(Json(answer).into_response())
}

#[derive(Deserialize)]
struct Page {
    before: Option<i64>,
    limit: Option<usize>,
}

async fn timeline(State(hub): State<Hub>, key: Key, page: Result<Query<Page>, QueryRejection>) -> Answered {
    let Query(page) = page.map_err(|error| bad(&error))?;
    let key = known(&hub, key).await?;
    let limit = page.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    Ok(Json(ask(&hub, move |past| past.timeline(&key, page.before, limit)).await?).into_response())
}

#[derive(Deserialize)]
pub struct Wanted {
    pub(super) format: Option<Format>,
}

async fn export(State(hub): State<Hub>, key: Key, wanted: Result<Query<Wanted>, QueryRejection>) -> Answered {
    let Query(wanted) = wanted.map_err(|error| bad(&error))?;
    let format = wanted.format.unwrap_or(Format::Md);
    if format == Format::Csv {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "a session is exported as `md` or `json`"));
    }
    let key = known(&hub, key).await?;
    let named = File { name: format!("ccmon-{key}"), format };
    file::streamed(&hub, &named, move |past, sink| past.export(&key, format, sink)).await
}

/// Nothing of an ended session is kept but what was decided.
async fn remove(State(hub): State<Hub>, Extension(door): Extension<Door>, key: Key) -> Answered {
    let session = named(key)?;
    may_lead(&hub, door).await?;
    let (reply, removed) = oneshot::channel();
    hub.inbox.send(Ask::Forget { session, reply }).await.map_err(|_| Problem::stopping())?;
    let failed =
        |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "it could not be deleted: the daemon's log says why");
    match removed.await.map_err(failed)? {
        Ok(true) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(false) => Err(unknown()),
        Err(refusal) => Err(Problem::new(StatusCode::CONFLICT, refusal.to_string())),
    }
}

/// Asks the past, on a thread that may block.
pub(super) async fn ask<T, F>(hub: &Hub, how: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&dyn Past) -> Result<T, Unanswered> + Send + 'static,
{
    let history = hub.history.clone();
    let asked = tokio::task::spawn_blocking(move || how(&*history)).await;
    asked.map_err(|_| Problem::stopping())?.map_err(Problem::from)
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Odd(why) => Self::new(StatusCode::BAD_REQUEST, why),
            Unanswered::Broken(why) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, why),
        }
    }
}

/// The key that a path names, of a session that runs or is stored.
async fn known(hub: &Hub, key: Key) -> Result<String, Problem> {
    let key: SessionKey = named(key)?;
    let name = key.to_string();
    if !hub.board.borrow().sessions.contains_key(&key) {
        ask(hub, move |past| past.knows(key.0.as_ref())).await?.then_some(()).ok_or_else(unknown)?;
    }
    Ok(name)
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such session: GET /history/sessions lists those that are kept")
}
