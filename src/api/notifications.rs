//! The route about notifications.

use axum::extract::{Extension, Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::doors::Door;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{may_lead, read};
use super::{Hub, Notice, Unsaid};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    channel: Notice,
}

/// Sends one, so that the user knows how that sort looks and sounds. Quiet hours do not count: they asked.
pub async fn test(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let Wanted { channel } = read(&body)?;
    may_lead(&hub, door).await?;
    match hub.notices.test(channel).await {
        Ok(tested) => Ok(Json(tested).into_response()),
        Err(Unsaid::Silenced(why)) => Err(Problem::new(StatusCode::CONFLICT, why)),
        Err(Unsaid::Nobody(why)) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, why)),
    }
}
