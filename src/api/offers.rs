//! What somebody may do with a request besides yes and no: rules that could be made of it, the danger of
//! something else to run instead, and one yes for all that ask the very same.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::asker::Asker;
use super::payload::Payload;
use super::problem::Problem;
use super::routes::{approval_named, may_decide, named, refused, unknown};
use super::sessions::read;
use super::view::approval_view;
use super::{Ask, Hub, Weighing};
use crate::core::{Approval, ApprovalId, Kind};

type Answered = Result<Response, Problem>;
type Id = Result<Path<String>, PathRejection>;

/// Nobody oversees more than that.
const MOST_ALIKE: usize = 100;
/// Longest body with something to run instead, in bytes: nobody writes more of it by hand.
const LARGEST_INSTEAD: usize = 1024 * 1024;

/// The request, while it waits.
fn pending(hub: &Hub, id: Id) -> Result<Arc<Approval>, Problem> {
    let id = named(id)?;
    let approval = hub.board.borrow().approvals.get(&id).cloned();
    approval.filter(|approval| approval.is_pending()).ok_or_else(unknown)
}

fn weighing(approval: &Approval, input: Arc<Value>) -> Weighing {
    let Approval { tool, cwd, session, .. } = approval;
    Weighing { tool: tool.clone(), input, cwd: cwd.clone(), session: session.to_string() }
}

fn busy(why: String) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, why)
}

/// Rules that could be made of it, and who asks the same.
pub async fn offers(State(hub): State<Hub>, id: Id) -> Answered {
    let approval = pending(&hub, id)?;
    let board = hub.board.borrow().clone();
    let identical: Vec<&ApprovalId> = board.alike(&approval).into_iter().map(|alike| &alike.id).collect();
    let offers = match approval.kind {
        Kind::Permission => hub.rules.offers(weighing(&approval, Arc::clone(&approval.input))).await,
        _ => Ok(crate::rules::Offers::default()),
    };
    let mut answer = json!(offers.map_err(busy)?);
    answer["identical"] = json!(identical);
    Ok(Json(answer).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instead {
    input: Map<String, Value>,
}

/// How dangerous it would be to let something else run instead.
pub async fn assess(State(hub): State<Hub>, id: Id, Payload(body): Payload) -> Answered {
    if body.len() > LARGEST_INSTEAD {
        let why = format!("what is to run instead is longer than {} MiB", LARGEST_INSTEAD / 1024 / 1024);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, why));
    }
    let approval = pending(&hub, id)?;
    let Instead { input } = read(&body)?;
    let assessed = hub.rules.assess(weighing(&approval, Arc::new(Value::Object(input)))).await;
    Ok(Json(assessed.map_err(busy)?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alike {
    shown: String,
    ids: Vec<Other>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    id: String,
    shown: String,
}

/// Allows this request and others for the very same: all of them, or none.
pub async fn identical(State(hub): State<Hub>, Asker { door, by }: Asker, id: Id, Payload(body): Payload) -> Answered {
    let Alike { shown, ids } = read(&body)?;
    let approval = named(id)?;
    if ids.len() >= MOST_ALIKE {
        let why = format!("no more than {MOST_ALIKE} are decided at once");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    may_decide(&hub, door, &approval).await?;
    let mut approvals = vec![(approval, shown)];
    for other in ids {
        approvals.push((approval_named(other.id)?, other.shown));
    }
    let (reply, decided) = oneshot::channel();
    let ask = Ask::AllowAlike { approvals, by, reply };
    hub.inbox.send(ask).await.map_err(|_| Problem::stopping())?;
    let board = hub.board.borrow().clone();
    let decided = decided.await.map_err(|_| Problem::stopping())?.map_err(|refusal| refused(&refusal))?;
    let views: Vec<_> = decided.iter().map(|approval| approval_view(&board, approval)).collect();
    Ok(Json(json!({ "approved": views.len(), "approvals": views })).into_response())
}
