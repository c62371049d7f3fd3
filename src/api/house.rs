//! The routes about our own installation: what runs, the first start, our hooks, and what is wrong.

use std::sync::Arc;

use axum::extract::{Extension, Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::doors::Door;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{may_lead, read};
use super::settings::aside;
use super::{HookEdit, Hub};

type Answered = Result<Response, Problem>;

pub async fn about(State(hub): State<Hub>) -> Answered {
    let house = Arc::clone(&hub.house);
    Ok(Json(aside(move || house.about()).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Welcome {
    done: bool,
}

pub async fn welcome(State(hub): State<Hub>, Extension(door): Extension<Door>, Payload(body): Payload) -> Answered {
    let Welcome { done } = read(&body)?;
    may_lead(&hub, door).await?;
    let house = Arc::clone(&hub.house);
    aside(move || house.put_welcome_away(done)).await?.map_err(hindered)?;
    Ok(Json(json!({ "done": done })).into_response())
}

pub async fn hooks(State(hub): State<Hub>) -> Answered {
    let house = Arc::clone(&hub.house);
    Ok(Json(aside(move || house.hooks()).await?.map_err(hindered)?).into_response())
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Install {
    dry_run: bool,
    approval: bool,
}

impl Default for Install {
    fn default() -> Self {
        Self { dry_run: false, approval: true }
    }
}

pub async fn install(State(hub): State<Hub>, Extension(door): Extension<Door>, Payload(body): Payload) -> Answered {
    let Install { dry_run, approval } = read(&body)?;
    edit(&hub, door, HookEdit { install: true, hold: approval, dry_run }).await
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Uninstall {
    dry_run: bool,
}

pub async fn uninstall(State(hub): State<Hub>, Extension(door): Extension<Door>, Payload(body): Payload) -> Answered {
    let Uninstall { dry_run } = read(&body)?;
    edit(&hub, door, HookEdit { install: false, hold: false, dry_run }).await
}

async fn edit(hub: &Hub, door: Door, edit: HookEdit) -> Answered {
    may_lead(hub, door).await?;
    let house = Arc::clone(&hub.house);
    Ok(Json(aside(move || house.edit_hooks(edit)).await?.map_err(hindered)?).into_response())
}

pub async fn doctor(State(hub): State<Hub>) -> Answered {
    Ok(Json(hub.house.doctor().await).into_response())
}

fn hindered(why: String) -> Problem {
    Problem::new(StatusCode::CONFLICT, why)
}
