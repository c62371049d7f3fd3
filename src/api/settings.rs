//! The routes about the user's settings.

use std::sync::Arc;

use axum::extract::{Extension, Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Hub;
use super::doors::Door;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{may_lead, read};
use super::upkeep::Refused;

type Answered = Result<Response, Problem>;

pub async fn view(State(hub): State<Hub>) -> Answered {
    let settings = Arc::clone(&hub.settings);
    Ok(Json(aside(move || settings.view()).await?).into_response())
}

pub async fn change(State(hub): State<Hub>, Extension(door): Extension<Door>, Payload(body): Payload) -> Answered {
    let patch = read(&body)?;
    may_lead(&hub, door).await?;
    let settings = Arc::clone(&hub.settings);
    let changed = aside(move || settings.change(&patch).map(|()| settings.view())).await?;
    Ok(Json(changed.map_err(refused)?).into_response())
}

/// Does what may block on a thread where it may.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::stopping())
}

pub(super) fn refused(why: Refused) -> Problem {
    match why {
        Refused::Unusable(why) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why),
        Refused::Hindered(why) => Problem::new(StatusCode::CONFLICT, why),
    }
}
