//! The routes about work that takes long.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::doors::Door;
use super::payload::Payload;
use super::problem::Problem;
use super::rules::rule;
use super::sessions::{may_lead, read};
use super::settings::{aside, refused};
use super::{Hub, Work};

type Answered = Result<Response, Problem>;
type Id = Result<Path<u64>, PathRejection>;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Wanted {
    Replay { rule: Map<String, Value> },
    Purge {},
    Compact {},
}

pub async fn start(State(hub): State<Hub>, Extension(door): Extension<Door>, Payload(body): Payload) -> Answered {
    let work = match read(&body)? {
        Wanted::Replay { rule: keys } => Work::Replay(rule(keys)?.into()),
        Wanted::Purge {} => Work::Purge,
        Wanted::Compact {} => Work::Compact,
    };
    // A replay only reads, but whoever starts some keeps others from working.
    may_lead(&hub, door).await?;
    let job = hub.jobs.start(work).map_err(refused)?;
    Ok((StatusCode::ACCEPTED, Json(job)).into_response())
}

pub async fn list(State(hub): State<Hub>) -> Answered {
    Ok(Json(json!({ "jobs": hub.jobs.list() })).into_response())
}

pub async fn one(State(hub): State<Hub>, id: Id) -> Answered {
    found(named(id).and_then(|id| hub.jobs.job(id)))
}

pub async fn cancel(State(hub): State<Hub>, Extension(door): Extension<Door>, id: Id) -> Answered {
    may_lead(&hub, door).await?;
    found(named(id).and_then(|id| hub.jobs.cancel(id)))
}

pub async fn retention(State(hub): State<Hub>) -> Answered {
    let jobs = Arc::clone(&hub.jobs);
    let told = aside(move || jobs.retention()).await?;
    Ok(Json(told.map_err(|why| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why))?).into_response())
}

fn named(id: Id) -> Option<u64> {
    id.ok().map(|Path(id)| id)
}

fn found(job: Option<Value>) -> Answered {
    let why = "there is no such job: GET /jobs lists those there are";
    Ok(Json(job.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, why))?).into_response())
}
