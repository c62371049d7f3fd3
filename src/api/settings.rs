//! The routes about the user's settings.

use std::sync::Arc;

use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::asker::Asker;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{may_lead, read};
use super::upkeep::Refused;
use super::{Ask, Hub};
use crate::core::By;

type Answered = Result<Response, Problem>;

pub async fn view(State(hub): State<Hub>) -> Answered {
    let settings = Arc::clone(&hub.settings);
    Ok(Json(aside(move || settings.view()).await?).into_response())
}

pub async fn change(State(hub): State<Hub>, Asker { door, by }: Asker, Payload(body): Payload) -> Answered {
    let patch = read(&body)?;
    may_lead(&hub, door).await?;
    let settings = Arc::clone(&hub.settings);
    match aside(move || settings.change(&patch, by).map(|()| settings.view())).await? {
        Ok(view) => Ok(Json(view).into_response()),
        Err(why) => Err(not_from_there(&hub, by, why).await),
    }
}

/// Tells why something was not done; that somebody tried from a place where nobody decides is noted.
pub(super) async fn not_from_there(hub: &Hub, by: By, why: Refused) -> Problem {
    if let Refused::Elsewhere(why) = &why {
        let why = format!("{} tried to change what runs without a decision: {why}", by.place().unwrap_or_default());
        tracing::warn!("a change was refused: {why}");
        if hub.inbox.send(Ask::Refused { approval: None, why }).await.is_err() {
            return Problem::stopping();
        }
    }
    refused(why)
}

/// Does what may block on a thread where it may.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::stopping())
}

pub(super) fn refused(why: Refused) -> Problem {
    match why {
        Refused::Unusable(why) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why),
        Refused::Hindered(why) => Problem::new(StatusCode::CONFLICT, why),
        Refused::Elsewhere(why) => Problem::new(StatusCode::FORBIDDEN, why),
    }
}
