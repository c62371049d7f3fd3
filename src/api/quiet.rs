//! The route about being left alone for a while.

use axum::extract::{Extension, Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::Hub;
use super::doors::Door;
use super::frames::now;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{may_lead, read};
use crate::core::Time;

/// A month, in milliseconds.
const LONGEST: u64 = 31 * 24 * 60 * 60 * 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Has to be there: nobody ends it by saying nothing.
    #[serde(deserialize_with = "Option::deserialize")]
    until: Option<u64>,
}

/// `POST /quiet`.
pub async fn set(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let Wanted { until } = read(&body)?;
    if until.is_some_and(|until| until <= now() || until > now() + LONGEST) {
        let why = "`until` is a time to come within a month, in ms since the Unix epoch; or null, which ends the quiet";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    may_lead(&hub, door).await?;
    let set = hub.quieter.set(until.map(Time)).await;
    set.map_err(|why| Problem::new(StatusCode::SERVICE_UNAVAILABLE, why))?;
    Ok(Json(json!({ "until": until })).into_response())
}
