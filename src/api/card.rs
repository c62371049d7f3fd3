//! The route that tells what a request is shown with.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Extension, Json, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Hub;
use super::doors::Door;
use super::problem::Problem;
use super::routes::{bad, look, named, unknown};
use crate::card::{Card, Window};

/// Most rows of a diff in one answer.
const MOST_ROWS: usize = 2_000;

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    from: Option<usize>,
    #[serde(default)]
    rows: Option<usize>,
}

/// Only of one that waits: what a file looked like to who decided is not kept. What runs inside a Claude session is
/// not told what files hold: it would have ccmon read for it what the user has not let it read.
pub async fn card(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Problem> {
    let (id, Query(wanted)) = (named(id)?, query.map_err(|error| bad(&error))?);
    let board = hub.board.borrow().clone();
    let approval = board.approvals.get(&id).ok_or_else(unknown)?;
    if !approval.is_pending() {
        let detail = "it is settled: GET /approvals/{id} tells how";
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    let usual = Window::default();
    let rows = wanted.rows.unwrap_or(usual.rows).clamp(1, MOST_ROWS);
    let inside = look(door, board.clone()).await;
    let window = inside.is_none().then_some(Window { from: wanted.from.unwrap_or(usual.from), rows });
    let card = hub.cards.card(&board, approval, window).await;
    let problem = inside.map(|why| format!("{why}, and is not told what files hold, nor what was said"));
    Ok(Json(Card { problem, ..card }).into_response())
}
