//! The route about what it all adds up to.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Json, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Hub;
use super::history::ask;
use super::problem::Problem;
use super::routes::bad;

#[derive(Deserialize)]
pub struct Span {
    days: Option<u16>,
}

pub async fn insight(State(hub): State<Hub>, span: Result<Query<Span>, QueryRejection>) -> Result<Response, Problem> {
    let Query(span) = span.map_err(|error| bad(&error))?;
    let days = span.days.unwrap_or(7);
    if ![1, 7, 14, 90].contains(&days) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "days is 1, 7, 14 or 90"));
    }
    Ok(Json(ask(&hub, move |past| past.insight(days)).await?).into_response())
}
