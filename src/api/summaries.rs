//! The routes about summaries.

use axum::extract::{Extension, Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::doors::Door;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{Key, may_lead, named, unknown};
use super::{Hub, NoSummary, Summarized};

type Answered = Result<Response, Problem>;

pub async fn look(State(hub): State<Hub>, key: Key) -> Answered {
    let session = named(key)?;
    told(hub.summaries.look(session).await)
}

/// Costs the user money: not for what runs inside of a session.
pub async fn ask(State(hub): State<Hub>, Extension(door): Extension<Door>, key: Key, _body: Payload) -> Answered {
    let session = named(key)?;
    may_lead(&hub, door).await?;
    told(hub.summaries.ask(session).await)
}

fn told(summary: Result<Summarized, NoSummary>) -> Answered {
    let why = match summary {
        Ok(summary) => return Ok(Json(summary).into_response()),
        Err(why) => why,
    };
    Err(match why {
        NoSummary::Unknown => unknown(),
        NoSummary::Off => {
            let detail = "summaries are off, each costs tokens: turn them on in the settings, or write `on = true` \
                          below `[summaries]` in config.toml";
            Problem::new(StatusCode::CONFLICT, detail)
        }
        NoSummary::Broken(why) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why),
    })
}
