//! The routes about what was asked and decided.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Json, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Hub;
use super::file::{self, File};
use super::history::{Wanted, ask};
use super::past::{AuditQuery, Format};
use super::problem::Problem;
use super::routes::bad;

type Answered = Result<Response, Problem>;
type Asked = Result<Query<AuditQuery>, QueryRejection>;

pub async fn list(State(hub): State<Hub>, query: Asked) -> Answered {
    let Query(query) = query.map_err(|error| bad(&error))?;
    Ok(Json(ask(&hub, move |past| past.audit(&query)).await?).into_response())
}

pub async fn counts(State(hub): State<Hub>, query: Asked) -> Answered {
    let Query(query) = query.map_err(|error| bad(&error))?;
    Ok(Json(ask(&hub, move |past| past.audit_counts(&query)).await?).into_response())
}

pub async fn export(State(hub): State<Hub>, query: Asked, wanted: Result<Query<Wanted>, QueryRejection>) -> Answered {
    let Query(query) = query.map_err(|error| bad(&error))?;
    let Query(wanted) = wanted.map_err(|error| bad(&error))?;
    let format = wanted.format.unwrap_or(Format::Csv);
    if format == Format::Md {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "the audit log is exported as `csv` or `json`"));
    }
    let named = File { name: "ccmon-audit".to_owned(), format };
    file::streamed(&hub, &named, move |past, sink| past.export_audit(&query, format, sink)).await
}
