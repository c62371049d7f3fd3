//! The route about being left alone for a while.

use axum::extract::{Extension, Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Hub;
use super::doors::Door;
use super::frames::now;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{may_lead, read};
use crate::core::Time;

/// A month, in milliseconds.
const LONGEST: u64 = 31 * 24 * 60 * 60 * 1_000;

/// Until when, in a word.
const TOMORROW: &str = "tomorrow";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Has to be there: nobody ends it by saying nothing.
    until: Value,
}

/// `POST /quiet`.
pub async fn set(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let Wanted { until } = read(&body)?;
    let now = now();
    let until = match until {
        Value::Null => None,
        Value::String(word) if word == TOMORROW => Some(hub.quieter.tomorrow().0),
        time => Some(time.as_u64().filter(|until| (now + 1..=now + LONGEST).contains(until)).ok_or_else(unusable)?),
    };
    may_lead(&hub, door).await?;
    let set = hub.quieter.set(until.map(Time)).await;
    set.map_err(|why| Problem::new(StatusCode::SERVICE_UNAVAILABLE, why))?;
    Ok(Json(json!({ "until": until })).into_response())
}

fn unusable() -> Problem {
    let why = "`until` is a time to come within a month, in ms since the Unix epoch; \"tomorrow\"; or null, which ends \
               the quiet";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why)
}
